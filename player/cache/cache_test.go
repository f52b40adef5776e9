package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest/fuzztest"
	"anteroom/playlists/wire"
)

func open(t testing.TB, dir string, change ...func(*Config)) *Cache {
	t.Helper()
	cfg := Config{Dir: dir, Log: slog.New(slog.DiscardHandler), Free: func(string) (int64, error) { return 1 << 40, nil }}
	for _, f := range change {
		f(&cfg)
	}
	c, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// picture is a PNG of some kilobytes.
func picture(seed byte) []byte {
	img := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range img.Pix {
		img.Pix[i] = seed ^ byte(i*i>>3)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func assetOf(b []byte) playlists.Asset {
	return playlists.Asset{Digest: wire.DigestOf(b), Medium: playlists.Image, MediaType: "image/png", Bytes: int64(len(b))}
}

// server answers each request with the next of its answers, and then with the last.
type server struct {
	answers []answer
	offsets []int64
}

type answer func(offset int64) (body []byte, total int64, err error)

func (s *server) fetch(_ context.Context, _ playlists.Digest, offset int64) (io.ReadCloser, int64, error) {
	s.offsets = append(s.offsets, offset)
	a := s.answers[min(len(s.offsets), len(s.answers))-1]
	body, total, err := a(offset)
	return io.NopCloser(bytes.NewReader(body)), total, err
}

func honest(b []byte) answer {
	return func(offset int64) ([]byte, int64, error) { return b[offset:], int64(len(b)), nil }
}

func cut(b []byte, after int) answer {
	return func(offset int64) ([]byte, int64, error) {
		return b[offset:max(int(offset), after)], int64(len(b)), nil
	}
}

func flipped(b []byte) answer {
	bad := bytes.Clone(b)
	bad[len(bad)/2] ^= 1
	return honest(bad)
}

func TestHostileServer(t *testing.T) {
	b := picture(1)
	other := picture(2)
	html := []byte("<html>Sign in to the guest network</html>")
	tests := []struct {
		name    string
		answers []answer
		tries   int // calls of Get
		want    error
		offsets []int64
	}{
		{"honest", []answer{honest(b)}, 1, nil, []int64{0}},
		{"cut off in the middle, resumed", []answer{cut(b, 500), honest(b)}, 2, nil, []int64{0, 500}},
		{"cut off again and again", []answer{cut(b, 100), cut(b, 200), cut(b, 300), honest(b)}, 4, nil, []int64{0, 100, 200, 300}},
		{"wrong bytes", []answer{flipped(b)}, 1, ErrWrong, []int64{0}},
		{"wrong bytes, then honest: from the start", []answer{flipped(b), honest(b)}, 2, nil, []int64{0, 0}},
		{"a page instead", []answer{honest(html)}, 1, ErrWrong, []int64{0}},
		{"changed in mid-way: the rest is of another file", []answer{cut(b, 500), func(o int64) ([]byte, int64, error) {
			return append(bytes.Clone(other), b...)[o:len(b)], int64(len(b)), nil
		}, honest(b)}, 2, nil, []int64{0, 500, 0}},
		{"range ignored, the start comes again: once more from the start", []answer{cut(b, 500), func(int64) ([]byte, int64, error) {
			return b, int64(len(b)), nil
		}, honest(b)}, 2, nil, []int64{0, 500, 0}},
		{"longer than it may be", []answer{func(int64) ([]byte, int64, error) {
			return append(bytes.Clone(b), "and more"...), int64(len(b)), nil
		}}, 1, ErrWrong, []int64{0}},
		{"not there", []answer{func(int64) ([]byte, int64, error) { return nil, 0, playlists.ErrNotFound }}, 1, playlists.ErrNotFound, []int64{0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := open(t, t.TempDir())
			s := &server{answers: tt.answers}
			var err error
			for range tt.tries {
				err = c.Get(t.Context(), assetOf(b), s.fetch)
			}
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if fmt.Sprint(s.offsets) != fmt.Sprint(tt.offsets) {
				t.Errorf("asked from %v, want %v", s.offsets, tt.offsets)
			}
			path, ok := c.Path(assetOf(b).Digest)
			if got, _ := os.ReadFile(path); ok && !bytes.Equal(got, b) {
				t.Error("something else is there under its name")
			}
			if (tt.want == nil) != ok {
				t.Errorf("there: %v", ok)
			}
			if !ok {
				if left, _ := filepath.Glob(filepath.Join(c.cfg.Dir, "temp", "*")); len(left) > 0 {
					t.Errorf("left behind: %q", left)
				}
			}
		})
	}
}

// TestNothingWrongIsEverShown lets a server misbehave at random.
func TestNothingWrongIsEverShown(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		c := open(t, filepath.Join(dir, fmt.Sprint(n)))
		b := picture(byte(n))
		good := honest(b)
		for range rapid.IntRange(1, 8).Draw(rt, "tries") {
			how := rapid.IntRange(0, 3).Draw(rt, "how")
			at := rapid.IntRange(0, len(b)).Draw(rt, "at")
			_ = c.Get(context.Background(), assetOf(b), func(_ context.Context, _ playlists.Digest, offset int64) (io.ReadCloser, int64, error) {
				body, total, err := good(offset)
				body = bytes.Clone(body)
				switch {
				case how == 1:
					body = body[:min(at, len(body))]
				case how == 2 && len(body) > 0:
					body[at%len(body)] ^= 4
				case how == 3:
					err = errors.New("no route to host")
				}
				return io.NopCloser(bytes.NewReader(body)), total, err
			})
			if path, ok := c.Path(assetOf(b).Digest); ok {
				if got, _ := os.ReadFile(path); !bytes.Equal(got, b) {
					rt.Fatal("wrong bytes are shown")
				}
			}
		}
		if err := c.Get(context.Background(), assetOf(b), (&server{answers: []answer{good}}).fetch); err != nil {
			rt.Fatalf("an honest server in the end: %v", err)
		}
	})
}

func TestDamageAtRest(t *testing.T) {
	b := picture(3)
	a := assetOf(b)
	get := func(t *testing.T) (*Cache, string) {
		t.Helper()
		c := open(t, t.TempDir())
		if err := c.Get(t.Context(), a, (&server{answers: []answer{honest(b)}}).fetch); err != nil {
			t.Fatal(err)
		}
		path, _ := c.Path(a.Digest)
		return c, path
	}
	flip := func(t *testing.T, path string, keepTime bool) {
		t.Helper()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		bad := bytes.Clone(b)
		bad[10] ^= 1
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if keepTime {
			_ = os.Chtimes(path, time.Time{}, info.ModTime())
		}
	}
	t.Run("written to while it runs", func(t *testing.T) {
		c, path := get(t)
		time.Sleep(10 * time.Millisecond)
		flip(t, path, false)
		if _, ok := c.Path(a.Digest); ok || c.Has(a.Digest) {
			t.Error("still there")
		}
	})
	t.Run("rotted while it runs: found when the stage fails on it", func(t *testing.T) {
		c, path := get(t)
		flip(t, path, true)
		if c.Verify(a.Digest) == nil {
			t.Error("not found")
		}
		if _, ok := c.Path(a.Digest); ok {
			t.Error("still there")
		}
	})
	t.Run("rotted while it runs: found by the scrub", func(t *testing.T) {
		c, path := get(t)
		flip(t, path, true)
		if looked, removed := c.Scrub(""); looked != a.Digest || !removed {
			t.Errorf("got %s, %v", looked, removed)
		}
	})
	t.Run("rotted while it was off", func(t *testing.T) {
		c, path := get(t)
		flip(t, path, true)
		c = open(t, c.cfg.Dir)
		if _, ok := c.Path(a.Digest); ok {
			t.Error("shown after a restart")
		}
	})
	t.Run("cut short, and gone", func(t *testing.T) {
		c, path := get(t)
		if err := os.Truncate(path, 5); err != nil {
			t.Fatal(err)
		}
		if _, ok := c.Path(a.Digest); ok {
			t.Error("a stump is shown")
		}
		if err := c.Get(t.Context(), a, (&server{answers: []answer{honest(b)}}).fetch); err != nil {
			t.Errorf("fetching it again: %v", err)
		}
	})
}

func TestQuota(t *testing.T) {
	one, two, three := picture(1), picture(2), picture(3)
	size := int64(len(one))
	get := func(c *Cache, b []byte) error {
		return c.Get(context.Background(), assetOf(b), (&server{answers: []answer{honest(b)}}).fetch)
	}
	mark := func(c *Cache, all ...[]byte) {
		m := map[playlists.Digest]bool{}
		for _, b := range all {
			m[assetOf(b).Digest] = true
		}
		c.Mark(m)
	}
	t.Run("what is unused makes room, what is used does not", func(t *testing.T) {
		c := open(t, t.TempDir(), func(cfg *Config) { cfg.Quota = 2*size + 100 })
		mark(c, one, two)
		if err := errors.Join(get(c, one), get(c, two)); err != nil {
			t.Fatal(err)
		}
		err := get(c, three)
		if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "MB") {
			t.Errorf("got %v, want what is missing in words", err)
		}
		mark(c, two, three)
		if err := get(c, three); err != nil || c.Has(assetOf(one).Digest) || !c.Has(assetOf(two).Digest) {
			t.Errorf("after the first fell out of use: %v", err)
		}
	})
	t.Run("a full disk is said, and room comes back", func(t *testing.T) {
		left := int64(reserve)
		c := open(t, t.TempDir(), func(cfg *Config) { cfg.Free = func(string) (int64, error) { return left, nil } })
		if err := get(c, one); !errors.Is(err, ErrFull) {
			t.Errorf("got %v", err)
		}
		left *= 2
		if err := get(c, one); err != nil {
			t.Error(err)
		}
	})
	t.Run("collect leaves what is marked", func(t *testing.T) {
		c := open(t, t.TempDir())
		if err := errors.Join(get(c, one), get(c, two)); err != nil {
			t.Fatal(err)
		}
		mark(c, two)
		c.Collect(nil)
		if c.Has(assetOf(one).Digest) || !c.Has(assetOf(two).Digest) {
			t.Error("the wrong one is gone")
		}
		if used, _ := c.Usage(); used != int64(len(two)) {
			t.Errorf("used %d of %d", used, len(two))
		}
	})
}

