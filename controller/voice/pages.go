package voice

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/slide"
)

//go:embed pages
var pageFiles embed.FS

const (
	// formLimit is the most bytes of an answer.
	formLimit = 4 << 10
	// mostQuestions is the most questions of a page, and mostRelated the most links of a kind.
	mostQuestions = 12
	mostRelated   = 6
	// smallWidth is how wide pictures are on pages, so that a page stays below 30 KB.
	smallWidth = 320
)

// page is what the templates show.
type page struct {
	Say     *texts
	Wanted  playlists.Language // of the reader, as they chose it or their phone says
	Title   string
	Lead    string
	Note    string
	Tongues []tongue
	Ballot  string
	// Of a screen.
	On, Others []link
	// Of an item; Up is the page of all, which Back says, and At its own.
	Item         *words
	Up, Back, At string
	Next, More   []link
	Questions    []link
	// Topics may be asked for, at AskAt.
	Topics []topic
	AskAt  string
	// Of a department, for websites; its name is in the language NameIn.
	Fed    []words
	NameIn playlists.Language
}

type tongue struct {
	Language playlists.Language
	Name     string
	Href     string
	Now      bool
}

// link leads to an item, or is a question.
type link struct {
	Href, Title, Text, Dir string
	Language               playlists.Language
}

type topic struct {
	ID        playlists.Topic
	Name, Dir string
	Language  playlists.Language
}

// words are an item in one language.
type words struct {
	Language, Dir, LanguageName, Title string
	Text, Steps, Facts                 []string
	Note, Source, SourceName           string
	Picture, Small, Alt                string
	Width, Height                      int
	Film, FilmType, Captions           string
	Described                          bool
	// Href is its page, where there is a link to it.
	Href      string
	questions []string
	file      *feedFile
}

// reader is whoever asks, as far as a page needs to know.
type reader struct {
	say    *texts
	wants  []language.Tag
	chosen string // in the address
	wanted playlists.Language
}

// visit is a request for a page of a screen that shows a code, or of a department that websites take over.
type visit struct {
	reader

	code   string // empty for websites
	root   string // "/BCDFGHJK" or "/feeds/cardiology": its pages are beneath
	remote string
	at     time.Time
	shown  *shown
}

func (s *Server) readerOf(r *http.Request, chosen string) reader {
	out := reader{wants: wants(chosen, r.Header.Get("Accept-Language")), chosen: chosen}
	spoken, _ := s.spoken.of(out.wants)
	out.say = s.texts[slices.IndexFunc(s.texts, func(t *texts) bool { return t.Language == spoken })]
	out.wanted = spoken
	if known, ok := s.counted.of(out.wants); ok {
		out.wanted = known
	}
	return out
}

// visitOf finds what a code shows; false after it has answered that there is nothing.
func (s *Server) visitOf(w http.ResponseWriter, r *http.Request, chosen string) (*visit, bool) {
	v := &visit{reader: s.readerOf(r, chosen), remote: r.RemoteAddr, at: s.now()}
	code, ok := codeOf(r.PathValue("code"))
	var screen playlists.ScreenID
	if ok {
		screen, ok = s.codes.screen(code, v.at)
	}
	if !ok {
		s.gone(w, v.reader)
		return nil, false
	}
	var err error
	v.code, v.root = code, "/"+code
	v.shown, err = s.shelf.of(r.Context(), screen, v.at)
	if errors.Is(err, playlists.ErrNotFound) {
		s.gone(w, v.reader)
		return nil, false
	}
	if err != nil {
		s.failed(r.Context(), w, v.reader, err)
		return nil, false
	}
	return v, true
}

// gone is the page of codes that are not good, and of everything that is not there: it counts nothing.
func (s *Server) gone(w http.ResponseWriter, r reader) {
	w.Header().Set("Cache-Control", "no-store")
	s.show(w, http.StatusNotFound, "start", &page{Say: r.say, Title: r.say.GoneTitle, Lead: r.say.Gone, Wanted: r.wanted})
}

func (s *Server) failed(ctx context.Context, w http.ResponseWriter, r reader, err error) {
	s.log.ErrorContext(ctx, "patients' page failed", slog.Any("error", err))
	w.Header().Set("Cache-Control", "no-store")
	s.show(w, http.StatusInternalServerError, "start", &page{Say: r.say, Title: r.say.Failed, Lead: r.say.FailedLead, Wanted: r.wanted})
}

