package cmd_test

import (
	"go/ast"
	"go/token"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"anteroom/playlists"
)

// speakers are the functions whose first text of several words, or whose constant, is said to a person by its phrase.
func speakers() []string {
	return []string{"Noted", "at", "Refuse", "Sentence", "PhraseOf", "NewProblem", "newProblem", "add", "check", "fault", "invalid", "refuse"}
}

// TestSentencesAreTranslated holds the console's other languages to what the controller says: every sentence with a
// name stands in the catalogue.
func TestSentencesAreTranslated(t *testing.T) {
	said := map[string]string{} // English by code
	for program, who := range map[string][]string{"playlists": speakers(), "controller": speakers(), "player": {"Noted"}} {
		for format := range sentences(t, program, who) {
			p := phraseOf(t, format)
			if other, known := said[p.Code]; known && other != format && len(phraseOf(t, other).Values) != len(p.Values) {
				t.Errorf("%q and %q have the same code %s; word one of them otherwise", format, other, p.Code)
			}
			if p.Code != "" {
				said[p.Code] = format
			}
		}
	}
	for _, language := range []string{"es"} {
		translated := catalogue(t, language)
		for code, format := range said {
			if !slices.Contains(translated, code) {
				t.Errorf("%s: %s is not translated: %s", language, code, format)
			}
		}
	}
}

// phraseOf is a format's phrase, whatever is filled in.
func phraseOf(t *testing.T, format string) playlists.Phrase {
	t.Helper()
	return playlists.PhraseOf(format, slices.Repeat([]any{0}, strings.Count(format, "%"))...)
}

// catalogue lists the codes that a language of the console has words for.
func catalogue(t *testing.T, language string) []string {
	t.Helper()
	src, err := os.ReadFile("../controller/console/web/src/texts/" + language + "/said.ts")
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, match := range regexp.MustCompile(`(?m)^ {2}'?([\p{Ll}\d-]+)'?: \(`).FindAllStringSubmatch(string(src), -1) {
		codes = append(codes, match[1])
	}
	return codes
}

// sentences finds the formats of what a tree of packages says to people, by the functions who.
func sentences(t *testing.T, tree string, who []string) map[string]bool {
	t.Helper()
	found, constants := map[string]bool{}, map[string]string{}
	var names []string
	parse(t, tree, func(name string, file *ast.File) {
		if name == "playlists/body.go" {
			return // what is wrong with a compiled programme, its player logs
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, value := range n.Values {
					if s := text(value); s != "" {
						constants[path.Dir(name)+" "+n.Names[i].Name] = s
					}
				}
			case *ast.CallExpr:
				if at := spoken(n, who); strings.HasPrefix(at, "=") {
					names = append(names, path.Dir(name)+" "+at[1:])
				} else if at != "" {
					found[at] = true
				}
			}
			return true
		})
	})
	for _, name := range names {
		if s := constants[name]; strings.Contains(s, " ") {
			found[s] = true
		}
	}
	return found
}

// spoken is the format that a call says to a person, or "=" and the name of the constant that holds it.
func spoken(call *ast.CallExpr, who []string) string {
	var name string
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	if !slices.Contains(who, name) {
		return ""
	}
	for _, arg := range call.Args {
		if s := text(arg); strings.Contains(s, " ") {
			return s
		}
	}
	for _, arg := range call.Args {
		if constant, ok := arg.(*ast.Ident); ok && constant.Name != "status" && constant.Name != "format" {
			return "=" + constant.Name
		}
	}
	return ""
}

// text is a string that stands in the source, in one part or several.
func text(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			if s, err := strconv.Unquote(e.Value); err == nil {
				return s
			}
		}
	case *ast.BinaryExpr:
		if a, b := text(e.X), text(e.Y); a != "" && b != "" {
			return a + b
		}
	}
	return ""
}
