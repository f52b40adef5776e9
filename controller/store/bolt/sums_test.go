package bolt

import (
	"testing"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Whoever stops at a figure of a month is asked nothing more, also when that month turns out to be damaged behind it: a loop
// that is called again panics.
func TestStopBeforeDamage(t *testing.T) {
	dir := t.TempDir()
	fillADay(t, dir)
	p, err := openPlays(t.Context(), Config{Dir: dir, NoSync: true, Probe: sound})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.closeMonths(); err != nil {
			t.Error(err)
		}
	}()
	err = p.newest().file.update(t.Context(), func(tx *tx) error {
		return tx.table(tableDays).bucket.Put(rollupKey(dayKey(dayOf(fillDay)+1), 1), []byte("garbage"))
	})
	if err != nil {
		t.Fatal(err)
	}
	first, last := playlists.Date{Year: 2026, Month: 11, Day: 1}, playlists.Date{Year: 2026, Month: 12, Day: 31}
	for stop := range 3 {
		given := 0
		for _, err := range p.Days(t.Context(), first, last, store.Apart{Item: true, Version: true}) {
			if err != nil {
				t.Fatalf("before the figures that can be read, of which there are 3: %v", err)
			}
			given++
			if given == stop+1 {
				break
			}
		}
	}
	figures, damaged := 0, 0
	for _, err := range p.Days(t.Context(), first, last, store.Apart{Item: true, Version: true}) {
		if err != nil {
			damaged++
			continue
		}
		figures++
	}
	if figures != 3 || damaged != 1 {
		t.Errorf("who goes on gets %d figures and %d errors, want 3 and 1", figures, damaged)
	}
}
