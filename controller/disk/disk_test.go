package disk_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"anteroom/controller/disk"
)

func TestWriteReplacesWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "job.json")
	for _, text := range []string{"first, and longer", "second"} {
		if err := disk.Write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		want(t, path, text)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v; want 0600", info.Mode(), err)
	}
	wantAlone(t, path)
}

func TestWriteTakesTheLeavingsOfACrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "job.json")
	if err := os.WriteFile(path+disk.NewSuffix, []byte("half, and longer than the whole"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := disk.Write(path, []byte("whole")); err != nil {
		t.Fatal(err)
	}
	want(t, path, "whole")
	wantAlone(t, path)
}

func TestWriteThatFailsLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "taken")
	if err := os.MkdirAll(filepath.Join(path, "by a folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := disk.Write(path, []byte("whole")); err == nil {
		t.Error("a folder was replaced by a file")
	}
	wantAlone(t, path)
}

func TestWriteNewReplacesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "manifest")
	if err := disk.WriteNew(path, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := disk.WriteNew(path, []byte("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("written over another: %v", err)
	}
	want(t, path, "first")
}

func TestSealed(t *testing.T) {
	for _, text := range []string{"", "text", "text with\nlines\n"} {
		sealed := disk.Seal([]byte(text))
		if got, err := disk.Unseal(sealed); err != nil || string(got) != text {
			t.Errorf("%q came back as %q, %v", text, got, err)
		}
		for bit := range 8 * len(sealed) {
			bent := bytes.Clone(sealed)
			bent[bit/8] ^= 1 << (bit % 8)
			if got, err := disk.Unseal(bent); !errors.Is(err, disk.ErrDamaged) {
				t.Errorf("%q with bit %d flipped: %q, %v", text, bit, got, err)
			}
		}
		for end := range sealed {
			if got, err := disk.Unseal(sealed[:end]); !errors.Is(err, disk.ErrDamaged) {
				t.Errorf("%q cut off at %d: %q, %v", text, end, got, err)
			}
		}
	}
}

func want(t *testing.T, path, text string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || string(b) != text {
		t.Errorf("got %q, %v; want %q", b, err, text)
	}
}

func wantAlone(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v; want %s alone", entries, err, filepath.Base(path))
	}
}
