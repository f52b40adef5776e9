package faulttest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience is how long a child may take before it is said to hang. It needs a tenth of a second, and with the race
// detector on a busy machine more than half a minute.
const patience = 5 * time.Minute

// fullCalls is how many calls in a row fail while a disk is full for a while.
const fullCalls = 6

// The calls that change a disk, and those that read it.
const (
	changing = "write,pwrite64,ftruncate,fallocate,fsync,fdatasync,openat,mkdirat,renameat,renameat2,linkat,unlinkat,fchmod,fchmodat"
	reading  = "read,pread64,getdents64"
)

// fault is something that happens to a child at one of its calls.
type fault struct {
	name  string
	calls string
	// what is done to a call, and to how many: to one, to some in a row, or to all that follow.
	what string
	many int
	// survives: the child must come to its end all the same.
	survives bool
}

// forGood is more calls than any operation makes.
const forGood = 1 << 30

func faults() []fault {
	return []fault{
		{"killed", changing, "signal=KILL", 1, false},
		{"EIO", changing + "," + reading, "error=EIO", 1, true},
		{"ENOSPC for a while", changing, "error=ENOSPC", fullCalls, true},
		{"ENOSPC for good", changing, "error=ENOSPC", forGood, false},
	}
}

// point is a call to break: the n-th of its name, from 1 on; after counts all calls before it by name.
type point struct {
	name  string
	after map[string]int
	// next are the names of the calls that follow an untouched one.
	next []string
}

// inject gives strace's arguments. strace counts the calls of each name apart.
func (f *fault) inject(p point) []string {
	if f.many == forGood {
		var args []string
		for name := range strings.SplitSeq(f.calls, ",") {
			args = append(args, "-e", fmt.Sprintf("inject=%s:%s:when=%d+", name, f.what, p.after[name]+1))
		}
		return args
	}
	hit := map[string]int{p.name: 1}
	for _, name := range p.next[:min(len(p.next), f.many-1)] {
		hit[name]++
	}
	var args []string
	for name, n := range hit {
		args = append(args, "-e", fmt.Sprintf("inject=%s:%s:when=%d..%d", name, f.what, p.after[name]+1, p.after[name]+n))
	}
	return args
}

// Campaign breaks one operation at its system calls.
type Campaign struct {
	// Operation is its name in [Main].
	Operation string
	// Prepare fills the directory that every child begins with; nil leaves it empty.
	Prepare func(t *testing.T, dir string)
	// Check opens what a broken child left and compares it with what the child said, without the lines that
	// the harness itself understands.
	Check func(t *testing.T, dir string, said []string)
}

// Run runs the operation untouched, when all that it says must be durable, and then breaks it at [Points] of
// its calls by every fault; if it makes no more than that, at all of them and on until it comes to its end
// untouched.
func (c Campaign) Run(t *testing.T) {
	t.Helper()
	needStrace(t)
	template := t.TempDir()
	if c.Prepare != nil {
		c.Prepare(t, template)
	}
	t.Run(c.Operation+", durable", func(t *testing.T) { c.durable(t, fresh(t, template)) })
	seed := Seed(t)
	for _, f := range faults() {
		t.Run(c.Operation+", "+f.name, func(t *testing.T) {
			s := &series{Campaign: c, fault: f, template: template, r: rand.New(rand.NewPCG(seed, uint64(len(f.name))))}
			s.run(t)
		})
	}
}

// series is one fault at many calls.
type series struct {
	Campaign

	fault    fault
	template string
	r        *rand.Rand
	tried    int
}

func (s *series) run(t *testing.T) {
	t.Helper()
	all := s.untouched(t)
	some := s.r.Perm(len(all))[:min(len(all), Points(sampled))]
	slices.Sort(some)
	for _, i := range some {
		s.at(t, all[i])
	}
	if len(some) == len(all) {
		s.beyond(t, all)
	}
	t.Logf("%s at %d of %d calls", s.fault.name, s.tried, len(all))
}