func TestWhatCannotBeShownIsNotFetchedTwice(t *testing.T) {
	for medium, b := range map[playlists.Medium][]byte{
		playlists.Image:    []byte("GIF89a, but not really a picture at all"),
		playlists.Video:    []byte("RIFF, no moving pictures here, sorry for that"),
		playlists.Font:     []byte("not a font"),
		playlists.Slide:    []byte("{not json"),
		playlists.Captions: []byte("no captions"),
		"hologram":         []byte("from the future"),
	} {
		c := open(t, t.TempDir())
		a := assetOf(b)
		a.Medium = medium
		s := &server{answers: []answer{honest(b)}}
		first, second := c.Get(t.Context(), a, s.fetch), c.Get(t.Context(), a, s.fetch)
		if !errors.Is(first, playlists.ErrInvalid) || !errors.Is(second, playlists.ErrInvalid) || len(s.offsets) != 1 {
			t.Errorf("%s: got %v, then %v, after %d requests", medium, first, second, len(s.offsets))
		}
		if _, ok := c.Path(a.Digest); ok {
			t.Errorf("%s is shown", medium)
		}
	}
}

func TestDocuments(t *testing.T) {
	c := open(t, t.TempDir())
	if _, err := c.Load(Current); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	for _, text := range []string{"one", "two", "three"} {
		if err := errors.Join(c.Save(Offered, wire.Signed{Bytes: []byte(text)}), c.Promote()); err != nil {
			t.Fatal(err)
		}
	}
	c = open(t, c.cfg.Dir)
	current, _ := c.Load(Current)
	previous, _ := c.Load(Previous)
	if _, err := c.Load(Offered); string(current.Bytes) != "three" || string(previous.Bytes) != "two" || err == nil {
		t.Errorf("got current %s, previous %s, offered %v", current.Bytes, previous.Bytes, err)
	}
	if err := errors.Join(c.Forget(Current, Previous), c.Forget(Current)); err != nil {
		t.Error(err)
	}
	if err := c.SaveBody(wire.DigestOf([]byte("x")), []byte("y")); !errors.Is(err, ErrWrong) {
		t.Errorf("a body under another's digest: %v", err)
	}
	if _, err := c.LoadBody("../../etc/passwd"); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("a digest that is a path: %v", err)
	}
}

