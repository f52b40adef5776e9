package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"anteroom/controller/access"
	"anteroom/controller/players"
	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// FleetOutline is every screen in a few words: what a list of thousands needs to sort and to search.
type FleetOutline struct {
	// Version names this state: give it to the events to hear only of what changes after it.
	Version string       `json:"version" doc:"Give it as after to the events, to hear only of what changes from here on"`
	Screens []FleetBrief `json:"screens" doc:"By department and name"`
}

// FleetBrief is a screen in a few words.
type FleetBrief struct {
	StateWords

	ID             playlists.ScreenID     `json:"id"`
	Name           string                 `json:"name"`
	Department     playlists.DepartmentID `json:"department"`
	DepartmentName string                 `json:"department_name"`
	Site           playlists.SiteID       `json:"site"`
	SiteName       string                 `json:"site_name"`
	Tags           []playlists.Tag        `json:"tags"`
	Rotation       int                    `json:"rotation"`
	State          ScreenState            `json:"state" enum:"playing,alone,no-picture,never-seen,unpaired,revoked"`
	StateText      string                 `json:"state_text" doc:"The state in plain words"`
	Linked         bool                   `json:"linked"`
	Paired         bool                   `json:"paired" doc:"A player serves it"`
	Notes          int                    `json:"notes" doc:"How many faults its player notes"`
}

// outline keeps the fleet in a few words, brought up to date when somebody asks. Documents are read again only where
// one of their kinds has changed, and a row is encoded anew only where it says something else.
type outline struct {
	boot      string
	documents <-chan uint64
	players   <-chan struct{}

	mu      sync.Mutex
	places  []place // by department and name, those of a department together
	read    uint64  // the change up to which documents are known
	newest  uint64  // the newest change that was heard of
	rows    map[playlists.ScreenID]*outlined
	version uint64 // grows with every change of a row
	gone    uint64 // the version at which a screen last went away
	at      time.Time
}

// place is a screen with what its department and site say of it.
type place struct {
	screen     playlists.Screen
	department playlists.Department
	site       string
	zone       *time.Location
}

// outlined is a row as it was last told.
type outlined struct {
	place   *place
	now     condition
	encoded []byte
	changed uint64
}

// condition is what changes of a screen without a change of a document.
type condition struct {
	state          ScreenState
	text           string
	words          StateWords
	linked, paired bool
	notes          int
}

// staleAfter is how long rows are good for though no player said anything: their words hold times.
const staleAfter = 20 * time.Second

// enough is how many changes of documents are looked at one by one before all screens are read again.
const enough = 1000

// follow makes an outline that ends with ctx.
func follow(ctx context.Context, c *Config) *outline {
	o := &outline{boot: strconv.FormatInt(c.Now().UnixNano(), 36), rows: map[playlists.ScreenID]*outlined{}, version: 1}
	if c.Store != nil && c.Players != nil {
		o.documents, o.players = c.Store.Changes(ctx, 0), c.Players.Changes(ctx)
	}
	return o
}

// freshLocked brings the outline up to date.
func (o *outline) freshLocked(ctx context.Context, s *Server) error {
	changed, err := o.readLocked(ctx, s)
	if err != nil {
		return err
	}
	select {
	case <-o.players:
		changed = true
	default:
	}
	now, told := s.Now(), false
	if !changed && now.Sub(o.at) < staleAfter {
		return nil
	}
	o.at = now
	cut := s.Players.CutOff()
	for i := range o.places {
		p := &o.places[i]
		row, known := o.rows[p.screen.ID]
		if !known {
			row = &outlined{}
			o.rows[p.screen.ID] = row
		}
		is := s.condition(p, cut, now)
		if row.place == p && row.now == is {
			continue
		}
		row.place, row.now = p, is
		enc, err := json.Marshal(row.brief())
		if err != nil {
			return fmt.Errorf("encoding screen %s: %w", p.screen.ID, err)
		}
		if !bytes.Equal(enc, row.encoded) {
			row.encoded, row.changed = enc, o.version+1
			told = true
		}
	}
	if told {
		o.version++
	}
	return nil
}

// readLocked reads the documents again if one of them may have changed.
func (o *outline) readLocked(ctx context.Context, s *Server) (changed bool, err error) {
	select {
	case o.newest = <-o.documents:
	default:
	}
	newest := o.newest
	if o.places != nil && newest <= o.read {
		return false, nil
	}
	if o.places != nil && newest-o.read <= enough {
		changed, err = touches(ctx, s.Store, o.read)
		if err != nil {
			return false, err
		}
		if !changed {
			o.read = newest
			return false, nil
		}
	}
	places, err := s.places(ctx)
	if err != nil {
		return false, err
	}
	o.places, o.read = places, newest
	present := make(map[playlists.ScreenID]bool, len(places))
	for i := range places {
		present[places[i].screen.ID] = true
	}
	for id := range o.rows {
		if !present[id] {
			delete(o.rows, id)
			o.version++
			o.gone = o.version
		}
	}
	return true, nil
}

