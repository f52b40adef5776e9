package clock

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"anteroom/playlists"
)

// Monotonic is CLOCK_MONOTONIC in nanoseconds.
func Monotonic() int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		panic("linux without CLOCK_MONOTONIC: " + err.Error())
	}
	return t.Nano()
}

// Boot is the kernel's name for this start of the machine.
func Boot() (playlists.BootID, error) {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("reading the boot id: %w", err)
	}
	return playlists.BootID(strings.TrimSpace(string(b))), nil
}
