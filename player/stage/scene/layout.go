package scene

import (
	"image"
	"math"

	"anteroom/player/playback"
)

// Canvas is the size of a panel as people see it, once its picture is turned by rotation degrees.
func Canvas(panel image.Point, rotation int) image.Point {
	if rotation == 90 || rotation == 270 {
		return image.Pt(panel.Y, panel.X)
	}
	return panel
}

// Place is a region's rectangle on a canvas. Edges are rounded, not sizes, so that regions which meet
// in fractions meet in pixels; a region is never empty and never larger than the canvas.
func Place(r *playback.RegionScene, canvas image.Point) image.Rectangle {
	x0, x1 := span(r.X, r.W, canvas.X)
	y0, y1 := span(r.Y, r.H, canvas.Y)
	return image.Rect(x0, y0, x1, y1)
}

func span(start, length float64, whole int) (a, b int) {
	a = min(max(int(math.Round(start*float64(whole))), 0), max(whole-1, 0))
	b = min(max(int(math.Round((start+length)*float64(whole))), a+1), whole)
	return a, max(b, a+1)
}

// Turn is where a rectangle of the canvas lies on the panel; rotation is clockwise.
func Turn(r image.Rectangle, panel image.Point, rotation int) image.Rectangle {
	switch rotation {
	case 90:
		return image.Rect(panel.X-r.Max.Y, r.Min.X, panel.X-r.Min.Y, r.Max.X)
	case 180:
		return image.Rect(panel.X-r.Max.X, panel.Y-r.Max.Y, panel.X-r.Min.X, panel.Y-r.Min.Y)
	case 270:
		return image.Rect(r.Min.Y, panel.Y-r.Max.X, r.Max.Y, panel.Y-r.Min.X)
	}
	return r
}

// Centred is a rectangle of that size in the middle of another.
func Centred(size image.Point, in image.Rectangle) image.Rectangle {
	at := in.Min.Add(in.Size().Sub(size).Div(2))
	return image.Rectangle{at, at.Add(size)}
}

// Bars are the parts of outer that inner leaves free, none overlapping another.
func Bars(outer, inner image.Rectangle) []image.Rectangle {
	inner = inner.Intersect(outer)
	if inner.Empty() {
		return []image.Rectangle{outer}
	}
	var bars []image.Rectangle
	for _, r := range []image.Rectangle{
		{outer.Min, image.Pt(outer.Max.X, inner.Min.Y)},
		{image.Pt(outer.Min.X, inner.Max.Y), outer.Max},
		{image.Pt(outer.Min.X, inner.Min.Y), image.Pt(inner.Min.X, inner.Max.Y)},
		{image.Pt(inner.Max.X, inner.Min.Y), image.Pt(outer.Max.X, inner.Max.Y)},
	} {
		if !r.Empty() {
			bars = append(bars, r)
		}
	}
	return bars
}
