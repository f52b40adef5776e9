package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/playlists/playliststest/fuzztest"
)

func TestFit(t *testing.T) {
	for _, test := range []struct {
		name        string
		source, box image.Point
		fill        bool
		want        Fitted
	}{
		{"wide into a square: bars above and below", image.Pt(200, 100), image.Pt(100, 100), false, Fitted{image.Rect(0, 0, 200, 100), image.Pt(100, 50), image.Pt(100, 50)}},
		{"tall into a square: bars beside", image.Pt(100, 200), image.Pt(100, 100), false, Fitted{image.Rect(0, 0, 100, 200), image.Pt(50, 100), image.Pt(50, 100)}},
		{"wide fills a square: sides cut off", image.Pt(200, 100), image.Pt(100, 100), true, Fitted{image.Rect(50, 0, 150, 100), image.Pt(100, 100), image.Pt(100, 100)}},
		{"tall fills a square: top and bottom cut off", image.Pt(100, 200), image.Pt(100, 100), true, Fitted{image.Rect(0, 50, 100, 150), image.Pt(100, 100), image.Pt(100, 100)}},
		{"small is enlarged by whoever draws", image.Pt(40, 20), image.Pt(100, 100), false, Fitted{image.Rect(0, 0, 40, 20), image.Pt(100, 50), image.Pt(40, 20)}},
		{"just right", image.Pt(640, 360), image.Pt(640, 360), false, Fitted{image.Rect(0, 0, 640, 360), image.Pt(640, 360), image.Pt(640, 360)}},
	} {
		if got := Fit(test.source, test.box, test.fill); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestFitStaysWithinBoxAndSource(t *testing.T) {
	side := rapid.IntRange(1, 8000)
	rapid.Check(t, func(t *rapid.T) {
		source, box := image.Pt(side.Draw(t, "w"), side.Draw(t, "h")), image.Pt(side.Draw(t, "bw"), side.Draw(t, "bh"))
		fill := rapid.Bool().Draw(t, "fill")
		f := Fit(source, box, fill)
		if f.Crop.Empty() || !f.Crop.In(image.Rectangle{Max: source}) {
			t.Fatalf("crop %v", f.Crop)
		}
		if f.Size.X < 1 || f.Size.Y < 1 || f.Size.X > box.X || f.Size.Y > box.Y || fill && f.Size != box {
			t.Fatalf("size %v", f.Size)
		}
		if !fill && f.Size.X != box.X && f.Size.Y != box.Y {
			t.Fatalf("size %v touches neither side of %v", f.Size, box)
		}
	})
}

func TestPictureIsDecodedToTheSizeShown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.png")
	src := image.NewNRGBA(image.Rect(0, 0, 400, 200))
	for y := range 200 {
		for x := range 400 {
			src.SetNRGBA(x, y, color.NRGBA{0xff, 0, 0, 0xff})
			if x < 200 {
				src.SetNRGBA(x, y, color.NRGBA{}) // the left half shows what is under it
			}
		}
	}
	save(t, path, func(b *bytes.Buffer) error { return png.Encode(b, src) })
	m, f, err := Picture(path, image.Pt(100, 100), false, color.RGBA{0, 0, 0xff, 0xff})
	if err != nil {
		t.Fatal(err)
	}
	if m.Rect.Size() != image.Pt(100, 50) || f.Size != image.Pt(100, 50) {
		t.Errorf("decoded to %v, shown at %v, want 100 by 50", m.Rect, f.Size)
	}
	if l, r := m.RGBAAt(10, 25), m.RGBAAt(90, 25); l != (color.RGBA{0, 0, 0xff, 0xff}) || r != (color.RGBA{0xff, 0, 0, 0xff}) {
		t.Errorf("left %v, right %v", l, r)
	}
}

func TestScalingDownLeavesNothingOut(t *testing.T) {
	// One white line in sixteen: each pixel of a picture an eighth the size must still be grey.
	src := image.NewGray(image.Rect(0, 0, 512, 512))
	for y := 0; y < 512; y += 16 {
		for x := range 512 {
			src.SetGray(x, y, color.Gray{0xff})
		}
	}
	path := filepath.Join(t.TempDir(), "a.png")
	save(t, path, func(b *bytes.Buffer) error { return png.Encode(b, src) })
	m, _, err := Picture(path, image.Pt(32, 32), false, color.Black)
	if err != nil {
		t.Fatal(err)
	}
	for y := range 32 {
		if g := m.RGBAAt(16, y).R; g < 10 || g > 22 {
			t.Fatalf("row %d is %d, want about 16", y, g)
		}
	}
}

func TestPictureRefuses(t *testing.T) {
	dir := t.TempDir()
	half := filepath.Join(dir, "half.jpg")
	save(t, half, func(b *bytes.Buffer) error {
		if err := jpeg.Encode(b, image.NewGray(image.Rect(0, 0, 300, 300)), nil); err != nil {
			return err
		}
		b.Truncate(b.Len() / 2)
		return nil
	})
	for name, content := range map[string][]byte{"empty": {}, "words": []byte("not a picture"), "bomb": pngOf(60000, 60000), "none": pngOf(0, 5)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"empty", "words", "bomb", "none", "half.jpg", "missing"} {
		if _, _, err := Picture(filepath.Join(dir, name), image.Pt(100, 100), false, color.Black); err == nil {
			t.Errorf("%s was taken for a picture", name)
		}
	}
	if _, err := Measure(bytes.NewReader(pngOf(60000, 60000))); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a bomb: %v, want ErrTooLarge", err)
	}
}

