package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"strings"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// pictureOrder is what a child needs to make pictures of a picture.
type pictureOrder struct {
	Source string `json:"source"`
	Form   form   `json:"form"`
	// Dir receives the results.
	Dir    string `json:"dir"`
	Pixels int64  `json:"pixels"`
	// Thumbnail is, if above 0, the width of the one small JPEG to make instead of the variants.
	Thumbnail int `json:"thumbnail,omitempty"`
}

const (
	jpegQuality      = 88
	thumbnailQuality = 80
	// smallest side of a picture that is worth showing.
	smallest = 16
)

// convertPicture makes the variants of a picture, or its thumbnail. Run it only within bounds.
func convertPicture(o pictureOrder, tell func(message)) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = refuse("The picture is damaged (%v). Export it again.", r)
		}
	}()
	b, err := os.ReadFile(o.Source)
	if err != nil {
		return fmt.Errorf("reading the upload: %w", err)
	}
	if refused := checkSize(o, b); refused != nil {
		return refused
	}
	src, err := decodePicture(o.Form, bytes.NewReader(b))
	if err != nil {
		return damaged(o.Form, err)
	}
	tell(message{Percent: 30})
	turn, profile := orientation(o.Form, b), findProfile(o.Form, b)
	if o.Thumbnail > 0 {
		return makeThumbnail(o, turn.apply(profile.toSRGB(thumbnailOf(src, turn, o.Thumbnail))), tell)
	}
	return makeVariants(o, src, turn, profile, tell)
}

// checkSize refuses a picture by its header, before anything is allocated for it.
func checkSize(o pictureOrder, b []byte) error {
	var c image.Config
	var err error
	switch r := bytes.NewReader(b); o.Form {
	case formJPEG:
		c, err = jpeg.DecodeConfig(r)
	case formPNG:
		c, err = png.DecodeConfig(r)
	case formWebP:
		c, err = webp.DecodeConfig(r)
	case formMP4, formWebM, formSlide, formWebVTT, formPDF:
		return fmt.Errorf("%s is no picture", o.Form.named())
	}
	if err != nil {
		return damaged(o.Form, err)
	}
	if n := int64(c.Width) * int64(c.Height); n > o.Pixels {
		return refuse("The picture has %d x %d pixels, more than %d million. Save it with at most 3840 on its long side.", c.Width, c.Height, o.Pixels/1_000_000)
	}
	if min(c.Width, c.Height) < smallest {
		return refuse("The picture has only %d x %d pixels. Choose a larger one.", c.Width, c.Height)
	}
	return nil
}

func decodePicture(f form, r io.Reader) (image.Image, error) {
	switch f {
	case formJPEG:
		return jpeg.Decode(r)
	case formPNG:
		return png.Decode(r)
	case formWebP:
		return webp.Decode(r)
	case formMP4, formWebM, formSlide, formWebVTT, formPDF:
	}
	return nil, fmt.Errorf("%s is no picture", f.named())
}

// damaged turns a decoder's error into a reason.
func damaged(f form, err error) error {
	switch {
	case strings.Contains(err.Error(), "dimension overflow"):
		return refuse("The picture has too many pixels. Save it with at most 3840 on its long side.")
	case endsEarly(err):
		return refuse("The %s file ends too early: it was cut off while it was copied or saved. Copy or export it again.", f)
	case strings.Contains(err.Error(), "unsupported"):
		return refuse("The %s file uses a rare feature (%v). Save it again as an ordinary JPEG or PNG.", f, err)
	}
	return refuse("The %s file is damaged (%v). Export it again.", f, err)
}

// endsEarly knows what the decoders say of a file that is cut off.
func endsEarly(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		strings.Contains(err.Error(), "not enough pixel data") || strings.Contains(err.Error(), "short Huffman data")
}

// sides are the long sides that pictures are kept at.
func sides() []int { return []int{1280, 1920, 3840} }

// longSides gives the variants of a picture by its own long side: the usual ones below it, and its
// own unless a usual one comes within a tenth of it.
func longSides(own int) []int {
	var kept []int
	for _, s := range sides() {
		if s >= own {
			break
		}
		kept = append(kept, s)
	}
	last := sides()[len(sides())-1]
	if len(kept) == 0 || own <= last && own*10 > kept[len(kept)-1]*11 {
		kept = append(kept, own)
	}
	return kept
}

// fitLong gives the size whose long side is long, in proportion, never above the own size.
func fitLong(size image.Point, long int) image.Point {
	own := max(size.X, size.Y)
	if long >= own {
		return size
	}
	part := func(n int) int { return max(1, (n*long+own/2)/own) }
	return image.Pt(part(size.X), part(size.Y))
}

