package voice_test

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

func (p *phone) ask(vote, topic string) (said string) {
	return p.post("/"+p.room.code(), url.Values{"ballot": {vote}, "topic": {topic}, "lang": {p.language}})
}

func TestABallotCountsOnce(t *testing.T) {
	r := newRoom(t)
	p := r.phone(patients, "en")
	_, page := p.get("/" + r.code())
	vote := ballot(page)
	if said := p.ask(vote, "flu"); said != "asked" {
		t.Fatalf("said %q", said)
	}
	for range 50 {
		if said := p.ask(vote, "flu"); said != "late" {
			t.Fatalf("a used ballot: %q", said)
		}
	}
	if said := p.post("/"+r.code()+"/flu-shot", url.Values{"ballot": {vote}, "helpful": {"yes"}}); said != "late" {
		t.Errorf("a used ballot elsewhere: %q", said)
	}
	r.wantCounts(map[string]int64{"hand-off en": 1, "asked flu en": 1})
}

func TestBallotsThatWereNotGivenCountNothing(t *testing.T) {
	r := newRoom(t)
	p := r.phone(patients, "en")
	_, page := p.get("/" + r.code())
	for _, forged := range []string{"", "0", "00000000000000000000000000000000", ballot(page)[1:] + "0", ballot(page) + "0"} {
		if said := p.ask(forged, "flu"); said != "late" {
			t.Errorf("%q: said %q", forged, said)
		}
	}
	if n := r.of(store.Asked); n != 0 {
		t.Errorf("%d were counted", n)
	}
}

func TestABallotIsOfItsCode(t *testing.T) {
	r := newRoom(t)
	p := r.phone(patients, "en")
	_, page := p.get("/" + r.code())
	vote := ballot(page)
	r.at = r.at.Add(playlists.HandOffWindow)
	if said := p.ask(vote, "flu"); said != "late" {
		t.Errorf("under the next code: %q", said)
	}
	r.at = r.at.Add(-playlists.HandOffWindow)
	if said := p.ask(vote, "flu"); said != "asked" {
		t.Errorf("under its own: %q", said)
	}
}

// TestOldCodesCountNothing replays a page of this morning.
func TestOldCodesCountNothing(t *testing.T) {
	r := newRoom(t)
	p, code := r.phone(patients, "en"), r.code()
	_, page := p.get("/" + code)
	before := r.counts()
	r.at = r.at.Add((playlists.HandOffGrace + 1) * playlists.HandOffWindow)
	if said := p.post("/"+code, url.Values{"ballot": {ballot(page)}, "topic": {"flu"}}); said != "404" {
		t.Errorf("an old code: %q", said)
	}
	if status, page := p.get("/" + code); status != http.StatusNotFound || ballot(page) != "" {
		t.Errorf("%d, with a ballot: %q", status, ballot(page))
	}
	r.wantCounts(before)
}

// TestFloodsOfPages loads pages of one code from very many networks.
func TestFloodsOfPages(t *testing.T) {
	r := newRoom(t)
	given := 0
	for n := range 500 {
		_, page := r.phone(fmt.Sprintf("10.%d.%d.1:1", n/250, n%250), "en").get("/" + r.code())
		if ballot(page) != "" {
			given++
		}
	}
	if given != 20 || r.of(store.HandOffs) != 20 {
		t.Errorf("%d ballots, %d hand-offs; want 20 a code and window", given, r.of(store.HandOffs))
	}
	r.at = r.at.Add(playlists.HandOffWindow)
	if _, page := r.phone(patients, "en").get("/" + r.code()); ballot(page) == "" {
		t.Error("the next code has no ballots")
	}
}

// TestOneNetworkDoesNotTakeAllBallots leaves some of a code's to everybody else.
func TestOneNetworkDoesNotTakeAllBallots(t *testing.T) {
	r := newRoom(t)
	for range 100 {
		r.phone(patients, "en").get("/" + r.code())
	}
	if _, page := r.phone("198.51.100.1:1", "en").get("/" + r.code()); ballot(page) == "" {
		t.Error("nothing is left for another network")
	}
}

