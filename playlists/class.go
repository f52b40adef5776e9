package playlists

import (
	"slices"
	"strings"
)

// Class is everything about a screen that its body depends on: screens of equal classes have equal
// bodies. It is comparable, to group screens by; its fields are nobody else's business.
type Class struct {
	department       DepartmentID
	tags             string
	rotation, volume int
	// longSide is the longer side of the picture that the screen can use: 1280, 1920 or 3840.
	longSide int
	portrait bool
	// cuts: there is no GPU, so nothing fades.
	cuts     bool
	decoders string
	// moment is that of a visit at which the screen stands.
	moment Moment
	// named is the screen's own id if any window names it, else empty.
	named ScreenID
}

func classOf(s Screen, a Abilities, named bool) Class {
	if a.Width <= 0 || a.Height <= 0 {
		a.Width, a.Height = 1920, 1080
	}
	c := Class{
		department: s.Department, tags: joined(sortedTags(s.Tags)), rotation: s.Rotation, volume: s.Volume,
		longSide: longSide(a), cuts: a.SoftwareGL,
		moment:   s.moment(),
		portrait: (a.Height > a.Width) != (s.Rotation%180 == 90),
		decoders: strings.Join(slices.Sorted(slices.Values(a.Decoders)), ","),
	}
	if named {
		c.named = s.ID
	}
	return c
}

func longSide(a Abilities) int {
	switch side := max(a.Width, a.Height); {
	case a.SoftwareGL || side <= 1280:
		return 1280
	case side <= 1920:
		return 1920
	default:
		return 3840
	}
}

// pick chooses the smallest variant that is as sharp as the class can show it, else the largest. There
// is none if the class decodes none of them.
func (c Class) pick(variants []Asset, fit Fit) (Asset, bool) {
	var best Asset
	for _, v := range variants {
		if c.decodes(v) && (best.Digest == "" || c.better(v, best, fit)) {
			best = v
		}
	}
	return best, best.Digest != ""
}

func (c Class) better(v, best Asset, fit Fit) bool {
	long := max(v.Width, v.Height)
	if enough := c.needed(v, fit); long >= enough {
		return long < max(best.Width, best.Height) || max(best.Width, best.Height) < enough
	}
	return long > max(best.Width, best.Height)
}

// needed is the longer side, in pixels, of v drawn on the whole screen, less two in a hundred: sides are
// rounded when sizes are made.
func (c Class) needed(v Asset, fit Fit) int {
	if v.Width <= 0 || v.Height <= 0 {
		return 0
	}
	w, h := float64(c.longSide), float64(c.longSide)*9/16
	if c.portrait {
		w, h = h, w
	}
	scale := min(w/float64(v.Width), h/float64(v.Height))
	if fit == Fill {
		scale = max(w/float64(v.Width), h/float64(v.Height))
	}
	drawn := scale * float64(max(v.Width, v.Height))
	return int(0.98 * min(drawn, float64(c.longSide)))
}

// decodes: a player that does not name its decoders has all of them.
func (c Class) decodes(a Asset) bool {
	codec := ""
	switch a.MediaType {
	case "video/mp4":
		codec = "h264"
	case "video/webm":
		codec = "vp9"
	}
	return codec == "" || c.decoders == "" || slices.Contains(strings.Split(c.decoders, ","), codec)
}
