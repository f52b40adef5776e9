//go:build !e2e

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/faulttest"
	"anteroom/playlists/wire"
)

// idsAStart is more than what one start can number.
const idsAStart = 100_000

// truth is what children said over several starts.
type truth struct {
	asked, had map[string]map[int]bool
	took       map[playlists.StreamID]uint64
	last       map[string]int // had
	player     playlists.PlayerID
	stream     playlists.StreamID
	plays      int
}

func newTruth() *truth {
	return &truth{asked: map[string]map[int]bool{}, had: map[string]map[int]bool{}, took: map[playlists.StreamID]uint64{}, last: map[string]int{}}
}

func (u *truth) hear(line string) {
	var what string
	var id int
	var stream playlists.StreamID
	var through uint64
	note := func(m map[string]map[int]bool) {
		if m[what] == nil {
			m[what] = map[int]bool{}
		}
		m[what][id] = true
	}
	if _, err := fmt.Sscanf(line, "ask %s %d", &what, &id); err == nil {
		note(u.asked)
	} else if _, err := fmt.Sscanf(line, "have %s %d", &what, &id); err == nil {
		note(u.had)
		u.last[what] = max(u.last[what], id)
	} else if _, err := fmt.Sscanf(line, "took %s %d", &stream, &through); err == nil {
		u.took[stream] = max(u.took[stream], through)
	}
}

// The power goes while the player and the controller are at work, on one of them or on both, and comes back:
// what was acknowledged is there, once, and nothing else is.
func TestPowerCuts(t *testing.T) {
	cuts := faulttest.Points(8)
	r := rand.New(rand.NewPCG(faulttest.Seed(t), 1))
	const ofOneDisk = 25
	var plays, documents, assets int
	for done := 0; done < cuts && !t.Failed(); done += ofOneDisk {
		t.Run(fmt.Sprintf("from cut %d", done+1), func(t *testing.T) {
			h := newHouse(t)
			for n := range min(ofOneDisk, cuts-done) {
				h.cut(t, n+1, r)
				if t.Failed() {
					t.Fatalf("after cut %d", done+n+1)
				}
			}
			plays, documents, assets = plays+len(h.truth.had["play"]), documents+len(h.truth.had["document"]), assets+len(h.truth.had["asset"])
		})
	}
	t.Logf("%d power cuts; acknowledged and found: %d plays, %d documents, %d assets in the cache", cuts, plays, documents, assets)
	if !t.Failed() && !t.Skipped() && plays < cuts {
		t.Errorf("%d plays in %d cuts: nothing was at work", plays, cuts)
	}
}

// powered is a rig on two disks whose power can be cut.
type powered struct {
	dir               string
	agent, controller *faulttest.Disk
	truth             *truth
}