// TestOneNetworkNeverMakesAFigure has a script answer all week with good codes and fresh ballots, from all over a network,
// in all languages.
func TestOneNetworkNeverMakesAFigure(t *testing.T) {
	for name, address := range map[string]func(n int) string{
		"IPv4":             func(n int) string { return fmt.Sprintf("203.0.113.%d:%d", n%256, 1000+n) },
		"IPv6":             func(n int) string { return fmt.Sprintf("[2001:db8:7:%x::%x]:9", n, n*7) },
		"IPv4 within IPv6": func(n int) string { return fmt.Sprintf("[::ffff:203.0.113.%d]:9", n%256) },
		"no address":       func(n int) string { return fmt.Sprint("not an address ", n) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			for n := range 300 {
				p := r.phone(address(n), []string{"en", "es", "vi", "ar"}[n%4])
				_, page := p.get("/" + r.code())
				p.ask(ballot(page), "flu")
				_, page = p.get("/" + r.code() + "/flu-shot")
				p.post("/"+r.code()+"/flu-shot", url.Values{"ballot": {ballot(page)}, "helpful": {[]string{"yes", "no"}[n%2]}})
				r.at = r.at.Add(playlists.HandOffWindow)
			}
			if n := r.of(store.Asked); n == 0 || n >= 11 {
				t.Errorf("asked %d times", n)
			}
			if n := r.of(store.HandOffs); n >= 11 {
				t.Errorf("opened %d times", n)
			}
			if n := r.of(store.Helpful); n >= 11 {
				t.Errorf("answered %d times", n)
			}
		})
	}
}

func TestPeopleOfManyNetworksAreCounted(t *testing.T) {
	r := newRoom(t)
	for n := range 60 {
		p := r.phone(fmt.Sprintf("198.51.%d.1:1", n), "en")
		_, page := p.get("/" + r.code())
		p.ask(ballot(page), "flu")
		r.at = r.at.Add(time.Minute)
	}
	if n := r.counts()["asked flu en"]; n != 60 {
		t.Errorf("%d of 60 were counted", n)
	}
}

func TestWhatNobodyMayAskForIsRefused(t *testing.T) {
	r := newRoom(t)
	p := r.phone(patients, "en")
	for _, topic := range []string{"surgery", "not-in-the-tree", "", "<script>"} {
		_, page := p.get("/" + r.code())
		if said := p.ask(ballot(page), topic); said != "404" {
			t.Errorf("%q: said %q", topic, said)
		}
	}
	if n := r.of(store.Asked); n != 0 {
		t.Errorf("%d were counted", n)
	}
}

// TestWhatNobodyReadIsNotCounted is of pages that a phone, or a service that shows where a link leads, fetched ahead.
func TestWhatNobodyReadIsNotCounted(t *testing.T) {
	r := newRoom(t)
	response := r.phone(patients, "en").do(http.MethodHead, "/"+r.code(), nil)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("%d", response.StatusCode)
	}
	r.wantCounts(map[string]int64{})
}

// TestManyAtOnce has phones open, answer and flush at the same time; what is written is what was said.
func TestManyAtOnce(t *testing.T) {
	r := newRoom(t)
	var all sync.WaitGroup
	said := make(chan string, 100)
	for n := range 20 {
		all.Go(func() {
			p := r.phone(fmt.Sprintf("198.51.%d.1:1", n), "en")
			_, page := p.get("/" + r.code())
			vote := ballot(page)
			for range 5 {
				said <- p.ask(vote, "flu")
			}
			if err := r.Flush(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	close(said)
	counted := int64(0)
	for s := range said {
		if s == "asked" {
			counted++
		}
	}
	if counted != 20 || r.counts()["asked flu en"] != 20 {
		t.Errorf("%d were thanked, and %v counted", counted, r.counts())
	}
}
