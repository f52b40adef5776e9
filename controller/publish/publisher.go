package publish

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"os"
	"slices"
	"sync"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

const (
	// lead is how far ahead of its issue a head changes a running loop, at least.
	lead = 30 * time.Second
	// maxClasses and maxBodies bound what is kept in memory of compiled and of read bodies.
	maxClasses = 1024
	maxBodies  = 256
	// maxNeighbours is how many classes are looked at for a running loop to join.
	maxNeighbours = 32
	// maxGeneration is more than any controller will ever issue; a player that reports more is damaged.
	maxGeneration = 1 << 40
)

// Content is where bodies lie for players to fetch.
type Content interface {
	Put(ctx context.Context, r io.Reader) (playlists.Digest, int64, error)
	Open(d playlists.Digest) (*os.File, int64, error)
	Has(d playlists.Digest) bool
}

// Config is what a Publisher is made of.
type Config struct {
	Store   store.Documents
	Content Content
	Key     ed25519.PrivateKey
	// Fonts draw slides, in order of preference; players hold them.
	Fonts []playlists.Asset
	Zones playlists.ZoneData
	// HandOff is the address that codes on screens lead phones to; empty if there are no codes.
	HandOff string
	// Abilities are those of the player that serves a screen, the zero value if none does.
	Abilities func(playlists.ScreenID) playlists.Abilities
	// Nudge offers a new head to whoever serves the screen; it must not wait. It may be nil.
	Nudge func(playlists.ScreenID, wire.Signed)
	// Log; nil discards.
	Log *slog.Logger
	// Now is the time; nil is time.Now.
	Now func() time.Time
}

// Publisher is safe for concurrent use.
type Publisher struct {
	store     store.Documents
	content   Content
	key       ed25519.PrivateKey
	public    ed25519.PublicKey
	fonts     []playlists.Asset
	zones     playlists.ZoneData
	handOff   string
	abilities func(playlists.ScreenID) playlists.Abilities
	nudge     func(playlists.ScreenID, wire.Signed)
	log       *slog.Logger
	now       func() time.Time

	mu sync.Mutex
	// number is the last publication's, inForce what each department's newest publication pins.
	number  uint64
	inForce map[playlists.DepartmentID]*programme
	// home is the department whose programme holds a screen.
	home   map[playlists.ScreenID]playlists.DepartmentID
	issued issued
	read   map[playlists.Digest]*opened
	// draft is the newest of everything as somebody last looked at it, with every change up to draftedUpTo.
	draft       *newest
	draftedUpTo uint64
	// looked are programmes of drafts that somebody looked at and that are not in force.
	looked map[playlists.DepartmentID]*programme
	// waiting are the publications ordered for later, ended ones too, ascending by number.
	waiting []waitingDoc
	// ordered is told when what waits has changed.
	ordered chan struct{}
}

