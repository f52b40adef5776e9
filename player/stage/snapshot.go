package stage

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"log/slog"
	"os"

	"github.com/hajimehoshi/ebiten/v2"

	"anteroom/player/playback"
	"anteroom/player/stage/scene"
)

// snapshotWidth is in pixels; the panel is first drawn at twice that and then averaged.
const snapshotWidth = 480

// snapshot takes the picture on the panel, upright, and has it written off the loop.
func (g *Game) snapshot(panel *ebiten.Image) {
	if len(g.snapshots) == 0 {
		return
	}
	path := g.snapshots[len(g.snapshots)-1]
	g.snapshots = nil
	canvas := scene.Canvas(panel.Bounds().Size(), g.painter.rotation)
	half := image.Pt(snapshotWidth, max(snapshotWidth*canvas.Y/canvas.X, 1))
	double := ebiten.NewImageWithOptions(image.Rect(0, 0, 2*half.X, 2*half.Y), &ebiten.NewImageOptions{Unmanaged: true})
	defer double.Deallocate()
	op := &ebiten.DrawImageOptions{Filter: ebiten.FilterLinear}
	op.GeoM = g.painter.geometry()
	op.GeoM.Invert()
	op.GeoM.Scale(float64(2*half.X)/float64(canvas.X), float64(2*half.Y)/float64(canvas.Y))
	double.DrawImage(panel, op)
	pix := make([]byte, 4*4*half.X*half.Y)
	double.ReadPixels(pix)
	g.loader.beside.Go(func() error {
		if err := writeSnapshot(path, pix, half); err != nil {
			g.log.Warn("no snapshot", slog.Any("error", err))
			return nil
		}
		g.out.send(playback.Event{Snapshot: path})
		return nil
	})
}

// writeSnapshot averages two by two pixels and writes a JPEG, whole or not at all.
func writeSnapshot(path string, pix []byte, size image.Point) error {
	img := image.NewRGBA(image.Rectangle{Max: size})
	stride := 8 * size.X
	for y := range size.Y {
		a, b := pix[2*y*stride:], pix[(2*y+1)*stride:]
		out := img.Pix[y*img.Stride:][:4*size.X]
		for i := range out {
			j := i/4*8 + i%4
			out[i] = uint8((uint(a[j]) + uint(a[j+4]) + uint(b[j]) + uint(b[j+4]) + 2) / 4)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 80}); err != nil {
		return fmt.Errorf("encoding snapshot: %w", err)
	}
	if err := os.WriteFile(path+".tmp", b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing snapshot: %w", err)
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return fmt.Errorf("writing snapshot: %w", err)
	}
	return nil
}
