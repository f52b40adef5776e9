package ingest

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"anteroom/playlists"
	"anteroom/playlists/playliststest/fuzztest"
)

// scene is a picture with noise, as a camera makes it.
func scene(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(1, 2))
	for y := range h {
		for x := range w {
			n := uint8(r.IntN(40))
			m.SetRGBA(x, y, color.RGBA{uint8(200*x/w) + n, uint8(200*y/h) + n, 90 + n, 255})
		}
	}
	return m
}

func photograph(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, scene(w, h), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// flat is a drawing: few colours, sharp edges.
func flat(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{11, 61, 76, 255}
			if (x/50+y/50)%2 == 0 {
				c = color.RGBA{255, 255, 255, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

// quarters marks the four corners of a picture: red, green / blue, white.
func quarters(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			switch {
			case x < w/2 && y < h/2:
				m.SetRGBA(x, y, color.RGBA{255, 0, 0, 255})
			case y < h/2:
				m.SetRGBA(x, y, color.RGBA{0, 255, 0, 255})
			case x < w/2:
				m.SetRGBA(x, y, color.RGBA{0, 0, 255, 255})
			default:
				m.SetRGBA(x, y, color.RGBA{255, 255, 255, 255})
			}
		}
	}
	return m
}

// withSegment puts a segment behind a JPEG's first marker.
func withSegment(jpg []byte, marker byte, data []byte) []byte {
	out := append([]byte{}, jpg[:2]...)
	out = append(out, 0xff, marker)
	out = binary.BigEndian.AppendUint16(out, uint16(len(data)+2))
	return append(append(out, data...), jpg[2:]...)
}

// exif is an EXIF segment that says only an orientation.
func exif(o orient) []byte {
	b := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08")
	b = binary.BigEndian.AppendUint16(b, 1)      // one entry
	b = binary.BigEndian.AppendUint16(b, 0x0112) // orientation
	b = binary.BigEndian.AppendUint16(b, 3)      // a short
	b = binary.BigEndian.AppendUint32(b, 1)
	b = binary.BigEndian.AppendUint16(b, uint16(o))
	return append(b, 0, 0, 0, 0, 0, 0)
}

func (b *bench) picture(a playlists.Asset) image.Image {
	b.t.Helper()
	f, _, err := b.content.Open(a.Digest)
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	m, kind, err := image.Decode(f)
	if err != nil || "image/"+kind != a.MediaType || m.Bounds().Dx() != a.Width || m.Bounds().Dy() != a.Height {
		b.t.Fatalf("the asset says %s %dx%d; the file is %s %v, %v", a.MediaType, a.Width, a.Height, kind, m.Bounds(), err)
	}
	return m
}

// dimensions lists an upload's variants, "image/jpeg 1280x960".
func dimensions(u Upload) []string {
	var all []string
	for _, a := range u.Variants {
		all = append(all, a.MediaType+" "+image.Pt(a.Width, a.Height).String())
	}
	return all
}

func TestPictureVariants(t *testing.T) {
	b := newBench(t, Limits{})
	transparent := flat(1500, 300)
	transparent.SetRGBA(3, 3, color.RGBA{})
	for _, c := range []struct {
		name string
		file string
		body []byte
		want []string
	}{
		{"a small photograph keeps its size", "a.jpg", photograph(t, 640, 480), []string{"image/jpeg (640,480)"}},
		{"a photograph of 1300 is near enough to 1280", "b.jpeg", photograph(t, 1300, 650), []string{"image/jpeg (1280,640)"}},
		{"a portrait photograph is measured on its height", "c.JPG", photograph(t, 1000, 2000), []string{"image/jpeg (640,1280)", "image/jpeg (960,1920)"}},
		{"a large photograph comes in all three sizes", "d.jpg", photograph(t, 4000, 3000), []string{"image/jpeg (1280,960)", "image/jpeg (1920,1440)", "image/jpeg (3840,2880)"}},
		{"a photograph saved as PNG becomes JPEG", "e.png", asPNG(t, scene(400, 300)), []string{"image/jpeg (400,300)"}},
		{"flat graphics stay PNG", "f.png", asPNG(t, flat(1600, 900)), []string{"image/png (1280,720)", "image/png (1600,900)"}},
		{"what is transparent stays PNG", "g.png", asPNG(t, transparent), []string{"image/png (1280,256)", "image/png (1500,300)"}},
		{"grey", "h.png", asPNG(t, image.NewGray(image.Rect(0, 0, 200, 100))), []string{"image/png (200,100)"}},
		{"16 bits a colour", "i.png", asPNG(t, image.NewRGBA64(image.Rect(0, 0, 200, 100))), []string{"image/png (200,100)"}},
		{"a name without an ending", "photo", photograph(t, 64, 64), []string{"image/jpeg (64,64)"}},
		{"a WebP photograph", "j.webp", convert(t, asPNG(t, scene(300, 200)), "webp", "-lossless", "0"), []string{"image/jpeg (300,200)"}},
		{"a WebP drawing", "k.webp", convert(t, asPNG(t, flat(300, 200)), "webp", "-lossless", "1"), []string{"image/png (300,200)"}},
		{"a panorama", "l.jpg", photograph(t, 6000, 20), []string{"image/jpeg (1280,4)", "image/jpeg (1920,6)", "image/jpeg (3840,13)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			u := b.accepts(c.file, c.body)
			if diff := cmp.Diff(c.want, dimensions(u)); diff != "" {
				t.Errorf("variants (-want +got):\n%s", diff)
			}
			for _, a := range u.Variants {
				b.picture(a)
			}
		})
	}
}

// convert runs ffmpeg over bytes; kind is the ending of the result.
func convert(t *testing.T, in []byte, kind string, args ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	from, to := filepath.Join(dir, "in"), filepath.Join(dir, "out."+kind)
	if err := os.WriteFile(from, in, 0o600); err != nil {
		t.Fatal(err)
	}
	return ffmpeg(t, to, append([]string{"-i", from}, args...)...)
}

// ffmpeg makes a file.
func ffmpeg(t *testing.T, to string, args ...string) []byte {
	t.Helper()
	args = append([]string{"-nostdin", "-v", "error", "-y"}, append(args, to)...)
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", args...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %s: %v: %s", strings.Join(args, " "), err, out)
	}
	b, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOrientationIsAppliedAndForgotten(t *testing.T) {
	b := newBench(t, Limits{})
	// The corners of the file, and where EXIF says that they lie: rows top to bottom.
	for o, want := range map[orient]string{
		1: "RG BW", 2: "GR WB", 3: "WB GR", 4: "BW RG", 5: "RB GW", 6: "BR WG", 7: "WG BR", 8: "GW RB",
	} {
		var jpg bytes.Buffer
		if err := jpeg.Encode(&jpg, quarters(160, 80), &jpeg.Options{Quality: 95}); err != nil {
			t.Fatal(err)
		}
		u := b.accepts("turned.jpg", withSegment(jpg.Bytes(), 0xe1, exif(o)))
		m := b.picture(u.Variants[0])
		if got := corners(m); got != want {
			t.Errorf("orientation %d: corners are %s, want %s", o, got, want)
		}
		if wide := m.Bounds().Dx() > m.Bounds().Dy(); wide != (o <= 4) {
			t.Errorf("orientation %d: the picture is %v", o, m.Bounds())
		}
		raw, err := os.ReadFile(b.content.Path(u.Variants[0].Digest))
		if err != nil || bytes.Contains(raw, []byte("Exif")) {
			t.Errorf("orientation %d: the asset still says so itself (%v)", o, err)
		}
	}
}

func corners(m image.Image) string {
	b := m.Bounds()
	name := func(x, y int) string {
		r, g, bl, _ := m.At(x, y).RGBA()
		switch {
		case r > 0x8000 && g > 0x8000 && bl > 0x8000:
			return "W"
		case r > 0x8000:
			return "R"
		case g > 0x8000:
			return "G"
		}
		return "B"
	}
	return name(8, 8) + name(b.Max.X-8, 8) + " " + name(8, b.Max.Y-8) + name(b.Max.X-8, b.Max.Y-8)
}

// displayP3 is a profile with Display P3's primaries and sRGB's curve.
func displayP3() []byte {
	tags := map[string][]byte{
		"rXYZ": xyz(0.51512, 0.24120, -0.00105), "gXYZ": xyz(0.29198, 0.69225, 0.04189), "bXYZ": xyz(0.15710, 0.06657, 0.78407),
		"rTRC": srgbCurve(), "gTRC": srgbCurve(), "bTRC": srgbCurve(),
	}
	head := append(bytes.Repeat([]byte{0}, 16), "RGB XYZ "...)
	head = append(head, bytes.Repeat([]byte{0}, 128-len(head))...)
	head = binary.BigEndian.AppendUint32(head, uint32(len(tags)))
	var data []byte
	for name, tag := range tags {
		head = append(head, name...)
		head = binary.BigEndian.AppendUint32(head, uint32(132+12*len(tags)+len(data)))
		head = binary.BigEndian.AppendUint32(head, uint32(len(tag)))
		data = append(data, tag...)
	}
	return append(head, data...)
}

func xyz(v ...float64) []byte { return numbers([]byte("XYZ \x00\x00\x00\x00"), v...) }

func srgbCurve() []byte {
	return numbers([]byte("para\x00\x00\x00\x00\x00\x03\x00\x00"), 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045)
}

func numbers(b []byte, v ...float64) []byte {
	for _, f := range v {
		b = binary.BigEndian.AppendUint32(b, uint32(int32(math.Round(f*65536))))
	}
	return b
}

func TestProfilesAreTurnedIntoSRGB(t *testing.T) {
	uniform := func(c color.RGBA) []byte {
		m := image.NewRGBA(image.Rect(0, 0, 64, 64))
		for i := range 64 * 64 {
			m.SetRGBA(i%64, i/64, c)
		}
		return asPNG(t, m)
	}
	var jpg bytes.Buffer
	m, err := png.Decode(bytes.NewReader(uniform(color.RGBA{200, 100, 60, 255})))
	if err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&jpg, m, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, Limits{})
	// By the matrices of CSS Color 4, color(display-p3 0.784 0.392 0.235) is rgb(215 93 47).
	icc := append([]byte("ICC_PROFILE\x00\x01\x01"), displayP3()...)
	for name, c := range map[string]struct {
		body []byte
		want color.RGBA
	}{
		"p3.jpg":   {withSegment(jpg.Bytes(), 0xe2, icc), color.RGBA{215, 93, 47, 255}},
		"srgb.jpg": {jpg.Bytes(), color.RGBA{200, 100, 60, 255}},
		"cut.jpg":  {withSegment(jpg.Bytes(), 0xe2, icc[:200]), color.RGBA{200, 100, 60, 255}},
	} {
		got := color.RGBAModel.Convert(b.picture(b.accepts(name, c.body).Variants[0]).At(32, 32)).(color.RGBA)
		if far(got.R, c.want.R) || far(got.G, c.want.G) || far(got.B, c.want.B) {
			t.Errorf("%s: colour is %v, want about %v", name, got, c.want)
		}
	}
}

