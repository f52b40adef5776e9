package captions

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest/fuzztest"
)

// lines are a track as "1s-3.5s words|second line".
func lines(t Track) []string {
	var all []string
	for _, c := range t {
		all = append(all, fmt.Sprintf("%v-%v %s", c.From, c.To, strings.ReplaceAll(c.Words, "\n", "|")))
	}
	return all
}

func TestDecode(t *testing.T) {
	for _, row := range []struct {
		name, file string
		want       []string
	}{
		{"two cues", "WEBVTT\n\n00:01.000 --> 00:03.500\nHello.\n\n00:04.000 --> 00:05.000\nTwo\nlines.\n", []string{"1s-3.5s Hello.", "4s-5s Two|lines."}},
		{
			"names, notes, styles, regions, settings", "WEBVTT - by us\nKind: captions\n\nNOTE not\nthis\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:a\n\nfirst\n01:00:00.000 --> 01:00:02.000 align:start line:0\nLate.\n",
			[]string{"1h0m0s-1h0m2s Late."},
		},
		{"a byte order mark, and line ends of Windows and of old", "\ufeffWEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\nOne\r\r00:02.000 --> 00:03.000\rTwo\r", []string{"1s-2s One", "2s-3s Two"}},
		{"marks, entities and readings", "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Dr Lee>Salt &amp; <i>sugar</i> &lt; 5 g\n<ruby>漢<rt>kan</rt></ruby>字\n", []string{"1s-2s Salt & sugar < 5 g|漢字"}},
		{"no empty line between cues", "WEBVTT\n\n00:01.000 --> 00:02.000\nOne\n00:02.000-->00:03.000\nTwo", []string{"1s-2s One", "2s-3s Two"}},
		{"no empty line before the first", "WEBVTT by us\n00:01.000 --> 00:02.000\nOne", []string{"1s-2s One"}},
		{
			"two at once are one below the other", "WEBVTT\n\n00:01.000 --> 00:04.000\nDoor bell\n\n00:02.000 --> 00:03.000\nCome in!\n",
			[]string{"1s-2s Door bell", "2s-3s Door bell|Come in!", "3s-4s Door bell"},
		},
		{"not in order", "WEBVTT\n\n00:03.000 --> 00:04.000\nTwo\n\n00:01.000 --> 00:02.000\nOne\n", []string{"1s-2s One", "3s-4s Two"}},
		{"the same words go on", "WEBVTT\n\n00:01.000 --> 00:02.000\nOne\n\n00:02.000 --> 00:03.000\nOne\n", []string{"1s-3s One"}},
		{"a cue without words", "WEBVTT\n\n00:01.000 --> 00:02.000\n\n00:02.000 --> 00:03.000\nTwo\n", []string{"2s-3s Two"}},
		{"from the right", "WEBVTT\n\n00:01.000 --> 00:02.000\nاشرب الماء 7 مرات\n", []string{"1s-2s اشرب الماء 7 مرات"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := Decode([]byte(row.file))
			if err != nil || !slices.Equal(lines(got), row.want) {
				t.Errorf("got %q, %v, want %q", lines(got), err, row.want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	cue := "\n\n00:01.000 --> 00:02.000\n"
	for name, row := range map[string]struct{ file, want string }{
		"nothing":           {"", "line 1: the first word must be WEBVTT"},
		"SubRip":            {"1\n00:00:01,000 --> 00:00:02,000\nHello", "save the captions as WebVTT"},
		"no cue":            {"WEBVTT\n\nNOTE nothing yet\n", "no captions in the file"},
		"a comma":           {"WEBVTT\n\n00:01,000 --> 00:02.000\nHello", `line 3: "00:01,000" is no time`},
		"no time":           {"WEBVTT\n\nfirst\nHello\n", "line 3: a caption has no times"},
		"backwards":         {"WEBVTT\n\n00:02.000 --> 00:01.000\nHello", "line 3: the caption ends before it begins"},
		"61 seconds":        {"WEBVTT\n\n00:01.000 --> 00:61.000\nHello", `"00:61.000" is no time`},
		"a day later":       {"WEBVTT\n\n00:01.000 --> 25:00:00.000\nHello", "ends after 24 hours"},
		"half a character":  {"WEBVTT" + cue + "\xc3", "not in UTF-8"},
		"a speech":          {"WEBVTT" + cue + strings.Repeat("word ", 60), "line 4: this caption has more than 250 characters"},
		"four at once":      {"WEBVTT" + strings.Repeat(cue+"One", 4), "at 00:00:01.000 there are too many captions at once"},
		"too much at once":  {"WEBVTT" + strings.Repeat(cue+strings.Repeat("é", 130), 2), "too many captions at once"},
		"an endless one":    {"WEBVTT" + strings.Repeat("\n", MaxBytes), "more than 512 kB"},
		"thousands of cues": {"WEBVTT" + strings.Repeat(cue+"One", MaxCues+1), "more than 5000 captions"},
	} {
		if _, err := Decode([]byte(row.file)); !errors.Is(err, playlists.ErrInvalid) || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: got %v, want %q", name, err, row.want)
		}
	}
}

func TestAtSaysWhatStandsThereAndWhatComes(t *testing.T) {
	track := Track{{time.Second, 2 * time.Second, "One"}, {2 * time.Second, 3 * time.Second, "Two"}, {5 * time.Second, 6 * time.Second, "Three"}}
	for at, want := range map[time.Duration][2]int{
		-time.Second: {-1, 0}, 0: {-1, 0}, time.Second: {0, 1}, 1999 * time.Millisecond: {0, 1}, 2 * time.Second: {1, 2}, 4 * time.Second: {-1, 2},
		5 * time.Second: {2, -1}, 6 * time.Second: {-1, -1}, time.Hour: {-1, -1},
	} {
		if now, next := track.At(at); now != want[0] || next != want[1] {
			t.Errorf("at %v: %d, then %d; want %v", at, now, next, want)
		}
	}
	if now, next := Track(nil).At(0); now != -1 || next != -1 {
		t.Errorf("of no captions: %d, %d", now, next)
	}
}

// checkTrack fails unless a track is what its package promises.
func checkTrack(t *testing.T, track Track) {
	t.Helper()
	for i, c := range track {
		if c.From < 0 || c.To <= c.From || c.To > MaxTime || i > 0 && c.From < track[i-1].To {
			t.Fatalf("cue %d of %v is not after the one before it", i, lines(track))
		}
		if c.Words == "" || utf8.RuneCountInString(c.Words) > MaxRunes || !utf8.ValidString(c.Words) || strings.Contains(c.Words, "\n\n") {
			t.Fatalf("cue %d says %q", i, c.Words)
		}
		if now, _ := track.At(c.From); now != i {
			t.Fatalf("at %v stands cue %d of %v", c.From, now, lines(track))
		}
	}
	again, err := Decode(Encode(track))
	if err != nil || !slices.Equal(again, track) {
		t.Fatalf("written and read again %v is %v, %v", lines(track), lines(again), err)
	}
}

// Whatever cues stand when, the track says at each moment what stands there by looking at all of them.
func TestFlattenAgainstLookingAtAll(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var cues []Cue
		for i := range rapid.IntRange(1, 6).Draw(r, "cues") {
			from := rapid.IntRange(0, 20).Draw(r, "from")
			cues = append(cues, Cue{time.Duration(from) * time.Second, time.Duration(from+rapid.IntRange(1, 10).Draw(r, "length")) * time.Second, fmt.Sprint("word", i)})
		}
		track, err := flatten(slices.Clone(cues))
		most := 0
		for second := range 32 {
			at := time.Duration(second) * time.Second
			want := map[string]bool{}
			for _, c := range cues {
				if c.From <= at && at < c.To {
					want[c.Words] = true
				}
			}
			most = max(most, len(want))
			if err != nil {
				continue
			}
			got := map[string]bool{}
			if now, _ := track.At(at); now >= 0 {
				for w := range strings.SplitSeq(track[now].Words, "\n") {
					got[w] = true
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				r.Fatalf("at %v stands %v, want %v of %v", at, got, want, cues)
			}
		}
		if (err != nil) != (most > MaxAtOnce) {
			r.Fatalf("%d at once: %v", most, err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	g := fuzztest.New(f)
	for _, s := range []string{
		"WEBVTT\n\n00:01.000 --> 00:03.500\nHello.\n", "WEBVTT\n\nNOTE x\n\n1\n00:00:01.000 --> 00:00:02.000 line:0\n<v A>B &amp; <b>C</b>&lrm;\n\n00:01.500 --> 00:02.000\nD",
		"\ufeffWEBVTT x\r\n\r\n00:01.000-->00:02.000\r\n漢<ruby>字<rt>ji</rt></ruby>\r", "WEBVTT\n00:00.000 --> 24:00:00.000\nاشرب &#x202e;&gt;--&gt;",
		"WEBVTT\n\nSTYLE\n::cue{}\n\n99:59:59.999 --> 9999:59:59.999\nx", "",
	} {
		g.Add([]byte(s))
	}
	g.Fuzz(func(t *testing.T, b []byte) {
		track, err := Decode(b)
		if err != nil {
			if !errors.Is(err, playlists.ErrInvalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		if len(track) == 0 || len(track) > 2*MaxCues {
			t.Fatalf("%d cues", len(track))
		}
		checkTrack(t, track)
	})
}
