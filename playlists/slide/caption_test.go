package slide

import (
	"image"
	"testing"

	"anteroom/playlists"
)

func TestCaptionsLookAsTheyDid(t *testing.T) {
	fonts := testFonts(t)
	for name, c := range map[string]struct{ language, words string }{
		"caption-en": {"en", "Drink a glass of water\nbefore you take them."},
		"caption-ar": {"ar", "اشرب كأسًا من الماء (200 ml)\nقبل أن تتناولها."},
		"caption-zh": {"zh-Hans", "服药前，请先喝一杯水。"},
	} {
		got := Caption(c.words, playlists.Language(c.language), fonts, 640, 360, Floor(640, 360))
		got.Rect = image.Rectangle{Max: got.Rect.Size()}
		golden(t, name, got)
	}
}

// However long it is, a caption stands within the film, in the middle of its foot, and no letter is too small.
func TestCaptionsStandAtTheFoot(t *testing.T) {
	fonts := latinFonts(t)
	longest := ""
	for len(longest) < 245 {
		longest += "water "
	}
	for _, size := range []image.Point{{1920, 1080}, {1080, 1920}, {1080, 607}, {640, 360}} {
		for _, words := range []string{"Hello.", "Two\nlines", longest} {
			floor := Floor(size.X, size.Y)
			r := Caption(words, "en", fonts, size.X, size.Y, floor).Rect
			if !r.In(image.Rectangle{Max: size}) || float64(r.Dy()) < floor || float64(r.Max.Y) < 0.85*float64(size.Y) {
				t.Errorf("%.10q in %v stands at %v", words, size, r)
			}
			if left, right := r.Min.X, size.X-r.Max.X; left-right > 1 || right-left > 1 {
				t.Errorf("%.10q in %v is not in the middle: %v", words, size, r)
			}
		}
	}
}
