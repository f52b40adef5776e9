//go:build !e2e

package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"anteroom/controller"
	"anteroom/controller/controllertest"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/player"
	"anteroom/player/journal"
	"anteroom/player/playback"
	"anteroom/player/playertest"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/faulttest"
	"anteroom/playlists/wire"
)

// reading is what a start on a data directory came to.
type reading struct {
	Error string `json:",omitempty"`
	// Values are by name; every one of them is right, missing, or wrong.
	Values map[string]string
	// Plays are records; what is missing of them must be noticed, what is there must be right.
	Plays []string
	// Lost is how many plays gaps told as lost.
	Lost int
	// Gave are the digests of the files that were drawn or handed out.
	Gave []string
	// Noticed are warnings and errors of the log, and Shown what staff see besides: notes, reports, refused uploads.
	Noticed, Shown []string
}

// order is one line to a reading child.
type order struct {
	Dir string
	End time.Time
	Key string
	// Again: it was read before, since it was damaged.
	Again bool
}

// readPlayers starts players, one after the other, on the directories that it is told.
func readPlayers(c *faulttest.Child) error {
	child := journal.ProbeWith(hasty("journal")...)
	t := newTrust(func(_ context.Context, path string) error { return child(path) },
		func(_ context.Context, path string) error { return journal.Probe(path) })
	return readEach(c, func(o order) reading { return readPlayer(o, t.in(o)) })
}

// readControllers does the same for controllers.
func readControllers(c *faulttest.Child) error {
	t := newTrust(bolt.ProbeWith(hasty("store")...), func(_ context.Context, path string) error { return bolt.Probe(path) })
	return readEach(c, func(o order) reading { return readController(o, t.in(o)) })
}

// probe is one of a file.
type probe func(ctx context.Context, path string) error

// trust saves children that probe. It asks once about the same bytes, if there is an answer: most files are those
// of the start before. A file that was sound is probed in this process from then on, for nobody else has written
// to it since it was damaged, or not.
type trust struct {
	child, here probe
	answers     sync.Map // by digest
	sound       *sync.Map
}

func newTrust(child, here probe) *trust { return &trust{child: child, here: here} }

// in is the probe for a reading.
func (t *trust) in(o order) probe {
	if !o.Again || t.sound == nil { // a child that begins with a second start knows of no first
		t.sound = &sync.Map{}
	}
	return t.probe
}

func (t *trust) probe(ctx context.Context, path string) error {
	if _, sound := t.sound.Load(path); sound {
		return t.here(ctx, path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return t.child(ctx, path)
	}
	digest := wire.DigestOf(b)
	known, asked := t.answers.Load(digest)
	err, _ = known.(error)
	if !asked {
		err = t.child(ctx, path)
	}
	switch {
	case err == nil:
		t.sound.Store(path, true)
		t.answers.Store(digest, true)
	case errors.Is(err, journal.ErrDamaged), errors.Is(err, store.ErrDamaged):
		t.answers.Store(digest, err)
	}
	return err
}

// hasty is the command of a child that probes and may not take as long as a player would let it: a probe of some
// damage never ends.
func hasty(what string) []string {
	return append([]string{"/usr/bin/env", envHaste + "=3"}, probing(what)...)
}

func readEach(c *faulttest.Child, read func(order) reading) error {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var o order
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return err
		}
		told, err := json.Marshal(read(o))
		if err != nil {
			return err
		}
		c.Tell(append(told, '\n'))
	}
	return nil
}

// watch is a log of which only warnings and errors are kept.
type watch struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (w *watch) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(&locked{mu: &w.mu, w: &w.all}, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func (w *watch) lines() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.FieldsFunc(w.all.String(), func(r rune) bool { return r == '\n' })
}

// viewer looks at what a stage draws.
type viewer struct {
	stage *playertest.Stage

	mu    sync.Mutex
	first string // base name of what was drawn first
	wrong string
}

// see takes in a turn that is first drawn: its file must be what its name says.
func (v *viewer) see(r playback.RegionScene, _ playback.Drawn) {
	name := filepath.Base(r.Path)
	b, err := os.ReadFile(r.Path)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.first = cmp.Or(v.first, name)
	if err != nil || string(wire.DigestOf(b)) != name {
		v.wrong = r.Label + " is drawn from a file that is not its digest"
	}
}

