package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// Stream makes the id of a test's n-th stream.
func Stream(n int) playlists.StreamID { return playlists.StreamID(fmt.Sprintf("%032x", n)) }

// Player makes the id of a test's n-th player.
func Player(n int) playlists.PlayerID { return playlists.PlayerID(fmt.Sprintf("%031xf", n)) }

// Line is a stream as its player sees it: it makes batches that follow each other. The zero Line is
// not useful; see [NewLine].
type Line struct {
	Player playlists.PlayerID
	Stream playlists.StreamID
	Next   uint64
	Chain  []byte
}

// NewLine is the beginning of a test's n-th stream.
func NewLine(tb testing.TB, n int) *Line {
	tb.Helper()
	start, err := wire.ChainStart(Stream(n))
	if err != nil {
		tb.Fatal(err)
	}
	return &Line{Player: Player(n), Stream: Stream(n), Next: 1, Chain: start}
}

// Batch numbers plays and chains them to those before.
func (l *Line) Batch(received time.Time, plays ...playlists.Play) store.Batch {
	b := store.Batch{
		Player: l.Player, Stream: l.Stream, Before: l.Chain, Received: received,
		Signature: []byte("signature"), SignedFrom: l.Next,
	}
	for _, p := range plays {
		p.Seq = l.Next + uint64(max(p.Lost, 1)) - 1
		l.Next = p.Seq + 1
		l.Chain = wire.Chain(l.Chain, p)
		b.Plays = append(b.Plays, p)
	}
	b.Chain = l.Chain
	return b
}

// Noon is an instant to build plays around.
func Noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// Play is a complete play of ten seconds.
func Play(screen playlists.ScreenID, item playlists.ItemID, start time.Time) playlists.Play {
	return playlists.Play{
		Screen: screen, Item: item, Version: 2, Language: "en", Asset: playlists.Digest(fmt.Sprintf("%064x", len(item))),
		Body: playlists.Digest(fmt.Sprintf("%064x", 7)), Window: "weekdays", Region: "main",
		Start: start, Offset: -5 * 3600, Quality: playlists.ClockSynced, Boot: "b1", Mono: start.UnixMilli() - 1_700_000_000_000,
		Shown: 10_004, Planned: 10_000, Outcome: playlists.Complete, Display: playlists.DisplayOn,
	}
}

func testPlays(t *testing.T, open Open) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, store.Store){
		"plays are read as they were written":               playsReadBack,
		"an unknown stream has no watermark":                unknownStream,
		"a player's last batch tells how far it has come":   hearsPlayers,
		"the last play's end is kept":                       knowsEnds,
		"a batch that does not continue fails the call":     refusesHoles,
		"the chain is known after every play":               knowsChains,
		"a stream that branches off begins anywhere":        beginsBranches,
		"plays are added up by local hour":                  rollsUp,
		"days are those on the wall":                        daysOnTheWall,
		"a period cuts by the start":                        cutsPeriods,
		"a new month keeps watermarks, and figures add up":  turnsMonths,
		"old plays are forgotten, watermarks are not":       forgets,
		"a month without plays makes nothing older":         forgetsByTheMonthsThatClosed,
		"plays of unset clocks and odd values are kept too": keepsOddities,
		"who reads may write meanwhile":                     writesWhileReading,
	} {
		t.Run(name, func(t *testing.T) { test(t, fresh(t, open)) })
	}
}

func add(tb testing.TB, s store.Plays, batches ...store.Batch) {
	tb.Helper()
	if err := s.Append(context.Background(), batches); err != nil {
		tb.Fatalf("append: %v", err)
	}
}

func stored(b store.Batch) []store.StoredPlay {
	var all []store.StoredPlay
	for _, p := range b.Plays {
		all = append(all, store.StoredPlay{Player: b.Player, Stream: b.Stream, Received: b.Received, Play: p})
	}
	return all
}

// scan reads all plays of a period, sorted by stream and number.
func scan(tb testing.TB, s store.Plays, from, to time.Time) []store.StoredPlay {
	tb.Helper()
	all, err := gather(s.Scan(context.Background(), from, to))
	if err != nil {
		tb.Fatalf("scan: %v", err)
	}
	return sorted(all)
}

