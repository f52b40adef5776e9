package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/access/audit"
	"anteroom/controller/notify"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// Review is an item whose newest version nobody has approved.
type Review struct {
	Item  Item      `json:"item" doc:"The version that waits, or that was sent back"`
	Since time.Time `json:"since" doc:"When that version was first written; when it was sent back, if it was"`
	// On is the version before.
	On          *Item                    `json:"on,omitempty" doc:"The last approved version, which stays on the screens meanwhile; absent if there is none"`
	Departments []playlists.DepartmentID `json:"departments" doc:"Departments whose screens show the item, or will once it is approved"`
	Own         bool                     `json:"own" doc:"You are one of its writers, so somebody else must approve it"`
}

// DueItem is an approved item that runs out of date.
type DueItem struct {
	playlists.Due

	Document    Item                     `json:"document" doc:"The item as it is now; its approved version may be an earlier one"`
	Departments []playlists.DepartmentID `json:"departments"`
}

// Reviews is what waits for somebody's judgement.
type Reviews struct {
	Waiting  []Review  `json:"waiting" doc:"For a reviewer, the oldest first"`
	Returned []Review  `json:"returned" doc:"Sent back to their writers, the newest first"`
	Due      []DueItem `json:"due" doc:"What runs out of date within 30 days, the soonest first; what is past its review too"`
	Rights   Rights    `json:"rights"`
}

// Rights are what whoever asks may do with what waits.
type Rights struct {
	Approve bool `json:"approve" doc:"You may approve what others wrote, and send it back"`
	Release bool `json:"release" doc:"You may let out what nobody has reviewed; it is marked so"`
	Alone   bool `json:"alone" doc:"Nobody but you may approve"`
}

// ReviewCounts say how much there is to do for whoever asks.
type ReviewCounts struct {
	Waiting  int `json:"waiting" doc:"Items that you may decide about"`
	Returned int `json:"returned" doc:"Items of yours that were sent back"`
	Due      int `json:"due" doc:"Items that run out of date within 30 days; 0 where you may not approve"`
}

// ApprovalOrder approves a version.
type ApprovalOrder struct {
	Version  int            `json:"version" minimum:"1" doc:"The version that you saw"`
	ReviewBy playlists.Date `json:"review_by,omitzero" doc:"The day by which somebody must look again; left out, it stays"`
	// Checks are an aid, and decide nothing.
	Checks []playlists.Checked `json:"checks,omitempty" maxItems:"3" doc:"Checklists that you filled in, PEMAT and the Clear Communication Index; they are kept with the decision, and none has to be"`
}

// ReleaseOrder lets a version out without a review.
type ReleaseOrder struct {
	ApprovalOrder

	Reason string `json:"reason" doc:"Why it cannot wait; kept with the version"`
}

// ReturnOrder sends a version back.
type ReturnOrder struct {
	Version int    `json:"version" minimum:"1" doc:"The version that you saw"`
	Reason  string `json:"reason" doc:"What its writers should put right"`

	Checks []playlists.Checked `json:"checks,omitempty" maxItems:"3" doc:"As of an approval"`
}

type verdictInput[B any] struct {
	ID      string `path:"id" maxLength:"64" doc:"The item's id, \"flu-season\""`
	IfMatch string `header:"If-Match" doc:"The ETag of the revision that you saw"`
	Body    B
}

type reviewsInput struct {
	Today playlists.Date `query:"today" doc:"The date where you are, 2026-11-23; left out, that of UTC"`
}

func (s *Server) reviews() {
	s.verdicts()
	type reviewsOut struct{ Body Reviews }
	operation(s, http.MethodGet, "/api/v1/reviews", "listReviews", "What waits for a review, what was sent back, and what runs out of date",
		func(ctx context.Context, in *reviewsInput) (*reviewsOut, error) {
			r, err := s.allReviews(ctx, in.Today)
			return &reviewsOut{Body: r}, err
		})
	type countsOut struct{ Body ReviewCounts }
	operation(s, http.MethodGet, "/api/v1/reviews/counts", "countReviews", "How much waits for whoever asks",
		func(ctx context.Context, in *reviewsInput) (*countsOut, error) {
			r, err := s.allReviews(ctx, in.Today)
			return &countsOut{Body: r.countsFor(by(ctx))}, err
		})
}

