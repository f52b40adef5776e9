package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"anteroom/cmd/demo/hospital"
	"anteroom/controller"
	"anteroom/controller/access"
	"anteroom/controller/content"
	"anteroom/controller/players"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// The hospital's one department, whose filler is one film, and the one person that signs in.
const (
	department = "cardiology"
	person     = "bench"
	password   = "please take a seat"
)

// enter makes a controller's data: a department with that many screens, each with a paired player, as pairing one
// after the other would leave it, and a film of that many bytes. The film's digest is returned.
func enter(ctx context.Context, dir string, screens, size int) (playlists.Digest, error) {
	c, err := controller.New(ctx, controller.Config{Data: dir, Listen: "127.0.0.1:0", Probe: trust})
	if err != nil {
		return "", err
	}
	if err := c.Close(); err != nil {
		return "", err
	}
	film, err := putFilm(ctx, dir, size)
	if err != nil {
		return "", err
	}
	s, err := bolt.Open(ctx, bolt.Config{Dir: filepath.Join(dir, "store"), NoSync: true})
	if err != nil {
		return "", err
	}
	err = s.Update(ctx, func(tx store.Tx) error { return putHospital(tx, film) })
	const atOnce = 1000
	for from := 0; from < screens && err == nil; from += atOnce {
		err = s.Update(ctx, func(tx store.Tx) error {
			for number := from; number < min(from+atOnce, screens); number++ {
				if err := putPlayer(tx, number); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return film.Digest, errors.Join(err, s.Close())
}

// trust stands for the probe of a store that this program has just made.
func trust(context.Context, string) error { return nil }

// putFilm keeps bytes of no meaning, always the same.
func putFilm(ctx context.Context, dir string, size int) (playlists.Asset, error) {
	files, err := content.Open(filepath.Join(dir, "content"))
	if err != nil {
		return playlists.Asset{}, err
	}
	digest, _, err := files.Put(ctx, io.LimitReader(rand.NewChaCha8([32]byte{}), int64(size)))
	return playlists.Asset{
		Digest: digest, Medium: playlists.Video, MediaType: "video/mp4", Bytes: int64(size), Width: 1920, Height: 1080, Millis: 60_000,
	}, err
}

func putHospital(tx store.Tx, film playlists.Asset) error {
	item := playlists.Item{
		ID: "film", Title: "What to expect", Version: 1, Phase: playlists.Diagnosis,
		Renditions: []playlists.Rendition{{Language: playlists.NoWords, Variants: []playlists.Asset{film}, Alt: "A film"}},
		Approval:   &playlists.Approval{Version: 1, By: person, At: time.Now().UTC()},
	}
	return errors.Join(
		put(tx, "site", "main", playlists.Site{ID: "main", Name: "Main building"}),
		put(tx, "item", "film", item),
		put(tx, "playlist", "loop", playlists.Playlist{ID: "loop", Name: "Loop", Entries: []playlists.Entry{{Item: "film", Weight: 1}}}),
		put(tx, "department", department, playlists.Department{
			ID: department, Site: "main", Name: "Cardiology", Zone: "America/New_York",
			Languages: []playlists.LanguageShare{{Language: "en", Twelfths: 12}}, Fallback: "en", Filler: "loop",
		}),
	)
}

func putPlayer(tx store.Tx, number int) error {
	key := publicOf(keyOf(number))
	p := players.Player{
		ID: wire.PlayerIDOf(key), Key: key, Screen: screenOf(number), PairedAt: time.Now().UTC(), PairedBy: person,
		Abilities: abilities(), Software: software,
	}
	return errors.Join(
		put(tx, "screen", string(p.Screen), playlists.Screen{ID: p.Screen, Department: department, Name: fmt.Sprint("Screen ", number)}),
		put(tx, players.Kind, string(p.ID), p),
	)
}

func put(tx store.Tx, kind store.Kind, id string, document any) error {
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	_, err = tx.Put(kind, id, 0, person, body)
	return err
}

// house is the whole controller, with the hospital published.
type house struct {
	api     *hospital.Client
	metrics string
}

// runHouse runs the controller that enter made data for, until there are no more orders.
func runHouse(ctx context.Context, dir string, in io.Reader, out io.Writer) error {
	var listening net.ListenConfig
	l, err := listening.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	metrics, err := listening.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c, err := controller.New(ctx, controller.Config{Data: dir, Listener: l, MetricsListener: metrics, Probe: trust})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	h := &house{api: hospital.NewClient(c.URL()), metrics: "http://" + metrics.Addr().String() + "/metrics"}
	if err = h.open(ctx, c); err == nil {
		err = obey(portOf(l), func(o order) (answer, error) { return h.obey(ctx, o) }, in, out)
	}
	stop()
	return errors.Join(err, <-ended)
}

// obey counts the connections.
func (h *house) obey(ctx context.Context, o order) (a answer, err error) {
	if o.Do != "count" {
		return a, unknown(o)
	}
	a.Count, err = connections(ctx, h.metrics)
	return a, err
}

// open signs in and publishes the department.
func (h *house) open(ctx context.Context, c *controller.Controller) error {
	err := c.AddUser(ctx, person, access.User{Actor: access.Actor{Name: person, Role: access.Administrator, Everywhere: true}}, password)
	if err != nil {
		return err
	}
	if err := h.api.SignIn(ctx, person, password); err != nil {
		return err
	}
	return h.api.Publish(ctx, "To be measured.", department)
}

// connections is what a hub's metrics at url say.
func connections(ctx context.Context, url string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	b, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return 0, err
	}
	found := regexp.MustCompile(`(?m)^anteroom_hub_connections (\S+)$`).FindSubmatch(b)
	if found == nil {
		return 0, errors.New("the controller has no metric of its connections")
	}
	n, err := strconv.ParseFloat(string(found[1]), 64)
	return int(n), err
}

// dataDir makes a directory for a controller.
func dataDir() (dir string, remove func() error, err error) {
	dir, err = os.MkdirTemp("", "anteroom-bench-")
	return dir, func() error { return os.RemoveAll(dir) }, err
}
