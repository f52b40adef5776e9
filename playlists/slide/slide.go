// Package slide turns a text slide into a picture: shaping, bidirectional order, wrapping, templates
// and contrast. It is pure; fonts are arguments.
//
// Words are never smaller than what can be read from four metres on a 43-inch panel: capitals at least
// 16 minutes of arc high, as ISO 9241-303 asks for. That is 18.6 mm; the panel's shorter side is
// 535 mm; a capital is about 0.71 of the type size. So no type is smaller than a twentieth of the
// shorter side ([Floor]). What does not fit at that size is refused, never shrunk, clipped or scrolled.
//
// Words stay a twentieth of each side away from the edges, which a television may cut off, and no line
// ends between a "not" and what must not be done.
//
// The way through: a [Slide] is laid out by its template at the largest sizes that fit; a paragraph is
// cut into runs by direction, script and font, shaped, wrapped, put into visual order line by line and
// filled glyph by glyph.
package slide

import "anteroom/playlists"

// Template is the form of a slide.
type Template string

// The templates.
const (
	Notice    Template = "notice"    // a title and a short text
	Steps     Template = "steps"     // what to expect: up to six numbered steps
	Questions Template = "questions" // up to six questions to take to the doctor
	Facts     Template = "facts"     // up to six sentences about one thing, a dot before each
	Urgent    Template = "urgent"    // a takeover: very large, colour by severity
)

// Slide is a small document of words, drawn alike everywhere.
type Slide struct {
	Template Template           `json:"template"`
	Language playlists.Language `json:"language"`
	Title    string             `json:"title"`
	Text     string             `json:"text,omitempty"`
	Points   []string           `json:"points,omitempty"` // steps, questions or facts
	// Note is small print at the foot, "Lakeside Hospital, Cardiology".
	Note string `json:"note,omitempty"`
	// Code is an address that a QR code in a corner says, where there is more to read. Urgent slides have none.
	Code string `json:"code,omitempty"`
	// Drill and Severity matter to Urgent alone.
	Drill    bool               `json:"drill,omitempty"`
	Severity playlists.Severity `json:"severity,omitempty"`
	Brand    playlists.Brand    `json:"brand"`
}
