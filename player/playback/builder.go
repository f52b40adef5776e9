package playback

import (
	"math"
	"strings"
	"time"

	"anteroom/playlists"
)

// maxEarlier bounds the search for an earlier slot that is cached.
const maxEarlier = 128

// builder fills one cue from one frame.
type builder struct {
	d     *Director
	span  *Span
	frame *playlists.Frame
	t     time.Time
	prev  *Cue
	cue   *Cue
}

func (b *builder) build() {
	switch {
	case b.frame.Source == playlists.FromTakeover:
		b.takeover()
	case b.frame.Layout != nil:
		b.layout()
	}
	if len(b.cue.Turns) > 0 || len(b.cue.Scene.Regions) > 0 && !b.hasLoops() {
		return
	}
	b.cue.Scene.Regions = []RegionScene{}
	b.cue.Scene.Slate = b.span.Show.Slate
	if b.cue.Scene.Slate == nil {
		b.cue.Scene.Slate = &Slate{} // the scene's name is enough
	}
}

func (b *builder) hasLoops() bool {
	for i := range b.frame.Layout.Regions {
		if b.frame.Layout.Regions[i].Loop >= 0 {
			return true
		}
	}
	return false
}

// takeover puts the takeover's slide of this turn over the whole screen, or the picture that goes with it.
func (b *builder) takeover() {
	if len(b.frame.Slots) == 0 || b.frame.Slots[0].Slide == nil {
		return
	}
	slot := &b.frame.Slots[0]
	key := turnKey{language: slot.Slide.Language}
	scene := RegionScene{W: 1, H: 1, Label: label(string(b.frame.Takeover), slot), Medium: playlists.Slide, Slide: slot.Slide.Slide}
	if asset, path, ok := b.picture(slot.Slide); ok {
		key = turnKey{language: playlists.NoWords, asset: asset.Digest}
		scene.Medium, scene.MediaType, scene.Path, scene.Slide = asset.Medium, asset.MediaType, path, nil
	}
	turn := b.turn(slot, key)
	turn.Play.Takeover, turn.Play.Language, turn.Play.Asset, turn.Play.Body = b.frame.Takeover, key.language, key.asset, ""
	b.add(&turn, scene)
}

// picture is the size of a takeover's picture that is held.
func (b *builder) picture(s *playlists.TakeoverSlide) (playlists.Asset, string, bool) {
	for _, a := range s.Picture {
		if path, ok := b.d.assets(a.Digest); ok {
			return a, path, true
		}
	}
	return playlists.Asset{}, "", false
}

func (b *builder) layout() {
	for i := range b.frame.Layout.Regions {
		r := &b.frame.Layout.Regions[i]
		if r.Widget != nil {
			b.cue.Scene.Regions = append(b.cue.Scene.Regions, place(r, RegionScene{Widget: r.Widget}))
			continue
		}
		if slot := slotOf(b.frame, i); slot != nil {
			b.region(r, slot)
		}
	}
}

func slotOf(f *playlists.Frame, region int) *playlists.Slot {
	for i := range f.Slots {
		if f.Slots[i].RegionIndex == region && f.Slots[i].Showing != nil {
			return &f.Slots[i]
		}
	}
	return nil
}

func place(r *playlists.BodyRegion, s RegionScene) RegionScene {
	s.Name, s.X, s.Y, s.W, s.H = r.Name, r.X, r.Y, r.W, r.H
	return s
}

// region shows slot in r; where its rendition is missing, what stands in for it already, else the
// nearest earlier slot that is cached, else the filler, else nothing.
func (b *builder) region(r *playlists.BodyRegion, slot *playlists.Slot) {
	wanted := b.turn(slot, keyOf(slot.Showing)).key
	if turn, scene, ok := b.standIn(wanted); ok {
		b.cue.Turns = append(b.cue.Turns, turn)
		b.cue.Scene.Regions = append(b.cue.Scene.Regions, place(r, scene))
		return
	}
	shown, path, filler := b.choose(slot)
	if shown == nil {
		return
	}
	turn := b.turn(slot, keyOf(shown.Showing))
	turn.wanted, turn.until = wanted, shown.Showing.Until
	turn.Title = shown.Showing.Title
	turn.Play.Item, turn.Play.Version = shown.Showing.Item, shown.Showing.Version
	turn.Play.Language, turn.Play.Asset = shown.Showing.Language, shown.Showing.Asset
	if filler {
		turn.Play.Window = ""
	}
	asset, _ := b.span.Show.asset(shown.Showing.Asset)
	scene := RegionScene{
		Label: label(string(shown.Showing.Item), slot), Medium: shown.Showing.Medium, Path: path,
		MediaType: asset.MediaType, Transition: shown.Entry.Transition, Fit: shown.Entry.Fit,
	}
	if path, ok := b.d.assets(shown.Showing.Captions); ok && shown.Showing.Captions != "" {
		scene.Captions, scene.Language = path, shown.Showing.Language
	}
	if shown.Showing.HandOff {
		scene.HandOff = b.handOff(slot, shown.Showing.Item)
	}
	b.add(&turn, place(r, scene))
}

