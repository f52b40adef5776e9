package slide

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/go-text/typesetting/di"
	"pgregory.net/rapid"

	"anteroom/playlists"
)

// shown is what a reader sees on a line, run by run from left to right; the words of a run written
// from the right stand between ‹ and › in the order they are read.
func shown(text string, l line) string {
	runes := []rune(text)
	var parts []string
	for _, r := range l.runs {
		words := strings.TrimSpace(string(runes[r.Runes.Offset : r.Runes.Offset+r.Runes.Count]))
		if words == "" || len(r.Glyphs) == 0 {
			continue
		}
		if r.Direction == di.DirectionRTL {
			words = "‹" + words + "›"
		}
		parts = append(parts, words)
	}
	return strings.Join(parts, " ")
}

func TestNamesInMixedTextStandInReadingOrder(t *testing.T) {
	fonts := testFonts(t)
	for _, test := range []struct {
		name     string
		language playlists.Language
		text     string
		want     string
	}{
		{"an Arabic name after an English title", "en", "Dr. محمد علي", "Dr. ‹محمد علي›"},
		{"an Arabic name within English", "en", "Dr. محمد علي is in", "Dr. ‹محمد علي› is in"},
		{"a number after an Arabic name belongs to it", "en", "Dr. محمد علي 7 Smith", "Dr. 7 ‹محمد علي› Smith"},
		{"an Arabic number before an Arabic name", "en", "Room ١٢ محمد", "Room ‹محمد› ١٢"},
		{"an English name within Arabic", "ar", "الدكتور Smith اليوم", "‹اليوم› Smith ‹الدكتور›"},
		{"an English room within Arabic keeps its words' order", "ar", "الغرفة Room 7A الدكتور", "‹الدكتور› Room 7A ‹الغرفة›"},
		{"Arabic that begins with an English name", "ar", "Smith هنا", "‹هنا› Smith"},
		{"a number within Arabic", "ar", "الغرفة 12 هنا", "‹هنا› 12 ‹الغرفة›"},
		{"brackets turn with the words in them", "ar", "هنا (الطابق)", "‹هنا (الطابق)›"},
	} {
		set := newSetter(fonts)
		b := set.set(test.text, style{size: 40, language: test.language, rtl: rightToLeft(test.language)}, 1e5)
		got := strings.Join(strings.Fields(shown(test.text, b.lines[0])), " ")
		// Runs of one direction that only the script or font divides read as one.
		got = strings.NewReplacer("› ‹", " ").Replace(got)
		if got != test.want {
			t.Errorf("%s: %q is shown as %q, want %q", test.name, test.text, got, test.want)
		}
	}
}

func TestArabicLettersJoin(t *testing.T) {
	set := newSetter(testFonts(t))
	s := style{size: 40, language: "ar", rtl: true}
	for _, letter := range "بتثجحخسشصضطظعغفقكلمنهيئ" {
		alone := set.set(string(letter), s, 1e5).lines[0].runs[0].Glyphs
		between := set.set("ب"+string(letter)+"ب", s, 1e5).lines[0].runs[0].Glyphs
		for _, g := range between {
			if g.TextIndex() == 1 && g.GlyphID == alone[len(alone)-1].GlyphID {
				t.Errorf("%c has the same form alone and between letters", letter)
			}
		}
	}
}

func TestNoLineBeginsWithChinesePunctuation(t *testing.T) {
	set := newSetter(testFonts(t))
	text := "外面有强风暴。请远离窗户，等待工作人员的通知！您的号码是“12”；谢谢？"
	runes := []rune(text)
	for width := 80.0; width < 900; width += 7 {
		for i, l := range set.set(text, style{size: 40, language: "zh"}, width).lines {
			if first := runes[l.runs[0].Runes.Offset]; strings.ContainsRune("。，！；？”", first) {
				t.Errorf("at width %.0f line %d begins with %c", width, i, first)
			}
		}
	}
}