// touches reports whether a change after the given one is of a document that an outline is made of.
func touches(ctx context.Context, docs store.Documents, after uint64) (bool, error) {
	for doc, err := range docs.Since(ctx, after) {
		if err != nil {
			return false, fmt.Errorf("reading what has changed: %w", err)
		}
		if doc.Kind == "screen" || doc.Kind == "department" || doc.Kind == "site" {
			return true, nil
		}
	}
	return false, nil
}

// places are all screens, by department and name.
func (s *Server) places(ctx context.Context) ([]place, error) {
	screens, err := s.screensByID(ctx)
	if err != nil {
		return nil, err
	}
	departments, err := documentsByID[playlists.DepartmentID, playlists.Department](ctx, s.Store, "department")
	if err != nil {
		return nil, err
	}
	sites, err := documentsByID[playlists.SiteID, playlists.Site](ctx, s.Store, "site")
	if err != nil {
		return nil, err
	}
	zones := map[playlists.DepartmentID]*time.Location{}
	for id, d := range departments {
		zones[id] = zoneOf(d)
	}
	places := make([]place, 0, len(screens))
	for _, screen := range screens {
		d := departments[screen.Department]
		zone := cmp.Or(zones[screen.Department], time.UTC)
		places = append(places, place{screen, d, sites[d.Site].Name, zone})
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(
			compareNames(a.department.Name, b.department.Name, a.screen.Department, b.screen.Department),
			compareNames(a.screen.Name, b.screen.Name, a.screen.ID, b.screen.ID),
		)
	})
	return places, nil
}

// condition is how a screen is now.
func (s *Server) condition(p *place, cut map[playlists.ScreenID]bool, now time.Time) condition {
	player, ok := s.Players.OfScreen(p.screen.ID)
	if !ok {
		state, code := unserved(cut[p.screen.ID])
		return conditionOf(state, StateWords{StateCode: code}, now)
	}
	presence, ok := s.Players.Presence(player.ID)
	if !ok || presence.LastHeard.IsZero() {
		c := conditionOf(NeverSeen, StateWords{StateCode: neverHeard}, now)
		c.paired, c.notes = true, len(presence.Alarms)
		return c
	}
	state, words := stateOf(presence, p.zone)
	c := conditionOf(state, words, now)
	c.linked, c.paired, c.notes = presence.Linked, true, notesOf(presence)
	return c
}

func conditionOf(state ScreenState, words StateWords, now time.Time) condition {
	return condition{state: state, text: words.words(now), words: words}
}

func notesOf(p players.Presence) int {
	n := len(p.Heartbeat.Health.Notes) + len(p.Alarms)
	if len(p.Heartbeat.Health.SetAside) > 0 {
		n++
	}
	return n
}

func (r *outlined) brief() FleetBrief {
	p := r.place
	return FleetBrief{
		ID: p.screen.ID, Name: p.screen.Name, Department: p.screen.Department, DepartmentName: p.department.Name,
		Site: p.department.Site, SiteName: p.site, Tags: append([]playlists.Tag{}, p.screen.Tags...), Rotation: p.screen.Rotation,
		State: r.now.state, StateText: r.now.text, StateWords: r.now.words, Linked: r.now.linked, Paired: r.now.paired, Notes: r.now.notes,
	}
}

// visible tells which departments whoever asks may see the screens of.
func visible(ctx context.Context) func(playlists.DepartmentID) bool {
	known := map[playlists.DepartmentID]bool{}
	return func(d playlists.DepartmentID) bool {
		seen, ok := known[d]
		if !ok {
			seen = may(ctx, access.See, access.Object{Kind: "screen", Departments: single(d)}) == nil
			known[d] = seen
		}
		return seen
	}
}

// since gives what whoever asks may see of what changed after a version. What was given for another run of the
// controller, or before a screen went away, is no version: all rows come then.
func (o *outline) since(ctx context.Context, s *Server, after string) (FleetEvent, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.freshLocked(ctx, s); err != nil {
		return FleetEvent{}, err
	}
	told := o.numberLocked(after)
	e := FleetEvent{Whole: told == 0, Version: o.nameLocked(), Screens: []FleetBrief{}}
	o.eachLocked(ctx, told, func(row *outlined) { e.Screens = append(e.Screens, row.brief()) })
	return e, nil
}

