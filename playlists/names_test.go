package playlists_test

import (
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// named gives every document that people know by a name, called so.
func named(name string) map[string]error {
	h := playliststest.Hospital()
	h.Organisation.Name = name
	all := map[string]error{"organisation": h.Organisation.Validate()}
	for _, d := range h.Sites {
		d.Name = name
		all["site"] = d.Validate()
	}
	for _, d := range h.Departments {
		d.Name = name
		all["department"] = d.Validate()
	}
	for _, d := range h.Screens {
		d.Name = name
		all["screen"] = d.Validate()
	}
	for _, d := range h.Closures {
		d.Name = name
		all["closure"] = d.Validate()
	}
	for _, d := range h.Playlists {
		d.Name = name
		all["playlist"] = d.Validate()
	}
	for _, d := range h.Layouts {
		d.Name = name
		all["layout"] = d.Validate()
	}
	for _, d := range h.Windows {
		d.Name = name
		all["window"] = d.Validate()
	}
	for _, d := range h.Items {
		d.Title = name
		all["item"] = d.Validate()
	}
	return all
}

// unseen draws texts of which nothing can be seen: spaces, marks that stand on nothing, and what has no width.
func unseen(t *rapid.T, name string) string {
	hidden := rapid.RuneFrom([]rune{' ', '\u200b', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u034f', '\u115f', '\u2800', '\u3164', '\uffa0', '\ufe0f'},
		unicode.Zs, unicode.Cf, unicode.M, unicode.Other_Default_Ignorable_Code_Point)
	return rapid.StringOfN(hidden, 0, 90, -1).Draw(t, name)
}

// TestANameCanBeSeen holds every document to it, at the field.
func TestANameCanBeSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := unseen(t, "before"), unseen(t, "after")
		all := named(before + after)
		if len(all) != 9 {
			t.Fatalf("%d kinds of documents have names", len(all))
		}
		for what, err := range all {
			faults := playlists.Faults(err)
			if len(faults) == 0 || faults[0].Field != "name" && faults[0].Field != "title" {
				t.Errorf("a %s may be called %+q: %v", what, before+after, err)
			}
		}
		letter := rapid.SampledFrom([]string{"a", "7", "ñ", "院", "ا", "ก", "한", "-", "♥", "🙂", "👩🏽\u200d⚕️"}).Draw(t, "letter")
		for what, err := range named(before + letter + after) {
			if err != nil {
				t.Errorf("a %s may not be called %+q: %v", what, before+letter+after, err)
			}
		}
	})
}