func TestLinesFitAndCarryNoSpacesAtTheirEnds(t *testing.T) {
	fonts := latinFonts(t)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,8}`), 1, 30).Draw(t, "words")
		width := rapid.Float64Range(300, 2000).Draw(t, "width")
		text := strings.Join(words, "  ")
		b := newSetter(fonts).balanced(text, style{size: 30, language: "en"}, width)
		if b.width > width {
			t.Fatalf("a line of %.1f in %.1f", b.width, width)
		}
		letters := 0
		for _, l := range b.lines {
			for _, r := range l.runs {
				letters += len(r.Glyphs)
			}
			last := l.runs[len(l.runs)-1]
			if g := last.Glyphs[len(last.Glyphs)-1]; unicode.IsSpace(b.paragraphs[0].text[g.TextIndex()]) {
				t.Fatal("a line ends in a space")
			}
		}
		if least := len(strings.ReplaceAll(text, " ", "")); letters < least {
			t.Fatalf("%d letters set of %d", letters, least)
		}
	})
}

// linesOf are the words of a block's lines.
func linesOf(b *block) []string {
	var lines []string
	for _, l := range b.lines {
		var words strings.Builder
		for _, r := range l.runs {
			words.WriteString(string(b.paragraphs[0].text[r.Runes.Offset : r.Runes.Offset+r.Runes.Count]))
		}
		lines = append(lines, strings.TrimSpace(strings.ReplaceAll(words.String(), string(joiner), "")))
	}
	return lines
}

// TestNoLineSaysTheContrary: whoever reads one line alone is not told to do what must not be done.
func TestNoLineSaysTheContrary(t *testing.T) {
	fonts := testFonts(t)
	for _, test := range []struct {
		language   playlists.Language
		text, must string
	}{
		{"en", "Do not  use the lifts.", "not  use"},
		{"en", "Don’t use the lifts.", "Don’t use"},
		{"es", "No use los ascensores.", "No use"},
		{"fr", "Ne prenez pas l’ascenseur.", "Ne prenez"},
		{"ar", "لا تستخدموا المصاعد.", "لا تستخدموا"},
		{"zh", "请使用最近的出口。不要使用电梯。", "不要使用"},
		{"zh", "请勿使用电梯。", "勿使用"},
	} {
		set := newSetter(fonts)
		for width := 60.0; width < 600; width += 10 {
			b := set.set(test.text, style{size: 40, language: test.language, rtl: rightToLeft(test.language)}, width)
			if lines := linesOf(b); !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, test.must) }) {
				t.Errorf("%q is divided into %q", test.text, lines)
			}
		}
		if len(set.missing) > 0 {
			t.Errorf("%q has letters without a font: %q", test.text, set.missingText())
		}
	}
}

func TestLinesEndWithSentences(t *testing.T) {
	set := newSetter(testFonts(t))
	for _, test := range []struct {
		language playlists.Language
		text     string
		want     string
	}{
		{"en", "Use the nearest exit. Do not use the lifts. Staff will help you.", "Use the nearest exit. Do not use the lifts.|Staff will help you."},
		{"zh", "外面有强风暴。请远离窗户，等待工作人员的通知。", "外面有强风暴。请远离窗户，|等待工作人员的通知。"},
		{"en", "Ask for Dr. Smith and for nobody else here today", "Ask for Dr. Smith and for|nobody else here today"},
	} {
		b := set.balanced(test.text, style{size: 40, language: test.language}, 900)
		if got := strings.Join(linesOf(b), "|"); got != test.want {
			t.Errorf("%s\ngot  %s\nwant %s", test.text, got, test.want)
		}
	}
}

func TestNoLineIsLeftVeryShortForASentencesSake(t *testing.T) {
	set := newSetter(testFonts(t))
	text := "Un brazo dolorido o algo de fiebre uno o dos días es normal. Descanso, líquidos, mimos. Quédese quince minutos con nosotros antes de irse."
	for width := 500.0; width < 1500; width += 7 {
		b := set.balanced(text, style{size: 40, language: "es"}, width)
		if b.lines[len(b.lines)-1].width < 0.4*b.width {
			t.Errorf("in %.0f pixels: %q", width, linesOf(b))
		}
	}
}

func TestWordsFromTheRightStandAtTheRight(t *testing.T) {
	fonts := testFonts(t)
	s := samples()["notice-ar-mixed"]
	s.Note, s.Brand.Name, s.Text = "", "", ""
	m, err := Render(s, fonts, 640, 360)
	if err != nil {
		t.Fatal(err)
	}
	leftmost, rightmost := 640, 0
	for y := 80; y < 200; y++ {
		for x := 40; x < 600; x++ {
			if c := m.RGBAAt(x, y); c.R == 0xff && c.G == 0xff {
				leftmost, rightmost = min(leftmost, x), max(rightmost, x)
			}
		}
	}
	if leftmost < 60 || rightmost < 590 {
		t.Errorf("the title stands from %d to %d, want it against the right margin", leftmost, rightmost)
	}
}
