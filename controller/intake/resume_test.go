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
