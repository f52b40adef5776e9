package controller

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"anteroom/playlists"
)

// zoneDirs are where systems keep their zone data.
func zoneDirs() []string {
	dirs := []string{"/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"}
	if own := os.Getenv("ZONEINFO"); own != "" {
		dirs = append([]string{own}, dirs...)
	}
	return dirs
}

// systemZones gives a zone's TZif bytes from the system's own data.
func systemZones(zone string) ([]byte, error) {
	if !filepath.IsLocal(zone) {
		return nil, playlists.Refuse(playlists.ErrInvalid, "zone: %q is not the name of a time zone, like America/New_York", zone)
	}
	for _, dir := range zoneDirs() {
		b, err := os.ReadFile(filepath.Join(dir, zone))
		if err == nil {
			return b, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("reading zone %s: %w", zone, err)
		}
	}
	return nil, playlists.Refuse(playlists.ErrInvalid, "zone: this machine does not know the time zone %q; check its name, or install the package tzdata", zone)
}
