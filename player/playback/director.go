package playback

import (
	"reflect"
	"slices"
	"time"

	"anteroom/playlists"
)

// Ahead is how long before it begins the next scene is with the stage.
const Ahead = 5 * time.Second

// settled is how long after a scene's start the stage has usually said that it was drawn.
const settled = 250 * time.Millisecond

// maxScenes bounds how many scenes one plan holds, and maxSteps how many changes it looks at.
const (
	maxScenes = 16
	maxSteps  = 64
)

// Assets gives the path of an asset that may be shown: cached, whole and not set aside.
type Assets func(playlists.Digest) (path string, ok bool)

// Cue is a scene with what the ledger must know of it.
type Cue struct {
	Scene Scene
	// Turns are the counted regions' turns, in the regions' order.
	Turns    []Turn
	Source   playlists.Source
	Window   playlists.WindowID
	Takeover playlists.TakeoverID
	// Epoch is the clock's at this scene.
	Epoch time.Time
	// Frame is what the programme wanted at the scene's start.
	Frame playlists.Frame
}

// Has reports whether the turn is one of the scene's.
func (c *Cue) Has(turn uint64) bool {
	return slices.ContainsFunc(c.Turns, func(t Turn) bool { return t.ID == turn })
}

// Turn is one turn of one entry in one region, cued.
type Turn struct {
	ID uint64
	// Play has all that is known before the first picture; Start is the slot's.
	Play playlists.Play
	// Begin and End are the slot's bounds, Over the end of its occurrence or takeover; monotonic.
	Begin, End, Over int64
	Source           playlists.Source
	Title            string
	key, wanted      turnKey
	until            time.Time // the end of what is shown's validity; zero for none
	zone             *time.Location
}

// turnKey tells turns apart: the same key in scenes that follow each other is the same turn.
type turnKey struct {
	region   string
	source   playlists.Source
	window   playlists.WindowID
	takeover playlists.TakeoverID
	item     playlists.ItemID
	version  int
	language playlists.Language
	asset    playlists.Digest
	start    int64
}

// Director turns spans into scenes, and numbers turns. One goroutine uses it.
type Director struct {
	assets Assets
	spans  []Span
	sent   []Cue // the scene on, then those to come
	scenes uint64
	turns  uint64
	shown  time.Time // wall clock of the last plan, so that a small step back repeats nothing
}

// smallStep is a step back of the clock that is waited out instead of shown.
const smallStep = 2 * time.Second

// NewDirector makes a director without a show. Turns are numbered above those of an earlier run, so
// that a stage that outlived it never mistakes one for another.
func NewDirector(assets Assets, lastTurn uint64) *Director {
	return &Director{assets: assets, turns: lastTurn}
}

// Set says what to play from now on: at least one span, ascending.
func (d *Director) Set(spans []Span) { d.spans = spans }

// Restarted says that the stage knows nothing: the next plan cues everything anew, as new turns.
func (d *Director) Restarted() { d.sent = nil }

// On is the scene that should be on now, and the one after it; nil where there is none.
func (d *Director) On(now int64) (on, next *Cue) {
	d.begin(now)
	for i := range d.sent {
		if d.sent[i].Scene.At <= now {
			on = &d.sent[i]
		} else if next == nil {
			next = &d.sent[i]
		}
	}
	return on, next
}

// Cued lists the assets of all scenes that the stage may still show.
func (d *Director) Cued() []playlists.Digest {
	var all []playlists.Digest
	for i := range d.sent {
		for _, t := range d.sent[i].Turns {
			if t.Play.Asset != "" {
				all = append(all, t.Play.Asset)
			}
		}
	}
	return all
}

// Plan gives the scenes to send now, in order, and the monotonic instant at which to plan again even if
// nothing else happens.
func (d *Director) Plan(now int64) (cues []Cue, wake int64) {
	if len(d.spans) == 0 {
		return nil, now + int64(time.Minute)
	}
	d.begin(now)
	want, wake := d.want(now)
	keep := d.agrees(want)
	if keep == 0 {
		d.sent = nil
	}
	cues = want[keep:]
	for i := range cues {
		d.scenes++
		cues[i].Scene.ID = d.scenes
	}
	d.sent = append(d.sent, cues...)
	return cues, wake
}

// begin forgets the scenes before the one that is on.
func (d *Director) begin(now int64) {
	for len(d.sent) > 1 && d.sent[1].Scene.At <= now {
		d.sent = d.sent[1:]
	}
}