// verdicts are the three things that can be decided about a version.
func (s *Server) verdicts() {
	const base = "/api/v1/items/{id}"
	operation(s, http.MethodPost, base+"/approve", "approveItem", "Approve a version that somebody else wrote, or say that it still holds",
		func(ctx context.Context, in *verdictInput[ApprovalOrder]) (*one[Item], error) {
			v := playlists.Verdict{Version: in.Body.Version, ReviewBy: in.Body.ReviewBy, Checks: in.Body.Checks}
			return s.decide(audit.As(ctx, "item", audit.Approved), access.Approve, in.ID, in.IfMatch, v, playlists.Item.Approve)
		}, staleAnswer[Item](s))
	operation(s, http.MethodPost, base+"/release", "releaseItem", "Let a version out that nobody has reviewed; it is marked so",
		func(ctx context.Context, in *verdictInput[ReleaseOrder]) (*one[Item], error) {
			v := playlists.Verdict{Version: in.Body.Version, ReviewBy: in.Body.ReviewBy, Reason: in.Body.Reason}
			return s.decide(audit.As(ctx, "item", audit.Released), access.Release, in.ID, in.IfMatch, v, playlists.Item.Release)
		}, staleAnswer[Item](s))
	operation(s, http.MethodPost, base+"/return", "returnItem", "Send a version back to its writers with a reason",
		func(ctx context.Context, in *verdictInput[ReturnOrder]) (*one[Item], error) {
			v := playlists.Verdict{Version: in.Body.Version, Reason: in.Body.Reason, Checks: in.Body.Checks}
			return s.decide(audit.As(ctx, "item", audit.SentBack), access.Approve, in.ID, in.IfMatch, v, playlists.Item.SendBack)
		}, staleAnswer[Item](s))
}

// verdict is an item as it is after somebody has decided about it.
type verdict = func(playlists.Item, playlists.Verdict) (playlists.Item, error)

// decide writes a verdict into an item, as a revision of whoever decided.
func (s *Server) decide(ctx context.Context, action access.Action, id, ifMatch string, v playlists.Verdict, as verdict) (*one[Item], error) {
	was, err := precondition(ifMatch, "")
	if err != nil {
		return nil, err
	}
	v.By, v.At = by(ctx), s.Now().UTC()
	var decided *Item
	err = s.Store.Update(ctx, func(tx store.Tx) (err error) {
		if err := may(ctx, action, access.Object{Kind: "item"}); err != nil {
			return err
		}
		decided, err = decideIn(tx, id, was, v, as)
		return err
	})
	if err != nil {
		return nil, stale[Item, playlists.Item](err, "item", nil)
	}
	return answer[Item, playlists.Item](decided), nil
}

func decideIn(tx store.Tx, id string, was uint64, v playlists.Verdict, as verdict) (*Item, error) {
	doc, err := tx.Get("item", id)
	if err != nil {
		return nil, missing(err, "item", id)
	}
	if doc.Revision != was {
		return nil, &store.StaleError{Newest: doc, Was: was}
	}
	d, err := readItem(doc)
	if err != nil {
		return nil, err
	}
	if d.Item, err = as(d.Item, v); err != nil {
		return nil, err
	}
	body, err := json.Marshal(d.Item)
	if err != nil {
		return nil, fmt.Errorf("encoding item %s: %w", id, err)
	}
	doc, err = tx.Put("item", id, was, v.By, body)
	d.Revision = doc.Revision
	return d, err
}

// readItem reads an item. One that was written before writers were kept has whoever made the revision.
func readItem(doc store.Document) (*Item, error) {
	d, err := decode[Item, playlists.Item](doc)
	if err == nil && len(d.Authors) == 0 {
		d.Authors = []string{doc.By}
	}
	return d, err
}

