package ingest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hugePNG is a few bytes that announce a picture of w x h.
func hugePNG(w, h uint32) []byte {
	head := binary.BigEndian.AppendUint32(nil, w)
	head = binary.BigEndian.AppendUint32(head, h)
	b := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(head, 8, 6, 0, 0, 0))...)
	return append(b, pngChunk("IDAT", []byte{0x78, 0x9c})...)
}

// deflatedPNG is a whole picture of one colour: megabytes of zeroes in a few kilobytes.
func deflatedPNG(t *testing.T, w, h int) []byte {
	t.Helper()
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	var data bytes.Buffer
	z, err := zlib.NewWriterLevel(&data, zlib.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]byte, 1+8*w) // 16 bits of RGBA
	for range h {
		if _, err := z.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	b := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(head, 16, 6, 0, 0, 0))...)
	return append(append(b, pngChunk("IDAT", data.Bytes())...), pngChunk("IEND", nil)...)
}

// hugeWebP announces a lossless WebP of 16384 x 16384 (golang/image#31).
func hugeWebP() []byte {
	bits := uint32(16383) | 16383<<14
	b := append([]byte("RIFF\x14\x00\x00\x00WEBPVP8L\x08\x00\x00\x00\x2f"), binary.LittleEndian.AppendUint32(nil, bits)...)
	return append(b, 0, 0, 0)
}

func hugeGIF() []byte {
	return []byte("GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x00;")
}

// hugeJPEG is a true picture whose frame header is made to say 65535 x 65535.
func hugeJPEG(t *testing.T) []byte {
	t.Helper()
	b := photograph(t, 32, 32)
	at := bytes.Index(b, []byte{0xff, 0xc0})
	copy(b[at+5:], []byte{0xff, 0xff, 0xff, 0xff})
	return b
}

