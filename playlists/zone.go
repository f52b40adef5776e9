package playlists

import (
	"fmt"
	"slices"
	"sort"
	"time"
)

// ZoneData gives the TZif bytes (RFC 8536) of an IANA zone, or an error if there is no such zone.
type ZoneData func(zone string) (tzif []byte, err error)

// lastYear is the last year through which a zone's rule for the future is written out. Programmes end
// before it.
const lastYear = 2201

// farAway exceeds any offset from UTC, in seconds (RFC 8536 section 3.2 keeps them below 26 hours).
const farAway = 26 * 60 * 60

// Zone maps instants to the clock on a department's wall and back, by its own table: the package
// comment says how the nights are decided on which clocks change. A Zone is immutable.
type Zone struct {
	name string
	// spans are ascending and abut; the first reaches back, and the last on, for ever.
	spans []zoneSpan
}

// zoneSpan is a time during which the offset stays: from the Unix second from on.
type zoneSpan struct {
	from   int64
	offset int64 // seconds east of UTC
}

// Name is the zone's IANA name.
func (z *Zone) Name() string { return z.name }

// Local is what the calendar and the clock on the wall show at t, and the seconds east of UTC then.
func (z *Zone) Local(t time.Time) (Date, Clock, int) {
	u := t.Unix()
	offset := z.spans[z.at(u)].offset
	day, second := floorDiv(u+offset, secondsPerDay)
	return dateOf(day), Clock(second / 60), int(offset)
}

// Instant is the first instant at which the wall shows c on d or later: in a gap the first after it,
// in an overlap the first of the two.
func (z *Zone) Instant(d Date, c Clock) time.Time {
	return time.Unix(z.instant(d.day(), int64(c)), 0).UTC()
}

// DayStart is the first instant of d, which is not 00:00 where the clock skips midnight. Two days start
// together where a whole day is skipped.
func (z *Zone) DayStart(d Date) time.Time { return z.Instant(d, 0) }

// HourStart is the instant at which the hour on the wall at t began: where the clock has been set since
// the full hour, the instant at which it was.
func (z *Zone) HourStart(t time.Time) time.Time {
	u := t.Unix()
	span := z.spans[z.at(u)]
	_, past := floorDiv(u+span.offset, 60*60)
	return time.Unix(max(u-past, span.from), 0).UTC()
}

// at is the index of the span that holds the Unix second u.
func (z *Zone) at(u int64) int {
	return sort.Search(len(z.spans), func(i int) bool { return z.spans[i].from > u }) - 1
}

// instant is Instant in Unix seconds, of a day's number and minutes.
func (z *Zone) instant(day, minutes int64) int64 {
	wall := day*secondsPerDay + minutes*60
	for i := z.at(wall - farAway); ; i++ {
		span := z.spans[i]
		u := max(span.from, wall-span.offset)
		if i+1 == len(z.spans) || u < z.spans[i+1].from {
			return u
		}
	}
}

// dayStart is DayStart in Unix seconds.
func (z *Zone) dayStart(day int64) int64 { return z.instant(day, 0) }

// dayAt is the number of the day that has begun at u and whose successor has not.
func (z *Zone) dayAt(u int64) int64 {
	day, _ := floorDiv(u+z.spans[z.at(u)].offset, secondsPerDay)
	for z.dayStart(day+1) <= u {
		day++
	}
	return day
}

// newZone makes a table of changes, which are given in ascending order and begin with one at the
// beginning of time.
func newZone(name string, changes []zoneSpan) (*Zone, error) {
	spans := changes[:1:1]
	for _, c := range changes[1:] {
		last := &spans[len(spans)-1]
		if c.from < last.from {
			return nil, fmt.Errorf("%w: zone %s: its changes are out of order", ErrInvalid, name)
		}
		if c.from == last.from {
			last.offset = c.offset
		} else {
			spans = append(spans, c)
		}
	}
	spans = slices.CompactFunc(spans, func(a, b zoneSpan) bool { return a.offset == b.offset })
	return &Zone{name: name, spans: spans}, nil
}
