//go:build e2e

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"anteroom/cmd/demo/hospital"
	"anteroom/playlists"
)

// BenchmarkPhones prints how long the controller takes to answer patients' phones that ask 500 times a second for 30 s: the
// median, the 99th of a hundred and the longest of all answers, from when each was due, read whole. Six of ten requests are
// an item's page, two a screen's, one a file beside it, and one says what helped; each phone has a network of its own.
// ANTEROOM_ASKS_A_SECOND and ANTEROOM_SECONDS say how many and for how long.
func BenchmarkPhones(b *testing.B) {
	for b.Loop() {
		p := newPhones(b)
		p.load(setting(b, "ANTEROOM_ASKS_A_SECOND", 500), setting(b, "ANTEROOM_SECONDS", 30))
	}
}

// crowd are many phones before many screens of one department.
type crowd struct {
	b      *testing.B
	client *http.Client
	pages  []string // of screens
	votes  chan vote

	mu     sync.Mutex
	took   []time.Duration
	failed []string
	posts  int
}

// vote is a page's right to say once what helped.
type vote struct{ page, ballot string }

var ballotOf = regexp.MustCompile(`name="ballot" value="([0-9a-f]+)"`)

func newPhones(b *testing.B) *crowd {
	b.Helper()
	const screens = 300
	public := freeAddress(b)
	h := openBehind(b, func(h *house) {
		h.serve = []string{"--public-url", "http://" + public, "--public-listen", public, "--trusted-proxies", "127.0.0.1"}
	})
	h.must(hospital.Enter(b.Context(), h.api))
	for n := range screens {
		h.place(playlists.ScreenID(fmt.Sprintf("bed-%d", n)))
	}
	h.openNow()
	p := &crowd{b: b, client: &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 256},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, votes: make(chan vote, 100_000)}
	for n := range screens {
		p.pages = append(p.pages, h.code("http://"+public, playlists.ScreenID(fmt.Sprintf("bed-%d", n))))
	}
	return p
}

// load asks at its times, whether or not earlier answers have come.
func (p *crowd) load(perSecond, seconds int) {
	var all sync.WaitGroup
	began := time.Now()
	for n := range perSecond * seconds {
		due := began.Add(time.Duration(n) * time.Second / time.Duration(perSecond))
		time.Sleep(time.Until(due))
		all.Go(func() { p.ask(n, due) })
	}
	all.Wait()
	if len(p.failed) > 0 {
		p.b.Fatalf("%d requests failed, the first: %s", len(p.failed), p.failed[0])
	}
	slices.Sort(p.took)
	p.b.Logf("%d requests, %d of them answers about an item, %d a second for %v", len(p.took), p.posts, perSecond, time.Since(began).Round(time.Second))
	p.b.ReportMetric(millis(p.took[len(p.took)/2]), "ms-p50")
	p.b.ReportMetric(millis(p.took[len(p.took)*99/100-1]), "ms-p99")
	p.b.ReportMetric(millis(p.took[len(p.took)-1]), "ms-longest")
}

// ask is the n-th request.
func (p *crowd) ask(n int, due time.Time) {
	page := p.pages[n%len(p.pages)]
	item := page + "/" + []string{"vaccine-questions", "inhaler-steps", "child-fever"}[n%3]
	method, form := http.MethodGet, url.Values{}
	switch n % 10 {
	case 0, 1, 2, 3, 4, 5:
		page = item
	case 6:
		page = page[:strings.LastIndexByte(page, '/')] + "/voice.css"
	case 7:
		select {
		case v := <-p.votes:
			method, page, form = http.MethodPost, v.page, url.Values{"ballot": {v.ballot}, "helpful": {"yes"}, "lang": {"es"}}
		default: // the first pages are still on their way
		}
	}
	err := p.answer(n, method, page, form)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.took = append(p.took, time.Since(due))
	if method == http.MethodPost {
		p.posts++
	}
	if err != nil {
		p.failed = append(p.failed, err.Error())
	}
}

func (p *crowd) answer(n int, method, page string, form url.Values) error {
	r, err := http.NewRequestWithContext(p.b.Context(), method, page, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", []string{"en-US,en;q=0.9", "es-MX", "ar", "zh-CN"}[n%4])
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.9", n>>8&255, n&255))
	answer, err := p.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK && (method != http.MethodPost || answer.StatusCode != http.StatusSeeOther || !strings.HasSuffix(answer.Header.Get("Location"), "said=helpful")) {
		return fmt.Errorf("%s %s: %s to %s", method, page, answer.Status, answer.Header.Get("Location"))
	}
	if ballot := ballotOf.FindSubmatch(body); ballot != nil && strings.Count(page, "/") == 4 {
		p.votes <- vote{page, string(ballot[1])}
	}
	return nil
}
