package bolt

import (
	"testing"

	"pgregory.net/rapid"
)

// A listing numbers values as a map that is asked in any order would.
func TestListing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.IntRange(1, 4*around).Draw(t, "values")
		var l listing[int]
		numbers := map[int]int{}
		next := 0
		for range rapid.IntRange(1, 10*values).Draw(t, "times") {
			next = (next + rapid.SampledFrom([]int{1, 1, 1, 2, 7, values / 2}).Draw(t, "step")) % values
			want, known := numbers[next]
			at, ok := l.find(&next)
			if ok != known || (known && at != want) {
				t.Fatalf("value %d has number %d, %v; want %d, %v", next, at, ok, want, known)
			}
			if !known {
				numbers[next] = l.add(next)
			}
		}
		for v, n := range numbers {
			if l.all[n] != v {
				t.Fatalf("number %d is %d instead of %d", n, l.all[n], v)
			}
		}
	})
}
