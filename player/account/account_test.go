package account

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anteroom/player/playback"
	"anteroom/playlists/playliststest/fuzztest"
)

func drawn(turn uint64, at int64) playback.Event {
	return playback.Event{Drawn: &playback.Drawn{Scene: turn, Turn: turn, At: at}}
}

func beat(at int64) playback.Event { return playback.Event{Beat: &playback.Beat{At: at}} }

// book is an account with the stage's end of it.
func book(t *testing.T) (*Account, *Writer) {
	t.Helper()
	a, err := New(t.TempDir(), 5)
	if err != nil {
		t.Fatal(err)
	}
	w, err := Open(a.Path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return a, w
}

// told writes events of a sound account as a line: "d7@42 f7@43 b@50".
func told(t *testing.T, a *Account) string {
	t.Helper()
	line, err := believed(a)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// believed is the same of any account.
func believed(a *Account) (string, error) {
	events, err := a.Read()
	var all []string
	for _, e := range events {
		switch {
		case e.Drawn != nil:
			all = append(all, fmt.Sprintf("d%d@%d", e.Drawn.Turn, e.Drawn.At))
		case e.Failed != nil:
			all = append(all, fmt.Sprintf("f%d@%d%s", e.Failed.Turn, e.Failed.At, e.Failed.Reason))
		case e.Beat != nil:
			all = append(all, fmt.Sprintf("b@%d", e.Beat.At))
		}
	}
	return strings.Join(all, " "), err
}

func TestWhatIsToldIsRead(t *testing.T) {
	failed := playback.Event{Failed: &playback.Failed{Turn: 8, At: 30, Reason: strings.Repeat("no such file ", 100)}}
	tests := []struct {
		name string
		tell []playback.Event
		want string
	}{
		{"nothing", nil, ""},
		{"turns", []playback.Event{drawn(7, 10), drawn(8, 20), failed}, "d7@10 d8@20 f8@30"},
		{"the last beat alone", []playback.Event{drawn(7, 10), beat(11), beat(12)}, "d7@10 b@12"},
		{"what follows a beat takes its place", []playback.Event{drawn(7, 10), beat(11), beat(12), drawn(8, 13)}, "d7@10 d8@13"},
		{"neither snapshots nor readiness", []playback.Event{{Snapshot: "/a.jpg"}, {Ready: &playback.Ready{Width: 1}}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, w := book(t)
			for _, e := range tt.tell {
				if err := w.Tell(e); err != nil {
					t.Fatal(err)
				}
			}
			if got := told(t, a); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestItDoesNotGrow: of a long life the end is kept, in order, and the file stays as long as it was.
func TestItDoesNotGrow(t *testing.T) {
	a, w := book(t)
	for turn := range uint64(3 * records) {
		if err := w.Tell(drawn(turn, int64(turn))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Tell(beat(9999)); err != nil {
		t.Fatal(err)
	}
	events, err := a.Read()
	if err != nil || len(events) != records-1 {
		t.Fatalf("%d events are kept, want %d: %v", len(events), records-1, err)
	}
	for i, e := range events[:len(events)-1] {
		if want := uint64(2*records + 2 + i); e.Drawn.Turn != want {
			t.Fatalf("event %d is turn %d, want %d", i, e.Drawn.Turn, want)
		}
	}
	if info, err := os.Stat(a.Path); err != nil || info.Size() != record*records {
		t.Errorf("the file is %d bytes long: %v", info.Size(), err)
	}
}

func TestHeads(t *testing.T) {
	a, w := book(t)
	if err := w.Tell(drawn(7, 10)); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(a.Path)
	if all, err := List(dir); err != nil || len(all) != 1 || all[0].Head != (Head{}) {
		t.Fatalf("before it is named: %+v, %v", all, err)
	}
	head := Head{Boot: "7d0c7e5a-6f0b-4c53-9b0e-0e8f4e4f6a11", PID: 4711, Since: "88213"}
	for _, head.Gone = range []int64{0, 1 << 62} {
		if err := a.Put(head); err != nil {
			t.Fatal(err)
		}
		if all, err := List(dir); err != nil || len(all) != 1 || all[0].Head != head || all[0].Path != a.Path {
			t.Errorf("got %+v, %v, want %+v", all, err, head)
		}
	}
	if got := told(t, a); got != "d7@10" {
		t.Errorf("the head is no event: %q", got)
	}
}

func TestOnlyTheLastAccountsAreKept(t *testing.T) {
	dir := t.TempDir()
	for at := range int64(3 * most) {
		if _, err := New(dir, at*1e9); err != nil {
			t.Fatal(err)
		}
	}
	all, err := List(dir)
	if err != nil || len(all) != most {
		t.Fatalf("%d accounts are kept, want %d: %v", len(all), most, err)
	}
	for i, a := range all {
		if want := filepath.Join(dir, fmt.Sprintf("%020d", int64(2*most+i)*1e9)); a.Path != want {
			t.Errorf("account %d is %s, want %s", i, a.Path, want)
		}
	}
}

// TestSingleBitsNeverGiveAWrongEvent flips bits of the records in use, one at a time.
func TestSingleBitsNeverGiveAWrongEvent(t *testing.T) {
	a, w := book(t)
	for _, e := range []playback.Event{drawn(7, 10), drawn(8, 20)} {
		if err := w.Tell(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Put(Head{Boot: "boot-1", PID: 4711, Since: "88213"}); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(a.Path)
	if err != nil {
		t.Fatal(err)
	}
	for bit := 0; bit < 8*4*record; bit += 31 {
		bad := bytes.Clone(good)
		bad[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(a.Path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		got, unread := believed(a)
		if got != "d7@10 d8@20" && got != "d7@10" && got != "d8@20" {
			t.Fatalf("bit %d gives %q", bit, got)
		}
		all, unlisted := List(filepath.Dir(a.Path))
		if all[0].Head != (Head{}) && all[0].Head.PID != 4711 {
			t.Fatalf("bit %d gives the head %+v", bit, all[0].Head)
		}
		if !errors.Is(errors.Join(unread, unlisted), ErrDamaged) {
			t.Fatalf("bit %d is not noticed: %v, %v", bit, unread, unlisted)
		}
	}
}

// TestRecordsOutOfPlaceAreNoticed copies pages over others, and cuts the file.
func TestRecordsOutOfPlaceAreNoticed(t *testing.T) {
	const page = 4096
	a, w := book(t)
	for n := range uint64(3 * page / record) {
		if err := w.Tell(drawn(n+1, int64(n+1))); err != nil {
			t.Fatal(err)
		}
	}
	good, err := os.ReadFile(a.Path)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"an earlier page again":     slices.Concat(good[:2*page], good[page:2*page], good[3*page:]),
		"a page that was not there": slices.Concat(good[:5*page], good[page:2*page], good[6*page:]),
		"blank in the middle":       slices.Concat(good[:page], good[5*page:6*page], good[2*page:]),
		"zero where it was blank":   slices.Concat(good[:5*page], make([]byte, page), good[6*page:]),
		"cut off":                   good[:5*page],
	} {
		if err := os.WriteFile(a.Path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := believed(a); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: got %q, %v, want damage", name, got, err)
		}
	}
}

func TestWhatIsThereMayBeAnything(t *testing.T) {
	dir := t.TempDir()
	for name, b := range map[string]string{"00001": "", "00002": "\x00\x00", "00003": strings.Repeat("\x00", 5000), "x": "no account"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, err := List(dir)
	if !errors.Is(err, ErrDamaged) || len(all) != 3 {
		t.Fatalf("%d accounts: %v", len(all), err)
	}
	for i, a := range all {
		if got, err := believed(a); got != "" || a.Head != (Head{}) || a.Lost != (i == 0) || !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %q, %+v, lost: %v, %v", a.Path, got, a.Head, a.Lost, err)
		}
	}
}

// TestTheOneThatThePowerTook: a file whose bytes never came to the disk is no damage that a person must hear of.
func TestTheOneThatThePowerTook(t *testing.T) {
	a, _ := book(t)
	if err := os.Truncate(a.Path, 0); err != nil {
		t.Fatal(err)
	}
	if all, err := List(filepath.Dir(a.Path)); err != nil || len(all) != 1 || !all[0].Lost || all[0].Head != (Head{}) {
		t.Errorf("got %+v, %v, want a lost one", all, err)
	}
}

func FuzzRecord(f *testing.F) {
	g := fuzztest.New(f)
	g.Add([]byte(`{"drawn":{"scene":3,"turn":3600001,"at":3600004000000}}`))
	g.Add([]byte(`{"beat":{"at":3610004000000,"scene":3,"frames":12}}`))
	g.Add([]byte(`{"boot":"7d0c","pid":4711,"since":"88213"}`))
	g.Fuzz(func(t *testing.T, b []byte) {
		var e playback.Event
		if err := decode(3, encode(3, b), &e); err == nil {
			e.At() // must not panic
		}
		var h Head
		if err := decode(3, b, &h); err == nil && !bytes.Equal(b, encode(3, bytes.TrimRight(b[9:], " \n"))) {
			t.Fatalf("%q was believed", b)
		}
	})
}
