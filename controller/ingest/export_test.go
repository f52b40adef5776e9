package ingest

import (
	"image"

	"golang.org/x/image/draw"
)

// catmullRom scales in one piece, with all the memory that it takes.
func catmullRom(dst *image.RGBA, src image.Image) {
	draw.CatmullRom.Scale(dst, dst.Rect, src, src.Bounds(), draw.Src, nil)
}