// pngOf is the head of a PNG that claims a size.
func pngOf(w, h uint32) []byte {
	head := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	head = append(binary.BigEndian.AppendUint32(head, h), 8, 2, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(b, head...), crc32.ChecksumIEEE(head))
}

func save(t *testing.T, path string, encode func(*bytes.Buffer) error) {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func FuzzMeasure(f *testing.F) {
	g := fuzztest.New(f)
	g.Add(pngOf(10, 10))
	g.Add(pngOf(1<<31-1, 1<<31-1))
	g.Add([]byte("RIFF\x00\x00\x00\x00WEBPVP8 "))
	g.Add([]byte("\xff\xd8\xff"))
	g.Fuzz(func(t *testing.T, b []byte) {
		if size, err := Measure(bytes.NewReader(b)); err == nil && (size.X <= 0 || size.Y <= 0 || size.X*size.Y > MaxPixels) {
			t.Fatalf("%v passed", size)
		}
	})
}

func FuzzProbe(f *testing.F) {
	g := fuzztest.New(f)
	g.Add([]byte(`{"streams":[{"codec_type":"video","width":1280,"height":720,"avg_frame_rate":"30000/1001"},{"codec_type":"audio"}],"format":{"duration":"8.0"}}`))
	g.Fuzz(func(t *testing.T, b []byte) {
		if info, err := parseProbe(b); err == nil && (info.Size.X <= 0 || info.Size.Y <= 0 || info.Rate < 1 || info.Duration < 0) {
			t.Fatalf("%+v passed", info)
		}
	})
}

// clip makes a video of four seconds at 25 pictures a second, 320 by 180, with sound.
func clip(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("no ffmpeg: run make setup")
	}
	path := filepath.Join(t.TempDir(), "clip.mp4")
	out, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=4",
		"-f", "lavfi", "-i", "sine=d=4", "-pix_fmt", "yuv420p", "-movflags", "+faststart", path).CombinedOutput()
	if err != nil {
		t.Fatalf("making a clip: %v: %s", err, out)
	}
	return path
}

// play takes every picture of a video as fast as it is decoded and counts them.
func play(t *testing.T, c VideoConfig) (pictures int, err error) {
	t.Helper()
	c.Box = image.Pt(320, 180)
	v, err := OpenVideo(t.Context(), c)
	if err != nil {
		return 0, err
	}
	done := make(chan error, 1)
	go func() { done <- v.Run(t.Context()) }()
	position := v.start + time.Millisecond
	for {
		if b, fresh := v.Frame(position); fresh {
			if len(b) != 320*180*3/2 {
				t.Fatalf("a picture of %d bytes", len(b))
			}
			pictures++
			position += time.Second / 25
			continue
		}
		select {
		case err := <-done:
			for {
				position += time.Second / 25
				if _, fresh := v.Frame(position); !fresh {
					return pictures, err
				}
				pictures++
			}
		case <-time.After(time.Millisecond):
		}
	}
}

func TestVideoIsPlayedWhole(t *testing.T) {
	path := clip(t)
	info, err := Probe(t.Context(), path)
	if want := (Info{Size: image.Pt(320, 180), Rate: 25, Duration: 4 * time.Second, Sound: true}); err != nil || info.Size != want.Size || info.Rate != want.Rate || !info.Sound || (info.Duration-want.Duration).Abs() > 100*time.Millisecond {
		t.Errorf("got %+v, %v; want %+v", info, err, want)
	}
	for _, test := range []struct {
		name  string
		start time.Duration
		want  int
	}{
		{"from its beginning", 0, 100},
		{"from its middle", 2 * time.Second, 50},
		{"by one who comes after its end", time.Minute, 25},
	} {
		if got, err := play(t, VideoConfig{Path: path, Start: test.start}); err != nil || got < test.want-2 || got > test.want+2 {
			t.Errorf("%s: %d pictures, %v; want %d", test.name, got, err, test.want)
		}
	}
}

