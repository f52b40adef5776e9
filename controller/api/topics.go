package api

import (
	"net/http"
	"slices"
	"strings"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// growsOnTree refuses an entry of the topic tree with which the tree would be none.
func growsOnTree(v store.View, next *playlists.TopicEntry) error {
	entries := []playlists.TopicEntry{*next}
	err := each(v, "topic", func(e playlists.TopicEntry) error {
		if e.ID != next.ID {
			entries = append(entries, e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return playlists.CheckTopics(entries)
}

// unnamed refuses to take a topic out of the tree that something names, and says what.
func unnamed(v store.View, id string) error {
	topic := playlists.Topic(id)
	var below, items, departments, asking []string
	err := each(v, "topic", func(e playlists.TopicEntry) error {
		if e.Parent == topic {
			below = append(below, e.Name("en"))
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = each(v, "item", func(i playlists.Item) error {
		if slices.Contains(i.Topics, topic) {
			items = append(items, i.Title)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = each(v, "department", func(d playlists.Department) error {
		if slices.ContainsFunc(d.Floors, func(f playlists.Floor) bool { return f.Topic == topic }) {
			departments = append(departments, d.Name)
		}
		if slices.Contains(d.Ask, topic) {
			asking = append(asking, d.Name)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case len(below) > 0:
		return newProblem(http.StatusConflict, "These topics belong to it: %s. Move them elsewhere or delete them first.", some(below))
	case len(items) > 0:
		return newProblem(http.StatusConflict, "These items are about it: %s. Take the topic off them first.", some(items))
	case len(departments) > 0:
		return newProblem(http.StatusConflict, "Something about it must run in %s. Take it out of what must run there, in the settings, first.", some(departments))
	case len(asking) > 0:
		return newProblem(http.StatusConflict, "Patients of %s may ask for it. Take it out of what they may ask for, in the settings, first.", some(asking))
	}
	return nil
}

// maxNamed is the most names in a sentence.
const maxNamed = 8

// some are names in order, with dots for those that are too many.
func some(names []string) string {
	slices.Sort(names)
	if len(names) > maxNamed {
		names = append(names[:maxNamed:maxNamed], "…")
	}
	return strings.Join(names, ", ")
}
