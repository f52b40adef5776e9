package playlists

import "slices"

// Platform is a kind of place where people meet an item.
type Platform string

// The platforms.
const (
	// Screens are those in waiting rooms.
	Screens Platform = "screens"
	// Phone is the page that a patient opens by a QR code.
	Phone Platform = "phone"
	// Feed is what the hospital's public site takes over; anybody in the world can read it.
	Feed Platform = "feed"
	// Paper is a sheet that a clinician prints and hands over.
	Paper Platform = "paper"
)

// Platforms lists all platforms.
func Platforms() []Platform { return []Platform{Screens, Phone, Feed, Paper} }

// UsualPlatforms are those of an item that does not say where it goes: all within the house. The whole world is chosen.
func UsualPlatforms() []Platform { return []Platform{Screens, Phone, Paper} }

// GoesTo reports whether the item may be shown on a platform. Wording for takeovers goes to none by itself.
func (i Item) GoesTo(p Platform) bool {
	if i.Template != nil {
		return false
	}
	if i.Platforms == nil {
		return slices.Contains(UsualPlatforms(), p)
	}
	return slices.Contains(i.Platforms, p)
}

// widerThan reports whether the item goes anywhere that another does not.
func (i Item) widerThan(other *Item) bool {
	return slices.ContainsFunc(Platforms(), func(p Platform) bool { return i.GoesTo(p) && !other.GoesTo(p) })
}

func (i Item) checkPlatforms(f *faults) {
	f.check(i.Platforms == nil || len(i.Platforms) > 0, "platforms", "choose at least one place where it may go")
	for _, p := range i.Platforms {
		f.check(slices.Contains(Platforms(), p), "platforms", "%q is no platform; choose of %v", string(p), Platforms())
	}
	distinct(f, "platforms", len(i.Platforms), func(n int) Platform { return i.Platforms[n] })
}
