package fonts_test

import (
	"testing"

	"anteroom/controller/fonts"
	"anteroom/playlists/slide"
)

func TestFontsCanBeDrawnWith(t *testing.T) {
	f, err := slide.NewFonts(fonts.All())
	if err != nil {
		t.Fatal(err)
	}
	s := slide.Slide{Template: slide.Notice, Language: "vi", Title: "Chào mừng quý khách", Text: "Vui lòng đợi."}
	if len(fonts.All()) == 2 { // the Go fonts
		s = slide.Slide{Template: slide.Notice, Language: "en", Title: "Welcome"}
	}
	if err := slide.Fits(s, f); err != nil {
		t.Error(err)
	}
}
