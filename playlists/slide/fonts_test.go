package slide

import (
	"os"
	"path/filepath"
	"testing"
)

// testFonts are the fonts that `make fonts` fetches. Without them what needs them is skipped; `make
// test` always has them, and says so by naming their folder.
func testFonts(t testing.TB) *Fonts {
	t.Helper()
	dir, required := os.LookupEnv("ANTEROOM_FONTS")
	if !required {
		dir = filepath.Join("..", "..", "build", "fonts")
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.ttf"))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 && required {
		t.Fatalf("no fonts in %s: run make fonts", dir)
	} else if len(names) == 0 {
		t.Skip("no fonts: run make fonts")
	}
	var files [][]byte
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, b)
	}
	return mustFonts(t, files)
}

// latinFonts are those that are always there.
func latinFonts(t testing.TB) *Fonts {
	t.Helper()
	return mustFonts(t, nil)
}

func mustFonts(t testing.TB, files [][]byte) *Fonts {
	t.Helper()
	f, err := NewFonts(files)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
