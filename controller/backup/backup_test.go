package backup_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anteroom/controller/backup"
	"anteroom/controller/content"
	"anteroom/playlists"
)

// first is the moment of the first backup of a test; the others follow by hours.
var first = time.Date(2026, 11, 22, 20, 4, 5, 0, time.UTC)

// source is a controller's data with a key, two files of a store, and assets of the texts given.
func source(t *testing.T, assets ...string) backup.Source {
	t.Helper()
	dir := t.TempDir()
	s := backup.Source{
		Key: filepath.Join(dir, "controller.key"), Store: filepath.Join(dir, "store"), Content: filepath.Join(dir, "content"),
		Names: []string{"documents.db", "plays-2026-11.db"},
	}
	write(t, s.Key, "the key")
	write(t, filepath.Join(s.Store, "documents.db"), strings.Repeat("documents ", 20_000))
	write(t, filepath.Join(s.Store, "plays-2026-11.db"), "plays")
	for _, text := range assets {
		keep(t, s, text)
	}
	return s
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// keep adds an asset to the source.
func keep(t *testing.T, s backup.Source, text string) playlists.Digest {
	t.Helper()
	c, err := content.Open(s.Content)
	if err != nil {
		t.Fatal(err)
	}
	d, _, err := c.Put(t.Context(), strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// try is a trial that only restores.
func try(t *testing.T) func(context.Context, string) error {
	t.Helper()
	return func(ctx context.Context, dir string) error {
		_, err := backup.Try(ctx, dir, filepath.Join(t.TempDir(), "trial"))
		return err
	}
}

func take(t *testing.T, s backup.Source, folder string, hours int) backup.Taken {
	t.Helper()
	taken, err := backup.Take(t.Context(), backup.Order{
		From: s, At: first.Add(time.Duration(hours) * time.Hour), Folder: folder, Version: "v1", Trial: try(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

// tree is every file below dir with its bytes.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		all[rel] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestComesBackAsItWas(t *testing.T) {
	s, folder := source(t, "heart", "lake"), filepath.Join(t.TempDir(), "backups")
	taken := take(t, s, folder, 0)
	if taken.Files != 5 || taken.Assets != 2 || taken.NewAssets != 2 || taken.NewBytes != 9 {
		t.Errorf("took %+v", taken)
	}
	data := filepath.Join(t.TempDir(), "new", "data")
	m, err := backup.Restore(t.Context(), taken.Dir, data)
	if err != nil || !m.At.Equal(first) || m.Version != "v1" {
		t.Fatalf("restored %+v, %v", m, err)
	}
	want, got := tree(t, filepath.Dir(s.Key)), tree(t, data)
	record := got["restored.json"]
	delete(got, "restored.json")
	if len(got) != len(want) {
		t.Errorf("got %d files, want %d", len(got), len(want))
	}
	for path, text := range want {
		if got[path] != text {
			t.Errorf("%s is %.20q, want %.20q", path, got[path], text)
		}
	}
	r, ok, err := backup.ReadRecord(data)
	if err != nil || !ok || !r.At.Equal(first) || time.Since(r.RestoredAt) > time.Minute {
		t.Errorf("the record is %q: %+v, %v, %v", record, r, ok, err)
	}
	if _, ok, err := backup.ReadRecord(filepath.Dir(s.Key)); ok || err != nil {
		t.Errorf("data that were never restored have a record: %v, %v", ok, err)
	}
}

func TestIsAsSecretAsTheController(t *testing.T) {
	folder := t.TempDir()
	taken := take(t, source(t, "heart"), folder, 0)
	data := filepath.Join(t.TempDir(), "data")
	if _, err := backup.Restore(t.Context(), taken.Dir, data); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{folder, data} {
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || path == folder {
				return err
			}
			info, err := e.Info()
			if err == nil && info.Mode().Perm()&0o007 != 0 {
				t.Errorf("%s is %v", path, info.Mode())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{taken.Dir, data} {
		info, err := os.Stat(filepath.Join(dir, "controller.key"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the key is %v, %v; want 0600", info.Mode(), err)
		}
	}
}

func TestCopiesOnlyWhatIsMissing(t *testing.T) {
	s, folder := source(t, "heart", "lake"), t.TempDir()
	a := take(t, s, folder, 0)
	keep(t, s, "breathe with us")
	write(t, filepath.Join(s.Store, "documents.db"), "other documents")
	b := take(t, s, folder, 1)
	if b.Assets != 3 || b.NewAssets != 1 || b.NewBytes != 15 {
		t.Errorf("the second took %+v", b)
	}
	for file, same := range map[string]bool{"store/plays-2026-11.db": true, "store/documents.db": false, "controller.key": true} {
		one, _ := os.Stat(filepath.Join(a.Dir, file))
		two, err := os.Stat(filepath.Join(b.Dir, file))
		if err != nil || os.SameFile(one, two) != same {
			t.Errorf("%s: %v; it is to be one file with the first's: %v", file, err, same)
		}
	}
	for n, taken := range []backup.Taken{a, b} {
		if _, err := backup.Restore(t.Context(), taken.Dir, filepath.Join(t.TempDir(), "data")); err != nil {
			t.Errorf("backup %d does not restore: %v", n, err)
		}
	}
}

// TestADamagedAssetIsCopiedAgain: what has rotted in the folder, as long as it was, costs the backups that are there, and
// the next one heals them.
func TestADamagedAssetIsCopiedAgain(t *testing.T) {
	s, folder := source(t, "heart", "lake"), t.TempDir()
	a := take(t, s, folder, 0)
	for path, text := range tree(t, folder) {
		if text != "heart" {
			continue
		}
		path = filepath.Join(folder, path)
		if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, []byte("heard"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := backup.Restore(t.Context(), a.Dir, filepath.Join(t.TempDir(), "data")); !errors.Is(err, backup.ErrDamaged) {
		t.Fatalf("the damage is not found: %v", err)
	}
	b := take(t, s, folder, 1)
	if b.NewAssets != 1 || b.NewBytes != 5 {
		t.Errorf("the second took %+v, want the damaged asset again", b)
	}
	for n, taken := range []backup.Taken{a, b} {
		if _, err := backup.Restore(t.Context(), taken.Dir, filepath.Join(t.TempDir(), "data")); err != nil {
			t.Errorf("backup %d does not restore: %v", n, err)
		}
	}
}

// TestAnyWrongByteIsRefused flips a bit in a dozen places of every file of a backup, one at a time.
func TestAnyWrongByteIsRefused(t *testing.T) {
	s, folder := source(t, "heart", "lake"), t.TempDir()
	taken := take(t, s, folder, 0)
	for path := range tree(t, folder) {
		if path == "lock" {
			continue
		}
		path = filepath.Join(folder, path)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
		step := max(1, len(whole)/12)
		for at := 0; at < len(whole); at += step {
			broken := bytes.Clone(whole)
			broken[at] ^= 1 << (at % 8)
			wantRefused(t, taken.Dir, path, broken)
		}
		wantRefused(t, taken.Dir, path, whole[:len(whole)-1])
		wantRefused(t, taken.Dir, path, append(bytes.Clone(whole), 0))
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := backup.Restore(t.Context(), taken.Dir, filepath.Join(t.TempDir(), "data")); err != nil {
		t.Errorf("put right again, it does not restore: %v", err)
	}
}

func wantRefused(t *testing.T, dir, path string, broken []byte) {
	t.Helper()
	if err := os.WriteFile(path, broken, 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "..", "..", "wantRefused")
	_, err := backup.Restore(t.Context(), dir, data)
	if !errors.Is(err, backup.ErrDamaged) || !strings.Contains(err.Error(), path) {
		t.Fatalf("with a wrong %s: %v; want a refusal that names it", path, err)
	}
	if left, err := os.ReadDir(data); err == nil && len(left) > 0 {
		t.Fatalf("a refused restore left %v", left)
	}
}

func TestMissingFilesAreNamed(t *testing.T) {
	s, folder := source(t), t.TempDir()
	d := keep(t, s, "heart")
	taken := take(t, s, folder, 0)
	gone := []string{
		filepath.Join(taken.Dir, "store", "documents.db"),
		filepath.Join(folder, "content", string(d[:2]), string(d)),
	}
	for _, path := range gone {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	_, err := backup.Restore(t.Context(), taken.Dir, filepath.Join(t.TempDir(), "data"))
	for _, path := range gone {
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%v does not name %s", err, path)
		}
	}
}

func TestCountsOnlyAfterItsTrial(t *testing.T) {
	s, folder := source(t, "heart"), t.TempDir()
	wrong := errors.New("nothing runs on it")
	_, err := backup.Take(t.Context(), backup.Order{From: s, At: first, Folder: folder, Trial: func(ctx context.Context, dir string) error {
		if _, err := backup.Restore(ctx, dir, filepath.Join(t.TempDir(), "data")); err == nil || !strings.Contains(err.Error(), "is no backup") {
			t.Errorf("an untried backup was restored: %v", err)
		}
		return wrong
	}})
	if !errors.Is(err, wrong) {
		t.Errorf("got %v", err)
	}
	if _, _, err := backup.Choose(folder); err == nil || !strings.Contains(err.Error(), "holds no backup") {
		t.Errorf("a folder without a backup: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "2026*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestCutShortIsNoBackup(t *testing.T) {
	s, folder := source(t, "heart"), t.TempDir()
	whole := take(t, s, folder, 0)
	half := filepath.Join(folder, first.Add(time.Hour).Format("2006-01-02T150405Z")) // as a killed process leaves it
	write(t, filepath.Join(half, "store", "documents.db"), "half")
	dir, passed, err := backup.Choose(folder)
	if err != nil || dir != whole.Dir || len(passed) != 1 || passed[0] != filepath.Base(half) {
		t.Errorf("chose %s, passed %v, %v", dir, passed, err)
	}
	if _, err := backup.Restore(t.Context(), half, filepath.Join(t.TempDir(), "data")); err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("half a backup: %v", err)
	}
	next := take(t, s, folder, 2)
	if len(next.CutShort) != 1 || next.CutShort[0] != filepath.Base(half) {
		t.Errorf("the next removed %v", next.CutShort)
	}
	if dir, _, err = backup.Choose(next.Dir); err != nil || dir != next.Dir {
		t.Errorf("chose %s, %v", dir, err)
	}
}

func TestRefusals(t *testing.T) {
	s := source(t, "heart")
	folder, other := t.TempDir(), t.TempDir()
	taken := take(t, s, folder, 0)
	write(t, filepath.Join(other, "holiday.jpg"), "a picture")
	damaged := source(t, "heart")
	d := keep(t, damaged, "lake")
	asset := filepath.Join(damaged.Content, string(d[:2]), string(d))
	if err := errors.Join(os.Chmod(asset, 0o600), os.WriteFile(asset, []byte("lame"), 0o600)); err != nil {
		t.Fatal(err)
	}
	lost := source(t)
	lost.Names = append(lost.Names, "plays-2026-12.db")
	order := func(s backup.Source, folder string) func() error {
		return func() error {
			_, err := backup.Take(t.Context(), backup.Order{From: s, At: first, Folder: folder, Trial: try(t)})
			return err
		}
	}
	tests := []struct {
		name string
		do   func() error
		says string
	}{
		{"into a folder with other files", order(s, other), "holds other files, such as holiday.jpg"},
		{"twice in one second", order(s, folder), "made within this second: try again"},
		{"an asset that is damaged at the controller", order(damaged, t.TempDir()), "asset " + string(d)},
		{"a file of the store that is gone", order(lost, t.TempDir()), "plays-2026-12.db"},
		{"back into a directory with something in it", func() error {
			_, err := backup.Restore(t.Context(), taken.Dir, other)
			return err
		}, "choose an empty directory"},
		{"what is no folder of backups", func() error {
			_, _, err := backup.Choose(other)
			return err
		}, "holds no backup"},
		{"what is not there", func() error {
			_, _, err := backup.Choose(filepath.Join(other, "nowhere"))
			return err
		}, "no such file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.do(); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
		})
	}
}

func TestOneAtATime(t *testing.T) {
	s, folder := source(t, "heart"), t.TempDir()
	_, err := backup.Take(t.Context(), backup.Order{From: s, At: first, Folder: folder, Trial: func(ctx context.Context, _ string) error {
		_, err := backup.Take(ctx, backup.Order{From: s, At: first.Add(time.Hour), Folder: folder, Trial: try(t)})
		if err == nil || !strings.Contains(err.Error(), "under way") {
			t.Errorf("a second at the same time: %v", err)
		}
		return nil
	}})
	if err != nil {
		t.Error(err)
	}
}

func TestARestoreThatWasCutShort(t *testing.T) {
	taken := take(t, source(t, "heart"), t.TempDir(), 0)
	data := t.TempDir()
	write(t, filepath.Join(data, ".restoring", "controller.key"), "half")
	write(t, filepath.Join(data, "store", "documents.db"), "moved already")
	if err := backup.Unfinished(data); err == nil || !strings.Contains(err.Error(), "run the same controller restore again") {
		t.Errorf("half a restore: %v", err)
	}
	if _, err := backup.Restore(t.Context(), taken.Dir, data); err != nil {
		t.Fatal(err)
	}
	if err := backup.Unfinished(data); err != nil {
		t.Errorf("a whole one: %v", err)
	}
	if got := tree(t, data)["controller.key"]; got != "the key" {
		t.Errorf("the key is %q", got)
	}
}

func TestStopsWhenTold(t *testing.T) {
	s, folder := source(t, "heart"), t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := backup.Take(ctx, backup.Order{From: s, At: first, Folder: folder, Trial: try(t)}); !errors.Is(err, context.Canceled) {
		t.Errorf("taking: %v", err)
	}
	taken := take(t, s, folder, 1)
	if _, err := backup.Restore(ctx, taken.Dir, filepath.Join(t.TempDir(), "data")); !errors.Is(err, context.Canceled) {
		t.Errorf("restoring: %v", err)
	}
}

func TestBelongsToWhomTheDirectoryBelongsTo(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root gives files away")
	}
	taken, data := take(t, source(t, "heart"), t.TempDir(), 0), t.TempDir()
	if err := os.Chown(data, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), taken.Dir, data); err != nil {
		t.Fatal(err)
	}
	wantOwner(t, data, 65534)
}
