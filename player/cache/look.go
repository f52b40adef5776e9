package cache

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // pictures that ingest makes
	_ "image/png"
	"io"
	"os"

	"anteroom/playlists"
)

// maxPixels is the largest picture that a player would decode.
const maxPixels = 64 << 20

// look reports whether a file can be what its medium says, from its header alone: if not, it is
// [playlists.ErrInvalid]. Ingest has normalised it; this stops only what could never be shown.
func look(path string, medium playlists.Medium) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return lookInto(file, medium)
}

func lookInto(file io.ReadSeeker, medium playlists.Medium) error {
	head := make([]byte, 64)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	head = head[:n]
	switch medium {
	case playlists.Image:
		return lookAtImage(file, head)
	case playlists.Video:
		if mp4 := len(head) > 8 && string(head[4:8]) == "ftyp"; !mp4 && !bytes.HasPrefix(head, []byte("\x1a\x45\xdf\xa3")) {
			return fmt.Errorf("%w: neither MP4 nor WebM", playlists.ErrInvalid)
		}
	case playlists.Slide:
		return lookAtSlide(file)
	case playlists.Captions:
		if !bytes.HasPrefix(head, []byte("WEBVTT")) {
			return fmt.Errorf("%w: no WebVTT", playlists.ErrInvalid)
		}
	case playlists.Font:
		if !isFont(head) {
			return fmt.Errorf("%w: not a TrueType or OpenType font", playlists.ErrInvalid)
		}
	default:
		return fmt.Errorf("%w: medium %q is newer than this player", playlists.ErrInvalid, medium)
	}
	return nil
}

func lookAtImage(file io.ReadSeeker, head []byte) error {
	if len(head) > 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP" {
		return nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	cfg, _, err := image.DecodeConfig(file)
	if refused := (*os.PathError)(nil); errors.As(err, &refused) {
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: %w", playlists.ErrInvalid, err)
	}
	if int64(cfg.Width)*int64(cfg.Height) > maxPixels || cfg.Width <= 0 || cfg.Height <= 0 {
		return fmt.Errorf("%w: a picture of %d x %d pixels", playlists.ErrInvalid, cfg.Width, cfg.Height)
	}
	return nil
}

func lookAtSlide(file io.ReadSeeker) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(file, 1<<20))
	if err == nil && !json.Valid(b) {
		err = fmt.Errorf("%w: a slide that is no JSON", playlists.ErrInvalid)
	}
	return err
}

func isFont(head []byte) bool {
	for _, magic := range []string{"\x00\x01\x00\x00", "OTTO", "ttcf", "true"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return false
}
