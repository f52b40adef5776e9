//go:build e2e

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDemoEndsByItself runs the demo as `DEMO_FOR=25s make demo` does: it says where to look, ends with
// status 0, and leaves neither a process nor a file behind.
func TestDemoEndsByItself(t *testing.T) {
	t.Parallel()
	scratch := t.TempDir()
	var out []byte
	var err error
	for lasts := 25 * time.Second; lasts < 2*patience && !strings.Contains(string(out), "Sign in"); lasts *= 2 { // a busy machine opens it late
		cmd := exec.CommandContext(t.Context(), bin+"demo", "--listen", freeAddress(t))
		cmd.Env = append(os.Environ(), "DISPLAY=", "TMPDIR="+scratch, "DEMO_FOR="+lasts.String())
		out, err = cmd.CombinedOutput()
	}
	if err != nil || !strings.Contains(string(out), "Sign in") || strings.Count(string(out), "virtual display :") != 3 {
		t.Fatalf("the demo ended with %v and said:\n%s", err, out)
	}
	if left, _ := os.ReadDir(scratch); len(left) != 0 {
		t.Errorf("it left %v behind", left)
	}
	commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range commands {
		if line, err := os.ReadFile(name); err == nil && strings.Contains(string(line), scratch) {
			t.Errorf("still running: %s", strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
}
