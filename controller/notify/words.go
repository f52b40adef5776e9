package notify

import (
	"fmt"
	"strings"
	"time"

	"anteroom/playlists"
)

// Names are how people call what messages are about, and where departments are.
type Names struct {
	Screens     map[playlists.ScreenID]string
	Sites       map[playlists.SiteID]string
	Departments map[playlists.DepartmentID]playlists.Department
	Items       map[playlists.ItemID]string
	// Zone gives the clock on a department's wall.
	Zone func(playlists.DepartmentID) *time.Location
	// URL is where the console is.
	URL string
}

// Said is a message in words.
type Said struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// phrases are the words of one language; each takes what its name says.
type phrases struct {
	out, well, reason          string
	siteOut, siteWell, still   string
	alarm, due, reviewBy, ends string
	test, testText, foot       string
	picture, heard             string
}

func phrasesOf(l playlists.Language) phrases {
	if l == "es" || strings.HasPrefix(string(l), "es-") {
		return phrases{
			out: "%s: %s", well: "%s vuelve a estar bien", reason: "Desde las %s.",
			siteOut: "%s: no responde ninguna de las %d pantallas", siteWell: "%s: las pantallas vuelven a estar bien", still: "Todavía no: %s.",
			alarm: "%s necesita a una persona", due: "Caduca pronto en %s (%d)", reviewBy: "%s: hay que revisarlo hasta el %s", ends: "%s: se muestra hasta el %s",
			test: "Mensaje de prueba de %s", testText: "Si lee esto, los avisos de %s le llegan.", foot: "Más en %s",
			picture: "no muestra ninguna imagen", heard: "no se sabe nada de ella",
		}
	}
	return phrases{
		out: "%s: %s", well: "%s is well again", reason: "Since %s.",
		siteOut: "%s: none of its %d screens is well", siteWell: "%s: the screens are well again", still: "Not yet: %s.",
		alarm: "%s needs a person", due: "Runs out of date soon in %s (%d)", reviewBy: "%s: to be reviewed by %s", ends: "%s: shown until %s",
		test: "Test message of %s", testText: "If you read this, the messages of %s reach you.", foot: "More at %s",
		picture: "no picture", heard: "not heard of",
	}
}

// Say puts a message into words.
func Say(m *Message, n *Names, l playlists.Language) Said {
	p := phrasesOf(l)
	s := p.subject(m, n)
	s.Text = strings.TrimSpace(s.Text)
	if n.URL != "" {
		s.Text = strings.TrimSpace(s.Text+"\n\n"+fmt.Sprintf(p.foot, n.URL+pathOf(m))) + "\n"
	}
	return s
}

func (p *phrases) subject(m *Message, n *Names) Said {
	since := ""
	if !m.Since.IsZero() {
		since = fmt.Sprintf(p.reason, m.Since.In(n.zone(m)).Format("15:04, 2006-01-02"))
	}
	screen, department := n.screens(m.Screens), ""
	if len(m.Departments) > 0 {
		department = named(n.Departments[m.Departments[0]].Name, string(m.Departments[0]))
	}
	site := named(n.Sites[m.Site], string(m.Site))
	switch m.Kind {
	case ScreenOut:
		return Said{fmt.Sprintf(p.out, screen, p.trouble(m.Trouble)), department + ". " + since}
	case ScreenWell:
		return Said{fmt.Sprintf(p.well, screen), department + ". " + since}
	case SiteOut:
		return Said{fmt.Sprintf(p.siteOut, site, len(m.Screens)), since + "\n" + screen}
	case SiteWell:
		text := since
		if len(m.Screens) > 0 {
			text = fmt.Sprintf(p.still, screen)
		}
		return Said{fmt.Sprintf(p.siteWell, site), text}
	case Alarmed:
		return Said{fmt.Sprintf(p.alarm, screen), m.Text}
	case ItemsDue:
		return Said{fmt.Sprintf(p.due, department, len(m.Due)), p.items(m.Due, n)}
	case Test:
	}
	return Said{fmt.Sprintf(p.test, department), fmt.Sprintf(p.testText, department)}
}

func (p *phrases) trouble(t Trouble) string {
	if t == NoPicture {
		return p.picture
	}
	return p.heard
}

func (p *phrases) items(due []playlists.Due, n *Names) string {
	var lines []string
	for _, d := range due {
		form := p.reviewBy
		if d.Field == "until" {
			form = p.ends
		}
		lines = append(lines, fmt.Sprintf(form, named(n.Items[d.Item], string(d.Item)), d.On))
	}
	return strings.Join(lines, "\n")
}

func (n *Names) screens(ids []playlists.ScreenID) string {
	var names []string
	for _, id := range ids {
		names = append(names, named(n.Screens[id], string(id)))
	}
	return strings.Join(names, "; ")
}

func (n *Names) zone(m *Message) *time.Location {
	if n.Zone == nil || len(m.Departments) == 0 {
		return time.UTC
	}
	return n.Zone(m.Departments[0])
}

// named is what people call something, or its id.
func named(name, id string) string {
	if name == "" {
		return id
	}
	return name
}

// pathOf is the console's page about it.
func pathOf(m *Message) string {
	switch {
	case m.Kind == ItemsDue:
		return "/review"
	case len(m.Screens) == 1 && m.Kind != SiteOut && m.Kind != SiteWell:
		return "/screens/" + string(m.Screens[0])
	}
	return "/"
}
