package player

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"anteroom/player/clock"
	"anteroom/player/disk"
)

// clockFile keeps the newest time that was certain, across restarts.
func (p *Player) clockFile() string { return filepath.Join(p.cfg.Data, "clock.json") }

// clockConfig starts the clock from what an earlier run knew; a file that cannot be read tells nothing.
func (p *Player) clockConfig() clock.Config {
	c := clock.Config{Wall: p.cfg.Wall, Mono: p.cfg.Mono, Boot: p.cfg.Boot, Floor: p.cfg.Floor}
	enc, err := os.ReadFile(p.clockFile())
	if err != nil || json.Unmarshal(enc, &c.Last) != nil {
		return c
	}
	if kept := time.Unix(0, c.Last.Unix); kept.After(c.Floor) {
		c.Floor = kept
	}
	return c
}

// saveClock keeps what the clock knows, if it was compared with the controller's in this boot.
func (p *Player) saveClock() error {
	ref, ok := p.clock.Reference()
	if !ok {
		return nil
	}
	enc, err := json.Marshal(ref)
	if err != nil {
		return err
	}
	return disk.Write(p.clockFile(), enc)
}
