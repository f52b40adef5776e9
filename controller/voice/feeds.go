package voice

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"

	"anteroom/controller/store"
	"anteroom/playlists"
)

const (
	// mostFed is the most items of a feed: the newest.
	mostFed = 50
	// fedFor is how long websites and readers may keep a feed without asking again.
	fedFor = "public, max-age=300"
)

// Where a department's feeds are, beneath [FeedsAt]. None can be an item's id, for those have no dots.
const (
	JSONFeed  = "feed.json"
	RSSFeed   = "feed.rss"
	EmbedPage = "embed.html"
)

// FeedsAt is where a department's feeds and pages for websites are, below the public address.
func FeedsAt(d playlists.DepartmentID) string { return "/feeds/" + string(d) }

// websites are the doors for the hospital's own website, and whoever else reads feeds. The items there are those that were
// approved to go to feeds, of what is published in the department or about topics that its patients may ask for.
func (s *Server) websites() []Door {
	get := func(path string, h http.HandlerFunc) Door {
		return Door{Route{Method: http.MethodGet, Path: FeedsAt("{department}") + path}, h}
	}
	return []Door{
		get("/"+JSONFeed, s.feed(JSONFeed, "application/feed+json; charset=utf-8", jsonFeed)),
		get("/"+RSSFeed, s.feed(RSSFeed, "application/rss+xml; charset=utf-8", rssFeed)),
		get("/"+EmbedPage, s.embedPage),
		get("/{item}", s.fedPage),
		get("/{item}/{file}", s.fedFile),
	}
}

// feeds are what websites may take over, by department.
type feeds struct {
	shelf

	url   string
	texts []*texts

	mu   sync.Mutex
	kept map[playlists.DepartmentID]*fed
	// given is what was given last, by address and language: from it follows since when a feed is as it is.
	given map[string]edition
}

// fed is what websites may take over of a department.
type fed struct {
	shown

	organisation playlists.Organisation
	newest       []playlists.ItemID
	languages    []playlists.Language
	until        time.Time // when it is read anew
}

// edition is a feed as it was given.
type edition struct {
	etag string
	at   time.Time
}

// of gives what websites may take over of a department; [playlists.ErrNotFound] if there is no such department.
func (f *feeds) of(ctx context.Context, d playlists.DepartmentID, now time.Time) (*fed, error) {
	f.mu.Lock()
	defer f.mu.Unlock() // one reads the library, and the others wait for it
	if kept := f.kept[d]; kept != nil && now.Before(kept.until) {
		return kept, nil
	}
	if !playlists.ValidID(string(d)) {
		return nil, playlists.ErrNotFound
	}
	made := &fed{until: now.Add(freshFor), shown: shown{topics: map[playlists.Topic]playlists.TopicEntry{}, items: map[playlists.ItemID]*shownItem{}}}
	published := f.programmes.Published(d)
	if err := f.store.View(ctx, func(v store.View) error { return made.read(v, d, published) }); err != nil {
		return nil, err
	}
	var err error
	if made.zone, err = time.LoadLocation(made.department.Zone); err != nil {
		return nil, fmt.Errorf("zone %s: %w", made.department.Zone, err)
	}
	for _, i := range made.items {
		if err := f.readSlides(i); err != nil {
			return nil, err
		}
	}
	made.arrange(f.texts)
	if f.kept == nil {
		f.kept = map[playlists.DepartmentID]*fed{}
	}
	f.kept[d] = made
	return made, nil
}

