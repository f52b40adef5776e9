package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"anteroom/playlists"
)

// clip makes a video of moving bars; more are ffmpeg's arguments for the output.
func clip(t *testing.T, name, size, rate string, length float64, more ...string) []byte {
	t.Helper()
	args := []string{
		"-f", "lavfi", "-i", "testsrc2=size=" + size + ":rate=" + rate,
		"-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100",
		"-t", strconv.FormatFloat(length, 'f', 3, 64), "-threads", "2",
	}
	return ffmpeg(t, filepath.Join(t.TempDir(), name), append(args, more...)...)
}

func h264() []string {
	return []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"}
}

func vp9() []string {
	return []string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"}
}

// facts are what ffprobe says of an asset.
func (b *bench) facts(a playlists.Asset) probed {
	b.t.Helper()
	out, err := exec.CommandContext(b.t.Context(), "ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json",
		b.content.Path(a.Digest)).Output()
	var p probed
	if err = errors.Join(err, json.Unmarshal(out, &p)); err != nil {
		b.t.Fatal(err)
	}
	return p
}

// normal checks everything that a stage relies on.
func (b *bench) normal(a playlists.Asset, wantRate string, wantSound bool) {
	b.t.Helper()
	p := b.facts(a)
	v, _ := p.picture()
	got := []string{a.MediaType, v.CodecName, v.PixFmt, v.ColorSpace, v.ColorRange, v.SAR, v.AvgRate, v.RealRate}
	want := []string{"video/mp4", "h264", "yuv420p", "bt709", "tv", "1:1", wantRate, wantRate}
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("%d x %d (-want +got):\n%s", a.Width, a.Height, diff)
	}
	if v.Width != a.Width || v.Height != a.Height || a.Width%4 != 0 || a.Height%4 != 0 {
		b.t.Errorf("the asset says %d x %d, the file %d x %d; want them alike and multiples of four", a.Width, a.Height, v.Width, v.Height)
	}
	if p.hasSound() != wantSound {
		b.t.Errorf("has sound: %v, want %v", p.hasSound(), wantSound)
	}
	raw, err := os.ReadFile(b.content.Path(a.Digest))
	if moov, mdat := bytes.Index(raw, []byte("moov")), bytes.Index(raw, []byte("mdat")); err != nil || moov < 0 || moov > mdat {
		b.t.Errorf("moov at %d, mdat at %d (%v); want moov first", moov, mdat, err)
	}
}

