package main

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// The list does not rot: what each mutant breaks is there, once, and so is the test that finds out.
func TestTheListIsFresh(t *testing.T) {
	all, err := read("mutants.txt", "")
	if err != nil {
		t.Fatal(err)
	}
	names, count, tests, files := map[string]bool{}, map[string]int{}, map[string]string{}, map[string][]*mutant{}
	for _, m := range all {
		if names[m.name] {
			t.Errorf("%q is there twice", m.name)
		}
		names[m.name] = true
		files[m.file] = append(files[m.file], m)
		count[filepath.Dir(m.file)]++
		if tests[m.pkg] == "" {
			tests[m.pkg] = testsOf(t, m.pkg)
		}
		if !strings.Contains(tests[m.pkg], "\nfunc "+m.function()+"(t *testing.T) {") {
			t.Errorf("%q: there is no %s in %s", m.name, m.function(), m.pkg)
		}
	}
	for file, mutants := range files {
		source, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Error(err)
			continue
		}
		woven, _, err := weave(string(source), "mutants.txt", mutants)
		if err != nil {
			t.Error(err)
		} else if _, err := parser.ParseFile(token.NewFileSet(), file, woven, 0); err != nil {
			t.Errorf("broken, %s is no Go: %v", file, err)
		}
	}
	for _, dir := range []string{"player/journal", "player/cache", "controller/intake", "controller/publish", "controller/hub"} {
		if count[dir] < 8 {
			t.Errorf("%d mutants of %s, want 8 at least", count[dir], dir)
		}
	}
}

// testsOf is all that the tests of a package say.
func testsOf(t *testing.T, pkg string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(b)
	}
	return text.String()
}

func TestApply(t *testing.T) {
	m := mutant{name: "twice", file: "f.go", was: "\ta++\n", is: "\ta--\n"}
	tests := []struct{ source, want string }{
		{"\ta++\n", "\ta--\n"},
		{"x\n\ta++\ny\n", "x\n\ta--\ny\n"},
		{"\ta++\n\ta++\n", ""},
		{"\t\ta++\n", ""},
		{"\ta++ // on\n", ""},
		{"", ""},
	}
	for _, tt := range tests {
		got, _, err := m.apply(tt.source)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%q: got %q, %v; want %q", tt.source, got, err, tt.want)
		}
	}
}

func TestParse(t *testing.T) {
	all, err := parse("# For people.\n\n# A part\n\nThe sum is wrong.\na/sum.go\na TestSum/of two\n \tsum := a\n-\tsum += b\n+\tsum -= b\n")
	want := mutant{1, 5, "The sum is wrong.", "a/sum.go", "a", "TestSum/of two", "\tsum := a\n\tsum += b\n", "\tsum := a\n\tsum -= b\n"}
	if err != nil || len(all) != 1 || *all[0] != want {
		t.Errorf("got %+v, %v; want %+v", all, err, want)
	}
	for _, wrong := range []string{
		"Nothing changes.\na/a.go\na TestA\n \tline\n", "No test.\na/a.go\na\n-\tline\n", "No lines.\na/a.go\na TestA\n", "What is this?\na/a.go\na TestA\n\tline\n",
	} {
		if all, err := parse(wrong); err == nil {
			t.Errorf("%q: got %+v, want an error", wrong, all)
		}
	}
}

const sums = `package a

// T adds.
type T struct{ n int }

// Sum adds to what is there.
func (t *T) Sum(x int, _ ...string) (sum int, err error) {
	sum = t.n
	sum += x
	return sum, nil
}

// Clear begins anew, which is the first that Sum says.
func (t *T) Clear() {
	t.n = 0
}
`

const sumsTests = `package a

import "testing"

func TestSum(t *testing.T) {
	s := T{1}
	if sum, err := s.Sum(2, "a", "b"); sum != 3 || err != nil {
		t.Error(sum, err)
	}
}

func TestClear(t *testing.T) {
	s := T{1}
	if s.Clear(); s.n != 0 {
		t.Error(s)
	}
}

func TestNothing(t *testing.T) {}

func TestBroken(t *testing.T) { t.Error() }
`

// A mutant that is noticed is caught. One that no test minds is not, nor is one whose test fails anyway or is
// not there; and nothing is tried if one does not compile.
func TestTry(t *testing.T) {
	sum := func(test string) string { return "sum\na/sum.go\na " + test + "\n-\tsum += x\n+\tsum -= x\n\n" }
	const list = "list.txt"
	files := map[string]string{
		"go.mod": "module m\n\ngo 1.26\n", "a/sum.go": sums, "a/sum_test.go": sumsTests,
		list: sum("TestSum") + "clear\na/sum.go\na TestClear\n-\tt.n = 0\n+\tt.n = 1\n\n" + sum("TestNothing") + sum("TestBroken") + sum("TestNone"),
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		write(name, text)
	}
	var out strings.Builder
	if err := try(dir, filepath.Join(dir, list), "", 2, &out); err == nil {
		t.Error("three survived, and nothing is wrong")
	}
	said := out.String()
	for _, want := range []string{
		"caught", "a TestSum\n", "caught", "a TestClear\n", "a TestNothing\n", "passes all the same",
		"a TestBroken\n", "does not pass as the code is", "a TestNone\n", "does not pass as the code is", "5 mutants, 2 caught",
	} {
		_, rest, ok := strings.Cut(said, want)
		if !ok {
			t.Fatalf("it does not say %q where it should, but %s", want, out.String())
		}
		said = rest
	}
	write(list, "# A sum\n\n"+strings.ReplaceAll(sum("TestSum"), "-= x", "-= y"))
	if err := try(dir, filepath.Join(dir, list), "", 1, &out); err == nil || !strings.Contains(err.Error(), "list.txt:5: undefined: y") {
		t.Errorf("got %v, want where it does not compile", err)
	}
}
