// Package cmd_test holds the import directions of the whole repository.
package cmd_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// forbidden says what the packages below a folder may not import.
var forbidden = []struct{ from, not, why string }{
	{"playlists", "anteroom/controller", "the domain knows neither side"},
	{"playlists", "anteroom/player", "the domain knows neither side"},
	{"playlists", "net/http", "the domain does no I/O"},
	{"playlists", "os", "the domain does no I/O"},
	{"controller", "anteroom/player", "the sides meet only in playlists"},
	{"player", "anteroom/controller", "the sides meet only in playlists"},
	{"player/playback", "os", "playback is pure"},
	{"player/playback", "net", "playback is pure"},
	{"player/stage", "net/http", "the stage has no network"},
	{"player/stage", "anteroom/player/link", "the stage has no network"},
	{"player/stage", "anteroom/player/journal", "the stage holds nothing"},
	{"controller/report", "os", "reports are pure"},
	{"controller/report", "net", "reports are pure"},
	{"controller/smil", "os", "the SMIL export is pure"},
	{"controller/smil", "net", "the SMIL export is pure"},
	{"controller/coverage", "os", "coverage is pure"},
	{"controller/coverage", "net", "coverage is pure"},
	{"controller/closures", "os", "reading a calendar is pure"},
	{"controller/closures", "net", "reading a calendar is pure"},
}

// harnesses run tests' children and kill them, and measure; they are there because both sides' tests use them.
var harnesses = []string{"playlists/playliststest/faulttest", "playlists/playliststest/fuzztest"}

// reserved says who alone may import a library.
var reserved = []struct {
	lib  string
	only []string
	why  string
}{
	{"github.com/robfig/cron/v3", []string{"playlists", "controller"}, "only the domain's rules and the controller's own jobs"},
	{"github.com/boombuler/barcode", []string{"playlists/slide"}, "a code looks alike on slides and beside them"},
	{"github.com/go-text/typesetting", []string{"playlists/slide"}, "only slides are shaped"},
	{"go.etcd.io/bbolt", []string{"controller/store/bolt", "player/journal"}, "only the stores know the database"},
	{"github.com/danielgtaylor/huma/v2", []string{"controller/api", "controller/console", "controller/voice", "controller"}, "only the HTTP edge"},
	{"github.com/gin-gonic/gin", []string{"controller/api", "controller/console", "controller/voice", "controller"}, "only the HTTP edge"},
	{"github.com/coreos/go-oidc/v3", []string{"controller/access/provider"}, "only one package speaks with the identity provider"},
	{"golang.org/x/oauth2", []string{"controller/access/provider"}, "only one package speaks with the identity provider"},
	{"github.com/gorilla/websocket", []string{"controller/hub", "player/link"}, "only hub and link speak websocket"},
	{"github.com/hajimehoshi/ebiten/v2", []string{"player/stage", "cmd/stage"}, "only the stage draws"},
	{"github.com/alecthomas/kong", []string{"cmd/controller", "cmd/player", "cmd/demo", "cmd/fleet"}, "cmd alone knows flags"},
}

// TestImports holds the directions that docs/architecture.md draws. It reads the sources itself
// instead of asking the go command, so that the test cache notices when they change.
func TestImports(t *testing.T) {
	for name, deps := range imports(t) {
		dir := path.Dir(name)
		for _, dep := range deps {
			for _, rule := range forbidden {
				if below(dir, rule.from) && below(dep, rule.not) && !slices.Contains(harnesses, dir) {
					t.Errorf("%s imports %s: %s", name, dep, rule.why)
				}
			}
			for _, rule := range reserved {
				if below(dep, rule.lib) && !slices.Contains(rule.only, dir) {
					t.Errorf("%s imports %s: %s", name, dep, rule.why)
				}
			}
		}
	}
}

// imports reads what every file that is not a test imports, by path.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	root := os.DirFS("..")
	for _, top := range []string{"playlists", "controller", "player", "cmd"} {
		err := fs.WalkDir(root, top, func(name string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() && entry.Name() == "node_modules" {
				return fs.SkipDir
			}
			if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
				return nil
			}
			found[name], err = importsOf(root, name)
			return err
		})
		if err != nil {
			t.Fatalf("reading %s: %v", top, err)
		}
	}
	return found
}

func importsOf(root fs.FS, name string) ([]string, error) {
	src, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var deps []string
	for _, spec := range file.Imports {
		dep, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		deps = append(deps, dep)
	}
	return deps, nil
}

func below(name, root string) bool { return name == root || strings.HasPrefix(name, root+"/") }