func FuzzLook(f *testing.F) {
	g := fuzztest.New(f)
	g.Add(picture(1), "image")
	g.Add([]byte("\x00\x00\x00\x18ftypisom"), "video")
	g.Add([]byte(`{"title":"x"}`), "slide")
	g.Fuzz(func(_ *testing.T, b []byte, medium string) {
		_ = lookInto(bytes.NewReader(b), playlists.Medium(medium))
	})
}

// A disk that does not answer is no reason to throw an asset away that cannot be fetched again.
func TestUnreadableIsNotDamaged(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	b := picture(1)
	a := assetOf(b)
	if err := c.Get(t.Context(), a, (&server{answers: []answer{honest(b)}}).fetch); err != nil {
		t.Fatal(err)
	}
	shard := filepath.Dir(c.path(a.Digest))
	for _, inTheWay := range []string{shard, filepath.Dir(shard)} {
		if err := errors.Join(os.Rename(inTheWay, inTheWay+".away"), os.Symlink(inTheWay, inTheWay)); err != nil {
			t.Fatal(err)
		}
		opened, err := Open(c.cfg)
		if err == nil {
			c = opened
		}
		if _, ok := c.Path(a.Digest); ok {
			t.Errorf("%s cannot be read, and the asset is there", inTheWay)
		}
		if err := errors.Join(os.Remove(inTheWay), os.Rename(inTheWay+".away", inTheWay)); err != nil {
			t.Fatal(err)
		}
		if _, ok := c.Path(a.Digest); !ok {
			t.Errorf("%s can be read again, and the asset is gone", inTheWay)
		}
	}
}
