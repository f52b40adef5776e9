package backup_test

import (
	"io/fs"
	"path/filepath"
	"syscall"
	"testing"
)

// wantOwner holds everything in dir to belong to a user.
func wantOwner(t *testing.T, dir string, uid uint32) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); !ok || stat.Uid != uid {
			t.Errorf("%s does not belong to user %d", path, uid)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
