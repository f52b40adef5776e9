package faulttest

import (
	"encoding/hex"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sector is what a disk writes whole or not at all, in bytes.
const sector = 512

// sampledCuts is how many power cuts of each kind a test run tries of an operation, and mostLies how many syncs
// in a row a disk forgets that lies.
const (
	sampledCuts = 6
	mostLies    = 4
)

// Cut is what a power cut left of an operation.
type Cut struct {
	// Dir is what is on the disk.
	Dir string
	// Said is what the child had said until the cut. Sure are the lines of it from before the disk forgot a
	// sync for the first time; of a disk that never lies, all.
	Said, Sure []string
	// Lies: the disk had said that something was synced that was not.
	Lies bool
}

// Replay runs an operation once and writes down what it changes on the disk, call by call. Then it makes what
// a power cut may leave of that: all up to any call, but of what no sync had followed yet only some, in no order,
// and writes torn at any sector; names come to a directory in order. On a disk that lies the last syncs before
// the cut count for nothing either.
type Replay struct {
	// Operation is its name in [Main].
	Operation string
	// Prepare fills the directory that the child begins with; nil leaves it empty.
	Prepare func(t *testing.T, dir string)
	// Check opens what is left.
	Check func(t *testing.T, c Cut)
}

// Run tries as many cuts of an honest disk as [Points] says, and as many of one that lies.
func (p Replay) Run(t *testing.T) {
	t.Helper()
	needStrace(t)
	template := t.TempDir()
	if p.Prepare != nil {
		p.Prepare(t, template)
	}
	seed := Seed(t)
	dir := fresh(t, template)
	steps := p.steps(t, dir)
	whole(t, template, steps, dir)
	for _, lies := range []bool{false, true} {
		name := p.Operation + ", unsynced writes lost, torn and out of order"
		if lies {
			name = p.Operation + ", on a disk that lies"
		}
		t.Run(name, func(t *testing.T) {
			cuts := Points(sampledCuts)
			for n := range cuts {
				p.cut(t, template, steps, lies, rand.New(rand.NewPCG(seed, uint64(n))))
			}
			t.Logf("%d cuts among %d steps", cuts, len(steps))
		})
	}
}

// steps runs the operation untouched and gives what it did to its directory, and what it said.
func (p Replay) steps(t *testing.T, dir string) []step {
	t.Helper()
	r, trace := Campaign{Operation: p.Operation}.traced(t, dir, []string{
		"-s", "1048576", "-xx", "-e", "trace=write,writev,pwrite64,ftruncate,fallocate,fsync,fdatasync," + naming,
	})
	if !r.done {
		t.Fatalf("untouched, it gave up: %s", r)
	}
	w := &writer{t: t, dir: dir, at: map[string]int64{}, size: map[string]int64{}, unfinished: map[string]string{}}
	for line := range strings.Lines(trace) {
		w.hear(strings.TrimSpace(line))
	}
	if !slices.ContainsFunc(w.steps, func(s step) bool { return s.kind == synced }) {
		t.Fatalf("it synced nothing: %s", r)
	}
	return w.steps
}

// whole fails unless all steps together make of the template what the operation made of it.
func whole(t *testing.T, template string, steps []step, dir string) {
	t.Helper()
	d := newReplayed(t, template)
	for _, s := range steps {
		d.take(s, true)
	}
	again := t.TempDir()
	d.leave(t, again, func() bool { return true })
	if out, err := exec.CommandContext(t.Context(), "diff", "-r", dir, again).CombinedOutput(); err != nil {
		t.Fatalf("the steps that were written down do not make what is there: %v: %s", err, out)
	}
}

// cut makes what one power cut may leave, and checks it.
func (p Replay) cut(t *testing.T, template string, steps []step, lies bool, r *rand.Rand) {
	t.Helper()
	end := 1 + r.IntN(len(steps))
	sure := end
	if lies {
		sure = lieFrom(steps[:end], 1+r.IntN(mostLies))
	}
	d := newReplayed(t, template)
	c := Cut{Dir: t.TempDir(), Lies: lies}
	for n, s := range steps[:end] {
		if s.kind == said {
			c.Said = append(c.Said, s.path)
			if n < sure {
				c.Sure = append(c.Sure, s.path)
			}
		}
		d.take(s, n < sure)
	}
	d.leave(t, c.Dir, chance(r))
	if !t.Run("after step "+strconv.Itoa(end), func(t *testing.T) { p.Check(t, c) }) {
		t.Errorf("the child had said %q, and for sure %q", c.Said, c.Sure)
	}
}

// lieFrom is the first step from which on the last syncs count for nothing.
func lieFrom(steps []step, forgotten int) int {
	for n, s := range slices.Backward(steps) {
		if s.kind == synced {
			forgotten--
		}
		if forgotten == 0 {
			return n
		}
	}
	return 0
}

// kindOfStep is what a step does.
type kindOfStep int

const (
	said    kindOfStep = iota // path is the line
	wrote                     // data at a position of path
	sized                     // path has another size
	synced                    // path, a file or a directory
	made                      // a file at path
	madeDir                   // a directory at path
	moved                     // what is at path to another one
	linked                    // what is at path has another one, too
	removed                   // path
)

// step is one call that succeeded. Paths are below the operation's directory, "." is itself.
type step struct {
	kind     kindOfStep
	path, to string
	at       int64 // or the size
	data     []byte
}

// writer reads a trace in hexadecimal.
type writer struct {
	t   *testing.T
	dir string
	// at is how far a descriptor has been written, size how long a file is.
	at, size   map[string]int64
	unfinished map[string]string
	steps      []step
}

// Lines like `1234 pwrite64(3<\x2f\x74>, "\x61\x62", 2, 4096) = 2`.
var (
	tracedCall   = regexp.MustCompile(`^(\w+)\((.*)\) += (-?\d+)`)
	onFile       = regexp.MustCompile(`^(\d+)<([^>]*)>`)
	tracedString = regexp.MustCompile(`"((?:\\x[0-9a-f]{2})*)"(\.{3})?`)
	lastNumbers  = regexp.MustCompile(`, (\d+)$`)
)

func (w *writer) hear(line string) {
	thread, call, _ := strings.Cut(line, " ")
	call = strings.TrimSpace(call)
	if begun, ok := strings.CutSuffix(call, " <unfinished ...>"); ok {
		w.unfinished[thread] = begun
		return
	}
	if _, rest, ok := strings.Cut(call, " resumed>"); ok && strings.HasPrefix(call, "<... ") {
		call = w.unfinished[thread] + rest
	}
	parts := tracedCall.FindStringSubmatch(call)
	if len(parts) != 4 || strings.HasPrefix(parts[3], "-") {
		return
	}
	result, err := strconv.ParseInt(parts[3], 10, 64)
	if err != nil {
		w.t.Fatalf("a line that nobody can read: %s", line)
	}
	var texts [][]byte
	for _, s := range tracedString.FindAllStringSubmatch(parts[2], -1) {
		if s[2] != "" {
			w.t.Fatalf("a call that is too long to be written down: %.200s", line)
		}
		texts = append(texts, w.plain(s[1]))
	}
	w.call(parts[1], parts[2], texts, result)
}

// plain is what was written in hexadecimal.
func (w *writer) plain(text string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(text, `\x`, ""))
	if err != nil {
		w.t.Fatalf("text that nobody can read: %s", text)
	}
	return b
}

