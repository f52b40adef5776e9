// Command mutants breaks the code on purpose, one fault at a time, and demands that a test notices each.
//
// The faults are in mutants.txt. Nothing in the tree is touched: the compiler is given another text of the
// files, in which all of them sleep, and the environment wakes one. A mutant is caught when the test that the
// list names runs and fails; it must pass while all are asleep. One that survives shows a test that is missing.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	f := flag.NewFlagSet("mutants", flag.ContinueOnError)
	f.SetOutput(stderr)
	root := f.String("root", ".", "the repository")
	list := f.String("list", ".ci/mutants/mutants.txt", "the mutants")
	only := f.String("only", "", "try those whose name, file or test contains this")
	atOnce := f.Int("at-once", runtime.NumCPU(), "how many are tried at a time")
	if f.Parse(args) != nil {
		return 2
	}
	if err := try(*root, *list, *only, *atOnce, stdout); err != nil {
		fmt.Fprintln(stderr, "mutants:", err)
		return 1
	}
	return 0
}

// try tries the mutants of a list, so many at once, and writes a line of each, in their order.
func try(root, list, only string, atOnce int, out io.Writer) (err error) {
	all, err := read(list, only)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	began := time.Now()
	b := &bench{root: root, dir: dir, passes: map[string]func() error{}}
	if err := b.build(list, all); err != nil {
		return err
	}
	built := time.Since(began)
	survived := 0
	for i, r := range b.tryAll(all, atOnce) {
		word, result := "caught  ", <-r
		if result.err != nil {
			word = "SURVIVED"
			survived++
		}
		fmt.Fprintf(out, "%s %5.1f s  %s  %s %s\n", word, result.took.Seconds(), all[i].name, all[i].pkg, all[i].test)
		if result.err != nil {
			fmt.Fprintf(out, "    %v\n", result.err)
		}
	}
	fmt.Fprintf(out, "%d mutants, %d caught, in %.0f s, of which %.0f to compile\n", len(all), len(all)-survived, time.Since(began).Seconds(), built.Seconds())
	if survived > 0 {
		return fmt.Errorf("%d survived: write the test that catches each", survived)
	}
	return nil
}

func read(list, only string) ([]*mutant, error) {
	text, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	all, err := parse(string(text))
	return slices.DeleteFunc(all, func(m *mutant) bool {
		return !strings.Contains(m.name+"\n"+m.file+"\n"+m.pkg+" "+m.test, only)
	}), err
}

// bench is where mutants are built and tested: root is the repository, dir a folder for what is made.
type bench struct {
	root, dir string

	mu sync.Mutex
	// passes says of a test whether it passes while all mutants are asleep; it is tried once.
	passes map[string]func() error
}

// build makes the binaries of all tests that are named, with all mutants in them, asleep.
func (b *bench) build(list string, all []*mutant) error {
	overlay, err := b.overlay(list, all)
	if err != nil {
		return err
	}
	for _, pkg := range packages(all) {
		// Vetting, and what only debuggers need, would be most of the work.
		build := exec.Command("go", "test", "-c", "-vet=off", "-tags", "nomsgpack", "-ldflags=-s -w", "-overlay", overlay, "-o", b.binary(pkg), "./"+pkg)
		build.Dir = b.root
		if said, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("the mutants do not compile in the tests of %s: %w\n%s", pkg, err, said)
		}
	}
	return nil
}

func (b *bench) binary(pkg string) string {
	return filepath.Join(b.dir, strings.ReplaceAll(pkg, "/", "-")+".test")
}

func packages(all []*mutant) (names []string) {
	for _, m := range all {
		names = append(names, m.pkg)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// overlay writes the woven files, and the list of them that the compiler reads.
func (b *bench) overlay(list string, all []*mutant) (path string, err error) {
	if list, err = filepath.Abs(list); err != nil {
		return "", err
	}
	files := map[string][]*mutant{}
	for _, m := range all {
		files[m.file] = append(files[m.file], m)
	}
	replace := map[string]string{}
	put := func(at, text string) error {
		at, err := filepath.Abs(filepath.Join(b.root, at))
		if err != nil {
			return err
		}
		if replace[at] == "" { // what is beside one file may be beside others
			replace[at] = filepath.Join(b.dir, fmt.Sprintf("%d.go", len(replace)))
		}
		return os.WriteFile(replace[at], []byte(text), 0o600)
	}
	for file, mutants := range files {
		source, err := os.ReadFile(filepath.Join(b.root, file))
		if err != nil {
			return "", err
		}
		woven, pkg, err := weave(string(source), list, mutants)
		if err != nil {
			return "", err
		}
		beside := filepath.Join(filepath.Dir(file), "mutants_asleep.go")
		if err := errors.Join(put(file, woven), put(beside, sleeper(pkg))); err != nil {
			return "", err
		}
	}
	enc, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		return "", err
	}
	path = filepath.Join(b.dir, "overlay.json")
	return path, os.WriteFile(path, enc, 0o600)
}

// result is what became of a mutant; err is nil if it was caught.
type result struct {
	err  error
	took time.Duration
}

func (b *bench) tryAll(all []*mutant, atOnce int) []chan result {
	places := make(chan struct{}, max(1, atOnce))
	results := make([]chan result, len(all))
	for i, m := range all {
		results[i] = make(chan result, 1)
		go func() {
			places <- struct{}{}
			began := time.Now()
			results[i] <- result{b.catch(m), time.Since(began)}
			<-places
		}()
	}
	return results
}

// catch is nil if the mutant is caught.
func (b *bench) catch(m *mutant) error {
	if err := b.sound(m)(); err != nil {
		return err
	}
	said, err := b.test(m, fmt.Sprint(m.number))
	switch {
	case err == nil:
		return errors.New("the test passes all the same")
	case !strings.Contains(said, "--- FAIL: "+m.function()):
		return fmt.Errorf("the test did not come to its end: %w\n%s", err, last(said))
	}
	return nil
}

// sound tries, once, that what is to fail for a mutant passes while all are asleep.
func (b *bench) sound(m *mutant) func() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	name := m.pkg + " " + m.test
	if b.passes[name] == nil {
		b.passes[name] = sync.OnceValue(func() error {
			said, err := b.test(m, "")
			if err != nil || !strings.Contains(said, "--- PASS: "+m.function()) {
				return fmt.Errorf("the test does not pass as the code is: %v\n%s", err, last(said))
			}
			return nil
		})
	}
	return b.passes[name]
}

// test runs the test that is to catch a mutant.
func (b *bench) test(m *mutant, woken string) (string, error) {
	var levels []string
	for level := range strings.SplitSeq(m.test, "/") {
		levels = append(levels, "^"+regexp.QuoteMeta(level)+"$")
	}
	test := exec.Command(b.binary(m.pkg), "-test.v", "-test.count=1", "-test.timeout=5m", "-test.run="+strings.Join(levels, "/"))
	test.Dir = filepath.Join(b.root, m.pkg)
	test.Env = append(os.Environ(), awake+"="+woken)
	said, err := test.CombinedOutput()
	return string(said), err
}

// last gives the end of what a program said.
func last(said string) string {
	const enough = 1500
	return said[max(0, len(said)-enough):]
}
