package main

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/cmd/demo/hospital"
)

// BenchmarkThousands prints how long the controller takes to answer what the console's page of all screens asks for, with
// many screens, each paired and with a published programme, and plays of today in store: the median and the 99th of a
// hundred of 200 answers, read whole. ANTEROOM_SCREENS says how many screens there are, ANTEROOM_PLAYS how many plays.
func BenchmarkThousands(b *testing.B) {
	screens, plays, seed := setting(b, "ANTEROOM_SCREENS", 10_000), setting(b, "ANTEROOM_PLAYS", 600_000), setting(b, "ANTEROOM_SEED", 1)
	for b.Loop() {
		today := time.Now().UTC().Truncate(24 * time.Hour)
		g := &grown{served: newServed(b), seed: seed, screens: screens, first: today, days: 1, plays: min(grownDay, plays/screens)}
		publishAll(g)
		sent := g.grow()
		b.Logf("%d screens, %d plays", screens, sent)
		g.start()
		client := hospital.NewClient(g.base)
		g.fail(client.SignIn(b.Context(), servedUser, servedPassword))
		etag := g.answers(client, "outline", "/api/v1/fleet/outline", "")
		g.answers(client, "outline-unchanged", "/api/v1/fleet/outline", etag)
		var all struct{ Screens []struct{ ID string } }
		_, err := client.Get(b.Context(), "/api/v1/fleet/outline", &all)
		g.fail(err)
		var view []string
		for _, s := range all.Screens[:40] {
			view = append(view, s.ID)
		}
		g.answers(client, "in-view", "/api/v1/fleet?screens="+strings.Join(view, ","), "")
		g.answers(client, "showing", "/api/v1/fleet/showing?title=expect", "")
		g.stop()
	}
}

// answers asks 200 times, and gives the last ETag.
func (g *grown) answers(client *hospital.Client, name, path, seen string) (etag string) {
	g.b.Helper()
	var took []time.Duration
	for range 200 {
		header := http.Header{}
		if seen != "" {
			header.Set("If-None-Match", seen)
		}
		began := time.Now()
		answer, err := client.Fetch(g.b.Context(), path, header)
		g.fail(err)
		n, err := io.Copy(io.Discard, answer.Body)
		g.fail(err)
		g.fail(answer.Body.Close())
		took = append(took, time.Since(began))
		etag = answer.Header.Get("ETag")
		if len(took) == 200 {
			slices.Sort(took)
			b := g.b
			b.ReportMetric(float64(took[100].Microseconds())/1000, "ms-"+name+"-p50")
			b.ReportMetric(float64(took[197].Microseconds())/1000, "ms-"+name+"-p99")
			b.ReportMetric(float64(n)/1000, "kB-"+name)
		}
	}
	return etag
}
