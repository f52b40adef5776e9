package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"anteroom/controller/access"
	"anteroom/playlists"
)

// LibraryItem is an item in a few words: what a list of thousands shows and can be searched by.
type LibraryItem struct {
	ID        playlists.ItemID     `json:"id"`
	Title     string               `json:"title"`
	Version   int                  `json:"version"`
	Phase     playlists.Phase      `json:"phase,omitempty"`
	Topics    []playlists.Topic    `json:"topics"`
	Languages []playlists.Language `json:"languages"`
	Kind      playlists.Medium     `json:"kind" enum:"image,video,slide" doc:"Of its first rendition"`
	Millis    int64                `json:"millis" doc:"Length of a turn, where a playlist does not say another"`
	Picture   *playlists.Asset     `json:"picture,omitempty" doc:"What to show of it: the smallest size of its first rendition"`
	State     ReviewState          `json:"state" enum:"approved,unreviewed,waits,returned"`
	By        string               `json:"by,omitempty" doc:"Who approved it, let it out or sent it back"`
	Validity  Validity             `json:"validity" enum:"holds,due,later,over"`
	Sponsor   string               `json:"sponsor,omitempty"`
	Campaign  string               `json:"campaign,omitempty"`
	Captions  CaptionState         `json:"captions,omitempty" enum:"all,some,none" doc:"Whether the films with words among its renditions have captions; left out where there are none"`
}

// ReviewState is how far an item's present version is on its way to the screens.
type ReviewState string

// The states.
const (
	StateApproved   ReviewState = "approved"
	StateUnreviewed ReviewState = "unreviewed" // let out without a review
	StateWaits      ReviewState = "waits"
	StateReturned   ReviewState = "returned"
)

// Validity is whether an item may be shown today.
type Validity string

// The kinds of validity.
const (
	ValidHolds Validity = "holds"
	ValidDue   Validity = "due"   // it ends or is to be reviewed within 30 days, or was to be
	ValidLater Validity = "later" // it does not hold yet
	ValidOver  Validity = "over"
)

// CaptionState says how many of an item's films with words have captions.
type CaptionState string

// The states of captions.
const (
	CaptionsAll  CaptionState = "all"
	CaptionsSome CaptionState = "some"
	CaptionsNone CaptionState = "none"
)

// Library is the part of the library that a search finds.
type Library struct {
	Items []LibraryItem `json:"items" doc:"By title"`
	Found int           `json:"found" doc:"How many are found in all"`
	All   int           `json:"all" doc:"How many there are"`
	// Facets count what would be found with another choice of the one, all others staying.
	Facets map[string][]Facet `json:"facets" doc:"By the query's parameter: what can be chosen, and how many of what is found otherwise are so"`
}

// Facet is one choice, and how many items it would find.
type Facet struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// noneOf is the choice of what has no phase, sponsor or campaign.
const noneOf = "none"

type libraryInput struct {
	Search   string `query:"search" maxLength:"200" doc:"Words that title, topics, sponsor and campaign must have; accents and case do not matter"`
	Phase    string `query:"phase" maxLength:"64" doc:"A phase of care, or none"`
	Language string `query:"language" maxLength:"64"`
	Kind     string `query:"kind" maxLength:"64" doc:"image, video or slide"`
	State    string `query:"state" maxLength:"64" doc:"approved, unreviewed, waits or returned"`
	Validity string `query:"validity" maxLength:"64" doc:"holds, due, later or over"`
	Sponsor  string `query:"sponsor" maxLength:"200" doc:"A sponsor, or none"`
	Campaign string `query:"campaign" maxLength:"200" doc:"A campaign, or none"`
	Captions string `query:"captions" maxLength:"64" doc:"all, some or none"`
	Offset   int    `query:"offset" minimum:"0" doc:"How many to leave out"`
	Limit    int    `query:"limit" minimum:"0" maximum:"500" default:"60" doc:"How many to give at most"`
}

