package player

import (
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"anteroom/player/disk"
	"anteroom/playlists"
)

// asideFile keeps which assets are set aside, across restarts: else each start would let them kill the
// stage three times more.
func (p *Player) asideFile() string { return filepath.Join(p.cfg.Data, "aside.json") }

// loadAside takes up what an earlier run had set aside; a file that cannot be believed blames nothing.
func (p *Player) loadAside() {
	var aside map[playlists.Digest]time.Time
	enc, err := disk.ReadSealed(p.asideFile())
	if err == nil {
		err = json.Unmarshal(enc, &aside)
	}
	if err != nil {
		if !errors.Is(err, os.ErrNotExist) {
			p.log.Warn("what is set aside passed over", slog.Any("error", err))
			p.damages.found(p.asideFile())
		}
		return
	}
	p.loop.blame.Restore(aside)
	for _, d := range p.loop.blame.All() {
		p.noteAside(d)
	}
}

func (p *Player) saveAside() {
	enc, err := json.Marshal(p.loop.blame.Since())
	if err == nil {
		err = disk.WriteSealed(p.asideFile(), enc)
	}
	if err != nil {
		p.log.Warn("what is set aside not kept", slog.Any("error", err))
	}
}

func (p *Player) noteAside(d playlists.Digest) {
	p.loop.notes.set("aside"+string(d), playlists.Noted("The item \"%s\" stopped the picture three times and is not shown for a day.", p.titleOf(d)))
}

// strike counts against assets, the most suspect first; one that has killed the stage too often is set aside.
func (p *Player) strike(assets []playlists.Digest) {
	d, ok := p.loop.blame.Strike(p.now(), assets...)
	if !ok {
		return
	}
	p.log.Error("asset set aside", slog.String("asset", string(d)))
	p.noteAside(d)
	p.loop.dirty = true
	p.saveAside()
}

// release lets assets be shown again that have been set aside for a day, and forgets those that nothing
// uses any more.
func (p *Player) release() {
	if len(p.loop.blame.All()) == 0 {
		return
	}
	released := p.loop.blame.Release(p.now(), p.inUse())
	if len(released) == 0 {
		return
	}
	for _, d := range released {
		p.log.Info("asset not set aside any more", slog.String("asset", string(d)))
		p.loop.notes.clear("aside" + string(d))
	}
	p.loop.dirty = true
	p.saveAside()
}
