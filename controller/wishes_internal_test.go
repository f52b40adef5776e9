package controller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/controllertest"
	"anteroom/controller/publish"
	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// weeksOfWishes is how long patients wish: a month, and the week that shows that it goes no further.
const weeksOfWishes = 5

// wish is what a patient would like to know, and what the phone says about languages.
type wish struct {
	topic    playlists.Topic
	language playlists.Language
}

// wishes are those of a week, whom nobody but the test knows: most ask for the heart, in Spanish; fewer for what the library
// does not have; and eight, who are too few, for tablets. They come in turns.
func wishes() []wish {
	often := map[wish]int{{"heart", "es"}: 48, {"heart", "en"}: 12, {"sleep", "en"}: 18, {"tablets", "en"}: 8}
	var all []wish
	for n := range 48 {
		for _, w := range []wish{{"heart", "es"}, {"heart", "en"}, {"sleep", "en"}, {"tablets", "en"}} {
			if n < often[w] {
				all = append(all, w)
			}
		}
	}
	return all
}

// TestAMonthOfWishes has patients wish by their phones' pages for weeks, and attackers try to; every hour the controller looks
// what was wished. What was counted, what is followed and what is on the wall is known beforehand: the loop moves towards the
// patients' wishes up to the bound that staff set, and not beyond, and towards those of attackers not at all.
func TestAMonthOfWishes(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := openWaitingRoom(t, dir)
		var hearts, spanish []int
		for week := range weeksOfWishes {
			for n, w := range wishes() {
				time.Sleep(time.Until(h.monday.AddDate(0, 0, 7*week).Add(time.Duration(n) * 100 * time.Minute)))
				if n == 20 { // Tuesday: the last week is over everywhere, and was looked at
					heart, es := h.share()
					hearts, spanish = append(hearts, heart), append(spanish, es)
				}
				h.patient(w, n)
				if n%12 == 0 {
					h.attack()
				}
			}
		}
		time.Sleep(time.Until(h.monday.AddDate(0, 0, 7*weeksOfWishes+1)))
		heart, es := h.share()
		hearts, spanish = append(hearts, heart), append(spanish, es)
		// Of 100 turns staff give the heart 20. A step is five of them; it is given for each ten percent of the wishes, which
		// come to five a week. The second step would make 28, above the ceiling.
		if want := []int{20, 20, 24, 24, 24, 24}; !slices.Equal(hearts, want) {
			t.Errorf("of 100 turns the heart has %v, week by week, want %v", hearts, want)
		}
		// Staff give Spanish four of twelve turns, and let two move.
		if want := []int{4, 5, 6, 6, 6, 6}; !slices.Equal(spanish, want) {
			t.Errorf("of 12 turns Spanish has %v, week by week, want %v", spanish, want)
		}
		h.followed()
		h.stop()
		h.counted(filepath.Join(dir, storeDir))
	})
}

// waitingRoom is a controller, and what patients did before its screens.
type waitingRoom struct {
	*Controller

	t      *testing.T
	monday time.Time // of the first week, where it begins there
	phones http.Handler
	stop   func()
	people int
	// truth is what was done that counts, of a week.
	truth map[store.CountKey]int64
	// untouched is the generation of the screen that only attackers visit.
	untouched uint64
	used      string // a ballot
}

func openWaitingRoom(t *testing.T, dir string) *waitingRoom {
	t.Helper()
	o, err := New(t.Context(), Config{
		Data: dir, Listener: controllertest.NewNetwork(), URL: "http://controller", PublicURL: "http://phones", PublicListener: controllertest.NewNetwork(),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Zones: playliststest.Zones, Fonts: nil,
		Probe: func(context.Context, string) error { return nil }, PasswordCost: access.Cost{KiB: 64, Passes: 1, Lanes: 1}, NoSync: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	h := &waitingRoom{Controller: o, t: t, phones: o.proxies.behind(o.voice), truth: map[store.CountKey]int64{}}
	h.enter()
	if _, err := o.publish.Publish(t.Context(), publish.Order{Departments: []playlists.DepartmentID{"cardiology", "paediatrics"}, By: "ada"}); err != nil {
		t.Fatal(err)
	}
	h.untouched = h.manifest(playliststest.Paediatrics).Head.Generation
	h.monday = playliststest.NewYork(t, "2000-01-03 00:00")
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- o.Run(ctx) }()
	h.stop = sync.OnceFunc(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the controller ended: %v", err)
		}
	})
	t.Cleanup(h.stop)
	return h
}

