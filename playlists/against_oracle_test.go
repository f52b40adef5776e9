package playlists_test

import (
	"bytes"
	"cmp"
	"hash/crc32"
	"io/fs"
	"math/rand/v2"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// TestAgainstOracle holds At against the oracle at the first and the last instant of every minute of the
// four days around changes of clocks from 2000 to 2040: who has the screen, since when and until when,
// and what shows from when on. It takes some changes by a seed that it logs; ANTEROOM_SEED=n takes the
// same again, ANTEROOM_ORACLE=all takes every change of every zone of this machine.
func TestAgainstOracle(t *testing.T) {
	seed, zones := oracleSeed(t), zonesHere(t)
	some := 20
	if os.Getenv("ANTEROOM_ORACLE") == "all" {
		some = 0
	}
	c := &comparison{seed: seed}
	t.Run("zones", func(t *testing.T) {
		r := rand.New(rand.NewPCG(seed, 0))
		for _, n := range r.Perm(len(zones))[:cmp.Or(some, len(zones))] {
			t.Run(zones[n].name, func(t *testing.T) {
				t.Parallel()
				c.zone(t, zones[n], some == 0)
			})
		}
	})
	t.Logf("seed %d: %d zones with distinct data on this machine; %d changes of clocks in %d of them, %d rules around each: %d instants compared, %d differences",
		seed, len(zones), c.changes.Load(), c.zones.Load(), len(manyRules())+besides, c.instants.Load(), c.differences.Load())
}

func oracleSeed(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("ANTEROOM_SEED")
	if text == "" {
		return rand.Uint64N(1_000_000)
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("ANTEROOM_SEED: %v", err)
	}
	return seed
}

// zoned is a zone for both sides: its bytes for the package, a location for the oracle.
type zoned struct {
	name string
	tzif []byte
	loc  *time.Location
}

// zonesHere are this machine's zones with distinct data, without those that count leap seconds; on a
// machine without zones, the embedded ones.
func zonesHere(t *testing.T) []zoned {
	t.Helper()
	var zones []zoned
	seen := map[string]bool{}
	add := func(name string, tzif []byte) {
		if !bytes.HasPrefix(tzif, []byte("TZif")) || seen[string(tzif)] {
			return
		}
		loc, err := time.LoadLocationFromTZData(name, tzif)
		if err != nil {
			t.Fatal(err)
		}
		seen[string(tzif)] = true
		zones = append(zones, zoned{name, tzif, loc})
	}
	here := os.DirFS("/usr/share/zoneinfo")
	err := fs.WalkDir(here, ".", func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if at == "right" || at == "posix" {
				return fs.SkipDir
			}
			return err
		}
		tzif, err := fs.ReadFile(here, at)
		add(at, tzif)
		return err
	})
	if err == nil && len(zones) > 0 {
		return zones
	}
	t.Logf("no zones on this machine (%v); taking the embedded ones", err)
	for _, name := range playliststest.ZoneNames() {
		tzif, err := playliststest.Zones(name)
		if err != nil {
			t.Fatal(err)
		}
		add(name, tzif)
	}
	return zones
}

// changesOf finds the minutes at which the offset changes by asking every hour; some day, if it never
// does.
func changesOf(loc *time.Location) []time.Time {
	offset := func(t time.Time) int { _, o := t.In(loc).Zone(); return o }
	var changes []time.Time
	at := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	for ; at.Year() < 2041; at = at.Add(time.Hour) {
		if offset(at) == offset(at.Add(time.Hour)) {
			continue
		}
		for m := time.Minute; m <= time.Hour; m += time.Minute {
			if offset(at.Add(m)) != offset(at.Add(m-time.Minute)) {
				changes = append(changes, at.Add(m))
			}
		}
	}
	if changes == nil {
		return []time.Time{time.Date(2024, time.February, 28, 12, 0, 0, 0, time.UTC)}
	}
	return changes
}

// comparison counts.
type comparison struct {
	seed uint64

	zones, changes, instants, differences atomic.Int64
}

// zone compares the days around all changes of a zone's clocks, or around two of them.
func (c *comparison) zone(t *testing.T, z zoned, all bool) {
	r := rand.New(rand.NewPCG(c.seed, uint64(crc32.ChecksumIEEE(z.tzif))))
	changes := changesOf(z.loc)
	if !all {
		r.Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
		changes = changes[:min(2, len(changes))]
	}
	for _, change := range changes {
		c.change(t, z, change)
	}
	c.changes.Add(int64(len(changes)))
	t.Logf("%d of zones done: %d changes here, %d instants and %d differences in all", c.zones.Add(1), len(changes), c.instants.Load(), c.differences.Load())
}

// beyond is how far outside of the four days something may begin or end that runs in them.
const beyond = 10 * minutesOfDay

// change compares the four days around a change under one plan after the other.
func (c *comparison) change(t *testing.T, z zoned, change time.Time) {
	lo, hi := beyond, beyond+4*minutesOfDay
	w := walk(z.loc, change.Add(-(beyond+2*minutesOfDay)*time.Minute), hi+beyond)
	r := rand.New(rand.NewPCG(c.seed, uint64(change.Unix())))
	for _, p := range plansAround(r, &w, lo+2*minutesOfDay) {
		programme := p.programme(t, z)
		skip := r.IntN(apart)
		for i, want := range p.foretell(&w, lo, hi) {
			at := w.instant(lo + i)
			if i%apart == skip {
				programme.At(change.AddDate(0, 0, 5)) // it remembers that day now and has to find this one
			}
			for _, at := range []time.Time{at, at.Add(time.Minute - 1)} {
				if got := turnOf(programme.At(at)); got != want.at(at) {
					c.differs(t, z, p, at, got, want.at(at))
				}
			}
		}
		c.instants.Add(int64(2 * (hi - lo)))
	}
}

// apart is how many minutes lie between those for which the day is looked up anew.
const apart = 47

// enough differences are told one by one.
const enough = 20

func (c *comparison) differs(t *testing.T, z zoned, p plan, at time.Time, got, want shown) {
	t.Helper()
	if c.differences.Add(1) <= enough {
		t.Errorf("seed %d, %s (%s): got %v, the oracle says %v; plan %+v", c.seed, at.Format(time.RFC3339Nano), at.In(z.loc), got, want, p)
	}
}

// shown is what both sides say of an instant.
type shown struct {
	owner      string
	start, end int64 // of the occurrence, in Unix seconds
	item       playlists.ItemID
	since      int64 // Unix seconds
}

func (t *turn) at(at time.Time) shown {
	s := shown{owner: t.owner, start: t.start.Unix(), end: t.end.Unix(), item: "short"}
	position := at.Unix() - s.start
	s.since = at.Unix() - position%loopSeconds
	if position%loopSeconds >= shortSeconds {
		s.item, s.since = "long", s.since+shortSeconds
	}
	return s
}

func turnOf(f playlists.Frame) shown {
	s := shown{owner: string(f.Source), start: f.Start.Unix(), end: f.End.Unix()}
	if f.Source == playlists.FromWindow {
		s.owner = string(f.Window)
	}
	if len(f.Slots) == 1 {
		s.item, s.since = f.Slots[0].Showing.Item, f.Slots[0].Start.Unix()
	}
	return s
}
