package journal

import (
	"testing"
	"time"
)

// TestTwoControllersOfOneBackup: somebody restored a backup and left the old controller running. A player that links
// now to one and now to the other gives each of them every play, once.
func TestTwoControllersOfOneBackup(t *testing.T) {
	b, lost := newBench(t, nil), newController(t)
	turn := uint64(0)
	plays := func(n int) {
		for range n {
			turn++
			b.show(turn)
			b.pass(time.Hour)
		}
	}
	plays(5)
	lost.drain(b)
	restored := lost.copy(t)
	plays(5) // the backup knows nothing of these
	lost.drain(b)
	for day := range 6 {
		plays(3)
		if day%2 == 0 {
			restored.drain(b)
		} else {
			lost.drain(b)
		}
		if err := b.tidy(); err != nil {
			t.Fatal(err)
		}
	}
	restored.drain(b)
	lost.drain(b)
	for who, c := range map[string]*controller{"the one that was lost": lost, "the restored one": restored} {
		found := map[int]int{}
		for _, p := range c.plays {
			found[p.Version]++
		}
		for n := 1; n <= int(turn); n++ {
			if found[n] != 1 {
				t.Errorf("%s has play %d %d times", who, n, found[n])
			}
		}
		if c.gaps() != 0 || len(c.streams) != 1 {
			t.Errorf("%s: %d plays called lost, %d streams", who, c.gaps(), len(c.streams))
		}
	}
}
