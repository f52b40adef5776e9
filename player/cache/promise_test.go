package cache

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// endless is a body that never ends, and counts what was read of it.
type endless struct{ read int64 }

func (e *endless) Read(b []byte) (int, error) {
	if e.read > 64<<20 {
		return 0, io.EOF
	}
	e.read += int64(len(b))
	return len(b), nil
}

func (*endless) Close() error { return nil }

func TestWhatIsTooLongIsNotReadToItsEnd(t *testing.T) {
	c := open(t, t.TempDir())
	a := assetOf(picture(1))
	body := &endless{}
	err := c.Get(t.Context(), a, func(context.Context, playlists.Digest, int64) (io.ReadCloser, int64, error) {
		return body, a.Bytes, nil
	})
	if !errors.Is(err, ErrWrong) || body.read > 1<<20 {
		t.Errorf("got %v, after %d bytes of an asset of %d", err, body.read, a.Bytes)
	}
}

// What one download has reserved is not there for another; when it has failed, it is.
func TestDownloadsDoNotShareRoom(t *testing.T) {
	one, two := picture(1), picture(2)
	c := open(t, t.TempDir(), func(cfg *Config) { cfg.Quota = int64(len(one) + len(two) - 1) })
	get := func() error { return c.Get(t.Context(), assetOf(two), (&server{answers: []answer{honest(two)}}).fetch) }
	refused := errors.New("no route to host")
	err := c.Get(t.Context(), assetOf(one), func(context.Context, playlists.Digest, int64) (io.ReadCloser, int64, error) {
		if err := get(); !errors.Is(err, ErrFull) {
			t.Errorf("while the first is on its way: %v, want no room", err)
		}
		return nil, 0, refused
	})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if err := get(); err != nil {
		t.Errorf("after the first has failed: %v", err)
	}
}

// A disk that refuses to give an asset now and then may give it later; one that never does will not.
func TestAFewRefusalsCostNoAsset(t *testing.T) {
	c := open(t, t.TempDir())
	b := picture(1)
	d := assetOf(b).Digest
	if err := c.Get(t.Context(), assetOf(b), (&server{answers: []answer{honest(b)}}).fetch); err != nil {
		t.Fatal(err)
	}
	path := c.path(d)
	refuses := func(is bool) {
		t.Helper()
		from, to := path, path+".away"
		if !is {
			from, to = to, path
		}
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
		if is {
			if err := os.Symlink("/proc/self/mem", path); err != nil { // reading its first byte is EIO
				t.Fatal(err)
			}
		}
	}
	verify := func(times int) {
		t.Helper()
		for range times {
			if err := c.Verify(d); !errors.Is(err, syscall.EIO) {
				t.Fatalf("got %v, want EIO", err)
			}
		}
	}
	refuses(true)
	verify(maxRefused - 1)
	if !c.Has(d) {
		t.Fatal("the asset was given up")
	}
	refuses(false)
	if err := c.Verify(d); err != nil {
		t.Fatal(err)
	}
	refuses(true)
	verify(maxRefused - 1)
	if !c.Has(d) {
		t.Fatal("the asset was given up, for refusals of before")
	}
	verify(1)
	if c.Has(d) {
		t.Error("the asset is not given up, so that it is never fetched again")
	}
}

// A promotion that the disk refuses leaves the offered head; one that comes again, after a power cut in its
// middle, leaves the manifest before.
func TestPromoteThatFailsKeepsTheOffer(t *testing.T) {
	c := open(t, t.TempDir())
	offer := func(n int) {
		t.Helper()
		if err := c.Save(Offered, head(n)); err != nil {
			t.Fatal(err)
		}
	}
	offer(1)
	if err := c.Promote(); err != nil {
		t.Fatal(err)
	}
	offer(2)
	block := filepath.Join(c.cfg.Dir, ".current.json.temp")
	if err := os.MkdirAll(filepath.Join(block, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := c.Promote(); err == nil {
		t.Fatal("the head was written")
	}
	if now, offered := headIn(t, c, Current), headIn(t, c, Offered); now != 1 || offered != 2 {
		t.Errorf("head %d is current and %d offered, want 1 and 2", now, offered)
	}
	if err := os.RemoveAll(block); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.Promote(); err != nil {
			t.Fatal(err)
		}
		if now, was := headIn(t, c, Current), headIn(t, c, Previous); now != 2 || was != 1 {
			t.Errorf("head %d is current and %d the one before, want 2 and 1", now, was)
		}
		offer(2) // as if it had not been removed
	}
}

func TestABodyThatHasRotted(t *testing.T) {
	c := open(t, t.TempDir())
	d := wire.DigestOf(body(1))
	if err := c.SaveBody(d, body(1)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.cfg.Dir, "bodies", string(d)), body(2), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := c.LoadBody(d); !errors.Is(err, ErrWrong) {
		t.Errorf("got %v, %v, want that it is wrong", b, err)
	}
}