// call takes a call that succeeded.
func (w *writer) call(name, args string, texts [][]byte, result int64) {
	switch name {
	case "openat":
		w.opened(w.below(texts[0]), args, strconv.FormatInt(result, 10))
	case "mkdirat":
		w.step(step{kind: madeDir, path: w.below(texts[0])})
	case "unlinkat":
		path := string(texts[0])
		if in := onFile.FindStringSubmatch(args); in != nil {
			path = inDirectory(string(w.plain(in[2])), path)
		}
		w.step(step{kind: removed, path: w.below([]byte(path))})
	case "renameat", "renameat2":
		w.moved(moved, texts)
	case "linkat":
		w.moved(linked, texts)
	default:
		file := onFile.FindStringSubmatch(args)
		if file == nil {
			w.t.Fatalf("a call of nothing: %s(%.200s", name, args)
		}
		w.onFile(name, args, file[1], w.below(w.plain(file[2])), texts, result)
	}
}

func (w *writer) moved(kind kindOfStep, texts [][]byte) {
	s := step{kind: kind, path: w.below(texts[0]), to: w.below(texts[1])}
	w.size[s.to] = w.size[s.path]
	w.step(s)
}

// onFile takes a call on an open file.
func (w *writer) onFile(name, args, descriptor, path string, texts [][]byte, result int64) {
	switch name {
	case "writev":
		line := strings.TrimSuffix(string(slices.Concat(texts...)), "\n")
		if descriptor == "1" && !ofHarness(line) {
			w.steps = append(w.steps, step{kind: said, path: line})
		}
	case "write":
		w.wrote(path, w.at[descriptor], texts[0][:result])
		w.at[descriptor] += result
	case "pwrite64":
		w.wrote(path, w.lastNumber(args), texts[0][:result])
	case "ftruncate":
		w.size[path] = w.lastNumber(args)
		w.step(step{kind: sized, path: path, at: w.size[path]})
	case "fallocate":
		w.t.Fatalf("nobody knows what fallocate(%s is on a disk", args)
	case "fsync", "fdatasync":
		w.step(step{kind: synced, path: path})
	}
}

