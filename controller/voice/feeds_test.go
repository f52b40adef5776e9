package voice_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/slide"
)

const reader = "192.0.2.7:99"

// feeds has items that may go to websites, and others that may not: too new, too old, sent nowhere, of another department, and
// changed since they were approved.
func (r *room) feeds() {
	r.t.Helper()
	everywhere := append(playlists.UsualPlatforms(), playlists.Feed)
	put := func(id playlists.ItemID, day int, edit func(*playlists.Item)) playlists.Item {
		item := approved(playlists.Item{ID: id, Title: string(id), Millis: 10_000, Platforms: everywhere})
		item.Approval.At = time.Date(2026, 11, day, 12, 0, 0, 0, time.UTC)
		edit(&item)
		r.put("item", string(id), item)
		return item
	}
	put("flu-shot", 20, func(i *playlists.Item) {
		i.Topics = []playlists.Topic{"flu"}
		i.Renditions = []playlists.Rendition{
			r.slide("en", slide.Slide{Template: slide.Steps, Title: "Your flu shot & you", Points: []string{"Roll up your <left> sleeve.", "Wait."}, Note: "Lakeside Hospital", Code: "https://medlineplus.gov/flu.html"}),
			r.slide("ar", slide.Slide{Template: slide.Steps, Title: "لقاح الإنفلونزا", Points: []string{"ارفع كمك."}}),
		}
	})
	put("lake", 21, func(i *playlists.Item) {
		i.Until = r.at.Add(time.Hour)
		i.Renditions = []playlists.Rendition{{Language: "en", Alt: "A lake at dawn", Variants: []playlists.Asset{{
			Digest: r.keep([]byte("picture")), Medium: playlists.Image, MediaType: "image/jpeg", Bytes: 7, Width: 1280, Height: 720,
		}}}}
	})
	feedOnly := func(i *playlists.Item) {
		i.Platforms = []playlists.Platform{playlists.Feed}
		i.Topics = []playlists.Topic{"sleep"}
		i.Renditions = []playlists.Rendition{r.slide("en", slide.Slide{Template: slide.Notice, Title: "Sleep well", Text: "Keep the room dark."})}
	}
	sleep := put("sleep-well", 22, feedOnly)
	sleep.Approval, sleep.Version = nil, 2
	sleep.Renditions = []playlists.Rendition{r.slide("en", slide.Slide{Template: slide.Notice, Title: secret})}
	r.put("item", "sleep-well", sleep)
	hidden := func(edit func(*playlists.Item)) func(*playlists.Item) {
		return func(i *playlists.Item) {
			feedOnly(i)
			i.Renditions = []playlists.Rendition{r.slide("en", slide.Slide{Template: slide.Notice, Title: secret})}
			edit(i)
		}
	}
	put("not-yet", 19, hidden(func(i *playlists.Item) { i.From = r.at.Add(48 * time.Hour) }))
	put("no-more", 19, hidden(func(i *playlists.Item) { i.Until = r.at }))
	put("surgery", 19, hidden(func(i *playlists.Item) { i.Topics = []playlists.Topic{"surgery"} }))
	put("in-house", 19, hidden(func(i *playlists.Item) { i.Platforms = nil }))
	put("late-today", 19, hidden(func(i *playlists.Item) { i.States = []playlists.State{playlists.Delay30} }))
	put("unseen", 19, hidden(func(i *playlists.Item) { i.Approval = nil }))
	r.put("organisation", "organisation", playlists.Organisation{Name: "Lakeside", Websites: []string{"https://www.lakeside.example"}})
}

