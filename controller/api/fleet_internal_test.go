package api

import "testing"

func TestFilesAreCountedInWords(t *testing.T) {
	for n, want := range map[int]string{0: "0 files", 1: "1 file", 2: "2 files", 1200: "1200 files"} {
		if got := filesOf(n); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
