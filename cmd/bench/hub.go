package main

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"anteroom/controller/hub"
	"anteroom/controller/intake"
	"anteroom/controller/players"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// links is the hub of a controller, with its players and its intake, and takeovers that nothing else decides about:
// what is timed is the way of a signed document from the hub to everybody.
type links struct {
	hub    *hub.Hub
	key    ed25519.PrivateKey
	number uint64
	next   wire.Signed
}

// runHub serves the players that enter made until there are no more orders.
func runHub(ctx context.Context, dir string, in io.Reader, out io.Writer) (err error) {
	s, err := bolt.Open(ctx, bolt.Config{Dir: filepath.Join(dir, "store")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	metrics := prometheus.NewRegistry()
	l := &links{key: keyOf(1 << 20)}
	known, err := players.New(ctx, players.Config{Store: s, Key: l.key})
	if err != nil {
		return err
	}
	plays, err := intake.New(intake.Config{Store: s, Alarm: known.Alarm})
	if err != nil {
		return err
	}
	if l.hub, err = hub.New(hub.Config{Players: known, Heads: nothing{}, Intake: plays, Key: l.key, Metrics: metrics}); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 2)
	go func() { ended <- plays.Run(ctx) }()
	go func() { ended <- l.hub.Run(ctx) }()
	defer func() {
		stop()
		err = errors.Join(err, <-ended, <-ended)
	}()
	mux := http.NewServeMux()
	mux.Handle(wire.LinkPath, l.hub)
	mux.Handle(metricsPath, promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	return listen(ctx, mux, func(o order) (answer, error) { return l.obey(ctx, o) }, in, out)
}

// nothing is in force.
type nothing struct{}

// Head implements [hub.Heads].
func (nothing) Head(context.Context, playlists.ScreenID, playlists.Abilities, uint64) (s wire.Signed, ok bool, err error) {
	return s, false, nil
}

// Takeovers implements [hub.Heads].
func (nothing) Takeovers(context.Context) (s wire.Signed, ok bool, err error) { return s, false, nil }

// text fills a takeover's slide, and slides of five languages a message of 4 KB.
const text = "Please leave the building by the nearest exit and follow the staff. Do not use the lifts. " +
	"Leave your things behind. If you cannot walk, stay where you are and call: somebody will come for you. " +
	"The meeting point is the car park behind the main building, where further news will be given. " +
	"Keep doors shut. Wait there until you are told that you may come in again, and tell the staff who is missing. Thank you."

// prepare signs a document of 4 KB, or a multiple.
func (l *links) prepare(times int) error {
	l.number++
	t := playlists.Takeover{ID: "tko-fire", Severity: playlists.Emergency, From: time.Now().UTC(), Until: time.Now().UTC().Add(time.Hour), Targets: []playlists.Target{{All: true}}}
	for _, language := range []playlists.Language{"en", "es", "fr", "de", "it"} {
		slide, err := json.Marshal(map[string]string{"template": "urgent", "title": "Please leave the building now", "text": strings.Repeat(text, times)})
		if err != nil {
			return err
		}
		t.Slides = append(t.Slides, playlists.TakeoverSlide{Language: language, Slide: slide})
	}
	var err error
	l.next, err = wire.SignTakeovers(l.key, playlists.Takeovers{
		Controller: wire.ControllerIDOf(publicOf(l.key)), Number: l.number, IssuedAt: time.Now().UTC(), Takeovers: []playlists.Takeover{t},
	})
	return err
}

const metricsPath = "/metrics"

func (l *links) obey(ctx context.Context, o order) (a answer, err error) {
	switch o.Do {
	case "prepare":
		err = l.prepare(max(o.Times, 1))
	case "count":
		a.Count, err = connections(ctx, fmt.Sprintf("http://127.0.0.1:%d%s", o.Port, metricsPath))
	case "send":
		l.hub.NudgeTakeovers(l.next)
	case "jam":
		err = jam(func() (peers int) {
			for number := 0; number < o.Players; number += oneIn {
				l.hub.NudgeHead(screenOf(number), l.next) // to one alone; no player of this program reads it
				peers++
			}
			return peers
		})
	default:
		err = unknown(o)
	}
	return a, err
}
