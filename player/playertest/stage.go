// Package playertest gives tests and simulations a stage without glass.
//
// It keeps to the contract of package playback to the letter, in real and in virtual time, and writes
// down the truth: which turns were first drawn, and when.
package playertest

import (
	"context"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"anteroom/player/playback"
	"anteroom/playlists"
)

// Config says how a stage behaves; only Mono must be given.
type Config struct {
	// Mono is the monotonic clock that agent and stage share, in nanoseconds.
	Mono func() int64
	// Beat is how often it says that it lives; 0 means every second.
	Beat time.Duration
	// Back is how long a dead stage takes to come back; 0 means half a second.
	Back time.Duration
	// Width and Height are the glass's; 0 means 1920 x 1080.
	Width, Height int
	// Draw is asked before each turn is drawn, and may refuse; nil refuses what has no file.
	Draw func(playback.RegionScene) error
	// First hears of every turn that is first drawn: the ground truth. It is called from Run.
	First func(playback.RegionScene, playback.Drawn)
	// Earlier is what the stages before drew, if that is known: their [Stage.Life].
	Earlier *playback.Earlier
}

// Stage is a stage without glass.
type Stage struct {
	cfg    Config
	orders chan playback.Order
	events chan playback.Event
	kill   chan bool
	dark   atomic.Bool // there is no panel
	asked  atomic.Bool // to end

	mu   sync.Mutex
	life playback.Life
}

// New makes a stage.
func New(cfg Config) *Stage {
	if cfg.Beat == 0 {
		cfg.Beat = time.Second
	}
	if cfg.Back == 0 {
		cfg.Back = 500 * time.Millisecond
	}
	if cfg.Width == 0 {
		cfg.Width, cfg.Height = 1920, 1080
	}
	if cfg.Draw == nil {
		cfg.Draw = hasFile
	}
	return &Stage{
		cfg: cfg, orders: make(chan playback.Order, 256), events: make(chan playback.Event, 64), kill: make(chan bool, 1),
	}
}

func hasFile(r playback.RegionScene) error {
	if r.Path == "" {
		return nil
	}
	_, err := os.Stat(r.Path)
	return err
}

// Send implements the player's stage.
func (s *Stage) Send(o playback.Order) {
	select {
	case s.orders <- o:
	default:
	}
}

// Events implements the player's stage.
func (s *Stage) Events() <-chan playback.Event { return s.events }

// Kill ends the stage at once, as a crash does; it comes back by itself.
func (s *Stage) Kill() {
	select {
	case s.kill <- true:
	default:
	}
}

// Restart implements the player's stage.
func (s *Stage) Restart() {
	s.asked.Store(true)
	s.Kill()
}

// Unplug takes the panel away: the stage ends, and cannot start before there is one again.
func (s *Stage) Unplug() {
	s.dark.Store(true)
	s.Kill()
}

// Plug gives it a panel again.
func (s *Stage) Plug() { s.dark.Store(false) }

// Life is what all stages so far have told of turns: the accounts of package account.
func (s *Stage) Life() playback.Life {
	s.mu.Lock()
	defer s.mu.Unlock()
	return playback.Life{Told: slices.Clone(s.life.Told), End: s.life.End}
}

// maxTold bounds how many events a life remembers.
const maxTold = 256

// note puts an event into the account.
func (s *Stage) note(e playback.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life.End = max(s.life.End, e.At())
	if e.Drawn != nil || e.Failed != nil {
		s.life.Told = append(s.life.Told, e)
	}
	if n := len(s.life.Told); n > 2*maxTold {
		s.life.Told = slices.Clone(s.life.Told[n-maxTold:])
	}
}

// Run implements the player's stage: what it says is to be heard until it returns.
func (s *Stage) Run(ctx context.Context) error {
	if s.cfg.Earlier != nil {
		s.events <- playback.Event{Earlier: s.cfg.Earlier}
	}
	for ctx.Err() == nil {
		l := life{Stage: s, done: ctx.Done()}
		if !s.dark.Load() {
			l.run()
		}
		select {
		case <-ctx.Done():
			return nil
		default:
		}
		l.say(playback.Event{Gone: &playback.Gone{At: l.lived, Reason: "killed", Asked: s.asked.Swap(false), Display: !s.dark.Load()}})
		l.wait(s.cfg.Back)
		for len(s.orders) > 0 {
			<-s.orders
		}
	}
	return nil
}

