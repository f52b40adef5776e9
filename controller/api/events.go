package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/sse"

	"anteroom/controller/ingest"
)

const (
	// eventsEvery is how often something may be told, at most.
	eventsEvery = time.Second
	// comfortEvery keeps proxies from taking a quiet stream for a dead one.
	comfortEvery = 20 * time.Second
)

// FleetEvent has the screens that changed since the event before, in a few words. The first has all that changed after
// the version that the listener gave, or all.
type FleetEvent struct {
	// Whole: screens that are not among these are gone.
	Whole   bool         `json:"whole" doc:"These are all screens; others are gone"`
	Version string       `json:"version"`
	Screens []FleetBrief `json:"screens"`
}

// WatchedEvent has those of the screens that the listener watches that changed, with all that is known of them.
type WatchedEvent struct {
	Screens []FleetScreen `json:"screens"`
}

// TakeoverEvent has the takeovers in force whenever they, or who has drawn them, change.
type TakeoverEvent struct {
	Takeovers []Takeover `json:"takeovers"`
}

// UploadEvent has the uploads of whoever listens that changed.
type UploadEvent struct {
	Uploads []Upload `json:"uploads"`
}

// StillEvent says nothing but that the stream is alive.
type StillEvent struct {
	At time.Time `json:"at"`
}

func (s *Server) events() {
	path := "/api/v1/fleet/events"
	type eventsInput struct {
		After   string   `query:"after" maxLength:"64" doc:"The version of the outline that the listener has; without it all screens come first"`
		Watched []string `query:"watched" maxItems:"200" doc:"Ids of screens of which everything is told as it changes, separated by commas"`
	}
	sse.Register(s.api, huma.Operation{
		OperationID: "fleetEvents", Method: http.MethodGet, Path: path, Summary: "What changes, as it changes (server-sent events)",
	}, map[string]any{"fleet": FleetEvent{}, "watched": WatchedEvent{}, "takeover": TakeoverEvent{}, "upload": UploadEvent{}, "still": StillEvent{}},
		func(ctx context.Context, in *eventsInput, send sse.Sender) {
			s.stream(ctx, &listener{server: s, send: send, version: in.After, watched: in.Watched, screens: map[string]string{}, uploads: map[string]string{}})
		})
}

// stream tells one listener what changes until it goes, its session ends or the controller stops.
func (s *Server) stream(ctx context.Context, l *listener) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	players, documents, uploads := s.Players.Changes(ctx), s.Store.Changes(ctx, 0), s.Ingest.Changes(ctx)
	comfort, pace := time.NewTicker(comfortEvery), time.NewTimer(0)
	defer comfort.Stop()
	defer pace.Stop()
	due := true
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.stopping:
			return
		case <-players:
			due = true
		case <-documents:
			due = true
		case <-uploads:
			due = true
		case <-comfort.C:
			if !s.People.Lasts(ctx) || l.send.Data(StillEvent{At: s.Now().UTC()}) != nil {
				return
			}
		case <-pace.C:
			if due && (!s.People.Lasts(ctx) || l.tell(ctx) != nil) {
				return
			}
			due = false
			pace.Reset(eventsEvery)
		}
	}
}

// listener remembers what it has told.
type listener struct {
	server    *Server
	send      sse.Sender
	version   string   // of the outline
	watched   []string // screens
	screens   map[string]string
	uploads   map[string]string
	takeovers string
}

func (l *listener) tell(ctx context.Context) error {
	for _, part := range []func(context.Context) error{l.tellTakeovers, l.tellFleet, l.tellWatched, l.tellUploads} {
		if err := part(ctx); err != nil {
			l.server.log.DebugContext(ctx, "event stream ended", slogErr(err))
			return err
		}
	}
	return nil
}

func (l *listener) tellFleet(ctx context.Context) error {
	told, err := l.server.outline.since(ctx, l.server, l.version)
	if err != nil {
		return err
	}
	if len(told.Screens) == 0 && !told.Whole {
		return nil
	}
	l.version = told.Version
	return l.send.Data(told)
}

// tellWatched tells everything of the screens that somebody has in view.
func (l *listener) tellWatched(ctx context.Context) error {
	if len(l.watched) == 0 {
		return nil
	}
	rows, err := l.server.fleetNow(ctx, l.watched)
	if err != nil {
		return err
	}
	changed := []FleetScreen{}
	for _, row := range rows {
		if fresh(l.screens, string(row.ID), row) {
			changed = append(changed, row)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return l.send.Data(WatchedEvent{Screens: changed})
}

func (l *listener) tellTakeovers(ctx context.Context) error {
	on, err := l.server.onNow(ctx)
	if err != nil {
		return err
	}
	told := map[string]string{"": l.takeovers}
	if !fresh(told, "", on.Body.Items) {
		return nil
	}
	l.takeovers = told[""]
	return l.send.Data(TakeoverEvent{Takeovers: on.Body.Items})
}

func (l *listener) tellUploads(ctx context.Context) error {
	changed := []Upload{}
	for _, u := range l.server.Ingest.List() {
		if u.By == by(ctx) && fresh(l.uploads, u.ID, uploadMark(&u)) {
			changed = append(changed, upload(&u))
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return l.send.Data(UploadEvent{Uploads: changed})
}

func uploadMark(u *ingest.Upload) string { return fmt.Sprint(u.State, u.Percent, u.Stage) }

// fresh reports whether what is known by key has changed, and remembers it.
func fresh(told map[string]string, key string, what any) bool {
	b, err := json.Marshal(what)
	if err != nil || told[key] == string(b) {
		return false
	}
	told[key] = string(b)
	return true
}
