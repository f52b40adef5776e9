package slide

import (
	"errors"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest/fuzztest"
)

func TestContrastIsWCAGs(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want float64
	}{
		{"#000000", "#ffffff", 21},
		{"#ffffff", "#ffffff", 1},
		{"#777777", "#ffffff", 4.48}, // the grey that is famous for just failing
		{"#767676", "#ffffff", 4.54}, // and the one that just passes
		{"#ff0000", "#ffffff", 4.00},
		{"red", "#ffffff", 1}, // unreadable
	} {
		if got := Contrast(test.a, test.b); math.Abs(got-test.want) > 0.005 {
			t.Errorf("Contrast(%s, %s) = %.3f, want %.2f", test.a, test.b, got, test.want)
		}
	}
}

func TestBlackOrWhiteIsLegibleOnAnyColour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := colourOf("#" + rapid.StringMatching(`[0-9a-f]{6}`).Draw(t, "colour"))
		if got := contrast(c, legibleOn(c)); got < 4.58 {
			t.Fatalf("contrast %.2f", got)
		}
	})
}

func TestValidateNamesFieldReasonAndWayOut(t *testing.T) {
	change := func(f func(*Slide)) Slide {
		s := Slide{Template: Steps, Language: "en", Title: "What to expect", Points: []string{"Check in"}, Brand: dark()}
		f(&s)
		return s
	}
	for _, test := range []struct {
		name  string
		slide Slide
		want  string // "" is valid
	}{
		{"a plain one", change(func(*Slide) {}), ""},
		{"no brand colours: the house's own", change(func(s *Slide) { s.Brand = playlists.Brand{} }), ""},
		{"an unknown template", change(func(s *Slide) { s.Template = "poster" }), "template"},
		{"no language", change(func(s *Slide) { s.Language = "" }), "language is missing"},
		{"a sentence for a language", change(func(s *Slide) { s.Language = "in English" }), "language"},
		{"no title", change(func(s *Slide) { s.Title = " " }), "title is empty"},
		{"an endless title", change(func(s *Slide) { s.Title = strings.Repeat("a", 161) }), "title has 161 characters, at most 160; shorten it"},
		{"a hidden override", change(func(s *Slide) { s.Title = "Room \u202e7A" }), "title has characters that cannot be drawn"},
		{"broken text", change(func(s *Slide) { s.Text = "\xff" }), "text is not UTF-8"},
		{"no points", change(func(s *Slide) { s.Points = nil }), "points are missing"},
		{"seven points", change(func(s *Slide) { s.Points = strings.Split("abcdefg", "") }), "points are 7, at most 6"},
		{"an empty point", change(func(s *Slide) { s.Points = []string{"a", ""} }), "points[1]: the second point is empty"},
		{"points on a notice", change(func(s *Slide) { s.Template = Notice }), "points are for steps, questions and facts"},
		{"severity on steps", change(func(s *Slide) { s.Severity = 2 }), "severity is for urgent"},
		{"an urgent one without severity", Slide{Template: Urgent, Language: "en", Title: "Leave"}, "severity is 0"},
		{"a drill of nothing", change(func(s *Slide) { s.Drill = true }), "drill is for urgent"},
		{"a colour by name", change(func(s *Slide) { s.Brand.Ink = "white" }), `brand.ink "white" is not a colour`},
		{"grey on grey", change(func(s *Slide) { s.Brand.Background, s.Brand.Ink = "#777777", "#ffffff" }), "brand.ink #ffffff on #777777 has a contrast of 4.5 to 1"},
	} {
		err := test.slide.Validate()
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.want != "" && (err == nil || !errors.Is(err, playlists.ErrInvalid) || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: got %v, want an invalid slide: %s", test.name, err, test.want)
		}
	}
}

