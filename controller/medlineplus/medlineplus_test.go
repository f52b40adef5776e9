package medlineplus

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest/fuzztest"
	"anteroom/playlists/slide"
)

var update = flag.Bool("update", false, "write the golden files")

func read(t testing.TB, name string) File {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	file, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// fits is whether a slide can be shown with the Go fonts: whatever fonts the controller has, the golden files stay.
func fits(t testing.TB) func(slide.Slide) error {
	t.Helper()
	f, err := slide.NewFonts([][]byte{goregular.TTF, gobold.TTF})
	if err != nil {
		t.Fatal(err)
	}
	return func(s slide.Slide) error { return slide.Fits(s, f) }
}

// What a file becomes, word for word: the golden files are read by people.
func TestWhatIsMadeOfAFile(t *testing.T) {
	fit := fits(t)
	for _, name := range []string{"mplus_topics_2012-07-21.xml", "current.xml"} {
		t.Run(name, func(t *testing.T) {
			type made struct {
				Topic     *Topic
				Sentences []string
				Slide     *slide.Slide `json:",omitempty"`
				Refused   string       `json:",omitempty"`
			}
			var all []any
			file := read(t, name)
			for _, p := range file.Pairs {
				for _, topic := range p.all() {
					m := made{Topic: topic, Sentences: sentences(topic.Summary)}
					s, err := slideOf(topic, playlists.Brand{}, fit)
					if err != nil {
						m.Refused = err.Error()
					} else {
						m.Slide = &s
					}
					all = append(all, m)
				}
			}
			got, err := json.MarshalIndent(map[string]any{"generated": file.Generated, "made": all}, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", strings.TrimSuffix(name, ".xml")+".golden.json")
			if *update {
				if err := os.WriteFile(golden, append(got, '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

func TestTopicsFindThoseInTheOtherLanguage(t *testing.T) {
	var got []string
	for _, name := range []string{"mplus_topics_2012-07-21.xml", "current.xml"} {
		for _, p := range read(t, name).Pairs {
			line := ""
			for _, topic := range p.all() {
				line += topic.ID + " "
			}
			got = append(got, strings.TrimSpace(line))
		}
	}
	if want := []string{"3061 3062", "9001 9002", "9003", "9005", "9004"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSentences(t *testing.T) {
	for name, c := range map[string]struct {
		summary string
		want    []string
	}{
		"none":                        {"", nil},
		"plain text":                  {"One. Two!", []string{"One.", "Two!"}},
		"a number is no end":          {"<p>Below 5.5 is low. It is 98.6 F.</p>", []string{"Below 5.5 is low.", "It is 98.6 F."}},
		"short words are no end":      {"See Dr. Doe in the U.S. Army, e.g. A team.", []string{"See Dr. Doe in the U.S. Army, e.g. A team."}},
		"Spanish begins with marks":   {"Duele. ¿Qué hago? ¡Llame ya! Sí.", []string{"Duele.", "¿Qué hago?", "¡Llame ya!", "Sí."}},
		"quotes belong to it":         {"He said “stop.” Then he left.", []string{"He said “stop.”", "Then he left."}},
		"a list is one with its lead": {"<p>Call if you</p><ul><li>Faint</li><li>Bleed.</li></ul>", []string{"Call if you: Faint; Bleed."}},
		"a lead with a colon":         {"<p>First. Do not:</p><ul><li>run</li></ul>", []string{"First.", "Do not: run."}},
		"a heading leads too":         {"<h2>Signs</h2><ol><li>Pain</li><li>Fever</li></ol>", []string{"Signs: Pain; Fever."}},
		"a question leads":            {"<h2>What helps?</h2><ul><li>Rest</li></ul>", []string{"What helps? Rest."}},
		"after a whole sentence":      {"<p>There are two kinds.</p><ul><li>A</li><li>B</li></ul>", []string{"There are two kinds.", "A; B."}},
		"who wrote it is no sentence": {"<p>It helps.</p><p>NIH: Office of Naps</p>", []string{"It helps."}},
		"scripts and styles":          {"<style>p{}</style><p>Seen<script>x('.')</script> here.</p>", []string{"Seen here."}},
		"what hides or turns":         {"A\u202eb\u200bc\u0007 is\u00a0seen.", []string{"Abc is seen."}},
		"entities twice over":         {"Fish &amp; chips &lt;b&gt; taste.", []string{"Fish & chips <b> taste."}},
		"an element that never ends":  {"<p>One.<ul><li>a<li>b", []string{"One.", "a; b."}},
		"empty items":                 {"<p>Some:</p><ul><li> </li><li>.</li></ul><p>Last.</p>", []string{"Last."}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := sentences(c.summary); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestASlideHasWholeSentencesFromTheFirstOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(t, "sentences")
		var said []string
		for range n {
			said = append(said, "A"+strings.Repeat("a", rapid.IntRange(1, 300).Draw(t, "length"))+".")
		}
		room := rapid.IntRange(0, 1000).Draw(t, "room")
		topic := &Topic{ID: "1", Language: "en", Title: "T", URL: "https://medlineplus.gov/t.html", Summary: strings.Join(said, " ")}
		fit := func(s slide.Slide) error {
			if len(s.Text+strings.Join(s.Points, "")) > room {
				return errors.New("no room")
			}
			return s.Validate()
		}
		s, err := slideOf(topic, playlists.Brand{}, fit)
		first := min(1, n)
		if fitsOne := n > 0 && len(said[0]) <= room; (err == nil) != fitsOne {
			t.Fatalf("err %v with the first %d characters long in %d", err, len(strings.Join(said[:first], "")), room)
		}
		if err != nil {
			return
		}
		if fit(s) != nil || s.Code != topic.URL || s.Note == "" {
			t.Fatalf("got %+v", s)
		}
		if s.Template == slide.Notice {
			if s.Text != said[0] {
				t.Fatalf("text %q is not the first sentence", s.Text)
			}
			return
		}
		k := len(s.Points)
		if !slices.Equal(s.Points, said[:k]) {
			t.Fatalf("%q are not the first of %q", s.Points, said)
		}
		if k < n && k < slide.MaxPoints && utf8.RuneCountInString(said[k]) <= slide.MaxPoint && len(strings.Join(said[:k+1], "")) <= room {
			t.Fatalf("%d points, and one more would fit", k)
		}
	})
}

func TestFilesThatAreRefused(t *testing.T) {
	topic := func(inside string) string {
		return `<health-topics><health-topic id="1" language="English" title="A" url="https://medlineplus.gov/a.html">` + inside + `</health-topic></health-topics>`
	}
	for name, c := range map[string]struct{ file, says string }{
		"nothing":          {"", "no health topics"},
		"words":            {"Napping is good.", "no health topics"},
		"HTML":             {"<!DOCTYPE html><html><br></html>", "begins with \"html\""},
		"groups":           {"<groups><group/></groups>", "begins with \"groups\""},
		"no topics":        {"<health-topics/>", "no health topics"},
		"half of it":       {topic("")[:70], "no XML"},
		"a zip":            {"PK\x03\x04<", "no XML"},
		"another charset":  {`<?xml version="1.0" encoding="ISO-8859-1"?>` + topic(""), "ISO-8859-1"},
		"an entity bomb":   {`<!DOCTYPE health-topics [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>` + topic("<full-summary>&b;</full-summary>"), "declares entities"},
		"an own entity":    {topic("<full-summary>&b;</full-summary>"), "no XML"},
		"a file asked for": {`<!DOCTYPE health-topics [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + topic("<full-summary>&x;</full-summary>"), "declares entities"},
		"deep":             {strings.Repeat("<health-topics>", 100_000), "deep"},
		"a long text":      {topic("<full-summary>" + strings.Repeat("long ", 20_000) + "</full-summary>"), "65536"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(strings.NewReader(c.file))
			if !errors.Is(err, playlists.ErrInvalid) || !strings.Contains(err.Error(), c.says) || playlists.Said(err).Code == "" {
				t.Errorf("got %v, want what says %q", err, c.says)
			}
		})
	}
}

// endless is a file that goes on and on.
type endless struct{ begun bool }

func (e *endless) Read(b []byte) (int, error) {
	if !e.begun {
		e.begun = true
		return copy(b, "<health-topics>"), nil
	}
	return copy(b, "<a/>                                                            "), nil
}

func TestAFileWithoutAnEndIsRefused(t *testing.T) {
	if _, err := Read(&endless{}); err == nil || !strings.Contains(err.Error(), "more than 96 MB") {
		t.Errorf("got %v", err)
	}
}

func TestSlugsNameTopics(t *testing.T) {
	for name, want := range map[string]playlists.Topic{
		"Skin, Hair and Nails": "skin-hair-and-nails", "Crohn's Disease": "crohns-disease", "Niños": "ninos", "  A1C ": "a1c", "心": "",
		strings.Repeat("long name ", 10): "long-name-long-name-long-name-long-name-long-nam",
	} {
		if got := slug(name); got != want || want != "" && !playlists.ValidID(string(got)) {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// FuzzRead: whatever is in a file, it is topics within bounds or an error, and what is made of them can be shown.
func FuzzRead(f *testing.F) {
	g := fuzztest.New(f)
	for _, name := range []string{"mplus_topics_2012-07-21.xml", "current.xml"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		// The first topic says what all of them do, and takes a tenth of the time.
		if first := bytes.Index(b, []byte("</health-topic>")); first >= 0 {
			b = append(b[:first:first], "</health-topic></health-topics>"...)
		}
		g.Add(b)
	}
	g.Add([]byte(`<!DOCTYPE health-topics [<!ENTITY a "aaaa">]><health-topics><health-topic id="1"><full-summary>&a;</full-summary></health-topic></health-topics>`))
	g.Add([]byte(`<health-topics><health-topic id="1" title="A" url="https://medlineplus.gov/a.html"><full-summary><ul><li>a<p>b.</p></li></ul></full-summary></health-topic></health-topics>`))
	g.Fuzz(func(t *testing.T, b []byte) {
		file, err := Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		for _, p := range file.Pairs {
			for _, topic := range p.all() {
				s, err := slideOf(topic, playlists.Brand{}, slide.Slide.Validate)
				if err == nil && s.Validate() != nil {
					t.Errorf("topic %s: %v", topic.ID, s.Validate())
				}
				for _, said := range sentences(topic.Summary) {
					if strings.ContainsAny(said, "\n\t\u202e\x00") || said == "" {
						t.Errorf("topic %s says %q", topic.ID, said)
					}
				}
			}
		}
	})
}

func ExampleRead() {
	file, err := Read(strings.NewReader(`<health-topics><health-topic id="1" language="English" title="Naps" url="https://medlineplus.gov/n.html"/></health-topics>`))
	fmt.Println(file.Pairs[0].Main().Title, err)
	// Output: Naps <nil>
}
