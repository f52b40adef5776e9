package api

import "anteroom/playlists"

// The documents as the API gives and takes them: the domain's own, with the revision that was read.
// A revision in a request's body is ignored; If-Match says which one the writer saw.
type (
	// Organisation owns everything; there is one.
	Organisation struct {
		playlists.Organisation

		Revision uint64 `json:"revision" readOnly:"true" doc:"Revision of the document, also its ETag"`
	}
	// Site is a building or campus.
	Site struct {
		playlists.Site

		Revision uint64 `json:"revision" readOnly:"true" doc:"Revision of the document, also its ETag"`
	}
	// Department is a clinic or ward with a waiting room.
	Department struct {
		playlists.Department

		Revision uint64 `json:"revision" readOnly:"true" doc:"Revision of the document, also its ETag"`
	}
	// Screen is a place on a wall.
	Screen struct {
		playlists.Screen

		Revision uint64 `json:"revision" readOnly:"true" doc:"Revision of the document, also its ETag"`
	}
	// Item is an entry of the library.
	Item struct {
		playlists.Item

		Revision uint64 `json:"revision" readOnly:"true" doc:"Revision of the document, also its ETag"`
	}
	// Playlist is an ordered loop of entries.
	Playlist struct {
		playlists.Playlist

		Revision uint64 `json:"revision" readOnly:"true" doc:"Revision of the document, also its ETag"`
	}
	// Layout divides a screen into regions.
	Layout struct {
		playlists.Layout

		Revision uint64 `json:"revision" readOnly:"true" doc:"Revision of the document, also its ETag"`
	}
	// Window says when something is on, and where.
	Window struct {
		playlists.Window

		Revision uint64 `json:"revision" readOnly:"true" doc:"Revision of the document, also its ETag"`
		Editable bool   `json:"editable,omitempty" readOnly:"true" doc:"Whether who asks may change it: they are responsible for every department that it reaches"`
	}
	// Closure is a set of local dates on which windows rest.
	Closure struct {
		playlists.Closure

		Revision uint64 `json:"revision" readOnly:"true" doc:"Revision of the document, also its ETag"`
	}
	// TopicEntry is a topic's place in the topic tree.
	TopicEntry struct {
		playlists.TopicEntry

		Revision uint64 `json:"revision" readOnly:"true" doc:"Revision of the document, also its ETag"`
	}
)

// markable is a document that says whether who asks may change it.
type markable interface{ mark(editable bool) }

func (d *Window) mark(editable bool) { d.Editable = editable }

func (d *Organisation) parts() (*uint64, *playlists.Organisation) {
	return &d.Revision, &d.Organisation
}
func (d *Site) parts() (*uint64, *playlists.Site)             { return &d.Revision, &d.Site }
func (d *Department) parts() (*uint64, *playlists.Department) { return &d.Revision, &d.Department }
func (d *Screen) parts() (*uint64, *playlists.Screen)         { return &d.Revision, &d.Screen }
func (d *Item) parts() (*uint64, *playlists.Item)             { return &d.Revision, &d.Item }
func (d *Playlist) parts() (*uint64, *playlists.Playlist)     { return &d.Revision, &d.Playlist }
func (d *Layout) parts() (*uint64, *playlists.Layout)         { return &d.Revision, &d.Layout }
func (d *Window) parts() (*uint64, *playlists.Window)         { return &d.Revision, &d.Window }
func (d *Closure) parts() (*uint64, *playlists.Closure)       { return &d.Revision, &d.Closure }
func (d *TopicEntry) parts() (*uint64, *playlists.TopicEntry) { return &d.Revision, &d.TopicEntry }
