package playlists_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

func TestGoesTo(t *testing.T) {
	type platforms = []playlists.Platform
	for _, c := range []struct {
		name string
		says platforms
		want string
	}{
		{"an item that does not say stays in the house", nil, "[screens phone paper]"},
		{"the whole world has to be chosen", platforms{playlists.Feed}, "[feed]"},
		{"as chosen", platforms{playlists.Paper, playlists.Screens}, "[screens paper]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := playliststest.Slides("flu", "Flu", "en")
			i.Platforms = c.says
			if err := i.Validate(); err != nil {
				t.Error(err)
			}
			if got := goesTo(i); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			i.Template = &playlists.TakeoverTemplate{Severity: playlists.Notice, Minutes: 10}
			if got := goesTo(i); got != "[]" {
				t.Errorf("got %s for wording of takeovers, want none", got)
			}
		})
	}
}

func goesTo(i playlists.Item) string {
	return fmt.Sprint(slices.DeleteFunc(playlists.Platforms(), func(p playlists.Platform) bool { return !i.GoesTo(p) }))
}

func TestPlatformsThatAreRefused(t *testing.T) {
	type platforms = []playlists.Platform
	for want, says := range map[string]platforms{
		"choose at least one place": {},
		`"fax" is no platform`:      {playlists.Screens, "fax"},
		"platforms[1]: ":            {playlists.Feed, playlists.Feed},
	} {
		i := playliststest.Slides("flu", "Flu", "en")
		i.Platforms = says
		if err := i.Validate(); !errors.Is(err, playlists.ErrInvalid) || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("got %v of %v, want %q", err, says, want)
		}
	}
}

// What does not go to screens is in no body, nor are its files: the rest of its playlist shows.
func TestCompileTakesWhatGoesToScreens(t *testing.T) {
	h := playliststest.Hospital()
	i := h.Items["chest-pain-signs"]
	i.Platforms = []playlists.Platform{playlists.Phone, playlists.Paper, playlists.Feed}
	h.Items[i.ID] = i
	body, problems, err := playlists.Compile(h, playliststest.CardiologyWindow, playlists.Abilities{}, playliststest.Zones, playliststest.Fonts())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range body.Showings {
		if s.Item == i.ID {
			t.Errorf("%s shows, which does not go to screens", s.Title)
		}
	}
	for _, a := range body.Assets {
		if slices.ContainsFunc(i.Renditions, func(r playlists.Rendition) bool { return slices.Contains(r.Variants, a) }) {
			t.Errorf("players fetch %s, which does not go to screens", a.Digest)
		}
	}
	if !slices.ContainsFunc(body.Showings, func(s playlists.Showing) bool { return s.Item == "know-your-numbers" }) {
		t.Error("the rest of its playlist does not show")
	}
	if !slices.ContainsFunc(problems, func(p playlists.Problem) bool {
		return p.ID == "cardiology-day" && strings.Contains(p.Message, "does not go to screens")
	}) {
		t.Errorf("nobody is told: %v", problems)
	}
}