func gather[T any](seq iter.Seq2[T, error]) (all []T, err error) {
	for v, err := range seq {
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

func sorted(all []store.StoredPlay) []store.StoredPlay {
	slices.SortFunc(all, func(a, b store.StoredPlay) int {
		if a.Stream != b.Stream {
			return cmpText(string(a.Stream), string(b.Stream))
		}
		return int(a.Seq) - int(b.Seq)
	})
	return all
}

// ever is a period that holds all plays.
func ever() (from, to time.Time) {
	return time.UnixMilli(math.MinInt64 / 2), time.UnixMilli(math.MaxInt64 / 2)
}

func playsReadBack(t *testing.T, s store.Store) {
	t.Helper()
	l := NewLine(t, 1)
	takeover := playlists.Play{
		Screen: "lobby", Takeover: "tko-1", Language: "es", Start: Noon().Add(10 * time.Second), Offset: 3600, Quality: playlists.ClockSystem,
		Boot: "b2", Mono: 5, Shown: 3, Planned: 10_000, Outcome: playlists.Interrupted, Resumed: true,
	}
	condensed := Play("lobby", "flu", Noon().Add(time.Hour))
	condensed.Condensed, condensed.Shown, condensed.Planned = 40, 400_100, 400_000
	gap := playlists.Play{Screen: "lobby", Start: Noon().Add(2 * time.Hour), Gap: "power cut", Lost: 17, Boot: "b2"}
	one := l.Batch(Noon().Add(time.Minute), Play("lobby", "flu", Noon()), takeover)
	two := l.Batch(Noon().Add(2*time.Minute), condensed, gap, Play("lobby", "flu", Noon().Add(3*time.Hour)))
	add(t, s, one)
	add(t, s, two)
	from, to := ever()
	same(t, "plays", scan(t, s, from, to), append(stored(one), stored(two)...))
	w, err := s.Watermark(context.Background(), l.Stream)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "watermark", w, store.Watermark{
		Player: l.Player, Through: 21, Chain: l.Chain, At: two.Received, Ended: Noon().Add(3*time.Hour + 10_004*time.Millisecond),
		Signature: two.Signature, SignedFrom: 3,
	})
}

func unknownStream(t *testing.T, s store.Store) {
	t.Helper()
	for _, full := range []bool{false, true} {
		w, err := s.Watermark(context.Background(), Stream(9))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "watermark", w, store.Watermark{})
		if _, ok, err := s.ChainAt(context.Background(), Stream(9), 1); ok || err != nil {
			t.Errorf("chain of an unknown stream: %v, %v", ok, err)
		}
		if !full {
			add(t, s, NewLine(t, 1).Batch(Noon(), Play("lobby", "flu", Noon())))
		}
	}
	if err := s.Append(context.Background(), nil); err != nil {
		t.Errorf("append of nothing: %v", err)
	}
}

