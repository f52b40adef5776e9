package revision

import (
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	built := func(version string, settings ...string) *debug.BuildInfo {
		b := &debug.BuildInfo{Main: debug.Module{Version: version}}
		for i := 0; i < len(settings); i += 2 {
			b.Settings = append(b.Settings, debug.BuildSetting{Key: settings[i], Value: settings[i+1]})
		}
		return b
	}
	const revision = "29116d001f5ad988a6d16f0b32648ed6ba27969e"
	for _, test := range []struct {
		what, release string
		info          *debug.BuildInfo
		want          string
	}{
		{"a release", "v1.2.3", built("(devel)", "vcs.revision", revision), "v1.2.3"},
		{"go build in a clone", "", built("v0.0.0-20261122202516-29116d001f5a", "vcs.revision", revision, "vcs.modified", "false"), "commit 29116d001f5a"},
		{"go build with edits", "", built("(devel)", "vcs.revision", revision, "vcs.modified", "true"), "commit 29116d001f5a with changes"},
		{"go install of a version", "", built("v1.2.3"), "v1.2.3"},
		{"go build without git", "", built("(devel)"), "unknown"},
		{"nothing known", "", nil, "unknown"},
	} {
		if got := text(test.release, test.info); got != test.want {
			t.Errorf("%s: got %q, want %q", test.what, got, test.want)
		}
	}
}

// TestEveryCommandSaysItsCommit builds commands without make and asks them.
func TestEveryCommandSaysItsCommit(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds four programs")
	}
	head, err := exec.CommandContext(t.Context(), "git", "rev-parse", "HEAD").Output()
	if err != nil {
		t.Skipf("this is no clone: %v", err)
	}
	bin := t.TempDir()
	args := []string{"build", "-buildvcs=true", "-tags", "nomsgpack", "-o", bin + "/", "anteroom/cmd/controller", "anteroom/cmd/player", "anteroom/cmd/fleet", "anteroom/cmd/demo"}
	if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, ask := range map[string]string{"controller": "version", "player": "version", "fleet": "--version", "demo": "--version"} {
		out, err := exec.CommandContext(t.Context(), filepath.Join(bin, name), ask).Output()
		if want := "commit " + string(head[:12]); err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s %s: got %q, %v, want %q", name, ask, out, err, want)
		}
	}
}