// TestFeeds has a reader that knows both formats read them, in two languages.
func TestFeeds(t *testing.T) {
	r := newRoom(t)
	r.feeds()
	for _, format := range []string{"feed.json", "feed.rss"} {
		_, text := r.phone(reader, "en").get("/feeds/er/" + format)
		f, err := gofeed.NewParser().ParseString(text)
		if err != nil {
			t.Fatalf("%s: %v\n%s", format, err, text)
		}
		at := "https://tv.example.org/feeds/er/"
		if f.Title != "Emergency, Lakeside" || f.Language != "en" || f.FeedLink != at+format+"?lang=en" || f.Link != at+"embed.html?lang=en" {
			t.Errorf("%s: %q in %q at %s, beside %s", format, f.Title, f.Language, f.FeedLink, f.Link)
		}
		var titles []string
		for _, i := range f.Items {
			titles = append(titles, i.Title)
		}
		if want := []string{"Sleep well", "lake", "Your flu shot & you"}; !slices.Equal(titles, want) {
			t.Fatalf("%s: %q, want %q", format, titles, want)
		}
		lake, shot := f.Items[1], f.Items[2]
		if shot.Link != at+"flu-shot?lang=en" || shot.GUID != shot.Link || shot.PublishedParsed.Format(time.DateOnly) != "2026-11-20" || shot.Authors[0].Name != "Lakeside" || !slices.Equal(shot.Categories, []string{"flu"}) {
			t.Errorf("%s: %+v", format, shot)
		}
		for _, want := range []string{"<li>Roll up your &lt;left&gt; sleeve.</li>", "<p>Lakeside Hospital</p>", `<a href="https://medlineplus.gov/flu.html">medlineplus.gov</a>`} {
			if !strings.Contains(shot.Content, want) {
				t.Errorf("%s lacks %s: %s", format, want, shot.Content)
			}
		}
		if !strings.Contains(lake.Content, `<img src="`+at+`lake/`) || !strings.Contains(lake.Content, `alt="A lake at dawn"`) {
			t.Errorf("%s: a picture without a description: %s", format, lake.Content)
		}
		_, text = r.phone(reader, "fr, ar;q=0.8").get("/feeds/er/" + format)
		if f, err = gofeed.NewParser().ParseString(text); err != nil || f.Language != "ar" || f.Items[2].Title != "لقاح الإنفلونزا" || f.Items[0].Title != "Sleep well" {
			t.Errorf("%s in Arabic: %v, %v", format, err, f)
		}
		_, chosen := r.phone(reader, "en").get("/feeds/er/" + format + "?lang=ar")
		if chosen != text {
			t.Errorf("%s: what is chosen in the address does not win", format)
		}
	}
}