// read reads the department, and the newest approved version of each item that goes to feeds and belongs there.
func (o *fed) read(v store.View, d playlists.DepartmentID, published []playlists.ItemID) error {
	if err := read(v, "department", string(d), &o.department); err != nil {
		return err
	}
	if err := read(v, "organisation", "organisation", &o.organisation); err != nil && !errors.Is(err, playlists.ErrNotFound) {
		return err
	}
	for doc, err := range v.List("item") {
		if err != nil {
			return err
		}
		item, err := approvedOf(v, doc)
		if errors.Is(err, playlists.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		asked := slices.ContainsFunc(item.Topics, func(t playlists.Topic) bool { return slices.Contains(o.department.Ask, t) })
		now := len(item.States) > 0 // how it is in the clinic at the moment, which a copy on a website does not know
		if item.GoesTo(playlists.Feed) && !now && (asked || slices.Contains(published, item.ID)) {
			o.items[item.ID] = &shownItem{Item: item}
		}
	}
	return nil
}

func read(v store.View, kind store.Kind, id string, into any) error {
	doc, err := v.Get(kind, id)
	if err != nil {
		return err
	}
	return json.Unmarshal(doc.Body, into)
}

// approvedOf is the newest version of an item that was approved.
func approvedOf(v store.View, newest store.Document) (item playlists.Item, err error) {
	if err := json.Unmarshal(newest.Body, &item); err != nil || item.Approved() {
		return item, err
	}
	for doc, err := range v.Revisions("item", newest.ID) {
		if err != nil {
			return playlists.Item{}, err
		}
		var item playlists.Item
		if !doc.Deleted && json.Unmarshal(doc.Body, &item) == nil && item.Approved() {
			return item, nil
		}
	}
	return playlists.Item{}, playlists.ErrNotFound
}

// arrange puts the items in order, the newest first, and lists the languages in which there is anything to read.
func (o *fed) arrange(pages []*texts) {
	for id := range o.items {
		o.newest = append(o.newest, id)
	}
	slices.SortFunc(o.newest, func(a, b playlists.ItemID) int {
		return cmp.Or(o.items[b].published().Compare(o.items[a].published()), cmp.Compare(a, b))
	})
	o.order = o.newest
	add := func(l playlists.Language) {
		if l != playlists.NoWords && l != "" && !slices.Contains(o.languages, l) {
			o.languages = append(o.languages, l)
		}
	}
	add(o.department.Fallback)
	for _, t := range pages {
		add(t.Language)
	}
	for _, id := range o.newest {
		for _, r := range o.items[id].Renditions {
			add(r.Language)
		}
	}
}

// published is since when people may read an item as it is.
func (i *shownItem) published() time.Time {
	if i.Approval != nil && i.Approval.At.After(i.From) {
		return i.Approval.At.UTC()
	}
	return i.From.UTC()
}

// current are the items of a feed at a time.
func (o *fed) current(at time.Time) []playlists.ItemID {
	valid := slices.DeleteFunc(slices.Clone(o.newest), func(id playlists.ItemID) bool { return !o.valid(id, at) })
	return valid[:min(len(valid), mostFed)]
}

// since is from when on an address gives what it gives now.
func (f *feeds) since(address, etag string, now time.Time) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	last, ok := f.given[address]
	if !ok || last.etag != etag {
		if f.given == nil {
			f.given = map[string]edition{}
		}
		last = edition{etag, now}
		f.given[address] = last
	}
	return last.at
}

// website is a visit of what websites take over.
type website struct {
	visit

	fed *fed
}

// websiteOf finds a department's items for websites, in one language; false after it has answered that there is no such
// department.
func (s *Server) websiteOf(w http.ResponseWriter, r *http.Request) (*website, bool) {
	v := &website{visit: visit{reader: s.readerOf(r, r.URL.Query().Get("lang")), remote: r.RemoteAddr, at: s.now()}}
	var err error
	v.fed, err = s.feeds.of(r.Context(), playlists.DepartmentID(r.PathValue("department")), v.at)
	if errors.Is(err, playlists.ErrNotFound) {
		s.gone(w, v.reader)
		return nil, false
	}
	if err != nil {
		s.failed(r.Context(), w, v.reader, err)
		return nil, false
	}
	v.shown, v.root = &v.fed.shown, FeedsAt(v.fed.department.ID)
	v.wanted, _ = choiceOf(v.fed.languages...).of(v.wants)
	v.wants, v.chosen = []language.Tag{language.Make(string(v.wanted))}, string(v.wanted)
	w.Header().Set("Cache-Control", fedFor)
	return v, true
}

// told are the items as their reader gets them, with addresses that begin with base.
func (s *Server) told(ctx context.Context, v *website, base string) []words {
	var all []words
	for _, id := range v.fed.current(v.at) {
		i := v.shown.items[id]
		one := s.words(ctx, base+v.root+"/"+string(id), i, v.rendition(i))
		one.Href = base + v.root + "/" + string(id) + v.query()
		one.Facts = append(one.Facts, one.questions...)
		all = append(all, *one)
	}
	return all
}

// countFed counts every item that went out once, as far as the answer had any.
func (s *Server) countFed(ctx context.Context, v *website, what store.Counted) {
	for _, id := range v.fed.current(v.at) {
		s.count(ctx, &v.visit, store.CountKey{What: what, Of: string(id), Language: v.rendition(v.shown.items[id]).Language})
	}
}

