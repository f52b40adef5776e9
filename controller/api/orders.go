package api

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"anteroom/controller/access"
	"anteroom/controller/access/audit"
	"anteroom/controller/players"
	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// Refused is a screen of many for which something could not be done.
type Refused struct {
	playlists.Phrase

	Screen playlists.ScreenID `json:"screen"`
	Why    string             `json:"why" doc:"In plain words"`
}

// Dealt is what became of something that was asked for many screens: for some it may be done while for others it is not.
type Dealt struct {
	Done    []playlists.ScreenID `json:"done"`
	Refused []Refused            `json:"refused"`
}

// Ordered is an order on its way.
type Ordered struct {
	Dealt

	// Order is its id: a screen that carried it out says so in the fleet.
	Order string `json:"order" doc:"A screen of the fleet has it in done.id once it is carried out"`
}

// DoneOrder is the order that a player carried out last.
type DoneOrder = wire.Done

type (
	orderInput struct {
		Body struct {
			Screens []playlists.ScreenID `json:"screens" minItems:"1" maxItems:"20000"`
			Do      wire.Deed            `json:"do" enum:"identify,restart-stage,reload" doc:"identify: the screen shows its name for 30 s; restart-stage: what draws is started anew; reload: all files are verified, the programme is fetched again"`
		}
	}
	changeInput struct {
		Body struct {
			Screens    []playlists.ScreenID   `json:"screens" minItems:"1" maxItems:"20000"`
			Department playlists.DepartmentID `json:"department,omitempty" maxLength:"64" doc:"Where the screens belong from now on"`
			Rotation   *int                   `json:"rotation,omitempty" enum:"0,90,180,270"`
			AddTags    []playlists.Tag        `json:"add_tags,omitempty" maxItems:"20"`
			RemoveTags []playlists.Tag        `json:"remove_tags,omitempty" maxItems:"20"`
		}
	}
	revokeInput struct {
		Body struct {
			Screens []playlists.ScreenID `json:"screens" minItems:"1" maxItems:"20000"`
		}
	}
	dealtOutput struct{ Body Dealt }
)

func (s *Server) orders() {
	type out struct{ Body Ordered }
	operation(s, http.MethodPost, "/api/v1/fleet/orders", "orderScreens",
		"Have players do something once, now. Those without a link are refused: nothing waits for them",
		func(ctx context.Context, in *orderInput) (*out, error) {
			id := strings.ToLower(rand.Text())
			dealt, err := s.order(ctx, in.Body.Screens, wire.Order{ID: id, Do: in.Body.Do})
			return &out{Body: Ordered{Order: id, Dealt: dealt}}, err
		})
	operation(s, http.MethodPost, "/api/v1/fleet/changes", "changeScreens",
		"Change many screens alike, all in one step; what a colleague changed of them meanwhile stays",
		func(ctx context.Context, in *changeInput) (*dealtOutput, error) {
			dealt, err := s.change(ctx, in)
			return &dealtOutput{Body: dealt}, err
		})
	operation(s, http.MethodPost, "/api/v1/fleet/revocations", "revokePlayers", "Cut off the players of many screens",
		func(ctx context.Context, in *revokeInput) (*dealtOutput, error) {
			dealt, err := dealWith(in.Body.Screens, func(id playlists.ScreenID) error { return s.revoke(ctx, id) })
			return &dealtOutput{Body: dealt}, err
		})
}

// dealWith does something for each screen. What is wrong with one of them is said; any other fault ends it.
func dealWith(screens []playlists.ScreenID, do func(playlists.ScreenID) error) (Dealt, error) {
	dealt := Dealt{Done: []playlists.ScreenID{}, Refused: []Refused{}}
	for _, id := range distinct(screens) {
		err := do(id)
		switch {
		case err == nil:
			dealt.Done = append(dealt.Done, id)
		case errors.Is(err, playlists.ErrNotFound), errors.Is(err, playlists.ErrDenied), errors.Is(err, playlists.ErrInvalid), errors.Is(err, errNoLink):
			dealt.Refused = append(dealt.Refused, Refused{playlists.Said(err), id, sentenceOf(err)})
		default:
			return dealt, err
		}
	}
	return dealt, nil
}

// errNoLink says that nobody hears an order.
var errNoLink = playlists.Sentence("its player has no link now, and nothing waits for it; try again when it is linked")