func TestVideoVariants(t *testing.T) {
	b := newBench(t, Limits{})
	for _, c := range []struct {
		name, file string
		body       []byte
		want       []string
		rate       string
		sound      bool
	}{
		{"a small MP4 keeps its size", "a.mp4", clip(t, "a.mp4", "640x360", "25", 2, h264()...), []string{"video/mp4 (640,360)"}, "25/1", true},
		{"odd sides become multiples of four", "b.mp4", clip(t, "b.mp4", "426x242", "30", 2, h264()...), []string{"video/mp4 (424,240)"}, "30/1", true},
		{"1080p comes in two sizes", "c.mp4", clip(t, "c.mp4", "1920x1080", "24", 2, h264()...), []string{"video/mp4 (1280,720)", "video/mp4 (1920,1080)"}, "24/1", true},
		{"NTSC keeps its rate", "d.mp4", clip(t, "d.mp4", "320x180", "30000/1001", 2, h264()...), []string{"video/mp4 (320,180)"}, "30000/1001", true},
		{"15 a second becomes 24", "e.mp4", clip(t, "e.mp4", "320x180", "15", 2, h264()...), []string{"video/mp4 (320,180)"}, "24/1", true},
		{"60 a second stays", "f.mp4", clip(t, "f.mp4", "320x180", "60", 2, h264()...), []string{"video/mp4 (320,180)"}, "60/1", true},
		{"VP9", "g.webm", clip(t, "g.webm", "640x360", "30", 2, vp9()...), []string{"video/mp4 (640,360)"}, "30/1", true},
		{"portrait", "h.mp4", clip(t, "h.mp4", "720x1280", "25", 2, h264()...), []string{"video/mp4 (720,1280)"}, "25/1", true},
		{"no sound", "i.mp4", clip(t, "i.mp4", "320x180", "25", 2, append(h264(), "-an")...), []string{"video/mp4 (320,180)"}, "25/1", false},
		{"sound that is silence", "j.mp4", clip(t, "j.mp4", "320x180", "25", 2, append(h264(), "-af", "volume=0")...), []string{"video/mp4 (320,180)"}, "25/1", false},
		{"10 bits a colour", "k.mp4", clip(t, "k.mp4", "320x180", "25", 2, "-c:v", "libx264", "-pix_fmt", "yuv422p10le", "-an"), []string{"video/mp4 (320,180)"}, "25/1", false},
		{"pixels that are not square", "l.mp4", clip(t, "l.mp4", "720x576", "25", 2, append(h264(), "-vf", "setsar=16/11")...), []string{"video/mp4 (1044,576)"}, "25/1", true},
		{"interlaced", "m.mp4", clip(t, "m.mp4", "720x576", "25", 2, append(h264(), "-vf", "setfield=tff", "-flags", "+ildct+ilme", "-x264opts", "tff=1")...), []string{"video/mp4 (720,576)"}, "25/1", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			inner := *b
			inner.t = t
			u := inner.accepts(c.file, c.body)
			if diff := cmp.Diff(c.want, dimensions(u)); diff != "" {
				t.Errorf("variants (-want +got):\n%s", diff)
			}
			for _, a := range u.Variants {
				inner.normal(a, c.rate, c.sound)
				if a.Millis < 1900 || a.Millis > 2100 || u.Millis != a.Millis || a.Medium != playlists.Video {
					t.Errorf("a %s lasts %d ms, the upload %d ms; want a video of 2,000", a.Medium, a.Millis, u.Millis)
				}
			}
		})
	}
}

func TestTurnedVideoStandsUpright(t *testing.T) {
	flat := clip(t, "a.mp4", "640x360", "25", 2, h264()...)
	turned := convert(t, flat, "mp4", "-c", "copy", "-metadata:s:v:0", "rotate=90")
	b := newBench(t, Limits{})
	if got := dimensions(b.accepts("turned.mp4", turned)); !cmp.Equal(got, []string{"video/mp4 (360,640)"}) {
		t.Errorf("variants are %v, want one of 360 x 640", got)
	}
}

func TestLoudnessIsEBUR128(t *testing.T) {
	b := newBench(t, Limits{})
	for name, gain := range map[string]string{"loud": "10dB", "quiet": "-15dB"} {
		u := b.accepts(name+".mp4", clip(t, "a.mp4", "320x180", "25", 4, append(h264(), "-af", "volume="+gain)...))
		if got := lufs(t, b.content.Path(u.Variants[0].Digest)); math.Abs(got-targetLUFS) > 1 {
			t.Errorf("a %s sound comes out at %.1f LUFS, want -23 within 1", name, got)
		}
	}
}

