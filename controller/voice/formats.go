package voice

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html/template"
	"strings"
	"time"

	"anteroom/playlists"
)

// feedOf is what a feed says, whatever its format.
type feedOf struct {
	title, lead, author, self, page, url string
	language                             playlists.Language
	items                                []words
	entries                              []feedEntry
}

// feedEntry is an item of a feed.
type feedEntry struct {
	title, link, html, text, picture string
	language                         playlists.Language
	published                        time.Time
	topics                           []playlists.Topic
	file                             *feedFile
}

// feedFile is a picture or film that belongs to an item.
type feedFile struct {
	URL    string `xml:"url,attr"`
	Length int64  `xml:"length,attr"`
	Type   string `xml:"type,attr"`
}

// add puts an item into the feed: its words, what its picture shows, and whose they are.
func (f *feedOf) add(t *template.Template, w *words, i *shownItem) error {
	var html bytes.Buffer
	if err := t.ExecuteTemplate(&html, "fed", w); err != nil {
		return fmt.Errorf("making a feed's words of %s: %w", i.ID, err)
	}
	e := feedEntry{
		title: w.Title, link: w.Href, html: strings.TrimSpace(html.String()), text: w.plain(), picture: w.Small, published: i.published(), topics: i.Topics, file: w.file,
	}
	if w.Language != string(playlists.NoWords) {
		e.language = playlists.Language(w.Language)
	}
	f.entries = append(f.entries, e)
	return nil
}

// plain is what an item says without any marks, line by line.
func (w *words) plain() string {
	lines := append(append(append([]string{}, w.Text...), w.Steps...), w.Facts...)
	if w.Described {
		lines = append(lines, w.Alt)
	}
	for _, line := range []string{w.Note, w.Source} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		lines = []string{w.Title}
	}
	return strings.Join(lines, "\n")
}

// jsonFeed is JSON Feed 1.1, https://www.jsonfeed.org/version/1.1/.
func jsonFeed(f *feedOf) ([]byte, error) {
	type author struct {
		Name string `json:"name"`
	}
	type item struct {
		ID        string             `json:"id"`
		URL       string             `json:"url"`
		Title     string             `json:"title"`
		HTML      string             `json:"content_html"`
		Text      string             `json:"content_text"`
		Image     string             `json:"image,omitempty"`
		Published time.Time          `json:"date_published,omitzero"`
		Authors   []author           `json:"authors,omitempty"`
		Tags      []playlists.Topic  `json:"tags,omitempty"`
		Language  playlists.Language `json:"language,omitempty"`
	}
	var authors []author
	if f.author != "" {
		authors = []author{{f.author}}
	}
	items := []item{}
	for _, e := range f.entries {
		items = append(items, item{e.link, e.link, e.title, e.html, e.text, e.picture, e.published, authors, e.topics, e.language})
	}
	var b bytes.Buffer
	to := json.NewEncoder(&b)
	to.SetEscapeHTML(false)
	err := to.Encode(struct {
		Version     string             `json:"version"`
		Title       string             `json:"title"`
		Page        string             `json:"home_page_url"`
		Self        string             `json:"feed_url"`
		Description string             `json:"description"`
		Authors     []author           `json:"authors,omitempty"`
		Language    playlists.Language `json:"language"`
		Items       []item             `json:"items"`
	}{"https://jsonfeed.org/version/1.1", f.title, f.page, f.self, f.lead, authors, f.language, items})
	return b.Bytes(), err
}

// rssFeed is RSS 2.0, https://www.rssboard.org/rss-specification, with the whole text and the author in the modules that
// readers know for them: content and Dublin Core.
func rssFeed(f *feedOf) ([]byte, error) {
	type html struct {
		Text string `xml:",cdata"`
	}
	type permanent struct {
		Is   bool   `xml:"isPermaLink,attr"`
		Text string `xml:",chardata"`
	}
	type item struct {
		Title      string             `xml:"title"`
		Link       string             `xml:"link"`
		GUID       permanent          `xml:"guid"`
		Text       string             `xml:"description"`
		HTML       html               `xml:"content:encoded"`
		Author     string             `xml:"dc:creator,omitempty"`
		Language   playlists.Language `xml:"dc:language,omitempty"`
		Categories []playlists.Topic  `xml:"category"`
		Published  string             `xml:"pubDate,omitempty"`
		File       *feedFile          `xml:"enclosure"`
	}
	type self struct {
		Href string `xml:"href,attr"`
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr"`
	}
	type channel struct {
		Title       string             `xml:"title"`
		Link        string             `xml:"link"`
		Self        self               `xml:"atom:link"`
		Description string             `xml:"description"`
		Language    playlists.Language `xml:"language"`
		Items       []item             `xml:"item"`
	}
	out := channel{Title: f.title, Link: f.page, Self: self{f.self, "self", "application/rss+xml"}, Description: f.lead, Language: f.language}
	for _, e := range f.entries {
		one := item{
			Title: e.title, Link: e.link, GUID: permanent{true, e.link}, Text: e.text, HTML: html{e.html}, Author: f.author, Language: e.language, Categories: e.topics, File: e.file,
		}
		if !e.published.IsZero() {
			one.Published = e.published.Format(time.RFC1123Z)
		}
		out.Items = append(out.Items, one)
	}
	b, err := xml.MarshalIndent(struct {
		XMLName xml.Name `xml:"rss"`
		Version string   `xml:"version,attr"`
		Atom    string   `xml:"xmlns:atom,attr"`
		Content string   `xml:"xmlns:content,attr"`
		DC      string   `xml:"xmlns:dc,attr"`
		Channel channel  `xml:"channel"`
	}{Version: "2.0", Atom: "http://www.w3.org/2005/Atom", Content: "http://purl.org/rss/1.0/modules/content/", DC: "http://purl.org/dc/elements/1.1/", Channel: out}, "", " ")
	return append([]byte(xml.Header), b...), err
}