// makeVariants goes from the largest to the smallest, each from the one before it.
func makeVariants(o pictureOrder, src image.Image, turn orient, profile *profile, tell func(message)) error {
	size := src.Bounds().Size()
	longs := longSides(max(size.X, size.Y))
	pictures := make([]*image.RGBA, len(longs))
	largest := resize(src, fitLong(size, longs[len(longs)-1]))
	pictures[len(longs)-1] = turn.apply(profile.toSRGB(largest))
	size = turn.size(size)
	for i := len(longs) - 2; i >= 0; i-- {
		pictures[i] = resize(pictures[i+1], fitLong(size, longs[i]))
	}
	tell(message{Percent: 60})
	encode, err := chooseEncoding(o.Form, pictures[0])
	if err != nil {
		return err
	}
	var results []made
	for i, p := range pictures {
		m, err := encode.write(p, fileIn(o.Dir, i, encode.ending))
		if err != nil {
			return err
		}
		results = append(results, m)
		tell(message{Percent: 60 + 40*(i+1)/len(pictures)})
	}
	tell(message{Made: results})
	return nil
}

func makeThumbnail(o pictureOrder, p *image.RGBA, tell func(message)) error {
	m, err := jpegEncoding(thumbnailQuality).write(overWhite(p), fileIn(o.Dir, 0, ".jpg"))
	if err != nil {
		return err
	}
	tell(message{Made: []made{m}})
	return nil
}

// thumbnailOf resizes so that the width is w once it is turned upright.
func thumbnailOf(src image.Image, turn orient, w int) *image.RGBA {
	size := src.Bounds().Size()
	upright := turn.size(size)
	w = min(w, upright.X)
	h := max(1, (upright.Y*w+upright.X/2)/upright.X)
	return resize(src, turn.size(image.Pt(w, h)))
}

// overWhite is a picture without transparency.
func overWhite(p *image.RGBA) *image.RGBA {
	if p.Opaque() {
		return p
	}
	out := image.NewRGBA(p.Rect)
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, p, p.Rect.Min, draw.Over)
	return out
}

// band is how many rows or columns are resized at a time: a filter's working memory is 32 bytes for
// each pixel of its intermediate picture.
const band = 64

// resize scales with a Catmull-Rom filter, first across and then down, in bands.
func resize(src image.Image, size image.Point) *image.RGBA {
	b := src.Bounds()
	if b.Size() == size {
		out := image.NewRGBA(image.Rectangle{Max: size})
		draw.Draw(out, out.Rect, src, b.Min, draw.Src)
		return out
	}
	across := image.NewRGBA(image.Rect(0, 0, size.X, b.Dy()))
	z := draw.CatmullRom.NewScaler(size.X, band, b.Dx(), band)
	for y := 0; y < b.Dy(); y += band {
		end := min(y+band, b.Dy())
		z.Scale(across, image.Rect(0, y, size.X, end), src, image.Rect(b.Min.X, b.Min.Y+y, b.Max.X, b.Min.Y+end), draw.Src, nil)
	}
	out := image.NewRGBA(image.Rectangle{Max: size})
	z = draw.CatmullRom.NewScaler(band, size.Y, band, b.Dy())
	for x := 0; x < size.X; x += band {
		end := min(x+band, size.X)
		z.Scale(out, image.Rect(x, 0, end, size.Y), across, image.Rect(x, 0, end, b.Dy()), draw.Src, nil)
	}
	return out
}

// encoding is a way to write pictures.
type encoding struct {
	mediaType, ending string
	encode            func(io.Writer, image.Image) error
}

func jpegEncoding(quality int) encoding {
	return encoding{"image/jpeg", ".jpg", func(w io.Writer, m image.Image) error {
		return jpeg.Encode(w, m, &jpeg.Options{Quality: quality})
	}}
}

func pngEncoding() encoding { return encoding{"image/png", ".png", png.Encode} }

// chooseEncoding takes PNG for what is transparent, and for flat graphics: those that a PNG holds
// in less than one and a half times a JPEG's bytes, with all edges as they are.
func chooseEncoding(f form, p *image.RGBA) (encoding, error) {
	if !p.Opaque() {
		return pngEncoding(), nil
	}
	if f == formJPEG {
		return jpegEncoding(jpegQuality), nil
	}
	var exact, lossy counter
	if err := errors.Join(pngEncoding().encode(&exact, p), jpegEncoding(jpegQuality).encode(&lossy, p)); err != nil {
		return encoding{}, fmt.Errorf("encoding the picture: %w", err)
	}
	if exact*2 < lossy*3 {
		return pngEncoding(), nil
	}
	return jpegEncoding(jpegQuality), nil
}

// counter counts what is written to it.
type counter int64

// Write implements [io.Writer].
func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

func (e encoding) write(p *image.RGBA, path string) (made, error) {
	f, err := os.Create(path)
	if err != nil {
		return made{}, fmt.Errorf("writing a variant: %w", err)
	}
	if err := errors.Join(e.encode(f, p), f.Close()); err != nil {
		return made{}, fmt.Errorf("writing a variant: %w", err)
	}
	return made{Path: path, MediaType: e.mediaType, Width: p.Rect.Dx(), Height: p.Rect.Dy()}, nil
}