// life is a stage from its start to its end.
type life struct {
	*Stage

	done   <-chan struct{}
	on     *playback.Scene
	plan   []playback.Scene
	lived  int64
	frames uint64
}

func (l *life) say(e playback.Event) {
	l.note(e)
	l.events <- e
}

func (l *life) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.done:
	}
}

func (l *life) run() {
	l.say(playback.Event{Ready: &playback.Ready{Width: l.cfg.Width, Height: l.cfg.Height, Renderer: "none"}})
	timer := time.NewTimer(0)
	defer timer.Stop()
	beat := l.cfg.Mono()
	for {
		select {
		case <-l.done:
			return
		case <-l.kill:
			return
		case o := <-l.orders:
			l.take(o)
		case <-timer.C:
		}
		now := l.cfg.Mono()
		l.lived = now
		l.proceed(now)
		if now >= beat {
			beat = now + int64(l.cfg.Beat)
			l.beat(now)
		}
		timer.Reset(max(0, time.Duration(min(beat, l.next())-now)))
	}
}

func (l *life) beat(now int64) {
	b := playback.Beat{At: now, Frames: l.frames}
	if l.on != nil {
		b.Scene = l.on.ID
	}
	l.say(playback.Event{Beat: &b})
}

// take obeys an order.
func (l *life) take(o playback.Order) {
	if o.Snapshot != "" {
		if os.WriteFile(o.Snapshot, []byte("\xff\xd8\xff\xd9"), 0o600) == nil {
			l.say(playback.Event{Snapshot: o.Snapshot})
		}
	}
	if o.Scene == nil {
		return
	}
	l.plan = slices.DeleteFunc(l.plan, func(s playback.Scene) bool { return s.At >= o.Scene.At })
	l.plan = append(l.plan, *o.Scene)
}

// next is when something is to be done.
func (l *life) next() int64 {
	next := int64(1) << 62
	if len(l.plan) > 0 {
		next = min(next, l.plan[0].At)
	}
	return next
}

// proceed begins the scene that is due, and draws what is new in it.
func (l *life) proceed(now int64) {
	for len(l.plan) > 0 && l.plan[0].At <= now {
		scene := l.plan[0]
		l.plan = l.plan[1:]
		was := l.on
		l.on = &scene
		l.draw(was, now)
	}
}

// draw presents the turns that the scene before did not have.
func (l *life) draw(was *playback.Scene, at int64) {
	counted := false
	for _, r := range l.on.Regions {
		if r.Turn == 0 {
			continue
		}
		counted = true
		if was != nil && slices.ContainsFunc(was.Regions, func(o playback.RegionScene) bool { return o.Turn == r.Turn }) {
			continue
		}
		if err := l.cfg.Draw(r); err != nil {
			l.say(playback.Event{Failed: &playback.Failed{Scene: l.on.ID, Turn: r.Turn, At: at, Reason: err.Error()}})
			continue
		}
		l.present(r, at)
	}
	if !counted {
		l.frames++
		l.say(playback.Event{Drawn: &playback.Drawn{Scene: l.on.ID, At: at}})
	}
}

func (l *life) present(r playback.RegionScene, at int64) {
	l.frames++
	drawn := playback.Drawn{Scene: l.on.ID, Turn: r.Turn, At: at}
	if l.cfg.First != nil {
		l.cfg.First(r, drawn)
	}
	l.say(playback.Event{Drawn: &drawn})
}

// Item is what a label of the truth names: an item or a takeover.
func Item(label string) playlists.ItemID {
	for i := range label {
		if label[i] == '@' {
			return playlists.ItemID(label[:i])
		}
	}
	return playlists.ItemID(label)
}
