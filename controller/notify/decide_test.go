package notify

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"anteroom/playlists"
)

var eight = time.Date(2026, time.November, 23, 8, 0, 0, 0, time.UTC)

// ward is a place with screens that may fail. Screens a and b are in Cardiology, c in Paediatrics, at one site;
// z is alone at another.
type ward struct {
	now    time.Time
	told   Told
	out    map[string]Trouble
	since  map[string]time.Time
	closed map[playlists.DepartmentID]bool
	opened time.Time
	alarms []string
	due    []Due
	said   []string
}

func newWard() *ward {
	return &ward{now: eight, opened: eight, out: map[string]Trouble{}, since: map[string]time.Time{}, closed: map[playlists.DepartmentID]bool{}}
}

func (w *ward) look() *Look {
	l := &Look{At: w.now, Open: map[playlists.DepartmentID]time.Time{}, Due: w.due}
	for _, d := range []playlists.DepartmentID{"cardiology", "paediatrics", "eyes"} {
		if !w.closed[d] {
			l.Open[d] = w.opened
		}
	}
	for _, s := range []Screen{
		{ID: "a", Department: "cardiology", Site: "main"},
		{ID: "b", Department: "cardiology", Site: "main"},
		{ID: "c", Department: "paediatrics", Site: "main"},
		{ID: "z", Department: "eyes", Site: "west"},
	} {
		id := string(s.ID)
		s.Player, s.Trouble, s.Since = playlists.PlayerID("player-"+id), w.out[id], w.since[id]
		if id == "a" {
			s.Alarms = w.alarms
		}
		l.Screens = append(l.Screens, s)
	}
	return l
}

func (w *ward) step() []Message {
	told, messages := Decide(w.told, w.look())
	// Between two looks a controller may end and start: what it knows then is what was written.
	written, err := json.Marshal(told)
	w.told = Told{}
	if err = errors.Join(err, json.Unmarshal(written, &w.told)); err != nil {
		panic(err)
	}
	for _, m := range messages {
		line := fmt.Sprintf("%s %s", m.At.Format("15:04"), m.Kind)
		for _, s := range m.Screens {
			line += " " + string(s)
		}
		for _, due := range m.Due {
			line += " " + string(due.Item)
		}
		w.said = append(w.said, line+" to "+fmt.Sprint(m.Departments))
	}
	return messages
}

// pass lets minutes pass, looking at each.
func (w *ward) pass(minutes int) {
	for range minutes {
		w.now = w.now.Add(time.Minute)
		w.step()
	}
}

func (w *ward) fail(t Trouble, screens ...string) {
	for _, s := range screens {
		w.out[s], w.since[s] = t, w.now
	}
}