func far(a, b uint8) bool { return max(a, b)-min(a, b) > 3 }

func FuzzProfile(f *testing.F) {
	g := fuzztest.New(f)
	g.Add(displayP3())
	g.Add(displayP3()[:150])
	g.Fuzz(func(t *testing.T, b []byte) {
		p := parseProfile(b)
		m := p.toSRGB(flat(4, 4))
		if m.Rect.Dx() != 4 {
			t.Fatal("another picture")
		}
		for _, f := range []form{formJPEG, formPNG, formWebP} {
			findProfile(f, b)
			orientation(f, b)
		}
	})
}

// What the header lets through is decoded, as the child does it.
func FuzzPicture(f *testing.F) {
	g := fuzztest.New(f)
	g.Add(photograph(f, 24, 17))
	g.Add(asPNG(f, scene(24, 17)))
	webp, err := base64.StdEncoding.DecodeString(smallWebP)
	if err != nil {
		f.Fatal(err)
	}
	g.Add(webp)
	const pixels = 1 << 18
	g.Fuzz(func(t *testing.T, b []byte) {
		form, err := decide("", b)
		if err != nil || form.medium() != playlists.Image || checkSize(pictureOrder{Form: form, Pixels: pixels}, b) != nil {
			return
		}
		if m, err := decodePicture(form, bytes.NewReader(b)); err == nil && m.Bounds().Dx()*m.Bounds().Dy() > pixels {
			t.Fatalf("a picture of %v passed", m.Bounds())
		}
	})
}

