package slide

import (
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"
)

func linked(s Slide) Slide {
	s.Code = "https://medlineplus.gov/spanish/abdominalpain.html"
	return s
}

// codeOn finds the white square of the code in a corner, in a picture of an otherwise dark brand.
func codeOn(m *image.RGBA) image.Rectangle {
	white := color.RGBA{0xff, 0xff, 0xff, 0xff}
	run := func(x, y, dx, dy int) (n int) {
		for image.Pt(x, y).In(m.Rect) && m.RGBAAt(x, y) == white {
			x, y, n = x+dx, y+dy, n+1
		}
		return n
	}
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			if w := run(x, y, 1, 0); 4*w > min(m.Rect.Dx(), m.Rect.Dy()) && w == run(x, y, 0, 1) {
				return image.Rect(x, y, x+w, y+w)
			}
		}
	}
	return image.Rectangle{}
}

func TestACodeSaysItsAddressAtEverySizeOfScreen(t *testing.T) {
	f := testFonts(t)
	s := linked(samples()["facts-en-code"])
	want, err := qr.Encode(s.Code, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	n := want.Bounds().Dx()
	for _, size := range []image.Point{{960, 540}, {1280, 720}, {1920, 1080}, {1080, 1920}, {3840, 2160}} {
		m, err := Render(s, f, size.X, size.Y)
		if err != nil {
			t.Fatal(err)
		}
		at := codeOn(m)
		if side := at.Dx(); side*100 < 26*min(size.X, size.Y) || side*100 > 31*min(size.X, size.Y) {
			t.Errorf("%v: the code is %v", size, at)
			continue
		}
		module := float64(at.Dx()) / float64(n+8)
		for y := range n {
			for x := range n {
				dark, _, _, _ := want.At(x, y).RGBA()
				got := m.RGBAAt(at.Min.X+int((float64(x)+4.5)*module), at.Min.Y+int((float64(y)+4.5)*module))
				if (got.R == 0) != (dark == 0) {
					t.Fatalf("%v: module %d, %d is %v", size, x, y, got)
				}
			}
		}
	}
}

func TestWordsKeepOffTheCode(t *testing.T) {
	f := testFonts(t)
	for name, s := range samples() {
		if s.Template == Urgent {
			continue
		}
		for _, size := range []image.Point{{1920, 1080}, {1080, 1920}} {
			p, err := compose(linked(s), f, size.X, size.Y)
			if err != nil {
				continue // there is less room now, and what does not fit is refused
			}
			with := newCanvas(size.X, size.Y, p.background, p.setter)
			p.draw(with)
			p.code = nil
			without := newCanvas(size.X, size.Y, p.background, p.setter)
			p.draw(without)
			p.ink, p.accent = p.background, p.background
			ground := newCanvas(size.X, size.Y, p.background, p.setter)
			p.draw(ground)
			changed := image.Rectangle{}
			for y := range size.Y {
				for x := range size.X {
					if with.RGBAAt(x, y) != without.RGBAAt(x, y) {
						changed = changed.Union(image.Rect(x, y, x+1, y+1))
					}
				}
			}
			for y := changed.Min.Y; y < changed.Max.Y; y++ {
				for x := changed.Min.X; x < changed.Max.X; x++ {
					if without.RGBAAt(x, y) != ground.RGBAAt(x, y) {
						t.Fatalf("%s at %v: something is drawn at %d, %d, beneath the code %v", name, size, x, y, changed)
					}
				}
			}
		}
	}
}

func TestCodesThatTelephonesCannotOpenAreRefused(t *testing.T) {
	for name, code := range map[string]string{
		"no scheme": "medlineplus.gov", "another scheme": "javascript://medlineplus.gov/", "no host": "https:///page", "spaces": "https://medlineplus.gov/a b",
		"letters beyond ASCII": "https://medlineplus.gov/español", "too long": "https://medlineplus.gov/" + strings.Repeat("x", MaxCode),
	} {
		s := samples()["notice-en"]
		s.Code = code
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), "code") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := linked(samples()["urgent-en"]).Validate(); err == nil {
		t.Error("an urgent slide has a code")
	}
}
