package scene

import (
	"time"

	"anteroom/player/playback"
)

// FadeTime is how long a cross-fade takes.
const FadeTime = 500 * time.Millisecond

// Fade is how much of a picture that came on at began is there, from 0 to 1.
func Fade(began, now int64) float64 {
	return min(max(float64(now-began)/float64(FadeTime), 0), 1)
}

// TickerPositions are the left edges, in a region of that width, of the copies of a ticker's strip at
// an instant. A line crosses the region in a third of a minute, towards where its letters begin, so
// that it can be read; x follows from time alone, so nothing drifts.
func TickerPositions(now int64, strip, region int, rtl bool) []int {
	const crossing = int64(20 * time.Second)
	period := int64(strip + max(region/4, 1))
	moved := int(now / (crossing / int64(max(region, 1))) % period)
	var at []int
	for x := -moved; x < region; x += int(period) {
		left := x
		if rtl {
			left = region - x - strip
		}
		if left < region && left+strip > 0 {
			at = append(at, left)
		}
	}
	return at
}

// ClockText is what a clock says at an instant, "17:30" or "5:30 PM" (with a space that no line ends at),
// and nothing without a face.
func ClockText(f *playback.ClockFace, now int64) string {
	if f == nil {
		return ""
	}
	format := "15:04"
	if f.Hour12 {
		format = "3:04\u00a0PM"
	}
	wall := time.Unix(0, f.UnixNanos+now-f.Mono)
	return wall.In(time.FixedZone("", f.Offset)).Format(format)
}
