package stage

import (
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

	"anteroom/player/media"
	"anteroom/player/playback"
	"anteroom/playlists/captions"
)

const spoken = "WEBVTT\n\n00:01.000 --> 00:03.000\nDrink a glass of water\nbefore you take them.\n\n00:03.000 --> 00:05.000\n[Door bell]\n"

// captioned shows a blue picture that stands for a film, since a time before now, with the captions that are spoken.
func (s *screen) captioned(since time.Duration) *captioned {
	s.t.Helper()
	r := whole(1, s.plain("film", 64, 36, blue))
	r.Begin, r.Language = s.clock-int64(since), "en"
	s.order(playback.Scene{Regions: []playback.RegionScene{r}})
	s.settle()
	track, err := captions.Decode([]byte(spoken))
	if err != nil {
		s.t.Fatal(err)
	}
	s.over[0].captions = newCaptioned(track)
	return s.over[0].captions
}

// until goes round, with the clock standing, until something is so.
func (s *screen) until(what string, so func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("%s: not within three minutes", what)
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

func TestCaptionsStandOverTheFilmWhileTheyAreSpoken(t *testing.T) {
	s := newScreen(t, 640, 360)
	c := s.captioned(0)
	s.until("the first caption is drawn ahead", func() bool { return len(c.shown) == 1 })
	if at := s.captionAt(); !at.Empty() {
		t.Errorf("before it is spoken there is a caption at %v", at)
	}
	s.clock += int64(1500 * time.Millisecond)
	s.until("the second caption is drawn ahead", func() bool { return len(c.shown) == 2 })
	first := s.captionAt()
	// A twentieth of the height is the least that is read from four metres; two lines are at least that high.
	if first.Min.Y < 180 || first.Max.Y > 350 || first.Dy() < 2*360/20 || first.Min.X < 32 || first.Max.X > 608 {
		t.Errorf("the first caption stands at %v", first)
	}
	s.golden("captioned")
	s.clock += int64(2 * time.Second)
	s.until("only the second caption is kept", func() bool { return len(c.shown) == 1 })
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
	s.captioned(3500 * time.Millisecond)
	s.until("the caption is drawn", func() bool { return !s.captionAt().Empty() })
}

func TestCaptionsComeWithTheirVideo(t *testing.T) {
	track := captions.Track{{From: 0, To: time.Second, Words: "Hello."}}
	for want, with := range map[bool]captions.Track{true: track, false: nil} {
		l := &layer{cancel: func() {}}
		l.upload(loaded{video: &media.Video{Fitted: media.Fitted{Pixels: image.Pt(64, 36)}}, captions: with})
		if (l.captions != nil) != want {
			t.Errorf("with %v the layer has %+v", with, l.captions)
		}
		l.close()
	}
}

// A film whose captions are broken or gone is shown without them.
func TestCaptionsThatCannotBeRead(t *testing.T) {
	s := newScreen(t, 64, 36)
	good, broken := filepath.Join(s.dir, "good.vtt"), filepath.Join(s.dir, "broken.vtt")
	for path, text := range map[string]string{good: spoken, broken: "no captions at all"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]int{good: 2, broken: 0, filepath.Join(s.dir, "gone.vtt"): 0, "": 0} {
		if got := s.loader.captions(t.Context(), path); len(got) != want {
			t.Errorf("%s has %v", path, got)
		}
	}
}