// feed answers with a department's items in a format that programs read.
func (s *Server) feed(name, mediaType string, format func(*feedOf) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, ok := s.websiteOf(w, r)
		if !ok {
			return
		}
		of := &feedOf{
			title: v.fed.title(), lead: v.say.FeedLead, language: v.wanted, author: v.fed.organisation.Name, page: s.feeds.url + v.root + "/" + EmbedPage + v.query(),
			self: s.feeds.url + v.root + "/" + name + v.query(), url: s.feeds.url, items: s.told(r.Context(), v, s.feeds.url),
		}
		for i, id := range v.fed.current(v.at) {
			if err := of.add(s.templates, &of.items[i], v.shown.items[id]); err != nil {
				s.failed(r.Context(), w, v.reader, err)
				return
			}
		}
		body, err := format(of)
		if err != nil {
			s.failed(r.Context(), w, v.reader, err)
			return
		}
		h := w.Header()
		h.Set("Content-Type", mediaType)
		h.Set("Access-Control-Allow-Origin", "*") // anybody may read it, so any website's scripts may
		if s.edition(w, r, v, name, body) {
			s.countFed(r.Context(), v, store.FeedReads)
		}
	}
}

// edition answers with what is made of a department's items, unless whoever asks has it; it reports whether it went out whole.
func (s *Server) edition(w http.ResponseWriter, r *http.Request, v *website, name string, body []byte) bool {
	sum := sha256.Sum256(body)
	etag := `"` + hex.EncodeToString(sum[:16]) + `"`
	since := s.feeds.since(v.root+"/"+name+v.query(), etag, v.at)
	h := w.Header()
	h.Set("ETag", etag)
	h.Set("Vary", "Accept-Language")
	h.Set("Content-Language", string(v.wanted))
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	said := &status{ResponseWriter: w}
	http.ServeContent(said, r, "", since, bytes.NewReader(body))
	return said.code == http.StatusOK && r.Method == http.MethodGet
}

// status remembers what was answered.
type status struct {
	http.ResponseWriter

	code int
}

// WriteHeader implements [http.ResponseWriter].
func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// title is whose feed it is.
func (o *fed) title() string {
	if o.organisation.Name == "" {
		return o.department.Name
	}
	return o.department.Name + ", " + o.organisation.Name
}

// embedPage is a department's items for a frame on the hospital's website.
func (s *Server) embedPage(w http.ResponseWriter, r *http.Request) {
	v, ok := s.websiteOf(w, r)
	if !ok {
		return
	}
	p := &page{Say: v.say, Wanted: v.wanted, Title: v.fed.title(), Fed: s.told(r.Context(), v, ""), NameIn: v.fed.department.Fallback}
	for _, l := range v.fed.languages {
		p.Tongues = append(p.Tongues, v.tongue(v.root+"/"+EmbedPage, l, l == v.wanted))
	}
	var b bytes.Buffer
	if err := s.templates.ExecuteTemplate(&b, "embed.html", p); err != nil {
		s.failed(r.Context(), w, v.reader, err)
		return
	}
	framed(w.Header(), v.fed.organisation.Websites)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if s.edition(w, r, v, EmbedPage, b.Bytes()) {
		s.countFed(r.Context(), v, store.EmbedReads)
	}
}

// framed lets those websites, and nobody else, show the answer in a frame. X-Frame-Options cannot name them.
func framed(h http.Header, websites []string) {
	if len(websites) == 0 {
		return
	}
	h.Del("X-Frame-Options")
	h.Set("Content-Security-Policy", strings.ReplaceAll(h.Get("Content-Security-Policy"), "frame-ancestors 'none'", "frame-ancestors "+strings.Join(websites, " ")))
}

// fedPage is an item in full, where feeds lead to. Nobody is asked for anything there: whoever reads it need not be a patient.
func (s *Server) fedPage(w http.ResponseWriter, r *http.Request) {
	v, ok := s.websiteOf(w, r)
	if !ok {
		return
	}
	id := playlists.ItemID(r.PathValue("item"))
	if !v.shown.valid(id, v.at) {
		s.gone(w, v.reader)
		return
	}
	p := &page{Say: v.say, Wanted: v.wanted, Up: v.root + "/" + EmbedPage + v.query(), Back: v.say.FeedBack}
	s.tell(r.Context(), &v.visit, p, id)
	s.show(w, http.StatusOK, "item", p)
}

func (s *Server) fedFile(w http.ResponseWriter, r *http.Request) {
	v, ok := s.websiteOf(w, r)
	if !ok {
		return
	}
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	s.fileOf(w, r, &v.visit)
}
