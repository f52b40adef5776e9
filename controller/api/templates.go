package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"anteroom/controller/access"
	"anteroom/controller/alert"
	"anteroom/controller/publish"
	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/slide"
)

// TakeoverWording is approved wording for takeovers.
type TakeoverWording struct {
	ID       playlists.ItemID   `json:"id" doc:"The item that has it"`
	Name     string             `json:"name"`
	Version  int                `json:"version" doc:"The approved version; a newer one may wait for its review"`
	Severity playlists.Severity `json:"severity"`
	Minutes  int                `json:"minutes"`
	Slides   []TakeoverWords    `json:"slides"`
	Picture  playlists.Digest   `json:"picture,omitempty" doc:"A picture that takes turns with the words; absent if there is none"`
	Held     int                `json:"held" doc:"Screens whose players hold its slides and its picture already; words reach the others all the same"`
	Screens  int                `json:"screens" doc:"Screens that have a player"`
}

func (s *Server) takeoverTemplates() {
	operation(s, http.MethodGet, "/api/v1/takeovers/templates", "listTakeoverTemplates", "Approved wording for takeovers, and which screens hold it beforehand",
		func(ctx context.Context, _ *listInput) (*list[TakeoverWording], error) {
			if err := may(ctx, access.See, access.Object{Kind: alert.TakeoverKind}); err != nil {
				return nil, err
			}
			out := &list[TakeoverWording]{}
			out.Body.Items = []TakeoverWording{}
			items, err := s.wordings(ctx)
			bodies := s.bodies()
			for i := 0; err == nil && i < len(items); i++ {
				var one TakeoverWording
				one, err = s.template(&items[i], bodies)
				out.Body.Items = append(out.Body.Items, one)
			}
			return out, err
		})
}

// wordings are the newest approved versions of wording for takeovers that hold now, the gravest first.
func (s *Server) wordings(ctx context.Context) ([]playlists.Item, error) {
	var items []playlists.Item
	now := s.Now()
	all, err := s.items.newest(ctx, s.Store)
	if err != nil {
		return nil, err
	}
	err = s.Store.View(ctx, func(v store.View) error {
		for i := range all {
			if all[i].value.Template == nil {
				continue
			}
			item, err := publish.Approved(v, all[i].value.ID)
			if errors.Is(err, playlists.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if item.Template != nil && !now.Before(item.From) && (item.Until.IsZero() || now.Before(item.Until)) {
				items = append(items, item)
			}
		}
		return nil
	})
	slices.SortFunc(items, func(a, b playlists.Item) int {
		if a.Template.Severity != b.Template.Severity {
			return int(b.Template.Severity - a.Template.Severity)
		}
		return strings.Compare(a.Title, b.Title)
	})
	return items, err
}

// template is wording as the API gives it.
func (s *Server) template(item *playlists.Item, bodies map[playlists.Digest]int) (TakeoverWording, error) {
	one := TakeoverWording{
		ID: item.ID, Name: item.Title, Version: item.Version, Severity: item.Template.Severity, Minutes: item.Template.Minutes,
		Slides: []TakeoverWords{},
	}
	for _, r := range item.Renditions {
		if r.Language == playlists.NoWords {
			one.Picture = r.Variants[0].Digest
			continue
		}
		words, err := s.slideWords(r.Variants[0].Digest)
		if err != nil {
			return one, fmt.Errorf("reading the wording %s: %w", item.ID, err)
		}
		one.Slides = append(one.Slides, TakeoverWords{Language: r.Language, Title: words.Title, Text: words.Text})
	}
	for body, screens := range bodies {
		one.Screens += screens
		holds, err := s.Publish.Names(body, item)
		if err != nil {
			return one, err
		}
		if holds {
			one.Held += screens
		}
	}
	return one, nil
}

func (s *Server) slideWords(d playlists.Digest) (slide.Slide, error) {
	var words slide.Slide
	f, _, err := s.Content.Open(d)
	if err != nil {
		return words, err
	}
	err = errors.Join(json.NewDecoder(io.LimitReader(f, wordLimit)).Decode(&words), f.Close())
	return words, err
}

// bodies counts the screens by the programme that their players have: one is taken up only when all its files are held.
func (s *Server) bodies() map[playlists.Digest]int {
	counts := map[playlists.Digest]int{}
	for id := range s.Publish.Screens() {
		if player, ok := s.Players.OfScreen(id); ok {
			presence, _ := s.Players.Presence(player.ID)
			counts[presence.Heartbeat.State.Body]++
		}
	}
	return counts
}

// worded adds what wording brings to an order beside the words.
func (s *Server) worded(ctx context.Context, id playlists.ItemID, o *alert.Order) error {
	if id == "" {
		return nil
	}
	return s.Store.View(ctx, func(v store.View) error {
		item, err := publish.Approved(v, id)
		if errors.Is(err, playlists.ErrNotFound) || err == nil && item.Template == nil {
			return playlists.Refuse(playlists.ErrInvalid, "template: there is no approved wording %q; choose another, or none", id)
		}
		if picture, ok := item.Picture(); ok {
			o.Picture = picture.Variants
		}
		o.Template, o.Version = item.ID, item.Version
		return err
	})
}
