// Package medlineplus makes drafts of the health topics of MedlinePlus, of the National Library of Medicine.
//
// It reads the files that the library publishes, mplus_topics_DATE.xml, in the layouts since 2012. An English topic and its
// Spanish one become one item with a text slide in each language, which somebody must review: nothing is approved here. What
// staff have changed since is left alone. Reading is pure, and bounded whatever the file holds.
package medlineplus

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"strings"

	"anteroom/playlists"
)

// What a file may hold. The whole of MedlinePlus, two thousand topics with all their links, has 30 MB.
const (
	MaxBytes  = 96 << 20
	maxTopics = 10_000
	maxDepth  = 16
	maxText   = 64 << 10 // bytes of one summary or name
	maxEach   = 200      // of groups and of headings of one topic
)

// File is what a file of health topics says.
type File struct {
	// Generated is when it was made, as it says itself, "07/21/2012 02:32:56"; it may be empty.
	Generated string
	// Pairs are the topics in the file's order, each with the one in the other language.
	Pairs []Pair
}

// Topic is a health topic in one language.
type Topic struct {
	ID       string
	Language playlists.Language
	Title    string
	URL      string
	// Summary is HTML.
	Summary string
	Groups  []Group
	// Mapped is the ID of the same topic in the other language.
	Mapped string
	MeSH   []playlists.MeSHHeading
}

// Group is one of the groups that MedlinePlus sorts topics into.
type Group struct {
	ID, Name, URL string
}

// Pair is one topic in English, Spanish or both; one of them is not nil.
type Pair struct {
	English, Spanish *Topic
}

// Main is the English topic, or else the Spanish one.
func (p Pair) Main() *Topic {
	if p.English != nil {
		return p.English
	}
	return p.Spanish
}

// all are the topics that there are, English first.
func (p Pair) all() []*Topic {
	var all []*Topic
	for _, t := range []*Topic{p.English, p.Spanish} {
		if t != nil {
			all = append(all, t)
		}
	}
	return all
}

// Read decodes a file. An [playlists.ErrInvalid] says why it is none, in words for whoever chose the file.
func Read(r io.Reader) (File, error) {
	limited := &io.LimitedReader{R: r, N: MaxBytes + 1}
	d := xml.NewDecoder(limited)
	d.CharsetReader = func(charset string, _ io.Reader) (io.Reader, error) {
		return nil, playlists.Refuse(playlists.ErrInvalid, "the file is in %q; MedlinePlus publishes UTF-8, so take the file as it is there", charset)
	}
	p := parser{known: map[string]bool{}}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && len(p.path) == 0 {
			return p.finish()
		}
		if limited.N <= 0 {
			return File{}, playlists.Refuse(playlists.ErrInvalid, "the file has more than %d MB; take one that MedlinePlus publishes", MaxBytes>>20)
		}
		if err != nil {
			return File{}, notXML(err)
		}
		if err := p.take(token); err != nil {
			return File{}, err
		}
	}
}

// notXML says why a file cannot be read, unless that is about what carries it.
func notXML(err error) error {
	if playlists.Said(err).Code != "" {
		return err
	}
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return playlists.Refuse(playlists.ErrInvalid, "line %d of the file is no XML: %s. Take the file anew from medlineplus.gov/xml.html, and unpack it first if its name ends in .zip", syntax.Line, syntax.Msg)
	}
	return fmt.Errorf("reading health topics: %w", err)
}

// parser keeps where in the file it is.
type parser struct {
	file  File
	all   []*Topic
	known map[string]bool
	path  []string
	topic *Topic
	text  strings.Builder
	// marked: the summary has elements of its own, instead of HTML that is written as text.
	marked bool
	// id and url are those of the element whose text is read.
	id, url string
}

func (p *parser) take(token xml.Token) error {
	switch token := token.(type) {
	case xml.Directive:
		if strings.ContainsAny(string(token), "[<") {
			return playlists.Refuse(playlists.ErrInvalid, "the file declares entities of its own, which MedlinePlus does not; take the file anew from medlineplus.gov/xml.html")
		}
	case xml.StartElement:
		return p.begin(&token)
	case xml.EndElement:
		err := p.end()
		p.path = p.path[:len(p.path)-1]
		return err
	case xml.CharData:
		return p.words(string(token))
	}
	return nil
}

// inside reports whether the element that is open is one of a topic's own, of that name or below it.
func (p *parser) inside(name string) bool { return len(p.path) > 2 && p.path[2] == name }

