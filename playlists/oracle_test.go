package playlists_test

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// walker goes through time minute by minute with a wall clock of package time. A minute on the wall is
// reached when the wall first shows it or a later one; then whatever begins or ends at it does.
type walker struct {
	loc     *time.Location
	windows []walked
	reached int64 // the latest minute of the wall's calendar so far
	running []run
}

// walked is a window in plain numbers.
type walked struct {
	id               playlists.WindowID
	hour, minute     int
	weekdays         map[time.Weekday]bool
	length           int64 // on the wall, in minutes
	closed           string
	priority, narrow int
}

type run struct {
	window  walked
	started time.Time
	until   int64 // on the wall
}

func (w *walker) tick(now time.Time) {
	shown := wallMinute(now.In(w.loc))
	for w.reached < shown {
		w.reached++
		wall := time.Unix(w.reached*60, 0).UTC()
		for _, win := range w.windows {
			if wall.Hour() == win.hour && wall.Minute() == win.minute && win.weekdays[wall.Weekday()] && wall.Format(time.DateOnly) != win.closed {
				w.running = append(w.running, run{win, now, w.reached + win.length})
			}
		}
	}
	var left []run
	for _, r := range w.running {
		if r.until > w.reached {
			left = append(left, r)
		}
	}
	w.running = left
}

func wallMinute(t time.Time) int64 {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC).Unix() / 60
}

func (w *walker) winner() string {
	if len(w.running) == 0 {
		return "filler"
	}
	best := w.running[0]
	for _, r := range w.running[1:] {
		if r.beats(best) {
			best = r
		}
	}
	return string(best.window.id)
}

func (r run) beats(o run) bool {
	switch {
	case r.window.priority != o.window.priority:
		return r.window.priority > o.window.priority
	case r.window.narrow != o.window.narrow:
		return r.window.narrow > o.window.narrow
	case !r.started.Equal(o.started):
		return r.started.After(o.started)
	default:
		return r.window.id < o.window.id
	}
}

// TestAgainstWalker compares three days around changes of clocks, minute by minute, for each zone.
func TestAgainstWalker(t *testing.T) {
	for seed, name := range playliststest.ZoneNames() {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewSource(int64(seed)))
			loc := location(t, name)
			for range 4 {
				change := someChange(r, loc)
				windows := randomWindows(r, change.In(loc))
				p := programmeOf(t, hospitalOf(name, windows, change.In(loc).Format(time.DateOnly)), "bed")
				compareWalk(t, p, &walker{loc: loc, windows: windows}, change)
			}
		})
	}
}

// someChange is a change of the zone's clocks between 2000 and 2060, or just some day.
func someChange(r *rand.Rand, loc *time.Location) time.Time {
	at := time.Date(2000+r.Intn(60), time.Month(1+r.Intn(12)), 1+r.Intn(28), 0, 0, 0, 0, time.UTC)
	if _, end := at.In(loc).ZoneBounds(); !end.IsZero() && end.Year() < 2070 {
		return end.UTC()
	}
	return at
}

func randomWindows(r *rand.Rand, near time.Time) []walked {
	var windows []walked
	for i := range 6 {
		w := walked{
			id: playlists.WindowID(fmt.Sprintf("w%d", i)), hour: r.Intn(24), minute: r.Intn(60), length: int64(1 + r.Intn(600)),
			priority: r.Intn(2), narrow: r.Intn(2), weekdays: map[time.Weekday]bool{},
		}
		if i < 3 { // beside the change
			w.hour, w.length = (near.Hour()+22+r.Intn(4))%24, int64(1+r.Intn(150))
		}
		for d := time.Sunday; d <= time.Saturday; d++ {
			w.weekdays[d] = i < 3 || r.Intn(2) == 0
		}
		if i == 4 {
			w.closed = near.Format(time.DateOnly)
		}
		if i == 5 {
			w.length = int64(1 + r.Intn(7*24*60))
		}
		windows = append(windows, w)
	}
	return windows
}

// hospitalOf says the windows in documents.
func hospitalOf(zone string, windows []walked, closed string) *playlists.Hospital {
	var documents []playlists.Window
	for _, w := range windows {
		days := ""
		for d := time.Sunday; d <= time.Saturday; d++ {
			if w.weekdays[d] {
				days += fmt.Sprintf(",%d", int(d))
			}
		}
		if days == "" {
			continue
		}
		end := w.hour*60 + w.minute + int(w.length)
		doc := playlists.Window{
			ID: w.id, Name: string(w.id), Playlist: playlists.PlaylistID(w.id), Start: fmt.Sprintf("%d %d * * %s", w.minute, w.hour, days[1:]),
			End:     playlists.LocalEnd{Days: end / (24 * 60), Clock: playlists.Clock(end % (24 * 60))},
			Targets: []playlists.Target{{All: true}}, Priority: w.priority,
		}
		if w.narrow == 1 {
			doc.Targets = []playlists.Target{{Department: "ward"}}
		}
		if w.closed != "" {
			doc.Closures = []playlists.ClosureID{"closed"}
		}
		documents = append(documents, doc)
	}
	h := ward(zone, documents...)
	d, err := playlists.ParseDate(closed)
	if err != nil {
		panic(err)
	}
	h.Closures["closed"] = playlists.Closure{ID: "closed", Name: "Closed", Dates: []playlists.Date{d}}
	return h
}

func compareWalk(t *testing.T, p *playlists.Programme, w *walker, change time.Time) {
	t.Helper()
	now := change.Truncate(time.Minute).Add(-10 * 24 * time.Hour) // long enough for what runs a week
	w.reached = wallMinute(now.In(w.loc))
	cursor := p.Cursor()
	for ; now.Before(change.Add(36 * time.Hour)); now = now.Add(time.Minute) {
		w.tick(now)
		if now.Before(change.Add(-36 * time.Hour)) {
			continue
		}
		f := cursor.At(now)
		got := string(f.Source)
		if f.Source == playlists.FromWindow {
			got = string(f.Window)
		}
		if want := w.winner(); got != want {
			t.Fatalf("at %s (%s): got %s, want %s", now.Format(time.RFC3339), now.In(w.loc), got, want)
		}
	}
}
