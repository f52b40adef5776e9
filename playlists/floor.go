package playlists

import (
	"fmt"
	"slices"
	"time"
)

// Floor is what each screen of a department must show at least: so many plays of something in every hour
// that counts.
//
// An hour counts if it is a full one of the clock on the department's wall, 60 minutes long, within the
// opening hours and on no closed date. A play counts in the hour in which its turn begins, in whatever
// region and language, if its turn is not cut before its end. Every screen has to keep a floor by itself.
// Takeovers are left out, as nobody plans them.
type Floor struct {
	// Exactly one of Item, Phase, EveryPhase and Topic says what must show.
	Item       ItemID `json:"item,omitempty" doc:"This item, in whatever language; give exactly one of item, phase, every_phase and topic"`
	Phase      Phase  `json:"phase,omitempty" doc:"Any item of this phase of care"`
	EveryPhase bool   `json:"every_phase,omitempty" doc:"Any item of each phase of care: so many plays of every one"`
	Topic      Topic  `json:"topic,omitempty" doc:"Any item of this topic"`
	Plays      int    `json:"plays" doc:"How many plays in every full opening hour are enough, on each screen by itself; 1 to 3600"`
	// Fill: where a programme does not keep it, items of the library are added to its loops until it does.
	Fill bool `json:"fill,omitempty" doc:"Fill from the library where playlists do not keep it: turns of approved items are added, up to a third of a loop"`
}

// Bounds of floors. A turn lasts a second at least.
const (
	maxFloors     = 50
	maxFloorPlays = int(time.Hour/time.Millisecond) / MinMillis
)

func checkFloors(f *faults, floors []Floor) {
	f.check(len(floors) <= maxFloors, "floors", "%d are too many; make it %d at most", len(floors), maxFloors)
	for i := range floors {
		floors[i].check(f, fmt.Sprintf("floors[%d]", i))
	}
	type what struct {
		item  ItemID
		phase Phase
		every bool
		topic Topic
	}
	known := map[what]bool{}
	for i, fl := range floors {
		w := what{fl.Item, fl.Phase, fl.EveryPhase, fl.Topic}
		f.check(w == what{} || !known[w], fmt.Sprintf("floors[%d]", i), "the same must run already; change that, or remove one")
		known[w] = true
	}
}

func (fl *Floor) check(f *faults, field string) {
	optionalID(f, field+".item", fl.Item)
	optionalID(f, field+".topic", fl.Topic)
	f.check(fl.Phase == "" || slices.Contains(Phases(), fl.Phase), field+".phase", "%q is no phase of care; choose one of %v", string(fl.Phase), Phases())
	n := 0
	for _, set := range []bool{fl.Item != "", fl.Phase != "", fl.EveryPhase, fl.Topic != ""} {
		if set {
			n++
		}
	}
	f.check(n == 1, field, "choose exactly one of an item, a phase of care, every phase and a topic")
	f.check(fl.Plays >= 1 && fl.Plays <= maxFloorPlays, field+".plays", "%d plays an hour are out of bounds; choose 1 to %d", fl.Plays, maxFloorPlays)
}

// parts are the floors that together are this one: one for each phase if it is of every phase.
func (fl *Floor) parts() []Floor {
	if !fl.EveryPhase {
		return []Floor{*fl}
	}
	var parts []Floor
	for _, phase := range Phases() {
		parts = append(parts, Floor{Phase: phase, Plays: fl.Plays, Fill: fl.Fill})
	}
	return parts
}

// of reports whether a play of an item counts.
func (fl *Floor) of(id ItemID, phase Phase, topics []Topic) bool {
	switch {
	case fl.Item != "":
		return fl.Item == id
	case fl.Phase != "":
		return fl.Phase == phase
	}
	return slices.Contains(topics, fl.Topic)
}

// openThrough reports whether the department's hours cover a stretch of a day of the week.
func (d Department) openThrough(weekday int, from, to Clock) bool {
	if len(d.Hours) == 0 {
		return true
	}
	for at := from; at < to; {
		until := at
		for _, h := range d.Hours {
			if slices.Contains(h.Days, weekday) && h.From <= at {
				until = max(until, h.To)
			}
		}
		if until == at {
			return false
		}
		at = until
	}
	return true
}

// floorHours are the hours within [from, to) that count for floors, in nanoseconds, ascending.
func (p *Programme) floorHours(d *Department, from, to int64) []stretch {
	var hours []stretch
	second, _ := floorDiv(from, int64(time.Second))
	for date := p.zone.dayAt(second); p.zone.dayStart(date)*int64(time.Second) < to; date++ {
		if p.closedDays[date] {
			continue
		}
		for h := range int64(24) {
			s := stretch{p.zone.instant(date, h*60) * int64(time.Second), p.zone.instant(date, (h+1)*60) * int64(time.Second)}
			if s.from >= from && s.to <= to && s.to-s.from == int64(time.Hour) && d.openThrough(weekdayOf(date), Clock(h*60), Clock((h+1)*60)) {
				hours = append(hours, s)
			}
		}
	}
	return hours
}
