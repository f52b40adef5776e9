package supervise

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"anteroom/player/account"
	"anteroom/player/playback"
)

// dying is how long a killed stage may take to be dead; one that hangs in its driver is not waited for.
const dying = 2 * time.Second

// errLost says that the power took an account, and that nothing else is wrong.
var errLost = errors.New("lost with the power")

// succeed takes over from the stages that earlier agents left behind, once: it kills them, and tells what
// they drew.
func (s *Supervisor) succeed() {
	if s.succeeded || s.cfg.Accounts == "" {
		return
	}
	s.succeeded = true
	earlier, err := s.earlier()
	if errors.Is(err, errLost) {
		s.cfg.Log.Info("accounts of earlier stages lost")
		return
	}
	if err != nil {
		s.cfg.Log.Error("accounts of earlier stages not read", slog.Any("error", err))
		return
	}
	s.tell(playback.Event{Earlier: earlier})
}

// earlier is what is known of the earlier stages; where one does not die or has no account to be read, it
// is an error, but the others are killed all the same.
func (s *Supervisor) earlier() (*playback.Earlier, error) {
	all, err := account.List(s.cfg.Accounts)
	earlier, lost := &playback.Earlier{}, false
	for _, a := range all {
		lost = lost || a.Lost
		switch {
		case s.own[a.Path]:
		case a.Head.PID == 0 || a.Head.Boot != s.cfg.Boot:
			err = errors.Join(err, a.Remove())
		default:
			life, failed := s.replace(a)
			err = errors.Join(err, failed)
			earlier.Lives = append(earlier.Lives, life)
		}
	}
	if lost && err == nil {
		err = errLost
	}
	return earlier, err
}

// replace kills an earlier agent's stage, if it still lives, and reads its account, which goes if it is damaged.
func (s *Supervisor) replace(a *account.Account) (playback.Life, error) {
	killed, err := kill(a.Head.PID, a.Head.Since, s.patience)
	if err != nil && !killed {
		return playback.Life{}, err
	}
	if killed { // err or not: one that is killed and takes long to be dead writes no more
		s.cfg.Log.Info("earlier stage killed", slog.Int("pid", a.Head.PID), slog.Bool("dead", err == nil))
		head := a.Head
		head.Gone = s.cfg.Mono()
		err = a.Put(head)
	}
	told, failed := a.Read()
	if errors.Is(failed, account.ErrDamaged) { // once is enough: the next agent's marks have accounts of their own
		failed = errors.Join(failed, a.Remove())
	}
	life := playback.Life{Told: told, End: a.Head.Gone}
	for _, e := range told {
		life.End = max(life.End, e.At())
	}
	return life, errors.Join(err, failed)
}

// kill kills the group of a process that started when it should have, and waits until it is dead: then
// its account is whole. It reports whether there was one to be killed, also if that is not dead in time.
func kill(pid int, since string, patience time.Duration) (bool, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for stage %d: %w", pid, err)
	}
	defer func() { _ = unix.Close(fd) }()
	if startOf(pid) != since || ended(fd, 0) == nil { // another has its number, or nobody has fetched its status
		return false, nil
	}
	if err := syscall.Kill(-pid, syscall.SIGKILL); errors.Is(err, syscall.ESRCH) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("killing stage %d: %w", pid, err)
	}
	if err := ended(fd, patience); err != nil {
		return true, fmt.Errorf("waiting for stage %d: %w", pid, err)
	}
	return true, nil
}

// ended waits until the process of a descriptor is dead.
func ended(fd int, wait time.Duration) error {
	for end := time.Now().Add(wait); ; {
		left := max(0, time.Until(end))
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(left.Milliseconds()))
		switch {
		case n > 0:
			return nil
		case err == nil:
			return os.ErrDeadlineExceeded
		case !errors.Is(err, unix.EINTR):
			return err
		}
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
