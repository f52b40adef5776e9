package api

import (
	"encoding/base64"
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

	"anteroom/playlists/playliststest/fuzztest"
)

func TestMetadata(t *testing.T) {
	for header, want := range map[string]map[string]string{
		"":                                     {},
		"filename c3ByaW5nLnBuZw==":            {"filename": "spring.png"},
		"filename c3ByaW5nLnBuZw==,mark":       {"filename": "spring.png", "mark": ""},
		"filename w5FhbmTDui5wbmc=, mark MTc=": {"filename": "Ñandú.png", "mark": "17"},
	} {
		if got, err := readMetadata(header); err != nil || !maps.Equal(got, want) {
			t.Errorf("%q: got %v, %v, want %v", header, got, err, want)
		}
	}
	for _, header := range []string{"filename spring.png", " ", ",", "a YQ==,a YQ==", "a YQ", "a /w==", "a YQ== Yg=="} {
		if got, err := readMetadata(header); err == nil {
			t.Errorf("%q is taken as %v", header, got)
		}
	}
}

// FuzzMetadata reads headers of any form; what is read can be written, and is then read as the same.
func FuzzMetadata(f *testing.F) {
	g := fuzztest.New(f)
	for _, header := range []string{"", "filename c3ByaW5nLnBuZw==,mark MTc=", "a", "a ,b ", ",", "a YQ", "\x00 AA=="} {
		g.Add(header)
	}
	g.Fuzz(func(t *testing.T, header string) {
		about, err := readMetadata(header)
		if err != nil {
			return
		}
		var pairs []string
		for word, value := range about {
			if word == "" || !utf8.ValidString(value) {
				t.Fatalf("%q gives the word %q with %q", header, word, value)
			}
			pairs = append(pairs, word+" "+base64.StdEncoding.EncodeToString([]byte(value)))
		}
		again, err := readMetadata(strings.Join(pairs, ","))
		if err != nil || !maps.Equal(about, again) {
			t.Fatalf("%q gives %q, and written again %q, %v", header, about, again, err)
		}
	})
}