func hearsPlayers(t *testing.T, s store.Store) {
	t.Helper()
	one, again, silent := NewLine(t, 1), NewLine(t, 3), NewLine(t, 2)
	again.Player = one.Player // a second stream of the same player
	heard := func(want map[playlists.PlayerID]playlists.StreamID) {
		t.Helper()
		got, err := s.Heard(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		marks := map[playlists.PlayerID]store.Watermark{}
		for player, stream := range want {
			if marks[player], err = s.Watermark(context.Background(), stream); err != nil {
				t.Fatal(err)
			}
		}
		same(t, "heard", got, marks)
	}
	heard(nil)
	later, nextYear := Noon().Add(time.Hour), Noon().AddDate(1, 0, 0)
	add(t, s, silent.Batch(Noon(), Play("chapel", "flu", Noon())), one.Batch(later, Play("lobby", "flu", Noon())))
	add(t, s, again.Batch(Noon().Add(time.Minute), Play("lobby", "flu", Noon())))
	heard(map[playlists.PlayerID]playlists.StreamID{silent.Player: silent.Stream, one.Player: one.Stream})
	add(t, s, one.Batch(nextYear, Play("lobby", "flu", later)))
	heard(map[playlists.PlayerID]playlists.StreamID{silent.Player: silent.Stream, one.Player: one.Stream})
	add(t, s, again.Batch(nextYear.Add(time.Second), Play("lobby", "flu", later)))
	heard(map[playlists.PlayerID]playlists.StreamID{silent.Player: silent.Stream, one.Player: again.Stream})
}

func knowsEnds(t *testing.T, s store.Store) {
	t.Helper()
	l := NewLine(t, 1)
	at := func(minutes int) time.Time { return Noon().Add(time.Duration(minutes) * time.Minute) }
	lasting := func(start time.Time, shown time.Duration) playlists.Play {
		p := Play("lobby", "flu", start)
		p.Shown = shown.Milliseconds()
		return p
	}
	gap := playlists.Play{Screen: "lobby", Start: at(500), Gap: "the journal was damaged", Lost: 3}
	condensed := lasting(at(200), 40*time.Minute)
	condensed.Condensed = 30
	for _, b := range []struct {
		what  string
		plays []playlists.Play
		want  time.Time
	}{
		{"a gap, found later than it was", []playlists.Play{gap}, time.Time{}},
		{"a play of an hour", []playlists.Play{lasting(at(0), time.Hour)}, at(60)},
		{"a long play that ends after a short one began", []playlists.Play{lasting(at(65), time.Minute), lasting(at(61), 9*time.Minute)}, at(70)},
		{"a play and a gap", []playlists.Play{lasting(at(70), time.Minute), gap}, at(71)},
		{"a gap alone", []playlists.Play{gap}, at(71)},
		{"many plays in one record", []playlists.Play{condensed}, at(200)},
		{"a clock that was put back", []playlists.Play{lasting(at(100), time.Minute)}, at(101)},
	} {
		add(t, s, l.Batch(at(600), b.plays...))
		w, err := s.Watermark(context.Background(), l.Stream)
		if err != nil {
			t.Fatal(err)
		}
		same(t, b.what, w.Ended, b.want)
	}
}

func refusesHoles(t *testing.T, s store.Store) {
	t.Helper()
	l := NewLine(t, 1)
	add(t, s, l.Batch(Noon(), Play("lobby", "flu", Noon())))
	good := NewLine(t, 2).Batch(Noon(), Play("lobby", "flu", Noon()))
	follows := l.Batch(Noon(), Play("lobby", "flu", Noon()))
	wrong := map[string]func(*store.Batch){
		"repeats":        func(b *store.Batch) { b.Plays[0].Seq = 1 },
		"leaves a hole":  func(b *store.Batch) { b.Plays[0].Seq = 3 },
		"is empty":       func(b *store.Batch) { b.Plays = nil },
		"breaks inside":  func(b *store.Batch) { b.Plays = append(b.Plays, b.Plays[0]) },
		"absurd gap":     func(b *store.Batch) { b.Plays[0].Lost = 100 },
		"another chain":  func(b *store.Batch) { b.Before = []byte("another") },
		"no such stream": func(b *store.Batch) { b.Stream = "xyz" },
		"new, but not 1": func(b *store.Batch) { b.Stream = Stream(3) },
	}
	for name, spoil := range wrong {
		bad := follows
		bad.Plays = slices.Clone(follows.Plays)
		spoil(&bad)
		if err := s.Append(context.Background(), []store.Batch{good, bad}); !errors.Is(err, playlists.ErrInvalid) {
			t.Errorf("a batch that %s: got %v, want invalid", name, err)
		}
	}
	from, to := ever()
	if all := scan(t, s, from, to); len(all) != 1 {
		t.Errorf("refused calls left %d plays, want the 1 of before", len(all))
	}
	add(t, s, good, follows)
}

func knowsChains(t *testing.T, s store.Store) {
	t.Helper()
	l := NewLine(t, 1)
	chains := map[uint64][]byte{0: l.Chain}
	start := Noon()
	for n := range 40 {
		var plays []playlists.Play
		for range n%5 + 1 {
			start = start.Add(37 * time.Minute) // over days and a month's end
			plays = append(plays, Play("lobby", "flu", start))
		}
		b := l.Batch(start, plays...)
		at := b.Before
		for _, p := range b.Plays {
			at = wire.Chain(at, p)
			chains[p.Seq] = at
		}
		add(t, s, b)
	}
	for seq, want := range chains {
		got, ok, err := s.ChainAt(context.Background(), l.Stream, seq)
		if err != nil || !ok || string(got) != string(want) {
			t.Fatalf("chain at %d: got %x, %v, %v; want %x", seq, got, ok, err, want)
		}
	}
	if _, ok, err := s.ChainAt(context.Background(), l.Stream, l.Next); ok || err != nil {
		t.Errorf("chain at a play to come: %v, %v", ok, err)
	}
}

func beginsBranches(t *testing.T, s store.Store) {
	t.Helper()
	main := NewLine(t, 1)
	add(t, s, main.Batch(Noon(), Play("lobby", "flu", Noon()), Play("lobby", "flu", Noon().Add(time.Minute))))
	branch := &Line{Player: main.Player, Stream: Stream(77), Next: 3, Chain: main.Chain}
	one := branch.Batch(Noon(), Play("lobby", "diet", Noon()))
	one.Branch = main.Stream
	add(t, s, one)
	add(t, s, branch.Batch(Noon(), Play("lobby", "diet", Noon())))
	w, err := s.Watermark(context.Background(), branch.Stream)
	if err != nil || w.Branch != main.Stream || w.Through != 4 {
		t.Errorf("got %+v, %v; want a branch of %s through 4", w, err, main.Stream)
	}
	chain, ok, err := s.ChainAt(context.Background(), branch.Stream, 2)
	if err != nil || !ok || string(chain) != string(main.Chain) {
		t.Errorf("chain where the branch begins: %x, %v, %v; want %x", chain, ok, err, main.Chain)
	}
}

func figures(tb testing.TB, s store.Plays, from, to time.Time) map[string]int64 {
	tb.Helper()
	all, err := gather(s.Rollups(context.Background(), from, to))
	if err != nil {
		tb.Fatalf("rollups: %v", err)
	}
	sums := map[string]int64{}
	for _, r := range all {
		key := fmt.Sprintf("%s %s %s@%d %s %s", r.Key.Hour.Format("02 15:04"), r.Key.Screen, r.Entry.Item, r.Entry.Version, r.Entry.Outcome, r.Entry.Takeover)
		sums[key+" plays"] += r.Count
		sums[key+" ms"] += r.Millis
	}
	return sums
}

func rollsUp(t *testing.T, s store.Store) {
	t.Helper()
	l := NewLine(t, 1)
	kathmandu := Play("clinic", "flu", Noon().Add(14*time.Minute)) // 17:59 on its wall
	kathmandu.Offset = 5*3600 + 45*60
	condensed := Play("lobby", "flu", Noon())
	condensed.Condensed, condensed.Shown = 6, 60_000
	add(t, s, l.Batch(Noon(),
		Play("lobby", "flu", Noon()), Play("lobby", "flu", Noon().Add(59*time.Minute)), Play("lobby", "flu", Noon().Add(60*time.Minute)),
		kathmandu, condensed, playlists.Play{Screen: "lobby", Gap: "moved", Lost: 9, Start: Noon()},
		playlists.Play{Screen: "lobby", Gap: "damaged", Lost: 17, Outcome: playlists.Lost, Start: Noon()},
		playlists.Play{Screen: "lobby", Takeover: "tko-1", Start: Noon(), Shown: 5, Planned: 10, Outcome: playlists.Truncated}))
	from, to := ever()
	same(t, "figures", figures(t, s, from, to), map[string]int64{
		"22 12:00 lobby flu@2 complete  plays": 8, "22 12:00 lobby flu@2 complete  ms": 80_008,
		"22 12:00 lobby flu@2 in sums  plays": 6, "22 12:00 lobby flu@2 in sums  ms": 0,
		"22 13:00 lobby flu@2 complete  plays": 1, "22 13:00 lobby flu@2 complete  ms": 10_004,
		"22 11:15 clinic flu@2 complete  plays": 1, "22 11:15 clinic flu@2 complete  ms": 10_004,
		"22 12:00 lobby @0 truncated tko-1 plays": 1, "22 12:00 lobby @0 truncated tko-1 ms": 5,
		"22 12:00 lobby @0 lost  plays": 17, "22 12:00 lobby @0 lost  ms": 0,
	})
}

func daysOnTheWall(t *testing.T, s store.Store) {
	t.Helper()
	midnight := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	at := func(start time.Time, hoursEast int) playlists.Play {
		p := Play("lobby", "flu", start)
		p.Offset, p.Shown = hoursEast*3600, 1
		return p
	}
	add(t, s, NewLine(t, 1).Batch(Noon(),
		at(midnight.Add(-time.Millisecond), 0), at(midnight, 0), // the last of the 22nd and the first of the 23rd
		at(midnight.Add(-time.Millisecond), 14), at(midnight.Add(10*time.Hour), 14), // both are on the 23rd, and on the 24th
		at(midnight, -12), at(midnight.Add(12*time.Hour), -12), // on the 22nd, and on the 23rd
	))
	for _, row := range []struct {
		name     string
		from, to int // days after the 22nd
		want     int64
	}{
		{"the 22nd", 0, 0, 2}, {"the 23rd", 1, 1, 3}, {"the 24th", 2, 2, 1}, {"the 25th", 3, 3, 0}, {"all", -400, 400, 6}, {"none", 1, 0, 0},
	} {
		eve := dateOf(Noon())
		days, err := gather(s.Days(context.Background(), eve.AddDays(row.from), eve.AddDays(row.to), store.Apart{}))
		var plays int64
		for _, r := range days {
			plays += r.Count
		}
		if err != nil || plays != row.want {
			t.Errorf("%s: %d plays, %v; want %d", row.name, plays, err, row.want)
		}
	}
}

func cutsPeriods(t *testing.T, s store.Store) {
	t.Helper()
	l := NewLine(t, 1)
	midnight := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	add(t, s, l.Batch(Noon(), Play("lobby", "flu", midnight.Add(-time.Millisecond)), Play("lobby", "flu", midnight), Play("lobby", "flu", midnight.Add(time.Millisecond))))
	for _, row := range []struct {
		from, to time.Time
		want     int
	}{
		{midnight, midnight.Add(time.Millisecond), 1},
		{midnight.Add(-time.Hour), midnight, 1},
		{midnight, midnight.Add(time.Hour), 2},
		{midnight.Add(-time.Hour), midnight.Add(time.Hour), 3},
		{midnight.Add(time.Hour), midnight.Add(2 * time.Hour), 0},
		{midnight, midnight, 0},
	} {
		if all := scan(t, s, row.from, row.to); len(all) != row.want {
			t.Errorf("from %v to %v: %d plays, want %d", row.from, row.to, len(all), row.want)
		}
	}
	if sums := figures(t, s, midnight, midnight.Add(time.Hour)); sums["23 00:00 lobby flu@2 complete  plays"] != 2 || len(sums) != 2 {
		t.Errorf("figures of the hour after midnight: %v", sums)
	}
}

func turnsMonths(t *testing.T, s store.Store) {
	t.Helper()
	l, idle := NewLine(t, 1), NewLine(t, 2)
	add(t, s, idle.Batch(Noon(), Play("idle", "flu", Noon())))
	received := []time.Time{Noon(), Noon().AddDate(0, 1, 0), Noon().AddDate(0, 0, -1), Noon().AddDate(0, 14, 0)}
	var want []store.StoredPlay
	for _, at := range received {
		b := l.Batch(at, Play("lobby", "flu", Noon()), Play("lobby", "flu", at))
		add(t, s, b)
		want = append(want, stored(b)...)
	}
	from, to := ever()
	got := slices.DeleteFunc(scan(t, s, from, to), func(p store.StoredPlay) bool { return p.Screen == "idle" })
	same(t, "plays", got, want)
	if sums := figures(t, s, Noon(), Noon().Add(time.Hour)); sums["22 12:00 lobby flu@2 complete  plays"] != 5 {
		t.Errorf("the first noon adds up to %v, want 5 plays from four arrivals", sums)
	}
	var plays int64
	for name, sum := range figures(t, s, from, to) {
		if strings.HasSuffix(name, " plays") {
			plays += sum
		}
	}
	if plays != int64(len(want))+1 {
		t.Errorf("all of time adds up to %d plays of %d", plays, len(want)+1)
	}
	w, err := s.Watermark(context.Background(), idle.Stream)
	if err != nil || w.Through != 1 || string(w.Chain) != string(idle.Chain) {
		t.Errorf("the watermark of a stream that was silent for months: %+v, %v", w, err)
	}
	add(t, s, idle.Batch(received[3], Play("idle", "flu", Noon())))
}

// forgets has plays come in during five months, of which two whole ones and the present are kept.
func forgets(t *testing.T, s store.Store) {
	t.Helper()
	l, idle := NewLine(t, 1), NewLine(t, 2)
	month := func(n int) time.Time { return time.Date(2026, time.June+time.Month(n), 30, 12, 0, 0, 0, time.UTC) }
	add(t, s, idle.Batch(month(0), Play("idle", "flu", month(0))))
	var want []store.StoredPlay
	for n := range 5 {
		b := l.Batch(month(n), Play("lobby", "flu", month(n).Add(-time.Hour)), Play("lobby", "flu", month(n)))
		add(t, s, b)
		if n > 1 {
			want = append(want, stored(b)...)
		}
	}
	var told []string
	about := func(months []string) error {
		told = append(told, months...)
		return nil
	}
	refused := errors.New("nobody may know")
	if err := s.Forget(t.Context(), 2, func([]string) error { return refused }); !errors.Is(err, refused) || !s.ForgottenUntil().IsZero() {
		t.Errorf("what is refused: %v, forgotten until %v", err, s.ForgottenUntil())
	}
	for _, keep := range []int{0, 4, 2, 2, 3, 0} {
		if err := s.Forget(t.Context(), keep, about); err != nil {
			t.Fatalf("keeping %d months: %v", keep, err)
		}
	}
	same(t, "months that were removed", told, []string{"2026-06", "2026-07"})
	if err := s.Forget(t.Context(), -1, nil); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("keeping -1 months: %v", err)
	}
	if until := s.ForgottenUntil(); !until.Equal(time.Date(2026, 7, 31, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("forgotten until %v", until)
	}
	from, to := ever()
	same(t, "plays that are left", sorted(forgetful(t, s.Scan(t.Context(), from, to), "2026-07")), sorted(want))
	forgetful(t, s.Rollups(t.Context(), from, month(0).Add(time.Hour)), "2026-06")
	checkForgottenDays(t, s)
	checkStillKnown(t, s, l, idle, month(4))
}

// forgetful reads what says once, first, that plays until the end of a month are not kept; with "" that it says nothing.
func forgetful[T any](tb testing.TB, seq iter.Seq2[T, error], through string) (rest []T) {
	tb.Helper()
	said, first := "", true
	for v, err := range seq {
		gone := (*store.ForgottenError)(nil)
		switch {
		case errors.As(err, &gone) && first:
			said = gone.Through
		case err != nil:
			tb.Errorf("got %v", err)
		default:
			rest = append(rest, v)
		}
		first = false
	}
	if said != through {
		tb.Errorf("it says that plays until %q are not kept, want %q", said, through)
	}
	return rest
}

// checkForgottenDays asks for spans around the last play that is gone, of the evening of 30 July.
func checkForgottenDays(t *testing.T, s store.Store) {
	t.Helper()
	date := func(month time.Month, day int) playlists.Date {
		return playlists.Date{Year: 2026, Month: month, Day: day}
	}
	for _, row := range []struct {
		from, to playlists.Date
		through  string
		left     int64
	}{
		{date(8, 1), date(10, 31), "", 6},
		{date(7, 31), date(8, 31), "", 2},
		{date(7, 30), date(8, 31), "2026-07", 2},
		{date(6, 1), date(6, 30), "2026-06", 0},
		{date(1, 1), date(5, 31), "", 0},
	} {
		left := int64(0)
		for _, sum := range forgetful(t, s.Days(t.Context(), row.from, row.to, store.Apart{}), row.through) {
			left += sum.Count
		}
		if left != row.left {
			t.Errorf("%v to %v: %d plays are left, want %d", row.from, row.to, left, row.left)
		}
	}
	forgetful(t, s.Months(t.Context(), date(7, 1), date(9, 1), store.Apart{}), "2026-07")
	forgetful(t, s.Months(t.Context(), date(8, 1), date(9, 1), store.Apart{}), "")
	forgetful(t, s.ScanScreen(t.Context(), "lobby", Noon().AddDate(0, -5, 0), Noon().AddDate(0, -4, -1)), "2026-06")
}

// checkStillKnown holds that streams go on where they were.
func checkStillKnown(t *testing.T, s store.Store, l, idle *Line, at time.Time) {
	t.Helper()
	for _, of := range []*Line{l, idle} {
		w, err := s.Watermark(t.Context(), of.Stream)
		if err != nil || w.Through != of.Next-1 || string(w.Chain) != string(of.Chain) {
			t.Errorf("the watermark of a stream of which plays are forgotten: %+v, %v", w, err)
		}
		if _, ok, err := s.ChainAt(t.Context(), of.Stream, 1); ok != (of.Next == 2) || err != nil {
			t.Errorf("the chain after a play that is forgotten: %v, %v", ok, err)
		}
	}
	again := store.Batch{Player: idle.Player, Stream: idle.Stream, Plays: []playlists.Play{{Seq: 1, Start: at}}, Received: at}
	if err := s.Append(t.Context(), []store.Batch{again}); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("a play that was counted and forgotten is counted again: %v", err)
	}
	add(t, s, idle.Batch(at.AddDate(0, 1, 0), Play("idle", "flu", at)))
}