// handOff leads to an item on the phone, by the code that the screen has when slot begins. Without a time to make it
// by there is none.
func (b *builder) handOff(slot *playlists.Slot, item playlists.ItemID) *HandOff {
	show := b.span.Show
	if len(show.HandOff) == 0 || b.span.Quality == playlists.ClockUnset {
		return nil
	}
	code := show.HandOff.Code(slot.Start)
	_, short, _ := strings.Cut(show.Body.HandOff, "://")
	return &HandOff{
		Address: show.Body.HandOff + "/" + code + "/" + string(item),
		Short:   short + "/" + code[:len(code)/2] + "-" + code[len(code)/2:],
	}
}

// standIn is the turn that already shows instead of the one wanted; it stays for the slot, so that a
// download that ends in mid-slot changes nothing before the next.
func (b *builder) standIn(wanted turnKey) (Turn, RegionScene, bool) {
	if b.prev == nil {
		return Turn{}, RegionScene{}, false
	}
	for _, turn := range b.prev.Turns {
		if turn.wanted != wanted || turn.key == wanted || !turn.until.IsZero() && !b.t.Before(turn.until) {
			continue
		}
		if _, ok := b.d.assets(turn.Play.Asset); !ok {
			continue
		}
		for _, scene := range b.prev.Scene.Regions {
			if scene.Turn == turn.ID {
				scene.Begin, scene.End = b.span.Mono(turn.Play.Start), b.span.Mono(turn.Play.Start)+turn.Play.Planned*int64(time.Millisecond)
				turn.Begin, turn.End = scene.Begin, scene.End
				return turn, scene, true
			}
		}
	}
	return Turn{}, RegionScene{}, false
}

// choose finds what can be shown in slot: itself, an earlier slot, or the filler.
func (b *builder) choose(slot *playlists.Slot) (shown *playlists.Slot, path string, filler bool) {
	if shown, path = b.earlier(b.span.Show.Programme, b.frame, slot); shown != nil {
		return shown, path, false
	}
	if b.span.Show.Filler == nil || b.frame.Source == playlists.FromFiller {
		return nil, "", false
	}
	frame := b.span.Show.Filler.At(b.t)
	for i := range frame.Slots {
		if frame.Slots[i].Showing == nil {
			continue
		}
		if shown, path = b.earlier(b.span.Show.Filler, &frame, &frame.Slots[i]); shown != nil {
			return shown, path, true
		}
	}
	return nil, "", false
}

// earlier is slot, or the nearest one before it in its region and occurrence, that is cached and valid.
func (b *builder) earlier(p Programme, frame *playlists.Frame, slot *playlists.Slot) (shown *playlists.Slot, path string) {
	for range maxEarlier {
		if slot.Showing.Valid(b.t) {
			if path, ok := b.d.assets(slot.Showing.Asset); ok {
				return slot, path
			}
		}
		before := slot.Start.Add(-1)
		if before.Before(frame.Start) {
			return nil, ""
		}
		then := p.At(before)
		if then.Source != frame.Source || then.Window != frame.Window || !then.Start.Equal(frame.Start) {
			return nil, ""
		}
		if slot = slotOf(&then, slot.RegionIndex); slot == nil {
			return nil, ""
		}
	}
	return nil, ""
}

func keyOf(s *playlists.Showing) turnKey {
	return turnKey{item: s.Item, version: s.Version, language: s.Language, asset: s.Asset}
}

// turn is the turn of slot that shows what key says.
func (b *builder) turn(slot *playlists.Slot, key turnKey) Turn {
	key.region, key.start = slot.Region, slot.Start.UnixMilli()
	key.source, key.window, key.takeover = b.frame.Source, b.frame.Window, b.frame.Takeover
	over := int64(math.MaxInt64)
	if !b.frame.End.IsZero() {
		over = b.span.Mono(b.frame.End)
	}
	return Turn{
		Begin: b.span.Mono(slot.Start), End: b.span.Mono(slot.End), Over: over,
		Source: b.frame.Source, key: key, wanted: key, zone: b.span.Show.zone,
		Play: playlists.Play{
			Screen: b.span.Show.Screen, Body: b.span.Show.Digest, Window: b.frame.Window, Region: slot.Region,
			Start: slot.Start.UTC(), Planned: slot.Planned().Milliseconds(), Quality: b.span.Quality,
		},
	}
}

// add numbers the turn and puts its scene into the cue.
func (b *builder) add(turn *Turn, scene RegionScene) {
	turn.ID = b.number(turn.key)
	scene.Turn, scene.Begin, scene.End = turn.ID, turn.Begin, turn.End
	b.cue.Turns = append(b.cue.Turns, *turn)
	b.cue.Scene.Regions = append(b.cue.Scene.Regions, scene)
}

// number is the turn's number: that of the scene before if it goes on, that of a scene still to come
// if it is only planned again, else a new one.
func (b *builder) number(key turnKey) uint64 {
	if id, ok := turnIn(b.prev, key); ok {
		return id
	}
	for i := 1; i < len(b.d.sent); i++ {
		if id, ok := turnIn(&b.d.sent[i], key); ok && !b.d.sent[0].Has(id) {
			return id
		}
	}
	b.d.turns++
	return b.d.turns
}

func turnIn(c *Cue, key turnKey) (uint64, bool) {
	if c == nil {
		return 0, false
	}
	for i := range c.Turns {
		if c.Turns[i].key == key {
			return c.Turns[i].ID, true
		}
	}
	return 0, false
}

func label(what string, slot *playlists.Slot) string {
	return what + "@" + slot.Start.UTC().Format(time.RFC3339)
}
