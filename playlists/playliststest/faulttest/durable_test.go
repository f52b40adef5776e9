package faulttest

import (
	"slices"
	"strings"
	"testing"
)

// What a trace says of a child in /d, and what is wrong with it.
func TestWhatATraceSaysOfAPowerCut(t *testing.T) {
	const (
		create  = `7 openat(AT_FDCWD</>, "/d/file", O_RDWR|O_CREAT|O_CLOEXEC, 0600) = 3</d/file>`
		write   = `7 pwrite64(3</d/file>, "text"..., 4096, 0) = 4096`
		sync    = `7 fdatasync(3</d/file>) = 0`
		syncDir = `7 fsync(4</d>)            = 0`
		said    = `7 writev(1<pipe:[1]>, [{iov_base="have 1\n", iov_len=7}], 1) = 7`
		rename  = `7 renameat(AT_FDCWD</>, "/d/file", AT_FDCWD</>, "/d/name") = 0`
	)
	tests := []struct {
		name  string
		trace []string
		want  []string
	}{
		{"written, synced, and its name, too", []string{create, write, sync, syncDir, said}, nil},
		{"nothing was synced", []string{create, write, said}, []string{"at have 1: the bytes of file are not synced", "at have 1: the name of file is not synced"}},
		{"the name was not", []string{create, write, sync, said}, []string{"at have 1: the name of file is not synced"}},
		{"an empty file, a lock", []string{create, said}, nil},
		{"written again after the sync", []string{create, write, sync, syncDir, write, said}, []string{"at have 1: the bytes of file are not synced"}},
		{"not durable yet, but nothing was said", []string{create, write, sync}, nil},
		{"named anew before the sync", []string{create, write, rename, syncDir, said}, []string{"name got its name before its bytes were synced", "at have 1: the bytes of name are not synced"}},
		{"named anew, and only then", []string{create, write, sync, rename, syncDir, said}, nil},
		{"named anew, and not in the directory yet", []string{create, write, sync, syncDir, rename, said}, []string{"at have 1: the name of name is not synced"}},
		{"removed again", []string{create, write, `7 unlinkat(AT_FDCWD</>, "/d/file", 0) = 0`, said}, nil},
		{"removed again, by its name in its directory", []string{create, write, `7 unlinkat(4</d>, "file", 0) = 0`, said}, nil},
		{"another of that name removed", []string{create, write, sync, `7 unlinkat(4</d/dir>, "file", 0) = 0`, said}, []string{"at have 1: the name of file is not synced"}},
		{"cut to nothing in place", []string{`7 openat(AT_FDCWD</>, "/d/old", O_WRONLY|O_CREAT|O_TRUNC, 0600) = 3</d/old>`, said}, []string{"at have 1: the bytes of old are not synced"}},
		{"opened as it is", []string{`7 openat(AT_FDCWD</>, "/d/old", O_RDWR|O_CREAT, 0600) = 3</d/old>`, said}, nil},
		{"the sync failed", []string{create, write, `7 fdatasync(3</d/file>) = -1 EIO (Input/output error)`, syncDir, said}, []string{"at have 1: the bytes of file are not synced"}},
		{"the sync was interrupted by another thread", []string{create, write, `7 fdatasync(3</d/file> <unfinished ...>`, `8 fsync(4</d>) = 0`, `7 <... fdatasync resumed>) = 0`, said}, nil},
		{"a directory whose name is not synced, with nothing in it", []string{`7 mkdirat(AT_FDCWD</>, "/d/dir", 0700) = 0`, said}, nil},
		{"the same with something in it", []string{
			`7 mkdirat(AT_FDCWD</>, "/d/dir", 0700) = 0`,
			strings.ReplaceAll(create, "/d/", "/d/dir/"), strings.ReplaceAll(write, "/d/", "/d/dir/"), strings.ReplaceAll(sync, "/d/", "/d/dir/"),
			`7 fsync(4</d/dir>) = 0`, said,
		}, []string{"at have 1: the name of dir is not synced"}},
		{"elsewhere", []string{strings.ReplaceAll(create, "/d/", "/e/"), strings.ReplaceAll(write, "/d/", "/e/"), said}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDisked("/d")
			d.there["/d/old"] = true
			for _, line := range tt.trace {
				d.hear(line)
			}
			if !slices.Equal(d.faults, tt.want) {
				t.Errorf("got %q, want %q", d.faults, tt.want)
			}
		})
	}
}
