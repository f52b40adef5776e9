package stage

import (
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"anteroom/player/playback"
	"anteroom/playlists"
)

// film is a region with six seconds of blue and captions over it.
func (s *screen) film(vtt string) playback.RegionScene {
	s.t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		s.t.Skip("no ffmpeg: run make setup")
	}
	path, words := filepath.Join(s.dir, "film.mp4"), filepath.Join(s.dir, "film.vtt")
	out, err := exec.CommandContext(s.t.Context(), "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=blue:s=320x180:r=5:d=6",
		"-vf", "scale=out_color_matrix=bt709:out_range=tv", "-pix_fmt", "yuv420p", "-colorspace", "bt709", "-crf", "10", path).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	if err := os.WriteFile(words, []byte(vtt), 0o600); err != nil {
		s.t.Fatal(err)
	}
	r := whole(1, path)
	r.Medium, r.Begin, r.Captions, r.Language = playlists.Video, s.clock, words, "en"
	return r
}

// until goes round, with the clock standing, until something is so.
func (s *screen) until(what string, so func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("%s: not within a minute", what)
		}
		s.frame()
	}
	s.frame()
}

// captionAt is where a caption stands, to the nearest eight pixels: where the film is not blue.
func (s *screen) captionAt() image.Rectangle {
	var r image.Rectangle
	size := s.panel.Bounds().Size()
	for y := 0; y < size.Y; y += 8 {
		for x := 0; x < size.X; x += 8 {
			if !alike(s.at(x, y), blue, 12) {
				r = r.Union(image.Rect(x, y, x+8, y+8))
			}
		}
	}
	return r
}

const spoken = "WEBVTT\n\n00:01.000 --> 00:03.000\nDrink a glass of water\nbefore you take them.\n\n00:03.000 --> 00:05.000\n[Door bell]\n"

func TestCaptionsStandOverTheFilmWhileTheyAreSpoken(t *testing.T) {
	s := newScreen(t, 640, 360)
	s.order(playback.Scene{Regions: []playback.RegionScene{s.film(spoken)}})
	s.settle()
	s.until("the first caption is drawn ahead", func() bool { return len(s.over[0].captions.shown) == 1 })
	if at := s.captionAt(); !at.Empty() {
		t.Errorf("before it is spoken there is a caption at %v", at)
	}
	s.clock += int64(1500 * time.Millisecond)
	s.until("the second caption is drawn ahead", func() bool { return len(s.over[0].captions.shown) == 2 })
	first := s.captionAt()
	// A twentieth of the height is the least that is read from four metres; two lines are at least that high.
	if first.Min.Y < 180 || first.Max.Y > 350 || first.Dy() < 2*360/20 || first.Min.X < 32 || first.Max.X > 608 {
		t.Errorf("the first caption stands at %v", first)
	}
	s.golden("captioned")
	s.clock += int64(2 * time.Second)
	s.until("only the second caption is kept", func() bool { return len(s.over[0].captions.shown) == 1 })
	if second := s.captionAt(); second.Empty() || second.Dy() >= first.Dy() || second.Dx() >= first.Dx() {
		t.Errorf("the second caption stands at %v, the first at %v", second, first)
	}
	s.clock += int64(1800 * time.Millisecond)
	s.frame()
	s.frame()
	if at := s.captionAt(); !at.Empty() {
		t.Errorf("after it is spoken there is a caption at %v", at)
	}
}

func TestOneWhoJoinsLateReadsWhatIsSpoken(t *testing.T) {
	s := newScreen(t, 640, 360)
	r := s.film(spoken)
	r.Begin -= int64(3500 * time.Millisecond)
	s.order(playback.Scene{Regions: []playback.RegionScene{r}})
	s.settle()
	s.until("the caption is drawn", func() bool { return !s.captionAt().Empty() })
}

func TestAFilmWhoseCaptionsAreBrokenIsShownWithoutThem(t *testing.T) {
	s := newScreen(t, 64, 36)
	s.order(playback.Scene{Regions: []playback.RegionScene{s.film("no captions at all")}})
	s.settle()
	s.want(32, 18, blue, "the film")
	if s.over[0].captions != nil || s.over[0].state != ready {
		t.Errorf("the layer is %+v", s.over[0])
	}
}
