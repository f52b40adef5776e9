package ingest

import (
	"io"
	"strings"
	"testing"

	"anteroom/playlists"
)

func TestCaptionsAreKeptAsWordsAndTimes(t *testing.T) {
	b := newBench(t, Limits{})
	u := b.upload("film.en.vtt", []byte("WEBVTT\n\nSTYLE\n::cue { background: url(http://evil.example) }\n\nintro\n00:01.000 --> 00:03.000 line:0\n<v Dr Lee>Salt &amp; sugar\n"))
	if u.State != Ready || u.Medium != playlists.Captions || len(u.Variants) != 1 || u.Variants[0].MediaType != "text/vtt" {
		t.Fatalf("got %+v", u)
	}
	f, _, err := b.content.Open(u.Variants[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	kept, err := io.ReadAll(f)
	if want := "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nSalt &amp; sugar\n"; err != nil || string(kept) != want {
		t.Errorf("kept is %q, %v, want %q", kept, err, want)
	}
	if _, err := b.Thumbnail(t.Context(), u.Variants[0].Digest, playlists.Captions, 320); err == nil {
		t.Error("captions have a thumbnail")
	}
}

func TestCaptionsThatAreRefused(t *testing.T) {
	b := newBench(t, Limits{})
	for name, row := range map[string]struct{ file, says string }{
		"late.vtt":  {"WEBVTT\n\n00:03.000 --> 00:01.000\nHello", "line 3: the caption ends before it begins"},
		"cues.vtt":  {"WEBVTT\n", "no captions in the file"},
		"film.mp4":  {"WEBVTT\n\n00:01.000 --> 00:02.000\nHello", "The name ends in .mp4, but the file holds a WebVTT"},
		"words.srt": {"1\n00:00:01,000 --> 00:00:02,000\nHello\n", "WebVTT"},
		"large.vtt": {"WEBVTT\n" + strings.Repeat("\n", 600<<10), "A file of captions may have at most"},
	} {
		var says string
		u, err := b.Begin(t.Context(), name, strings.NewReader(row.file), int64(len(row.file)), "maria")
		if err != nil {
			says = err.Error()
		} else {
			says = b.reaches(u.ID, Refused).Problem
		}
		if !strings.Contains(says, row.says) {
			t.Errorf("%s: %q, want %q", name, says, row.says)
		}
	}
}
