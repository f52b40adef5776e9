package main

import (
	"testing"
	"time"

	"anteroom/cmd/demo/hospital"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// BenchmarkReady prints how long the controller takes from its start until it says that it is ready, with many screens, each
// paired and with a published programme, and their plays in store: after a stop in order, with nothing of the plays in the kernel's
// memory, and after SIGKILL. ANTEROOM_SCREENS and ANTEROOM_PLAYS say how many screens and plays there are: those of the last days of
// a month, when its file is as large as it gets.
func BenchmarkReady(b *testing.B) {
	screens, plays, seed := setting(b, "ANTEROOM_SCREENS", 1000), setting(b, "ANTEROOM_PLAYS", 3_000_000), setting(b, "ANTEROOM_SEED", 1)
	for b.Loop() {
		days := max(1, plays/(screens*grownDay))
		g := &grown{
			served: newServed(b), seed: seed, screens: screens, first: readyLast.AddDate(0, 0, 1-days), days: days,
			plays: min(grownDay, plays/(screens*days)),
		}
		publishAll(g)
		began := time.Now()
		sent := g.grow()
		b.Logf("seed %d: %d screens, %d plays of %d days, made in %v", seed, screens, sent, days, time.Since(began).Round(time.Second))
		b.ReportMetric(float64(g.onDisk())/float64(sent), "B/play-stored")
		b.ReportMetric(g.start().Seconds(), "s-ready")
		g.stop()
		g.forget()
		b.ReportMetric(g.start().Seconds(), "s-ready-cold")
		g.kill()
		b.ReportMetric(g.start().Seconds(), "s-ready-after-kill")
		g.stop()
		if byHour, byDay := g.counted(); byHour != sent || byDay != sent {
			b.Fatalf("of %d plays %d are counted by hour and %d by day", sent, byHour, byDay)
		}
		b.Logf("verified: all %d plays are counted, by hour and by day", sent)
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