// wait waits for the first picture, and gives the name of its file.
func (v *viewer) wait() string {
	for range 3000 {
		if len(v.stage.Life().Told) > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.first
}

// verdict is "" if an item was drawn, and nothing wrong.
func (v *viewer) verdict() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.first == "" {
		return "no item"
	}
	return v.wrong
}

// readPlayer starts a player that has no network, until it has drawn something, and then reads its journal.
func readPlayer(o order, ask probe) reading {
	var w watch
	began := time.Now()
	mono := func() int64 { return int64(time.Since(began)) + int64(time.Hour) }
	v := &viewer{}
	v.stage = playertest.New(playertest.Config{Mono: mono, First: v.see})
	got := reading{Values: map[string]string{}}
	proven := func(path string) error { return ask(context.Background(), path) }
	p, err := player.New(player.Config{
		Controller: "http://controller", PlainHTTP: true, Data: o.Dir, Mono: mono, Boot: "after", Stage: v.stage,
		Wall:  func() time.Time { return o.End.Add(time.Since(began)) },
		Dial:  func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no network") },
		Probe: proven, NoSync: true, Log: w.log(),
	})
	if err != nil {
		got.Error = err.Error()
		return got
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	first := v.wait()
	status, err := waitForJournal(ctx, p)
	cancel()
	if err := errors.Join(err, <-done); err != nil {
		got.Error = err.Error()
	}
	got.Values = map[string]string{
		"player": string(status.Player), "screen": string(status.Screen), "drawn": v.verdict(),
		"generation": fmt.Sprint(status.State.Generation), "body": string(status.State.Body),
		"takeovers": fmt.Sprint(status.State.Takeovers), "clock": string(status.Health.Clock),
		"time": status.At.Sub(o.End).Round(time.Minute).String(),
	}
	if got.Plays, got.Lost, err = drainAlone(o.Dir, proven, &w); err != nil {
		got.Error += err.Error()
	}
	got.Gave, got.Noticed = []string{first}, w.lines()
	for _, note := range status.Health.Notes {
		if strings.Contains(note, "is not shown for a day") { // as it should be
			got.Values["aside"] = note
			continue
		}
		got.Shown = append(got.Shown, note)
	}
	return got
}

// waitForJournal gives a status that knows the journal.
func waitForJournal(ctx context.Context, p *player.Player) (status player.Status, err error) {
	for range 200 {
		if status, err = p.Status(ctx); err != nil || status.State.Journal > 0 {
			return status, err
		}
		time.Sleep(5 * time.Millisecond)
	}
	return status, nil
}

// drainAlone takes all out of a journal that is still to be sent, but for what the reading itself recorded, and counts
// what is told as lost. A journal may refuse while it mends itself.
func drainAlone(dir string, ask func(path string) error, w *watch) (plays []string, lost int, err error) {
	j := journal.New(journal.Config{
		Dir: filepath.Join(dir, "journal"), Boot: "drain", Now: time.Now, Mono: func() int64 { return 1 },
		Probe: ask, NoSync: true, Log: w.log(),
	})
	defer func() { err = errors.Join(err, j.Close()) }()
	for refused := 0; ; {
		next, err := j.Next(1000)
		if err != nil {
			if refused++; refused < 3 {
				continue
			}
			return plays, lost, err
		}
		if len(next.Plays) == 0 {
			return plays, lost, nil
		}
		for _, p := range next.Plays {
			lost += p.Lost
			if p.Boot != "after" && p.Boot != "drain" {
				plays = append(plays, textOf(&p))
			}
		}
		if err := j.Acknowledge(wire.Ack{Stream: next.Stream, Through: next.Plays[len(next.Plays)-1].Seq}); err != nil {
			return plays, lost, err
		}
	}
}

// textOf is a play without its number.
func textOf(p *playlists.Play) string {
	return fmt.Sprintf("%s %s %s %d %s %s %d", p.Screen, p.Item, p.Start.UTC().Format(time.RFC3339Nano), p.Shown, p.Outcome, p.Gap, p.Lost)
}

// asked is what a controller is asked: among it a report of the plays a month ago, and one of those since.
func asked(o order) []string {
	report := func(from, to int) string {
		days := url.Values{"by": {"item"}, "from": {o.End.AddDate(0, 0, from).Format(time.DateOnly)}, "to": {o.End.AddDate(0, 0, to).Format(time.DateOnly)}}
		return "/api/v1/reports/impressions?" + days.Encode()
	}
	return []string{
		"/api/v1/me", "/api/v1/items", "/api/v1/screens", "/api/v1/playlists", "/api/v1/publications",
		"/api/v1/departments/clinic/revisions", "/api/v1/losses", "/api/v1/backups", report(-40, -34), report(-4, 2),
	}
}

// readController starts a controller, asks it everything with a session that it should know, and reads its
// plays.
func readController(o order, proven probe) reading {
	var w watch
	got := reading{Values: map[string]string{}}
	network := controllertest.NewNetwork()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c, err := controller.New(ctx, controller.Config{
		Data: o.Dir, Listener: network, URL: "http://controller", Probe: proven, NoSync: true, Log: w.log(),
	})
	if err != nil {
		got.Error = err.Error()
		return got
	}
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	api := http.Client{Transport: &http.Transport{DialContext: network.Dial, DisableKeepAlives: true}}
	for _, path := range asked(o) {
		answer := ask(ctx, &api, path, o.Key)
		got.Values[path] = answer
		if strings.Contains(path, "/reports/") && strings.Contains(answer, `"unreadable":`) {
			got.Shown = append(got.Shown, "the report says that a month cannot be read")
		}
	}
	got.askFiles(ctx, &api, o)
	cancel()
	if err := <-done; err != nil {
		got.Error = err.Error()
	}
	got.Noticed = append(got.Noticed, w.lines()...)
	return got
}

// askFiles asks for every file of the content; only those of the library are given to people.
func (r *reading) askFiles(ctx context.Context, api *http.Client, o order) {
	files, err := filepath.Glob(filepath.Join(o.Dir, "content", "??", "*"))
	if err != nil {
		r.Error = err.Error()
	}
	for _, f := range files {
		name := filepath.Base(f)
		path := "/api/v1/assets/" + name
		status, bytes, _ := strings.Cut(ask(ctx, api, path, o.Key), " ")
		if status == "200" {
			r.Gave = append(r.Gave, name)
			if string(wire.DigestOf([]byte(bytes))) != name {
				status = "200 with other bytes"
			}
		}
		r.Values[path] = status
	}
}

// ask gives the status and the body of an answer.
func ask(ctx context.Context, api *http.Client, path, key string) string {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute) // a probe of damage that hangs takes one
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://controller"+path, nil)
	if err != nil {
		return "000 " + err.Error()
	}
	request.Header.Set("Cookie", key)
	response, err := api.Do(request)
	if err != nil {
		return "000 " + err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "000 " + err.Error()
	}
	return fmt.Sprintf("%d %s", response.StatusCode, body)
}

