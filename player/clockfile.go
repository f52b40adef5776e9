package player

import (
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"anteroom/player/clock"
	"anteroom/player/disk"
	"anteroom/playlists"
)

// clockFile keeps the newest time that was certain, across restarts.
func (p *Player) clockFile() string { return filepath.Join(p.cfg.Data, "clock.json") }

// clockConfig starts the clock from what an earlier run knew; a file that cannot be believed tells nothing.
func (p *Player) clockConfig() clock.Config {
	c := clock.Config{Wall: p.cfg.Wall, Mono: p.cfg.Mono, Boot: p.cfg.Boot, Floor: p.cfg.Floor}
	enc, err := disk.ReadSealed(p.clockFile())
	if err == nil {
		err = json.Unmarshal(enc, &c.Last)
	}
	if err != nil {
		if !errors.Is(err, os.ErrNotExist) {
			p.log.Warn("kept time passed over", slog.Any("error", err))
			p.damages.found(p.clockFile())
		}
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
	return disk.WriteSealed(p.clockFile(), enc)
}

// retime gives a play that was recorded in this boot its time as it is known now; false while the clock
// is unset.
func (p *Player) retime(play playlists.Play) (playlists.Play, bool) {
	_, quality := p.clock.Now()
	if quality == playlists.ClockUnset {
		return play, false
	}
	play.Start, play.Quality = p.clock.At(play.Mono*int64(time.Millisecond)), quality
	p.shared.mu.Lock()
	show := p.shared.show
	p.shared.mu.Unlock()
	if show != nil {
		play.Offset = show.Offset(play.Start)
	}
	return play, true
}
