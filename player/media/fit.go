package media

import "image"

// Fitted says how a picture meets a box: which part of it is shown, and how large.
type Fitted struct {
	// Crop is the part of the source that is shown.
	Crop image.Rectangle
	// Size is how large it is drawn, in the box's pixels.
	Size image.Point
	// Pixels is how large it need be decoded: Size, but never more than the source has.
	Pixels image.Point
}

// Fit puts a picture into a box: whole, or with fill so that the box is covered and the rest of the
// picture cut off evenly.
func Fit(source, box image.Point, fill bool) Fitted {
	f := Fitted{Crop: image.Rectangle{Max: source}, Size: box}
	wide := source.X*box.Y > source.Y*box.X // wider than the box
	switch {
	case fill && wide:
		f.Crop = middle(source, image.Pt(max(source.Y*box.X/box.Y, 1), source.Y))
	case fill:
		f.Crop = middle(source, image.Pt(source.X, max(source.X*box.Y/box.X, 1)))
	case wide:
		f.Size = image.Pt(box.X, max((source.Y*box.X+source.X/2)/source.X, 1))
	default:
		f.Size = image.Pt(max((source.X*box.Y+source.Y/2)/source.Y, 1), box.Y)
	}
	f.Pixels = f.Size
	if f.Crop.Dx() < f.Size.X {
		f.Pixels = f.Crop.Size()
	}
	return f
}

func middle(of, size image.Point) image.Rectangle {
	at := of.Sub(size).Div(2)
	return image.Rectangle{at, at.Add(size)}
}
