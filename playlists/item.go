package playlists

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"
)

// Phase is the phase of care that an item serves.
type Phase string

// The whole cycle of care.
const (
	Symptoms   Phase = "symptoms"
	Diagnosis  Phase = "diagnosis"
	Treatment  Phase = "treatment"
	Recovery   Phase = "recovery"
	Prevention Phase = "prevention"
)

// Phases lists all phases in the order of a patient's way.
func Phases() []Phase { return []Phase{Symptoms, Diagnosis, Treatment, Recovery, Prevention} }

// Medium is the kind of thing an asset is to whoever shows it.
type Medium string

// The media that a stage can show.
const (
	Image Medium = "image"
	Video Medium = "video"
	Slide Medium = "slide" // a slide.Slide as JSON, drawn with fonts
	Font  Medium = "font"
	// Captions are the words over a video, as WebVTT.
	Captions Medium = "captions"
)

// Asset is an immutable file known by its digest, after ingest has normalised it.
type Asset struct {
	Digest Digest `json:"digest"`
	Medium Medium `json:"medium"`
	// MediaType is the MIME type, "video/mp4".
	MediaType string `json:"media_type"`
	Bytes     int64  `json:"bytes"`
	// Width and Height in pixels; 0 for what has none of its own.
	Width  int `json:"width,omitempty"`
	Height int `json:"height,omitempty"`
	// Millis is the length of a video.
	Millis int64 `json:"millis,omitempty"`
}

// Item is an entry of the library: one thing to say, in as many languages as there are.
type Item struct {
	ID    ItemID `json:"id"`
	Title string `json:"title"`
	// Version grows by one whenever what is shown changes, or until when it holds, and when a version that
	// was sent back is written anew.
	Version    int         `json:"version"`
	Renditions []Rendition `json:"renditions"`
	Phase      Phase       `json:"phase,omitempty"`
	Topics     []Topic     `json:"topics,omitempty"`
	// Platforms are where it may go; nil for [UsualPlatforms]. [Item.GoesTo] answers.
	Platforms []Platform `json:"platforms,omitempty" enum:"screens,phone,feed,paper" doc:"Where it may go: screens, phone, feed (the hospital's public site), paper. Absent for all but the feed"`
	// Millis is how long a slot is where the entry does not say; a video's own length if 0.
	Millis int64 `json:"millis,omitempty"`
	// From and Until bound its validity; a zero time is no bound. Until is exclusive.
	From     time.Time `json:"from,omitzero"`
	Until    time.Time `json:"until,omitzero"`
	ReviewBy Date      `json:"review_by,omitzero"`
	Sponsor  string    `json:"sponsor,omitempty"`
	Campaign string    `json:"campaign,omitempty"`
	// HandOff has a code shown beside it, with which people go on reading on their phones.
	HandOff bool `json:"hand_off,omitempty"`
	// Moments are those of a visit that it is for; none: for all.
	Moments []Moment `json:"moments,omitempty" enum:"arriving,waiting,called_soon,leaving" doc:"It shows only on screens at these moments of a visit; absent: on all"`
	// States are those of a clinic in which it shows, any of them; none: always.
	States []State `json:"states,omitempty" enum:"delay_30,delay_60,vaccination_day,screening_day,visitors_limited" doc:"It shows only while its department's clinic is in one of these states; absent: always"`
	// Template makes it wording for takeovers, which no playlist shows.
	Template *TakeoverTemplate `json:"template,omitempty"`
	// Origin says where it was imported from; nil for what was made here. Importing alone writes it.
	Origin *Origin `json:"origin,omitempty"`
	// Authors wrote the version: all who changed it since a version was last approved.
	Authors  []string  `json:"authors,omitempty"`
	Approval *Approval `json:"approval,omitempty"`
	Returned *Return   `json:"returned,omitempty"`
}

// Origin says where an item comes from, and what was imported.
type Origin struct {
	// From names who published it, "medlineplus"; ID is what it is called there, "3061".
	From string `json:"from"`
	ID   string `json:"id"`
	// Read is the digest of the words that were there, and Made of what they became here, as [Item.Made] gives it.
	Read Digest `json:"read"`
	Made Digest `json:"made"`
}

// Made is the digest of what is shown of an item, whatever language it is in. While it is its origin's, nobody has changed
// the item since it was imported.
func (i Item) Made() Digest {
	b, err := json.Marshal(struct {
		Title      string
		Renditions []Rendition
	}{i.Title, i.Renditions})
	if err != nil {
		return "" // strings and numbers alone: it does not happen
	}
	sum := sha256.Sum256(b)
	return Digest(hex.EncodeToString(sum[:]))
}

// ValidAt reports whether the item's own validity holds at a time.
func (i Item) ValidAt(t time.Time) bool {
	return !t.Before(i.From) && (i.Until.IsZero() || t.Before(i.Until))
}

// Rendition is an item in one language.
type Rendition struct {
	Language Language `json:"language"`
	// Variants are the same thing in several sizes; a slide has one.
	Variants []Asset `json:"variants"`
	// Further are the variants of each page after the first, of a leaflet. Its pages show one after the other, each in
	// a slot of its own.
	Further [][]Asset `json:"further,omitempty"`
	// Captions are drawn over a video, in the rendition's language; nil if there are none.
	Captions *Asset `json:"captions,omitempty"`
	// Alt describes the picture for those who cannot see it.
	Alt string `json:"alt,omitempty"`
}

// pages are the variants of each page; of what is no leaflet there is one.
func (r Rendition) pages() [][]Asset { return append([][]Asset{r.Variants}, r.Further...) }

// Files are all files of the rendition.
func (r Rendition) Files() []Asset {
	files := slices.Concat(r.pages()...)
	if r.Captions != nil {
		files = append(files, *r.Captions)
	}
	return files
}

// captions are the rendition's; a zero asset if it has none.
func (r Rendition) captions() Asset {
	if r.Captions == nil {
		return Asset{}
	}
	return *r.Captions
}
