// Package deploy_test holds what is installed to what it promises.
package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const unit = "anteroom-controller.service"

func analyze(t *testing.T, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("there is no systemd-analyze here")
	}
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", args...).CombinedOutput()
	return string(out), err
}

// TestTheControllerIsWalledIn holds the service's exposure, from 0 to 10, to be at most 1.2.
func TestTheControllerIsWalledIn(t *testing.T) {
	out, err := analyze(t, "security", "--offline=yes", "--threshold=12", unit)
	if err != nil {
		t.Errorf("%v: %s", err, out[strings.LastIndex(strings.TrimSpace(out), "\n")+1:])
	}
}

// TestUnitsAreUnderstood lets systemd read the units, with a program in the place of those that are not here.
func TestUnitsAreUnderstood(t *testing.T) {
	units, err := filepath.Glob("*.service")
	if err != nil || len(units) == 0 {
		t.Fatal(units, err)
	}
	for _, name := range units {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for line := range strings.Lines(string(text)) {
			switch {
			case strings.HasPrefix(line, "ExecStart="):
				line = "ExecStart=/bin/true\n"
			case strings.HasPrefix(line, "User="), strings.HasPrefix(line, "Group="), strings.HasPrefix(line, "Documentation="):
				continue
			}
			lines = append(lines, line)
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := analyze(t, "verify", "--recursive-errors=no", path)
		if err != nil || strings.Contains(out, name+":") {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}
