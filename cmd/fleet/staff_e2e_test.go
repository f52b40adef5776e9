//go:build e2e

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/color"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"anteroom/cmd/demo/hospital"
	"anteroom/controller/content"
	"anteroom/playlists"
)

// published is a publication as the API tells it.
type published struct {
	Number uint64 `json:"number"`
	Note   string `json:"note"`
}

// staff upload, write and publish while the controller dies under their hands, and remember what it
// acknowledged.
type staff struct {
	h *house

	assets       []playlists.Asset
	refused      int // uploads whose conversion the controller did not outlive three times
	items        map[playlists.ItemID]playlists.Item
	edited       int // the newest acknowledged edit of the notice board
	publications []published
	programme    time.Time // when a publication last reached the walls
	unanswered   int
	signedIn     int          // how often they signed in again
	outages      atomic.Int64 // how often the power went and came back: odd while it is gone, when what is refused is no answer
}

// work goes on until ctx ends. The notice board is a department without players; what the walls show changes now and
// then, for a running loop changes at a boundary at least 30 s ahead of the newest publication.
func (s *staff) work(ctx context.Context) {
	s.items = map[playlists.ItemID]playlists.Item{}
	for n := 1; ctx.Err() == nil; n++ {
		outages := s.outages.Load()
		err := s.round(ctx, n)
		switch {
		case ctx.Err() != nil:
		case unanswered(err), err != nil && (outages%2 == 1 || s.outages.Load() != outages):
			s.unanswered++
			pause(ctx, 50*time.Millisecond)
		case err != nil && outages > 0 && strings.Contains(err.Error(), "401 Unauthorized"):
			s.signInAgain(ctx)
		case err != nil:
			s.h.t.Errorf("staff: %v", err)
			pause(ctx, time.Second)
		}
	}
}

// signInAgain: a session's file is not synced, so that the power may take it; staff sign in again then.
func (s *staff) signInAgain(ctx context.Context) {
	s.signedIn++
	if err := s.h.api.SignIn(ctx, admin, password); err != nil {
		s.unanswered++
		pause(ctx, 50*time.Millisecond)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// unanswered reports whether a request ended with the controller.
func unanswered(err error) bool {
	_, ok := errors.AsType[*url.Error](err)
	return ok || errors.Is(err, io.ErrUnexpectedEOF)
}

// round is a picture, its item, an edit that shows it, and a publication.
func (s *staff) round(ctx context.Context, n int) error {
	upload, err := s.upload(ctx, n)
	if err != nil || upload.State != "ready" {
		return err
	}
	upload.Rendition.Language = playlists.NoWords
	notice := playlists.Item{
		ID: playlists.ItemID(fmt.Sprint("notice-", n)), Title: fmt.Sprint("Notice ", n), Version: 1, Phase: playlists.Prevention,
		Millis: 2000, Renditions: []playlists.Rendition{upload.Rendition},
	}
	if err := s.h.api.MakeItem(ctx, notice); err != nil {
		return err
	}
	s.items[notice.ID] = notice
	if err := s.edit(ctx, "notices", fmt.Sprint(n), notice.ID); err != nil {
		return err
	}
	s.edited = n
	if time.Since(s.programme) < 45*time.Second {
		return s.publish(ctx, n, "noticeboard")
	}
	if err := s.edit(ctx, "filler", "filler", "red", "green", "blue", notice.ID); err != nil {
		return err
	}
	s.programme = time.Now()
	return s.publish(ctx, n, "noticeboard", "cardiology")
}

// upload uploads a picture of its own. Once its receipt is acknowledged it must be converted, whoever dies meanwhile.
func (s *staff) upload(ctx context.Context, n int) (hospital.Upload, error) {
	colour := color.RGBA{byte(n), byte(n >> 8), 77, 255}
	upload, err := s.h.api.Upload(ctx, fmt.Sprintf("notice-%d.png", n), bytes.NewReader(flat(colour)))
	for upload.ID != "" && unanswered(err) && ctx.Err() == nil {
		pause(ctx, 50*time.Millisecond)
		_, err = s.h.api.Get(ctx, "/api/v1/uploads/"+upload.ID, &upload)
		if err == nil && upload.State != "ready" && upload.State != "refused" {
			err = io.ErrUnexpectedEOF // ask again
		}
	}
	if upload.State == "refused" && strings.Contains(upload.Problem, "the controller ended before it was done") {
		s.refused++
		return upload, nil
	}
	if err == nil {
		s.assets = append(s.assets, upload.Rendition.Variants...)
	}
	return upload, err
}

// edit names a playlist, and has it show items.
func (s *staff) edit(ctx context.Context, id playlists.PlaylistID, name string, items ...playlists.ItemID) error {
	var p playlists.Playlist
	path := "/api/v1/playlists/" + string(id)
	etag, err := s.h.api.Get(ctx, path, &p)
	if err != nil {
		return err
	}
	p.Name, p.Entries = name, nil
	for _, item := range items {
		p.Entries = append(p.Entries, playlists.Entry{Item: item, Weight: 1, Millis: 2000, Fit: playlists.Fill})
	}
	return s.h.api.Replace(ctx, path, etag, p)
}

func (s *staff) publish(ctx context.Context, n int, departments ...playlists.DepartmentID) error {
	done := published{}
	order := map[string]any{"departments": departments, "note": fmt.Sprint("round ", n)}
	if err := s.h.api.Do(ctx, http.MethodPost, "/api/v1/publications", order, &done, nil); err != nil {
		return err
	}
	s.publications = append(s.publications, done)
	return nil
}

// look looks at pictures of screens until ctx ends, so that players send each play at once.
func (h *house) look(ctx context.Context, walls []*wall) {
	for ctx.Err() == nil {
		for _, w := range walls {
			if response, err := h.api.Fetch(ctx, "/api/v1/screens/"+string(w.screen)+"/snapshot", nil); err == nil {
				_ = response.Body.Close()
			}
		}
		pause(ctx, time.Second)
	}
}

// findsAll holds a running controller to what it acknowledged.
func (s *staff) findsAll() {
	s.h.t.Helper()
	ctx := s.h.t.Context()
	for id, want := range s.items {
		var got playlists.Item
		if _, err := s.h.api.Get(ctx, "/api/v1/items/"+string(id), &got); err != nil || got.Title != want.Title || len(got.Renditions) != 1 {
			s.h.t.Errorf("item %s was acknowledged and is %+v, %v", id, got, err)
		}
	}
	var board playlists.Playlist
	_, err := s.h.api.Get(ctx, "/api/v1/playlists/notices", &board)
	s.h.must(err)
	var edited int
	if _, err := fmt.Sscan(board.Name, &edited); err != nil || edited < s.edited {
		s.h.t.Errorf("edit %d of the notice board was acknowledged; it is %+v, %v", s.edited, board, err)
	}
	var list struct{ Items []published }
	_, err = s.h.api.Get(ctx, "/api/v1/publications", &list)
	s.h.must(err)
	for _, p := range s.publications {
		if !slices.Contains(list.Items, p) {
			s.h.t.Errorf("publication %+v was acknowledged and is gone", p)
		}
	}
}

// findsBytes holds the data of a controller that has ended to the uploads that it acknowledged.
func (s *staff) findsBytes() {
	s.h.t.Helper()
	files, err := content.Open(filepath.Join(s.h.data, "content"))
	s.h.must(err)
	for _, a := range s.assets {
		if err := files.Verify(s.h.t.Context(), a.Digest); err != nil {
			s.h.t.Errorf("an upload was acknowledged, and its bytes are not there: %v", err)
		}
	}
}