// itemOf is an item as [readItem] reads it.
func itemOf(c *copied[playlists.Item]) *Item {
	d := &Item{Revision: c.revision, Item: c.value}
	if len(d.Authors) == 0 {
		d.Authors = []string{c.by}
	}
	return d
}

// allReviews is what waits, with the rights of whoever asks.
func (s *Server) allReviews(ctx context.Context, today playlists.Date) (Reviews, error) {
	r := Reviews{Waiting: []Review{}, Returned: []Review{}, Due: []DueItem{}}
	if err := may(ctx, access.See, access.Object{Kind: "item"}); err != nil {
		return r, err
	}
	if today.IsZero() {
		now := s.Now().UTC()
		today = playlists.Date{Year: now.Year(), Month: now.Month(), Day: now.Day()}
	}
	var err error
	if r.Rights, err = s.rights(ctx); err != nil {
		return r, err
	}
	err = s.gather(ctx, &r, by(ctx), today)
	return r, err
}

func (s *Server) rights(ctx context.Context) (Rights, error) {
	item := access.Object{Kind: "item"}
	r := Rights{Approve: may(ctx, access.Approve, item) == nil, Release: may(ctx, access.Release, item) == nil}
	users, err := s.People.Users(ctx)
	if err != nil {
		return r, err
	}
	r.Alone = !slices.ContainsFunc(users, func(u access.User) bool {
		return u.Name != by(ctx) && access.Authorize(u.Actor, access.Approve, item) == nil
	})
	return r, nil
}

func (s *Server) gather(ctx context.Context, r *Reviews, who string, today playlists.Date) error {
	items, err := s.items.newest(ctx, s.Store)
	if err != nil {
		return err
	}
	return s.Store.View(ctx, func(v store.View) error { return r.gather(v, items, who, today) })
}

func (r *Reviews) gather(v store.View, items []copied[playlists.Item], who string, today playlists.Date) error {
	uses, err := newUses(v, items)
	if err != nil {
		return err
	}
	out := make([]playlists.Item, 0, len(items))
	for i := range items {
		if items[i].value.Approved() {
			out = append(out, items[i].value)
			continue
		}
		item := itemOf(&items[i])
		one, err := review(v, item, who)
		if err != nil {
			return err
		}
		one.Departments = uses.of(item.ID)
		if one.On != nil {
			out = append(out, one.On.Item)
		}
		r.add(one)
	}
	for _, due := range playlists.DueBy(out, today, playlists.DueWithin) {
		n, _ := slices.BinarySearchFunc(items, string(due.Item), byID)
		r.Due = append(r.Due, DueItem{Due: due, Document: *itemOf(&items[n]), Departments: uses.of(due.Item)})
	}
	r.sort()
	return nil
}

func (r *Reviews) add(one Review) {
	if one.Item.SentBack() {
		one.Since = one.Item.Returned.At
		r.Returned = append(r.Returned, one)
		return
	}
	r.Waiting = append(r.Waiting, one)
}

func (r *Reviews) sort() {
	slices.SortStableFunc(r.Waiting, func(a, b Review) int { return a.Since.Compare(b.Since) })
	slices.SortStableFunc(r.Returned, func(a, b Review) int { return b.Since.Compare(a.Since) })
}

// countsFor counts what is somebody's to do.
func (r *Reviews) countsFor(who string) ReviewCounts {
	var c ReviewCounts
	for _, one := range r.Waiting {
		if r.Rights.Approve && (!one.Own || r.Rights.Release && r.Rights.Alone) {
			c.Waiting++
		}
	}
	for _, one := range r.Returned {
		if slices.Contains(one.Item.Authors, who) {
			c.Returned++
		}
	}
	if r.Rights.Approve {
		c.Due = len(r.Due)
	}
	return c
}

