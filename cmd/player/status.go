package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"anteroom/player"
	"anteroom/playlists"
)

// Run tells how a player is, for people or, with --json, for programs.
func (s *statusCommand) Run(ctx context.Context, e *edge) error {
	status, err := player.AskStatus(ctx, s.Data)
	if err != nil {
		return err
	}
	if s.JSON {
		enc := json.NewEncoder(e.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(status)
	}
	_, err = fmt.Fprint(e.stdout, text(&status))
	return err
}

// text is a status in words.
func text(s *player.Status) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("player", "%s", s.Player)
	line("screen", "%s", or(string(s.Screen), "not paired"))
	if s.Pairing != nil {
		line("code", "%s   %s", s.Pairing.Code, strings.Join(s.Pairing.Words, " "))
	}
	line("controller", "%s", linkText(s))
	line("stage", "%s, %d x %d", s.Health.Stage, s.Abilities.Width, s.Abilities.Height)
	for _, w := range s.Health.Showing {
		line("showing", "%s: %s until %s", or(w.Region, "all"), or(w.Title, "takeover"), w.Until.Local().Format(time.TimeOnly))
	}
	if len(s.Health.Showing) == 0 {
		line("showing", "the slate")
	}
	line("programme", "generation %d%s", s.State.Generation, offeredText(s))
	line("plays", "%d recorded, %d to send", s.State.Journal, s.Health.Unsent)
	line("cache", "%d MB, %d MB free on the disk", s.Health.CacheUsed>>20, s.Health.DiskFree>>20)
	line("clock", "%s", clockText(s))
	for _, n := range s.Health.Notes {
		line("note", "%s", n)
	}
	return b.String()
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func linkText(s *player.Status) string {
	switch {
	case s.Controller == "":
		return "none set"
	case s.Linked:
		return s.Controller + ", linked"
	case s.Pairing != nil && s.Unlinked == "":
		return s.Controller + ", waiting to be paired"
	}
	return s.Controller + ", not linked: " + or(s.Unlinked, "not tried yet")
}

func offeredText(s *player.Status) string {
	if s.Health.Offered == 0 {
		return ""
	}
	return fmt.Sprintf(", %d on its way (%d files missing)", s.Health.Offered, s.Health.Missing)
}

func clockText(s *player.Status) string {
	switch s.Health.Clock {
	case playlists.ClockSynced:
		return fmt.Sprintf("compared with the controller, the machine's is %d ms off", s.Health.OffsetMS)
	case playlists.ClockSystem:
		return "the machine's own, not compared yet"
	case playlists.ClockUnset:
		return "not set: only the filler shows"
	}
	return string(s.Health.Clock)
}