func newHouse(t *testing.T) *powered {
	t.Helper()
	h := &powered{dir: t.TempDir(), agent: faulttest.NewDisk(t, 256<<20), controller: faulttest.NewDisk(t, 256<<20), truth: newTruth()}
	for name, disk := range map[string]*faulttest.Disk{agentDisk: h.agent, controllerDisk: h.controller} {
		if err := os.Symlink(disk.Dir, filepath.Join(h.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// cut lets a child work for a random while, takes the power away, and looks at what came back.
func (h *powered) cut(t *testing.T, start int, r *rand.Rand) {
	t.Helper()
	noteStart(t, h.dir, start)
	child, out, _ := faulttest.Start(t, "work", h.dir)
	lines := bufio.NewScanner(out)
	for n := r.IntN(150); n >= 0 && lines.Scan(); n-- {
		line := lines.Text()
		if strings.HasPrefix(line, "broken") || strings.HasPrefix(line, "stopped") {
			t.Errorf("start %d, before the power was cut: %s", start, line)
		}
		h.truth.hear(line)
	}
	time.Sleep(time.Duration(r.IntN(2000)) * time.Microsecond)
	which := r.IntN(3)
	if which != 0 {
		h.agent.Cut(t)
	}
	if which != 1 {
		h.controller.Cut(t)
	}
	time.Sleep(time.Duration(r.IntN(3000)) * time.Microsecond)
	if err := child.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	for lines.Scan() {
		h.truth.hear(lines.Text())
	}
	_ = child.Wait() // it was killed
	h.agent.Again(t)
	h.controller.Again(t)
	h.look(t, start)
}

// look opens both sides, lets them settle, and compares.
func (h *powered) look(t *testing.T, start int) {
	t.Helper()
	r, err := openRig(h.dir, start, true)
	if err != nil {
		t.Fatalf("start %d: %v", start, err)
	}
	defer func() {
		if err := r.close(); err != nil {
			t.Errorf("start %d: %v", start, err)
		}
	}()
	u := h.truth
	for stream, took := range u.took {
		if known, _, err := r.intake.Known(t.Context(), stream); err != nil || known < took {
			t.Errorf("start %d: the controller had acknowledged play %d of stream %s, and knows %d, %v", start, took, stream, known, err)
		}
	}
	u.sameIdentity(t, r)
	if err := drain(r); err != nil {
		t.Fatalf("start %d: %v", start, err)
	}
	u.comparePlays(t, r)
	u.compareDocuments(t, r)
	u.compareFiles(t, r)
	if len(r.alarms) > 0 || strings.Contains(r.log.String(), "level=ERROR") {
		t.Errorf("start %d: alarms %q, log: %s", start, r.alarms, r.log)
	}
}

func drain(r *rig) error {
	if err := r.hello(); err != nil {
		return err
	}
	for {
		if sent, err := r.send(64, func(wire.Ack) {}); err != nil || !sent {
			return err
		}
	}
}

// sameIdentity holds key and stream against those before: a power cut changes neither.
func (u *truth) sameIdentity(t *testing.T, r *rig) {
	t.Helper()
	s, err := r.journal.State()
	if err != nil {
		t.Fatal(err)
	}
	if u.player != "" && (u.player != r.identity.Player() || u.stream != s.Stream) {
		t.Errorf("player %s with stream %s was %s with %s", r.identity.Player(), s.Stream, u.player, u.stream)
	}
	u.player, u.stream = r.identity.Player(), s.Stream
}

// comparePlays counts every play that the controller has.
func (u *truth) comparePlays(t *testing.T, r *rig) {
	t.Helper()
	complete, broken, streams := map[int]int{}, map[int]int{}, map[playlists.StreamID]bool{}
	for p, err := range r.store.Scan(t.Context(), r.began.AddDate(-1, 0, 0), r.began.AddDate(1, 0, 0)) {
		switch {
		case err != nil:
			t.Fatal(err)
		case p.Gap != "" || p.Lost > 0:
			t.Errorf("a gap: %+v", p.Play)
		case p.Outcome == playlists.Complete:
			complete[p.Version]++
		default:
			broken[p.Version]++
		}
		streams[p.Stream] = true
	}
	for id := range u.had["play"] {
		if complete[id] != 1 {
			t.Errorf("play %d was acknowledged and is there %d times", id, complete[id])
		}
	}
	for id := range union(complete, broken) {
		if !u.asked["play"][id] || complete[id]+broken[id] > 1 {
			t.Errorf("play %d: asked for %v, complete %d times, interrupted %d times", id, u.asked["play"][id], complete[id], broken[id])
		}
	}
	if len(streams) > 1 {
		t.Errorf("%d streams", len(streams))
	}
}

func union(a, b map[int]int) map[int]int {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func (u *truth) compareDocuments(t *testing.T, r *rig) {
	t.Helper()
	found := map[int]bool{}
	err := r.store.View(t.Context(), func(v store.View) error {
		for d, err := range v.List("item") {
			if err != nil {
				return err
			}
			var id, inside int
			if _, err := fmt.Sscan(d.ID, &id); err != nil {
				return err
			}
			if _, err := fmt.Sscanf(string(d.Body), `{"id":%d}`, &inside); err != nil || inside != id || !u.asked["document"][id] {
				t.Errorf("document %d: %s", id, d.Body)
			}
			found[id] = true
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	for id := range u.had["document"] {
		if !found[id] {
			t.Errorf("document %d was acknowledged and is gone", id)
		}
	}
}

// compareFiles looks at assets, bodies and the head.
func (u *truth) compareFiles(t *testing.T, r *rig) {
	t.Helper()
	for id := range u.had["content"] {
		if err := r.content.Verify(context.Background(), wire.DigestOf(asset(id))); err != nil {
			t.Errorf("content %d: %v", id, err)
		}
	}
	for id := range u.had["asset"] {
		if _, ok := r.cache.Path(wire.DigestOf(asset(id))); !ok {
			t.Errorf("asset %d was cached and is gone", id)
		}
	}
	now, err := r.current()
	if err != nil || now < u.last["head"] || now > 0 && !u.asked["head"][now] {
		t.Errorf("head %d is current, %v; %d was the last acknowledged", now, err, u.last["head"])
	}
	body := filepath.Join(r.dir, agentDisk, "cache", "bodies", string(wire.DigestOf(asset(-now))))
	if b, err := os.ReadFile(body); now > 0 && (err != nil || !slices.Equal(b, asset(-now))) {
		t.Errorf("body of head %d: %v", now, err)
	}
}
