package faulttest_test

import (
	"os"
	"path/filepath"
	"testing"

	"anteroom/playlists/playliststest/faulttest"
)

// A power cut that takes nothing away would let every campaign pass.
func TestCutTakesWhatIsNotSynced(t *testing.T) {
	d := faulttest.NewDisk(t, 16<<20)
	for _, name := range []string{"synced", "unsynced"} {
		f, err := os.Create(filepath.Join(d.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(name); err != nil {
			t.Fatal(err)
		}
		if name == "synced" {
			if err := f.Sync(); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	d.Cut(t)
	if err := os.WriteFile(filepath.Join(d.Dir, "after"), nil, 0o600); err == nil {
		t.Error("the disk takes files without power")
	}
	d.Again(t)
	if b, err := os.ReadFile(filepath.Join(d.Dir, "synced")); err != nil || string(b) != "synced" {
		t.Errorf("what was synced: %q, %v", b, err)
	}
	if b, err := os.ReadFile(filepath.Join(d.Dir, "unsynced")); err == nil && len(b) > 0 {
		t.Errorf("what was not synced is there: %q", b)
	}
}
