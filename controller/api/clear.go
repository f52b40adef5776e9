package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"

	"anteroom/controller/access"
	"anteroom/controller/publish"
	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/captions"
	"anteroom/playlists/reading"
)

// Reading is how hard an item's English words are to read.
type Reading struct {
	Newest   []ReadingGrade `json:"newest" doc:"Of the newest version; empty if it has no English words that are text"`
	Approved []ReadingGrade `json:"approved" doc:"Of the version that may be shown, where that is another; else empty"`
}

// ReadingGrade is the reading grade of one text. It is a hint, and English alone.
type ReadingGrade struct {
	reading.Measure

	Language playlists.Language `json:"language" doc:"English, of wherever"`
	Of       playlists.Medium   `json:"of" enum:"slide,captions" doc:"What the words are of"`
	Grade    *float64           `json:"grade" nullable:"true" doc:"Years of school by the Flesch-Kincaid formula (Kincaid et al. 1975); null for a text that is too short to tell"`
}

// ChecklistForm is an instrument for reviewers, with its items in its own words.
type ChecklistForm struct {
	ID    playlists.Checklist       `json:"id" enum:"pemat_p,pemat_av,cci"`
	Items []playlists.ChecklistItem `json:"items"`
}

func (s *Server) clear() {
	type out struct{ Body Reading }
	operation(s, http.MethodGet, "/api/v1/items/{id}/reading", "getReading", "How many years of school an item's English words ask for: a hint",
		func(ctx context.Context, in *idInput) (*out, error) {
			r, err := s.reading(ctx, in.ID)
			return &out{Body: r}, err
		})
	operation(s, http.MethodGet, "/api/v1/checklists", "listChecklists", "The checklists that aid reviewers: PEMAT and the CDC Clear Communication Index",
		func(context.Context, *listInput) (*list[ChecklistForm], error) {
			all := &list[ChecklistForm]{}
			for _, c := range playlists.Checklists() {
				all.Body.Items = append(all.Body.Items, ChecklistForm{c, c.Items()})
			}
			return all, nil
		})
}

func (s *Server) reading(ctx context.Context, id string) (Reading, error) {
	r := Reading{Newest: []ReadingGrade{}, Approved: []ReadingGrade{}}
	if err := may(ctx, access.See, access.Object{Kind: "item"}); err != nil {
		return r, err
	}
	var newest, approved *playlists.Item
	err := s.Store.View(ctx, func(v store.View) error {
		doc, err := v.Get("item", id)
		if err != nil {
			return missing(err, "item", id)
		}
		item, err := domain[playlists.Item](doc)
		if newest = &item; err != nil || item.Approved() {
			return err
		}
		on, err := publish.Approved(v, item.ID)
		if errors.Is(err, playlists.ErrNotFound) {
			return nil
		}
		approved = &on
		return err
	})
	if err == nil {
		r.Newest, err = s.grades(newest)
	}
	if err == nil && approved != nil {
		r.Approved, err = s.grades(approved)
	}
	return r, err
}

// grades are those of an item's English texts. Those whose file is gone have none.
func (s *Server) grades(i *playlists.Item) ([]ReadingGrade, error) {
	grades := []ReadingGrade{}
	for _, r := range i.Renditions {
		if primary, _, _ := strings.Cut(string(r.Language), "-"); primary != "en" {
			continue
		}
		pieces, of, err := s.wordsIn(&r)
		if errors.Is(err, playlists.ErrNotFound) || errors.Is(err, fs.ErrNotExist) || err == nil && len(pieces) == 0 {
			continue
		}
		if err != nil {
			return nil, err
		}
		g := ReadingGrade{Measure: reading.Of(pieces...), Language: r.Language, Of: of}
		if years, ok := g.Measure.Grade(); ok {
			g.Grade = &years
		}
		grades = append(grades, g)
	}
	return grades, nil
}

// wordsIn are the words of a rendition that are text: a slide's, or a film's captions.
func (s *Server) wordsIn(r *playlists.Rendition) (pieces []string, of playlists.Medium, err error) {
	if r.Captions != nil {
		track, err := s.captionsOf(r.Captions.Digest)
		for _, cue := range track {
			pieces = append(pieces, cue.Words)
		}
		return []string{strings.Join(pieces, " ")}, playlists.Captions, err // a sentence goes on from cue to cue
	}
	if len(r.Variants) == 0 || r.Variants[0].Medium != playlists.Slide {
		return nil, "", nil
	}
	words, err := s.slideWords(r.Variants[0].Digest)
	return append([]string{words.Title, words.Text}, words.Points...), playlists.Slide, err
}

func (s *Server) captionsOf(d playlists.Digest) (captions.Track, error) {
	f, _, err := s.Content.Open(d)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = io.Copy(&b, io.LimitReader(f, captions.MaxBytes))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return captions.Decode(b.Bytes())
}