// agrees counts how many of the scenes wanted are with the stage already; 0 if any of them is not as
// wanted, because only a scene for now replaces all that are to come.
func (d *Director) agrees(want []Cue) int {
	if len(d.sent) > len(want) {
		return 0
	}
	for i := range d.sent {
		if !sameScene(&d.sent[i].Scene, &want[i].Scene) || i > 0 && d.sent[i].Scene.At != want[i].Scene.At {
			return 0
		}
	}
	return len(d.sent)
}

// sameScene reports whether two scenes look alike, whenever they begin.
func sameScene(a, b *Scene) bool {
	x, y := *a, *b
	x.ID, x.At, y.ID, y.At = 0, 0, 0, 0
	return reflect.DeepEqual(x, y)
}

// want lists the scene of now, the one after it, and those that follow within Ahead; and when the next
// is due: soon after the one after now has begun, so that its mark shares a commit with the plays that
// end and begin there, or earlier where slots are short.
func (d *Director) want(now int64) (want []Cue, wake int64) {
	var prev *Cue
	if len(d.sent) > 0 {
		prev = &d.sent[0]
	}
	at, t := now, d.wall(now)
	for range maxSteps {
		cue := d.cue(at, t, prev)
		if len(want) == 0 || !sameScene(&prev.Scene, &cue.Scene) {
			if len(want) == maxScenes {
				return want, want[1].Scene.At
			}
			want = append(want, cue)
			prev = &want[len(want)-1]
		}
		at = d.next(at, t, &cue)
		t = d.span(at).Wall(at)
		if len(want) > 1 && at > now+int64(Ahead) {
			return want, min(max(want[1].Scene.At+int64(settled), now+int64(settled)), at-int64(Ahead))
		}
		if at-now > int64(24*time.Hour) {
			break
		}
	}
	return want, min(max(at-int64(Ahead), now+int64(time.Second)), now+int64(time.Hour))
}

// span is the span in force at a monotonic instant.
func (d *Director) span(at int64) *Span {
	in := &d.spans[0]
	for i := range d.spans {
		if d.spans[i].From <= at {
			in = &d.spans[i]
		}
	}
	return in
}

// next is the first monotonic instant after at when the scene may differ from cue, which begins
// then, when the wall clock stands at t.
func (d *Director) next(at int64, t time.Time, cue *Cue) int64 {
	span := d.span(at)
	change := span.Show.Programme.Next(t)
	if cue.Scene.Clock != nil {
		change = span.Show.offsetChange(t, change)
	}
	next := max(span.Mono(change), at+1)
	for i := range d.spans {
		if from := d.spans[i].From; from > at {
			next = min(next, from)
		}
	}
	return next
}

// wall is the wall clock now; where it stepped back a little it waits, so that nothing shows twice.
func (d *Director) wall(now int64) time.Time {
	span := d.span(now)
	t := span.Wall(now)
	if back := d.shown.Sub(t); back > 0 && back < smallStep {
		t = d.shown
	}
	d.shown = t
	return t
}

// cue is the scene that begins at at, when the wall clock stands at t, given the one before it.
func (d *Director) cue(at int64, t time.Time, prev *Cue) Cue {
	span := d.span(at)
	frame := span.Show.Programme.At(t)
	c := Cue{
		Source: frame.Source, Window: frame.Window, Takeover: frame.Takeover,
		Epoch: span.Epoch, Frame: frame,
	}
	c.Scene = span.Show.stageSettings(d.assets)
	c.Scene.At = at
	b := builder{d: d, span: span, frame: &frame, t: t, prev: prev, cue: &c}
	b.build()
	if hasClock(c.Scene.Regions) {
		c.Scene.Clock = &ClockFace{UnixNanos: span.Epoch.UnixNano(), Offset: span.Show.Offset(t)}
	}
	return c
}

func hasClock(regions []RegionScene) bool {
	for i := range regions {
		if w := regions[i].Widget; w != nil && w.Kind == playlists.ClockWidget {
			return true
		}
	}
	return false
}

// stageSettings is a scene with all that is the same throughout a show.
func (s *Show) stageSettings(assets Assets) Scene {
	brand := s.brand()
	scene := Scene{Background: brand.Background, Ink: brand.Ink, Name: brand.Name, Regions: []RegionScene{}}
	if s.Body == nil {
		return scene
	}
	scene.Rotation, scene.Volume = s.Body.Rotation, s.Body.Volume
	if path, ok := assets(s.Body.Logo); ok {
		scene.Logo = path
	}
	for _, font := range s.Body.Fonts {
		if path, ok := assets(font); ok {
			scene.Fonts = append(scene.Fonts, path)
		}
	}
	return scene
}
