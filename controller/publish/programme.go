package publish

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// programme is what one department is compiled from, and what has been compiled of it.
type programme struct {
	// publication is the number of the publication that pins it, 0 before the first.
	publication uint64
	department  playlists.DepartmentID
	pins        Pins
	hospital    *playlists.Hospital
	// sorted are the hospital's screens, once somebody has asked.
	sorted   []playlists.ScreenID
	compiler *playlists.Compiler
	bodies   map[playlists.Class]made
	// classes are those of the hospital's screens, as far as somebody has asked.
	classes map[playlists.ScreenID]classed
}

// classed is the class of a screen whose player has some abilities.
type classed struct {
	abilities playlists.Abilities
	class     playlists.Class
}

// made is a compiled body of a class.
type made struct {
	body     *playlists.Body
	bytes    []byte
	digest   playlists.Digest
	problems []playlists.Problem
	// reading is made of the body when somebody first needs it; nil if it cannot be.
	reading func() *playlists.Reading
	// kept: the content store has it.
	kept bool
}

func (p *Publisher) programme(d playlists.DepartmentID, g *gathered) *programme {
	return p.draftedProgramme(d, &part{gathered: g, pins: g.pins()})
}

func (p *Publisher) draftedProgramme(d playlists.DepartmentID, g *part) *programme {
	return &programme{
		department: d, pins: g.pins, hospital: g.hospital,
		compiler: p.compiler(g.hospital), bodies: map[playlists.Class]made{}, classes: map[playlists.ScreenID]classed{},
	}
}

func (p *Publisher) compiler(h *playlists.Hospital) *playlists.Compiler {
	c := playlists.NewCompiler(h, p.zones, p.fonts)
	c.HandOff(p.handOff)
	return c
}

// with is the programme's hospital with one screen alone: a screen that came after the publication.
func (g *programme) with(s playlists.Screen) *playlists.Hospital {
	h := *g.hospital
	h.Screens = map[playlists.ScreenID]playlists.Screen{s.ID: s}
	return &h
}

// compile gives the body of a screen's class, from memory where another of the class had it. A screen
// that the pins do not hold is compiled as it stands in s.
func (p *Publisher) compile(g *programme, s playlists.Screen, a playlists.Abilities) (made, error) {
	compiler := g.compiler
	class, err := g.class(s.ID, a)
	if _, ok := g.hospital.Screens[s.ID]; !ok {
		compiler = p.compiler(g.with(s))
		class, err = compiler.Class(s.ID, a)
	}
	if err != nil {
		return made{}, err
	}
	if m, ok := g.bodies[class]; ok {
		return m, nil
	}
	m, err := compileClass(compiler, s.ID, a)
	if err != nil {
		return made{}, fmt.Errorf("compiling for screen %s: %w", s.ID, err)
	}
	g.bodies[class] = m
	return m, nil
}

// class is that of a screen of the hospital, which changes with its player's abilities alone.
func (g *programme) class(id playlists.ScreenID, a playlists.Abilities) (playlists.Class, error) {
	if known, ok := g.classes[id]; ok && known.abilities.Equal(a) {
		return known.class, nil
	}
	class, err := g.compiler.Class(id, a)
	if err == nil {
		g.classes[id] = classed{a, class}
	}
	return class, err
}

func compileClass(c *playlists.Compiler, s playlists.ScreenID, a playlists.Abilities) (made, error) {
	body, problems, err := c.Compile(s, a)
	if err != nil {
		return made{}, err
	}
	enc, digest, err := wire.EncodeBody(body)
	if err != nil {
		return made{}, err
	}
	return made{body: body, bytes: enc, digest: digest, problems: problems, reading: readLater(body)}, nil
}

// readLater reads a body once, when somebody first asks. What cannot be read says so itself to whoever tries to make a programme
// of it.
func readLater(body *playlists.Body) func() *playlists.Reading {
	return sync.OnceValue(func() *playlists.Reading {
		read, err := playlists.Read(body)
		if err != nil {
			return nil
		}
		return read
	})
}

// manifest is that of a head that names what was made.
func (m *made) manifest(head playlists.Head) *playlists.Manifest {
	return &playlists.Manifest{Head: head, Body: m.body, Reading: m.reading()}
}

// keep makes sure that players can fetch the bodies that have been compiled.
func (p *Publisher) keep(ctx context.Context, g *programme) error {
	for class, m := range g.bodies {
		if m.kept {
			continue
		}
		digest, _, err := p.content.Put(ctx, bytes.NewReader(m.bytes))
		if err != nil {
			return fmt.Errorf("keeping a body: %w", err)
		}
		if digest != m.digest {
			return fmt.Errorf("keeping a body: stored as %s instead of %s", digest, m.digest)
		}
		m.kept, m.bytes = true, nil
		g.bodies[class] = m
	}
	return nil
}

// screens are those of the hospital, ascending. Nobody may change the list.
func (g *programme) screens() []playlists.ScreenID {
	if g.sorted == nil {
		g.sorted = slices.Sorted(maps.Keys(g.hospital.Screens))
	}
	return g.sorted
}
