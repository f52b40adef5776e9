package playertest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"anteroom/playlists"
)

// Line is a line of the truth that `stage --truth FILE` writes: the first picture of a turn. Turns are
// numbered anew after each start of agent or stage, and never twice in a boot.
type Line struct {
	Turn   uint64 `json:"turn"`
	Label  string `json:"label"` // item@slot start
	Region string `json:"region"`
	At     int64  `json:"at"` // nanoseconds of CLOCK_MONOTONIC
}

// ReadTruth reads lines of one boot. A turn that is drawn anew, because its region has another size now, is
// the same turn: its first line counts.
func ReadTruth(b []byte) ([]Line, error) {
	var all []Line
	seen := map[uint64]bool{}
	for line := range bytes.Lines(b) {
		var one Line
		if err := json.Unmarshal(line, &one); err != nil {
			return nil, fmt.Errorf("reading the truth, at %q: %w", line, err)
		}
		if !seen[one.Turn] {
			seen[one.Turn] = true
			all = append(all, one)
		}
	}
	return all, nil
}

// drawing is what a turn and its play have in common: what was shown, where, and when it was first on the
// glass, to the millisecond.
type drawing struct {
	what   playlists.ItemID
	region string
	at     int64
}

func (d drawing) String() string { return fmt.Sprintf("%s in %q at %d ms", d.what, d.region, d.at) }

// Compare holds what a controller counted on one screen against the truth of its stages, one by one, and
// gives a line for each difference: drawn and not counted, counted and not drawn, counted twice. A play is
// that of a turn if both are of the same item, or takeover, in the same region, and began in the same
// millisecond of CLOCK_MONOTONIC. Failed turns were never drawn and count for nothing; a gap or a condensed
// record is a difference, as plays are missing then.
//
// Kill what you like, as often as you like. Then end the agent with SIGTERM, so that the last play ends, too;
// read the truth; start the agent again, wait until nothing is unsent, and compare: what began after the
// truth was read is left out.
func Compare(truth []Line, plays []playlists.Play) []string {
	balance := map[drawing]int{}
	last := int64(0)
	for _, l := range truth {
		d := drawing{Item(l.Label), l.Region, l.At / 1e6}
		balance[d]++
		last = max(last, d.at)
	}
	var wrong []string
	for i := range plays {
		switch p := &plays[i]; {
		case p.Gap != "" || p.Condensed > 0:
			wrong = append(wrong, fmt.Sprintf("record %d stands for %d plays: %s", p.Seq, max(p.Lost, p.Condensed), p.Gap))
		case p.Outcome != playlists.Failed && p.Mono <= last:
			balance[drawing{cmp.Or(p.Item, playlists.ItemID(p.Takeover)), p.Region, p.Mono}]--
		}
	}
	for d, n := range balance {
		switch {
		case n > 0:
			wrong = append(wrong, fmt.Sprintf("drawn and not counted: %v", d))
		case n < 0:
			wrong = append(wrong, fmt.Sprintf("counted and not drawn, or counted twice: %v", d))
		}
	}
	slices.Sort(wrong)
	return wrong
}
