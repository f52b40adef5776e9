package api

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/access/audit"
	"anteroom/controller/alert"
	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/slide"
)

// TakeoverOrder is what staff want on screens at once.
type TakeoverOrder struct {
	Severity playlists.Severity `json:"severity" minimum:"1" maximum:"3" doc:"1 notice, 2 warning, 3 emergency"`
	Minutes  int                `json:"minutes,omitempty" minimum:"0" maximum:"1440" doc:"How long; 0 means 60"`
	Targets  []playlists.Target `json:"targets" minItems:"1"`
	Except   []playlists.Target `json:"except,omitempty"`
	Drill    bool               `json:"drill,omitempty"`
	Slides   []TakeoverWords    `json:"slides" minItems:"1" maxItems:"12"`
	Template playlists.ItemID   `json:"template,omitempty" maxLength:"64" doc:"The wording that it began with: its picture is shown too, except in a drill, since a picture does not say that it is one"`
}

// TakeoverWords are what a takeover says in one language.
type TakeoverWords struct {
	Language playlists.Language `json:"language"`
	Title    string             `json:"title"`
	Text     string             `json:"text,omitempty"`
}

// Takeover is a takeover in force, with who has drawn it.
type Takeover struct {
	ID       playlists.TakeoverID `json:"id"`
	Severity playlists.Severity   `json:"severity"`
	From     time.Time            `json:"from"`
	Until    time.Time            `json:"until"`
	By       string               `json:"by"`
	Drill    bool                 `json:"drill"`
	Targets  []playlists.Target   `json:"targets"`
	Except   []playlists.Target   `json:"except"`
	Slides   []TakeoverWords      `json:"slides"`
	Template playlists.ItemID     `json:"template,omitempty" doc:"The wording that it began with"`
	Picture  playlists.Digest     `json:"picture,omitempty" doc:"The picture that takes turns with the words on screens that hold it; absent if there is none"`
	// Clearable: who asks may end it.
	Clearable bool `json:"clearable,omitempty" doc:"Whether who asks may end it: they are responsible for every department that it reaches"`
	// Reach has every screen that it names.
	Reach []Reached `json:"reach"`
}

// Reached is a screen that a takeover names.
type Reached struct {
	Screen playlists.ScreenID `json:"screen"`
	Name   string             `json:"name"`
	Linked bool               `json:"linked" doc:"Its player has a link; one without draws the takeover when the link is back, if it still holds"`
	// DrawnAt is null until the player has said that the takeover is on the glass.
	DrawnAt *time.Time `json:"drawn_at" nullable:"true"`
}

func (s *Server) takeovers() {
	type in struct{ Body TakeoverOrder }
	type out struct{ Body Takeover }
	operation(s, http.MethodPost, "/api/v1/takeovers", "takeOver", "Take over screens at once",
		func(ctx context.Context, in *in) (*out, error) {
			t, err := s.takeOver(ctx, in.Body)
			if err != nil {
				return nil, err
			}
			return &out{Body: t}, nil
		}, status(http.StatusCreated))
	operation(s, http.MethodGet, "/api/v1/takeovers", "listTakeovers", "The takeovers in force, and who has drawn them",
		func(ctx context.Context, _ *listInput) (*list[Takeover], error) { return s.onNow(ctx) })
	operation(s, http.MethodPost, "/api/v1/takeovers/clear", "clearAllTakeovers", "All clear",
		func(ctx context.Context, _ *struct{}) (*struct{}, error) { return nil, s.allClear(ctx) }, status(http.StatusNoContent))
	operation(s, http.MethodPost, "/api/v1/takeovers/{id}/clear", "clearTakeover", "End one takeover",
		func(ctx context.Context, in *idInput) (*struct{}, error) {
			return nil, s.clearOne(ctx, playlists.TakeoverID(in.ID))
		}, status(http.StatusNoContent))
}

func (s *Server) takeOver(ctx context.Context, o TakeoverOrder) (Takeover, error) {
	if err := s.mayAlert(ctx, o.Targets); err != nil {
		return Takeover{}, err
	}
	order := alert.Order{
		Severity: o.Severity, For: time.Duration(o.Minutes) * time.Minute, Targets: o.Targets, Except: o.Except,
		Drill: o.Drill, By: by(ctx),
	}
	for _, w := range o.Slides {
		order.Words = append(order.Words, alert.Words(w))
	}
	if err := s.worded(ctx, o.Template, &order); err != nil {
		return Takeover{}, err
	}
	t, err := s.Alert.Start(audit.As(ctx, alert.TakeoverKind, audit.TookOver), order)
	if err != nil {
		return Takeover{}, err
	}
	known, err := s.screensByID(ctx)
	if err != nil {
		return Takeover{}, err
	}
	one := s.shown(&t, known)
	one.Clearable = true
	return one, nil
}

