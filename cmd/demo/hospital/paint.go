package hospital

import (
	"image"
	"math"
)

// colour is linear-free sRGB, each part 0 to 1: these are flat illustrations, not light.
type colour struct{ r, g, b float64 }

// scene gives the painter of an instant, in seconds: x runs 0 to 16, y 0 to 9 from the top.
type scene func(t float64) painter

type painter func(x, y float64) colour

func hex(rgb uint32) colour {
	return colour{float64(rgb>>16&255) / 255, float64(rgb>>8&255) / 255, float64(rgb&255) / 255}
}

// mix goes from a to b as k goes from 0 to 1.
func mix(a, b colour, k float64) colour {
	k = min(max(k, 0), 1)
	return colour{a.r + (b.r-a.r)*k, a.g + (b.g-a.g)*k, a.b + (b.b-a.b)*k}
}

// edge is 1 inside (distance below 0) and 0 outside, soft over two hundredths.
func edge(distance float64) float64 { return min(max(0.5-distance/0.02, 0), 1) }

func disc(x, y, cx, cy, r float64) float64 { return math.Hypot(x-cx, y-cy) - r }

// segment is the distance from a line of the given half width.
func segment(x, y, ax, ay, bx, by, half float64) float64 {
	dx, dy := bx-ax, by-ay
	k := min(max(((x-ax)*dx+(y-ay)*dy)/(dx*dx+dy*dy), 0), 1)
	return math.Hypot(x-ax-k*dx, y-ay-k*dy) - half
}

// paint draws a scene at an instant.
func paint(s scene, width, height int, t float64) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	scale, at := 16/float64(width), s(t)
	for py := range height {
		row := img.Pix[py*img.Stride:]
		for px := range width {
			c := at((float64(px)+0.5)*scale, (float64(py)+0.5)*scale)
			row[px*4], row[px*4+1], row[px*4+2], row[px*4+3] = byte(c.r*255+0.5), byte(c.g*255+0.5), byte(c.b*255+0.5), 255
		}
	}
	return img
}

// lake is a morning over water: sky, sun, two rows of hills and their reflection.
func lake(t float64) painter {
	const shore = 5.6
	return func(x, y float64) colour {
		if y <= shore {
			return sky(x, y)
		}
		ripple := 0.05 * math.Sin(9*y+1.7*math.Sin(x)+1.5*t)
		mirrored := sky(x+ripple, 2*shore-y-0.04*math.Sin(22*y+t))
		return mix(mirrored, hex(0x0b3d4c), 0.28+0.1*(y-shore))
	}
}

func sky(x, y float64) colour {
	c := mix(hex(0x7fb7c4), hex(0xfbe3b5), y/5.2)
	c = mix(c, hex(0xffd27a), 0.6*edge(disc(x, y, 11.2, 3.4, 1.5)-0.3))
	c = mix(c, hex(0xfff3d6), edge(disc(x, y, 11.2, 3.4, 0.95)))
	far := 3.9 + 0.55*math.Sin(x*0.55+1) + 0.2*math.Sin(x*1.3)
	c = mix(c, hex(0x6fa0a3), edge(far-y))
	near := 4.8 + 0.4*math.Sin(x*0.42+3.4) + 0.12*math.Sin(x*1.9+0.5)
	return mix(c, hex(0x2f6d73), edge(near-y))
}

// heartPicture is a heart with its pulse running through.
func heartPicture(float64) painter {
	points := [][2]float64{
		{0, 4.6}, {5.2, 4.6}, {6, 3.9}, {6.8, 4.6}, {7.3, 4.6}, {7.8, 2.6}, {8.5, 6.1}, {9, 4.6}, {10, 4.6}, {10.6, 4.2}, {11.2, 4.6}, {16, 4.6},
	}
	return func(x, y float64) colour {
		inside := edge(2.5 * heartShape((x-8)/2.5, (4.2-y)/2.5))
		line := math.Inf(1)
		for i := 1; i < len(points); i++ {
			line = min(line, segment(x, y, points[i-1][0], points[i-1][1], points[i][0], points[i][1], 0.07))
		}
		c := mix(mix(hex(0xeef5f4), hex(0xd5e7e6), y/9), hex(0xc8434e), inside)
		return mix(c, mix(hex(0x0b3d4c), hex(0xffffff), inside), edge(line))
	}
}

// heartShape is about the distance from the curve (x²+y²-1)³ = x²y³: its value over its slope.
func heartShape(x, y float64) float64 {
	k := x*x + y*y - 1
	dx, dy := 6*x*k*k-2*x*y*y*y, 6*y*k*k-3*x*x*y*y
	return (k*k*k - x*x*y*y*y) / max(math.Hypot(dx, dy), 1e-9)
}

