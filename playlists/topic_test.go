package playlists_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"anteroom/playlists"
)

func abdominalPain() playlists.TopicEntry {
	return playlists.TopicEntry{
		ID: "abdominal-pain", Parent: "digestive-system", Specialty: "Gastroenterology",
		Names:       map[playlists.Language]string{"en": "Abdominal Pain", "es": "Dolor abdominal"},
		MedlinePlus: &playlists.MedlinePlusTopic{ID: "3061", URL: "https://medlineplus.gov/abdominalpain.html"},
		MeSH:        []playlists.MeSHHeading{{ID: "D015746", Name: "Abdominal Pain"}},
	}
}

func TestTopicEntryIsValidByItself(t *testing.T) {
	type entry = playlists.TopicEntry
	for name, c := range map[string]struct {
		change func(*entry)
		field  string // "" where nothing is wrong
	}{
		"as it is":             {func(*entry) {}, ""},
		"old address":          {func(e *entry) { e.MedlinePlus.URL = "https://www.nlm.nih.gov/medlineplus/abdominalpain.html" }, ""},
		"a name and no more":   {func(e *entry) { *e = entry{ID: "x", Names: map[playlists.Language]string{"vi": "Đau bụng"}} }, ""},
		"a long MeSH id":       {func(e *entry) { e.MeSH[0].ID = "D000086382" }, ""},
		"capitals in its id":   {func(e *entry) { e.ID = "Pain" }, "id"},
		"a parent of spaces":   {func(e *entry) { e.Parent = "  " }, "parent"},
		"no name":              {func(e *entry) { e.Names = nil }, "names"},
		"an empty name":        {func(e *entry) { e.Names["es"] = " " }, "names.es"},
		"a strange language":   {func(e *entry) { e.Names["español"] = "Dolor" }, "names"},
		"too long a specialty": {func(e *entry) { e.Specialty = strings.Repeat("x", 201) }, "specialty"},
		"a number of letters":  {func(e *entry) { e.MedlinePlus.ID = "C12" }, "medlineplus.id"},
		"another site":         {func(e *entry) { e.MedlinePlus.URL = "https://medlineplus.gov.example/a.html" }, "medlineplus.url"},
		"another page of NLM":  {func(e *entry) { e.MedlinePlus.URL = "https://www.nlm.nih.gov/mesh/" }, "medlineplus.url"},
		"no web address":       {func(e *entry) { e.MedlinePlus.URL = "javascript://medlineplus.gov/" }, "medlineplus.url"},
		"no descriptor":        {func(e *entry) { e.MeSH[0].ID = "Q000379" }, "mesh[0].id"},
		"a descriptor twice":   {func(e *entry) { e.MeSH = append(e.MeSH, e.MeSH[0]) }, "mesh[1]"},
	} {
		t.Run(name, func(t *testing.T) {
			e := abdominalPain()
			c.change(&e)
			err := e.Validate()
			faults := playlists.Faults(err)
			if c.field == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if len(faults) != 1 || faults[0].Field != c.field || !errors.Is(err, playlists.ErrInvalid) {
				t.Errorf("got %v, want one fault, in %s", err, c.field)
			}
		})
	}
}

// tree draws a tree: "heart:stroke" is stroke below heart.
func tree(drawn ...string) []playlists.TopicEntry {
	var all []playlists.TopicEntry
	for _, one := range drawn {
		parent, id, below := strings.Cut(one, ":")
		if !below {
			parent, id = "", one
		}
		all = append(all, playlists.TopicEntry{ID: playlists.Topic(id), Parent: playlists.Topic(parent)})
	}
	return all
}

func TestTopicsMakeATree(t *testing.T) {
	for name, c := range map[string]struct {
		tree []playlists.TopicEntry
		want []string // id: field
	}{
		"none":                      {nil, nil},
		"parents later than theirs": {tree("heart:stroke", "heart", "stroke:warning-signs"), nil},
		"an id twice":               {tree("heart", "stroke", "heart"), []string{"heart: id"}},
		"a parent that is gone":     {tree("heart", "brain:stroke"), []string{"stroke: parent"}},
		"itself its parent":         {tree("heart:heart"), []string{"heart: parent"}},
		"a ring, and one below it":  {tree("a:b", "b:c", "c:a", "c:d", "e"), []string{"b: parent", "c: parent", "a: parent"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range playlists.Faults(playlists.CheckTopics(c.tree)) {
				got = append(got, f.ID+": "+f.Field)
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestEveryTopicOfATreeHasAWayToTheTop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "topics")
		entries := make([]playlists.TopicEntry, n)
		parents := map[playlists.Topic]playlists.Topic{}
		for i := range n {
			id := playlists.Topic(fmt.Sprint("t", i))
			entries[i] = playlists.TopicEntry{ID: id}
			if p := rapid.IntRange(-5, n-1).Draw(t, "parent"); p >= 0 {
				entries[i].Parent = playlists.Topic(fmt.Sprint("t", p))
			}
			parents[id] = entries[i].Parent
		}
		refused := map[string]bool{}
		for _, f := range playlists.Faults(playlists.CheckTopics(entries)) {
			refused[f.ID] = true
		}
		for id := range parents {
			at, steps := parents[id], 0
			for ; at != "" && at != id && steps <= n; at = parents[at] {
				steps++
			}
			if ringed := at == id; ringed != refused[string(id)] {
				t.Fatalf("%s: refused %v, in a ring %v: %v", id, refused[string(id)], ringed, parents)
			}
		}
	})
}

func TestATopicIsCalledInTheLanguageAskedForIfItCan(t *testing.T) {
	for name, c := range map[string]struct {
		names map[playlists.Language]string
		want  string
	}{
		"asked for":   {map[playlists.Language]string{"es": "Dolor", "en": "Pain"}, "Dolor"},
		"English":     {map[playlists.Language]string{"ar": "ألم", "en": "Pain"}, "Pain"},
		"any at all":  {map[playlists.Language]string{"vi": "Đau", "fr": "Douleur"}, "Douleur"},
		"none: by id": {nil, "pain"},
	} {
		if got := (playlists.TopicEntry{ID: "pain", Names: c.names}).Name("es"); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
