package playlists

import (
	"strings"
	"unicode"
)

// Identifiers are lower-case letters, digits and hyphens, 1 to 64 characters ([ValidID]); they are
// chosen once and never reused. Names that people read live in the documents.
type (
	// SiteID names a building or campus, "north-campus".
	SiteID string
	// DepartmentID names a department, "cardiology".
	DepartmentID string
	// ScreenID names a place on a wall that a player serves, "cardiology-window".
	ScreenID string
	// Tag groups screens across departments, "chapel".
	Tag string
	// ItemID names an entry of the library, "know-your-numbers".
	ItemID string
	// PlaylistID names a playlist, "cardiology-day".
	PlaylistID string
	// LayoutID names a layout; [LayoutFull] is built in.
	LayoutID string
	// WindowID names a window, "flu-weekdays".
	WindowID string
	// ClosureID names a set of closed dates, "public-holidays-2026".
	ClosureID string
	// TakeoverID names a takeover, "tko-8f3k2m".
	TakeoverID string
	// ControllerID is the first 32 hexadecimal digits of the SHA-256 of a controller's public key.
	ControllerID string
	// PlayerID is the first 32 hexadecimal digits of the SHA-256 of a player's public key.
	PlayerID string
	// StreamID is 128 random bits in hexadecimal: one unbroken numbering of plays by one player.
	StreamID string
	// BootID names one start of a player's machine, as the kernel gives it.
	BootID string
	// Digest is the SHA-256 of some bytes in lower-case hexadecimal, 64 characters.
	Digest string
	// Language is a BCP 47 tag, "en", "es", "zh-Hans"; "zxx" marks what has no words.
	Language string
	// Topic is a slug of the topic tree, "blood-pressure".
	Topic string
)

// LayoutFull is the built-in layout of one region, also named "full", that covers the screen.
const LayoutFull LayoutID = "full"

// NoWords is the language of renditions without words; it serves every language.
const NoWords Language = "zxx"

// Seen reports whether something of a text can be seen: it is not spaces, marks and characters without width alone.
func Seen(text string) bool { return strings.ContainsFunc(text, seen) }

func seen(r rune) bool {
	const blankBraille = '\u2800'
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && r != blankBraille
}

// ValidID reports whether id may name a document: 1 to 64 lower-case letters, digits and hyphens.
func ValidID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, r := range id {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return true
}