func TestRenderRefusesWhatCannotBeReadFromFourMetres(t *testing.T) {
	f := latinFonts(t)
	long := samples()["notice-en"]
	long.Text = strings.Repeat("Please bring every medicine that you take. ", 18)
	wide := samples()["notice-en"]
	wide.Title = strings.Repeat("W", 60)
	foreign := samples()["notice-en"]
	foreign.Text = "Xin chào quý khách: 你好"
	for _, test := range []struct {
		name  string
		slide Slide
		want  string
	}{
		{"too much text", long, "text does not fit at a size that can be read from four metres; write less"},
		{"a word longer than a line", wide, `title has "WWWWWWWW`},
		{"letters without a font", foreign, "text has letters that no font here has (你好)"},
	} {
		if _, err := Render(test.slide, f, 1920, 1080); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
	}
	if _, err := Render(samples()["urgent-en"], f, 20, 10); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("20 by 10 pixels: got %v", err)
	}
}

func TestNothingIsSetSmallerThanTheFloor(t *testing.T) {
	fonts := testFonts(t)
	for name, s := range samples() {
		for _, size := range []image.Point{{640, 360}, {1080, 1920}} {
			p, err := compose(s, fonts, size.X, size.Y)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			p.draw(newCanvas(size.X, size.Y, p.background, p.setter))
			for k := range p.setter.glyphs {
				if k.size < Floor(size.X, size.Y) {
					t.Errorf("%s at %v: type of %.1f pixels, the floor is %.1f", name, size, k.size, Floor(size.X, size.Y))
					break
				}
			}
		}
	}
}