// encoded is a [FleetOutline] of all that whoever asks may see, as JSON, with its ETag; without the JSON if that is seen
// already.
func (o *outline) encoded(ctx context.Context, s *Server, seen string) (body []byte, etag string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.freshLocked(ctx, s); err != nil {
		return nil, "", err
	}
	if etag = o.etagLocked(ctx); etag == seen {
		return nil, etag, nil
	}
	var b bytes.Buffer
	between := `{"version":` + strconv.Quote(o.nameLocked()) + `,"screens":[`
	o.eachLocked(ctx, 0, func(row *outlined) {
		b.WriteString(between)
		b.Write(row.encoded)
		between = ","
	})
	if b.Len() == 0 {
		b.WriteString(between)
	}
	b.WriteString("]}\n")
	return b.Bytes(), etag, nil
}

// etagLocked names the state and the departments that whoever asks may see of it.
func (o *outline) etagLocked(ctx context.Context) string {
	seen, sum := visible(ctx), fnv.New64a()
	for i := range o.places {
		if d := o.places[i].screen.Department; (i == 0 || d != o.places[i-1].screen.Department) && seen(d) {
			_, _ = sum.Write(append([]byte(d), 0)) // it never fails
		}
	}
	return fmt.Sprintf("\"%s-%x\"", o.nameLocked(), sum.Sum64())
}

// eachLocked gives the rows that whoever asks may see and that changed after a version.
func (o *outline) eachLocked(ctx context.Context, told uint64, give func(*outlined)) {
	seen := visible(ctx)
	for i := range o.places {
		if row := o.rows[o.places[i].screen.ID]; row.changed > told && seen(row.place.screen.Department) {
			give(row)
		}
	}
}

func (o *outline) nameLocked() string { return o.boot + "-" + strconv.FormatUint(o.version, 10) }

// known are all screens, in order.
func (o *outline) known(ctx context.Context, s *Server) ([]place, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.freshLocked(ctx, s); err != nil {
		return nil, err
	}
	return o.places, nil // it is replaced, and never changed
}

// showing finds the screens that show something now with all words in its title.
func (o *outline) showing(ctx context.Context, s *Server, title string) ([]playlists.ScreenID, error) {
	places, err := o.known(ctx, s)
	if err != nil {
		return nil, err
	}
	words, seen, found := strings.Fields(strings.ToLower(title)), visible(ctx), []playlists.ScreenID{}
	for i := range places {
		screen := &places[i].screen
		player, ok := s.Players.OfScreen(screen.ID)
		if !ok || !seen(screen.Department) {
			continue
		}
		presence, _ := s.Players.Presence(player.ID)
		if presence.Linked && slices.ContainsFunc(presence.Heartbeat.Health.Showing, func(n wire.NowShowing) bool { return has(n.Title, words) }) {
			found = append(found, screen.ID)
		}
	}
	return found, nil
}

func has(text string, words []string) bool {
	text = strings.ToLower(text)
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// numberLocked reads a version; 0 where it is not one that changes can be told from.
func (o *outline) numberLocked(version string) uint64 {
	digits, ours := bytes.CutPrefix([]byte(version), []byte(o.boot+"-"))
	n, err := strconv.ParseUint(string(digits), 10, 64)
	if !ours || err != nil || n < o.gone || n > o.version {
		return 0
	}
	return n
}

type outlineInput struct {
	IfNoneMatch string `header:"If-None-Match" doc:"The ETag of the last answer: if nothing has changed since, the answer is 304 and empty"`
}

func (s *Server) outlines() {
	path := "/api/v1/fleet/outline"
	operation(s, http.MethodGet, path, "getFleetOutline", "Every screen in a few words", s.outlineNow, func(op *huma.Operation) {
		schema := s.api.OpenAPI().Components.Schemas.Schema(typeOf[FleetOutline](), true, "")
		op.Responses = map[string]*huma.Response{
			"200": {Description: "OK", Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}},
			"304": {Description: "Nothing has changed"},
		}
	})
}

func (s *Server) outlineNow(ctx context.Context, in *outlineInput) (*huma.StreamResponse, error) {
	body, etag, err := s.outline.encoded(ctx, s, in.IfNoneMatch)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(to huma.Context) {
		to.SetHeader("ETag", etag)
		if body == nil {
			to.SetStatus(http.StatusNotModified)
			return
		}
		to.SetHeader("Content-Type", "application/json")
		if _, err := to.BodyWriter().Write(body); err != nil {
			s.log.DebugContext(ctx, "fleet not sent", slogErr(err))
		}
	}}, nil
}
