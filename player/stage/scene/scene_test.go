package scene

import (
	"fmt"
	"image"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/player/playback"
	"anteroom/playlists/slide"
)

func TestPlanPutsScenesOnAtTheirInstants(t *testing.T) {
	type step struct {
		do   string // "order id@at" or "at now"
		want string // "on, next" by id
	}
	order := func(id uint64, at int64) string { return fmt.Sprintf("order %d@%d", id, at) }
	for _, test := range []struct {
		name  string
		steps []step
	}{
		{"nothing ordered", []step{{"at 5", "0 0"}}},
		{"one at once, one later", []step{
			{order(1, 0), ""}, {order(2, 10), ""}, {"at 3", "1 2"}, {"at 9", "1 2"}, {"at 10", "2 0"}, {"at 99", "2 0"},
		}},
		{"a correction replaces what has not begun", []step{
			{order(1, 0), ""}, {order(2, 10), ""}, {order(3, 20), ""}, {"at 5", "1 2"}, {order(4, 10), ""}, {"at 5", "1 4"}, {"at 30", "4 0"},
		}},
		{"a takeover now drops what was to come", []step{
			{order(1, 0), ""}, {order(2, 10), ""}, {"at 5", "1 2"}, {order(3, 6), ""}, {"at 6", "3 0"}, {"at 10", "3 0"},
		}},
		{"one that comes late begins at once", []step{{order(1, 0), ""}, {"at 5", "1 0"}, {order(2, 1), ""}, {"at 6", "2 0"}}},
		{"the last of several that are due", []step{{order(1, 0), ""}, {order(2, 2), ""}, {order(3, 4), ""}, {"at 50", "3 0"}}},
	} {
		var p Plan
		for _, s := range test.steps {
			var id uint64
			var at int64
			if n, _ := fmt.Sscanf(s.do, "order %d@%d", &id, &at); n == 2 {
				p.Order(&playback.Scene{ID: id, At: at})
				continue
			}
			if _, err := fmt.Sscanf(s.do, "at %d", &at); err != nil {
				t.Fatal(err)
			}
			on, _ := p.At(at)
			if got := fmt.Sprintf("%d %d", idOf(on), idOf(p.Next())); got != s.want {
				t.Errorf("%s: %s: got %s, want %s", test.name, s.do, got, s.want)
			}
		}
	}
}

func idOf(s *playback.Scene) uint64 {
	if s == nil {
		return 0
	}
	return s.ID
}

func TestRegionsThatMeetInFractionsMeetInPixels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		canvas := image.Pt(rapid.IntRange(1, 4000).Draw(t, "w"), rapid.IntRange(1, 4000).Draw(t, "h"))
		cut := rapid.Float64Range(0.05, 0.95).Draw(t, "cut")
		left := Place(&playback.RegionScene{W: cut, H: 1}, canvas)
		right := Place(&playback.RegionScene{X: cut, W: 1 - cut, H: 1}, canvas)
		if canvas.X > 40 && left.Max.X != right.Min.X {
			t.Fatalf("%v and %v do not meet", left, right)
		}
		for _, r := range []image.Rectangle{left, right} {
			if r.Empty() || !r.In(image.Rectangle{Max: canvas}) {
				t.Fatalf("%v on a canvas of %v", r, canvas)
			}
		}
	})
}

func TestARegionBeyondTheEdgeStaysOnTheCanvas(t *testing.T) {
	for _, r := range []playback.RegionScene{{X: 0.9, W: 5, H: 5}, {X: -1, Y: -1, W: 3, H: 3}, {X: 1, Y: 1}} {
		if got := Place(&r, image.Pt(640, 360)); got.Empty() || !got.In(image.Rect(0, 0, 640, 360)) {
			t.Errorf("%+v lies at %v", r, got)
		}
	}
}

func TestTurnIsClockwise(t *testing.T) {
	// A mark of 10 by 5 in the top left corner of what people see, on a panel of 100 by 50.
	mark, panel := image.Rect(0, 0, 10, 5), image.Pt(100, 50)
	for rotation, want := range map[int]image.Rectangle{
		0:   image.Rect(0, 0, 10, 5),
		90:  image.Rect(95, 0, 100, 10),
		180: image.Rect(90, 45, 100, 50),
		270: image.Rect(0, 40, 5, 50),
	} {
		if got := Turn(mark, panel, rotation); got != want {
			t.Errorf("turned by %d it lies at %v, want %v", rotation, got, want)
		}
		whole := image.Rectangle{Max: Canvas(panel, rotation)}
		if got := Turn(whole, panel, rotation); got != (image.Rectangle{Max: panel}) {
			t.Errorf("turned by %d the canvas covers %v", rotation, got)
		}
	}
}

func TestBarsAndPictureCoverTheRegionOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rect := func(name string) image.Rectangle {
			x, y := rapid.IntRange(0, 20).Draw(t, name+" x"), rapid.IntRange(0, 20).Draw(t, name+" y")
			return image.Rect(x, y, x+rapid.IntRange(1, 20).Draw(t, name+" w"), y+rapid.IntRange(1, 20).Draw(t, name+" h"))
		}
		outer, inner := rect("outer"), rect("inner")
		parts := append(Bars(outer, inner), inner.Intersect(outer))
		for y := outer.Min.Y; y < outer.Max.Y; y++ {
			for x := outer.Min.X; x < outer.Max.X; x++ {
				covered := 0
				for _, p := range parts {
					if image.Pt(x, y).In(p) {
						covered++
					}
				}
				if covered != 1 {
					t.Fatalf("pixel %d,%d is covered %d times by %v", x, y, covered, parts)
				}
			}
		}
	})
}