func TestPicturesThatAreRefused(t *testing.T) {
	b := newBench(t, Limits{})
	photo, drawing := photograph(t, 400, 300), asPNG(t, flat(400, 300))
	webp := convert(t, drawing, "webp", "-lossless", "0")
	animated := ffmpeg(t, filepath.Join(t.TempDir(), "moving.webp"), "-f", "lavfi", "-i", "testsrc=size=64x64:rate=5", "-frames:v", "4", "-c:v", "libwebp_anim")
	for _, c := range []struct {
		name  string
		file  string
		body  []byte
		words []string
	}{
		{"nothing", "a.jpg", nil, []string{"empty"}},
		{"text", "a.txt", []byte("Opening hours: 8 to 17"), []string{"neither a picture nor a video"}},
		{"text that says it is a picture", "a.jpg", []byte("Opening hours: 8 to 17"), []string{"neither a picture nor a video"}},
		{"a page", "a.png", []byte("<!DOCTYPE html><html><script>alert(1)</script>"), []string{"text/html"}},
		{"a drawing with scripts", "a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), []string{"SVG", "PNG"}},
		{"a program", "a.jpg", []byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00"), []string{"neither"}},
		{"a PNG that calls itself JPEG", "a.jpg", drawing, []string{"ends in .jpg", "holds a PNG"}},
		{"a JPEG that calls itself a video", "a.mp4", photo, []string{"ends in .mp4", "holds a JPEG"}},
		{"a JPEG that calls itself a program", "a.exe", photo, []string{"ends in .exe"}},
		{"a picture that may move", "a.gif", hugeGIF(), []string{"GIF", "MP4"}},
		{"a moving WebP", "a.webp", animated, []string{"moves", "MP4"}},
		{"a PNG of 65500 x 65500 in 60 bytes", "a.png", hugePNG(65500, 65500), []string{"65500 x 65500", "64 million"}},
		{"a PNG of 2 thousand million by 2 thousand million", "a.png", hugePNG(1<<31-1, 1<<31-1), []string{"too many pixels"}},
		{"a PNG one pixel wide", "a.png", asPNG(t, flat(1, 4000)), []string{"only 1 x 4000"}},
		{"a WebP of 16384 x 16384 in 28 bytes", "a.webp", hugeWebP(), []string{"16384 x 16384"}},
		{"a JPEG of 65535 x 65535", "a.jpg", hugeJPEG(t), []string{"65535 x 65535"}},
		{"a JPEG cut in half", "a.jpg", photo[:len(photo)/2], []string{"JPEG", "ends too early"}},
		{"a JPEG without its last tenth", "a.jpg", photo[:len(photo)*9/10], []string{"ends too early"}},
		{"a JPEG of its header alone", "a.jpg", photo[:300], []string{"ends too early"}},
		{"a PNG cut in half", "a.png", drawing[:len(drawing)/2], []string{"PNG", "ends too early"}},
		{"a PNG without its end", "a.png", drawing[:len(drawing)-12], []string{"ends too early"}},
		{"a PNG with a wrong byte", "a.png", flipped(drawing, len(drawing)/2), []string{"damaged"}},
		{"a WebP cut in half", "a.webp", webp[:len(webp)/2], []string{"WebP"}},
		{"a WebP of its header alone", "a.webp", webp[:40], []string{"WebP"}},
		{"a slide with words of ours missing", "a.json", []byte(`{"template":"notice","language":"en"}`), []string{"slide"}},
		{"some other JSON", "a.json", []byte(`{"a":1}`), []string{"slide"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inner := *b
			inner.t = t
			inner.refuses(c.file, c.body, c.words...)
		})
	}
}

func flipped(b []byte, at int) []byte {
	c := bytes.Clone(b)
	c[at] ^= 0x40
	return c
}

func TestEveryTruncationOfAPictureIsRefused(t *testing.T) {
	small := photograph(t, 48, 48)
	dir := t.TempDir()
	for name, whole := range map[form][]byte{
		formJPEG: small, formPNG: asPNG(t, scene(24, 24)), formWebP: convert(t, asPNG(t, scene(48, 48)), "webp", "-lossless", "0"),
	} {
		path := filepath.Join(dir, "source")
		for n := 12; n < len(whole)-2; n += max(1, len(whole)/200) {
			if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
				t.Fatal(err)
			}
			if err := convertPicture(pictureOrder{Source: path, Form: name, Dir: dir, Pixels: 1e6}, func(message) {}); err == nil {
				t.Errorf("a %s of which %d of %d bytes are there was taken", name, n, len(whole))
			}
		}
	}
}

func TestWhatIsHiddenBehindAPictureIsNotKept(t *testing.T) {
	b := newBench(t, Limits{})
	secret := []byte("PK\x03\x04<script>alert(document.cookie)</script>")
	for file, body := range map[string][]byte{
		"a.jpg": append(photograph(t, 300, 200), secret...),
		"b.jpg": withSegment(photograph(t, 300, 200), 0xfe, secret),
		"c.png": append(asPNG(t, flat(300, 200)), secret...),
	} {
		for _, a := range b.accepts(file, body).Variants {
			raw, err := os.ReadFile(b.content.Path(a.Digest))
			if err != nil || bytes.Contains(raw, []byte("script")) {
				t.Errorf("%s: the asset carries what was hidden in the upload (%v)", file, err)
			}
		}
	}
}

func TestBombsCostTheControllerNothing(t *testing.T) {
	if raced {
		t.Skip("under the race detector the figures are the detector's, and the child runs into its limit of CPU time")
	}
	b := newBench(t, Limits{})
	before := resident(t)
	// Allowed, but at 16 bits a colour it takes 200 MB in the child.
	bomb := deflatedPNG(t, 6000, 4000)
	if len(bomb) > 2<<20 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	b.accepts("bomb.png", bomb)
	b.refuses("bomb.png", deflatedPNG(t, 8001, 8000), "8001 x 8000")
	if grown := resident(t) - before; grown > 64<<20 {
		t.Errorf("the controller grew by %d MiB, want at most 64", grown>>20)
	}
}

// resident is this process's resident memory in bytes.
func resident(t *testing.T) int64 {
	t.Helper()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	return pagesAt(string(b), 1) * int64(os.Getpagesize())
}

func pagesAt(statm string, field int) int64 {
	var n int64
	for _, c := range strings.Fields(statm)[field] {
		n = n*10 + int64(c-'0')
	}
	return n
}

func TestLargestPictureFitsItsBounds(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	b := newBench(t, Limits{})
	m := image.NewYCbCr(image.Rect(0, 0, 9200, 6900), image.YCbCrSubsampleRatio420)
	for i := range m.Y {
		m.Y[i] = uint8(i / 9200 / 28)
	}
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, m, nil); err != nil {
		t.Fatal(err)
	}
	if got := dimensions(b.accepts("large.jpg", jpg.Bytes())); len(got) != 3 {
		t.Errorf("variants of a photograph of 63 million pixels are %v, want three", got)
	}
}
