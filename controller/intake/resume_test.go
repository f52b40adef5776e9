package intake_test

import (
	"crypto/ed25519"
	"testing"

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
