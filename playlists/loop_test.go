package playlists

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func drawTurns(order []int) string {
	var drawn []byte
	for _, i := range order {
		drawn = append(drawn, byte('A'+i))
	}
	return string(drawn)
}

func TestTurns(t *testing.T) {
	for _, c := range []struct {
		why     string
		weights []int
		want    string
	}{
		{"equal weights keep the order", []int{1, 1, 1, 1}, "ABCD"},
		{"what divides all is divided out", []int{50, 50}, "AB"},
		{"0 is off", []int{1, 0, 1}, "AC"},
		{"twice, and not across the seam", []int{2, 1, 1}, "ABAC"},
		{"spread, not in a row", []int{3, 2, 1}, "ABACAB"},
		{"half of all takes every other slot", []int{4, 5, 9}, "CBCACBCACBCACBCACB"},
		{"five to one", []int{5, 1, 1}, "BACAAAA"},
		{"two of three must meet: within, not across", []int{2, 1}, "BAA"},
		{"one alone", []int{7}, "A"},
		{"all off", []int{0, 0}, ""},
		{"nothing", nil, ""},
	} {
		t.Run(c.why, func(t *testing.T) {
			if got := drawTurns(turns(c.weights)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestTurnsShares: weights give exact shares; nobody meets itself who need not; and never across the
// seam unless alone.
func TestTurnsShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.IntRange(0, 40), 1, 12).Draw(t, "weights")
		order := turns(weights)
		if len(order) != slotsOf(weights) {
			t.Fatalf("got %d slots, want %d", len(order), slotsOf(weights))
		}
		counts, sum := make([]int, len(weights)), 0
		for _, i := range order {
			counts[i]++
		}
		for _, w := range weights {
			sum += w
		}
		for i, w := range weights {
			if counts[i]*sum != w*len(order) {
				t.Fatalf("%v: entry %d has %d of %d slots", weights, i, counts[i], len(order))
			}
		}
		heavy := 2*slices.Max(weights) > sum
		for i := range order {
			seam := i+1 == len(order)
			if order[i] == order[(i+1)%len(order)] && !heavy || seam && order[0] == order[i] && slices.Max(counts) < len(order) {
				t.Fatalf("%v: %s: an entry meets itself after slot %d", weights, drawTurns(order), i)
			}
		}
	})
}

func TestLanguagePasses(t *testing.T) {
	for _, c := range []struct {
		why    string
		shares []int
		n      int
		want   string
	}{
		{"halves take turns", []int{6, 6}, 2, "AB"},
		{"two thirds and one", []int{8, 4}, 3, "ABA"},
		{"seven and five", []int{7, 5}, 12, "ABABAABABABA"},
		{"half and two quarters", []int{6, 3, 3}, 4, "ABCA"},
		{"only one of them there", []int{4}, 3, "AAA"},
	} {
		t.Run(c.why, func(t *testing.T) {
			if got := drawTurns(languagePasses(c.shares, c.n)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestLanguagesExact: over all passes every language of the mix has its twelfths exactly.
func TestLanguagesExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var mix []LanguageShare
		var shares []int
		for left := 12; left > 0; {
			share := rapid.IntRange(1, left).Draw(t, "share")
			shares, left = append(shares, share), left-share
			mix = append(mix, LanguageShare{Twelfths: share})
		}
		n := passes(mix)
		counts := make([]int, len(shares))
		for _, i := range languagePasses(shares, n) {
			counts[i]++
		}
		for i, share := range shares {
			if counts[i]*12 != share*n {
				t.Fatalf("%v in %d passes: language %d has %d", shares, n, i, counts[i])
			}
		}
	})
}