func TestFadeTakesHalfASecond(t *testing.T) {
	ms := int64(time.Millisecond)
	for at, want := range map[int64]float64{0: 0, 250 * ms: 0.5, 500 * ms: 1, 900 * ms: 1, -5 * ms: 0} {
		if got := Fade(1000, 1000+at); got != want {
			t.Errorf("after %d ms: %v, want %v", at/ms, got, want)
		}
	}
}

func TestTickerMovesWithTimeAndNeverLeavesItsRegionEmptyForLong(t *testing.T) {
	const region = 1000
	before := TickerPositions(0, 400, region, false)
	if before[0] != 0 {
		t.Errorf("at the start it stands at %d", before[0])
	}
	if got := TickerPositions(int64(time.Second), 400, region, false)[0]; got != -50 {
		t.Errorf("after a second a ticker has moved to %d, want a twentieth of its region to the left", got)
	}
	if got := TickerPositions(int64(time.Second), 400, region, true)[0]; got != region-400+50 {
		t.Errorf("read from the right it stands at %d after a second", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		now := rapid.Int64Range(0, 1<<55).Draw(t, "now")
		strip := rapid.IntRange(1, 20000).Draw(t, "strip")
		at := TickerPositions(now, strip, region, rapid.Bool().Draw(t, "rtl"))
		if strip > region/2 && len(at) == 0 {
			t.Fatal("nothing to see")
		}
		for _, x := range at {
			if x >= region || x+strip <= 0 {
				t.Fatalf("a copy at %d is out of sight", x)
			}
		}
	})
}

func TestClockTellsTheDepartmentsTime(t *testing.T) {
	noon := time.Date(2026, 11, 22, 17, 30, 59, 0, time.UTC).UnixNano()
	for _, test := range []struct {
		name string
		face playback.ClockFace
		now  time.Duration
		want string
	}{
		{"UTC", playback.ClockFace{UnixNanos: noon}, 0, "17:30"},
		{"New York in winter", playback.ClockFace{UnixNanos: noon, Offset: -5 * 3600}, 0, "12:30"},
		{"the minute turns", playback.ClockFace{UnixNanos: noon}, time.Second, "17:31"},
		{"in twelve hours", playback.ClockFace{UnixNanos: noon, Hour12: true}, 0, "5:30\u00a0PM"},
	} {
		if got := ClockText(&test.face, int64(test.now)); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	if got := ClockText(nil, 0); got != "" {
		t.Errorf("without a face: %q", got)
	}
}

func TestQRHasItsQuietZoneAndItsWords(t *testing.T) {
	fonts, err := slide.NewFonts(nil)
	if err != nil {
		t.Fatal(err)
	}
	const quiet = 4 // modules of white around it
	for _, size := range []image.Point{{400, 700}, {700, 300}, {300, 300}} {
		m, err := QR("https://lakeside.example/s/cardiology", "Keep this page", fonts, size, "#0b3d4c", "#ffffff")
		if err != nil {
			t.Errorf("%v: %v", size, err)
			continue
		}
		black, white := image.Rectangle{}, image.Rectangle{}
		for y := range size.Y {
			for x := range size.X {
				dot := image.Rect(x, y, x+1, y+1)
				switch c := m.RGBAAt(x, y); {
				case c.R == 0 && c.G == 0 && c.B == 0:
					black = black.Union(dot)
				case c.R == 0xff && c.G == 0xff && white.Empty():
					white.Min = image.Pt(x, y)
					white.Max = white.Min.Add(image.Pt(1, 1))
				}
			}
		}
		scale := black.Dx() / 29 // modules of version 3
		if scale < 2 || black.Min.Sub(white.Min) != image.Pt(quiet*scale, quiet*scale) {
			t.Errorf("%v: the code at %v begins %v after its white, want %d modules of %d", size, black, black.Min.Sub(white.Min), quiet, scale)
		}
	}
	if _, err := QR("https://lakeside.example", "", fonts, image.Pt(20, 20), "", ""); err == nil {
		t.Error("a code in 20 pixels is no use, but was drawn")
	}
}

func TestTheWordsOfACodeStaySmallerThanIt(t *testing.T) {
	for _, size := range []image.Point{{302, 960}, {538, 540}, {700, 300}} {
		square, text := halves(size, 200, true)
		if text.Dy() > 200 || text.Overlaps(square) || !text.In(image.Rectangle{Max: size}) || !square.In(image.Rectangle{Max: size}) {
			t.Errorf("%v: the code at %v, the words at %v", size, square, text)
		}
		if both := square.Union(text); size.Y > size.X && (both.Min.Y-(size.Y-both.Max.Y)) > 1 {
			t.Errorf("%v: %v is not in the middle", size, both)
		}
	}
}

func TestPlanNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		var p Plan
		last := int64(-1)
		for now := range int64(200) {
			if r.IntN(3) == 0 {
				p.Order(&playback.Scene{ID: uint64(now), At: now + r.Int64N(30)})
			}
			if on, _ := p.At(now); on != nil {
				if on.At > now || on.At < last {
					t.Fatalf("at %d the scene of %d is on after that of %d", now, on.At, last)
				}
				last = on.At
			}
			if n := p.Next(); n != nil && n.At <= now {
				t.Fatalf("at %d the scene of %d has still to come", now, n.At)
			}
		}
	})
}