func TestAVideoCutOffIsNotTakenForWhole(t *testing.T) {
	b, err := os.ReadFile(clip(t))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cut.mp4")
	if err := os.WriteFile(path, b[:len(b)*2/5], 0o600); err != nil {
		t.Fatal(err)
	}
	pictures, err := play(t, VideoConfig{Path: path})
	if err == nil || !strings.Contains(err.Error(), "cut off") || pictures == 0 {
		t.Errorf("%d pictures, %v; want some, and that it is cut off", pictures, err)
	}
}

func TestASilentDecoderIsGivenUp(t *testing.T) {
	path := clip(t)
	pictures, err := play(t, VideoConfig{Path: path, Stall: time.Nanosecond})
	if err == nil || !strings.Contains(err.Error(), "no picture for 1ns") || pictures >= 100 {
		t.Errorf("%d pictures of 100, %v", pictures, err)
	}
}

func TestVideoEndsWithItsContext(t *testing.T) {
	v, err := OpenVideo(t.Context(), VideoConfig{Path: clip(t), Box: image.Pt(320, 180)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if err := v.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestLateFramesArePassedOver(t *testing.T) {
	v := &Video{rate: 25, frames: make(chan frame, buffers), free: make(chan []byte, buffers)}
	for i := range 5 {
		v.frames <- frame{i, []byte{byte(i)}}
	}
	for _, step := range []struct {
		at    time.Duration
		want  byte
		fresh bool
	}{{0, 0, true}, {0, 0, false}, {41 * time.Millisecond, 1, true}, {130 * time.Millisecond, 3, true}, {time.Second, 4, true}, {2 * time.Second, 4, false}} {
		if b, fresh := v.Frame(step.at); b[0] != step.want || fresh != step.fresh {
			t.Errorf("at %v: picture %d, fresh %v; want %d, %v", step.at, b[0], fresh, step.want, step.fresh)
		}
	}
	if got := len(v.free); got != 4 {
		t.Errorf("%d buffers came back, want 4", got)
	}
}

func TestBadVideosAreRefused(t *testing.T) {
	clip(t) // or skip
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	called := make(chan struct{})
	go func() {
		if c, err := l.Accept(); err == nil {
			_ = c.Close()
			close(called)
		}
	}()
	for name, content := range map[string]string{
		"empty": "", "words": "this is no video", "list": "#EXTM3U\n#EXTINF:4,\nhttp://" + l.Addr().String() + "/a.ts\n#EXT-X-ENDLIST\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := play(t, VideoConfig{Path: path}); err == nil {
			t.Errorf("%s was played", name)
		}
	}
	select {
	case <-called:
		t.Error("a file made the decoder call out")
	default:
	}
}

func TestSoundWithoutACardIsAnErrorAndNoMore(t *testing.T) {
	path := clip(t)
	if _, err := os.Stat("/dev/snd"); err == nil {
		t.Skip("this machine has sound")
	}
	if err := Sound(t.Context(), path, 0, 50); err == nil || !strings.Contains(err.Error(), "playing sound") {
		t.Errorf("got %v", err)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	k := &tail{most: 8}
	for range 1000 {
		_, _ = k.Write([]byte("abc "))
	}
	_, _ = k.Write([]byte("the end"))
	if got := k.String(); got != "the end" {
		t.Errorf("kept %q", got)
	}
}

func TestDecodedSizesAreDivisibleByFour(t *testing.T) {
	for _, test := range []struct{ size, most, want image.Point }{
		{image.Pt(1921, 1081), image.Point{}, image.Pt(1920, 1080)},
		{image.Pt(1920, 1080), image.Pt(1280, 720), image.Pt(1280, 720)},
		{image.Pt(1080, 1920), image.Pt(1280, 720), image.Pt(404, 720)},
		{image.Pt(3, 3), image.Point{}, image.Pt(4, 4)},
	} {
		if got := decoded(test.size, test.most); got != test.want {
			t.Errorf("%v within %v: %v, want %v", test.size, test.most, got, test.want)
		}
	}
}
