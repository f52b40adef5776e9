package slide

import (
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

func TestSlidesLookAsTheyDid(t *testing.T) {
	fonts := testFonts(t)
	for name, s := range samples() {
		for _, size := range []image.Point{{640, 360}, {360, 640}} {
			got, err := Render(s, fonts, size.X, size.Y)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			golden(t, fmt.Sprintf("%s-%dx%d", name, size.X, size.Y), got)
		}
	}
}

func TestPanelsLookAsTheyDid(t *testing.T) {
	f := latinFonts(t)
	golden(t, "slate-pairing", RenderSlate(Slate{
		Name: "Lakeside Hospital", Title: "Pair this screen", Code: "KXMTRPWD",
		Words:      []string{"anchor", "velvet", "orange", "bridge", "candle", "winter"},
		Lines:      []string{"Enter the code in the console and compare the six words."},
		Background: "#0b3d4c", Ink: "#ffffff",
	}, f, 640, 360))
	golden(t, "slate-name", RenderSlate(Slate{Name: "Lakeside Hospital"}, f, 360, 640))
	logo := image.NewRGBA(image.Rect(0, 0, 120, 60))
	draw.Draw(logo, logo.Rect, image.NewUniform(color.RGBA{0xf2, 0xb8, 0x4b, 0xff}), image.Point{}, draw.Src)
	golden(t, "slate-logo", RenderSlate(Slate{Name: "Lakeside Hospital", Logo: logo}, f, 640, 360))
	golden(t, "label", Label("17:30", f, 200, 80, "#f7f3ea", "#1d2b33"))
	strip, _ := Strip("Flu shots are free today", f, 48, 1000, "#0b3d4c", "#ffffff")
	golden(t, "strip", strip)
}

// golden compares a picture with the one kept: exact on amd64, elsewhere within 1 a channel, for the
// last bit of a curve may differ there.
func golden(t *testing.T, name string, got *image.RGBA) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name+".png")
	if *update {
		writePNG(t, path, got)
		return
	}
	want := readPNG(t, path)
	if got.Rect != want.Rect {
		t.Errorf("%s: got a picture of %v, want %v", name, got.Rect, want.Rect)
		return
	}
	tolerance := 1
	if runtime.GOARCH == "amd64" {
		tolerance = 0
	}
	wrong := 0
	for i := range got.Pix {
		if d := int(got.Pix[i]) - int(want.Pix[i]); d > tolerance || -d > tolerance {
			wrong++
		}
	}
	if wrong > 0 {
		at := filepath.Join(t.ArtifactDir(), name+".png")
		writePNG(t, at, got)
		t.Errorf("%s: %d channel values differ from %s; the picture now is %s (make golden accepts it)", name, wrong, path, at)
	}
}

func writePNG(t *testing.T, path string, m image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func readPNG(t *testing.T, path string) *image.RGBA {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatalf("%v (make golden writes it)", err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	rgba := image.NewRGBA(m.Bounds())
	draw.Draw(rgba, rgba.Rect, m, m.Bounds().Min, draw.Src)
	return rgba
}
