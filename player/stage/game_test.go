package stage

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"anteroom/player/playback"
	"anteroom/playlists"
	"anteroom/playlists/slide"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

// screen is a stage whose clock the test turns, drawing onto a picture of its own.
type screen struct {
	*Game

	t      *testing.T
	clock  int64
	panel  *ebiten.Image
	orders chan playback.Order
	events []playback.Event
	dir    string
	scenes uint64
	rested time.Duration // before the last frame
}

func newScreen(t *testing.T, width, height int) *screen {
	t.Helper()
	s := &screen{t: t, clock: int64(time.Hour), orders: make(chan playback.Order, 64), dir: t.TempDir()}
	log := slog.New(slog.DiscardHandler)
	now := func() int64 { return s.clock }
	l, err := newLoader(log, now)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPainter()
	if err != nil {
		t.Fatal(err)
	}
	truth, err := openTruth(filepath.Join(s.dir, "truth"))
	if err != nil {
		t.Fatal(err)
	}
	s.panel = ebiten.NewImage(width, height)
	s.Game = &Game{
		stop: func() error { return nil }, lost: func() error { return nil }, log: log, now: now, loader: l, painter: p, out: newOutbox(nil, truth),
		orders: s.orders, ready: true, full: true,
	}
	s.Game.panel = image.Pt(width, height)
	s.pause = func(d time.Duration) { s.rested = d }
	ctx, cancel := context.WithCancel(context.Background())
	s.spawn = spawner(ctx, l)
	done := make(chan error, 1)
	go func() { done <- l.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := truth.close(); err != nil {
			t.Error(err)
		}
		s.panel.Deallocate()
	})
	return s
}

// frame is one round of the loop; what it presents is told of in the next.
func (s *screen) frame() {
	s.t.Helper()
	s.rested = 0
	if err := s.Update(); err != nil {
		s.t.Fatal(err)
	}
	s.Draw(s.panel)
	for _, e := range s.out.take() {
		s.events = append(s.events, e.Event)
		if err := s.out.truth.drawn(&e); err != nil {
			s.t.Fatal(err)
		}
	}
}

// pass lets time go by in steps of a fiftieth of a second.
func (s *screen) pass(d time.Duration) {
	s.t.Helper()
	for end := s.clock + int64(d); s.clock < end; {
		s.clock += int64(20 * time.Millisecond)
		s.frame()
	}
}

// settle waits, with the clock standing, until every picture of the scene is there or has failed.
func (s *screen) settle() {
	s.t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		s.frame()
		waiting := 0
		for _, l := range append(append([]*layer{}, s.over...), s.ahead...) {
			if l.state == loading {
				waiting++
			}
		}
		if waiting == 0 {
			s.frame()
			s.frame()
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatal("a picture did not come")
		}
		time.Sleep(time.Millisecond)
	}
}

func (s *screen) order(sc playback.Scene) *playback.Scene {
	s.scenes++
	sc.ID = s.scenes
	if sc.Background == "" {
		sc.Background, sc.Ink = "#0b3d4c", "#ffffff"
	}
	if sc.At == 0 {
		sc.At = s.clock
	}
	s.orders <- playback.Order{Scene: &sc}
	return &sc
}

func (s *screen) at(x, y int) color.RGBA {
	c, _ := s.panel.At(x, y).(color.RGBA)
	return c
}

func (s *screen) want(x, y int, want color.RGBA, why string) {
	s.t.Helper()
	if got := s.at(x, y); !alike(got, want, 3) {
		s.t.Errorf("at %d,%d there is %v, want %v: %s", x, y, got, want, why)
	}
}

func alike(a, b color.RGBA, tolerance int) bool {
	near := func(x, y uint8) bool { return int(x)-int(y) <= tolerance && int(y)-int(x) <= tolerance }
	return near(a.R, b.R) && near(a.G, b.G) && near(a.B, b.B)
}

var (
	red   = color.RGBA{0xff, 0, 0, 0xff}
	green = color.RGBA{0, 0xff, 0, 0xff}
	blue  = color.RGBA{0, 0, 0xff, 0xff}
	brand = color.RGBA{0x0b, 0x3d, 0x4c, 0xff}
)

