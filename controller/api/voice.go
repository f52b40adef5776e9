package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"anteroom/controller/store"
	"anteroom/controller/voice"
	"anteroom/playlists"
)

// VoiceDemand says what patients did on their phones, as far as that may be told.
type VoiceDemand struct {
	Open bool        `json:"open" doc:"Phones reach their pages: the controller was given --public-url"`
	From string      `json:"from" doc:"The first period, whole"`
	Rows []DemandRow `json:"rows" doc:"The newest period first, then by department, what was counted, and how often"`
}

// DemandRow is a figure of people, of whom there are 11 at least. Rows without a language are of all languages, and those
// without a topic and an item of all.
type DemandRow struct {
	Period     string                 `json:"period" doc:"A month, 2026-11: the weeks that begin in it; or the Monday of a week, 2026-11-30"`
	Department playlists.DepartmentID `json:"department"`
	Name       string                 `json:"name" doc:"The department's"`
	What       store.Counted          `json:"what" enum:"asked,hand-off,read,helpful,unhelpful" doc:"Topics that were asked for; pages opened by a screen's code; items read; answers about items"`
	Topic      playlists.Topic        `json:"topic,omitempty"`
	Item       playlists.ItemID       `json:"item,omitempty"`
	Title      string                 `json:"title,omitempty" doc:"What the topic or the item is called"`
	Language   playlists.Language     `json:"language,omitempty"`
	Count      int64                  `json:"count" doc:"0, or 11 and more"`
	More       bool                   `json:"more,omitempty" doc:"There are more than that, too few to be told"`
}

// VoiceWanted says what patients asked for and the library does not have.
type VoiceWanted struct {
	Open   bool          `json:"open" doc:"Phones reach their pages: the controller was given --public-url"`
	Months int           `json:"months" doc:"How many months are looked back on, and the present one"`
	Topics []WantedTopic `json:"topics" doc:"By how often they were asked for"`
}

// WantedTopic is a topic that patients of a department asked for.
type WantedTopic struct {
	Department playlists.DepartmentID `json:"department"`
	Name       string                 `json:"name" doc:"The department's"`
	Topic      playlists.Topic        `json:"topic"`
	Title      string                 `json:"title" doc:"What the topic is called"`
	Count      int64                  `json:"count" doc:"0, or 11 and more"`
	More       bool                   `json:"more,omitempty" doc:"There are more than that, too few to be told"`
	Needs      string                 `json:"needs" enum:"item,approval,language" doc:"What is missing: an item about it, the approval of one that there is, or one in a language in which it was asked for"`
	Item       playlists.ItemID       `json:"item,omitempty" doc:"An item that waits for approval, or lacks the language"`
	Language   playlists.Language     `json:"language,omitempty" doc:"The language that lacks"`
}

// wantedMonths is for how long what was asked for counts as wanted.
const wantedMonths = 6

func (s *Server) voice() {
	type input struct {
		Department playlists.DepartmentID `query:"department" maxLength:"64" doc:"Only this department"`
		By         string                 `query:"by" enum:"month,week" default:"month"`
		Months     int                    `query:"months" minimum:"0" maximum:"60" default:"6" doc:"How many months to look back on, beside the present one"`
	}
	type demandOut struct{ Body VoiceDemand }
	operation(s, http.MethodGet, "/api/v1/voice/demand", "getVoiceDemand", "What patients opened, read, found helpful and asked for on their phones, in figures of 11 and more",
		func(ctx context.Context, in *input) (*demandOut, error) {
			demand, err := s.demand(ctx, in.Department, in.By == "week", in.Months)
			return &demandOut{Body: demand}, err
		})
	type wantedInput struct {
		Department playlists.DepartmentID `query:"department" maxLength:"64" doc:"Only this department"`
	}
	type wantedOut struct{ Body VoiceWanted }
	operation(s, http.MethodGet, "/api/v1/voice/wanted", "getVoiceWanted", "What patients asked for and the library does not have",
		func(ctx context.Context, in *wantedInput) (*wantedOut, error) {
			wanted, err := s.wanted(ctx, in.Department)
			return &wantedOut{Body: wanted}, err
		})
}

// heard is what may be told of departments that one may see, with their names and those of topics.
type heard struct {
	departments map[playlists.DepartmentID]playlists.Department
	topics      map[playlists.Topic]playlists.TopicEntry
	rows        []voice.Row
}

// listen reads what was counted since the beginning of a month. Months are read whole: what is told of one does not depend on
// what is asked.
func (s *Server) listen(ctx context.Context, only playlists.DepartmentID, from playlists.Date, tell func([]store.Count, time.Time) []voice.Row) (heard, error) {
	departments, err := s.coverable(ctx, only)
	if err != nil {
		return heard{}, err
	}
	out := heard{departments: map[playlists.DepartmentID]playlists.Department{}}
	for _, d := range departments {
		out.departments[d.ID] = d
	}
	if out.topics, err = documentsByID[playlists.Topic, playlists.TopicEntry](ctx, s.Store, "topic"); err != nil {
		return heard{}, err
	}
	var counts []store.Count
	for c, err := range s.Store.Counts(ctx, from, dateOf(s.Now()).AddDays(7)) {
		if err != nil {
			return heard{}, fmt.Errorf("reading what patients asked for: %w", err)
		}
		if _, mine := out.departments[c.Department]; mine && c.What.OnPhones() {
			counts = append(counts, c)
		}
	}
	out.rows = tell(counts, s.Now())
	return out, nil
}