func (p *parser) begin(e *xml.StartElement) error {
	p.path = append(p.path, e.Name.Local)
	switch depth := len(p.path); {
	case depth > maxDepth:
		return playlists.Refuse(playlists.ErrInvalid, "elements of the file stand %d deep in each other; take one that MedlinePlus publishes", maxDepth)
	case depth == 1:
		if e.Name.Local != "health-topics" {
			return playlists.Refuse(playlists.ErrInvalid, "the file begins with %q, not with health-topics; take the file of health topics from medlineplus.gov/xml.html", e.Name.Local)
		}
		p.file.Generated = short(attribute(e, "date-generated"))
	case depth == 2 && e.Name.Local == "health-topic":
		return p.beginTopic(e)
	case depth == 3:
		p.text.Reset()
		p.marked = false
		p.id, p.url = attribute(e, "id"), attribute(e, "url")
		if p.topic != nil && e.Name.Local == "language-mapped-topic" && p.topic.Mapped == "" {
			p.topic.Mapped = p.id
		}
	case p.inside("full-summary"):
		p.marked = true
		return p.add("<" + e.Name.Local + ">")
	case p.path[depth-1] == "descriptor":
		p.text.Reset()
		p.id = attribute(e, "id")
	}
	return nil
}

func (p *parser) beginTopic(e *xml.StartElement) error {
	t := &Topic{ID: attribute(e, "id"), Title: plain(attribute(e, "title")), URL: strings.TrimSpace(attribute(e, "url"))}
	t.Language = languageOf(attribute(e, "language"))
	p.topic = t
	if t.Language == "" || p.known[t.ID] || !playlists.ValidMedlinePlusID(t.ID) {
		return nil // a language that is not published yet, or a slip; end leaves it out
	}
	if len(p.all) == maxTopics {
		return playlists.Refuse(playlists.ErrInvalid, "the file has more than %d topics; take one that MedlinePlus publishes", maxTopics)
	}
	p.known[t.ID] = true
	p.all = append(p.all, t)
	return nil
}

// languageOf is the tag of a language as the file writes it; English where it says nothing.
func languageOf(name string) playlists.Language {
	switch name {
	case "English", "":
		return "en"
	case "Spanish":
		return "es"
	}
	return ""
}

func (p *parser) end() error {
	t, depth := p.topic, len(p.path)
	if t == nil || depth < 2 {
		return nil
	}
	switch name := p.path[depth-1]; {
	case depth == 2:
		p.topic = nil
	case depth == 3 && name == "full-summary":
		t.Summary += p.text.String()
	case depth == 3 && name == "group" && len(t.Groups) < maxEach && playlists.ValidMedlinePlusID(p.id):
		t.Groups = append(t.Groups, Group{ID: p.id, Name: short(plain(p.text.String())), URL: strings.TrimSpace(p.url)})
	case p.inside("full-summary"):
		return p.add("</" + name + ">")
	case depth == 4 && name == "descriptor" && p.inside("mesh-heading") && len(t.MeSH) < maxEach:
		t.MeSH = append(t.MeSH, playlists.MeSHHeading{ID: p.id, Name: short(plain(p.text.String()))})
	}
	return nil
}

func (p *parser) words(s string) error {
	if p.topic == nil || !p.inside("full-summary") && !p.inside("group") && !p.inside("mesh-heading") {
		return nil
	}
	if p.marked {
		s = html.EscapeString(s)
	}
	return p.add(s)
}

func (p *parser) add(s string) error {
	if p.topic == nil {
		return nil
	}
	if p.text.Len()+len(s) > maxText {
		return playlists.Refuse(playlists.ErrInvalid, "topic %s has a text of more than %d characters; take a file that MedlinePlus publishes", short(p.topic.ID), maxText)
	}
	p.text.WriteString(s)
	return nil
}

// finish puts topics and those in the other language together.
func (p *parser) finish() (File, error) {
	if len(p.all) == 0 {
		return File{}, playlists.Refuse(playlists.ErrInvalid, "the file has no health topics; take it anew from medlineplus.gov/xml.html")
	}
	spanish, taken := map[string]*Topic{}, map[string]bool{}
	back := map[string]string{} // from an English topic to the Spanish one that names it
	for _, t := range p.all {
		if t.Language == "es" {
			spanish[t.ID] = t
			back[t.Mapped] = t.ID
		}
	}
	for _, t := range p.all {
		if t.Language != "en" {
			continue
		}
		other := spanish[t.Mapped]
		if other == nil {
			other = spanish[back[t.ID]]
		}
		if other != nil && taken[other.ID] {
			other = nil
		}
		if other != nil {
			taken[other.ID] = true
		}
		p.file.Pairs = append(p.file.Pairs, Pair{English: t, Spanish: other})
	}
	for _, t := range p.all {
		if t.Language == "es" && !taken[t.ID] {
			p.file.Pairs = append(p.file.Pairs, Pair{Spanish: t})
		}
	}
	return p.file, nil
}

func attribute(e *xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// short is what fits where a name stands.
func short(s string) string {
	const most = 200
	runes := []rune(s)
	return string(runes[:min(most, len(runes))])
}
