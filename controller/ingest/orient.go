package ingest

import (
	"bytes"
	"image"

	"github.com/bep/imagemeta"
)

// orient is an EXIF orientation, 1 to 8: how the rows and columns of a file lie in the upright picture.
type orient int

const upright orient = 1

// orientation reads it from a file; a file that says nothing understandable is upright.
func orientation(f form, b []byte) orient {
	found := upright
	_, err := imagemeta.Decode(imagemeta.Options{
		R:               bytes.NewReader(b),
		ImageFormat:     metaFormat(f),
		Sources:         imagemeta.EXIF,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return t.Tag == "Orientation" && t.Namespace == "IFD0" },
		HandleTag: func(t imagemeta.TagInfo) error {
			if v, ok := t.Value.(uint16); ok && v >= 1 && v <= 8 {
				found = orient(v)
			}
			return imagemeta.ErrStopWalking
		},
	})
	if err != nil {
		return upright
	}
	return found
}

func metaFormat(f form) imagemeta.ImageFormat {
	switch f {
	case formPNG:
		return imagemeta.PNG
	case formWebP:
		return imagemeta.WebP
	case formJPEG, formMP4, formWebM, formSlide, formWebVTT, formPDF:
	}
	return imagemeta.JPEG
}

// sideways reports whether width and height change places.
func (o orient) sideways() bool { return o >= 5 }

// size gives the upright size of a picture, or back.
func (o orient) size(p image.Point) image.Point {
	if o.sideways() {
		return image.Pt(p.Y, p.X)
	}
	return p
}

// apply gives the upright picture.
func (o orient) apply(p *image.RGBA) *image.RGBA {
	if o == upright {
		return p
	}
	size := p.Rect.Size()
	out := image.NewRGBA(image.Rectangle{Max: o.size(size)})
	for y := range size.Y {
		for x := range size.X {
			u, v := o.place(x, y, size)
			copy(out.Pix[out.PixOffset(u, v):][:4], p.Pix[p.PixOffset(p.Rect.Min.X+x, p.Rect.Min.Y+y):][:4])
		}
	}
	return out
}

// place says where the file's pixel (x, y) lies in the upright picture.
func (o orient) place(x, y int, size image.Point) (u, v int) {
	right, bottom := size.X-1-x, size.Y-1-y
	switch o {
	case upright:
		return x, y
	case 2:
		return right, y
	case 3:
		return right, bottom
	case 4:
		return x, bottom
	case 5:
		return y, x
	case 6:
		return bottom, x
	case 7:
		return bottom, right
	case 8:
		return y, right
	}
	return x, y
}
