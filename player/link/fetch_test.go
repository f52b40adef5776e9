package link_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"anteroom/player/link"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// beside serves HTTP beside a good link.
func beside(serve http.HandlerFunc) func(*bench, *link.Config) {
	return func(b *bench, _ *link.Config) {
		b.script = good(nil)
		b.serve = func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == wire.LinkPath {
				b.upgrade(w, r)
				return
			}
			serve(w, r)
		}
	}
}

const film = "0123456789"

func TestFetch(t *testing.T) {
	whole := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer token" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.ServeContent(w, r, "film.mp4", time.Time{}, strings.NewReader(film))
	}
	for name, c := range map[string]struct {
		serve  http.HandlerFunc
		offset int64
		want   string
		total  int64
		err    error
	}{
		"the whole":             {serve: whole, want: film, total: 10},
		"the rest":              {serve: whole, offset: 4, want: "456789", total: 10},
		"beyond the end":        {serve: whole, offset: 10, err: playlists.ErrInvalid},
		"what is not there":     {serve: http.NotFound, err: playlists.ErrNotFound},
		"with a refused bearer": {serve: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, err: playlists.ErrDenied},
		"the rest, from a proxy that knows no ranges": {serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "video/mp4")
			_, _ = io.WriteString(w, film)
		}, offset: 4, want: "456789", total: 10},
		"a captive portal's page": {serve: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<html>Welcome to Guest Wi-Fi</html>")
		}, err: link.ErrIntercepted},
		"a redirect": {serve: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://portal.example/", http.StatusFound)
		}, err: link.ErrIntercepted},
		"another range than asked for": {serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "video/mp4")
			w.Header().Set("Content-Range", "bytes 2-9/10")
			w.WriteHeader(http.StatusPartialContent)
		}, offset: 4, err: link.ErrIntercepted},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, beside(c.serve), func(t *testing.T, b *bench) {
				body, total, err := b.player.Fetch(t.Context(), wire.AssetPath+"abc", c.offset)
				if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
					t.Fatalf("got %v, want %v", err, c.err)
				}
				if err != nil {
					return
				}
				defer body.Close()
				got, err := io.ReadAll(body)
				if err != nil || string(got) != c.want || total != c.total {
					t.Errorf("got %q of %d, %v, want %q of %d", got, total, err, c.want, c.total)
				}
			})
		})
	}
}

func TestFetchGivesUpWhereNothingComesAnyMore(t *testing.T) {
	bubble(t, beside(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "video/mp4")
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "0123")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}), func(t *testing.T, b *bench) {
		body, _, err := b.player.Fetch(t.Context(), wire.AssetPath+"abc", 0)
		if err != nil {
			t.Fatal(err)
		}
		defer body.Close()
		began := time.Now()
		got, err := io.ReadAll(body)
		if err == nil || string(got) != "0123" {
			t.Errorf("got %q, %v", got, err)
		}
		if took := time.Since(began); took > 61*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestSnapshotIsPut(t *testing.T) {
	var path, kind string
	var got []byte
	bubble(t, beside(func(w http.ResponseWriter, r *http.Request) {
		path, kind = r.Method+" "+r.URL.Path, r.Header.Get("Content-Type")
		got, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusNoContent)
	}), func(t *testing.T, b *bench) {
		picture := []byte("\xff\xd8\xff\xe0")
		if err := b.player.PutSnapshot(t.Context(), "abc", picture); err != nil {
			t.Fatal(err)
		}
		if path != "PUT /player/v1/snapshots/abc" || kind != "image/jpeg" || !bytes.Equal(got, picture) {
			t.Errorf("got %s, %s, %q", path, kind, got)
		}
	})
}

func TestBearerThatHasExpiredIsNotShown(t *testing.T) {
	bubble(t, beside(http.NotFound), func(t *testing.T, b *bench) {
		settle(wire.BearerLife + time.Second)
		if _, _, err := b.player.Fetch(t.Context(), wire.AssetPath+"abc", 0); !errors.Is(err, link.ErrUnlinked) {
			t.Errorf("got %v, want ErrUnlinked", err)
		}
	})
}