// enter writes two departments that follow demand by themselves, within bounds.
func (h *waitingRoom) enter() {
	h.t.Helper()
	s := playliststest.Hospital()
	for id, topic := range map[playlists.ItemID]playlists.Topic{"chest-pain-signs": "heart", "taking-your-tablets": "tablets", "know-your-numbers": "stress", "visiting-hours": "heart"} {
		item := s.Items[id]
		item.Topics, item.HandOff = []playlists.Topic{topic}, true
		s.Items[id] = item
	}
	for _, id := range []playlists.PlaylistID{"cardiology-day", "calm"} {
		list := s.Playlists[id]
		list.Demand = &playlists.DemandShare{Percent: 50, Floor: 5, Ceiling: 25}
		s.Playlists[id] = list
	}
	for _, id := range []playlists.DepartmentID{"cardiology", "paediatrics"} {
		d := s.Departments[id]
		d.Demand = &playlists.DemandRules{Mode: playlists.DemandAutomatic, LanguageTwelfths: 2}
		d.Ask = []playlists.Topic{"heart", "tablets", "stress", "sleep"}
		d.Closed = ""
		s.Departments[id] = d
	}
	topics := map[playlists.Topic]playlists.TopicEntry{}
	for _, id := range []playlists.Topic{"heart", "tablets", "stress", "sleep"} {
		topics[id] = playlists.TopicEntry{ID: id, Names: map[playlists.Language]string{"en": string(id)}}
	}
	err := h.store.Update(h.t.Context(), func(tx store.Tx) error {
		return errors.Join(
			put(tx, "site", s.Sites), put(tx, "department", s.Departments), put(tx, "screen", s.Screens), put(tx, "item", s.Items), put(tx, "playlist", s.Playlists),
			put(tx, "layout", s.Layouts), put(tx, "window", s.Windows), put(tx, "closure", s.Closures), put(tx, "topic", topics),
		)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func put[K ~string, T any](tx store.Tx, kind store.Kind, all map[K]T) error {
	for id, doc := range all {
		body, err := json.Marshal(doc)
		if err != nil {
			return err
		}
		if _, err := tx.Put(kind, string(id), 0, "ada", body); err != nil {
			return err
		}
	}
	return nil
}

func (h *waitingRoom) manifest(s playlists.ScreenID) *playlists.Manifest {
	h.t.Helper()
	m, err := h.publish.Current(s)
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

// code is what the screen shows at a time, by the head that it has.
func (h *waitingRoom) code(s playlists.ScreenID, at time.Time) string {
	return "/" + h.manifest(s).Head.HandOff.Code(at)
}

// patientsPhone is somebody's phone, in a network.
type patientsPhone struct {
	h        *waitingRoom
	network  string
	language playlists.Language
}

func (p *patientsPhone) ask(method, path string, form url.Values) (status int, to, page string) {
	p.h.t.Helper()
	q := httptest.NewRequestWithContext(p.h.t.Context(), method, path, strings.NewReader(form.Encode()))
	q.RemoteAddr = "192.0.2.1:443" // of the proxy
	q.Header.Set("X-Forwarded-For", p.network)
	q.Header.Set("Accept-Language", string(p.language))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	p.h.phones.ServeHTTP(w, q)
	return w.Code, w.Header().Get("Location"), w.Body.String()
}

var ballotOnPage = regexp.MustCompile(`name="ballot" value="([0-9a-f]+)"`)

// open opens a page, and gives its ballot; empty if it has none.
func (p *patientsPhone) open(path string) string {
	p.h.t.Helper()
	status, _, page := p.ask(http.MethodGet, path, nil)
	found := ballotOnPage.FindStringSubmatch(page)
	if status != http.StatusOK || found == nil {
		return ""
	}
	return found[1]
}

// says posts a form, and reports whether somebody was thanked for it.
func (p *patientsPhone) says(path, ballot string, form url.Values) bool {
	p.h.t.Helper()
	form.Set("ballot", ballot)
	form.Set("lang", string(p.language))
	status, to, _ := p.ask(http.MethodPost, path, form)
	return status == http.StatusSeeOther && !strings.HasSuffix(to, "said=late")
}

// patient scans the code, wishes, and now and then reads something and says that it helped.
func (h *waitingRoom) patient(w wish, n int) {
	h.t.Helper()
	h.people++
	p := &patientsPhone{h, fmt.Sprintf("10.%d.%d.7", h.people>>8, h.people&255), w.language}
	code := h.code(playliststest.CardiologyDoor, time.Now())
	h.did(store.HandOffs, "", w.language)
	ballot := p.open(code)
	if !p.says(code, ballot, url.Values{"topic": {string(w.topic)}}) {
		h.t.Fatalf("patient %d was not heard", h.people)
	}
	h.did(store.Asked, string(w.topic), w.language)
	h.used = ballot
	if n%3 == 0 {
		item := code + "/chest-pain-signs"
		ballot := p.open(item)
		if !p.says(item, ballot, url.Values{"helpful": {"yes"}}) {
			h.t.Fatalf("patient %d was not heard", h.people)
		}
		h.did(store.Reads, "chest-pain-signs", w.language)
		h.did(store.Helpful, "chest-pain-signs", w.language)
	}
}

func (h *waitingRoom) did(what store.Counted, of string, l playlists.Language) {
	h.truth[store.CountKey{Department: "cardiology", What: what, Of: of, Language: l}]++
}

// attack tries whatever a script can, to bring stress to the wall: votes without end from one network, ballots that others
// have used, ballots and codes that it makes up, and codes of before.
func (h *waitingRoom) attack() {
	h.t.Helper()
	now := time.Now()
	for _, screen := range []playlists.ScreenID{playliststest.CardiologyDoor, playliststest.Paediatrics} {
		p := &patientsPhone{h, "198.51.100.66", "en"}
		code, stress := h.code(screen, now), url.Values{"topic": {"stress"}}
		for n := range 60 { // each from another address of the network
			p.network = fmt.Sprintf("198.51.100.%d", n)
			p.says(code, p.open(code), stress)
		}
		for n := range 25 { // from everywhere
			p.network = fmt.Sprintf("100.64.%d.1", n)
			forged := fmt.Sprintf("%032x", n)
			if p.says(code, h.used, stress) || p.says(code, forged, stress) || p.says(code, "", stress) {
				h.t.Fatal("a ballot counted that is none")
			}
			guessed := "/" + playlists.HandOffKey{byte(n)}.Code(now)
			if p.says(guessed, h.used, stress) || p.open(guessed) != "" {
				h.t.Fatal("a code counted that no screen shows")
			}
		}
		if old := h.code(screen, now.Add(-(playlists.HandOffGrace+1)*playlists.HandOffWindow)); p.open(old) != "" {
			h.t.Fatal("a code counted that no screen shows any more")
		}
	}
}

// share is what is on the wall in Cardiology by day: turns of the heart of a hundred, and of Spanish of twelve.
func (h *waitingRoom) share() (heart, spanish int) {
	h.t.Helper()
	m := h.manifest(playliststest.CardiologyDoor)
	for _, l := range m.Body.Loops {
		if l.Playlist != "cardiology-day" {
			continue
		}
		inSpanish, inBoth := 0, 0
		for _, e := range l.Order {
			s := m.Body.Showings[l.Entries[e].Showing]
			if s.Item == "chest-pain-signs" {
				heart++
			}
			if s.Item != "taking-your-tablets" { // which is there in English alone
				inBoth++
				if s.Language == "es" {
					inSpanish++
				}
			}
		}
		if inSpanish*12%inBoth != 0 {
			h.t.Errorf("of %d turns %d are in Spanish, which is no number of twelfths", inBoth, inSpanish)
		}
		return heart * 100 / len(l.Order), inSpanish * 12 / inBoth
	}
	h.t.Fatal("the day's loop is gone")
	return 0, 0
}

// followed holds what the department follows against the wishes, and that nobody has moved the other.
func (h *waitingRoom) followed() {
	h.t.Helper()
	got := h.publish.DemandInForce("cardiology")
	topics := []playlists.TopicDemand{{Topic: "heart", Asked: 4 * 60, Percent: 25}, {Topic: "sleep", Asked: 4 * 18, Percent: 20}}
	languages := []playlists.LanguageDemand{{Language: "en", Asked: 4 * 30, Twelfths: -2}, {Language: "es", Asked: 4 * 48, Twelfths: 2}}
	if !slices.Equal(got.Topics, topics) || !slices.Equal(got.Languages, languages) {
		h.t.Errorf("followed are %v and %v, want %v and %v", got.Topics, got.Languages, topics, languages)
	}
	if now := h.manifest(playliststest.Paediatrics).Head.Generation; now != h.untouched {
		h.t.Errorf("attackers alone have moved a wall from generation %d to %d", h.untouched, now)
	}
}

// counted holds what was counted against what patients did, and what a network may add at most against what attackers tried.
func (h *waitingRoom) counted(dir string) {
	h.t.Helper()
	want := map[store.CountKey]int64{}
	for week := range weeksOfWishes {
		y, m, d := h.monday.AddDate(0, 0, 7*week).Date()
		monday := playlists.Date{Year: y, Month: m, Day: d}
		for k, n := range h.truth {
			k.Week = monday
			want[k] = n / weeksOfWishes
		}
		for _, department := range []playlists.DepartmentID{"cardiology", "paediatrics"} {
			for what, of := range map[store.Counted]string{store.HandOffs: "", store.Asked: "stress"} {
				want[store.CountKey{Week: monday, Department: department, What: what, Of: of, Language: "en"}] += 10 // of one network
			}
		}
	}
	got := map[store.CountKey]int64{}
	for c, err := range openBolt(h.t, dir).Counts(context.Background(), playlists.Date{Year: 1999, Month: 12, Day: 27}, playlists.Date{Year: 2000, Month: 3, Day: 6}) {
		if err != nil {
			h.t.Fatal(err)
		}
		got[c.CountKey] = c.N
	}
	for k := range maps.Keys(want) {
		if got[k] != want[k] {
			h.t.Errorf("%v was counted %d times, want %d", k, got[k], want[k])
		}
	}
	if len(got) != len(want) {
		h.t.Errorf("%d things were counted, want %d: %v", len(got), len(want), got)
	}
}
