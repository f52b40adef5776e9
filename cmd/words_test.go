package cmd_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// said is a line that a program may log.
type said struct{ program, level, message string }

// sources parses every file of a program that is not a test.
func sources(t *testing.T, program string, look func(name string, file *ast.File)) {
	t.Helper()
	for _, top := range []string{program, "cmd/" + program} {
		parse(t, top, look)
	}
}

// parse reads every file below a directory that is not a test.
func parse(t *testing.T, top string, look func(name string, file *ast.File)) {
	t.Helper()
	root := os.DirFS("..")
	err := fs.WalkDir(root, top, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains([]string{"node_modules", "controllertest", "playertest", "storetest"}, entry.Name()) {
			return fs.SkipDir
		}
		if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		src, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
		if err == nil {
			look(name, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// logged finds the lines that a program may log at its usual levels. Messages are constants: the linter holds that.
func logged(t *testing.T, program string) map[said]bool {
	t.Helper()
	found := map[said]bool{}
	sources(t, program, func(_ string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if s, ok := lineOf(call); ok {
				s.program = program
				found[s] = true
			}
			return true
		})
	})
	return found
}

// lineOf reads a call like log.WarnContext(ctx, "message", ...) or log.Info("message", ...).
func lineOf(call *ast.CallExpr) (said, bool) {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return said{}, false
	}
	level, withContext := strings.CutSuffix(method.Sel.Name, "Context")
	if !slices.Contains([]string{"Info", "Warn", "Error"}, level) {
		return said{}, false
	}
	at := 0
	if withContext {
		at = 1
	}
	if len(call.Args) <= at {
		return said{}, false
	}
	text, ok := call.Args[at].(*ast.BasicLit)
	if !ok || text.Kind != token.STRING {
		return said{}, false
	}
	message, err := strconv.Unquote(text.Value)
	return said{level: strings.ToLower(level), message: message}, err == nil
}

// section is what stands in a page below a heading, up to the next of its rank.
func section(t *testing.T, page, heading string) string {
	t.Helper()
	b, err := os.ReadFile("../docs/" + page)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(b), "\n"+heading+"\n")
	if !ok {
		t.Fatalf("docs/%s has no heading %q", page, heading)
	}
	rank, _, _ := strings.Cut(heading, " ")
	body, _, _ := strings.Cut(rest, "\n"+rank+" ")
	return body
}

// TestEveryLogLineIsExplained holds docs/operations.md to list what the programs log, no more and no less.
func TestEveryLogLineIsExplained(t *testing.T) {
	row := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (info|warn|error)(?:, (info|warn|error))? \\| (.+) \\|$")
	for program, heading := range map[string]string{"controller": "### The controller's lines", "player": "### The player's lines"} {
		listed := map[said]bool{}
		for _, m := range row.FindAllStringSubmatch(section(t, "operations.md", heading), -1) {
			for _, level := range m[2:4] {
				if level != "" {
					listed[said{program, level, m[1]}] = true
				}
			}
		}
		compare(t, logged(t, program), listed, func(s said) string { return s.program + " logs " + s.level + " " + strconv.Quote(s.message) })
	}
}

// TestEveryMetricIsExplained holds docs/operations.md to list the metrics that the controller registers.
func TestEveryMetricIsExplained(t *testing.T) {
	registered, listed := map[string]bool{}, map[string]bool{}
	sources(t, "controller", func(_ string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			text, ok := n.(*ast.BasicLit)
			if ok && text.Kind == token.STRING && strings.HasPrefix(text.Value, `"anteroom_`) {
				registered[strings.Trim(text.Value, `"`)] = true
			}
			return true
		})
	})
	for _, m := range regexp.MustCompile("`(anteroom_[a-z_]+)[`{]").FindAllStringSubmatch(section(t, "operations.md", "## Metrics"), -1) {
		listed[m[1]] = true
	}
	compare(t, registered, listed, func(name string) string { return "the metric " + name })
}

func compare[T comparable](t *testing.T, is, listed map[T]bool, name func(T) string) {
	t.Helper()
	var wrong []string
	for x := range is {
		if !listed[x] {
			wrong = append(wrong, name(x)+": docs/operations.md does not say what it means")
		}
	}
	for x := range listed {
		if !is[x] {
			wrong = append(wrong, name(x)+": docs/operations.md explains what there is not")
		}
	}
	if len(is) == 0 {
		wrong = append(wrong, "nothing was found in the sources")
	}
	slices.SortFunc(wrong, cmp.Compare[string])
	for _, w := range wrong {
		t.Error(w)
	}
}
