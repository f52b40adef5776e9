package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"os"
	"slices"

	"anteroom/playlists"
	"anteroom/playlists/slide"
)

// thumbKey names a thumbnail.
type thumbKey struct {
	digest playlists.Digest
	width  int
}

// ThumbnailWidths are the widths in which thumbnails are made, in pixels.
func ThumbnailWidths() []int { return []int{160, 320, 480, 640, 960} }

// Thumbnail gives the digest of a small JPEG of an asset, at the next of [ThumbnailWidths] from width
// on, never larger than the asset. It is made in a child process, one at a time, and kept in content;
// the same asset gives the same bytes. [playlists.ErrNotFound] if there is no such asset, or
// [playlists.ErrInvalid] if it cannot be seen.
func (i *Ingest) Thumbnail(ctx context.Context, d playlists.Digest, m playlists.Medium, width int) (playlists.Digest, error) {
	k := thumbKey{d, thumbnailWidth(width)}
	if known, ok := i.knownThumbnail(k); ok {
		return known, nil
	}
	select {
	case i.thumbSlot <- struct{}{}:
		defer func() { <-i.thumbSlot }()
	case <-ctx.Done():
		return "", fmt.Errorf("waiting for a thumbnail: %w", context.Cause(ctx))
	}
	if known, ok := i.knownThumbnail(k); ok {
		return known, nil
	}
	fresh, err := i.makeThumbnail(ctx, k, m)
	if err != nil {
		return "", fmt.Errorf("thumbnail of %s: %w", d, err)
	}
	i.thumbMu.Lock()
	defer i.thumbMu.Unlock()
	i.thumbs[k] = fresh
	return fresh, nil
}

func thumbnailWidth(width int) int {
	widths := ThumbnailWidths()
	at, _ := slices.BinarySearch(widths, width)
	return widths[min(at, len(widths)-1)]
}

func (i *Ingest) knownThumbnail(k thumbKey) (playlists.Digest, bool) {
	i.thumbMu.Lock()
	d, ok := i.thumbs[k]
	i.thumbMu.Unlock()
	if !ok {
		return "", false
	}
	return d, i.has(d)
}

func (i *Ingest) makeThumbnail(ctx context.Context, k thumbKey, m playlists.Medium) (playlists.Digest, error) {
	f, size, err := i.content.Open(k.digest)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read
	if m == playlists.Slide {
		return i.slideThumbnail(ctx, f, size, k.width)
	}
	if m == playlists.Captions {
		return "", refuse("Captions have no picture; look at the film.")
	}
	dir, err := os.MkdirTemp(i.dir, "thumbnail-")
	if err != nil {
		return "", err
	}
	d, err := i.pictureThumbnail(ctx, f, m, dir, k.width)
	return d, errors.Join(err, os.RemoveAll(dir))
}

// pictureThumbnail makes one of a picture or a video of ours, by way of dir.
func (i *Ingest) pictureThumbnail(ctx context.Context, f *os.File, m playlists.Medium, dir string, width int) (playlists.Digest, error) {
	small, err := i.smallPicture(ctx, f, m, dir, width)
	if err != nil {
		return "", err
	}
	d, _, err := i.keepFile(ctx, small.Path)
	return d, err
}

func (i *Ingest) smallPicture(ctx context.Context, f *os.File, m playlists.Medium, dir string, width int) (made, error) {
	if m == playlists.Video {
		return i.children.poster(ctx, f.Name(), dir, width)
	}
	head := make([]byte, headBytes)
	n, err := io.ReadFull(f, head)
	if n == 0 {
		return made{}, err
	}
	kind, err := decide("", head[:n])
	if err != nil {
		return made{}, err
	}
	o := pictureOrder{Source: f.Name(), Form: kind, Dir: dir, Pixels: i.limits.Pixels, Thumbnail: width}
	results, err := i.children.picture(ctx, o, func(int) {})
	if err != nil {
		return made{}, err
	}
	return results[0], nil
}

// slideThumbnail draws a slide as a screen of 16 to 9 would.
func (i *Ingest) slideThumbnail(ctx context.Context, r io.Reader, size int64, width int) (playlists.Digest, error) {
	if i.draw == nil || size > slideBytes {
		return "", refuse("This slide cannot be shown here.")
	}
	b, err := io.ReadAll(io.LimitReader(r, slideBytes))
	if err != nil {
		return "", err
	}
	s, err := slide.Decode(b)
	if err != nil {
		return "", err
	}
	drawn, err := i.draw(s, width, width*9/16)
	if err != nil {
		return "", err
	}
	return i.putJPEG(ctx, drawn)
}

func (i *Ingest) putJPEG(ctx context.Context, m image.Image) (playlists.Digest, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: thumbnailQuality}); err != nil {
		return "", err
	}
	d, _, err := i.content.Put(ctx, &b)
	return d, err
}
