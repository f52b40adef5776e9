//go:build e2e

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkThousandsInChromium prints how long each of the console's pages takes in a real browser until somebody can use it,
// at the hospital of [BenchmarkThousands]. ANTEROOM_ROUNDS says how often each is measured.
func BenchmarkThousandsInChromium(b *testing.B) {
	for b.Loop() {
		h := newThousands(b)
		bin, err := filepath.Abs("../../bin/controller") // which has the console in it
		h.fail(err)
		h.bin = bin
		h.start()
		measure := exec.CommandContext(b.Context(), node(), "controller/console/web/tests/usable.mjs")
		measure.Dir = "../.."
		measure.Env = append(os.Environ(), "ANTEROOM_URL="+h.base, "ANTEROOM_USER="+servedUser, "ANTEROOM_PASSWORD="+servedPassword)
		measure.Stdout, measure.Stderr = os.Stdout, os.Stderr
		h.fail(measure.Run())
		h.stop()
	}
}
