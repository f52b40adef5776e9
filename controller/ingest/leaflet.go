package ingest

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// errNoReader: the operator has to do something before any leaflet can be taken.
var errNoReader = errors.New("pdfinfo and pdftoppm are not installed on the controller; install the package poppler-utils")

// leafletBounds suffice for a page that is one large photograph.
func leafletBounds() bounds {
	return bounds{Memory: 1536 << 20, Seconds: 600, CPU: 60, File: 256 << 20}
}

// leaflet makes pictures of a PDF's pages, in their order: each the variants of one. Nothing else of it is read: no
// links, no scripts, no attachments.
func (c children) leaflet(ctx context.Context, j job, l Limits, progress func(percent int)) ([][]made, error) {
	sizes, count, err := c.pages(ctx, j.source(), l.Pages)
	switch {
	case err != nil:
		return nil, err
	case count > l.Pages:
		return nil, refuse("The leaflet has %d pages, more than %d. Save those that are meant for screens as a PDF of their own.", count, l.Pages)
	}
	var pages [][]made
	for n, size := range sizes {
		page, err := c.page(ctx, j, n+1, size, l.Pixels, func(percent int) { progress((100*n + percent) / count) })
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}

// pages asks pdfinfo for the number of pages, and for how large the first of them are to be drawn.
func (c children) pages(ctx context.Context, path string, most int) (sizes []image.Point, count int, err error) {
	var said []byte
	tool := []string{"pdfinfo", "-f", "1", "-l", strconv.Itoa(most), path}
	complaints, err := c.run(ctx, taskTool, order{Tool: tool, Bounds: leafletBounds()}, func(r io.Reader) (err error) {
		said, err = io.ReadAll(io.LimitReader(r, 1<<20))
		return err
	})
	if err != nil {
		return nil, 0, unreadableLeaflet(err, complaints)
	}
	sizes, count = pagesOf(string(said))
	if count == 0 || len(sizes) != min(count, most) {
		return nil, 0, damagedLeaflet()
	}
	return sizes, count, nil
}

// pagesOf reads what pdfinfo says: "Pages: 4", and of each page "Page 1 size: 595.32 x 841.92 pts (A4)" and "Page 1 rot: 90".
func pagesOf(said string) (sizes []image.Point, count int) {
	for line := range strings.Lines(said) {
		var n, turn int
		var width, height float64
		if _, err := fmt.Sscanf(line, "Pages: %d", &n); err == nil {
			count = n
		}
		if _, err := fmt.Sscanf(line, "Page %d size: %f x %f", &n, &width, &height); err == nil && n == len(sizes)+1 && width > 0 && height > 0 && !math.IsInf(width+height, 0) {
			sizes = append(sizes, drawnAt(width, height))
		}
		if _, err := fmt.Sscanf(line, "Page %d rot: %d", &n, &turn); err == nil && n == len(sizes) && turn%180 != 0 {
			at := &sizes[n-1]
			at.X, at.Y = at.Y, at.X
		}
	}
	return sizes, count
}

// drawnAt is how many pixels a page gets that is so large, in whatever unit.
func drawnAt(width, height float64) image.Point {
	scale := float64(slices.Max(sides())) / max(width, height)
	pixels := func(side float64) int { return max(1, int(math.Round(side*scale))) }
	return image.Pt(pixels(width), pixels(height))
}

// page makes the variants of one page, the first of which is 1.
func (c children) page(ctx context.Context, j job, n int, size image.Point, most int64, progress func(percent int)) ([]made, error) {
	dir := filepath.Join(j.dir, "page-"+strconv.Itoa(n))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("drawing a page: %w", err)
	}
	name, number := filepath.Join(dir, "page"), strconv.Itoa(n)
	// With one side alone it would round the other up, and leave an empty line there.
	tool := []string{
		"pdftoppm", "-png", "-singlefile", "-cropbox", "-f", number, "-l", number,
		"-scale-to-x", strconv.Itoa(size.X), "-scale-to-y", strconv.Itoa(size.Y), j.source(), name,
	}
	complaints, err := c.run(ctx, taskTool, order{Tool: tool, Bounds: leafletBounds()}, func(r io.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	})
	if err != nil {
		return nil, unreadableLeaflet(err, complaints)
	}
	progress(20)
	if _, err := os.Stat(name + ".png"); err != nil {
		return nil, refuse("Page %d of the PDF cannot be drawn. Save the PDF again, or export its pages as PNG pictures.", n)
	}
	results, err := c.picture(ctx, pictureOrder{Source: name + ".png", Form: formPNG, Dir: dir, Pixels: most}, func(percent int) { progress(20 + percent*8/10) })
	return results, errors.Join(err, os.Remove(name+".png"))
}

// unreadableLeaflet explains how a tool ended that could not read a PDF.
func unreadableLeaflet(err error, complaints string) error {
	var exit interface{ ExitCode() int }
	switch {
	case errors.Is(err, errNoTool):
		return errNoReader
	case errors.Is(err, errTooMuch):
		return refuse("The PDF takes more memory or time to draw than a leaflet may. Export its pages as PNG pictures.")
	case !errors.As(err, &exit):
		return err
	case strings.Contains(complaints, "Incorrect password"):
		return refuse("The PDF asks for a password. Save it without one.")
	}
	return damagedLeaflet()
}

func damagedLeaflet() error {
	return refuse("The PDF is damaged or has no pages. Copy it again, or save it again.")
}
