package content_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"anteroom/controller/content"
	"anteroom/playlists"
)

func open(t *testing.T, dir string) *content.Content {
	t.Helper()
	c, err := content.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func digestOf(b []byte) playlists.Digest {
	sum := sha256.Sum256(b)
	return playlists.Digest(hex.EncodeToString(sum[:]))
}

// files lists all regular files below dir.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestPutAndOpen(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	rapid.Check(t, func(rt *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 100_000).Draw(rt, "bytes")
		digest, size, err := c.Put(t.Context(), iotest.OneByteReader(bytes.NewReader(b[:min(len(b), 500)])))
		if want := digestOf(b[:min(len(b), 500)]); err != nil || digest != want || size != int64(min(len(b), 500)) {
			rt.Fatalf("put byte by byte: %s, %d, %v; want %s", digest, size, err, want)
		}
		digest, _, err = c.Put(t.Context(), bytes.NewReader(b))
		if err != nil {
			rt.Fatal(err)
		}
		f, size, err := open(t, dir).Open(digest)
		if err != nil || size != int64(len(b)) {
			rt.Fatalf("open: %d bytes, %v; want %d", size, err, len(b))
		}
		defer func() { _ = f.Close() }()
		if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, b) {
			rt.Fatalf("read %d bytes, %v; want the %d that were put", len(got), err, len(b))
		}
		if err := c.Verify(t.Context(), digest); err != nil || !c.Has(digest) {
			rt.Fatalf("verify: %v", err)
		}
	})
}

func TestNothingIsLeftOfAFailedPut(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	torn := errors.New("connection lost")
	for name, put := range map[string]func() error{
		"torn": func() error {
			_, _, err := c.Put(t.Context(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(torn)))
			return err
		},
		"cancelled": func() error {
			_, _, err := c.Put(cancelled, strings.NewReader("half"))
			return err
		},
	} {
		if err := put(); !errors.Is(err, torn) && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestOpenRemovesInterruptedWrites(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	digest, _, err := c.Put(t.Context(), strings.NewReader("whole"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "incoming", "123"), []byte("ha"), 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if left := files(t, dir); len(left) != 1 || left[0] != c.Path(digest) {
		t.Errorf("files are %v, want the whole one alone", left)
	}
}

func TestDamageIsFoundAndHealed(t *testing.T) {
	c := open(t, t.TempDir())
	digest, _, err := c.Put(t.Context(), strings.NewReader("the right bytes"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(c.Path(digest)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.Path(digest), []byte("the wrong bytes"), 0o400); err != nil {
		t.Fatal(err)
	}
	if err := c.Verify(t.Context(), digest); !errors.Is(err, content.ErrDamaged) {
		t.Errorf("verify of wrong bytes: %v", err)
	}
	if _, _, err := c.Put(t.Context(), strings.NewReader("the right bytes")); err != nil {
		t.Fatal(err)
	}
	if err := c.Verify(t.Context(), digest); err != nil {
		t.Errorf("verify after the right bytes were put again: %v", err)
	}
}

func TestWhatIsNotThere(t *testing.T) {
	c := open(t, t.TempDir())
	missing := digestOf([]byte("never put"))
	for _, digest := range []playlists.Digest{
		missing, "", "abc", "../../../../etc/passwd", playlists.Digest(strings.Repeat("../", 21) + "a"), playlists.Digest(strings.ToUpper(string(missing))),
	} {
		if _, _, err := c.Open(digest); !errors.Is(err, playlists.ErrNotFound) {
			t.Errorf("open %q: %v, want not found", digest, err)
		}
		if err := c.Verify(t.Context(), digest); !errors.Is(err, playlists.ErrNotFound) {
			t.Errorf("verify %q: %v, want not found", digest, err)
		}
		if c.Has(digest) {
			t.Errorf("has %q", digest)
		}
		if path := c.Path(digest); digest != missing && path != "" {
			t.Errorf("path of %q is %q", digest, path)
		}
		if err := c.Remove(digest); err != nil {
			t.Errorf("remove %q: %v", digest, err)
		}
	}
}

func TestRemove(t *testing.T) {
	c := open(t, t.TempDir())
	digest, _, err := c.Put(t.Context(), strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Remove(digest); err != nil || c.Has(digest) {
		t.Errorf("remove: %v, still there: %v", err, c.Has(digest))
	}
}

func TestAllThatAnotherProcessKeeps(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	var want []playlists.Digest
	for _, text := range []string{"one", "two", "three"} {
		d, _, err := c.Put(t.Context(), strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, d)
	}
	slices.Sort(want)
	half := filepath.Join(dir, "incoming", "half")
	for _, path := range []string{half, filepath.Join(dir, string(want[0][:2]), "notes.txt"), filepath.Join(dir, "lost+found")} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := content.At(dir).All()
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if _, err := os.Stat(half); err != nil {
		t.Errorf("what the other process writes is gone: %v", err)
	}
	if _, err := content.At(filepath.Join(dir, "nowhere")).All(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// What has rotted is not given out: not after a start, and not when the file looks changed.
func TestRotIsNotGivenOut(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	digest, size, err := c.Put(t.Context(), strings.NewReader("the right bytes"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		f, n, err := c.Open(digest)
		if err != nil || n != size {
			t.Fatalf("%d bytes, %v", n, err)
		}
		if b, err := io.ReadAll(f); err != nil || string(b) != "the right bytes" {
			t.Errorf("got %q, %v", b, err)
		}
		_ = f.Close()
	}
	if err := errors.Join(os.Chmod(c.Path(digest), 0o600), os.WriteFile(c.Path(digest), []byte("the wrong bytes"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*content.Content{"the same": c, "after a start": open(t, dir)} {
		if f, _, err := c.Open(digest); !errors.Is(err, content.ErrDamaged) {
			t.Errorf("%s: got %v, %v", name, f, err)
		}
	}
	if _, _, err := c.Put(t.Context(), strings.NewReader("the right bytes")); err != nil {
		t.Fatal(err)
	}
	f, _, err := c.Open(digest)
	if err != nil {
		t.Fatalf("healed, it is not given out: %v", err)
	}
	_ = f.Close()
}