// A clock that was a year ahead for a while began a month of the next year: that alone makes nothing old.
func forgetsByTheMonthsThatClosed(t *testing.T, s store.Store) {
	t.Helper()
	l := NewLine(t, 1)
	told := 0
	for n, at := range []time.Time{Noon().AddDate(0, -1, 0), Noon(), Noon().AddDate(1, 0, 0), Noon().AddDate(1, 1, 0)} {
		add(t, s, l.Batch(at, Play("lobby", "flu", at)))
		if err := s.Forget(t.Context(), 1, func(months []string) error { told += len(months); return nil }); err != nil {
			t.Fatal(err)
		}
		if want := []int{0, 0, 1, 2}[n]; told != want {
			t.Errorf("after %v, %d months are forgotten, want %d", at, told, want)
		}
	}
}

func keepsOddities(t *testing.T, s store.Store) {
	t.Helper()
	l := NewLine(t, 1)
	odd := []playlists.Play{
		{Start: time.UnixMilli(0)},
		{Start: time.UnixMilli(-1)},
		{Start: time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC)},
		{Start: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), Offset: -99 * 3600},
		{Start: Noon(), Mono: math.MinInt64, Shown: math.MaxInt64, Planned: -1},
		{Start: Noon(), Region: "a long name with ünïcode", Version: -3, Condensed: -2},
		{Start: Noon()},
		{Start: Noon().Add(-time.Hour)},
	}
	for i := range odd {
		odd[i].Start = odd[i].Start.UTC()
	}
	b := l.Batch(Noon(), odd...)
	add(t, s, b)
	from, to := ever()
	same(t, "plays", scan(t, s, from, to), stored(b))
	nowhere, err := gather(s.ScanScreen(context.Background(), "", from, to))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "plays without a screen", sorted(nowhere), stored(b))
}

