package playlists_test

import (
	"slices"
	"strings"
	"testing"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// wording is approved wording for takeovers in English and Spanish, with a picture in every size.
func wording() playlists.Item {
	i := playliststest.Slides("fire", "Fire", "en", "es")
	picture := playliststest.Pictures("fire", "Fire", "", playlists.NoWords)
	i.Renditions = append(i.Renditions, picture.Renditions...)
	i.Template = &playlists.TakeoverTemplate{Severity: playlists.Emergency, Minutes: 60}
	return i
}

func TestEveryScreenHoldsTheWordingForTakeovers(t *testing.T) {
	h := playliststest.Hospital()
	h.Items["fire"] = wording()
	waiting := playliststest.Slides("flood", "Flood", "en")
	waiting.Template, waiting.Approval = &playlists.TakeoverTemplate{Severity: playlists.Warning, Minutes: 60}, nil
	h.Items["flood"] = waiting
	for s, screen := range h.Screens {
		if screen.Rotation%180 != 0 {
			continue // the picture is as wide as the panel is high: TestVariants
		}
		for width, a := range map[int]playlists.Abilities{1920: {}, 1280: {Width: 1280, Height: 720}} {
			body, problems, err := playlists.Compile(h, s, a, playliststest.Zones, playliststest.Fonts())
			if err != nil || len(problems) != 1 || problems[0].ID != "flood" {
				t.Fatalf("%s: got %v, %v, want one problem: nobody approved flood", s, problems, err)
			}
			holds := func(d playlists.Digest) bool {
				return slices.ContainsFunc(body.Assets, func(a playlists.Asset) bool { return a.Digest == d })
			}
			for _, r := range h.Items["fire"].Renditions {
				for _, v := range r.Variants {
					if wanted := v.Width == 0 || v.Width == width; holds(v.Digest) != wanted {
						t.Errorf("%s at %d: held %v of %s %d wide", s, width, holds(v.Digest), r.Language, v.Width)
					}
				}
			}
			if holds(waiting.Renditions[0].Variants[0].Digest) {
				t.Errorf("%s holds what nobody approved", s)
			}
		}
	}
}

func TestNoPlaylistShowsWordingForTakeovers(t *testing.T) {
	h := playliststest.Hospital()
	i := h.Items["we-are-closed"]
	i.Template = wording().Template
	i.Renditions = wording().Renditions
	h.Items["we-are-closed"] = i
	found := false
	for _, p := range h.Check() {
		found = found || p.Kind == "playlist" && strings.Contains(p.Message, "wording for takeovers")
	}
	if !found {
		t.Errorf("got %v, want a playlist that shows it", h.Check())
	}
}

func TestWhatWordingForTakeoversMayBe(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*playlists.Item)
		want   string
	}{
		{"as it is", func(*playlists.Item) {}, ""},
		{"words alone", func(i *playlists.Item) { i.Renditions = i.Renditions[:2] }, ""},
		{"a picture alone", func(i *playlists.Item) { i.Renditions = i.Renditions[2:] }, "at least one language"},
		{"a film", func(i *playlists.Item) { i.Renditions[2] = playliststest.Film("f", "F", 1e10).Renditions[0] }, "take this file out"},
		{"a picture with words", func(i *playlists.Item) { i.Renditions[2].Language = "fr" }, "take this file out"},
		{"no severity", func(i *playlists.Item) { i.Template = &playlists.TakeoverTemplate{Minutes: 1} }, "choose 1 (notice)"},
		{"for ever", func(i *playlists.Item) { i.Template = &playlists.TakeoverTemplate{Severity: 1, Minutes: 1441} }, "1441 is out of bounds"},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := wording()
			c.change(&i)
			err := i.Validate()
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestAnotherSeverityIsAnotherVersion(t *testing.T) {
	was := wording()
	next := wording()
	next.Template = &playlists.TakeoverTemplate{Severity: playlists.Warning, Minutes: 60}
	if next = next.WrittenOver(&was, "mo"); next.Version != was.Version+1 || next.Approved() {
		t.Errorf("got version %d, approved %v; want %d to be reviewed", next.Version, next.Approved(), was.Version+1)
	}
	if same := wording().WrittenOver(&was, "mo"); same.Version != was.Version {
		t.Errorf("nothing is different, and it is version %d", same.Version)
	}
}
