//go:build e2e

package main

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"anteroom/cmd/demo/hospital"
)

// TestHostileTexts has everything written into the console's documents that means harm where it is taken for
// more than a text, by the API's own list of texts: in the browser nothing runs, the log stays a line for each event, and no file
// is where a file's name wanted it.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.must(hospital.Enter(t.Context(), h.api))
	h.browse([]string{"hostile"})

	event := regexp.MustCompile(`^time=\S+ level=[A-Z]+ msg=`)
	for line := range strings.Lines(h.log()) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "time=") && !event.MatchString(line) || strings.Contains(line, "msg=forged") && !event.MatchString(line) {
			t.Errorf("the log has a line that is no event: %q", line)
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\u202e' || r == '\u2066' }) {
			t.Errorf("the log has a line that a terminal obeys: %q", line)
		}
	}
	h.must(filepath.WalkDir(h.dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.Contains(filepath.Base(path), "hostile") {
			t.Errorf("there is a file named by a text: %s", path)
		}
		return err
	}))
}