func writesWhileReading(t *testing.T, s store.Store) {
	t.Helper()
	l := NewLine(t, 1)
	for n := range 600 {
		add(t, s, l.Batch(Noon(), Play("lobby", "flu", Noon().AddDate(0, 0, n))))
	}
	from, to := ever()
	seen := 0
	for _, err := range s.Scan(context.Background(), from, to) {
		if err != nil {
			t.Fatal(err)
		}
		seen++
		if seen%100 == 0 {
			add(t, s, l.Batch(Noon(), Play("lobby", "flu", Noon().AddDate(0, 0, -seen))))
		}
	}
	if seen < 600 {
		t.Errorf("saw %d plays of 600", seen)
	}
	for _, err := range s.Rollups(context.Background(), from, to) {
		if err != nil {
			t.Fatal(err)
		}
		add(t, s, l.Batch(Noon(), Play("lobby", "flu", Noon())))
		break
	}
}

// playsModel is the contract in its plainest form: every play in a slice.
type playsModel struct {
	all   []store.StoredPlay
	lines []*Line
	clock time.Time
}

func drawPlay(t *rapid.T, at time.Time) playlists.Play {
	p := playlists.Play{
		Screen:   rapid.SampledFrom([]playlists.ScreenID{"lobby", "ward", ""}).Draw(t, "screen"),
		Item:     rapid.SampledFrom([]playlists.ItemID{"", "flu", "diet"}).Draw(t, "item"),
		Version:  rapid.IntRange(0, 2).Draw(t, "version"),
		Language: rapid.SampledFrom([]playlists.Language{"en", "es"}).Draw(t, "language"),
		Asset:    playlists.Digest(rapid.StringMatching(`[0-9a-f]{0,4}`).Draw(t, "asset")),
		Takeover: rapid.SampledFrom([]playlists.TakeoverID{"", "", "tko-1"}).Draw(t, "takeover"),
		Region:   rapid.SampledFrom([]string{"", "main", "side"}).Draw(t, "region"),
		Start:    at.Add(time.Duration(rapid.Int64Range(-90_000, 90_000).Draw(t, "seconds")) * time.Second).UTC(),
		Offset:   rapid.SampledFrom([]int{0, -18000, 20700}).Draw(t, "offset"),
		Boot:     rapid.SampledFrom([]playlists.BootID{"b1", "b2"}).Draw(t, "boot"),
		Mono:     rapid.Int64().Draw(t, "mono"), Shown: rapid.Int64Range(0, 1e6).Draw(t, "shown"),
		Planned: rapid.SampledFrom([]int64{10_000, 15_000}).Draw(t, "planned"),
		Outcome: rapid.SampledFrom([]playlists.Outcome{playlists.Complete, playlists.Failed}).Draw(t, "outcome"),
		Display: rapid.SampledFrom([]playlists.DisplayState{"", playlists.DisplayOff}).Draw(t, "display"),
		Resumed: rapid.Bool().Draw(t, "resumed"),
	}
	switch rapid.IntRange(0, 9).Draw(t, "sort") {
	case 0:
		p.Gap, p.Lost = "lost", rapid.IntRange(1, 9).Draw(t, "lost")
	case 1:
		p.Condensed = rapid.IntRange(1, 99).Draw(t, "condensed")
	}
	return p
}

