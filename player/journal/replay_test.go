package journal

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"anteroom/playlists/playliststest/faulttest"
)

// TestCutsAndLies: of what no sync had followed, a power cut may leave anything; a disk may also have lied about
// its syncs. The first loses nothing that was acknowledged; neither gives a play that was not. What the second
// loses is told, or it is the end: bbolt writes a page anew that the transaction before last had, and if that never
// comes to the disk, what was there before looks sound.
func TestCutsAndLies(t *testing.T) {
	for _, operation := range []string{"append", "day rotation"} {
		faulttest.Replay{Operation: operation, Check: func(t *testing.T, cut faulttest.Cut) {
			all, sure := hear(t, cut.Said), hear(t, cut.Sure)
			b, c := left(t, cut.Dir), newController(t)
			found := settle(t, b, c, all)
			for n := range found {
				if found[n] > all.asked[n] {
					t.Errorf("play %d arrived %d times; it was asked for %d times", n, found[n], all.asked[n])
				}
			}
			aside, err := filepath.Glob(filepath.Join(cut.Dir, "journal", "*", "*.damaged"))
			if err != nil {
				t.Fatal(err)
			}
			told := c.gaps() > 0 || len(aside) > 0
			if !cut.Lies && (told || len(c.streams) > 1) {
				t.Errorf("%d streams, %d plays called lost, %q set aside", len(c.streams), c.gaps(), aside)
			}
			end := slices.Max(append(slices.Collect(maps.Keys(sure.have)), 0))
			for n := range sure.have {
				may := cut.Lies && (told || n == end)
				if found[n] < sure.have[n] && !may {
					t.Errorf("play %d arrived %d times; it was acknowledged %d times, and nothing tells of it", n, found[n], sure.have[n])
				}
			}
		}}.Run(t)
	}
}