// TestWhatFeedsLeadTo opens what stands in the feed, without a code and without being asked for anything.
func TestWhatFeedsLeadTo(t *testing.T) {
	r := newRoom(t)
	r.feeds()
	p := r.phone(reader, "en")
	status, page := p.get("/feeds/er/flu-shot?lang=ar")
	if status != http.StatusOK || !strings.Contains(page, `<article lang="ar" dir="rtl">`) || strings.Contains(page, "<form") || !strings.Contains(page, `href="/feeds/er/embed.html?lang=ar"`) {
		t.Errorf("%d: %s", status, page)
	}
	_, page = p.get("/feeds/er/lake")
	_, picture, _ := strings.Cut(page, `<a href="/feeds/er/lake/`)
	picture, _, _ = strings.Cut(picture, `"`)
	for path, want := range map[string]int{
		"/feeds/er/lake/" + picture: 200, "/feeds/er/flu-shot/" + picture: 404, "/feeds/er/poster": 404, "/feeds/er/elsewhere": 404, "/feeds/er/flu-signs": 404,
		"/feeds/er/surgery": 404, "/feeds/er/not-yet": 404, "/feeds/er/no-more": 404, "/feeds/er/in-house": 404, "/feeds/er/unseen": 404, "/feeds/er/late-today": 404,
		"/feeds/nowhere/feed.json": 404, "/feeds/nowhere/embed.html": 404, "/feeds/er": 404, "/feeds/er/feed.atom": 404,
	} {
		if status, page := p.get(path); status != want || strings.Contains(page, secret) {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	r.at = r.at.Add(61 * time.Minute) // the lake holds no more
	if status, _ := p.get("/feeds/er/lake"); status != http.StatusNotFound {
		t.Errorf("what holds no more: %d", status)
	}
	if _, feed := p.get("/feeds/er/feed.json"); strings.Contains(feed, "lake") || strings.Contains(feed, secret) {
		t.Errorf("the feed has what holds no more, or what nobody may see: %s", feed)
	}
}

// TestWhoHasAFeedIsNotGivenItAgain by either of the two ways to ask, until there is something new.
func TestWhoHasAFeedIsNotGivenItAgain(t *testing.T) {
	r := newRoom(t)
	r.feeds()
	for _, path := range []string{"/feeds/er/feed.json", "/feeds/er/feed.rss", "/feeds/er/embed.html"} {
		t.Run(path, func(t *testing.T) {
			fresh := func(name, value string) (int, http.Header) {
				q, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
				q.Header.Set(name, value)
				q.RemoteAddr = reader
				return r.asked(q)
			}
			status, h := fresh("Accept", "*/*")
			if status != http.StatusOK || h.Get("Cache-Control") != "public, max-age=300" || h.Get("Vary") != "Accept-Language" || h.Values("Set-Cookie") != nil {
				t.Fatalf("%d: %v", status, h)
			}
			begin := r.at
			r.at = r.at.Add(2 * time.Minute) // it is read anew, and is the same
			for name, value := range map[string]string{"If-None-Match": h.Get("ETag"), "If-Modified-Since": h.Get("Last-Modified")} {
				if status, _ := fresh(name, value); status != http.StatusNotModified {
					t.Errorf("%s: %d", name, status)
				}
			}
			r.at = begin.Add(61 * time.Minute) // the lake holds no more
			for name, value := range map[string]string{"If-None-Match": h.Get("ETag"), "If-Modified-Since": h.Get("Last-Modified")} {
				if status, _ := fresh(name, value); status != http.StatusOK {
					t.Errorf("%s of what has changed: %d", name, status)
				}
			}
			r.at = begin
		})
	}
}

// TestReadsOfFeedsAreCounted by item and language, apart from those of phones; what was not given again is not counted, and
// one network counts no further than to ten.
func TestReadsOfFeedsAreCounted(t *testing.T) {
	r := newRoom(t)
	r.feeds()
	p := r.phone(reader, "ar")
	for range 3 {
		p.get("/feeds/er/feed.json")
	}
	response := p.do(http.MethodHead, "/feeds/er/feed.json", nil)
	_ = response.Body.Close()
	q, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "/feeds/er/feed.json?lang=ar", http.NoBody)
	q.Header.Set("If-None-Match", response.Header.Get("ETag"))
	q.RemoteAddr = reader
	if status, _ := r.asked(q); status != http.StatusNotModified {
		t.Errorf("%d", status)
	}
	p.get("/feeds/er/embed.html")
	want := map[string]int64{
		"feed-read sleep-well en": 3, "feed-read lake en": 3, "feed-read flu-shot ar": 3,
		"embed-read sleep-well en": 1, "embed-read lake en": 1, "embed-read flu-shot ar": 1,
	}
	r.wantCounts(want)
	for range 100 {
		p.get("/feeds/er/feed.rss")
	}
	for _, item := range []string{"sleep-well en", "lake en", "flu-shot ar"} {
		want["feed-read "+item] = 10
	}
	r.wantCounts(want)
	for n := range 5 { // phones of the same network are none the worse
		_, page := r.phone(fmt.Sprintf("192.0.2.%d:1", n), "en").get("/" + r.code())
		if said := p.ask(ballot(page), "flu"); said != "asked" {
			t.Errorf("said %q", said)
		}
	}
	if n := r.of(store.Asked); n != 5 {
		t.Errorf("%d of 5 wishes were counted", n)
	}
}

// TestOnlyChosenWebsitesFrameThePage and none of the others.
func TestOnlyChosenWebsitesFrameThePage(t *testing.T) {
	r := newRoom(t)
	r.feeds()
	policy := func(path string) (string, string) {
		response := r.phone(reader, "en").do(http.MethodGet, path, nil)
		_ = response.Body.Close()
		_, policy, _ := strings.Cut(response.Header.Get("Content-Security-Policy"), "frame-ancestors ")
		policy, _, _ = strings.Cut(policy, ";")
		return policy, response.Header.Get("X-Frame-Options")
	}
	for path, want := range map[string][2]string{
		"/feeds/er/embed.html": {"https://www.lakeside.example", ""}, "/feeds/er/flu-shot": {"'none'", "DENY"}, "/" + r.code(): {"'none'", "DENY"},
	} {
		if policy, old := policy(path); policy != want[0] || old != want[1] {
			t.Errorf("%s: %q and %q, want %q", path, policy, old, want)
		}
	}
	r.put("organisation", "organisation", playlists.Organisation{Name: "Lakeside"})
	r.at = r.at.Add(2 * time.Minute)
	if policy, old := policy("/feeds/er/embed.html"); policy != "'none'" || old != "DENY" {
		t.Errorf("nobody was chosen: %q and %q", policy, old)
	}
	_, page := r.phone(reader, "ar").get("/feeds/er/embed.html")
	for _, want := range []string{`<html lang="ar" dir="rtl">`, `<article lang="ar" dir="rtl">`, `alt="A lake at dawn"`, `target="_blank" rel="noopener"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s: %s", want, page)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "<form") {
		t.Errorf("the page has more than words and pictures: %s", page)
	}
}
