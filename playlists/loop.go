package playlists

import "slices"

// slotsOf is how many slots a loop of these weights has: their sum, divided by their greatest common
// divisor; 0 if all are 0.
func slotsOf(weights []int) int {
	sum, divisor := 0, 0
	for _, w := range weights {
		sum, divisor = sum+w, gcd(divisor, w)
	}
	if divisor == 0 {
		return 0
	}
	return sum / divisor
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// turns is the order of a loop in which the i-th entry has weights[i] slots, before division by the
// greatest common divisor: as evenly spread as smooth weighted round robin has it, and such that no entry
// follows itself, nor meets itself across the seam, where its weight lets that be avoided.
func turns(weights []int) []int {
	order := smooth(weights)
	if !meetsItself(order) {
		return order
	}
	if mended, ok := moveLastInside(order); ok {
		return mended
	}
	return rotated(order)
}

// smooth is smooth weighted round robin: at each slot everyone gains its weight, and who has most pays
// the sum; ties go to the earlier entry.
func smooth(weights []int) []int {
	order := make([]int, 0, slotsOf(weights))
	credit, sum := make([]int, len(weights)), 0
	for _, w := range weights {
		sum += w
	}
	for range cap(order) {
		most := 0
		for i, w := range weights {
			credit[i] += w
			if credit[i] > credit[most] {
				most = i
			}
		}
		credit[most] -= sum
		order = append(order, most)
	}
	return order
}

// meetsItself reports whether the last slot and the first are of one entry.
func meetsItself(order []int) bool {
	return len(order) > 1 && order[0] == order[len(order)-1]
}

// moveLastInside takes the last slot to where it has no neighbour of its own, as far from them as can
// be: A B C A becomes A B A C. It is not possible for an entry with more than half of the slots.
func moveLastInside(order []int) ([]int, bool) {
	last := len(order) - 1
	entry, rest := order[last], order[:last]
	best, room := -1, 1
	since := 0 // slots since the entry was on
	for gap := 1; gap < last; gap++ {
		since++
		if rest[gap-1] == entry {
			since = 1
		}
		until := slices.Index(rest[gap:], entry) + 1
		if until == 0 {
			until = last - gap + 1 // the first slot of the next round
		}
		if near := min(since, until); near > room {
			best, room = gap, near
		}
	}
	if best < 0 {
		return nil, false
	}
	return slices.Insert(slices.Clone(rest), best, entry), true
}

// rotated begins the order at the first slot whose entry differs from the one before, so that an entry
// that must follow itself does so within the loop and not across the seam.
func rotated(order []int) []int {
	for i := 1; i < len(order); i++ {
		if order[i] != order[i-1] {
			return slices.Concat(order[i:], order[:i])
		}
	}
	return order
}

// passes is how often a loop is repeated until every language of the mix had its twelfths.
func passes(mix []LanguageShare) int {
	divisor, sum := 0, 0
	for _, l := range mix {
		divisor, sum = gcd(divisor, l.Twelfths), sum+l.Twelfths
	}
	if divisor == 0 {
		return 1
	}
	return sum / divisor
}

// languagePasses gives, for each of n passes, an index into shares: whoever is furthest behind its
// share, the earlier where several are.
func languagePasses(shares []int, n int) []int {
	sum := 0
	for _, s := range shares {
		sum += s
	}
	had, order := make([]int, len(shares)), make([]int, n)
	for pass := range n {
		behind := 0
		for i := range shares {
			if shares[i]*(pass+1)-had[i]*sum > shares[behind]*(pass+1)-had[behind]*sum {
				behind = i
			}
		}
		had[behind]++
		order[pass] = behind
	}
	return order
}