func (s *Server) show(w http.ResponseWriter, status int, name string, p *page) {
	var b bytes.Buffer
	if err := s.templates.ExecuteTemplate(&b, name+".html", p); err != nil {
		s.log.Error("patients' page not made", slog.Any("error", err))
		http.Error(w, p.Say.Failed, http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(p.Say.Language))
	h.Set("Vary", "Accept-Language")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // whoever asked has gone
}

// startPage is for people who type: the letters lead to the code's page.
func (s *Server) startPage(w http.ResponseWriter, r *http.Request) {
	who := s.readerOf(r, r.FormValue("lang"))
	if code, ok := codeOf(r.FormValue("code")); ok {
		http.Redirect(w, r, "/"+code+"?lang="+url.QueryEscape(string(who.wanted)), http.StatusSeeOther)
		return
	}
	if r.FormValue("code") != "" {
		s.gone(w, who)
		return
	}
	s.show(w, http.StatusOK, "start", &page{Say: who.say, Title: who.say.Start, Lead: who.say.StartLead, Wanted: who.wanted})
}

func (s *Server) unknownPage(w http.ResponseWriter, r *http.Request) { s.gone(w, s.readerOf(r, "")) }

func (s *Server) screenPage(w http.ResponseWriter, r *http.Request) {
	v, ok := s.visitOf(w, r, r.URL.Query().Get("lang"))
	if !ok {
		return
	}
	p := s.pageOf(v, r, store.CountKey{What: store.HandOffs})
	p.Title = v.say.Title
	now := v.shown.now(v.at)
	p.On = v.links(now)
	p.Others = v.links(slices.DeleteFunc(slices.Clone(v.shown.order), func(id playlists.ItemID) bool {
		return slices.Contains(now, id) || !v.shown.valid(id, v.at)
	}))
	for _, n := range s.texts {
		p.Tongues = append(p.Tongues, v.tongue("/"+v.code, n.Language, n.Language == v.say.Language))
	}
	s.show(w, http.StatusOK, "screen", p)
}

// pageOf begins a page of a screen, with its ballot, and counts that it was opened. Pages that are only fetched ahead, or
// are shown after an answer, count for nothing.
func (s *Server) pageOf(v *visit, r *http.Request, opened store.CountKey) *page {
	p := &page{Say: v.say, Wanted: v.wanted, AskAt: "/" + v.code}
	switch note := r.URL.Query().Get("said"); note {
	case "helpful":
		p.Note = v.say.Thanks
	case "asked":
		p.Note = v.say.Asked
	case "late":
		p.Note = v.say.NotCounted
	}
	if r.Method != http.MethodGet || strings.Contains(r.Header.Get("Sec-Purpose")+r.Header.Get("Purpose"), "prefetch") {
		return p
	}
	var given bool
	p.Ballot, given = s.ballots.give(v.code, s.damper.network(v.remote, v.code), v.at)
	if given && p.Note == "" {
		if opened.Language == "" {
			opened.Language = v.wanted
		}
		s.count(r.Context(), v, opened)
	}
	if given {
		p.Topics = v.topics()
	}
	return p
}

// count counts something once, unless too much alike came from the same network.
func (s *Server) count(ctx context.Context, v *visit, k store.CountKey) {
	k.Week, k.Department = v.shown.week(v.at), v.shown.department.ID
	damper := s.damper
	if !k.What.OnPhones() {
		damper = s.outside
	}
	if !damper.lets(v.remote, k) {
		return
	}
	if err := s.counter.add(ctx, k); err != nil {
		s.log.ErrorContext(ctx, "patients' answer not counted", slog.Any("error", err))
	}
}

func (s *Server) itemPage(w http.ResponseWriter, r *http.Request) {
	v, ok := s.visitOf(w, r, r.URL.Query().Get("lang"))
	if !ok {
		return
	}
	id := playlists.ItemID(r.PathValue("item"))
	if !v.shown.valid(id, v.at) {
		s.gone(w, v.reader)
		return
	}
	p := s.pageOf(v, r, store.CountKey{What: store.Reads, Of: string(id), Language: v.rendition(v.shown.items[id]).Language})
	p.Up, p.Back = v.root+v.query(), v.say.Back
	s.tell(r.Context(), v, p, id)
	s.show(w, http.StatusOK, "item", p)
}

// tell puts an item on its page, with what belongs to it.
func (s *Server) tell(ctx context.Context, v *visit, p *page, id playlists.ItemID) {
	item := v.shown.items[id]
	rendition := v.rendition(item)
	p.At = v.root + "/" + string(id)
	p.Item = s.words(ctx, p.At, item, rendition)
	p.Title = p.Item.Title
	next, more := v.shown.related(id, v.at)
	p.Next, p.More = v.links(next[:min(len(next), mostRelated)]), v.links(more[:min(len(more), mostRelated)])
	p.Questions = v.questions(append([]playlists.ItemID{id}, slices.Concat(next, more)...))
	for _, l := range v.tongues(item) {
		p.Tongues = append(p.Tongues, v.tongue(p.At, l, v.chosen == string(l) || v.chosen == "" && l == rendition.Language))
	}
}

// query keeps what somebody chose.
func (v *visit) query() string {
	if v.chosen == "" {
		return ""
	}
	return "?lang=" + url.QueryEscape(v.chosen)
}

func (v *visit) tongue(at string, l playlists.Language, now bool) tongue {
	return tongue{Language: l, Name: nameOf(l), Href: at + "?lang=" + url.QueryEscape(string(l)), Now: now}
}

// tongues are the languages of an item, and those of the pages.
func (v *visit) tongues(i *shownItem) []playlists.Language {
	var all []playlists.Language
	for _, r := range i.Renditions {
		if r.Language != playlists.NoWords {
			all = append(all, r.Language)
		}
	}
	for _, t := range catalogue() {
		if !slices.Contains(all, t.Language) {
			all = append(all, t.Language)
		}
	}
	return all
}

// rendition is the one of an item that its reader reads best; else that of the department.
func (v *visit) rendition(i *shownItem) *playlists.Rendition {
	fallback := max(0, slices.IndexFunc(i.Renditions, func(r playlists.Rendition) bool { return r.Language == v.shown.department.Fallback }))
	languages := []playlists.Language{i.Renditions[fallback].Language}
	for _, r := range i.Renditions {
		if r.Language != languages[0] && r.Language != playlists.NoWords {
			languages = append(languages, r.Language)
		}
	}
	best, _ := choiceOf(languages...).of(v.wants)
	return &i.Renditions[slices.IndexFunc(i.Renditions, func(r playlists.Rendition) bool { return r.Language == best })]
}

// title is what an item is called in a language: what its slide says, else the name that it has in the library.
func (i *shownItem) title(r *playlists.Rendition) string {
	for _, a := range r.Variants {
		if words := i.slides[a.Digest]; words.Title != "" {
			return words.Title
		}
	}
	return i.Title
}

func (v *visit) links(ids []playlists.ItemID) []link {
	var all []link
	for _, id := range ids {
		i := v.shown.items[id]
		r := v.rendition(i)
		all = append(all, link{Href: v.root + "/" + string(id) + v.query(), Title: i.title(r), Language: r.Language, Dir: dirOf(r.Language)})
	}
	return all
}

// questions are those that items give people to take to their doctor.
func (v *visit) questions(ids []playlists.ItemID) []link {
	var all []link
	for _, id := range ids {
		i := v.shown.items[id]
		r := v.rendition(i)
		for _, a := range r.Variants {
			words := i.slides[a.Digest]
			if words.Template != slide.Questions {
				continue
			}
			for _, text := range words.Points {
				all = append(all, link{Text: text, Language: r.Language, Dir: dirOf(r.Language)})
			}
		}
	}
	return all[:min(len(all), mostQuestions)]
}

// topics are what people may ask for in the department.
func (v *visit) topics() []topic {
	var all []topic
	for _, id := range v.shown.department.Ask {
		e, ok := v.shown.topics[id]
		if !ok {
			continue
		}
		languages := []playlists.Language{v.shown.department.Fallback, "en"}
		for l := range e.Names {
			languages = append(languages, l)
		}
		languages = slices.DeleteFunc(languages, func(l playlists.Language) bool { return e.Names[l] == "" })
		best, _ := choiceOf(languages...).of(v.wants)
		all = append(all, topic{ID: id, Name: e.Names[best], Language: best, Dir: dirOf(best)})
	}
	return all
}

// words are what a page says of an item.
func (s *Server) words(ctx context.Context, at string, i *shownItem, r *playlists.Rendition) *words {
	out := &words{
		Language: string(r.Language), Dir: dirOf(r.Language), LanguageName: nameOf(r.Language), Title: i.title(r),
		Alt: cmp.Or(r.Alt, i.Title), Described: r.Alt != "",
	}
	small := slices.MinFunc(r.Variants, func(a, b playlists.Asset) int { return cmp.Compare(a.Bytes, b.Bytes) })
	file := at + "/" + string(small.Digest)
	switch small.Medium {
	case playlists.Slide:
		out.say(i.slides[small.Digest])
	case playlists.Image:
		out.Picture, out.file = file, &feedFile{file, small.Bytes, small.MediaType}
	case playlists.Video:
		out.Film, out.FilmType, out.file = file, small.MediaType, &feedFile{file, small.Bytes, small.MediaType}
		if r.Captions != nil {
			out.Captions = at + "/" + string(r.Captions.Digest)
		}
	case playlists.Font, playlists.Captions:
	}
	if (out.Picture != "" || out.Film != "") && s.thumbnail != nil {
		if _, err := s.thumbnail(ctx, small.Digest, small.Medium, smallWidth); err == nil {
			out.Small, out.Width, out.Height = file+"?small=1", smallWidth, smallWidth*small.Height/max(1, small.Width)
		}
	}
	return out
}

// say takes over what a slide says.
func (w *words) say(s slide.Slide) {
	for line := range strings.Lines(s.Text) {
		if line = strings.TrimSpace(line); line != "" {
			w.Text = append(w.Text, line)
		}
	}
	switch s.Template {
	case slide.Steps:
		w.Steps = s.Points
	case slide.Questions: // they are in the list below
		w.questions = s.Points
	case slide.Notice, slide.Facts, slide.Urgent:
		w.Facts = s.Points
	}
	w.Note = s.Note
	if u, err := url.Parse(s.Code); err == nil && u.Scheme == "https" && u.Host != "" {
		w.Source, w.SourceName = s.Code, u.Host
	}
}

// answer takes whether an item was helpful.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	v, ok := s.visitOf(w, r, r.PostFormValue("lang"))
	if !ok {
		return
	}
	id := playlists.ItemID(r.PathValue("item"))
	what, known := map[string]store.Counted{"yes": store.Helpful, "no": store.Unhelpful}[r.PostFormValue("helpful")]
	if !known || !v.shown.valid(id, v.at) {
		s.gone(w, v.reader)
		return
	}
	said := "late"
	if s.ballots.take(r.PostFormValue("ballot"), v.code, v.at) {
		said = "helpful"
		s.count(r.Context(), v, store.CountKey{What: what, Of: string(id), Language: v.rendition(v.shown.items[id]).Language})
	}
	http.Redirect(w, r, fmt.Sprintf("/%s/%s?lang=%s&said=%s", v.code, id, url.QueryEscape(r.PostFormValue("lang")), said), http.StatusSeeOther)
}