// platePicture is a plate: half of it vegetables, a quarter grain, a quarter protein.
func platePicture(float64) painter {
	return func(x, y float64) colour {
		c := mix(hex(0xf7efe1), hex(0xeadfc9), y/9)
		c = mix(c, hex(0xd9c9ab), 0.7*edge(disc(x, y, 8.1, 4.75, 3.75)))
		c = mix(c, hex(0xffffff), edge(disc(x, y, 8, 4.5, 3.7)))
		c = mix(c, hex(0xe9eef0), edge(math.Abs(disc(x, y, 8, 4.5, 3.1))-0.04))
		c = mix(c, foodColour(x, y), food(x, y))
		return cutlery(c, x, y)
	}
}

// food is how much of the point is covered: three parts with gaps between them.
func food(x, y float64) float64 {
	gap := min(math.Abs(x-8), math.Abs(y-4.5)+10*max(0, 8-x))
	return edge(disc(x, y, 8, 4.5, 2.7)) * (1 - edge(gap-0.06))
}

func foodColour(x, y float64) colour {
	part := hex(0x5c9e4a)
	switch {
	case x > 8 && y < 4.5:
		part = hex(0xd9a441)
	case x > 8:
		part = hex(0xc46a4a)
	}
	dots := disc(math.Mod(x*1.7, 1), math.Mod(y*1.7+0.3*math.Floor(x*1.7), 1), 0.5, 0.5, 0.16)
	return mix(part, mix(part, hex(0xffffff), 0.25), edge(dots))
}

func cutlery(c colour, x, y float64) colour {
	steel := hex(0x6b7f86)
	c = mix(c, steel, edge(segment(x, y, 3.1, 3, 3.1, 7, 0.1)))
	c = mix(c, steel, edge(segment(x, y, 2.8, 3.1, 3.4, 3.1, 0.06)))
	for _, tine := range []float64{2.8, 3.1, 3.4} {
		c = mix(c, steel, edge(segment(x, y, tine, 1.9, tine, 3.1, 0.06)))
	}
	return mix(c, steel, edge(segment(x, y, 12.9, 2, 12.9, 7, 0.12)))
}

// breathe is a circle that grows and shrinks like a calm breath of eight seconds.
func breathe(t float64) painter {
	breath := 0.5 - 0.5*math.Cos(2*math.Pi*t/clipSeconds)
	return func(x, y float64) colour {
		c, away := mix(hex(0x0b3d4c), hex(0x14606f), y/9), math.Hypot(x-8, y-4.5)
		for ring := 3.0; ring >= 0; ring-- {
			r := 1.2 + breath*1.5 + ring*(0.35+0.2*breath)
			c = mix(c, hex(0x8fd0cf), (0.12+0.05*(3-ring))*edge(away-r))
		}
		return mix(c, hex(0xe9f7f4), edge(away-1.1-breath*1.4))
	}
}

// bubbles rise like soap, and a ring fills once in the clip's eight seconds.
func bubbles(t float64) painter {
	rising := soap(t)
	return func(x, y float64) colour {
		c := mix(hex(0xdff1f7), hex(0x9fd3e3), y/9)
		for _, b := range rising {
			if math.Abs(x-b.x) > b.r+0.1 || math.Abs(y-b.y) > b.r+0.1 {
				continue
			}
			d := disc(x, y, b.x, b.y, b.r)
			c = mix(c, hex(0xffffff), 0.35*edge(d))
			c = mix(c, hex(0x4a9db5), 0.8*edge(math.Abs(d)-0.02))
			c = mix(c, hex(0xffffff), edge(disc(x, y, b.x-b.r*0.35, b.y-b.r*0.35, b.r*0.16)))
		}
		return timer(c, x, y, t/clipSeconds)
	}
}

type bubble struct{ x, y, r float64 }

func soap(t float64) []bubble {
	all := make([]bubble, 26)
	for i := range all {
		f := float64(i)
		all[i] = bubble{
			math.Mod(f*0.6180339*16+0.4*math.Sin(t+f)+16, 16),
			10 - math.Mod(f*1.37+t*(0.7+0.5*math.Abs(math.Cos(f*7.1))), 11),
			0.25 + 0.35*math.Abs(math.Sin(f*12.9898)),
		}
	}
	return all
}

// timer is a ring around a drop; done, 0 to 1, of the ring is dark.
func timer(c colour, x, y, done float64) colour {
	away := math.Hypot(x-8, y-4.5)
	if away > 2.8 {
		return c
	}
	c = mix(c, hex(0xffffff), 0.85*edge(away-2.7))
	ring := edge(math.Abs(away-2.4) - 0.2)
	c = mix(c, hex(0xd3e5ea), ring)
	if math.Mod(math.Atan2(x-8, 4.5-y)+2*math.Pi, 2*math.Pi) < 2*math.Pi*done {
		c = mix(c, hex(0x0b3d4c), ring)
	}
	tip := max(math.Abs(x-8)-(y-3.1)*0.553, y-4.555) // its sides touch the disc
	return mix(c, hex(0x2f8aa3), max(edge(disc(x, y, 8, 5, 0.92)), edge(tip)))
}