// reader is a child that starts one side on what it is told.
type reader struct {
	operation string
	child     *exec.Cmd
	in        io.Writer
	out       chan []byte
	starts    int
}

// patience is how long a start may take: the probe of a file whose damage makes it hang takes a minute.
const patience = 5 * time.Minute

// read gives what a start came to; false if it ended the process.
func (r *reader) read(t *testing.T, o order) (reading, bool) {
	t.Helper()
	if r.child == nil || r.starts > 100 { // what a start leaves in memory must not add up
		r.begin(t)
	}
	r.starts++
	line, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	select {
	case told, ok := <-r.out:
		if !ok {
			r.end()
			return reading{}, false
		}
		var got reading
		if err := json.Unmarshal(told, &got); err != nil {
			t.Fatalf("%v: %.300s", err, told)
		}
		return got, true
	case <-time.After(patience):
		r.end()
		t.Fatal("it hangs")
		return reading{}, false
	}
}

func (r *reader) begin(t *testing.T) {
	t.Helper()
	r.end()
	child, out, in := faulttest.Start(t, r.operation, "")
	answers := make(chan []byte, 1)
	r.child, r.in, r.out, r.starts = child, in, answers, 0
	lines := bufio.NewReader(out)
	if line, err := lines.ReadBytes('\n'); string(line) != "begin\n" {
		t.Fatalf("the child said %q, %v", line, err)
	}
	go func() {
		defer close(answers)
		for {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return
			}
			answers <- line
		}
	}()
}

func (r *reader) end() {
	if r.child == nil {
		return
	}
	_ = r.child.Process.Kill()
	_ = r.child.Wait() // it was killed
	r.child = nil
}
