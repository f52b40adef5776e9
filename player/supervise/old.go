package supervise

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"syscall"

	"anteroom/player/disk"
)

// replaceOld kills the stage that an earlier agent left behind, and notes the new one.
func (s *Supervisor) replaceOld(pid int) {
	if s.cfg.Note == "" {
		return
	}
	var old int
	var since string
	if b, err := os.ReadFile(s.cfg.Note); err == nil {
		if n, err := fmt.Sscan(string(b), &old, &since); err == nil && n == 2 && old > 1 && old != pid && startOf(old) == since {
			s.cfg.Log.Info("earlier stage killed", slog.Int("pid", old))
			_ = syscall.Kill(-old, syscall.SIGKILL) // gone already is as good
		}
	}
	if err := disk.Write(s.cfg.Note, fmt.Appendf(nil, "%d %s\n", pid, startOf(pid))); err != nil {
		s.cfg.Log.Warn("stage not noted", slog.Any("error", err))
	}
}

// startOf is when a process started, in the kernel's ticks: with its number it names it for good.
// Empty if there is none.
func startOf(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return ""
	}
	return string(fields[19])
}