// LibraryTitle is an item by its name: what a list of thousands is chosen from.
type LibraryTitle struct {
	ID        playlists.ItemID `json:"id"`
	Title     string           `json:"title"`
	Millis    int64            `json:"millis" doc:"Length of a turn, where a playlist does not say another"`
	Picture   playlists.Digest `json:"picture,omitempty" doc:"What to show of it: the smallest size of its first rendition"`
	Template  bool             `json:"template,omitempty" doc:"It is wording for takeovers, which no playlist shows"`
	Elsewhere bool             `json:"elsewhere,omitempty" doc:"It does not go to screens, so no playlist shows it"`

	Topics []playlists.Topic `json:"topics,omitempty" doc:"What it is about"`
	// Moments and States are those that it is for alone.
	Moments []playlists.Moment `json:"moments,omitempty" doc:"The moments of a visit at which it shows alone"`
	States  []playlists.State  `json:"states,omitempty" doc:"The states of a clinic in which it shows alone"`
}

func (s *Server) library() {
	type out struct{ Body Library }
	operation(s, http.MethodGet, "/api/v1/library", "searchLibrary", "Search the library",
		func(ctx context.Context, in *libraryInput) (*out, error) {
			if err := may(ctx, access.See, access.Object{Kind: "item"}); err != nil {
				return nil, err
			}
			items, err := s.items.newest(ctx, s.Store)
			if err != nil {
				return nil, err
			}
			return &out{Body: in.find(s.shelf.titled(items, s.Now()))}, nil
		})
	operation(s, http.MethodGet, "/api/v1/library/titles", "listTitles", "Every item by its name",
		func(ctx context.Context, _ *listInput) (*list[LibraryTitle], error) {
			if err := may(ctx, access.See, access.Object{Kind: "item"}); err != nil {
				return nil, err
			}
			items, err := s.items.newest(ctx, s.Store)
			out := &list[LibraryTitle]{}
			out.Body.Items = make([]LibraryTitle, 0, len(items))
			for i := range items {
				out.Body.Items = append(out.Body.Items, titleOf(&items[i].value))
			}
			return out, err
		})
}

func titleOf(i *playlists.Item) LibraryTitle {
	title := LibraryTitle{ID: i.ID, Title: i.Title, Millis: turn(i), Template: i.Template != nil, Elsewhere: !i.GoesTo(playlists.Screens), Topics: i.Topics, Moments: i.Moments, States: i.States}
	if picture := picture(i); picture != nil {
		title.Picture = picture.Digest
	}
	return title
}

// picture is what is shown of an item; nil if there is nothing.
func picture(i *playlists.Item) *playlists.Asset {
	if len(i.Renditions) == 0 || len(i.Renditions[0].Variants) == 0 {
		return nil
	}
	picture := i.Renditions[0].Variants[0]
	return &picture
}

// turn is how long an item shows, in milliseconds, where a playlist does not say another.
func turn(i *playlists.Item) int64 {
	millis := i.Millis
	if picture := picture(i); picture != nil {
		millis = cmp.Or(millis, picture.Millis)
	}
	return cmp.Or(millis, playlists.DefaultMillis)
}

// facetNames are the parameters that choose, as they are written in the query.
func facetNames() []string {
	return []string{"phase", "language", "kind", "state", "validity", "sponsor", "campaign", "captions"}
}

// chosen is what the query asks for, in the order of facetNames.
func (in *libraryInput) chosen() []string {
	return []string{in.Phase, in.Language, in.Kind, in.State, in.Validity, in.Sponsor, in.Campaign, in.Captions}
}

// shelved is an item with the words that it is found by.
type shelved struct {
	LibraryItem

	words string
}

// values are what an item is found by, in the order of facetNames.
func (i *shelved) values() [][]string {
	return [][]string{
		{cmp.Or(string(i.Phase), noneOf)},
		texts(i.Languages),
		{string(i.Kind)},
		{string(i.State)},
		{string(i.Validity)},
		{cmp.Or(i.Sponsor, noneOf)},
		{cmp.Or(i.Campaign, noneOf)},
		{string(i.Captions)},
	}
}

func texts[S ~string](all []S) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = string(s)
	}
	return out
}

// find looks at every item once: what misses one choice alone counts for that facet.
func (in *libraryInput) find(all []*shelved) Library {
	found := Library{Items: []LibraryItem{}, All: len(all), Facets: map[string][]Facet{}}
	words, chosen, names := strings.Fields(folded(in.Search)), in.chosen(), facetNames()
	counts := make([]map[string]int, len(names))
	for n := range counts {
		counts[n] = map[string]int{}
	}
	for _, item := range all {
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(item.words, w) }) {
			continue
		}
		values, missed, misses := item.values(), -1, 0
		for n, want := range chosen {
			if want != "" && !slices.Contains(values[n], want) {
				missed, misses = n, misses+1
			}
		}
		for n := range names {
			if misses == 0 || misses == 1 && missed == n {
				for _, v := range values[n] {
					counts[n][v]++
				}
			}
		}
		if misses > 0 {
			continue
		}
		if found.Found >= in.Offset && len(found.Items) < in.Limit {
			found.Items = append(found.Items, item.LibraryItem)
		}
		found.Found++
	}
	for n, name := range names {
		found.Facets[name] = facets(counts[n])
	}
	return found
}

