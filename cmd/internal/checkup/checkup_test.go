package checkup_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anteroom/cmd/internal/checkup"
)

// says holds a finding to be of a level and to contain words.
func says(t *testing.T, f checkup.Finding, level checkup.Level, words string) {
	t.Helper()
	if f.Level != level || !strings.Contains(f.Says, words) {
		t.Errorf("got %s: %q; want %s with %q", f.Level, f.Says, level, words)
	}
	if (f.Do == "") != (level == checkup.Fine) {
		t.Errorf("%q: what to do is %q", f.Says, f.Do)
	}
}

func TestDirectory(t *testing.T) {
	tests := []struct {
		name  string
		make  func(t *testing.T, dir string)
		level checkup.Level
		says  string
	}{
		{"not there", func(*testing.T, string) {}, checkup.Fault, "There is no directory"},
		{"a file", func(t *testing.T, dir string) { t.Helper(); write(t, dir) }, checkup.Fault, "is a file"},
		{"others can look into it", func(t *testing.T, dir string) { t.Helper(); mkdir(t, dir, 0o755) }, checkup.Warning, "Other users can look into"},
		{"a file of somebody else's in it", func(t *testing.T, dir string) {
			t.Helper()
			if os.Geteuid() != 0 {
				t.Skip("only root gives files away")
			}
			mkdir(t, dir, 0o700)
			write(t, filepath.Join(dir, "key"))
			if err := os.Chown(filepath.Join(dir, "key"), 65534, 65534); err != nil {
				t.Fatal(err)
			}
		}, checkup.Fault, "key does not"},
		{"as it should be", func(t *testing.T, dir string) { t.Helper(); mkdir(t, dir, 0o700); write(t, filepath.Join(dir, "key")) }, checkup.Fine, "alone"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			tt.make(t, dir)
			says(t, checkup.Directory(dir), tt.level, tt.says)
		})
	}
}

func mkdir(t *testing.T, dir string, mode os.FileMode) {
	t.Helper()
	if err := errors.Join(os.Mkdir(dir, mode), os.Chmod(dir, mode)); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDisk(t *testing.T) {
	const mib, gib = 1 << 20, 1 << 30
	tests := []struct {
		name  string
		room  checkup.Room
		level checkup.Level
		says  string
	}{
		{"plenty", checkup.Room{Bytes: 100 * gib, OfBytes: 200 * gib, Inodes: 1e6, OfInodes: 2e6}, checkup.Fine, "has 100.0 GiB free"},
		{"less than it needs", checkup.Room{Bytes: 300 * mib, OfBytes: 200 * gib}, checkup.Fault, "has 300 MiB free; it needs 1.0 GiB"},
		{"hardly anything", checkup.Room{Bytes: 9 << 10, OfBytes: 200 * gib}, checkup.Fault, "has 9 KiB free"},
		{"getting full", checkup.Room{Bytes: 5 * gib, OfBytes: 200 * gib}, checkup.Warning, "has 5.0 GiB free of 200.0 GiB"},
		{"a tenth of a large disk is still much", checkup.Room{Bytes: 19 * gib, OfBytes: 200 * gib}, checkup.Fine, "has 19.0 GiB free"},
		{"no inodes", checkup.Room{Bytes: 100 * gib, OfBytes: 200 * gib, Inodes: 12, OfInodes: 2e6}, checkup.Fault, "room for 12 more files only"},
		{"a file system without inodes", checkup.Room{Bytes: 100 * gib, OfBytes: 200 * gib}, checkup.Fine, "free"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { says(t, checkup.Disk("/data", tt.room, gib), tt.level, tt.says) })
	}
	if r, err := checkup.RoomOf(t.TempDir()); err != nil || r.OfBytes == 0 || r.Bytes > r.OfBytes {
		t.Errorf("the disk of this test: %+v, %v", r, err)
	}
	if _, err := checkup.RoomOf("/nowhere"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the disk of nothing: %v", err)
	}
}

func TestClock(t *testing.T) {
	floor := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		now    time.Time
		synced bool
		err    error
		level  checkup.Level
		says   string
	}{
		{"kept right", floor.AddDate(0, 1, 0), true, nil, checkup.Fine, "The clock says 2026-12-01 00:00:00 UTC and is kept right"},
		{"nothing keeps it", floor.AddDate(0, 1, 0), false, nil, checkup.Warning, "nothing keeps it right"},
		{"it cannot be told", floor.AddDate(0, 1, 0), false, os.ErrPermission, checkup.Warning, "cannot be told: permission denied"},
		{"1970", time.Unix(100, 0), true, nil, checkup.Fault, "1970-01-01 00:01:40 UTC, which is past for certain"},
		{"2160", floor.AddDate(134, 0, 0), true, nil, checkup.Fault, "2160-11-01 00:00:00 UTC, which cannot be"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { says(t, checkup.Clock(tt.now, floor, tt.synced, tt.err), tt.level, tt.says) })
	}
	if _, err := checkup.Synced(); err != nil {
		t.Errorf("asking this machine: %v", err)
	}
}

func TestPrograms(t *testing.T) {
	says(t, checkup.Programs("video", "videos cannot be taken in", "apt-get install ffmpeg", "sh", "env"), checkup.Fine, "sh and env can be found.")
	says(t, checkup.Programs("video", "videos cannot be taken in", "apt-get install ffmpeg", "sh", "nosuchprogram"), checkup.Fault, "nosuchprogram cannot be found: videos cannot be taken in.")
}

func TestFindingsInWordsAndForPrograms(t *testing.T) {
	found := []checkup.Finding{
		checkup.Good("disk", "It has %d GiB free.", 9),
		checkup.Odd("clock", "Set it.", "Nothing keeps it."),
	}
	if !checkup.Healthy(found) {
		t.Error("a warning is no fault")
	}
	found = append(found, checkup.Bad("data", "chmod 700 /data", "Others can write."))
	if checkup.Healthy(found) {
		t.Error("a fault is one")
	}
	var words, list bytes.Buffer
	if err := errors.Join(checkup.Write(&words, found), checkup.WriteJSON(&list, found)); err != nil {
		t.Fatal(err)
	}
	want := `ok       disk        It has 9 GiB free.
look     clock       Nothing keeps it.
                     -> Set it.
WRONG    data        Others can write.
                     -> chmod 700 /data
`
	if words.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &words, want)
	}
	var back struct {
		Healthy  bool
		Findings []checkup.Finding
	}
	if err := json.Unmarshal(list.Bytes(), &back); err != nil || back.Healthy || len(back.Findings) != 3 || back.Findings[2] != found[2] {
		t.Errorf("got %+v, %v", back, err)
	}
}
