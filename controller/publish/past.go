package publish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// opened is a body that was read back, with the assets that it opens.
type opened struct {
	body    *playlists.Body
	reading func() *playlists.Reading
	assets  map[playlists.Digest]playlists.Asset
}

// openedLocked reads a body of the content store, which has every body that any head names.
func (p *Publisher) openedLocked(d playlists.Digest) (*opened, error) {
	if o, ok := p.read[d]; ok {
		return o, nil
	}
	f, _, err := p.content.Open(d)
	if err != nil {
		return nil, fmt.Errorf("opening body %s: %w", d, err)
	}
	enc, err := io.ReadAll(io.LimitReader(f, wire.MaxBody+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("reading body %s: %w", d, err)
	}
	body, err := wire.DecodeBody(enc)
	if err != nil {
		return nil, fmt.Errorf("reading body %s: %w", d, err)
	}
	if len(p.read) >= maxBodies {
		clear(p.read)
	}
	o := &opened{body: body, reading: readLater(body), assets: map[playlists.Digest]playlists.Asset{}}
	for _, a := range body.Assets {
		o.assets[a.Digest] = a
	}
	p.read[d] = o
	return o, nil
}

// Current gives the manifest in force on a screen; [playlists.ErrNotFound] if it never had one.
func (p *Publisher) Current(screen playlists.ScreenID) (*playlists.Manifest, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h, ok := p.issued.heads[screen]
	if !ok {
		return nil, playlists.Refuse(playlists.ErrNotFound, "nothing has been published for screen %q yet", screen)
	}
	return p.manifestLocked(h.head)
}

// Published are the items that the playlists in force in a department name, by id.
func (p *Publisher) Published(d playlists.DepartmentID) []playlists.ItemID {
	p.mu.Lock()
	defer p.mu.Unlock()
	g, ok := p.inForce[d]
	if !ok {
		return nil
	}
	var ids []playlists.ItemID
	for _, list := range g.hospital.Playlists {
		for _, e := range list.Entries {
			ids = append(ids, e.Item)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// InForce is what screens of one department have in force, all the same.
type InForce struct {
	Department playlists.DepartmentID
	// Manifest is that of one of them, Screens how many they are.
	Manifest *playlists.Manifest
	Screens  int
}

// InForce gives what screens have in force that belong to a department, one for each department and body, in no order.
func (p *Publisher) InForce(departmentOf func(playlists.ScreenID) (playlists.DepartmentID, bool)) ([]InForce, error) {
	type same struct {
		department playlists.DepartmentID
		body       playlists.Digest
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	at := map[same]int{}
	var all []InForce
	for screen, h := range p.issued.heads {
		department, asked := departmentOf(screen)
		if !asked {
			continue
		}
		k := same{department, h.head.Body}
		i, known := at[k]
		if !known {
			manifest, err := p.manifestLocked(h.head)
			if err != nil {
				return nil, err
			}
			i = len(all)
			at[k], all = i, append(all, InForce{Department: department, Manifest: manifest})
		}
		all[i].Screens++
	}
	return all, nil
}

func (p *Publisher) manifestLocked(head playlists.Head) (*playlists.Manifest, error) {
	o, err := p.openedLocked(head.Body)
	if err != nil {
		return nil, err
	}
	return &playlists.Manifest{Head: head, Body: o.body, Reading: o.reading()}, nil
}

// Generation is the newest that was issued for a screen, 0 if none was.
func (p *Publisher) Generation(screen playlists.ScreenID) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.issued.heads[screen].head.Generation
}

// Place says where a screen is by what is in force on it, as its player holds takeovers against it;
// false if it has no head.
func (p *Publisher) Place(screen playlists.ScreenID) (playlists.Place, bool) {
	m, err := p.Current(screen)
	if err != nil {
		return playlists.Place{}, false
	}
	return playlists.Place{Screen: screen, Department: m.Body.Department, Site: m.Body.Site, Tags: m.Body.Tags}, true
}

// Screens gives the generations in force by screen.
func (p *Publisher) Screens() map[playlists.ScreenID]uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make(map[playlists.ScreenID]uint64, len(p.issued.heads))
	for id, h := range p.issued.heads {
		all[id] = h.head.Generation
	}
	return all
}

// Spell is a stretch of time with one manifest in force.
type Spell struct {
	Start, End time.Time
	Manifest   *playlists.Manifest
}

// Past gives the manifests that were, or will be, in force on a screen between two instants, in order
// of time; nothing for the time before its first head. A player without a link changed over later.
func (p *Publisher) Past(ctx context.Context, screen playlists.ScreenID, from, to time.Time) ([]Spell, error) {
	heads, err := p.headsBetween(ctx, screen, from, to)
	if err != nil {
		return nil, fmt.Errorf("what was in force on screen %s: %w", screen, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var spells []Spell
	for _, span := range heads {
		m, err := p.manifestLocked(span.head)
		if err != nil {
			return nil, fmt.Errorf("what was in force on screen %s: %w", screen, err)
		}
		spells = append(spells, Spell{Start: span.start, End: span.end, Manifest: m})
	}
	return spells, nil
}

type headSpan struct {
	head       playlists.Head
	start, end time.Time
}

// headsBetween goes back through a screen's heads until the one that held at from.
func (p *Publisher) headsBetween(ctx context.Context, screen playlists.ScreenID, from, to time.Time) ([]headSpan, error) {
	var spans []headSpan
	err := p.store.View(ctx, func(v store.View) error {
		end := to
		for doc, err := range v.Revisions(HeadKind, string(screen)) {
			if err != nil {
				return err
			}
			h, err := p.open(doc)
			if err != nil {
				return err
			}
			start := begins(h.head)
			if start.Before(end) {
				spans = append(spans, headSpan{h.head, later(start, from), end})
				end = start
			}
			if !end.After(from) {
				break
			}
		}
		return nil
	})
	slices.Reverse(spans)
	return spans, err
}

// begins is when a head came into force: at its from, but not before it was issued.
func begins(h playlists.Head) time.Time { return later(h.From, h.IssuedAt) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// ManifestOf gives the newest manifest, of those issued until an instant, by which a screen was to show a
// body: what its player went by then, whatever else was in force. [playlists.ErrNotFound] if there is none.
func (p *Publisher) ManifestOf(ctx context.Context, screen playlists.ScreenID, body playlists.Digest, at time.Time) (*playlists.Manifest, error) {
	var h held
	err := p.store.View(ctx, func(v store.View) (err error) {
		h, err = p.headOf(v, screen, func(h *held) bool { return h.head.Body == body && !h.head.IssuedAt.After(at) })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("body %s of screen %s: %w", body, screen, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.manifestLocked(h.head)
}

// headOf gives the newest of a screen's heads that fits.
func (p *Publisher) headOf(v store.View, screen playlists.ScreenID, fits func(*held) bool) (held, error) {
	for doc, err := range v.Revisions(HeadKind, string(screen)) {
		if err != nil {
			return held{}, err
		}
		h, err := p.open(doc)
		if err != nil || fits(&h) {
			return h, err
		}
	}
	return held{}, playlists.ErrNotFound
}

// Opens says whether the player of a screen may fetch what digest names: the body of the head it is
// offered or of the one it has (reported, as it says itself, if the screen ever had it; else the one
// before the newest), and their assets. The answer says what the bytes are; [playlists.ErrDenied] if it
// may not.
func (p *Publisher) Opens(ctx context.Context, screen playlists.ScreenID, reported, digest playlists.Digest) (playlists.Asset, error) {
	p.mu.Lock()
	h, ok := p.issued.heads[screen]
	p.mu.Unlock()
	denied := playlists.Refuse(playlists.ErrDenied, "this player's programme does not need %s", digest)
	if !ok {
		return playlists.Asset{}, denied
	}
	if asset, ok, err := p.opensBody(h.head.Body, digest); ok || err != nil {
		return asset, err
	}
	has, err := p.had(ctx, screen, h.head.Body, reported)
	if err != nil || has == "" {
		return playlists.Asset{}, errors.Join(err, denied)
	}
	if asset, ok, err := p.opensBody(has, digest); ok || err != nil {
		return asset, err
	}
	return playlists.Asset{}, denied
}

// had gives the earlier body that a player may have: the reported one if it was ever in force on the
// screen, else the one before the newest.
func (p *Publisher) had(ctx context.Context, screen playlists.ScreenID, newest, reported playlists.Digest) (playlists.Digest, error) {
	var before, found playlists.Digest
	err := p.store.View(ctx, func(v store.View) error {
		for doc, err := range v.Revisions(HeadKind, string(screen)) {
			if err != nil {
				return err
			}
			h, err := p.open(doc)
			if err != nil {
				return err
			}
			if before == "" && h.head.Body != newest {
				before = h.head.Body
			}
			if h.head.Body == reported {
				found = reported
				break
			}
			if reported == "" && before != "" {
				break
			}
		}
		return nil
	})
	if found != "" {
		return found, err
	}
	return before, err
}

func (p *Publisher) opensBody(body, digest playlists.Digest) (playlists.Asset, bool, error) {
	if body == digest {
		return playlists.Asset{Digest: digest, MediaType: "application/json"}, true, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	o, err := p.openedLocked(body)
	if err != nil {
		return playlists.Asset{}, false, err
	}
	asset, ok := o.assets[digest]
	return asset, ok, nil
}

// Author says who made the revision of a document that was pinned when a generation of a screen was
// issued; [playlists.ErrNotFound] if it was not pinned.
func (p *Publisher) Author(ctx context.Context, screen playlists.ScreenID, generation uint64, kind store.Kind, id string) (string, error) {
	var by string
	err := p.store.View(ctx, func(v store.View) error {
		pins, err := p.pinsOf(v, screen, generation)
		if err != nil {
			return err
		}
		pin, ok := pins.byKey()[key{kind, id}]
		if !ok {
			return fmt.Errorf("%s %s: %w", kind, id, playlists.ErrNotFound)
		}
		doc, err := v.GetRevision(kind, id, pin.Revision)
		by = doc.By
		return err
	})
	return by, err
}

// pinsOf gives what a generation of a screen was compiled from.
func (p *Publisher) pinsOf(v store.View, screen playlists.ScreenID, generation uint64) (Pins, error) {
	h, err := p.headOf(v, screen, func(h *held) bool { return h.head.Generation == generation })
	if err != nil {
		return nil, err
	}
	of := Publication{Number: h.document.Publication}
	doc, err := v.Get(PublicationKind, of.id())
	if err != nil {
		return nil, err
	}
	publication, err := readPublication(doc)
	return publication.Pins[h.document.Department], err
}

// Names reports whether a body names a file of each rendition of an item: whoever has the body current holds them.
func (p *Publisher) Names(body playlists.Digest, item *playlists.Item) (bool, error) {
	if body == "" {
		return false, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	o, err := p.openedLocked(body)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // a programme of another time, which is not here any more
	}
	if err != nil {
		return false, err
	}
	for _, r := range item.Renditions {
		if !slices.ContainsFunc(r.Variants, func(a playlists.Asset) bool { _, ok := o.assets[a.Digest]; return ok }) {
			return false, nil
		}
	}
	return true, nil
}

// SetBy says who set a state for which a generation of a screen shows something; empty if nobody is known.
func (p *Publisher) SetBy(ctx context.Context, screen playlists.ScreenID, generation uint64, span playlists.StateSpan) (string, error) {
	var states playlists.States
	err := p.store.View(ctx, func(v store.View) error {
		pins, err := p.pinsOf(v, screen, generation)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(pins, func(pin Pin) bool { return pin.Kind == StateKind })
		if i < 0 {
			return nil
		}
		doc, err := v.GetRevision(StateKind, pins[i].ID, pins[i].Revision)
		if err != nil {
			return err
		}
		return json.Unmarshal(doc.Body, &states)
	})
	if err != nil {
		return "", fmt.Errorf("who set a state of screen %s: %w", screen, err)
	}
	for _, set := range states.Set {
		if set.StateSpan == span {
			return set.By, nil
		}
	}
	return "", nil
}
