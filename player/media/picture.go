// Package media turns bytes into pictures and sound: images decoded once to the size they are shown
// at, video and sound by ffmpeg as children.
//
// A bad file costs an error, never the process: images are measured before they are decoded, children
// are bounded in what they read, write and how long they may be silent, and die with their parent. A
// machine without sound plays on in silence.
package media

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // the formats that ingest keeps pictures in
	_ "image/png"
	"io"
	"os"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // so that image.Decode knows it
)

// MaxPixels is the largest picture that is decoded; it needs some 400 MB.
const MaxPixels = 64 << 20

// ErrTooLarge says that a picture has more than [MaxPixels].
var ErrTooLarge = errors.New("picture too large")

// Measure reads a picture's size and refuses what is none or has more than [MaxPixels].
func Measure(r io.Reader) (image.Point, error) {
	c, format, err := image.DecodeConfig(r)
	if err != nil {
		return image.Point{}, fmt.Errorf("reading a picture's size: %w", err)
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > MaxPixels/c.Height {
		return image.Point{}, fmt.Errorf("%w: %s of %d by %d, at most %d pixels", ErrTooLarge, format, c.Width, c.Height, MaxPixels)
	}
	return image.Pt(c.Width, c.Height), nil
}

// Picture decodes a file for a box. What is transparent shows under. The result has the pixels that
// the returned [Fitted] names.
func Picture(path string, box image.Point, fill bool, under color.Color) (*image.RGBA, Fitted, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, Fitted{}, fmt.Errorf("reading picture: %w", err)
	}
	size, err := Measure(bytes.NewReader(b))
	if err != nil {
		return nil, Fitted{}, err
	}
	src, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, Fitted{}, fmt.Errorf("decoding picture: %w", err)
	}
	f := Fit(size, box, fill)
	return scaled(src, f, under), f, nil
}

// scaled is the part of src that is shown, at the size it is decoded to.
func scaled(src image.Image, f Fitted, under color.Color) *image.RGBA {
	crop := f.Crop.Add(src.Bounds().Min)
	for crop.Dx() >= 2*f.Pixels.X && crop.Dy() >= 2*f.Pixels.Y {
		src, crop = halved(src, crop), image.Rect(0, 0, crop.Dx()/2, crop.Dy()/2)
	}
	dst := image.NewRGBA(image.Rectangle{Max: f.Pixels})
	op := draw.Src
	if o, ok := src.(interface{ Opaque() bool }); !ok || !o.Opaque() {
		draw.Draw(dst, dst.Rect, image.NewUniform(under), image.Point{}, draw.Src)
		op = draw.Over
	}
	if crop.Size() == f.Pixels {
		draw.Draw(dst, dst.Rect, src, crop.Min, op)
	} else {
		draw.ApproxBiLinear.Scale(dst, dst.Rect, src, crop, op, nil)
	}
	return dst
}

// halved averages two by two pixels: a bilinear scaler looks at four, and would leave out the others.
func halved(src image.Image, crop image.Rectangle) *image.RGBA {
	full, ok := src.(*image.RGBA)
	if !ok || full.Rect != crop {
		full = image.NewRGBA(image.Rectangle{Max: crop.Size()})
		draw.Draw(full, full.Rect, src, crop.Min, draw.Src)
	}
	half := image.NewRGBA(image.Rect(0, 0, crop.Dx()/2, crop.Dy()/2))
	for y := range half.Rect.Dy() {
		a, b := full.Pix[2*y*full.Stride:], full.Pix[(2*y+1)*full.Stride:]
		out := half.Pix[y*half.Stride:][:4*half.Rect.Dx()]
		for i := range out {
			j := i/4*8 + i%4
			out[i] = uint8((uint(a[j]) + uint(a[j+4]) + uint(b[j]) + uint(b[j+4]) + 2) / 4)
		}
	}
	return half
}
