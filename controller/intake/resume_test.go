package intake_test

import (
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists/wire"
)

// Two machines share a stream. What each is told of how far its plays are known is true of its own: else it would
// drop what only it has.
func TestResumeTellsMachinesApart(t *testing.T) {
	s := newSite(t, t.TempDir())
	defer s.close()
	one := newMachine("one")
	one.show(10, 0)
	two := one.clone("two")
	one.show(10, 0)
	two.show(20, 0)
	accept(t, s, one, 0, 20)
	resume := func(m *machine, journal uint64) uint64 {
		t.Helper()
		has := wire.State{Journal: journal, Chain: m.chains[journal], Kept: 1}
		through, err := s.intake.Resume(t.Context(), wire.PlayerIDOf(m.key.Public().(ed25519.PublicKey)), m.stream, has)
		if err != nil {
			t.Fatal(err)
		}
		return through
	}
	rows := []struct {
		what    string
		m       *machine
		journal uint64
		want    uint64
	}{
		{"the first, with all that it sent", one, 20, 20},
		{"the first, with what it had in common with the second", one, 10, 20},
		{"the second, as long as its plays are not known: from the first that it keeps", two, 15, 0},
	}
	for _, row := range rows {
		if got := resume(row.m, row.journal); got != row.want {
			t.Errorf("%s: known through %d, want %d", row.what, got, row.want)
		}
	}
	accept(t, s, two, 0, 18)
	if got := resume(two, 18); got != 18 {
		t.Errorf("the second, once its plays are known: through %d, want 18", got)
	}
	if got := resume(one, 20); got != 20 {
		t.Errorf("the first, after that: through %d, want 20", got)
	}
}

// A player whose disk was put back links while a closed month that could tell is damaged, too; its plays wait, and
// none is dropped or counted twice when the month is back.
func TestResumeWithADamagedMonth(t *testing.T) {
	s := newSite(t, t.TempDir())
	m := newMachine("one")
	m.show(20, 0)
	public := m.key.Public().(ed25519.PublicKey)
	for n, month := range []time.Month{time.October, time.November} {
		b := m.batch(10*n, 10*n+10)
		err := s.store.Append(t.Context(), []store.Batch{{
			Player: wire.PlayerIDOf(public), Stream: m.stream, Plays: b.Plays, Before: b.Before, Chain: b.After,
			Signature: b.Signature, SignedFrom: b.First, Received: time.Date(2026, month, 20, 0, 0, 0, 0, time.UTC),
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	s.close()
	october := filepath.Join(s.dir, "plays-2026-10.db")
	whole, err := os.ReadFile(october)
	put := func(b []byte) {
		t.Helper()
		if err := errors.Join(err, os.Chmod(october, 0o600), os.WriteFile(october, b, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	put([]byte("garbage"))
	s.start()
	defer func() { s.close() }()
	through, err := s.intake.Resume(t.Context(), wire.PlayerIDOf(public), m.stream, wire.State{Journal: 8, Chain: m.chains[8], Kept: 3})
	if err != nil || through != 2 {
		t.Errorf("known through %d, %v; want what is before the oldest that it keeps", through, err)
	}
	if ack, err := s.send(m.batch(2, 8), m.key); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("plays that cannot be compared are answered by %+v, %v", ack, err)
	}
	put(whole)
	if ack := accept(t, s, m, 2, 8); ack.Through != 8 {
		t.Errorf("once the month is back: %+v", ack)
	}
	if got := len(s.stored(t)); got != 20 {
		t.Errorf("%d plays are stored, want 20", got)
	}
}

// kept is how many plays are stored of those that are not forgotten.
func (s *site) kept(t *testing.T) (plays int) {
	t.Helper()
	for _, err := range s.store.Scan(t.Context(), time.Time{}, noon().AddDate(50, 0, 0)) {
		if gone := (*store.ForgottenError)(nil); errors.As(err, &gone) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		plays++
	}
	return plays
}

// Plays of a month are gone when their player sends some of them again, since an acknowledgement was lost and it was
// switched off for months: none is counted again. What another machine shows under the same numbers since then is kept apart.
func TestWhatIsForgottenIsNotCountedAgain(t *testing.T) {
	s := newSite(t, t.TempDir())
	defer func() { s.close() }()
	old := newMachine("old")
	old.show(20, 0)
	clone := old.clone("clone")
	old.show(20, 0)
	put := func(m *machine, from, to int, at time.Time) {
		t.Helper()
		b := m.batch(from, to)
		err := s.store.Append(t.Context(), []store.Batch{{
			Player: wire.PlayerIDOf(m.key.Public().(ed25519.PublicKey)), Stream: m.stream, Plays: b.Plays, Before: b.Before, Chain: b.After,
			Signature: b.Signature, SignedFrom: b.First, Received: at,
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	put(old, 0, 30, noon())
	put(old, 30, 40, noon())
	other := newMachine("other")
	other.show(2, 0)
	put(other, 0, 1, noon().AddDate(0, 1, 0))
	put(other, 1, 2, noon().AddDate(0, 2, 0))
	if err := s.store.Forget(t.Context(), 1, nil); err != nil || s.store.ForgottenUntil().IsZero() {
		t.Fatal("nothing is forgotten: ", err)
	}
	s.restart()
	for _, row := range []struct {
		what       string
		from, upTo int
		stored     int
	}{
		{"in the midst of what is forgotten", 10, 20, 2},
		{"what ends before the last that was counted", 29, 35, 2},
		{"all of it", 0, 40, 2},
		{"its end", 35, 40, 2},
	} {
		if ack := accept(t, s, old, row.from, row.upTo); ack.Through != uint64(row.upTo) {
			t.Errorf("%s: %+v", row.what, ack)
		}
		if got := s.kept(t); got != row.stored {
			t.Errorf("%s: %d plays are stored, want %d", row.what, got, row.stored)
		}
	}
	old.show(5, 0)
	accept(t, s, old, 38, 45)
	if got := s.kept(t); got != 2+5 || len(s.alarms) > 0 {
		t.Errorf("what it shows since: %d plays are stored, want 7; alarms %q", got, s.alarms)
	}
	clone.made = 1_000_000 // four months later
	clone.show(4, 0)
	accept(t, s, clone, 20, 24)
	if got := s.kept(t); got != 7+4 || len(s.alarms) != 1 {
		t.Errorf("a clone of that time: %d plays are stored, want 11; alarms %q", got, s.alarms)
	}
}