func TestEverySampleFitsUprightAndAcross(t *testing.T) {
	fonts := testFonts(t)
	for name, s := range samples() {
		if err := Fits(s, fonts); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestATelevisionCutsNoWordsOff: some show only what is a twentieth away from their edges; the tail of a
// letter may reach a little beyond.
func TestATelevisionCutsNoWordsOff(t *testing.T) {
	fonts := testFonts(t)
	for name, s := range samples() {
		for _, size := range []image.Point{{960, 540}, {540, 960}} {
			p, err := compose(s, fonts, size.X, size.Y)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			// Words in a colour that nothing else has.
			marker := color.RGBA{1, 2, 3, 0xff}
			p.ink = marker
			c := newCanvas(size.X, size.Y, p.background, p.setter)
			p.draw(c)
			for y := range size.Y {
				for x := range size.X {
					if c.RGBAAt(x, y) == marker && !image.Pt(x, y).In(image.Rect(size.X/21, size.Y/21, size.X-size.X/21, size.Y-size.Y/21)) {
						t.Fatalf("%s at %v: words at %d, %d", name, size, x, y)
					}
				}
			}
		}
	}
}

func TestRowsOfTwoColumnsStandOnOneLine(t *testing.T) {
	s := samples()["steps-es"]
	s.Points[4] = "Pida la próxima cita para dentro de seis semanas"
	p := newPage(s, testFonts(t), 1920, 1080)
	l, ok := p.arrange(2, 800)
	if !ok || l.perColumn() != 3 {
		t.Fatalf("six steps stand in columns of %d (fit: %v)", l.perColumn(), ok)
	}
	for i := range 3 {
		if l.row(i) != l.row(i+3) || l.row(i) < max(l.points[i].height(), l.points[i+3].height()) {
			t.Errorf("step %d stands %.1f high, step %d beside it %.1f", i+1, l.row(i), i+4, l.row(i+3))
		}
	}
}

// TestADrillIsSeenToBeOne: in any language it is said in words that are there, in a size that is read from
// afar, and within what a television shows.
func TestADrillIsSeenToBeOne(t *testing.T) {
	fonts := testFonts(t)
	for _, language := range []playlists.Language{"ar", "de", "en", "es", "fr", "ht", "it", "pl", "pt", "ru", "vi", "zh-Hans", "so"} {
		said, _ := exercise(language)
		if said[0] == "" && language != "so" {
			t.Errorf("no words for a drill in %s", language)
		}
		s := Slide{Template: Urgent, Language: language, Severity: playlists.Emergency, Drill: true, Title: "112", Brand: dark()}
		for _, size := range []image.Point{{1920, 1080}, {1080, 1920}} {
			p, err := compose(s, fonts, size.X, size.Y)
			if err != nil {
				t.Errorf("%s: %v", language, err)
				continue
			}
			b := p.drill(p.w - 2*p.margin)
			if b.word.style.size < 1.6*p.floor || b.sentence.style.size < p.floor || b.widest() > p.w-2*p.margin {
				t.Errorf("%s at %v: the word is set at %.0f and the sentence at %.0f, the floor is %.0f", language, size, b.word.style.size, b.sentence.style.size, p.floor)
			}
			if top := b.stripe + 1.3*p.unit + b.word.baseline() - 0.75*b.word.style.size; top < p.h/20 {
				t.Errorf("%s at %v: the word begins at %.0f, a television may begin at %.0f", language, size, top, p.h/20)
			}
		}
	}
}

func TestAnySlideIsDrawnOrRefused(t *testing.T) {
	f := latinFonts(t)
	text := rapid.StringMatching(`[A-Za-z ,.éñ]{1,60}`)
	rapid.Check(t, func(t *rapid.T) {
		s := Slide{
			Template: rapid.SampledFrom([]Template{Notice, Steps, Questions, Facts, Urgent}).Draw(t, "template"),
			Language: rapid.SampledFrom([]playlists.Language{"en", "es", "ar"}).Draw(t, "language"),
			Title:    text.Draw(t, "title"), Text: text.Draw(t, "text"), Brand: dark(),
		}
		switch s.Template {
		case Steps, Questions, Facts:
			s.Points = rapid.SliceOfN(text, 1, 6).Draw(t, "points")
		case Urgent:
			s.Severity, s.Drill = playlists.Warning, rapid.Bool().Draw(t, "drill")
		case Notice:
		}
		w, h := rapid.IntRange(200, 900).Draw(t, "w"), rapid.IntRange(200, 900).Draw(t, "h")
		m, err := Render(s, f, w, h)
		if err != nil && !errors.Is(err, playlists.ErrInvalid) {
			t.Fatal(err)
		}
		if err == nil && m.Rect != image.Rect(0, 0, w, h) {
			t.Fatalf("got %v", m.Rect)
		}
	})
}

func TestDecodeReadsWhatEncodeWrote(t *testing.T) {
	for name, s := range samples() {
		b, err := Encode(s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(s, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestTheSixWordsStandInRowsOfAsMany(t *testing.T) {
	words := []string{"grapefruit", "cooperate", "lantern", "meadowland", "pilot", "saddle"}
	for _, test := range []struct {
		size image.Point
		rows int
	}{{image.Pt(3000, 1000), 1}, {image.Pt(1920, 1080), 2}, {image.Pt(1080, 1920), 3}} {
		p := newPage(Slide{}, latinFonts(t), test.size.X, test.size.Y)
		rows := strings.Split(p.inRows(words, 6.4*p.unit), "\n")
		if len(rows) != test.rows || strings.HasSuffix(strings.TrimSpace(rows[0]), "·") {
			t.Errorf("at %v they stand in %q, want %d rows", test.size, rows, test.rows)
		}
	}
}

func FuzzDecode(f *testing.F) {
	g := fuzztest.New(f)
	for _, s := range samples() {
		b, err := Encode(s)
		if err != nil {
			f.Fatal(err)
		}
		g.Add(b)
	}
	g.Add([]byte(`{"template":"notice","language":"en","title":"a"} `))
	g.Fuzz(func(t *testing.T, b []byte) {
		s, err := Decode(b)
		if err != nil {
			return
		}
		again, err := Encode(s)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := Decode(again); err != nil {
			t.Fatalf("%+v, encoded again: %v", s, err)
		}
	})
}

func FuzzRender(f *testing.F) {
	g := fuzztest.New(f)
	for _, s := range samples() {
		b, err := Encode(s)
		if err != nil {
			f.Fatal(err)
		}
		g.Add(b)
	}
	fonts := latinFonts(f)
	g.Fuzz(func(t *testing.T, b []byte) {
		s, err := Decode(b)
		if err != nil {
			return
		}
		if _, err := Render(s, fonts, 160, 90); err != nil && !errors.Is(err, playlists.ErrInvalid) {
			t.Fatal(err)
		}
	})
}

func BenchmarkRender(b *testing.B) {
	fonts := testFonts(b)
	for _, name := range []string{"notice-ar-mixed", "steps-es", "steps-zh"} {
		s := samples()[name]
		b.Run(name+"-1080p", func(b *testing.B) {
			for b.Loop() {
				if _, err := Render(s, fonts, 1920, 1080); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
