package scene

import (
	"image"
	"testing"

	"pgregory.net/rapid"

	"anteroom/player/playback"
	"anteroom/playlists/slide"
)

func TestTheWayToPhonesCoversNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := image.Pt(rapid.IntRange(0, 4000).Draw(t, "x"), rapid.IntRange(0, 4000).Draw(t, "y"))
		region := image.Rectangle{at, at.Add(image.Pt(rapid.IntRange(5, 8000).Draw(t, "w"), rapid.IntRange(5, 8000).Draw(t, "h")))}
		picture, handOff := Beside(region)
		if picture.Overlaps(handOff) || picture.Union(handOff) != region || picture.Empty() || handOff.Empty() {
			t.Fatalf("%v becomes %v for the picture and %v", region, picture, handOff)
		}
		if area := func(r image.Rectangle) int { return r.Dx() * r.Dy() }; area(picture) < 3*area(handOff) {
			t.Fatalf("of %v the picture has only %v", region, picture)
		}
	})
}

// A telephone reads what stands there: the modules of the picture are those of the code.
func TestTheCodeOnTheWallSaysTheAddress(t *testing.T) {
	fonts, err := slide.NewFonts(nil)
	if err != nil {
		t.Fatal(err)
	}
	h := playback.HandOff{Address: "https://care.lakeside.example/BCDFGHJK/flu-2026", Short: "care.lakeside.example/BCDF-GHJK"}
	code, err := slide.NewCode(h.Address)
	if err != nil {
		t.Fatal(err)
	}
	modules := code.Modules()
	want := image.NewGray(image.Rect(0, 0, modules, modules))
	code.Paint(want, image.Point{}, 1)
	for _, size := range []image.Point{{384, 1080}, {1080, 384}, {256, 720}, {768, 2160}, {300, 300}} {
		m, err := HandOff(h, fonts, size, "#ffffff", "#0b3d4c")
		if err != nil {
			t.Errorf("%v: %v", size, err)
			continue
		}
		scale := min(size.X, size.Y) * 9 / 10 / modules
		square, host, typed := around(size, modules*scale)
		if all := (image.Rectangle{Max: size}); !square.In(all) || !host.In(all) || !typed.In(all) || square.Overlaps(host) || host.Overlaps(typed) || square.Overlaps(typed) {
			t.Errorf("%v: the code at %v, the address at %v and %v", size, square, host, typed)
		}
		for y := range modules {
			for x := range modules {
				if got := m.RGBAAt(square.Min.X+x*scale+scale/2, square.Min.Y+y*scale+scale/2); got.R != want.GrayAt(x, y).Y {
					t.Fatalf("%v: module %d, %d is %v", size, x, y, got)
				}
			}
		}
	}
	if _, err := HandOff(h, fonts, image.Pt(90, 300), "", ""); err == nil {
		t.Error("a code in 90 pixels cannot be read from a step away, but was drawn")
	}
}
