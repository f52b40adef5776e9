package publish

import (
	"context"
	"fmt"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Question asks what a publication would do.
type Question struct {
	// Departments are to get their newest documents; none means all.
	Departments []playlists.DepartmentID
	// Undo and BackTo ask instead what taking a publication back would do, or going back to one; 0 for neither.
	Undo, BackTo uint64
	// At is when it is to happen; the zero time is now.
	At time.Time
	// Span is how far ahead programmes are compared; without it, they are not.
	Span time.Duration
	// Sees reports whether screens of a department may be compared for whoever asks; nil is all.
	Sees func(playlists.DepartmentID) bool
}

// Preview is what a publication would do.
type Preview struct {
	Changes  []Change            `json:"changes"`
	Problems []playlists.Problem `json:"problems"`
	// Screens is how many screens would get something new.
	Screens int `json:"screens"`
	// Replaces are the numbers of publications that wait for later and would not come any more in these
	// departments.
	Replaces []uint64 `json:"replaces" doc:"Publications that wait, and that this one would take the place of in its departments"`
	// Drafts name what was looked at, for an [Order]; empty for what is not made of drafts.
	Drafts string `json:"drafts,omitempty" doc:"Names what was looked at; publish it by this name, and what is saved meanwhile does not go out unseen"`
	// Diff is what people would see of it, from the moment chosen on.
	Diff playlists.Difference `json:"diff" doc:"Lengths of time are milliseconds added up over screens"`
}

// Preview says what publishing would change, against what is in force now, and what is wrong.
func (p *Publisher) Preview(ctx context.Context, q Question) (Preview, error) {
	now := p.now().UTC()
	o, err := p.outlook(ctx, q, now)
	if err == nil {
		from := later(now, q.At.UTC())
		o.preview.Diff, err = playlists.Diff(o.exchanges, o.news, from, from.Add(q.Span))
	}
	if err != nil {
		return Preview{}, fmt.Errorf("previewing a publication: %w", err)
	}
	return o.preview, nil
}

// outlook is a preview without its diff, which takes longest and needs no lock, and what that is made of.
type outlook struct {
	preview   Preview
	exchanges []playlists.Exchange
	news      map[playlists.ItemID]playlists.ItemNews
}

func (p *Publisher) outlook(ctx context.Context, q Question, now time.Time) (outlook, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	drafts, err := p.newestLocked(ctx)
	if err != nil {
		return outlook{}, err
	}
	var pl *plan
	err = p.store.View(ctx, func(v store.View) (err error) {
		pl, err = p.askedLocked(v, drafts, q)
		return err
	})
	if err != nil {
		return outlook{}, err
	}
	all, err := p.wantedLocked(pl)
	if err != nil {
		return outlook{}, err
	}
	o := outlook{news: pl.news}
	o.preview = Preview{Changes: append([]Change{}, pl.changes...), Problems: problems(pl.problems), Screens: p.newTo(all), Replaces: []uint64{}}
	if q.Undo == 0 && q.BackTo == 0 {
		o.preview.Drafts = pl.drafts()
	}
	for _, w := range p.replacedLocked(&Publication{Departments: pl.departments(), From: q.At}) {
		o.preview.Replaces = append(o.preview.Replaces, w.Number)
	}
	if q.Span > 0 {
		o.exchanges, err = p.exchangesLocked(pl, all, q, now)
	}
	return o, err
}

func (p *Publisher) askedLocked(v store.View, drafts *newest, q Question) (*plan, error) {
	switch {
	case q.Undo != 0:
		return p.undoLocked(v, q.Undo)
	case q.BackTo != 0:
		return p.backToLocked(v, q.BackTo)
	}
	return p.planFromLocked(v, drafts, q.Departments, p.lookedLocked)
}

// newTo counts the screens whose body would change.
func (p *Publisher) newTo(all []wanted) int {
	n := 0
	for _, w := range all {
		if p.issued.heads[w.screen].head.Body != w.made.digest {
			n++
		}
	}
	return n
}

// exchangeKey is the same for screens that show the same, now and afterwards.
type exchangeKey struct {
	before, after           playlists.Digest
	from                    int64
	countedFrom, countsFrom string
}

func exchangeKeyOf(was, will *playlists.Head) exchangeKey {
	return exchangeKey{was.Body, will.Body, will.From.UnixNano(), counting(was.Anchors), counting(will.Anchors)}
}

// counting is the same for equal anchors, of which most screens have none.
func counting(anchors []playlists.Anchor) string {
	if len(anchors) == 0 {
		return ""
	}
	return fmt.Sprint(anchors)
}

// exchangesLocked says which manifests would follow which, if publishing happened at the moment asked about.
func (p *Publisher) exchangesLocked(pl *plan, all []wanted, q Question, now time.Time) ([]playlists.Exchange, error) {
	next, heads, err := p.issueAllLocked(all, Publication{At: now, From: q.At.UTC()})
	if err != nil {
		return nil, err
	}
	groups := map[exchangeKey]*playlists.Exchange{}
	var last exchangeKey
	var e *playlists.Exchange // of last
	for i := range all {
		w := &all[i]
		if q.Sees != nil && !q.Sees(w.made.body.Department) {
			continue
		}
		was := p.issued.heads[w.screen].head
		will := was
		if len(heads) > 0 {
			will = next.heads[w.screen].head
		}
		key := exchangeKeyOf(&was, &will)
		if e == nil || key != last { // most screens show the same as the one before
			e, last = groups[key], key
		}
		if e == nil {
			first, err := p.exchangeLocked(was, will, &w.made, now)
			if err != nil {
				return nil, err
			}
			e = &first
			e.Department = pl.department(w.made.body.Department)
			groups[key] = e
		}
		e.Screens = append(e.Screens, w.screen)
	}
	exchanges := make([]playlists.Exchange, 0, len(groups))
	for _, e := range groups {
		exchanges = append(exchanges, *e)
	}
	return exchanges, nil
}

func (p *Publisher) exchangeLocked(was, will playlists.Head, m *made, now time.Time) (playlists.Exchange, error) {
	e := playlists.Exchange{After: m.manifest(will), Since: now}
	if was.Body == "" {
		return e, nil
	}
	if was.Generation == will.Generation {
		e.Before = e.After
		return e, nil
	}
	e.Since = begins(will)
	var err error
	e.Before, err = p.manifestLocked(was)
	return e, err
}