func (m *playsModel) append(t *rapid.T, s store.Store) {
	m.clock = m.clock.Add(time.Duration(rapid.IntRange(-5*24, 20*24).Draw(t, "hours")) * time.Hour)
	var batches []store.Batch
	for range rapid.IntRange(1, 4).Draw(t, "batches") {
		l := rapid.SampledFrom(m.lines).Draw(t, "stream")
		var plays []playlists.Play
		for range rapid.IntRange(1, 8).Draw(t, "plays") {
			plays = append(plays, drawPlay(t, m.clock))
		}
		b := l.Batch(m.clock, plays...)
		batches = append(batches, b)
		m.all = append(m.all, stored(b)...)
	}
	if err := s.Append(context.Background(), batches); err != nil {
		t.Fatalf("append: %v", err)
	}
}

func (m *playsModel) check(t *rapid.T, s store.Store) {
	from := m.clock.Add(-time.Duration(rapid.IntRange(0, 2000).Draw(t, "hours back")) * time.Hour).Truncate(time.Hour)
	to := from.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "hours")) * time.Hour)
	got, err := gather(s.Scan(context.Background(), from, to))
	if err != nil {
		t.Fatalf("scan: %v", err)
	}
	want := slices.DeleteFunc(slices.Clone(m.all), func(p store.StoredPlay) bool { return p.Start.Before(from) || !p.Start.Before(to) })
	compare(t, "plays", sorted(got), sorted(want))
	for _, screen := range []playlists.ScreenID{"lobby", "ward", "", "never seen"} {
		got, err := gather(s.ScanScreen(context.Background(), screen, from, to))
		if err != nil {
			t.Fatalf("scan of a screen: %v", err)
		}
		own := slices.DeleteFunc(slices.Clone(want), func(p store.StoredPlay) bool { return p.Screen != screen })
		compare(t, fmt.Sprintf("plays of screen %q", screen), sorted(got), sorted(own))
	}
	rollups, err := gather(s.Rollups(context.Background(), from, to))
	if err != nil {
		t.Fatalf("rollups: %v", err)
	}
	if diff := cmp.Diff(sums(rollups), m.sums(from, to)); diff != "" {
		t.Fatalf("figures (-got +want):\n%s", diff)
	}
	for _, screen := range []playlists.ScreenID{"lobby", "ward", "", "never seen"} {
		got, err := gather(s.RollupsScreen(context.Background(), screen, from, to))
		if err != nil {
			t.Fatalf("rollups of a screen: %v", err)
		}
		own := slices.DeleteFunc(slices.Clone(rollups), func(r store.Rollup) bool { return r.Key.Screen != screen })
		if diff := cmp.Diff(sums(got), sums(own)); diff != "" {
			t.Fatalf("figures of screen %q (-got +want):\n%s", screen, diff)
		}
	}
	m.checkHeard(t, s)
	m.checkDays(t, s, from, to)
	for _, l := range m.lines {
		w, err := s.Watermark(context.Background(), l.Stream)
		if err != nil || w.Through != l.Next-1 || (w.Through > 0 && string(w.Chain) != string(l.Chain)) {
			t.Fatalf("watermark of %s: %+v, %v; want %d", l.Stream, w, err, l.Next-1)
		}
	}
}