func (w *writer) wrote(path string, at int64, data []byte) {
	w.size[path] = max(w.size[path], at+int64(len(data)))
	w.step(step{kind: wrote, path: path, at: at, data: data})
}

func (w *writer) opened(path, how, descriptor string) {
	if strings.Contains(how, "O_CREAT") {
		w.step(step{kind: made, path: path})
	}
	if strings.Contains(how, "O_TRUNC") {
		w.size[path] = 0
		w.step(step{kind: sized, path: path})
	}
	w.at[descriptor] = 0
	if strings.Contains(how, "O_APPEND") {
		w.at[descriptor] = w.size[path]
	}
}

// step keeps a step if it is of the operation's directory.
func (w *writer) step(s step) {
	if filepath.IsLocal(s.path) {
		w.steps = append(w.steps, s)
	}
}

func (w *writer) lastNumber(args string) int64 {
	parts := lastNumbers.FindStringSubmatch(args)
	if parts == nil {
		w.t.Fatalf("a call that nobody can read: %.200s", args)
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// below is a path as seen from the operation's directory.
func (w *writer) below(path []byte) string {
	rel, err := filepath.Rel(w.dir, string(path))
	if err != nil {
		return string(path)
	}
	return rel
}

// replayed is a disk as far as steps were taken.
type replayed struct {
	// live are all files by name, names those that the disk has for certain.
	live, names map[string]*inode
	// unsynced are changes of names that it may have, in order.
	unsynced []rename
}

// inode is a file, or a directory.
type inode struct {
	directory bool
	synced    []byte
	unsynced  []step
}

// rename gives a name to a file, or takes it if there is none, and takes that which the file had before.
type rename struct {
	name string
	file *inode
	gone string
}

// newReplayed is a disk with what the operation begins with.
func newReplayed(t *testing.T, template string) *replayed {
	t.Helper()
	d := &replayed{live: map[string]*inode{}}
	err := fs.WalkDir(os.DirFS(template), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			d.live[path] = &inode{directory: true}
			return err
		}
		b, err := os.ReadFile(filepath.Join(template, path))
		d.live[path] = &inode{synced: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d.names = maps.Clone(d.live)
	return d
}

// take takes a step. A sync that is not honest does nothing.
func (d *replayed) take(s step, honest bool) {
	switch s.kind {
	case said:
	case wrote, sized:
		if f := d.live[s.path]; f != nil {
			f.unsynced = append(f.unsynced, s)
		}
	case synced:
		if honest {
			d.sync(s.path)
		}
	case made:
		if d.live[s.path] == nil {
			d.name(rename{s.path, &inode{}, ""})
		}
	case madeDir:
		d.name(rename{s.path, &inode{directory: true}, ""})
	case moved:
		d.name(rename{s.to, d.live[s.path], s.path})
	case linked:
		d.name(rename{s.to, d.live[s.path], ""})
	case removed:
		d.name(rename{s.path, nil, ""})
	}
}

func (d *replayed) name(n rename) {
	d.unsynced = append(d.unsynced, n)
	n.in(d.live)
}

// in makes the change.
func (n rename) in(names map[string]*inode) {
	if n.gone != "" {
		delete(names, n.gone)
	}
	if n.file == nil {
		delete(names, n.name)
		return
	}
	names[n.name] = n.file
}

func (d *replayed) sync(path string) {
	f := d.live[path]
	if f == nil {
		return
	}
	if !f.directory {
		for _, s := range f.unsynced {
			f.synced = s.done(f.synced)
		}
		f.unsynced = nil
		return
	}
	d.unsynced = slices.DeleteFunc(d.unsynced, func(n rename) bool {
		if filepath.Dir(n.name) != path {
			return false
		}
		n.in(d.names)
		return true
	})
}

// done gives the bytes after a write or another size.
func (s *step) done(b []byte) []byte {
	end := s.at + int64(len(s.data))
	if s.kind == sized {
		return append(slices.Clone(b[:min(int64(len(b)), s.at)]), make([]byte, max(0, s.at-int64(len(b))))...)
	}
	if int64(len(b)) < end {
		b = append(slices.Clone(b), make([]byte, end-int64(len(b)))...)
	} else {
		b = slices.Clone(b)
	}
	copy(b[s.at:], s.data)
	return b
}

// chance decides what the disk kept: now and then all or nothing, else one thing and not another.
func chance(r *rand.Rand) (kept func() bool) {
	switch r.IntN(4) {
	case 0:
		return func() bool { return true }
	case 1:
		return func() bool { return false }
	}
	return func() bool { return r.IntN(2) == 0 }
}

// leave writes what a power cut leaves to a directory.
func (d *replayed) leave(t *testing.T, dir string, kept func() bool) {
	t.Helper()
	names, ended := maps.Clone(d.names), map[string]bool{}
	for _, n := range d.unsynced {
		if in := filepath.Dir(n.name); !ended[in] && kept() {
			n.in(names)
		} else {
			ended[in] = true
		}
	}
	for _, path := range slices.Sorted(maps.Keys(names)) {
		f, at := names[path], filepath.Join(dir, path)
		if in := names[filepath.Dir(path)]; path != "." && (in == nil || !in.directory) {
			delete(names, path)
			continue
		}
		err := os.MkdirAll(filepath.Dir(at), 0o700)
		if err == nil && f.directory {
			err = os.MkdirAll(at, 0o700)
		} else if err == nil {
			err = os.WriteFile(at, f.left(kept), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// left is what of a file is there: of each write all, nothing, or some sectors.
func (f *inode) left(kept func() bool) []byte {
	b := f.synced
	for _, s := range f.unsynced {
		if kept() {
			b = s.done(b)
		} else if s.kind == wrote && kept() {
			b = s.torn(b, kept)
		}
	}
	return b
}

// torn gives the bytes after some sectors of a write.
func (s *step) torn(b []byte, kept func() bool) []byte {
	for from := int64(0); from < int64(len(s.data)); {
		to := min(int64(len(s.data)), from+sector-(s.at+from)%sector)
		if kept() {
			part := step{kind: wrote, at: s.at + from, data: s.data[from:to]}
			b = part.done(b)
		}
		from = to
	}
	return b
}
