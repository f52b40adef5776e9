// Package slide turns a text slide into a picture: shaping, bidirectional order, wrapping, templates
// and contrast. It is pure; fonts are arguments.
package slide

import "anteroom/playlists"

// Template is the form of a slide.
type Template string

// The templates.
const (
	Notice    Template = "notice"    // a title and a short text
	Steps     Template = "steps"     // what to expect: up to six numbered steps
	Questions Template = "questions" // up to six questions to take to the doctor
	Urgent    Template = "urgent"    // a takeover: very large, colour by severity
)

// Slide is a small document of words, drawn alike everywhere.
type Slide struct {
	Template Template           `json:"template"`
	Language playlists.Language `json:"language"`
	Title    string             `json:"title"`
	Text     string             `json:"text,omitempty"`
	Points   []string           `json:"points,omitempty"` // steps or questions
	// Note is small print at the foot, "Lakeside Hospital, Cardiology".
	Note string `json:"note,omitempty"`
	// Drill and Severity matter to Urgent alone.
	Drill    bool               `json:"drill,omitempty"`
	Severity playlists.Severity `json:"severity,omitempty"`
	Brand    playlists.Brand    `json:"brand"`
}