// plain writes a picture of one colour.
func (s *screen) plain(name string, w, h int, c color.RGBA) string {
	s.t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := 0; i < len(m.Pix); i += 4 {
		m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3] = c.R, c.G, c.B, c.A
	}
	path := filepath.Join(s.dir, name+".png")
	f, err := os.Create(path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// whole is a region that covers the screen.
func whole(turn uint64, path string) playback.RegionScene {
	return playback.RegionScene{Name: "main", W: 1, H: 1, Turn: turn, Label: fmt.Sprintf("item-%d@slot", turn), Medium: playlists.Image, Path: path}
}

func (s *screen) drawn() (turns []uint64) {
	for _, e := range s.events {
		if e.Drawn != nil {
			turns = append(turns, e.Drawn.Turn)
		}
	}
	return turns
}

func TestBeforeAnySceneThereIsTheHousesColour(t *testing.T) {
	s := newScreen(t, 64, 36)
	s.frame()
	s.want(32, 18, brand, "never black by accident")
}

func TestAPictureStandsWholeInItsRegionWithTheBrandAroundIt(t *testing.T) {
	s := newScreen(t, 160, 90)
	s.order(playback.Scene{Regions: []playback.RegionScene{whole(1, s.plain("a", 90, 90, red))}})
	s.settle()
	s.want(80, 45, red, "the picture")
	s.want(5, 45, brand, "left of it")
	s.want(155, 45, brand, "right of it")
}

func TestAPictureThatFillsLeavesNothingFree(t *testing.T) {
	s := newScreen(t, 160, 90)
	r := whole(1, s.plain("a", 90, 90, red))
	r.Fit = playlists.Fill
	s.order(playback.Scene{Regions: []playback.RegionScene{r}})
	s.settle()
	for _, p := range []image.Point{{0, 0}, {159, 0}, {0, 89}, {159, 89}} {
		s.want(p.X, p.Y, red, "the corners")
	}
}

func TestTheWayToPhonesStandsBesideThePicture(t *testing.T) {
	s := newScreen(t, 1280, 720)
	r := whole(1, s.plain("a", 90, 90, red))
	r.Fit, r.HandOff = playlists.Fill, &playback.HandOff{Address: "https://care.example/BCDFGHJK/flu", Short: "care.example/BCDF-GHJK"}
	s.order(playback.Scene{Regions: []playback.RegionScene{r}})
	s.settle()
	white := color.RGBA{0xff, 0xff, 0xff, 0xff}
	s.want(1, 1, red, "the picture")
	s.want(1022, 360, red, "the picture's edge")
	s.want(1025, 10, white, "beside it, the brand's ink")
	s.want(1279, 719, white, "beside it, in the corner")
	var dark int
	for y := range 720 {
		for x := 1024; x < 1280; x++ {
			if s.at(x, y) == (color.RGBA{A: 0xff}) {
				dark++
			}
		}
	}
	if dark < 5000 {
		t.Errorf("%d pixels are black: there is no code", dark)
	}
}

func TestARegionTooSmallForACodeHasThePictureAlone(t *testing.T) {
	s := newScreen(t, 160, 90)
	r := whole(1, s.plain("a", 160, 90, red))
	r.HandOff = &playback.HandOff{Address: "https://care.example/BCDFGHJK/flu", Short: "care.example/BCDF-GHJK"}
	s.order(playback.Scene{Regions: []playback.RegionScene{r}})
	s.settle()
	s.want(159, 45, red, "the picture")
}

func TestTheLastGoodPictureStaysUntilTheNextIsReady(t *testing.T) {
	s := newScreen(t, 64, 36)
	s.order(playback.Scene{Regions: []playback.RegionScene{whole(1, s.plain("a", 64, 36, red))}})
	s.settle()
	s.order(playback.Scene{Regions: []playback.RegionScene{whole(2, s.plain("b", 64, 36, blue))}})
	s.frame() // the new scene has begun, its picture is not decoded yet
	s.want(32, 18, red, "not black, not the background")
	s.settle()
	s.want(32, 18, blue, "the next, once it is ready")
	s.order(playback.Scene{Regions: []playback.RegionScene{whole(3, filepath.Join(s.dir, "missing.png"))}})
	s.settle()
	s.want(32, 18, blue, "a missing picture leaves the one before")
	failures := 0
	for _, e := range s.events {
		if e.Failed != nil && e.Failed.Turn == 3 && strings.Contains(e.Failed.Reason, "missing.png") {
			failures++
		}
	}
	if failures != 1 {
		t.Errorf("told of the failure %d times", failures)
	}
	if got := fmt.Sprint(s.drawn()); got != "[1 2]" {
		t.Errorf("drawn: %s", got)
	}
}

func TestWhatIsCoveredIsGivenBackThoughTheSceneIsNeverWhole(t *testing.T) {
	s := newScreen(t, 64, 36)
	left := playback.RegionScene{Name: "left", W: 0.5, H: 1, Turn: 1, Medium: playlists.Image, Path: s.plain("a", 32, 36, red)}
	right := playback.RegionScene{Name: "right", X: 0.5, W: 0.5, H: 1, Turn: 2, Medium: playlists.Image, Path: s.plain("b", 32, 36, blue)}
	s.order(playback.Scene{Regions: []playback.RegionScene{left, right}})
	s.settle()
	spawn := s.spawn
	s.spawn = func(l *layer, r request) {
		if r.region.Name == "left" {
			spawn(l, r)
			return
		}
		l.cancel = func() {} // its picture never comes
	}
	for range 20 {
		left.Turn, right.Turn = left.Turn+2, right.Turn+2
		s.order(playback.Scene{Regions: []playback.RegionScene{left, right}})
		for s.frame(); s.over[0].state == loading; s.frame() {
			<-s.loader.news
		}
		s.frame()
		if len(s.under) != 1 || s.under[0].region.Name != "right" {
			t.Fatalf("turn %d: %d layers lie beneath, only the right one is seen", left.Turn, len(s.under))
		}
		s.want(48, 18, blue, "the last good picture on the right")
	}
}

func TestTheNextSceneIsReadyWhenItsMomentComes(t *testing.T) {
	s := newScreen(t, 64, 36)
	s.order(playback.Scene{Regions: []playback.RegionScene{whole(1, s.plain("a", 64, 36, red))}})
	next := s.order(playback.Scene{At: s.clock + int64(5*time.Second), Regions: []playback.RegionScene{whole(2, s.plain("b", 64, 36, blue))}})
	s.settle()
	s.clock = next.At - 1
	s.frame()
	s.want(32, 18, red, "a nanosecond before")
	s.clock = next.At
	s.frame()
	s.want(32, 18, blue, "in the very frame")
}

func TestATurnIsToldOfOnceAndGoesOnUndisturbed(t *testing.T) {
	s := newScreen(t, 64, 36)
	main, side := s.plain("a", 32, 36, red), s.plain("b", 32, 36, blue)
	left := playback.RegionScene{Name: "left", W: 0.5, H: 1, Turn: 1, Label: "a@1", Medium: playlists.Image, Path: main}
	right := playback.RegionScene{Name: "right", X: 0.5, W: 0.5, H: 1, Turn: 2, Label: "b@1", Medium: playlists.Image, Path: side}
	s.order(playback.Scene{Regions: []playback.RegionScene{left, right}})
	s.settle()
	first := s.over[0]
	right.Turn, right.Label = 3, "b@2"
	s.order(playback.Scene{Regions: []playback.RegionScene{left, right}})
	s.settle()
	if s.over[0] != first {
		t.Error("the left region began again")
	}
	if got := fmt.Sprint(s.drawn()); got != "[1 2 3]" {
		t.Errorf("drawn: %s", got)
	}
	b, err := os.ReadFile(filepath.Join(s.dir, "truth"))
	if err != nil {
		t.Fatal(err)
	}
	var last struct {
		Turn          uint64
		Label, Region string
		At            int64
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || len(lines) != 3 || last.Turn != 3 || last.Label != "b@2" || last.Region != "right" || last.At != s.clock {
		t.Errorf("the truth log has %d lines, the last %+v (%v)", len(lines), last, err)
	}
}

func TestTheLoopRestsWhileNothingMoves(t *testing.T) {
	s := newScreen(t, 64, 36)
	want := func(rest time.Duration, why string) {
		t.Helper()
		s.frame()
		if s.rested != rest {
			t.Errorf("it rested %v, want %v: %s", s.rested, rest, why)
		}
	}
	want(0, "nothing is drawn yet")
	s.order(playback.Scene{Regions: []playback.RegionScene{whole(1, s.plain("a", 64, 36, red))}})
	s.settle()
	want(longestRest, "a picture stands still")
	fading := whole(2, s.plain("b", 64, 36, blue))
	fading.Transition = playlists.CrossFade
	next := s.order(playback.Scene{At: s.clock + int64(time.Second), Regions: []playback.RegionScene{fading}})
	s.settle()
	s.clock = next.At - int64(30*time.Millisecond)
	want(30*time.Millisecond, "the next scene begins then")
	s.clock = next.At
	want(0, "it begins")
	want(0, "it fades")
	s.pass(2 * time.Second)
	want(longestRest, "it has faded")
	s.clock += int64(heal)
	want(longestRest, "everything is drawn anew after this rest")
	want(longestRest, "as nothing of that has to be told")
	s.orders <- playback.Order{Snapshot: filepath.Join(s.dir, "snap.jpg")}
	close(s.orders)
	want(longestRest, "a snapshot is asked for")
	want(longestRest, "the agent has gone, and the last picture stays")
}

func TestAnOrderOrAPictureEndsTheRest(t *testing.T) {
	s := newScreen(t, 64, 36)
	s.order(playback.Scene{Regions: []playback.RegionScene{whole(1, s.plain("a", 64, 36, red))}})
	s.await(time.Hour)
	if s.plan.Next() == nil {
		t.Error("the order is lost")
	}
	s.frame()
	s.await(time.Hour) // until the picture is decoded
	s.frame()
	s.want(32, 18, red, "it was there")
	close(s.orders)
	s.await(time.Hour)
	if s.ended == 0 {
		t.Error("that the orders have ended is not noticed")
	}
	s.await(time.Millisecond) // and does not make the loop go round for nothing
}

func TestASlateIsToldOfAsTurnNought(t *testing.T) {
	s := newScreen(t, 320, 180)
	s.order(playback.Scene{Name: "Lakeside Hospital", Slate: &playback.Slate{Title: "Pair this screen", Code: "KXMTRPWD"}})
	s.settle()
	s.pass(time.Second)
	if got := fmt.Sprint(s.drawn()); got != "[0]" {
		t.Errorf("drawn: %s", got)
	}
}

// TestTheLogoStandsOnTheSlate: it is above the name, a new one takes its place, and a damaged one leaves the name alone.
func TestTheLogoStandsOnTheSlate(t *testing.T) {
	s := newScreen(t, 320, 180)
	slate := func(logo string) playback.Scene {
		return playback.Scene{Background: "#0b3d4c", Ink: "#ffffff", Name: "Lakeside Hospital", Logo: logo, Slate: &playback.Slate{}}
	}
	background := color.RGBA{0x0b, 0x3d, 0x4c, 0xff}
	for _, row := range []struct {
		name, logo string
		want       color.RGBA
	}{
		{"the first", s.plain("first", 64, 36, red), red},
		{"another", s.plain("second", 64, 36, blue), blue},
		{"one that is not there", "no such file.png", background},
	} {
		s.order(slate(row.logo))
		s.settle()
		s.pass(time.Second)
		s.want(160, 60, row.want, row.name)
	}
}

func TestCrossFadeGoesThroughTheMiddle(t *testing.T) {
	s := newScreen(t, 64, 36)
	s.order(playback.Scene{Regions: []playback.RegionScene{whole(1, s.plain("a", 64, 36, red))}})
	next := whole(2, s.plain("b", 64, 36, blue))
	next.Transition = playlists.CrossFade
	sc := s.order(playback.Scene{At: s.clock + int64(time.Second), Regions: []playback.RegionScene{next}})
	s.settle()
	s.clock = sc.At
	s.frame()
	s.want(32, 18, red, "at its beginning")
	s.clock = sc.At + int64(250*time.Millisecond)
	s.frame()
	s.want(32, 18, color.RGBA{128, 0, 128, 255}, "half way")
	s.clock = sc.At + int64(500*time.Millisecond)
	s.frame()
	s.want(32, 18, blue, "after half a second")
	s.pass(200 * time.Millisecond)
	if len(s.under) != 0 {
		t.Error("what is covered was not let go")
	}
}

func TestWithoutAGPUAFadeIsACut(t *testing.T) {
	s := newScreen(t, 64, 36)
	s.software = true
	s.order(playback.Scene{Regions: []playback.RegionScene{whole(1, s.plain("a", 64, 36, red))}})
	next := whole(2, s.plain("b", 64, 36, blue))
	next.Transition = playlists.CrossFade
	sc := s.order(playback.Scene{At: s.clock + int64(time.Second), Regions: []playback.RegionScene{next}})
	s.settle()
	s.clock = sc.At
	s.frame()
	s.want(32, 18, blue, "at once")
}

func TestRotationTurnsThePictureClockwise(t *testing.T) {
	for rotation, where := range map[int]image.Point{0: {4, 4}, 90: {60, 4}, 180: {60, 32}, 270: {4, 32}} {
		s := newScreen(t, 64, 36)
		corner := playback.RegionScene{Name: "corner", W: 0.25, H: 0.25, Turn: 1, Medium: playlists.Image, Fit: playlists.Fill, Path: s.plain("a", 20, 20, red)}
		rest := playback.RegionScene{Name: "rest", X: 0.5, Y: 0.5, W: 0.5, H: 0.5, Turn: 2, Medium: playlists.Image, Fit: playlists.Fill, Path: s.plain("b", 20, 20, green)}
		s.order(playback.Scene{Rotation: rotation, Regions: []playback.RegionScene{corner, rest}})
		s.settle()
		s.want(where.X, where.Y, red, fmt.Sprintf("the top left corner, turned by %d", rotation))
		s.want(63-where.X, 35-where.Y, green, fmt.Sprintf("the bottom right, turned by %d", rotation))
	}
}

func TestNothingIsDrawnWhenNothingChanges(t *testing.T) {
	s := newScreen(t, 64, 36)
	s.order(playback.Scene{Regions: []playback.RegionScene{whole(1, s.plain("a", 64, 36, red))}})
	s.settle()
	s.pass(100 * time.Millisecond)
	before := s.frames
	s.pass(19 * time.Second)
	if s.frames != before {
		t.Errorf("%d frames in 19 still seconds", s.frames-before)
	}
	s.pass(2 * time.Second)
	if s.frames != before+1 {
		t.Errorf("%d frames more, want the one that heals", s.frames-before)
	}
	beats := 0
	for _, e := range s.events {
		if e.Beat != nil {
			beats++
		}
	}
	if beats < 20 || beats > 23 {
		t.Errorf("%d beats in 21 seconds", beats)
	}
}

func TestTickerMovesWithinItsRegion(t *testing.T) {
	s := newScreen(t, 200, 100)
	s.order(playback.Scene{Regions: []playback.RegionScene{{
		Name: "ticker", Y: 0.7, W: 1, H: 0.3, Widget: &playlists.Widget{Kind: playlists.TickerWidget, Text: strings.Repeat("Flu shots are free today. ", 8)},
	}}})
	s.settle()
	first := s.row(85)
	s.pass(2 * time.Second)
	second := s.row(85)
	moved := 0
	for i := range 150 {
		if first[i+20] == second[i] { // a tenth of its width in two seconds
			moved++
		}
	}
	if fmt.Sprint(first) == fmt.Sprint(second) || moved < 140 {
		t.Errorf("of 150 pixels %d stand where two seconds have moved them", moved)
	}
	for y := 0; y < 69; y += 17 {
		s.want(100, y, brand, "above its region")
	}
}

func (s *screen) row(y int) []color.RGBA {
	row := make([]color.RGBA, s.panel.Bounds().Dx())
	for x := range row {
		row[x] = s.at(x, y)
	}
	return row
}

func TestClockTurnsWithTheMinute(t *testing.T) {
	s := newScreen(t, 200, 100)
	s.order(playback.Scene{
		Clock:   &playback.ClockFace{UnixNanos: time.Date(2026, 11, 22, 17, 29, 58, 0, time.UTC).UnixNano(), Mono: s.clock},
		Regions: []playback.RegionScene{{Name: "clock", W: 1, H: 1, Widget: &playlists.Widget{Kind: playlists.ClockWidget}}},
	})
	s.settle()
	if s.over[0].clock != "17:29" {
		t.Errorf("it says %s", s.over[0].clock)
	}
	before := fmt.Sprint(s.row(50))
	s.clock += int64(3 * time.Second)
	for range 200 {
		s.frame()
		time.Sleep(time.Millisecond)
	}
	if s.over[0].clock != "17:30" || fmt.Sprint(s.row(50)) == before {
		t.Errorf("after the minute it says %s", s.over[0].clock)
	}
}

func TestSnapshotIsUprightAndWhole(t *testing.T) {
	s := newScreen(t, 128, 72)
	top := playback.RegionScene{Name: "top", W: 1, H: 0.5, Turn: 1, Medium: playlists.Image, Fit: playlists.Fill, Path: s.plain("a", 40, 40, red)}
	bottom := playback.RegionScene{Name: "bottom", Y: 0.5, W: 1, H: 0.5, Turn: 2, Medium: playlists.Image, Fit: playlists.Fill, Path: s.plain("b", 40, 40, blue)}
	s.order(playback.Scene{Rotation: 90, Regions: []playback.RegionScene{top, bottom}})
	s.settle()
	path := filepath.Join(s.dir, "snap.jpg")
	s.orders <- playback.Order{Snapshot: path}
	s.frame()
	if err := s.loader.beside.Wait(); err != nil {
		t.Fatal(err)
	}
	s.frame()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := jpeg.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if m.Bounds().Size() != image.Pt(480, 853) {
		t.Errorf("it is %v", m.Bounds().Size())
	}
	upper, lower := color.RGBAModel.Convert(m.At(240, 200)).(color.RGBA), color.RGBAModel.Convert(m.At(240, 650)).(color.RGBA)
	if !alike(upper, red, 6) || !alike(lower, blue, 6) {
		t.Errorf("above %v, below %v", upper, lower)
	}
	if last := s.events[len(s.events)-1]; last.Snapshot != path {
		t.Errorf("told of %+v", last)
	}
}

func TestVideoIsShownInItsColoursAndFromTheSlotsStart(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("no ffmpeg: run make setup")
	}
	s := newScreen(t, 128, 72)
	path := filepath.Join(s.dir, "v.mp4")
	// Two seconds of red, then two of blue.
	out, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=red:s=128x72:r=25:d=2", "-f", "lavfi", "-i", "color=blue:s=128x72:r=25:d=2",
		"-filter_complex", "[0][1]concat=n=2,scale=out_color_matrix=bt709:out_range=tv", "-pix_fmt", "yuv420p", "-colorspace", "bt709", "-crf", "10", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	r := whole(1, path)
	r.Medium, r.Begin = playlists.Video, s.clock-int64(time.Second) // one who joins a second late
	s.order(playback.Scene{Regions: []playback.RegionScene{r}})
	s.settle()
	s.want(64, 36, red, "a second into the video")
	s.clock += int64(1500 * time.Millisecond)
	for range 300 {
		s.frame()
		time.Sleep(time.Millisecond)
	}
	s.want(64, 36, blue, "two and a half seconds into it")
	if got := fmt.Sprint(s.drawn()); got != "[1]" {
		t.Errorf("drawn: %s", got)
	}
}

func TestTheLastPictureOutlivesTheAgentByFifteenSeconds(t *testing.T) {
	s := newScreen(t, 64, 36)
	s.order(playback.Scene{Regions: []playback.RegionScene{whole(1, s.plain("a", 64, 36, red))}})
	s.order(playback.Scene{At: s.clock + int64(5*time.Second), Regions: []playback.RegionScene{whole(2, s.plain("b", 64, 36, blue))}})
	s.settle()
	close(s.orders)
	s.pass(14900 * time.Millisecond)
	s.want(32, 18, red, "nothing new begins without an agent")
	s.clock += int64(200 * time.Millisecond)
	if err := s.Update(); !errors.Is(err, ebiten.Termination) {
		t.Errorf("after 15 s: %v", err)
	}
}

// TestASlideIsShownInARegionOfAnyShape: it was accepted because it fits a panel across and upright.
func TestASlideIsShownInARegionOfAnyShape(t *testing.T) {
	s := newScreen(t, 640, 360)
	b, err := slide.Encode(slide.Slide{
		Template: slide.Steps, Language: "en", Title: "The first days after a heart procedure", Brand: playlists.Brand{Name: "Lakeside Hospital", Background: "#204060"},
		Points: []string{"Rest, and get up a little every hour.", "Lift nothing heavy for one week.", "Keep the small wound clean and dry.", "Take the new medicines in the morning.", "Bleeding or fever? Call us, day or night."},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.order(playback.Scene{Regions: []playback.RegionScene{{Name: "main", W: 0.5625, H: 1, Turn: 1, Medium: playlists.Slide, Slide: b}}})
	s.settle()
	if got := s.drawn(); !slices.Equal(got, []uint64{1}) {
		t.Fatalf("drawn are %v; events %+v", got, s.events)
	}
	s.want(350, 180, color.RGBA{0x20, 0x40, 0x60, 0xff}, "the slide stands in the middle of its region")
	s.want(180, 10, color.RGBA{0x0b, 0x3d, 0x4c, 0xff}, "and the brand's colour above")
}

func TestFramesLookAsTheyDid(t *testing.T) {
	s := newScreen(t, 640, 360)
	words := slide.Slide{
		Template: slide.Questions, Language: "en", Title: "Ask your doctor",
		Points: []string{"What is my main problem?", "What do I need to do?"}, Brand: playlists.Brand{Name: "Lakeside Hospital"},
	}
	b, err := slide.Encode(words)
	if err != nil {
		t.Fatal(err)
	}
	regions := []playback.RegionScene{
		{Name: "main", W: 0.7, H: 0.8, Turn: 1, Medium: playlists.Slide, Slide: b},
		{Name: "side", X: 0.7, W: 0.3, H: 0.8, Widget: &playlists.Widget{Kind: playlists.QRWidget, URL: "https://lakeside.example/s/7f3k", Text: "Keep this page"}},
		{Name: "ticker", Y: 0.8, W: 0.75, H: 0.2, Widget: &playlists.Widget{Kind: playlists.TickerWidget, Text: "Flu shots are free today"}},
		{Name: "clock", X: 0.75, Y: 0.8, W: 0.25, H: 0.2, Widget: &playlists.Widget{Kind: playlists.ClockWidget}},
	}
	s.order(playback.Scene{Regions: regions, Clock: &playback.ClockFace{UnixNanos: 1e18, Mono: s.clock}})
	s.settle()
	s.golden("regions")
	s.order(playback.Scene{Rotation: 90, Regions: regions[:1]})
	s.settle()
	s.golden("upright")
}

// golden compares the panel with the picture kept; drivers differ a little at edges.
func (s *screen) golden(name string) {
	s.t.Helper()
	size := s.panel.Bounds().Size()
	got := image.NewRGBA(image.Rectangle{Max: size})
	s.panel.ReadPixels(got.Pix)
	path := filepath.Join("testdata", "golden", name+".png")
	if *update {
		writePNG(s.t, path, got)
		return
	}
	f, err := os.Open(path)
	if err != nil {
		s.t.Fatalf("%v (make golden writes it)", err)
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		s.t.Fatal(err)
	}
	wrong := 0
	for y := range size.Y {
		for x := range size.X {
			if !alike(got.RGBAAt(x, y), color.RGBAModel.Convert(want.At(x, y)).(color.RGBA), 8) {
				wrong++
			}
		}
	}
	if wrong > size.X*size.Y/1000 {
		at := filepath.Join(s.t.ArtifactDir(), name+".png")
		writePNG(s.t, at, got)
		s.t.Errorf("%s: %d pixels differ from %s; the picture now is %s", name, wrong, path, at)
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
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
}
