package faulttest

import (
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// naming are the calls that make and remove names, beside those that change and sync what is in files.
const naming = "openat,mkdirat,renameat,renameat2,linkat,unlinkat"

// durable runs the operation once, untouched: at every line that the child says, what it has written so far
// must outlast a power cut.
func (c Campaign) durable(t *testing.T, dir string) {
	t.Helper()
	d := newDisked(dir)
	d.look(t)
	r, trace := c.traced(t, dir, []string{"-s", "64", "-e", "trace=write,writev,pwrite64,ftruncate,fallocate,fsync,fdatasync," + naming})
	if !r.done {
		t.Fatalf("untouched, it gave up: %s", r)
	}
	for line := range strings.Lines(trace) {
		d.hear(strings.TrimSpace(line))
	}
	if d.synced == 0 {
		t.Errorf("it synced nothing: %s", r)
	}
	for _, fault := range d.faults {
		t.Error(fault)
	}
}

// disked is what of a directory would outlast a power cut, as far as calls have been heard.
type disked struct {
	dir string
	// there are all names, written the files with something in them.
	there, written map[string]bool
	// bytes are the files whose bytes wait to be synced, names those that their directory may still forget.
	bytes, names map[string]bool
	// unfinished are calls that another thread's has interrupted, by thread.
	unfinished map[string]string
	faults     []string
	synced     int
}

func newDisked(dir string) *disked {
	return &disked{
		dir: dir, there: map[string]bool{}, written: map[string]bool{}, bytes: map[string]bool{}, names: map[string]bool{}, unfinished: map[string]string{},
	}
}

// look takes in the names that are there already.
func (d *disked) look(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(d.dir, func(path string, _ fs.DirEntry, err error) error {
		d.there[path] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// hear takes a line of a trace: `1234 fsync(3</tmp/dir/file>) = 0`.
func (d *disked) hear(line string) {
	thread, call, _ := strings.Cut(line, " ")
	call = strings.TrimSpace(call)
	if begun, ok := strings.CutSuffix(call, " <unfinished ...>"); ok {
		d.unfinished[thread] = begun
		return
	}
	if _, rest, ok := strings.Cut(call, " resumed>"); ok && strings.HasPrefix(call, "<... ") {
		call = d.unfinished[thread] + rest
	}
	name, rest, _ := strings.Cut(call, "(")
	if name == "" || strings.Contains(rest, ") = -1 ") || strings.Contains(rest, ")= -1 ") {
		return
	}
	d.call(name, rest)
}

// call takes a call that succeeded.
func (d *disked) call(name, args string) {
	switch name {
	case "write", "writev", "pwrite64", "ftruncate", "fallocate":
		if strings.HasPrefix(args, "1<") {
			d.said(args)
			return
		}
		d.wrote(onDescriptor(args))
	case "fsync", "fdatasync":
		d.sync(onDescriptor(args))
	case "openat":
		d.opened(quoted(args, 0), args)
	case "mkdirat":
		d.named(quoted(args, 0))
	case "linkat":
		d.moved(quoted(args, 0), quoted(args, 1), true)
	case "renameat", "renameat2":
		d.moved(quoted(args, 0), quoted(args, 1), false)
	case "unlinkat":
		d.forget(inDirectory(onDescriptor(args), quoted(args, 0)))
	}
}

// onDescriptor is the path of a call's descriptor.
func onDescriptor(args string) string {
	_, rest, _ := strings.Cut(args, "<")
	path, _, _ := strings.Cut(rest, ">")
	return path
}

// quoted is the n-th path that a call names, counted from 0.
func quoted(args string, n int) string {
	all := regexp.MustCompile(`"([^"]*)"`).FindAllStringSubmatch(args, n+1)
	if len(all) <= n {
		return ""
	}
	return all[n][1]
}

// inDirectory is a path as a call means it that names a directory, too.
func inDirectory(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func (d *disked) ours(path string) bool { return strings.HasPrefix(path, d.dir+"/") }

func (d *disked) wrote(path string) {
	if d.ours(path) {
		d.bytes[path], d.written[path] = true, true
	}
}

func (d *disked) sync(path string) {
	if !d.ours(path) && path != d.dir {
		return
	}
	d.synced++
	delete(d.bytes, path)
	maps.DeleteFunc(d.names, func(name string, _ bool) bool { return filepath.Dir(name) == path })
}

func (d *disked) opened(path, how string) {
	switch {
	case strings.Contains(how, "O_CREAT") && !d.there[path]:
		d.named(path)
	case strings.Contains(how, "O_TRUNC"):
		d.wrote(path)
	}
}

// named takes in a name that was not there before, or stood for something else.
func (d *disked) named(path string) {
	if d.ours(path) {
		d.there[path], d.names[path] = true, true
	}
}

func (d *disked) moved(from, to string, stays bool) {
	if !d.ours(to) {
		return
	}
	if d.bytes[from] {
		d.faults = append(d.faults, d.short(to)+" got its name before its bytes were synced")
	}
	d.named(to)
	d.written[to], d.bytes[to] = d.written[from], d.bytes[from]
	if !stays {
		d.forget(from)
	}
}

func (d *disked) forget(path string) {
	for _, about := range []map[string]bool{d.there, d.written, d.bytes, d.names} {
		delete(about, path)
	}
}

// said compares a line that the child said with what would outlast a power cut right after it.
func (d *disked) said(args string) {
	line := strings.TrimSuffix(quoted(args, 0), `\n`)
	for _, path := range slices.Sorted(maps.Keys(d.bytes)) {
		if d.bytes[path] {
			d.faults = append(d.faults, "at "+line+": the bytes of "+d.short(path)+" are not synced")
		}
	}
	for _, path := range slices.Sorted(maps.Keys(d.names)) {
		if d.matters(path) {
			d.faults = append(d.faults, "at "+line+": the name of "+d.short(path)+" is not synced")
		}
	}
}

// matters reports whether a name, or something beneath it, leads to what was written.
func (d *disked) matters(path string) bool {
	for file := range d.written {
		if d.written[file] && (file == path || strings.HasPrefix(file, path+"/")) {
			return true
		}
	}
	return false
}

func (d *disked) short(path string) string { return strings.TrimPrefix(path, d.dir+"/") }
