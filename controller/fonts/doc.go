// Package fonts holds the fonts that slides are drawn with.
//
// Built with the tag fonts it embeds what `make fonts` fetched: Latin with Vietnamese, Greek and
// Cyrillic, Arabic, Simplified Chinese. Without it there are the Go fonts, which are always at hand but
// know Latin, Greek and Cyrillic only. NOTICE.md names the licences.
package fonts