// back is the first day of a month some months ago.
func (s *Server) back(months int) playlists.Date {
	now := s.Now().UTC()
	return dateOf(time.Date(now.Year(), now.Month()-time.Month(months), 1, 0, 0, 0, 0, time.UTC))
}

func dateOf(at time.Time) playlists.Date {
	y, m, d := at.UTC().Date()
	return playlists.Date{Year: y, Month: m, Day: d}
}

func (s *Server) demand(ctx context.Context, only playlists.DepartmentID, weekly bool, months int) (VoiceDemand, error) {
	tell, from := voice.Months, s.back(months)
	if weekly {
		tell = voice.Weeks
	}
	found, err := s.listen(ctx, only, from, tell)
	if err != nil {
		return VoiceDemand{}, err
	}
	items, err := s.items.newest(ctx, s.Store)
	if err != nil {
		return VoiceDemand{}, err
	}
	titles := map[string]string{}
	for i := range items {
		titles[string(items[i].value.ID)] = items[i].value.Title
	}
	out := VoiceDemand{Open: s.PublicURL != "", From: fmt.Sprintf("%04d-%02d", from.Year, int(from.Month)), Rows: []DemandRow{}}
	for _, r := range found.rows {
		row := DemandRow{
			Period: r.Period, Department: r.Department, Name: found.departments[r.Department].Name, What: r.What, Language: r.Language, Count: r.N, More: r.More,
		}
		switch {
		case r.Of == "":
		case r.What == store.Asked:
			row.Topic, row.Title = playlists.Topic(r.Of), found.title(r.Of)
		default:
			row.Item, row.Title = playlists.ItemID(r.Of), cmp.Or(titles[r.Of], r.Of)
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

func (h *heard) title(topic string) string {
	e, ok := h.topics[playlists.Topic(topic)]
	if !ok {
		return topic
	}
	return e.Name("en")
}

func (s *Server) wanted(ctx context.Context, only playlists.DepartmentID) (VoiceWanted, error) {
	out := VoiceWanted{Open: s.PublicURL != "", Months: wantedMonths, Topics: []WantedTopic{}}
	found, err := s.listen(ctx, only, s.back(wantedMonths), voice.Months)
	if err != nil {
		return out, err
	}
	items, err := s.items.newest(ctx, s.Store)
	if err != nil {
		return out, err
	}
	type key struct {
		department playlists.DepartmentID
		topic      string
	}
	asked := map[key]*WantedTopic{}
	languages := map[key][]playlists.Language{}
	for _, r := range found.rows {
		k := key{r.Department, r.Of}
		switch {
		case r.What != store.Asked || r.Of == "":
		case r.Language != "":
			languages[k] = append(languages[k], r.Language)
		case asked[k] == nil:
			asked[k] = &WantedTopic{Department: r.Department, Name: found.departments[r.Department].Name, Topic: playlists.Topic(r.Of), Title: found.title(r.Of), Count: r.N, More: r.More}
		default:
			asked[k].Count += r.N
			asked[k].More = asked[k].More || r.More
		}
	}
	for k, w := range asked {
		var about []*playlists.Item
		for i := range items {
			if item := &items[i].value; slices.Contains(item.Topics, w.Topic) {
				about = append(about, item)
			}
		}
		if w.needs(about, languages[k], s.Now()) {
			out.Topics = append(out.Topics, *w)
		}
	}
	slices.SortFunc(out.Topics, func(a, b WantedTopic) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Title, b.Title), cmp.Compare(a.Topic, b.Topic))
	})
	return out, nil
}

// needs says what is missing about the topic, of the items that there are; false if nothing is.
func (w *WantedTopic) needs(about []*playlists.Item, languages []playlists.Language, now time.Time) bool {
	var ready []*playlists.Item
	for _, i := range about {
		if i.Approved() && i.ValidAt(now) && i.GoesTo(playlists.Phone) {
			ready = append(ready, i)
		}
	}
	switch {
	case len(about) == 0:
		w.Needs = "item"
		return true
	case len(ready) == 0:
		w.Needs, w.Item = "approval", about[0].ID
		return true
	}
	for _, l := range slices.Sorted(slices.Values(languages)) {
		speaks := func(i *playlists.Item) bool {
			return slices.ContainsFunc(i.Renditions, func(r playlists.Rendition) bool { return r.Language == l || r.Language == playlists.NoWords })
		}
		if !slices.ContainsFunc(ready, speaks) {
			w.Needs, w.Item, w.Language = "language", ready[0].ID, l
			return true
		}
	}
	return false
}