// lufs measures with ffmpeg's other meter, ebur128.
func lufs(t *testing.T, path string) float64 {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-i", path, "-af", "ebur128", "-f", "null", "-").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	at := strings.LastIndex(string(out), "I:")
	v, err := strconv.ParseFloat(strings.Fields(string(out)[at+2:])[0], 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestColoursOfAnUntaggedSmallVideoStay(t *testing.T) {
	// Pure red, made with BT.601 as small videos are; taken for BT.709 it would come out orange.
	red := ffmpeg(t, filepath.Join(t.TempDir(), "red.mp4"), "-f", "lavfi", "-i", "color=red:size=320x180:rate=25", "-t", "2",
		"-vf", "scale=out_color_matrix=bt601:out_range=tv,format=yuv420p", "-c:v", "libx264")
	b := newBench(t, Limits{})
	a := b.accepts("red.mp4", red).Variants[0]
	d, err := b.Thumbnail(t.Context(), a.Digest, a.Medium, 160)
	if err != nil {
		t.Fatal(err)
	}
	m := b.picture(playlists.Asset{Digest: d, MediaType: "image/jpeg", Width: 160, Height: 90})
	r, g, bl, _ := m.At(80, 45).RGBA()
	if r>>8 < 245 || g>>8 > 12 || bl>>8 > 12 {
		t.Errorf("red has become %d %d %d", r>>8, g>>8, bl>>8)
	}
}

func TestVideosThatAreRefused(t *testing.T) {
	b := newBench(t, Limits{VideoLength: 10 * time.Second})
	good := clip(t, "a.mp4", "640x360", "25", 4, h264()...)
	front := clip(t, "a.mp4", "640x360", "25", 4, append(h264(), "-movflags", "+faststart")...)
	webm := clip(t, "a.webm", "320x180", "25", 4, vp9()...)
	for _, c := range []struct {
		name, file string
		body       []byte
		words      []string
	}{
		{"cut before its index", "a.mp4", good[:len(good)*3/4], []string{"ends too early"}},
		{"cut behind its index", "a.mp4", front[:len(front)/2], []string{"should last 4.0 s", "ends after"}},
		{"cut near its end", "a.mp4", front[:len(front)*8/10], []string{"should last 4.0 s"}},
		{"cut within its index", "a.mp4", front[:600], []string{"MP4"}},
		{"a WebM cut in half", "a.webm", webm[:len(webm)/2], []string{"should last 4.0 s"}},
		{"a WebM of its header alone", "a.webm", webm[:200], []string{"WebM"}},
		{"an MP4 that calls itself WebM", "a.webm", good, []string{"holds an MP4"}},
		{"H.265", "a.mp4", clip(t, "a.mp4", "320x180", "25", 2, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-an"), []string{"H.265", "H.264"}},
		{"MPEG-4 part 2", "a.mp4", clip(t, "a.mp4", "320x180", "25", 2, "-c:v", "mpeg4", "-an"), []string{"MPEG-4 Part 2", "an MP4", "H.264"}},
		{"VP8", "a.webm", clip(t, "a.webm", "320x180", "25", 2, "-c:v", "libvpx", "-deadline", "realtime", "-an"), []string{"VP8", "a WebM", "VP9"}},
		{"QuickTime", "a.mov", clip(t, "a.mov", "320x180", "25", 2, h264()...), []string{"a QuickTime video", "MP4"}},
		{"Matroska", "a.mkv", clip(t, "a.mkv", "320x180", "25", 2, h264()...), []string{"a Matroska video", "WebM"}},
		{"sound alone", "a.mp4", clip(t, "a.mp4", "320x180", "25", 2, "-vn", "-c:a", "aac"), []string{"no moving picture"}},
		{"too short", "a.mp4", clip(t, "a.mp4", "320x180", "25", 0.4, h264()...), []string{"shorter than a second"}},
		{"too long", "a.mp4", clip(t, "a.mp4", "320x180", "25", 11, h264()...), []string{"longer than 10 s"}},
		{"HDR", "a.mp4", clip(t, "a.mp4", "320x180", "25", 2, "-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-color_trc", "smpte2084", "-an"), []string{"HDR", "SDR"}},
		{"a header of MP4 with text behind it", "a.mp4", append(bytes.Clone(good[:32]), bytes.Repeat([]byte("hello "), 2000)...), []string{"MP4"}},
		{"a playlist that calls itself MP4", "a.mp4", []byte("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n"), []string{"neither"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inner := *b
			inner.t = t
			inner.refuses(c.file, c.body, c.words...)
		})
	}
}

func TestConversionIsTheSameTwice(t *testing.T) {
	b := newBench(t, Limits{})
	body := clip(t, "a.mp4", "640x360", "25", 2, h264()...)
	if diff := cmp.Diff(b.accepts("a.mp4", body).Variants, b.accepts("b.mp4", body).Variants); diff != "" {
		t.Errorf("the same upload gave other bytes:\n%s", diff)
	}
}

func TestProgressOfAVideoGrowsWithinEachStage(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "source")
	if err := os.WriteFile(path, clip(t, "a.mp4", "1280x720", "30", 6, h264()...), 0o600); err != nil {
		t.Fatal(err)
	}
	last, stage, steps := -1, "", 0
	c := children{program: os.Args[0]}
	_, err := c.video(t.Context(), formMP4, path, dir, Limits{}.withDefaults(), func(_ State, now string, percent int) {
		if now != stage {
			stage, last = now, -1
		}
		if percent < last || percent > 100 {
			t.Errorf("%s: %d %% after %d %%", now, percent, last)
		}
		last = percent
		steps++
	})
	if err != nil || stage != "Converting to 1280 x 720" || last < 90 || steps < 4 {
		t.Errorf("after %d steps the last stage is %q at %d %%, %v", steps, stage, last, err)
	}
}

func TestAChildEndsWithItsRequest(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "source")
	if err := os.WriteFile(path, clip(t, "a.mp4", "1920x1080", "30", 8, h264()...), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	start := time.Now()
	c := children{program: os.Args[0]}
	_, err := c.video(ctx, formMP4, path, dir, Limits{}.withDefaults(), func(s State, _ string, _ int) {
		if s == Converting {
			cancel()
		}
	})
	if err == nil || ctx.Err() == nil {
		t.Errorf("a conversion went on to its end although nobody wanted it (%v)", err)
	}
	if out, _ := exec.CommandContext(t.Context(), "pgrep", "-f", dir).Output(); len(out) > 0 {
		t.Errorf("children are left after %s: %s", time.Since(start), out)
	}
}

func TestChildrenKeepTheirBounds(t *testing.T) {
	c := children{program: os.Args[0]}
	endless := []string{"ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=60", "-c:v", "rawvideo"}
	room := bounds{Memory: 4 << 30, Seconds: 600, CPU: 600, File: 1 << 30}
	for name, change := range map[string]func(*bounds) []string{
		"memory":    func(b *bounds) []string { b.Memory = 200 << 20; return append(endless, "-f", "null", "-") },
		"CPU time":  func(b *bounds) []string { b.CPU = 1; return append(endless, "-f", "null", "-") },
		"wall time": func(b *bounds) []string { b.Seconds = 1; return append(endless, "-f", "null", "-") },
		"file size": func(b *bounds) []string {
			b.File = 1 << 20
			return append(endless, "-y", filepath.Join(t.TempDir(), "big.mkv"))
		},
		"no ffmpeg":  func(*bounds) []string { return []string{"ffmpeg-that-is-not-there"} },
		"no such at": func(*bounds) []string { return []string{"ffprobe", "file:/nowhere"} },
	} {
		o := order{Bounds: room}
		o.Tool = change(&o.Bounds)
		start := time.Now()
		_, err := c.run(t.Context(), taskTool, o, follow(time.Hour, new(time.Duration), func(int) {}))
		switch name {
		case "no ffmpeg":
			if !errors.Is(err, errNoTool) || !strings.Contains(reason(err).Reason, "install the package ffmpeg") {
				t.Errorf("%s: %v", name, err)
			}
		case "no such at":
			if err == nil || errors.Is(err, errTooMuch) {
				t.Errorf("%s: %v", name, err)
			}
		default:
			if err == nil || time.Since(start) > 500*time.Second {
				t.Errorf("%s: ended after %s with %v, want it stopped", name, time.Since(start), err)
			}
		}
	}
}

// A tool's memory is far below what a Go program reserves: one that took the limit on itself died now and then.
func TestToolsAreThereWhateverLittleTheyMayHave(t *testing.T) {
	c := children{program: os.Args[0]}
	o := order{Tool: []string{"true"}, Bounds: bounds{Memory: 16 << 20, Seconds: 600, CPU: 600, File: 1 << 20}}
	for n := range 200 {
		if complaints, err := c.run(t.Context(), taskTool, o, func(io.Reader) error { return nil }); err != nil {
			t.Fatalf("the %d. time: %v: %s", n, err, complaints)
		}
	}
}

func TestVideoSizes(t *testing.T) {
	for _, c := range []struct {
		name string
		own  image.Point
		want []image.Point
	}{
		{"180p", image.Pt(320, 180), []image.Point{{320, 180}}},
		{"720p", image.Pt(1280, 720), []image.Point{{1280, 720}}},
		{"768 lines are near enough to 720p", image.Pt(1366, 768), []image.Point{{1280, 716}}},
		{"900p", image.Pt(1600, 900), []image.Point{{1280, 720}, {1600, 900}}},
		{"1080p", image.Pt(1920, 1080), []image.Point{{1280, 720}, {1920, 1080}}},
		{"2160p", image.Pt(3840, 2160), []image.Point{{1280, 720}, {1920, 1080}, {3840, 2160}}},
		{"cinema 4K", image.Pt(4096, 2160), []image.Point{{1280, 672}, {1920, 1012}, {3840, 2024}}},
		{"a phone held upright", image.Pt(1080, 1920), []image.Point{{720, 1280}, {1080, 1920}}},
		{"a square", image.Pt(1080, 1080), []image.Point{{720, 720}, {1080, 1080}}},
		{"a banner", image.Pt(1920, 100), []image.Point{{1280, 64}, {1920, 100}}},
	} {
		if diff := cmp.Diff(c.want, sizes(c.own)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestSizesAreNeverLargerAndAlwaysGrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		own := image.Pt(rapid.IntRange(smallest, maxSide).Draw(t, "width"), rapid.IntRange(smallest, maxSide).Draw(t, "height"))
		last := 0
		for _, s := range sizes(own) {
			if s.X > own.X || s.Y > own.Y || s.X%4 != 0 || s.Y%4 != 0 || min(s.X, s.Y) < 4 || s.X*s.Y <= last {
				t.Fatalf("%v gives %v", own, sizes(own))
			}
			last = s.X * s.Y
		}
		lastLong := 0
		for _, l := range longSides(max(own.X, own.Y)) {
			if got := fitLong(own, l); l <= lastLong || got.X > own.X || got.Y > own.Y || max(got.X, got.Y) > 3840 {
				t.Fatalf("%v at %d gives %v", own, l, got)
			}
			lastLong = l
		}
		if lastLong == 0 {
			t.Fatal("no variant")
		}
	})
}

func TestConstantRate(t *testing.T) {
	for _, c := range []struct {
		own  float64
		want string
	}{
		{10, "24/1"},
		{23.976, "24000/1001"},
		{24, "24/1"},
		{24.5, "25/1"},
		{25, "25/1"},
		{29.97, "30000/1001"},
		{30.01, "30/1"},
		{27.3, "30/1"},
		{48, "50/1"},
		{50, "50/1"},
		{59.94, "60000/1001"},
		{60, "60/1"},
		{90, "60/1"},
		{120, "60/1"},
	} {
		if got := constantRate(c.own).String(); got != c.want {
			t.Errorf("%v a second becomes %s, want %s", c.own, got, c.want)
		}
	}
	if args := strings.Join(encodeArgs(source{rate: rate{60, 1}, length: time.Second}, volume{}, image.Pt(3840, 2160), "x"), " "); !strings.Contains(args, "fps=60/2") {
		t.Errorf("2160p at 60 a second is encoded with %s, want 30", args)
	}
}

func TestLengthsAreRead(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"4.000000": 4 * time.Second, "00:01:05.500000000": 65500 * time.Millisecond, "N/A": 0, "": 0, "-3": 0, "NaN": 0, "Inf": 0, "1e300": 0, "1:1:1:1:1:1:1:1": 0,
	} {
		if got := parseLength(in); got != want {
			t.Errorf("%q is %s, want %s", in, got, want)
		}
	}
}