// order sends an order to the players of screens.
func (s *Server) order(ctx context.Context, screens []playlists.ScreenID, o wire.Order) (Dealt, error) {
	all, err := s.screensByID(ctx)
	if err != nil {
		return Dealt{}, err
	}
	departments, err := documentsByID[playlists.DepartmentID, playlists.Department](ctx, s.Store, "department")
	if err != nil {
		return Dealt{}, err
	}
	dealt, err := dealWith(screens, func(id playlists.ScreenID) error {
		screen, ok := all[id]
		if !ok {
			return missing(playlists.ErrNotFound, "screen", string(id))
		}
		if err := may(ctx, access.Edit, access.Object{Kind: players.Kind, Departments: single(screen.Department)}); err != nil {
			return err
		}
		if _, ok := s.Players.OfScreen(id); !ok {
			return playlists.Refuse(playlists.ErrNotFound, "no player is paired with it")
		}
		own := o
		if o.Do == wire.Identify {
			own.Name, own.Lines = clip(screen.Name), []string{clip(departments[screen.Department].Name), string(id)}
		}
		if !s.Order(id, own) {
			return errNoLink
		}
		return nil
	})
	s.recordOrder(ctx, o.Do, dealt.Done)
	s.log.InfoContext(ctx, "screens ordered", slog.String("deed", string(o.Do)), slog.String("order", o.ID),
		slog.Int("sent", len(dealt.Done)), slog.Int("refused", len(dealt.Refused)), slog.String("by", by(ctx)))
	return dealt, err
}

// recordOrder notes what players were told. They have their orders by now, also where the log's disk is full.
func (s *Server) recordOrder(ctx context.Context, do wire.Deed, screens []playlists.ScreenID) {
	var entries []audit.Entry
	for _, id := range screens {
		entries = append(entries, audit.Entry{By: by(ctx), Did: audit.Ordered, Kind: "screen", ID: string(id), Note: string(do)})
	}
	if err := s.Record(ctx, entries...); err != nil {
		s.log.WarnContext(ctx, "audit entry lost", slogErr(err))
	}
}

// clip cuts a text to what an order may carry.
func clip(s string) string {
	const most = 300
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}

// change changes screens alike, in one transaction.
func (s *Server) change(ctx context.Context, in *changeInput) (dealt Dealt, err error) {
	b := &in.Body
	if b.Department == "" && b.Rotation == nil && len(b.AddTags)+len(b.RemoveTags) == 0 {
		return Dealt{}, playlists.Refuse(playlists.ErrInvalid, "say what is to change: department, rotation, add_tags or remove_tags")
	}
	for _, t := range b.AddTags {
		if !playlists.ValidID(string(t)) {
			return Dealt{}, playlists.Refuse(playlists.ErrInvalid, "add_tags: %q is no tag; write lower-case letters, digits and hyphens, like second-floor", t)
		}
	}
	err = s.Store.Update(ctx, func(tx store.Tx) error {
		if b.Department != "" {
			if _, err := tx.Get("department", string(b.Department)); err != nil {
				return playlists.Refuse(playlists.ErrInvalid, "department: there is no department %q; choose one of the list", b.Department)
			}
		}
		dealt, err = dealWith(b.Screens, func(id playlists.ScreenID) error { return changeOne(ctx, tx, id, in) })
		return err
	})
	return dealt, err
}

func changeOne(ctx context.Context, tx store.Tx, id playlists.ScreenID, in *changeInput) error {
	doc, err := tx.Get("screen", string(id))
	if err != nil {
		return missing(err, "screen", string(id))
	}
	screen, err := decode[Screen, playlists.Screen, *Screen](doc)
	if err != nil {
		return err
	}
	b, next := &in.Body, &screen.Screen
	if b.Department != "" {
		next.Department = b.Department
	}
	if b.Rotation != nil {
		next.Rotation = *b.Rotation
	}
	next.Tags = slices.DeleteFunc(slices.Clone(next.Tags), func(t playlists.Tag) bool { return slices.Contains(b.RemoveTags, t) })
	for _, t := range b.AddTags {
		if !slices.Contains(next.Tags, t) {
			next.Tags = append(next.Tags, t)
		}
	}
	return write[Screen, playlists.Screen, *Screen](ctx, tx, screensKind(), string(id), doc.Revision, screen)
}