// checkHeard holds what was heard of players against the watermarks of their streams; a line's player has no other.
func (m *playsModel) checkHeard(t *rapid.T, s store.Store) {
	heard, err := s.Heard(context.Background())
	if err != nil {
		t.Fatalf("heard: %v", err)
	}
	for _, l := range m.lines {
		w, err := s.Watermark(context.Background(), l.Stream)
		if err != nil || l.Next > 1 && !cmp.Equal(heard[l.Player], w) {
			t.Fatalf("heard of %s: %+v, %v; want %+v", l.Player, heard[l.Player], err, w)
		}
	}
}

// checkDays holds the figures of days and of months against the plays, added up one by one.
func (m *playsModel) checkDays(t *rapid.T, s store.Store, from, to time.Time) {
	first, last, by := dateOf(from), dateOf(to), drawApart(t)
	for what, read := range map[string]struct {
		sums iter.Seq2[store.Sum, error]
		of   func(playlists.Date) playlists.Date
	}{
		"days":   {s.Days(context.Background(), first, last, by), func(d playlists.Date) playlists.Date { return d }},
		"months": {s.Months(context.Background(), first, last, by), func(d playlists.Date) playlists.Date { return d.AddDays(1 - d.Day) }},
	} {
		all, err := gather(read.sums)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		got := map[daySum][2]int64{}
		for _, r := range all {
			k := daySum{r.Entry, r.Day, r.Group}
			got[k] = [2]int64{got[k][0] + r.Count, got[k][1] + r.Millis}
		}
		if diff := cmp.Diff(got, m.daySums(first, last, read.of, by)); diff != "" {
			t.Fatalf("figures of %s (-got +want):\n%s", what, diff)
		}
	}
}