// beyond goes on until the operation ends untouched: it need not make the same calls every time.
func (s *series) beyond(t *testing.T, all []point) {
	t.Helper()
	end := all[len(all)-1]
	end.after = maps.Clone(end.after)
	end.after[end.name]++
	for name := range strings.SplitSeq(s.fault.calls, ",") {
		for n := 0; s.at(t, point{name: name, after: end.after}); n++ {
			if n > 2*len(all)+100 || t.Failed() {
				t.Fatalf("it made %d calls untouched, and now never ends", len(all))
			}
			end.after[name]++
		}
	}
}

// sampled is how many calls of an operation a test run breaks by each fault.
const sampled = 2

// Points is how many trials a campaign makes: as many as ANTEROOM_FAULTS says, else the given sample.
func Points(sample int) int {
	if n, err := strconv.Atoi(os.Getenv("ANTEROOM_FAULTS")); err == nil {
		return n
	}
	return sample
}

// Seed is what chooses the sample: that of ANTEROOM_SEED, else of this moment. It is logged.
func Seed(t testing.TB) uint64 {
	t.Helper()
	seed, err := strconv.ParseUint(os.Getenv("ANTEROOM_SEED"), 10, 64)
	if err != nil {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("ANTEROOM_SEED=%d", seed)
	return seed
}

// untouched runs the operation without a fault, which must succeed, and gives its calls.
func (s *series) untouched(t *testing.T) []point {
	t.Helper()
	dir := fresh(t, s.template)
	r := s.child(t, dir, nil)
	if !r.done {
		t.Fatalf("untouched, it gave up: %s", r)
	}
	if !t.Run("untouched", func(t *testing.T) { s.Check(t, dir, r.said) }) || len(r.calls) == 0 {
		t.Fatalf("untouched, it left something wrong after %d calls: %s", len(r.calls), r)
	}
	after := maps.Clone(r.before)
	points := make([]point, len(r.calls))
	for i, name := range r.calls {
		points[i] = point{name: name, after: maps.Clone(after), next: r.calls[i+1:]}
		after[name]++
	}
	return points
}

// at breaks the operation at one of its calls and checks what is left; false if the call was never made.
func (s *series) at(t *testing.T, p point) bool {
	t.Helper()
	dir, r := s.broken(t, p)
	if !r.hit {
		if !r.done {
			t.Errorf("%s was not made %d times, and it gave up: %s", p.name, p.after[p.name]+1, r)
		}
		return false
	}
	s.tried++
	where := fmt.Sprintf("%s %d", p.name, p.after[p.name]+1)
	switch {
	case r.unwoken:
	case r.crashed:
		t.Errorf("%s at %s: it crashed: %s", s.fault.name, r.broken, r)
	case s.fault.survives && !r.done:
		t.Errorf("%s at %s: it gave up: %s", s.fault.name, r.broken, r)
	}
	if !t.Run(where, func(t *testing.T) { s.Check(t, dir, r.said) }) {
		t.Errorf("%s at %s: it had said: %s", s.fault.name, r.broken, r)
		return true
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Error(err)
	}
	return true
}

// awake is how often a child is run again whose runtime was refused its own wake-up.
const awake = 10

// broken runs the operation with the fault at a call. The runtime wakes itself by a write to an eventfd, which
// no disk refuses, and dies without a word if it fails; such a child proves no more than a killed one.
func (s *series) broken(t *testing.T, p point) (dir string, r *result) {
	t.Helper()
	for range awake {
		dir = fresh(t, s.template)
		if r = s.child(t, dir, s.fault.inject(p)); !r.unwoken {
			break
		}
	}
	return dir, r
}

// fresh is a copy of what every child begins with.
func fresh(t *testing.T, template string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(template)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// result is how a child ended.
type result struct {
	all, said []string
	cried     string
	done      bool
	crashed   bool
	// hit: the fault came to pass; broken is the call that it met.
	hit    bool
	broken string
	// unwoken: it met the runtime's write that wakes itself.
	unwoken bool
	// before counts the calls before the operation began by name, calls are the names of those after.
	before map[string]int
	calls  []string
}

func (r *result) String() string {
	return strings.Join(r.all, " | ") + " " + r.cried
}

// child runs the operation on dir, with what strace is to inject.
func (s *series) child(t *testing.T, dir string, inject []string) *result {
	t.Helper()
	r, trace := s.traced(t, dir, slices.Concat([]string{"-s", "16", "-e", "trace=writev," + s.fault.calls}, inject))
	r.follow(trace)
	return r
}

// traced runs the operation on dir under strace, and gives what came of it and the trace.
func (c Campaign) traced(t *testing.T, dir string, options []string) (r *result, calls string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	trace := filepath.Join(t.TempDir(), "trace")
	args := []string{"-f", "-qq", "-y", "-e", "signal=none", "-o", trace}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "strace", slices.Concat(args, options, []string{self})...)
	cmd.Env = append(os.Environ(), envOperation+"="+c.Operation, envDir+"="+dir, "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
	var out, cried bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &cried
	ended := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("%s: it hangs; it had said: %s %s", options, out.String(), cried.String())
	}
	var exit *exec.ExitError
	if ended != nil && !errors.As(ended, &exit) {
		t.Fatalf("strace: %v", ended)
	}
	killed := ended != nil && exit.ExitCode() < 0
	r = &result{cried: cried.String(), hit: killed, crashed: ended != nil && !killed, before: map[string]int{}}
	r.hear(out.String())
	b, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	return r, string(b)
}

// hear takes what a child said.
func (r *result) hear(out string) {
	for text := range strings.Lines(out) {
		line, whole := strings.CutSuffix(text, "\n")
		if !whole {
			continue
		}
		r.all = append(r.all, line)
		switch {
		case line == lineDone:
			r.done = true
		case ofHarness(line):
		default:
			r.said = append(r.said, line)
		}
	}
}

// ofHarness reports whether a line is no operation's own.
func ofHarness(line string) bool {
	return line == lineBegin || line == lineDone || strings.HasPrefix(line, lineFailed) || strings.HasPrefix(line, lineStopped)
}

// follow reads a trace: lines like "1234 fsync(3</tmp/file>) = -1 EIO (Input/output error) (INJECTED)". The thread
// that says "begin" is the operation's.
func (r *result) follow(trace string) {
	before := map[string]map[string]int{}
	thread, last := "", ""
	for line := range strings.Lines(trace) {
		tid, call, _ := strings.Cut(strings.TrimSpace(line), " ")
		call = strings.TrimSpace(call)
		name, rest, ok := strings.Cut(call, "(")
		if strings.Contains(call, "(INJECTED)") {
			r.hit = true
			r.unwoken = r.unwoken || strings.Contains(call, "<anon_inode:[eventfd]>")
			r.broken = cmp.Or(r.broken, call)
		}
		switch {
		case !ok || strings.HasPrefix(call, "<...") || strings.HasPrefix(call, "+++"):
		case name == "writev":
			if thread == "" && strings.HasPrefix(rest, "1<") && strings.Contains(rest, `[{iov_base="`+lineBegin+`\n"`) {
				thread, r.before = tid, before[tid]
			}
		case thread == "":
			if before[tid] == nil {
				before[tid] = map[string]int{}
			}
			before[tid][name]++
		case thread == tid:
			r.calls, last = append(r.calls, name), call
		}
	}
	r.broken = cmp.Or(r.broken, last)
}

// Start starts a child on dir and gives what it says and what it hears; whoever starts it kills it.
func Start(t *testing.T, operation, dir string) (child *exec.Cmd, out io.Reader, in io.Writer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), envOperation+"="+operation, envDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err = cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out, in
}

// needStrace skips, and says so, where nothing can be traced.
func needStrace(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("SKIPPED: strace is not installed, so faults of the disk are not tried: apt-get install strace")
	}
	if out, err := exec.CommandContext(t.Context(), "strace", "-qq", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: strace may not trace here, so faults of the disk are not tried: %s", out)
	}
}
