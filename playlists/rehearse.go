package playlists

import (
	"fmt"
	"time"
)

// Rehearsal is a playlist's loop as the screens of a department would show it, on a picture of 1920 x 1080.
type Rehearsal struct {
	// Millis is the length of the loop until it comes again, with all languages.
	Millis int64 `json:"millis"`
	// Entries are the playlist's, in its order.
	Entries []RehearsedEntry `json:"entries"`
	// Showings are what comes, and Order lists indices into them, one for each slot.
	Showings []RehearsedShowing `json:"showings"`
	Order    []int              `json:"order"`
	// Problems say what is left out, and why.
	Problems []Problem `json:"problems"`
}

// RehearsedEntry is what an entry gets of the loop; nothing if it is off or left out.
type RehearsedEntry struct {
	Slots  int   `json:"slots"`
	Millis int64 `json:"millis"`
	// Share is its part of the time, 0 to 1; PlaysPerHour is how often it comes while the loop runs.
	Share        float64 `json:"share"`
	PlaysPerHour float64 `json:"plays_per_hour"`
}

// RehearsedShowing is a rendition in the manner of its entry.
type RehearsedShowing struct {
	// Entry is an index into the playlist's entries.
	Entry      int        `json:"entry"`
	Item       ItemID     `json:"item"`
	Title      string     `json:"title"`
	Language   Language   `json:"language"`
	Asset      Digest     `json:"asset"`
	Medium     Medium     `json:"medium"`
	Millis     int64      `json:"millis"`
	Transition Transition `json:"transition,omitempty"`
	Fit        Fit        `json:"fit,omitempty"`
}

// Rehearse unrolls a playlist exactly as [Compile] does for the screens of a department that have no player
// yet. Validity counts at no particular time: an item that is not valid when its turn comes gives it away.
func (h *Hospital) Rehearse(d DepartmentID, p Playlist) (Rehearsal, error) {
	department, ok := h.Departments[d]
	if !ok {
		return Rehearsal{}, fmt.Errorf("%w: department: there is no department %q", ErrInvalid, d)
	}
	if err := p.Validate(); err != nil {
		return Rehearsal{}, err
	}
	b := newBuilder(h, department, classOf(Screen{Department: d}, Abilities{}, false))
	b.body = &Body{}
	loop, from := b.unrollFrom(p)
	r := Rehearsal{Entries: make([]RehearsedEntry, len(p.Entries)), Showings: []RehearsedShowing{}, Order: append([]int{}, loop.Order...), Problems: append([]Problem{}, b.problems.sorted()...)}
	for i, e := range loop.Entries {
		s := &b.body.Showings[e.Showing]
		r.Showings = append(r.Showings, RehearsedShowing{
			Entry: from[i], Item: s.Item, Title: s.Title, Language: s.Language, Asset: s.Asset, Medium: s.Medium,
			Millis: e.Millis, Transition: e.Transition, Fit: e.Fit,
		})
	}
	r.count()
	return r, nil
}

// count adds up what each entry gets.
func (r *Rehearsal) count() {
	for _, showing := range r.Order {
		s := &r.Showings[showing]
		r.Millis += s.Millis
		r.Entries[s.Entry].Slots++
		r.Entries[s.Entry].Millis += s.Millis
	}
	if r.Millis == 0 {
		return
	}
	for i := range r.Entries {
		e := &r.Entries[i]
		e.Share = float64(e.Millis) / float64(r.Millis)
		e.PlaysPerHour = float64(e.Slots) * float64(time.Hour.Milliseconds()) / float64(r.Millis)
	}
}