// smallWebP is one of 24 x 18 with losses, as ffmpeg makes it of its test picture.
const smallWebP = "UklGRj4BAABXRUJQVlA4IDIBAAAwCACdASoYABIAPxF6tlOsJ6UiqAqpgCIJbACdMzM8B/ZuaRIDc1c5r/UnfK/Yd/QD0ZutY8m4BOOxN9PZ9MYdyioY5QRVt0T1oAD+7P06QVVO8gVqYw7u7g7ktgckFUM+vZB2T6UeAFqRktcLmLWqVgxcEQ2+DSZ9LpNQ2pf8Ljvt6HKCtqW1mh1LEFG4v5p+HYAdXBrbPIIFZV12Ebf8L4034aAW48//ao24rTo7KJJE+TiEiY7KunY4g9z9yQpix/Igc1f67RybmGzpO44mfRvv//r35OalMq50HldoJ/FUoSgYyEWJXDvd6V376Po1L/Wbp8PGVB0+V+ExSqlPx8r8Jmv2JDDsdUf3jsnNVNpsd9E2Le87vreDM2FHAV+Ginb8OkOG4WFw3x1FJonQAAA="

func TestResizeInBandsIsTheWholeFilter(t *testing.T) {
	src := scene(700, 500)
	got := resize(src, image.Pt(333, 217))
	whole := image.NewRGBA(got.Rect)
	catmullRom(whole, src)
	worst := 0
	for i := range got.Pix {
		worst = max(worst, int(max(got.Pix[i], whole.Pix[i])-min(got.Pix[i], whole.Pix[i])))
	}
	if worst > 2 {
		t.Errorf("a value differs by %d of 255 from the filter in one piece, want at most 2 for rounding", worst)
	}
}

func TestThumbnails(t *testing.T) {
	b := newBench(t, Limits{})
	a := b.accepts("a.jpg", photograph(t, 1600, 1200)).Variants[0]
	first, err := b.Thumbnail(t.Context(), a.Digest, a.Medium, 300)
	if err != nil {
		t.Fatal(err)
	}
	if m := b.picture(playlists.Asset{Digest: first, MediaType: "image/jpeg", Width: 320, Height: 240}); m == nil {
		t.Error("no thumbnail")
	}
	if again, err := b.Thumbnail(t.Context(), a.Digest, a.Medium, 320); err != nil || again != first {
		t.Errorf("the same thumbnail is %s, %v; want %s from memory", again, err, first)
	}
	if _, err := b.Thumbnail(t.Context(), "0000", playlists.Image, 320); err == nil {
		t.Error("there is a thumbnail of nothing")
	}
	if entries, _ := os.ReadDir(b.dir); len(entries) != 0 {
		t.Errorf("left in the directory of uploads: %v", entries)
	}
}

// pngChunk makes one chunk with its checksum.
func pngChunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}