// drawApart keeps apart by this and that, and groups screens or leaves one out.
func drawApart(t *rapid.T) store.Apart {
	kept := func(name string) bool { return rapid.Bool().Draw(t, name+" apart") }
	by := store.Apart{Day: kept("day"), Item: kept("item"), Version: kept("version"), Language: kept("language"), Window: kept("window"), Takeover: kept("takeover")}
	groups := map[playlists.ScreenID]string{"lobby": "house", "ward": "house"}
	if rapid.Bool().Draw(t, "without the ward") {
		delete(groups, "ward")
	}
	if rapid.Bool().Draw(t, "groups") {
		by.Group = func(id playlists.ScreenID) (string, bool) {
			group, asked := groups[id]
			return group, asked
		}
	}
	return by
}

// daySums adds the plays up by the day that of makes of their own.
func (m *playsModel) daySums(first, last playlists.Date, of func(playlists.Date) playlists.Date, by store.Apart) map[daySum][2]int64 {
	sums := map[daySum][2]int64{}
	for i := range m.all {
		p := &m.all[i]
		day := of(dateOf(p.Start.In(time.FixedZone("", p.Offset))))
		if p.Gap != "" || day.Compare(first) < 0 || day.Compare(last) > 0 {
			continue
		}
		k, asked := sumOf(&p.Play, day, by)
		if !asked {
			continue
		}
		sums[k] = [2]int64{sums[k][0] + int64(max(p.Condensed, 1)), sums[k][1] + p.Shown}
		if p.Condensed > 0 && p.Outcome.Shown() {
			k.Outcome = playlists.InSums
			sums[k] = [2]int64{sums[k][0] + int64(p.Condensed), sums[k][1]}
		}
	}
	return sums
}

// sumOf says in which sum a play counts.
func sumOf(p *playlists.Play, day playlists.Date, by store.Apart) (k daySum, asked bool) {
	k, asked = daySum{entryOf(p), day, ""}, true
	if by.Group != nil {
		k.group, asked = by.Group(p.Screen)
	}
	for field, apart := range map[any]bool{
		&k.day: by.Day, &k.Item: by.Item, &k.Version: by.Version, &k.Language: by.Language, &k.Window: by.Window, &k.Takeover: by.Takeover,
	} {
		if !apart {
			reflect.ValueOf(field).Elem().SetZero()
		}
	}
	return k, asked
}

func dateOf(t time.Time) playlists.Date {
	return playlists.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}
}

func entryOf(p *playlists.Play) store.RollupEntry {
	return store.RollupEntry{Item: p.Item, Version: p.Version, Language: p.Language, Outcome: p.Outcome, Window: p.Window, Takeover: p.Takeover}
}

type daySum struct {
	store.RollupEntry

	day   playlists.Date
	group string
}

type sumKey struct {
	store.RollupKey
	store.RollupEntry
}

func sums(rollups []store.Rollup) map[sumKey][2]int64 {
	all := map[sumKey][2]int64{}
	for _, r := range rollups {
		k := sumKey{r.Key, r.Entry}
		all[k] = [2]int64{all[k][0] + r.Count, all[k][1] + r.Millis}
	}
	return all
}

// sums adds the plays up one by one; the local hour is found by another way than the store's.
func (m *playsModel) sums(from, to time.Time) map[sumKey][2]int64 {
	all := map[sumKey][2]int64{}
	for _, p := range m.all {
		local := p.Start.In(time.FixedZone("", p.Offset))
		hour := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), 0, 0, 0, local.Location()).UTC()
		if p.Gap != "" || hour.Before(from) || !hour.Before(to) {
			continue
		}
		k := sumKey{store.RollupKey{Hour: hour, Screen: p.Screen}, entryOf(&p.Play)}
		all[k] = [2]int64{all[k][0] + int64(max(p.Condensed, 1)), all[k][1] + p.Shown}
		if p.Condensed > 0 && p.Outcome != playlists.Failed {
			k.Outcome = playlists.InSums
			all[k] = [2]int64{all[k][0] + int64(p.Condensed), all[k][1]}
		}
	}
	return all
}

func testPlaysModel(t *testing.T, open Open) {
	t.Helper()
	root := t.TempDir()
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		dir := fmt.Sprintf("%s/%d", root, runs)
		s := open(t, dir)
		defer func() { _ = s.Close() }()
		m := &playsModel{lines: []*Line{NewLine(t, 1), NewLine(t, 2), NewLine(t, 3)}, clock: Noon()}
		rt.Repeat(map[string]func(*rapid.T){
			"append": func(rt *rapid.T) { m.append(rt, s) },
			"reopen": func(rt *rapid.T) {
				if err := s.Close(); err != nil {
					rt.Fatalf("closing: %v", err)
				}
				s = open(t, dir)
			},
			"": func(rt *rapid.T) { m.check(rt, s) },
		})
	})
}