// Due is what runs out of date within 30 days, by the date of UTC, with the departments that show it.
func (s *Server) Due(ctx context.Context) ([]notify.Due, error) {
	r := Reviews{}
	now := s.Now().UTC()
	today := playlists.Date{Year: now.Year(), Month: now.Month(), Day: now.Day()}
	if err := s.gather(ctx, &r, "", today); err != nil {
		return nil, err
	}
	var all []notify.Due
	for _, d := range r.Due {
		all = append(all, notify.Due{Due: d.Due, Departments: d.Departments})
	}
	return all, nil
}

// review finds out since when a version waits, and what stays on meanwhile.
func review(v store.View, item *Item, who string) (Review, error) {
	r := Review{Item: *item, Own: slices.Contains(item.Authors, who)}
	for doc, err := range v.Revisions("item", string(item.ID)) {
		if err != nil {
			return r, err
		}
		if doc.Deleted {
			continue
		}
		was, err := readItem(doc)
		if err != nil {
			return r, err
		}
		if was.Approved() {
			r.On = was
			return r, nil
		}
		if was.Version == item.Version {
			r.Since = doc.At
		}
	}
	return r, nil
}

// uses knows which departments show which items.
type uses struct {
	departments map[playlists.ItemID][]playlists.DepartmentID
}

func (u *uses) of(item playlists.ItemID) []playlists.DepartmentID {
	return distinct(u.departments[item])
}

// newUses follows playlists to the departments that they are the filler of, and to those that windows reach.
func newUses(v store.View, items []copied[playlists.Item]) (*uses, error) {
	shown, err := playlistUses(v)
	if err != nil {
		return nil, err
	}
	u := &uses{departments: map[playlists.ItemID][]playlists.DepartmentID{}}
	if err := u.templates(v, items); err != nil {
		return nil, err
	}
	return u, each(v, "playlist", func(p playlists.Playlist) error {
		for _, e := range p.Entries {
			if e.Weight > 0 {
				u.departments[e.Item] = append(u.departments[e.Item], shown[p.ID]...)
			}
		}
		return nil
	})
}

// templates: wording for takeovers may come to every department.
func (u *uses) templates(v store.View, items []copied[playlists.Item]) error {
	every, err := collect(v, "department", func(d playlists.Department) (playlists.DepartmentID, bool) { return d.ID, true })
	for i := range items {
		if item := &items[i].value; item.Template != nil {
			u.departments[item.ID] = slices.Clip(every)
		}
	}
	return err
}

// playlistUses gives the departments whose screens show a playlist.
func playlistUses(v store.View) (map[playlists.PlaylistID][]playlists.DepartmentID, error) {
	shown := map[playlists.PlaylistID][]playlists.DepartmentID{}
	var every []playlists.DepartmentID
	err := each(v, "department", func(d playlists.Department) error {
		every = append(every, d.ID)
		shown[d.Filler] = append(shown[d.Filler], d.ID)
		shown[d.Closed] = append(shown[d.Closed], d.ID)
		return nil
	})
	layouts := map[playlists.LayoutID]playlists.Layout{}
	err = errors.Join(err, each(v, "layout", func(l playlists.Layout) error {
		layouts[l.ID] = l
		return nil
	}))
	return shown, errors.Join(err, each(v, "window", func(w playlists.Window) error {
		departments, err := targeted(v, w.Targets)
		if len(departments) == 0 && slices.ContainsFunc(w.Targets, func(t playlists.Target) bool { return t.All }) {
			departments = every
		}
		shown[w.Playlist] = append(shown[w.Playlist], departments...)
		for _, region := range layouts[w.Layout].Regions {
			shown[region.Playlist] = append(shown[region.Playlist], departments...)
		}
		return err
	}))
}

// each reads every document of a kind.
func each[T any](v store.View, kind store.Kind, take func(T) error) error {
	for doc, err := range v.List(kind) {
		if err != nil {
			return err
		}
		t, err := domain[T](doc)
		if err == nil {
			err = take(t)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