// wish takes what somebody would like to know about.
func (s *Server) wish(w http.ResponseWriter, r *http.Request) {
	v, ok := s.visitOf(w, r, r.PostFormValue("lang"))
	if !ok {
		return
	}
	asked := playlists.Topic(r.PostFormValue("topic"))
	if !slices.ContainsFunc(v.topics(), func(t topic) bool { return t.ID == asked }) {
		s.gone(w, v.reader)
		return
	}
	said := "late"
	if s.ballots.take(r.PostFormValue("ballot"), v.code, v.at) {
		said = "asked"
		s.count(r.Context(), v, store.CountKey{What: store.Asked, Of: string(asked), Language: v.wanted})
	}
	http.Redirect(w, r, fmt.Sprintf("/%s?lang=%s&said=%s", v.code, url.QueryEscape(r.PostFormValue("lang")), said), http.StatusSeeOther)
}

// file gives a file of an item that the screen shows, or the small picture of one.
func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	v, ok := s.visitOf(w, r, "")
	if !ok {
		return
	}
	w.Header().Set("Cache-Control", "private, max-age=600")
	s.fileOf(w, r, v)
}

// fileOf gives a file of an item, as the request names both.
func (s *Server) fileOf(w http.ResponseWriter, r *http.Request, v *visit) {
	a, ok := v.asset(playlists.ItemID(r.PathValue("item")), playlists.Digest(r.PathValue("file")))
	if !ok {
		s.gone(w, v.reader)
		return
	}
	if r.URL.Query().Get("small") != "" && s.thumbnail != nil {
		small, err := s.thumbnail(r.Context(), a.Digest, a.Medium, smallWidth)
		if err != nil {
			s.failed(r.Context(), w, v.reader, err)
			return
		}
		a = playlists.Asset{Digest: small, MediaType: "image/jpeg"}
	}
	f, _, err := s.content.Open(a.Digest)
	if err != nil {
		s.failed(r.Context(), w, v.reader, err)
		return
	}
	w.Header().Set("Content-Type", a.MediaType)
	http.ServeContent(w, r, "", time.Time{}, f)
	if err := f.Close(); err != nil {
		s.log.WarnContext(r.Context(), "asset not closed", slog.Any("error", err))
	}
}

// asset finds a picture, film or captions of an item.
func (v *visit) asset(id playlists.ItemID, d playlists.Digest) (playlists.Asset, bool) {
	if !v.shown.valid(id, v.at) {
		return playlists.Asset{}, false
	}
	for _, r := range v.shown.items[id].Renditions {
		for _, a := range r.Variants {
			if a.Digest == d && (a.Medium == playlists.Image || a.Medium == playlists.Video) {
				return a, true
			}
		}
		if r.Captions != nil && r.Captions.Digest == d {
			return *r.Captions, true
		}
	}
	return playlists.Asset{}, false
}

// still gives one of the package's own files.
func (s *Server) still(name, mediaType string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b, err := pageFiles.ReadFile("pages/" + name)
		if err != nil {
			s.failed(r.Context(), w, s.readerOf(r, ""), err)
			return
		}
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Cache-Control", "public, max-age=3600")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
	}
}

func parsePages() (*template.Template, error) {
	t, err := template.ParseFS(pageFiles, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("reading the pages: %w", err)
	}
	return t, nil
}
