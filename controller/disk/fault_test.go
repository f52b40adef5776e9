package disk_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"anteroom/controller/disk"
	"anteroom/playlists/playliststest/faulttest"
)

func TestMain(m *testing.M) {
	faulttest.Main(m, map[string]faulttest.Operation{"write": writeFolders})
}

// writeFolders makes a folder with a file in it, and another, and replaces the file: "ask 2" and "have 2".
func writeFolders(c *faulttest.Child) error {
	for n := range 3 {
		c.Say("ask %d", n)
		folder := filepath.Join(c.Dir, fmt.Sprint(n))
		err := c.Try(func() error {
			err := disk.MakeDir(folder)
			if errors.Is(err, fs.ErrExist) { // made before, and perhaps not durable
				return disk.SyncDir(c.Dir)
			}
			return err
		})
		for _, text := range []string{"first", "second"} {
			if err == nil {
				err = c.Try(func() error { return disk.Write(filepath.Join(folder, "file"), []byte(text)) })
			}
		}
		if err != nil {
			return err
		}
		c.Say("have %d", n)
	}
	return nil
}

func TestFaultsOfWrite(t *testing.T) {
	faulttest.Campaign{Operation: "write", Check: func(t *testing.T, dir string, said []string) {
		asked, had := -1, -1
		for _, line := range said {
			_, _ = fmt.Sscanf(line, "ask %d", &asked)
			_, _ = fmt.Sscanf(line, "have %d", &had)
		}
		for n := range 3 {
			path := filepath.Join(dir, fmt.Sprint(n), "file")
			b, err := os.ReadFile(path)
			switch {
			case errors.Is(err, fs.ErrNotExist) && n > had:
			case err != nil || n > asked || string(b) != "second" && (n <= had || string(b) != "first"):
				t.Errorf("file %d holds %q, %v; asked for up to %d, had up to %d", n, b, err, asked, had)
			}
			if n > asked {
				continue
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := disk.Write(path, []byte("again")); err != nil {
				t.Error(err)
			}
			wantAlone(t, path)
		}
	}}.Run(t)
}
