package playliststest

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"
	"time"

	"anteroom/playlists"
)

//go:embed zones
var zones embed.FS

// Zones is zone data for tests: that of [ZoneNames], and an error for all others.
func Zones(zone string) ([]byte, error) {
	b, err := zones.ReadFile(path.Join("zones", zone))
	if err != nil {
		return nil, fmt.Errorf("no zone data for tests: %w", err)
	}
	return b, nil
}

// ZoneNames are the embedded zones, ascending: some with every kind of oddity.
func ZoneNames() []string {
	var names []string
	err := fs.WalkDir(zones, "zones", func(at string, d fs.DirEntry, err error) error {
		if name := strings.TrimPrefix(at, "zones/"); err == nil && !d.IsDir() && name != "README" {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		panic(err)
	}
	return names
}

// NewYork is an instant by the wall clock of the sample hospital's main building, "2026-11-23 09:00".
func NewYork(tb testing.TB, wall string) time.Time {
	tb.Helper()
	tzif, err := Zones("America/New_York")
	if err != nil {
		tb.Fatal(err)
	}
	loc, err := time.LoadLocationFromTZData("America/New_York", tzif)
	if err != nil {
		tb.Fatal(err)
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", wall, loc)
	if err != nil {
		tb.Fatal(err)
	}
	return t.UTC()
}

// Digest is the SHA-256 of seed: a digest that looks like one.
func Digest(seed string) playlists.Digest {
	sum := sha256.Sum256([]byte(seed))
	return playlists.Digest(hex.EncodeToString(sum[:]))
}

// Picture is a landscape picture of the given width, 16:9.
func Picture(seed string, width int) playlists.Asset {
	return playlists.Asset{
		Digest: Digest(fmt.Sprintf("%s %d", seed, width)), Medium: playlists.Image, MediaType: "image/jpeg",
		Bytes: int64(width) * 100, Width: width, Height: width * 9 / 16,
	}
}

// Clip is a landscape H.264 video of the given width, 16:9.
func Clip(seed string, width int, length time.Duration) playlists.Asset {
	return playlists.Asset{
		Digest: Digest(fmt.Sprintf("%s %d", seed, width)), Medium: playlists.Video, MediaType: "video/mp4",
		Bytes: int64(width) * 1000, Width: width, Height: width * 9 / 16, Millis: length.Milliseconds(),
	}
}

// Pictures is an approved item of 10 s with a picture of each size in each language.
func Pictures(id playlists.ItemID, title string, phase playlists.Phase, languages ...playlists.Language) playlists.Item {
	i := approved(id, title)
	i.Phase, i.Millis = phase, 10_000
	for _, l := range languages {
		seed := fmt.Sprintf("%s %s", id, l)
		i.Renditions = append(i.Renditions, playlists.Rendition{
			Language: l, Alt: title,
			Variants: []playlists.Asset{Picture(seed, 1280), Picture(seed, 1920), Picture(seed, 3840)},
		})
	}
	return i
}

// Film is an approved item without words: one video in each size.
func Film(id playlists.ItemID, title string, length time.Duration) playlists.Item {
	i := approved(id, title)
	seed := string(id)
	i.Renditions = []playlists.Rendition{{
		Language: playlists.NoWords, Alt: title,
		Variants: []playlists.Asset{Clip(seed, 1280, length), Clip(seed, 1920, length), Clip(seed, 3840, length)},
	}}
	return i
}

// Captions are a film's words in some language, by a name.
func Captions(name string) *playlists.Asset {
	return &playlists.Asset{Digest: Digest(name + " captions"), Medium: playlists.Captions, MediaType: "text/vtt", Bytes: 400}
}

// Slides is an approved item of 8 s with a text slide in each language.
func Slides(id playlists.ItemID, title string, languages ...playlists.Language) playlists.Item {
	i := approved(id, title)
	i.Millis = 8_000
	for _, l := range languages {
		i.Renditions = append(i.Renditions, playlists.Rendition{Language: l, Variants: []playlists.Asset{{
			Digest: Digest(fmt.Sprintf("%s %s", id, l)), Medium: playlists.Slide, MediaType: "application/json", Bytes: 300,
		}}})
	}
	return i
}

func approved(id playlists.ItemID, title string) playlists.Item {
	return playlists.Item{
		ID: id, Title: title, Version: 1,
		Approval: &playlists.Approval{Version: 1, By: "ada", At: time.Date(2026, time.November, 2, 15, 0, 0, 0, time.UTC)},
	}
}

// Loop is a playlist of the items in order, each with weight 1.
func Loop(id playlists.PlaylistID, items ...playlists.ItemID) playlists.Playlist {
	p := playlists.Playlist{ID: id, Name: string(id)}
	for _, i := range items {
		p.Entries = append(p.Entries, playlists.Entry{Item: i, Weight: 1})
	}
	return p
}

// Fonts are two fonts' assets, in order of preference.
func Fonts() []playlists.Asset {
	font := func(name string) playlists.Asset {
		return playlists.Asset{Digest: Digest(name), Medium: playlists.Font, MediaType: "font/ttf", Bytes: 200_000}
	}
	return []playlists.Asset{font("sans"), font("sans-arabic")}
}

// Body is the sample hospital compiled for a screen of 1920 x 1080.
func Body(tb testing.TB, s playlists.ScreenID) *playlists.Body {
	tb.Helper()
	return Compile(tb, Hospital(), s)
}

// Compile compiles h for a screen of 1920 x 1080.
func Compile(tb testing.TB, h *playlists.Hospital, s playlists.ScreenID) *playlists.Body {
	tb.Helper()
	b, _, err := playlists.Compile(h, s, playlists.Abilities{}, Zones, Fonts())
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// Manifest is [Body] under a first head. Its body digest is made up: who needs the real one encodes the body.
func Manifest(tb testing.TB, s playlists.ScreenID) *playlists.Manifest {
	tb.Helper()
	issued := time.Date(2026, time.November, 2, 15, 0, 0, 0, time.UTC)
	return &playlists.Manifest{
		Head: playlists.Head{
			Controller: Controller, Screen: s, Generation: 1, Body: Digest("body of " + string(s)), From: issued, IssuedAt: issued,
		},
		Body: Body(tb, s),
	}
}

// Names of the two sides.
const (
	Controller playlists.ControllerID = "00112233445566778899aabbccddeeff"
	Player     playlists.PlayerID     = "ffeeddccbbaa99887766554433221100"
	Stream     playlists.StreamID     = "0123456789abcdef0123456789abcdef"
	Boot       playlists.BootID       = "5a5a5a5a-0000-4000-8000-5a5a5a5a5a5a"
)

// Takeover is an emergency on every screen for an hour from the given instant, in English and Spanish.
func Takeover(id playlists.TakeoverID, from time.Time) playlists.Takeover {
	return playlists.Takeover{
		ID: id, Severity: playlists.Emergency, From: from, Until: from.Add(playlists.DefaultTakeover),
		Targets: []playlists.Target{{All: true}},
		Slides: []playlists.TakeoverSlide{
			{Language: "en", Slide: words("en", "Please leave the building by the nearest exit.")},
			{Language: "es", Slide: words("es", "Salga del edificio por la salida más cercana.")},
		},
	}
}

// Takeovers is the organisation's document with the given takeovers.
func Takeovers(number uint64, issued time.Time, ts ...playlists.Takeover) *playlists.Takeovers {
	return &playlists.Takeovers{Controller: Controller, Number: number, IssuedAt: issued, Takeovers: ts}
}

func words(language, title string) json.RawMessage {
	b, err := json.Marshal(map[string]any{
		"template": "urgent", "language": language, "title": title, "severity": playlists.Emergency, "brand": Brand(),
	})
	if err != nil {
		panic(err)
	}
	return b
}

// Play is the seq-th of a stream of complete plays of 10 s each, one after the other from start on.
func Play(seq uint64, start time.Time) playlists.Play {
	at := start.Add(time.Duration(seq-1) * 10 * time.Second).UTC().Truncate(time.Millisecond)
	items := []playlists.ItemID{"know-your-numbers", "chest-pain-signs", "before-your-echo", "taking-your-tablets"}
	item := items[seq%uint64(len(items))]
	return playlists.Play{
		Seq: seq, Screen: CardiologyWindow, Item: item, Version: 1, Language: "en",
		Asset: Digest(string(item) + " en 1920"), Body: Digest("body of " + string(CardiologyWindow)),
		Window: "cardiology-weekdays", Region: "full", Start: at, Offset: -5 * 3600, Quality: playlists.ClockSynced,
		Boot: Boot, Mono: 60_000 + int64(seq-1)*10_000, Shown: 10_000, Planned: 10_000, Outcome: playlists.Complete,
	}
}
