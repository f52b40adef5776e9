package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"anteroom/cmd/demo/hospital"
	"anteroom/controller/api"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// BenchmarkReports prints how long reports take through the API, signed in, over 13 months of plays: the first one after each of
// some starts with nothing of the plays in the kernel's memory, which reads and proves the months' files; then each sort of report a
// thousand times. Every answer's total must be that of the plays in its period. ANTEROOM_PLAYS says how many plays there are,
// ANTEROOM_STARTS and ANTEROOM_REQUESTS how many starts, and requests of each sort.
func BenchmarkReports(b *testing.B) {
	plays, requests, seed := setting(b, "ANTEROOM_PLAYS", 3_000_000), setting(b, "ANTEROOM_REQUESTS", 1000), setting(b, "ANTEROOM_SEED", 1)
	for b.Loop() {
		m := reporting{grown: &grown{
			served: newServed(b), seed: seed, screens: (plays + reportDays*grownDay - 1) / (reportDays * grownDay), first: reportFirst, days: reportDays, plays: grownDay,
		}}
		m.furnish()
		began := time.Now()
		m.sent = m.grow()
		b.Logf("seed %d: %d plays of %d screens in %d days, made in %v", seed, m.sent, m.screens, reportDays, time.Since(began).Round(time.Second))
		if byHour, byDay := m.counted(); byHour != m.sent || byDay != m.sent {
			b.Fatalf("of %d plays %d are counted by hour and %d by day", m.sent, byHour, byDay)
		}
		b.ReportMetric(float64(m.onDisk())/float64(m.sent), "B/play-stored")
		m.askFirst(setting(b, "ANTEROOM_STARTS", 3))
		m.open()
		m.ask(requests)
		m.stop()
	}
}

// Thirteen months.
const reportDays = 395

var reportFirst = time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC)

type reporting struct {
	*grown

	sent   int
	client *hospital.Client
}

// furnish puts the documents in which a report looks names up.
func (m *reporting) furnish() {
	m.b.Helper()
	m.players = m.screens
	m.pairAll()
	s := m.store()
	defer func() { m.fail(s.Close()) }()
	m.fail(s.Update(m.b.Context(), func(tx store.Tx) error {
		err := putNew(tx, "department", "cardiology", playlists.Department{ID: "cardiology", Name: "Cardiology", Zone: "America/Panama"})
		for n := range min(4, m.screens) {
			for _, k := range newReel(m.seed, n, m.first).kinds[:reelItems] {
				if err == nil {
					err = putNew(tx, "item", string(k.Item), playlists.Item{ID: k.Item, Title: "What to expect " + string(k.Item)})
				}
			}
		}
		return err
	}))
}

// open starts the controller and signs in.
func (m *reporting) open() {
	m.b.Helper()
	m.start()
	m.client = hospital.NewClient(m.base)
	m.fail(m.client.SignIn(m.b.Context(), servedUser, servedPassword))
}

// question is a sort of report, and of how many days.
type question struct {
	name, query string
	days        int
}

// allByItem is of all thirteen months.
var allByItem = question{"13-months-by-item", "from=2025-10-01&to=2026-10-30&by=item", reportDays}

// askFirst asks for all thirteen months as the first thing after each of some starts.
func (m *reporting) askFirst(starts int) {
	m.b.Helper()
	var longest time.Duration
	for range starts {
		m.forget()
		m.open()
		longest = max(longest, m.once(allByItem))
		m.stop()
	}
	m.b.ReportMetric(ms(longest), "ms-first-"+allByItem.name)
}

// ask asks for every sort of report.
func (m *reporting) ask(requests int) {
	m.b.Helper()
	for _, q := range []question{
		allByItem,
		{"13-months-by-screen-item", "from=2025-10-01&to=2026-10-30&by=screen,item", reportDays},
		{"year-by-item", "from=2025-10-15&to=2026-10-14&by=item", 365},
		{"month-by-item", "from=2026-09-01&to=2026-09-30&by=item", 30},
		{"month-by-screen-item", "from=2026-09-01&to=2026-09-30&by=screen,item", 30},
		{"week-by-item-day", "from=2026-09-07&to=2026-09-13&by=item,day", 7},
	} {
		m.b.ReportMetric(m.quantile(q, requests), "ms-p99-"+q.name)
	}
	byDay := question{"13-months-by-day", "from=2025-10-01&to=2026-10-30&by=day", reportDays}
	m.b.ReportMetric(m.quantile(byDay, requests/5), "ms-p99-"+byDay.name)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// quantile is below what 99 of 100 requests took, in milliseconds.
func (m *reporting) quantile(q question, requests int) float64 {
	m.b.Helper()
	took := []time.Duration{m.once(q)}
	for len(took) < requests {
		took = append(took, m.once(q))
	}
	slices.Sort(took)
	m.b.Logf("%s: %d requests: median %.1f, p99 %.1f, longest %.1f ms", q.name, len(took), ms(took[len(took)/2]), ms(took[len(took)*99/100]), ms(took[len(took)-1]))
	return ms(took[len(took)*99/100])
}

// once asks and compares the total.
func (m *reporting) once(q question) time.Duration {
	m.b.Helper()
	var got api.ImpressionReport
	began := time.Now()
	m.fail(m.client.Do(m.b.Context(), http.MethodGet, "/api/v1/reports/impressions?"+q.query, nil, &got, nil))
	took := time.Since(began)
	if want := int64(q.days * m.screens * m.plays); got.Totals.Plays != want || got.Unreadable != nil {
		m.b.Fatalf("%s: %d plays instead of %d; unreadable: %v", q.query, got.Totals.Plays, want, got.Unreadable)
	}
	return took
}

// forget drops from the kernel's memory what it has of the files of plays, while no controller runs.
func (s *served) forget() {
	s.b.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "store", "plays-*.db"))
	s.fail(err)
	for _, path := range files {
		f, err := os.Open(path)
		s.fail(err)
		s.fail(errors.Join(f.Sync(), unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED), f.Close()))
	}
}
