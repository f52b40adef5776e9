package identity_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anteroom/player/identity"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/fuzztest"
	"anteroom/playlists/wire"
)

const (
	first  = "identity.json"
	second = "identity.copy.json"
)

func open(t *testing.T, dir string) *identity.Identity {
	t.Helper()
	i, err := identity.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func controller(seed byte) ed25519.PublicKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32)).Public().(ed25519.PublicKey)
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestIdentityOutlastsRestarts(t *testing.T) {
	dir := t.TempDir()
	i := open(t, dir)
	if err := i.Pin(controller(1), "lobby"); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir)
	if !again.Key().Equal(i.Key()) || again.Player() != i.Player() {
		t.Error("another key after a restart")
	}
	if key, ok := again.Controller(); !ok || !key.Equal(controller(1)) || again.Screen() != "lobby" {
		t.Errorf("got %v, %v, %q", key, ok, again.Screen())
	}
	if len(again.Notes()) != 0 {
		t.Errorf("got notes %v", again.Notes())
	}
}

// What a power cut, a failing disk or a bad hand can leave of the two copies.
func TestOneGoodCopyIsEnough(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, dir string){
		"the first has length zero":     func(t *testing.T, dir string) { write(t, filepath.Join(dir, first), nil) },
		"the second has length zero":    func(t *testing.T, dir string) { write(t, filepath.Join(dir, second), nil) },
		"the first is gone":             func(_ *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, first)) },
		"the second is gone":            func(_ *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, second)) },
		"the first is full of zeroes":   func(t *testing.T, dir string) { write(t, filepath.Join(dir, first), make([]byte, 300)) },
		"the first has one bit flipped": func(t *testing.T, dir string) { flip(t, filepath.Join(dir, first), 60) },
		"the first is half there": func(t *testing.T, dir string) {
			b := read(t, filepath.Join(dir, first))
			write(t, filepath.Join(dir, first), b[:len(b)/2])
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			i := open(t, dir)
			if err := i.Pin(controller(1), "lobby"); err != nil {
				t.Fatal(err)
			}
			spoil(t, dir)
			again := open(t, dir)
			if !again.Key().Equal(i.Key()) || again.Screen() != "lobby" {
				t.Fatal("the identity was lost")
			}
			if !bytes.Equal(read(t, filepath.Join(dir, first)), read(t, filepath.Join(dir, second))) {
				t.Error("the copies still differ")
			}
		})
	}
}

func digest(s string) string { return string(wire.DigestOf([]byte(s))) }

func flip(t *testing.T, path string, at int) {
	t.Helper()
	b := read(t, path)
	b[at] ^= 4
	write(t, path, b)
}

// A power cut between the two writes leaves the older state in the second copy.
func TestNewerCopyWins(t *testing.T) {
	dir := t.TempDir()
	i := open(t, dir)
	old := read(t, filepath.Join(dir, second))
	if err := i.Pin(controller(1), "lobby"); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, second), old)
	if again := open(t, dir); again.Screen() != "lobby" {
		t.Errorf("got screen %q, want the newer copy's", again.Screen())
	}
	if again := open(t, dir); again.Screen() != "lobby" {
		t.Error("the pairing was lost at the second start")
	}
}

func TestBothCopiesDamagedMeansANewKeyAndANote(t *testing.T) {
	dir := t.TempDir()
	i := open(t, dir)
	write(t, filepath.Join(dir, first), nil)
	write(t, filepath.Join(dir, second), []byte("{}"))
	again := open(t, dir)
	if again.Key().Equal(i.Key()) {
		t.Error("the same key from nothing")
	}
	if notes := told(again); !strings.Contains(notes, "paired again") {
		t.Errorf("got notes %q", notes)
	}
	if _, err := os.Stat(filepath.Join(dir, second+".damaged")); err != nil {
		t.Errorf("the damaged copy was not set aside: %v", err)
	}
}

func TestNewerProgramsIdentityIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	const record = `{"version":2,"serial":1,"seed":""}`
	write(t, filepath.Join(dir, first), []byte(`{"record":`+record+`,"sha256":"`+digest(record)+`"}`))
	if _, err := identity.Open(dir); err == nil || !strings.Contains(err.Error(), "update") {
		t.Errorf("got %v, want a word about updating", err)
	}
}

// On a disk that takes nothing any more the good copy does.
func TestGoodCopyOnADiskThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	i := open(t, dir)
	if err := i.Pin(controller(1), "lobby"); err != nil {
		t.Fatal(err)
	}
	inTheWay := filepath.Join(dir, "."+first+".temp", "in the way")
	if err := os.MkdirAll(inTheWay, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, first), nil)
	again := open(t, dir)
	if !again.Key().Equal(i.Key()) || again.Screen() != "lobby" {
		t.Errorf("another identity: %s on screen %q", again.Player(), again.Screen())
	}
	if notes := told(again); !strings.Contains(notes, "could not be written") {
		t.Errorf("got notes %q", notes)
	}
}

func TestUnreadableCopies(t *testing.T) {
	dir := t.TempDir()
	i := open(t, dir)
	loop := func(name string) {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.Remove(path), os.Symlink(name, path)); err != nil {
			t.Fatal(err)
		}
	}
	loop(first)
	again := open(t, dir)
	if !again.Key().Equal(i.Key()) || !strings.Contains(told(again), first) {
		t.Errorf("another key, or no word of it: %q", again.Notes())
	}
	loop(first)
	loop(second)
	if _, err := identity.Open(dir); err == nil {
		t.Error("a new identity in the place of one that could not be read")
	}
}

func TestPinnedControllerIsNotExchanged(t *testing.T) {
	i := open(t, t.TempDir())
	if err := i.Pin(controller(1), "lobby"); err != nil {
		t.Fatal(err)
	}
	if err := i.Pin(controller(2), "lobby"); !errors.Is(err, playlists.ErrDenied) {
		t.Errorf("another controller: got %v, want ErrDenied", err)
	}
	if err := i.Pin(controller(1), "chapel"); err != nil || i.Screen() != "chapel" {
		t.Errorf("another screen: got %v, %q", err, i.Screen())
	}
	if err := i.Unpair(); err != nil {
		t.Fatal(err)
	}
	if err := i.Pin(controller(2), "lobby"); err != nil {
		t.Errorf("after unpairing: %v", err)
	}
	if err := i.Pin(nil, "lobby"); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("no key: got %v, want ErrInvalid", err)
	}
}

func TestKeyIsReadableToItsOwnerAlone(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	info, err := os.Stat(filepath.Join(dir, first))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
}

func TestUnwritableDirectoryIsAnErrorAndNotANewIdentity(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, nil)
	if _, err := identity.Open(file); err == nil {
		t.Error("opened a file as a directory")
	}
}

func FuzzDecode(f *testing.F) {
	g := fuzztest.New(f)
	dir := f.TempDir()
	if _, err := identity.Open(dir); err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, first))
	if err != nil {
		f.Fatal(err)
	}
	g.Add(b)
	g.Add([]byte{})
	g.Fuzz(func(t *testing.T, b []byte) {
		if seed, err := identity.Decode(b); err == nil && len(seed) != identity.SeedSize {
			t.Errorf("read with a seed of %d bytes", len(seed))
		}
	})
}

// told is what the identity says of damage, in one text.
func told(i *identity.Identity) string {
	var all []string
	for _, note := range i.Notes() {
		all = append(all, note.Text)
	}
	return strings.Join(all, "; ")
}
