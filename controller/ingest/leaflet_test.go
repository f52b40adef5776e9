package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sheet is a page of a PDF: its size in points, and what is drawn on it.
type sheet struct {
	width, height int
	drawn         string
}

const (
	red  = "1 0 0 rg 0 0 9999 9999 re f"
	blue = "0 0 1 rg 0 0 9999 9999 re f"
	// words in a typeface that the PDF does not bring with it.
	words = "BT /F1 72 Tf 0 0 0 rg 60 200 Td (Ask us anything) Tj ET"
)

// pdf writes a PDF 1.4 (ISO 32000-1, 7.5) of pages, and further entries of its trailer.
func pdf(trailer string, pages ...sheet) []byte {
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"}
	var kids []string
	for _, p := range pages {
		kids = append(kids, fmt.Sprintf("%d 0 R", len(objects)+1))
		objects = append(objects,
			fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>", p.width, p.height, len(objects)+2),
			fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(p.drawn), p.drawn))
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), len(kids))
	b := bytes.NewBufferString("%PDF-1.4\n")
	var table strings.Builder
	for i, o := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", b.Len())
		fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := b.Len()
	fmt.Fprintf(b, "xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table.String(), len(objects)+1, trailer, at)
	return b.Bytes()
}

// locked are a trailer's entries that ask for a password which nobody knows (ISO 32000-1, 7.6.3).
func locked() string {
	key := strings.Repeat("5a", 32)
	return "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" + key + "> /U <" + key + "> >> /ID [<00> <00>]"
}

func TestLeafletBecomesItsPages(t *testing.T) {
	b := newBench(t, Limits{})
	u := b.accepts("leaflet.pdf", pdf("", sheet{595, 842, red}, sheet{842, 595, blue}, sheet{595, 842, words}))
	var got [][]string
	for _, page := range u.Pages {
		got = append(got, dimensions(Upload{Variants: page}))
	}
	upright := []string{"image/png (905,1280)", "image/png (1357,1920)", "image/png (2714,3840)"}
	across := []string{"image/png (1280,905)", "image/png (1920,1357)", "image/png (3840,2714)"}
	if diff := cmp.Diff([][]string{upright, across, upright}, got); diff != "" {
		t.Fatalf("pages (-want +got):\n%s", diff)
	}
	if len(u.Variants) > 0 || u.Medium != "image" {
		t.Errorf("beside its pages it is %+v", u)
	}
	for n, want := range []color.RGBA{{R: 255, A: 255}, {B: 255, A: 255}} {
		m := b.picture(u.Pages[n][0])
		if c := color.RGBAModel.Convert(m.At(m.Bounds().Dx()/2, m.Bounds().Dy()/2)); c != want {
			t.Errorf("page %d is %v, want %v", n+1, c, want)
		}
	}
	if !written(b.picture(u.Pages[2][0])) {
		t.Error("nothing is written on the third page")
	}
}

// written reports whether a picture is white with something dark on it.
func written(m image.Image) bool {
	dark := 0
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			if r, _, _, _ := m.At(x, y).RGBA(); r < 0x4000 {
				dark++
			}
		}
	}
	return dark > 1000 && dark < m.Bounds().Dx()*m.Bounds().Dy()/4
}

func TestLeafletOfOnePageIsAPicture(t *testing.T) {
	b := newBench(t, Limits{})
	u := b.accepts("poster.pdf", pdf("", sheet{1000, 500, red}))
	if diff := cmp.Diff([]string{"image/png (1280,640)", "image/png (1920,960)", "image/png (3840,1920)"}, dimensions(u)); diff != "" || len(u.Pages) > 0 {
		t.Errorf("variants (-want +got):\n%s\npages %v", diff, u.Pages)
	}
}

func TestLeafletsThatAreRefused(t *testing.T) {
	whole := pdf("", sheet{595, 842, red}, sheet{595, 842, blue}, sheet{595, 842, words})
	b := newBench(t, Limits{Pages: 2})
	for _, c := range []struct {
		name  string
		file  []byte
		words string
	}{
		{"more pages than may be", whole, "has 3 pages, more than 2"},
		{"no pages", pdf(""), "has no pages"},
		{"a password", pdf(locked(), sheet{595, 842, red}), "asks for a password"},
		{"nothing but its first words", []byte("%PDF-1.7\nand then something else"), "damaged"},
	} {
		t.Log(c.name)
		b.refuses("leaflet.pdf", c.file, c.words)
	}
	b.refuses("leaflet.png", whole, "holds a PDF", "end in .pdf")
}

// TestLeafletOfAHugePageIsBounded: what a page says of its size is not how many pixels it gets.
func TestLeafletOfAHugePageIsBounded(t *testing.T) {
	b := newBench(t, Limits{})
	u := b.accepts("wall.pdf", pdf("", sheet{2_000_000, 1_000_000, red}))
	if diff := cmp.Diff([]string{"image/png (1280,640)", "image/png (1920,960)", "image/png (3840,1920)"}, dimensions(u)); diff != "" {
		t.Errorf("variants (-want +got):\n%s", diff)
	}
}

func TestWithoutPopplerALeafletSaysWhatToInstall(t *testing.T) {
	if err := unreadableLeaflet(errNoTool, ""); !errors.Is(err, errNoReader) || !strings.Contains(reason(err).Reason, "install the package poppler-utils") {
		t.Errorf("%v: %s", err, reason(err))
	}
}

func TestPagesOf(t *testing.T) {
	for _, c := range []struct {
		name, said string
		count      int
		sizes      []image.Point
	}{
		{"two", "Title: a\nPages:           2\nPage    1 size:  595.32 x 841.92 pts (A4)\nPage    1 rot:   0\nPage    2 size:  841.92 x 595.32 pts (A4)\nPage    2 rot:   0\n", 2, []image.Point{{2715, 3840}, {3840, 2715}}},
		{"turned", "Pages: 1\nPage 1 size: 1000 x 500 pts\nPage 1 rot: 270\n", 1, []image.Point{{1920, 3840}}},
		{"upside down", "Pages: 1\nPage 1 size: 1000 x 500 pts\nPage 1 rot: 180\n", 1, []image.Point{{3840, 1920}}},
		{"more than were asked about", "Pages: 7\nPage 1 size: 10 x 10 pts\n", 7, []image.Point{{3840, 3840}}},
		{"a title that says so", "Title: Pages: 9\n", 0, nil},
		{"sizes out of order", "Pages: 2\nPage 2 size: 1 x 1 pts\n", 2, nil},
		{"no size at all", "Pages: 1\nPage 1 size: 0 x NaN pts\n", 1, nil},
		{"nothing", "", 0, nil},
	} {
		if sizes, count := pagesOf(c.said); count != c.count || !slices.Equal(sizes, c.sizes) {
			t.Errorf("%s: %d pages of %v, want %d of %v", c.name, count, sizes, c.count, c.sizes)
		}
	}
}
