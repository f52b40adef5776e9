package playlists

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// stretch is [from, to) in nanoseconds.
type stretch struct{ from, to int64 }

// freeUntil is from when on no stretch reaches into the time before by; by itself if one lasts until then.
// Stretches ascend and do not touch.
func freeUntil(busy []stretch, by int64) int64 {
	i := sort.Search(len(busy), func(i int) bool { return busy[i].from >= by })
	if i == 0 {
		return firstInstant
	}
	return min(busy[i-1].to, by)
}

// horizon is a day's candidates, and those of the days after as far as a slot can reach. An entry that is
// only for slots that can finish needs them: it must not be cut by what was known when it began. That is the
// end of its occurrence and whatever is stronger, its window's next start included, and has something valid
// to show; whether a stronger entry that must finish can do so itself is not asked. Takeovers are known to
// nobody beforehand.
type horizon struct {
	p     *Programme
	date  int64
	spans []*span
	far   bool // spans reach as far as they must
}

// settle makes spans ready to show; most of a day's never come to it.
func (h *horizon) settle(spans []*span) {
	for _, s := range spans {
		if s.endTime.IsZero() {
			s.startTime, s.endTime, s.bases = instantOf(s.start), instantOf(s.end), h.p.bases(s)
			if s.layout != nil && s.layout.sometimesWhole {
				s.busy = h.busy(s)
			}
		}
	}
}

// look adds the candidates of the days into which a slot of this one can reach.
func (h *horizon) look() {
	if h.far {
		return
	}
	h.far = true
	until := h.p.zone.dayStart(h.date+1)*int64(time.Second) + MaxMillis*int64(time.Millisecond)
	h.spans = slices.Clone(h.spans)
	for date := h.date + 1; ; date++ {
		lo, hi := h.p.zone.dayStart(date)*int64(time.Second), h.p.zone.dayStart(date+1)*int64(time.Second)
		if lo >= until {
			return
		}
		h.spans = append(h.spans, h.p.spans(date, lo, hi)...)
	}
}

// busy is when something else may have the screen from s.from on, takeovers apart.
func (h *horizon) busy(s *span) []stretch {
	h.look()
	all := []stretch{{s.end, lastInstant}}
	for _, o := range h.spans {
		if o.takeover == nil && o.to > s.from && byRank(o, s) < 0 {
			all = o.mayShow(all)
		}
	}
	return merge(all)
}

// mayShow appends when s has something valid to show.
func (s *span) mayShow(to []stretch) []stretch {
	if s.sure || s.layout == nil {
		return append(to, stretch{s.from, s.to})
	}
	for i := range s.layout.regions {
		for _, v := range s.layout.regions[i].bounds {
			if from, until := max(s.from, v.from), min(s.to, v.until); from < until {
				to = append(to, stretch{from, until})
			}
		}
	}
	return to
}

// merge sorts stretches and joins those that meet.
func merge(all []stretch) []stretch {
	slices.SortFunc(all, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	merged := all[:1]
	for _, s := range all[1:] {
		if last := &merged[len(merged)-1]; s.from <= last.to {
			last.to = max(last.to, s.to)
		} else {
			merged = append(merged, s)
		}
	}
	return slices.Clip(merged)
}