// mayAlert asks whether whoever asks may alert everybody whom targets reach.
func (s *Server) mayAlert(ctx context.Context, targets []playlists.Target) error {
	o := access.Object{Kind: alert.TakeoverKind}
	if actor, _ := access.FromContext(ctx); actor.Everywhere {
		return may(ctx, access.Alert, o)
	}
	return s.Store.View(ctx, func(v store.View) (err error) {
		if o.Departments, err = targeted(v, targets); err != nil {
			return err
		}
		return may(ctx, access.Alert, o)
	})
}

func (s *Server) onNow(ctx context.Context) (*list[Takeover], error) {
	out := &list[Takeover]{}
	out.Body.Items = []Takeover{}
	on, err := s.Alert.InForce(ctx)
	if err != nil {
		return nil, err
	}
	if len(on) == 0 {
		return out, nil
	}
	known, err := s.screensByID(ctx)
	if err != nil {
		return nil, err
	}
	for i := range on {
		one := s.shown(&on[i], known)
		one.Clearable = s.mayAlert(ctx, on[i].Targets) == nil
		out.Body.Items = append(out.Body.Items, one)
	}
	return out, nil
}

func (s *Server) allClear(ctx context.Context) error {
	on, err := s.Alert.InForce(ctx)
	if err != nil {
		return err
	}
	for i := range on {
		if err := s.mayAlert(ctx, on[i].Targets); err != nil {
			return err
		}
	}
	return s.Alert.ClearAll(audit.As(ctx, alert.TakeoverKind, audit.Cleared), by(ctx))
}

func (s *Server) clearOne(ctx context.Context, id playlists.TakeoverID) error {
	t, err := s.Alert.Get(ctx, id)
	if err != nil {
		return missing(err, "takeover", string(id))
	}
	if err := s.mayAlert(ctx, t.Targets); err != nil {
		return err
	}
	return s.Alert.Clear(audit.As(ctx, alert.TakeoverKind, audit.Cleared), id, by(ctx))
}

// shown is a takeover as the API gives it.
func (s *Server) shown(t *alert.Takeover, known map[playlists.ScreenID]playlists.Screen) Takeover {
	out := Takeover{
		ID: t.ID, Severity: t.Severity, From: t.From, Until: t.Until, By: t.By, Drill: t.Drill,
		Targets: append([]playlists.Target{}, t.Targets...), Except: append([]playlists.Target{}, t.Except...),
		Slides: []TakeoverWords{}, Reach: s.reach(t, known), Template: t.Template,
	}
	for _, one := range t.Slides {
		if len(one.Picture) > 0 {
			out.Picture = one.Picture[0].Digest
			continue
		}
		var words slide.Slide
		if json.Unmarshal(one.Slide, &words) == nil {
			out.Slides = append(out.Slides, TakeoverWords{Language: one.Language, Title: words.Title, Text: words.Text})
		}
	}
	return out
}

// reach lists the screens that a takeover names as their players see it, by name. A screen that was taken away is published
// until its department is published again: it is listed by its id if a player hangs there, and otherwise not.
func (s *Server) reach(t *alert.Takeover, known map[playlists.ScreenID]playlists.Screen) []Reached {
	reached := []Reached{}
	for id := range s.Publish.Screens() {
		place, ok := s.Publish.Place(id)
		if !ok {
			continue
		}
		if _, ok := playlists.Reaches(t.Targets, t.Except, place); !ok {
			continue
		}
		screen, there := known[id]
		if _, hangs := s.Players.OfScreen(id); there || hangs {
			reached = append(reached, s.drawn(t.ID, id, cmp.Or(screen.Name, string(id))))
		}
	}
	slices.SortFunc(reached, func(a, b Reached) int { return compareNames(a.Name, b.Name, a.Screen, b.Screen) })
	return reached
}

func (s *Server) drawn(t playlists.TakeoverID, screen playlists.ScreenID, name string) Reached {
	r := Reached{Screen: screen, Name: name}
	player, ok := s.Players.OfScreen(screen)
	if !ok {
		return r
	}
	presence, _ := s.Players.Presence(player.ID)
	r.Linked = presence.Linked
	for _, d := range presence.Drawn {
		if d.Takeover == t {
			at := d.At
			r.DrawnAt = &at
		}
	}
	return r
}
