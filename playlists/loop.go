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
// greatest common divisor: smooth weighted round robin, mended so that no entry follows itself, in the
// loop or across its seam, unless it has more than half of the slots. Such an entry does not meet itself
// across the seam, at least.
func turns(weights []int) []int {
	order := smooth(weights)
	if len(order) == 0 {
		return nil
	}
	heaviest := slices.Index(weights, slices.Max(weights))
	if 2*slotsAt(order, heaviest) > len(order) {
		return rotated(order)
	}
	for range order { // each move leaves fewer meetings
		i := meeting(order)
		if i < 0 {
			break
		}
		order = moved(order, i)
	}
	return order
}

func slotsAt(order []int, entry int) int {
	n := 0
	for _, e := range order {
		if e == entry {
			n++
		}
	}
	return n
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

// meeting is the first slot of which the next, or the first after the last, is of the same entry; -1 if
// there is none.
func meeting(order []int) int {
	for i, entry := range order {
		if entry == order[(i+1)%len(order)] {
			return i
		}
	}
	return -1
}

// moved takes the slot i, or the one after it if there is one, to where its entry is furthest away: A B C
// A becomes A B A C.
func moved(order []int, i int) []int {
	entry := order[i]
	i = min(i+1, len(order)-1)
	rest := slices.Delete(slices.Clone(order), i, i+1)
	return slices.Insert(rest, roomiest(rest, entry), entry)
}

// roomiest is the index before which an entry is put to be as far from itself as can be, round the seam
// as well; the first such, and never 0.
func roomiest(order []int, entry int) int {
	n := len(order)
	room := slices.Repeat([]int{n}, n)
	before, after := n, n
	for i := range 2 * n { // twice round, as the nearest may lie across the seam
		before, after = before+1, after+1
		if order[(i+n-1)%n] == entry {
			before = 1
		}
		back := 2*n - 1 - i
		if order[back%n] == entry {
			after = 1
		}
		room[i%n] = min(room[i%n], before)
		room[back%n] = min(room[back%n], after)
	}
	best := n
	for gap := 1; gap < n; gap++ {
		if room[gap] > room[best%n] {
			best = gap
		}
	}
	return best
}

// rotated begins the order at the first slot whose entry differs from the one before, so that an entry
// that must follow itself does so within the loop and not across the seam.
func rotated(order []int) []int {
	if order[0] != order[len(order)-1] {
		return order
	}
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
