package supervise

import (
	"errors"
	"log/slog"

	"anteroom/player/account"
	"anteroom/player/playback"
)

// openAccount makes the account of a stage that is about to start; without one it plays all the same.
func (s *Supervisor) openAccount() *account.Account {
	if s.cfg.Accounts == "" {
		return nil
	}
	a, err := account.New(s.cfg.Accounts, s.cfg.Mono())
	if err != nil {
		s.cfg.Log.Warn("stage without an account", slog.Any("error", err))
		return nil
	}
	s.own[a.Path] = true
	return a
}

// nameAccount says which process writes an account: before that is done, it gets no orders.
func (s *Supervisor) nameAccount(c *child) {
	if c.account == nil {
		return
	}
	pid := c.cmd.Process.Pid
	if err := c.account.Put(account.Head{Boot: s.cfg.Boot, PID: pid, Since: startOf(pid)}); err != nil {
		s.cfg.Log.Warn("stage not noted", slog.Any("error", err))
	}
}

// closeAccount tells what a dead stage drew and its pipe did not bring, and notes its end for an agent that
// comes after this one.
func (s *Supervisor) closeAccount(c *child, gone *playback.Gone) {
	if c.account == nil {
		return
	}
	if !c.ready { // it was not cued
		delete(s.own, c.account.Path)
		if err := c.account.Remove(); err != nil {
			s.cfg.Log.Warn("account not removed", slog.Any("error", err))
		}
		return
	}
	told, err := c.account.Read()
	for _, e := range told {
		gone.At = max(gone.At, e.At())
		if e.Beat == nil && e.At() >= c.told { // what was heard already changes nothing
			s.tell(e)
		}
	}
	head := c.account.Head
	head.Gone = gone.At
	if err = errors.Join(err, c.account.Put(head)); err != nil {
		s.cfg.Log.Warn("account not closed", slog.Any("error", err))
	}
}
