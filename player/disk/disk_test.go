package disk_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"anteroom/player/disk"
	"anteroom/playlists/playliststest/faulttest"
)

func TestMain(m *testing.M) {
	faulttest.Main(m, map[string]faulttest.Operation{"write": writeAgain})
}

func TestSealed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if _, err := disk.ReadSealed(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nothing is there: %v", err)
	}
	for _, data := range []string{"", "text", "text with\nlines\n"} {
		if err := disk.WriteSealed(path, []byte(data)); err != nil {
			t.Fatal(err)
		}
		if got, err := disk.ReadSealed(path); err != nil || string(got) != data {
			t.Errorf("%q came back as %q, %v", data, got, err)
		}
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(whole) {
		b := append([]byte{}, whole...)
		b[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := disk.ReadSealed(path); !errors.Is(err, disk.ErrDamaged) {
			t.Errorf("bit %d flipped: %q, %v", bit, got, err)
		}
	}
	for end := range whole {
		if err := os.WriteFile(path, whole[:end], 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := disk.ReadSealed(path); !errors.Is(err, disk.ErrDamaged) {
			t.Errorf("cut off at %d: %q, %v", end, got, err)
		}
	}
}

func writeAgain(c *faulttest.Child) error {
	for n := 1; n <= 3; n++ {
		c.Say("ask %d", n)
		if err := c.Try(func() error { return disk.WriteSealed(filepath.Join(c.Dir, "file"), fmt.Append(nil, n)) }); err != nil {
			return err
		}
		c.Say("have %d", n)
	}
	return nil
}

func TestFaultsOfWrite(t *testing.T) {
	faulttest.Campaign{Operation: "write", Check: func(t *testing.T, dir string, said []string) {
		asked, had, is := 0, 0, 0
		for _, line := range said {
			_, _ = fmt.Sscanf(line, "ask %d", &asked)
			_, _ = fmt.Sscanf(line, "have %d", &had)
		}
		b, err := disk.ReadSealed(filepath.Join(dir, "file"))
		if err == nil {
			_, err = fmt.Sscan(string(b), &is)
		}
		if err != nil && (!errors.Is(err, os.ErrNotExist) || had > 0) || is < had || is > asked {
			t.Errorf("the file holds %d, %v; asked for %d, had %d", is, err, asked, had)
		}
		if err := disk.Write(filepath.Join(dir, "file"), nil); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
			t.Errorf("left over: %v, %v", left, err)
		}
	}}.Run(t)
}