// New reads what is in force from the store.
func New(ctx context.Context, c Config) (*Publisher, error) {
	public, ok := c.Key.Public().(ed25519.PublicKey)
	if !ok || c.Store == nil || c.Content == nil || c.Zones == nil {
		return nil, fmt.Errorf("%w: publishing needs a store, the content, zones and the controller's key", playlists.ErrInvalid)
	}
	p := &Publisher{
		store: c.Store, content: c.Content, key: c.Key, public: public, fonts: c.Fonts, zones: c.Zones, handOff: c.HandOff,
		abilities: c.Abilities, nudge: c.Nudge, log: c.Log, now: c.Now, ordered: make(chan struct{}, 1),
	}
	if p.abilities == nil {
		p.abilities = func(playlists.ScreenID) playlists.Abilities { return playlists.Abilities{} }
	}
	if p.nudge == nil {
		p.nudge = func(playlists.ScreenID, wire.Signed) {}
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.now == nil {
		p.now = time.Now
	}
	if err := p.loadLocked(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// loadLocked replaces what is in memory by what the store says.
func (p *Publisher) loadLocked(ctx context.Context) error {
	p.number, p.inForce, p.issued = 0, map[playlists.DepartmentID]*programme{}, newIssued()
	p.read, p.looked = map[playlists.Digest]*opened{}, map[playlists.DepartmentID]*programme{}
	err := p.store.View(ctx, func(v store.View) error {
		newest, last, err := newestUntil(v, math.MaxUint64)
		p.number = last
		if err != nil {
			return err
		}
		for d, publication := range newest {
			g, err := pinned(v, publication.Pins[d])
			if err != nil {
				return err
			}
			p.inForce[d] = p.programme(d, g)
			p.inForce[d].publication = publication.Number
		}
		if err := p.loadWaiting(v); err != nil {
			return err
		}
		return p.loadHeads(v)
	})
	if err != nil {
		return fmt.Errorf("reading what is published: %w", err)
	}
	p.settleLocked()
	return nil
}

func readPublication(doc store.Document) (Publication, error) {
	var publication Publication
	if err := json.Unmarshal(doc.Body, &publication); err != nil {
		return Publication{}, fmt.Errorf("reading publication %s: %w", doc.ID, err)
	}
	return publication, nil
}

// settleLocked works out where each screen is at home: in the newest publication that holds it.
func (p *Publisher) settleLocked() {
	p.home = map[playlists.ScreenID]playlists.DepartmentID{}
	byNumber := slices.SortedFunc(maps.Values(p.inForce), func(a, b *programme) int {
		return cmp.Compare(a.publication, b.publication)
	})
	for _, g := range byNumber {
		for id := range g.hospital.Screens {
			p.home[id] = g.department
		}
	}
}

// Order is what someone wants to publish.
type Order struct {
	// Departments are to get their newest documents; none means all.
	Departments []playlists.DepartmentID
	Note        string
	By          string
	// Drafts, if not empty, are those that a [Preview] was of: what has been saved since does not go out unseen.
	Drafts string
}

// Publish puts the newest revisions in force in the departments chosen, with all that they reach, and
// nudges the screens that get something new. It returns after everything is durable. Other drafts than the order names
// are an error that is [playlists.ErrStale].
func (p *Publisher) Publish(ctx context.Context, o Order) (Publication, error) {
	pl := func(v store.View) (*plan, error) { return p.orderedLocked(v, o) }
	published, err := p.publishPlan(ctx, pl, Publication{By: o.By, Note: o.Note})
	if err != nil {
		return Publication{}, fmt.Errorf("putting documents in force: %w", err)
	}
	return published, nil
}

// Undo takes a publication back: its departments get what was in force just before it. Departments
// that it was the first for stay as they are; if it was for all of them, there is nothing to go back
// to and the error is [playlists.ErrInvalid].
func (p *Publisher) Undo(ctx context.Context, number uint64, note, by string) (Publication, error) {
	pl := func(v store.View) (*plan, error) { return p.undoLocked(v, number) }
	published, err := p.publishPlan(ctx, pl, Publication{By: by, Note: note, UndoOf: number})
	if err != nil {
		return Publication{}, fmt.Errorf("undoing publication %d: %w", number, err)
	}
	return published, nil
}

// BackTo publishes an earlier publication again: its departments get what it pinned.
func (p *Publisher) BackTo(ctx context.Context, number uint64, note, by string) (Publication, error) {
	pl := func(v store.View) (*plan, error) { return p.backToLocked(v, number) }
	published, err := p.publishPlan(ctx, pl, Publication{By: by, Note: note, BackTo: number})
	if err != nil {
		return Publication{}, fmt.Errorf("going back to publication %d: %w", number, err)
	}
	return published, nil
}

// publishPlan makes a plan and puts it in force.
func (p *Publisher) publishPlan(ctx context.Context, planned func(store.View) (*plan, error), publication Publication) (Publication, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.publishPlanLocked(ctx, planned, publication)
}

func (p *Publisher) publishPlanLocked(ctx context.Context, planned func(store.View) (*plan, error), publication Publication) (Publication, error) {
	var pl *plan
	err := p.store.View(ctx, func(v store.View) (err error) {
		pl, err = planned(v)
		return err
	})
	if err != nil {
		return Publication{}, err
	}
	if publication.From.IsZero() {
		publication.From = pl.from
	}
	return p.putInForceLocked(ctx, pl, publication)
}

func find(v store.View, number uint64) (Publication, error) {
	wanted := Publication{Number: number}
	doc, err := v.Get(PublicationKind, wanted.id())
	if errors.Is(err, playlists.ErrNotFound) {
		return Publication{}, playlists.Refuse(playlists.ErrNotFound, "there is no publication %d", number)
	}
	if err != nil {
		return Publication{}, err
	}
	return readPublication(doc)
}

func (p *Publisher) undoLocked(v store.View, number uint64) (*plan, error) {
	undone, err := find(v, number)
	if err != nil {
		return nil, err
	}
	if undone.Alone == StateKind {
		return nil, playlists.Refuse(playlists.ErrInvalid, "undo: publication %d only set or cleared a state of a clinic; set or clear that instead", number)
	}
	before, err := lastBefore(v, undone)
	if err != nil {
		return nil, err
	}
	if len(before) == 0 {
		return nil, playlists.Refuse(playlists.ErrInvalid, "undo: publication %d was the first of its departments; there is nothing before it to go back to", number)
	}
	pl, err := p.restoreLocked(v, before)
	if err != nil {
		return nil, err
	}
	for _, d := range undone.Departments {
		if _, ok := before[d]; !ok {
			pl.problems = append(pl.problems, playlists.NewProblem("department", string(d), "", "publication %d was its first; it stays as it is", number))
		}
	}
	return pl, nil
}

func (p *Publisher) backToLocked(v store.View, number uint64) (*plan, error) {
	earlier, err := find(v, number)
	if err != nil {
		return nil, err
	}
	return p.restoreLocked(v, earlier.Pins)
}

// restoreLocked is the plan to put earlier pins in force again.
func (p *Publisher) restoreLocked(v store.View, pins map[playlists.DepartmentID]Pins) (*plan, error) {
	old := map[playlists.DepartmentID]*gathered{}
	for d := range pins {
		var err error
		if old[d], err = pinned(v, pins[d]); err != nil {
			return nil, err
		}
		if err := p.keepAloneLocked(v, d, old[d], StateKind); err != nil {
			return nil, err
		}
	}
	if err := p.keepScreensLocked(v, old); err != nil {
		return nil, err
	}
	return p.planOfLocked(v, old)
}

// planOfLocked is the plan to put hospitals in force that were gathered from pins.
func (p *Publisher) planOfLocked(v store.View, gatheredOf map[playlists.DepartmentID]*gathered) (*plan, error) {
	all, err := draft(v, p.draft)
	if err != nil {
		return nil, err
	}
	pl := &plan{programmes: map[playlists.DepartmentID]*programme{}, news: all.news()}
	for d, g := range gatheredOf {
		pl.programmes[d] = p.programme(d, g)
		pl.know(g.news())
		changes, err := compare(v, p.pinsLocked(d), g)
		if err != nil {
			return nil, err
		}
		pl.changes = append(pl.changes, changes...)
	}
	pl.changes = once(pl.changes)
	return pl, p.findLate(v, pl)
}

// keepScreensLocked has every screen stay where it is, as it is in force there, when departments get old
// pins: no undo hangs it elsewhere, or shows what was saved of it since. Where the old pins of another
// of these departments hold it, it goes back there.
func (p *Publisher) keepScreensLocked(v store.View, old map[playlists.DepartmentID]*gathered) error {
	held := map[playlists.ScreenID]bool{}
	for _, d := range slices.Sorted(maps.Keys(old)) {
		for id := range old[d].hospital.Screens {
			if home, ok := p.home[id]; held[id] || ok && home != d && (old[home] == nil || old[home].holds(id)) {
				delete(old[d].hospital.Screens, id)
				delete(old[d].docs, key{"screen", string(id)})
				continue
			}
			held[id] = true
		}
	}
	for d, g := range old {
		pins := p.inForce[d].pins.byKey()
		for id, home := range p.home {
			if home != d || held[id] {
				continue
			}
			doc, err := v.GetRevision("screen", string(id), pins[key{"screen", string(id)}].Revision)
			if err != nil {
				return fmt.Errorf("reading screen %s as it is in force: %w", id, err)
			}
			if err := g.add(doc); err != nil {
				return err
			}
		}
	}
	return nil
}

// lastBefore gives the pins that were in force in a publication's departments just before it.
func lastBefore(v store.View, undone Publication) (map[playlists.DepartmentID]Pins, error) {
	before := map[playlists.DepartmentID]Pins{}
	for doc, err := range v.List(PublicationKind) {
		if err != nil {
			return nil, err
		}
		if doc.ID >= undone.id() {
			break
		}
		earlier, err := readPublication(doc)
		if err != nil {
			return nil, err
		}
		for _, d := range undone.Departments {
			if pins, ok := earlier.Pins[d]; ok {
				before[d] = pins
			}
		}
	}
	return before, nil
}

// findLate adds the screens that no publication knows yet.
func (p *Publisher) findLate(v store.View, pl *plan) error {
	for doc, err := range v.List("screen") {
		if err != nil {
			return err
		}
		var s playlists.Screen
		if err := json.Unmarshal(doc.Body, &s); err != nil {
			return fmt.Errorf("reading screen %s: %w", doc.ID, err)
		}
		g, chosen := pl.programmes[s.Department]
		if !chosen {
			continue
		}
		_, held := g.hospital.Screens[s.ID]
		if _, settled := p.home[s.ID]; !held && !settled {
			pl.late = append(pl.late, s)
		}
	}
	return nil
}

// wanted is what a screen is to get.
type wanted struct {
	screen playlists.ScreenID
	made   made
}

// wantedLocked compiles for all screens of a plan, and adds what compiling said to its problems.
func (p *Publisher) wantedLocked(pl *plan) ([]wanted, error) {
	screens := len(pl.late)
	for _, g := range pl.programmes {
		screens += len(g.hospital.Screens)
	}
	all := make([]wanted, 0, screens)
	told := map[*playlists.Body]bool{}
	add := func(g *programme, s playlists.Screen) error {
		m, err := p.compile(g, s, p.abilities(s.ID))
		if err != nil {
			return err
		}
		all = append(all, wanted{s.ID, m})
		if !told[m.body] {
			told[m.body] = true
			pl.problems = append(pl.problems, m.problems...)
		}
		return nil
	}
	for _, d := range pl.departments() {
		g := pl.programmes[d]
		for _, id := range g.screens() {
			if err := add(g, g.hospital.Screens[id]); err != nil {
				return nil, err
			}
		}
	}
	for _, s := range pl.late {
		if err := add(pl.programmes[s.Department], s); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// putInForceLocked makes a plan durable, then true, then known.
func (p *Publisher) putInForceLocked(ctx context.Context, pl *plan, publication Publication) (Publication, error) {
	all, err := p.wantedLocked(pl)
	if err != nil {
		return Publication{}, err
	}
	publication.Number, publication.At = p.number+1, p.now().UTC()
	publication.Departments, publication.Problems = pl.departments(), problems(pl.problems)
	publication.Pins = map[playlists.DepartmentID]Pins{}
	for d, g := range pl.programmes {
		publication.Pins[d] = g.pins
		g.publication = publication.Number
		if err := p.keep(ctx, g); err != nil {
			return Publication{}, err
		}
	}
	next, heads, err := p.issueAllLocked(all, publication)
	if err != nil {
		return Publication{}, err
	}
	if err := p.signLocked(heads); err != nil {
		return Publication{}, err
	}
	publication.Screens = len(heads)
	waiting := p.replacedLocked(&publication)
	if err := p.writeLocked(ctx, &publication, heads, waiting); err != nil {
		return Publication{}, err
	}
	p.number, p.issued = publication.Number, next
	next.written(heads)
	p.noteWaitingLocked(waiting)
	maps.Copy(p.inForce, pl.programmes)
	p.settleLocked()
	for _, h := range heads {
		p.nudge(h.head.Screen, h.signed)
	}
	p.log.InfoContext(ctx, "published", slog.Uint64("publication", publication.Number), slog.String("by", publication.By),
		slog.Int("departments", len(publication.Departments)), slog.Int("screens", publication.Screens))
	return publication, nil
}

// writeLocked writes a publication, if there is one, heads and what waits in one transaction. Where it fails,
// memory is read anew, since the write may have happened.
func (p *Publisher) writeLocked(ctx context.Context, publication *Publication, heads []*held, waiting []*waitingDoc) error {
	author := "system"
	err := p.store.Update(ctx, func(tx store.Tx) error {
		if publication != nil {
			author = publication.By
			body, err := json.Marshal(publication)
			if err != nil {
				return err
			}
			if _, err := tx.Put(PublicationKind, publication.id(), 0, author, body); err != nil {
				return err
			}
		}
		for _, h := range heads {
			if err := h.write(tx, author); err != nil {
				return err
			}
		}
		return writeWaiting(tx, waiting, author)
	})
	if err != nil {
		return errors.Join(err, p.loadLocked(context.WithoutCancel(ctx)))
	}
	return nil
}

// List gives the publications, newest first.
func (p *Publisher) List(ctx context.Context) ([]Publication, error) {
	all := []Publication{}
	err := p.store.View(ctx, func(v store.View) error {
		for doc, err := range v.List(PublicationKind) {
			if err != nil {
				return err
			}
			publication, err := readPublication(doc)
			if err != nil {
				return err
			}
			all = append(all, publication)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing publications: %w", err)
	}
	slices.Reverse(all)
	return all, nil
}
