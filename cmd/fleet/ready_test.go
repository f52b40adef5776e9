package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"anteroom/cmd/demo/hospital"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// BenchmarkReady prints how long the controller takes from its start until it says that it is ready, and how much of a processor with its
// children, with many screens, each paired and with a published programme, and their plays in store: after a stop in order, with
// nothing of the plays in the kernel's memory, and after SIGKILL; at a day of plays, at a quarter of the days and at all. The first
// day is appended by the store's own code, and those after it are made from it by package bolt's TestMoreParts, each in a part of its own.
// ANTEROOM_SCREENS and ANTEROOM_PLAYS say how many screens and plays there are, ANTEROOM_STARTS how many starts of each kind.
func BenchmarkReady(b *testing.B) {
	screens, plays, seed := setting(b, "ANTEROOM_SCREENS", 1000), setting(b, "ANTEROOM_PLAYS", 3_000_000), setting(b, "ANTEROOM_SEED", 1)
	for b.Loop() {
		days := (plays + screens*readyDay - 1) / (screens * readyDay)
		g := &grown{
			served: newServed(b), seed: seed, screens: screens, first: readyLast.AddDate(0, 0, 1-days), days: 1,
			plays: (plays + screens*days - 1) / (screens * days),
		}
		publishAll(g)
		began := time.Now()
		sent := g.grow()
		b.Logf("seed %d: %d screens, %d plays of a day, made in %v", seed, screens, sent, time.Since(began).Round(time.Second))
		there := 1
		for _, all := range slices.Compact([]int{1, (days + 3) / 4, days}) {
			g.moreParts(all - there)
			there = all
			g.startAll(all*sent, setting(b, "ANTEROOM_STARTS", 1))
		}
		if byHour, byDay := g.counted(); byHour != days*sent || byDay != days*sent {
			b.Fatalf("of %d plays %d are counted by hour and %d by day", days*sent, byHour, byDay)
		}
		b.Logf("verified: all %d plays are counted, by hour and by day", days*sent)
		b.ReportMetric(float64(g.onDisk())/float64(days*sent), "B/play-stored")
	}
}

// readyDay is how many turns of a screen a day is cut at, so that those of 10,000 screens are nearly a part.
const readyDay = 2700

// moreParts puts more days behind the newest.
func (g *grown) moreParts(n int) {
	g.b.Helper()
	if n == 0 {
		return
	}
	more := exec.CommandContext(g.b.Context(), "go", "test", "-count=1", "-timeout", "2h", "-run", "^TestMoreParts$", "anteroom/controller/store/bolt")
	more.Env = append(os.Environ(), "ANTEROOM_STORE="+filepath.Join(g.dir, "store"), fmt.Sprintf("ANTEROOM_PARTS=%d", n))
	if out, err := more.CombinedOutput(); err != nil {
		g.b.Fatalf("making more parts: %v: %s", err, out)
	}
}

// startAll starts the controller in each way some times.
func (g *grown) startAll(plays, starts int) {
	g.b.Helper()
	for _, way := range []struct {
		name   string
		before func()
	}{
		{"after-a-stop", g.stop},
		{"cold", func() { g.stop(); g.forget() }},
		{"after-a-kill", g.kill},
	} {
		var took []time.Duration
		var processor time.Duration
		for range starts {
			g.start()
			way.before()
			took = append(took, g.start())
			processor += g.processorOfAll()
			g.stop()
		}
		slices.Sort(took)
		g.b.Logf("%d plays, %d MB in files, ready %s: %v; a processor's time, mean: %v", plays, g.onDisk()/1e6, way.name, took, processor/time.Duration(starts))
		g.b.ReportMetric(took[len(took)-1].Seconds(), "s-longest-"+way.name)
	}
}

// readyLast is the last day of plays.
var readyLast = time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)

// publishAll makes a department with all screens and publishes it, so that each has a head.
func publishAll(g *grown) {
	g.b.Helper()
	g.players = g.screens
	g.pairAll()
	s := g.store()
	g.fail(s.Update(g.b.Context(), func(tx store.Tx) error {
		return putNew(tx, "department", "cardiology", playlists.Department{
			ID: "cardiology", Site: "main", Name: "Cardiology", Zone: "America/Panama",
			Languages: []playlists.LanguageShare{{Language: "en", Twelfths: 12}}, Fallback: "en",
		})
	}))
	g.fail(s.Close())
	g.start()
	client := hospital.NewClient(g.base)
	g.fail(client.SignIn(g.b.Context(), servedUser, servedPassword))
	g.fail(client.Create(g.b.Context(), "sites", "main", playlists.Site{ID: "main", Name: "Main building"}))
	g.fail(client.Publish(g.b.Context(), "first"))
	g.stop()
}
