package playlists

import (
	"cmp"
	"slices"
	"time"
)

// Scheduled is how often a programme shows an item in one language.
type Scheduled struct {
	Item     ItemID
	Language Language
	Plays    int
}

// Scheduled counts the plays of each item and language of the programme within [from, to), in the hours of its department
// that count for a [Floor] and as they count there, and says how many hours those are. What shows never is left out; the
// rest ascends by item and language.
func (p *Programme) Scheduled(d *Department, from, to time.Time) (scheduled []Scheduled, hours int) {
	type kind struct {
		item     ItemID
		language Language
	}
	kinds := map[kind]int{}
	for i := range p.body.Showings {
		k := kind{p.body.Showings[i].Item, p.body.Showings[i].Language}
		if _, known := kinds[k]; !known {
			kinds[k] = len(kinds)
		}
	}
	c := p.playCount(d, from, to, len(kinds), func(s *Showing) []int { return []int{kinds[kind{s.Item, s.Language}]} })
	for k, at := range kinds {
		sum := 0
		for _, plays := range c.plays[at] {
			sum += plays
		}
		if sum > 0 {
			scheduled = append(scheduled, Scheduled{k.item, k.language, sum})
		}
	}
	slices.SortFunc(scheduled, func(a, b Scheduled) int {
		return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.Language, b.Language))
	})
	return scheduled, len(c.hours)
}