// facets lists counts, the most first.
func facets(counts map[string]int) []Facet {
	all := []Facet{}
	for value, count := range counts {
		if value != "" {
			all = append(all, Facet{value, count})
		}
	}
	slices.SortFunc(all, func(a, b Facet) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value)) })
	return all
}

// folded is text to search in: small letters without accents.
func folded(text string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(text)))
}

// shelf keeps the library in a few words, brought up to date when somebody asks.
type shelf struct {
	mu sync.Mutex
	// sorted are by title, of the items as they were; good for the day at which they were made.
	sorted []*shelved
	of     []copied[playlists.Item]
	day    playlists.Date
}

// titled gives the whole library by title; nobody may change it.
func (s *shelf) titled(items []copied[playlists.Item], now time.Time) []*shelved {
	s.mu.Lock()
	defer s.mu.Unlock()
	now = now.UTC()
	today := playlists.Date{Year: now.Year(), Month: now.Month(), Day: now.Day()}
	if s.day == today && len(items) == len(s.of) && (len(items) == 0 || &items[0] == &s.of[0]) { // a list is replaced, and never changed
		return s.sorted
	}
	s.day, s.of, s.sorted = today, items, make([]*shelved, 0, len(items))
	for i := range items {
		if items[i].value.Template == nil { // wording for takeovers has a list of its own
			s.sorted = append(s.sorted, shelve(items[i].value, now, today))
		}
	}
	slices.SortFunc(s.sorted, func(a, b *shelved) int { return cmp.Or(cmp.Compare(a.words, b.words), cmp.Compare(a.ID, b.ID)) })
	return s.sorted
}

// shelve says an item in a few words, as it is at a time.
func shelve(i playlists.Item, now time.Time, today playlists.Date) *shelved {
	card := LibraryItem{
		ID: i.ID, Title: i.Title, Version: i.Version, Phase: i.Phase, Topics: append([]playlists.Topic{}, i.Topics...), Languages: []playlists.Language{},
		Millis: turn(&i), Picture: picture(&i), Validity: validity(i, now, today), Sponsor: i.Sponsor, Campaign: i.Campaign, Captions: captionState(i),
	}
	card.State, card.By = reviewState(i)
	for _, r := range i.Renditions {
		card.Languages = append(card.Languages, r.Language)
	}
	if card.Picture != nil {
		card.Kind = card.Picture.Medium
	}
	return &shelved{card, folded(strings.Join(append([]string{i.Title, i.Sponsor, i.Campaign}, texts(i.Topics)...), " "))}
}

func reviewState(i playlists.Item) (state ReviewState, by string) {
	switch {
	case i.Approved() && i.Approval.Unreviewed:
		return StateUnreviewed, i.Approval.By
	case i.Approved():
		return StateApproved, i.Approval.By
	case i.SentBack():
		return StateReturned, i.Returned.By
	}
	return StateWaits, ""
}

func validity(i playlists.Item, now time.Time, today playlists.Date) Validity {
	soon := today.AddDays(playlists.DueWithin)
	switch {
	case !i.Until.IsZero() && !now.Before(i.Until):
		return ValidOver
	case now.Before(i.From):
		return ValidLater
	case !i.ReviewBy.IsZero() && i.ReviewBy.Compare(soon) <= 0, !i.Until.IsZero() && i.Until.Sub(now) <= playlists.DueWithin*24*time.Hour:
		return ValidDue
	}
	return ValidHolds
}

func captionState(i playlists.Item) CaptionState {
	films, with := 0, 0
	for _, r := range i.Renditions {
		if len(r.Variants) > 0 && r.Variants[0].Medium == playlists.Video && r.Language != playlists.NoWords {
			films++
			if r.Captions != nil {
				with++
			}
		}
	}
	switch {
	case films == 0:
		return ""
	case with == films:
		return CaptionsAll
	case with == 0:
		return CaptionsNone
	}
	return CaptionsSome
}
