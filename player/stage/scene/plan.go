// Package scene works out what the stage draws: which scene is on, where its regions lie, how far a
// cross-fade or a ticker is, what a clock says. It is pure: instants are arguments, pictures are plain
// images, and it runs without a display.
package scene

import (
	"slices"

	"anteroom/player/playback"
)

// Plan is the scene on and those ordered for later.
type Plan struct {
	on    *playback.Scene
	later []*playback.Scene // by At, ascending
}

// Order takes a scene in; it replaces those not yet begun with the same or a later At.
func (p *Plan) Order(s *playback.Scene) {
	p.later = slices.DeleteFunc(p.later, func(o *playback.Scene) bool { return o.At >= s.At })
	p.later = append(p.later, s)
}

// At is the scene on at an instant, nil before the first, and whether it has just changed. Instants
// must not go back.
func (p *Plan) At(now int64) (on *playback.Scene, changed bool) {
	for len(p.later) > 0 && p.later[0].At <= now {
		p.on, p.later, changed = p.later[0], p.later[1:], true
	}
	return p.on, changed
}

// Next is the scene that is to follow, nil if none has been ordered.
func (p *Plan) Next() *playback.Scene {
	if len(p.later) == 0 {
		return nil
	}
	return p.later[0]
}
