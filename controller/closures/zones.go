package closures

import (
	"strings"

	"anteroom/playlists"
)

// maxZones is how many zones of a file are looked for.
const maxZones = 64

// places finds zones by what calendars call them.
type places struct {
	data  playlists.ZoneData
	known map[string]*playlists.Zone
	// home is the zone of the calendar, where an event names none.
	home string
}

// zone gives a zone; nil if nothing says which, or if it is not known.
func (p *places) zone(name string) *playlists.Zone {
	if name == "" {
		name = p.home
	}
	zone, ok := p.known[name]
	if !ok && len(p.known) < maxZones {
		zone = p.find(name)
		p.known[name] = zone
	}
	return zone
}

// find takes "America/New_York", "/example.org/20250801/America/New_York" and "Eastern Standard Time".
func (p *places) find(name string) *playlists.Zone {
	name = strings.Trim(name, "/ ")
	parts := strings.Split(name, "/")
	for from := max(0, len(parts)-3); from < len(parts); from++ {
		if zone := p.open(strings.Join(parts[from:], "/")); zone != nil {
			return zone
		}
	}
	if iana := ofWindows(name); iana != "" {
		return p.open(iana)
	}
	return nil
}

func (p *places) open(name string) *playlists.Zone {
	tzif, err := p.data(name)
	if err != nil {
		return nil
	}
	zone, err := playlists.ParseZone(name, tzif)
	if err != nil {
		return nil
	}
	return zone
}
