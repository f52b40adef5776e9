package main

import (
	"os"
	"strings"
	"testing"
)

func TestPackageOf(t *testing.T) {
	tests := map[string]string{
		"../../node_modules/svelte/src/index.js":                        "svelte",
		"../../node_modules/@lucide/svelte/dist/icons/x.js":             "@lucide/svelte",
		"../../node_modules/svelte/node_modules/magic-string/dist/x.js": "magic-string",
		"../../src/App.svelte":                                          "",
		"\x00vite/preload-helper.js":                                    "",
		"node_modules/@fontsource-variable/inter/index.css":             "@fontsource-variable/inter",
	}
	for source, want := range tests {
		if got := packageOf(source); got != want {
			t.Errorf("%q: got %q, want %q", source, got, want)
		}
	}
}

func TestFontsThatAreFetched(t *testing.T) {
	script, err := os.ReadFile("../fonts.sh")
	if err != nil {
		t.Fatal(err)
	}
	all := fontPackages(script)
	if len(all) != 3 {
		t.Fatalf("got %+v, want three packages", all)
	}
	if got := all[0].PURL; !strings.HasPrefix(got, "pkg:npm/%40expo-google-fonts/noto-sans@0.") {
		t.Errorf("got %s", got)
	}
}

func TestHashes(t *testing.T) {
	if got := goSum("h1:f52BVWChYMDkMkCoqkEWRuFOk/K4B5LO7xIijeLJRdk="); len(got) != 1 || got[0].Content != "7f9d815560a160c0e43240a8aa411646e14e93f2b80792ceef12228de2c945d9" {
		t.Errorf("got %v", got)
	}
	if got := integrity("sha512-AAEC"); len(got) != 1 || got[0].Content != "000102" || got[0].Algorithm != "SHA-512" {
		t.Errorf("got %v", got)
	}
	if goSum("") != nil || integrity("sha1-AAEC") != nil {
		t.Error("what is no such hash was taken for one")
	}
}