func TestWhoIsToldWhat(t *testing.T) {
	for _, c := range []struct {
		name string
		day  func(w *ward)
		want string
	}{
		{"all is well", func(w *ward) { w.pass(120) }, ""},
		{"nine minutes", func(w *ward) { w.fail(Unheard, "a"); w.pass(9); w.fail(Well, "a"); w.pass(60) }, ""},
		{
			"once, and once when it is over", func(w *ward) { w.fail(NoPicture, "a"); w.pass(90); w.fail(Well, "a"); w.pass(30) },
			"08:10 screen-out a to [cardiology]; 09:31 screen-well a to [cardiology]",
		},
		{
			"no picture, then not heard, is one", func(w *ward) { w.fail(NoPicture, "a"); w.pass(20); w.fail(Unheard, "a"); w.pass(60) },
			"08:10 screen-out a to [cardiology]",
		},
		{
			"again after it was over", func(w *ward) {
				w.fail(Unheard, "a")
				w.pass(15)
				w.fail(Well, "a")
				w.pass(5)
				w.fail(Unheard, "a")
				w.pass(15)
			},
			"08:10 screen-out a to [cardiology]; 08:16 screen-well a to [cardiology]; 08:30 screen-out a to [cardiology]",
		},
		{"at night", func(w *ward) { w.closed["cardiology"] = true; w.fail(Unheard, "a"); w.pass(300) }, ""},
		{"since the night, ten minutes after the doors open", func(w *ward) {
			w.closed["cardiology"] = true
			w.fail(Unheard, "a")
			w.pass(60)
			w.closed["cardiology"], w.opened = false, w.now
			w.pass(30)
		}, "09:10 screen-out a to [cardiology]"},
		{"over in the night, told in the morning", func(w *ward) {
			w.fail(Unheard, "a")
			w.pass(15)
			w.closed["cardiology"] = true
			w.pass(5)
			w.fail(Well, "a")
			w.pass(60)
			w.closed["cardiology"], w.opened = false, w.now
			w.pass(5)
		}, "08:10 screen-out a to [cardiology]; 09:21 screen-well a to [cardiology]"},
		{"the whole site, one message", func(w *ward) { w.fail(Unheard, "a", "b", "c"); w.pass(60) }, "08:10 site-out a b c to [cardiology paediatrics]"},
		{"the whole site, one after the other", func(w *ward) {
			w.fail(Unheard, "a")
			w.pass(1)
			w.fail(Unheard, "b")
			w.pass(1)
			w.fail(Unheard, "c")
			w.pass(60)
		}, "08:10 site-out a b c to [cardiology paediatrics]"},
		{
			"the whole site and well again", func(w *ward) { w.fail(Unheard, "a", "b", "c"); w.pass(30); w.fail(Well, "a", "b", "c"); w.pass(30) },
			"08:10 site-out a b c to [cardiology paediatrics]; 08:31 site-well to [cardiology paediatrics]",
		},
		{
			"well again but for one", func(w *ward) {
				w.fail(Unheard, "a", "b", "c")
				w.pass(30)
				w.fail(Well, "a", "b")
				w.pass(30)
				w.fail(Well, "c")
				w.pass(5)
			},
			"08:10 site-out a b c to [cardiology paediatrics]; 08:41 site-well c to [cardiology paediatrics]; 09:01 screen-well c to [paediatrics]",
		},
		{
			"one before the site", func(w *ward) {
				w.fail(NoPicture, "a")
				w.pass(15)
				w.fail(Unheard, "b", "c")
				w.pass(15)
				w.fail(Well, "a", "b", "c")
				w.pass(5)
			},
			"08:10 screen-out a to [cardiology]; 08:25 site-out a b c to [cardiology paediatrics]; 08:31 site-well to [cardiology paediatrics]; 08:31 screen-well a to [cardiology]",
		},
		{"two of three", func(w *ward) { w.fail(Unheard, "a", "b"); w.pass(15) }, "08:10 screen-out a to [cardiology]; 08:10 screen-out b to [cardiology]"},
		{"a site of one screen", func(w *ward) { w.fail(Unheard, "z"); w.pass(15) }, "08:10 screen-out z to [eyes]"},
		{"only the open ones count", func(w *ward) { w.closed["paediatrics"] = true; w.fail(Unheard, "a", "b"); w.pass(15) }, "08:10 site-out a b to [cardiology]"},
		{"an alarm once", func(w *ward) { w.alarms = []string{"Two machines"}; w.pass(60) }, "08:01 alarm a to [cardiology]"},
		{"an alarm of the night in the morning", func(w *ward) {
			w.alarms, w.closed["cardiology"] = []string{"Two machines"}, true
			w.pass(10)
			w.closed["cardiology"] = false
			w.pass(10)
		}, "08:11 alarm a to [cardiology]"},
		{"what runs out of date, once to each", func(w *ward) {
			w.due = []Due{{playlists.Due{Item: "flu", Field: "review_by"}, []playlists.DepartmentID{"cardiology", "eyes"}}, {playlists.Due{Item: "heart", Field: "until"}, one(playlists.DepartmentID("cardiology"))}}
			w.pass(60)
			w.due = append(w.due, Due{playlists.Due{Item: "late", Field: "until"}, one(playlists.DepartmentID("eyes"))})
			w.pass(60)
		}, "08:01 items-due flu heart to [cardiology]; 08:01 items-due flu to [eyes]; 09:01 items-due late to [eyes]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWard()
			c.day(w)
			if diff := cmp.Diff(c.want, strings.Join(w.said, "; ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever fails and whenever it opens: nobody is told while they are closed, of no outage twice, and of each end.
func TestNeverTwiceAndAlwaysTheEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWard()
		down := map[playlists.ScreenID]bool{} // as its contacts know it, by messages of its own or of its site
		site := false
		check := func(m Message) {
			for _, d := range m.Departments {
				if w.closed[d] {
					t.Fatalf("%s is told at %v, and is closed", d, m.At)
				}
			}
			switch m.Kind {
			case Alarmed, ItemsDue, Test:
			case ScreenOut, ScreenWell:
				if down[m.Screens[0]] == (m.Kind == ScreenOut) {
					t.Fatalf("%v says %s of %s, which was known: %v", m.At, m.Kind, m.Screens[0], w.said)
				}
				down[m.Screens[0]] = m.Kind == ScreenOut
			case SiteOut:
				if site {
					t.Fatalf("%v says again that the site is down: %v", m.At, w.said)
				}
				site = true
			case SiteWell:
				if !site {
					t.Fatalf("%v says that a site is well which was: %v", m.At, w.said)
				}
				site = false
				for _, s := range m.Screens {
					down[s] = true
				}
			}
		}
		run := func(minutes int) {
			for range minutes {
				w.now = w.now.Add(time.Minute)
				for _, m := range w.step() {
					check(m)
				}
			}
		}
		for range rapid.IntRange(1, 25).Draw(t, "events") {
			switch rapid.IntRange(0, 2).Draw(t, "event") {
			case 0:
				w.fail(rapid.SampledFrom([]Trouble{NoPicture, Unheard}).Draw(t, "trouble"), rapid.SampledFrom([]string{"a", "b", "c", "z"}).Draw(t, "screen"))
			case 1:
				w.fail(Well, rapid.SampledFrom([]string{"a", "b", "c", "z"}).Draw(t, "screen"))
			default:
				d := rapid.SampledFrom([]playlists.DepartmentID{"cardiology", "paediatrics", "eyes"}).Draw(t, "department")
				w.closed[d] = !w.closed[d]
			}
			run(rapid.IntRange(0, 15).Draw(t, "minutes"))
		}
		clear(w.closed)
		w.fail(Well, "a", "b", "c", "z")
		run(30)
		for s, is := range down {
			if is {
				t.Fatalf("nobody is told that %s is well: %v", s, w.said)
			}
		}
		if site || len(w.told.Screens)+len(w.told.Sites) > 0 {
			t.Fatalf("all is well, and %+v is still told of: %v", w.told, w.said)
		}
		before := len(w.said)
		run(60)
		if len(w.said) != before {
			t.Fatalf("all is well, and yet: %v", w.said[before:])
		}
	})
}

func TestWhatIsGoneIsForgotten(t *testing.T) {
	w := newWard()
	w.fail(Unheard, "a", "b", "c", "z")
	w.alarms = []string{"Two machines"}
	w.pass(15)
	told, messages := Decide(w.told, &Look{At: w.now, Open: w.look().Open})
	if len(messages) > 0 || len(told.Screens)+len(told.Sites)+len(told.Alarms) > 0 {
		t.Errorf("of screens that are gone it says %v and keeps %+v", messages, told)
	}
	if !slices.Contains(w.said, "08:10 screen-out z to [eyes]") {
		t.Errorf("said %v", w.said)
	}
}
