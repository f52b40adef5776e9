package hospital

import (
	"slices"
	"testing"

	"anteroom/playlists"
)

func TestEveryTopicOfTheLibraryIsInTheTree(t *testing.T) {
	tree := topics()
	known := map[playlists.Topic]bool{}
	for _, e := range tree {
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
		if e.Parent != "" && !known[e.Parent] {
			t.Errorf("%s comes before its parent %s", e.ID, e.Parent)
		}
		known[e.ID] = true
	}
	if err := playlists.CheckTopics(tree); err != nil {
		t.Error(err)
	}
	var named []playlists.Topic
	for _, c := range cards() {
		named = append(named, c.topics...)
	}
	for _, p := range pictures() {
		named = append(named, p.topics...)
	}
	for _, topic := range slices.Compact(slices.Sorted(slices.Values(named))) {
		if !known[topic] {
			t.Errorf("the tree does not know %s", topic)
		}
	}
}
