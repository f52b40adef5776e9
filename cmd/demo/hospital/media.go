package hospital

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"os/exec"
	"strconv"

	"anteroom/playlists"
)

// picture is an item that is a drawn illustration; clip one that moves and sounds.
type picture struct {
	id     playlists.ItemID
	title  string
	phase  playlists.Phase
	topics []playlists.Topic
	alt    string
	scene  scene
	moving bool
	tone   int // hertz, of a clip
}

func pictures() []picture {
	return []picture{
		{"lake-morning", "Morning at the lake", "", nil, "The sun rises over hills and a still lake.", lake, false, 0},
		{"heart-picture", "A heart and its beat", playlists.Diagnosis, []playlists.Topic{"heart-tests"}, "A red heart; a line shows its beat.", heartPicture, false, 0},
		{"plate-picture", "Half a plate of vegetables", playlists.Prevention, []playlists.Topic{"healthy-eating"}, "A plate: half vegetables, a quarter grain, a quarter protein.", platePicture, false, 0},
		{"breathe-with-us", "Breathe with us", playlists.Prevention, []playlists.Topic{"stress"}, "A circle grows and shrinks like a calm breath.", breathe, true, 220},
		{"wash-your-hands", "Wash your hands", playlists.Prevention, []playlists.Topic{"hand-washing"}, "Soap bubbles rise; a ring fills while you wash.", bubbles, true, 330},
	}
}

// clipSeconds is the length of the clips: one breath.
const clipSeconds = 8

// still draws a picture as a PNG of 1920 x 1080.
func (p *picture) still() ([]byte, error) {
	var out bytes.Buffer
	err := png.Encode(&out, paint(p.scene, 1920, 1080, 0))
	return out.Bytes(), err
}

// clip makes an H.264 MP4 of 1280 x 720 with a soft tone, by ffmpeg.
func (p *picture) clip(ctx context.Context, path string) error {
	const width, height, rate = 640, 360, 25 // drawn small, enlarged by ffmpeg: the shapes are soft
	tone := fmt.Sprintf("sine=frequency=%d:duration=%d,volume=0.2,afade=t=in:d=2,afade=t=out:st=%d:d=2", p.tone, clipSeconds, clipSeconds-2)
	cmd := exec.CommandContext(ctx, "ffmpeg", "-nostdin", "-v", "error", "-y",
		"-f", "rawvideo", "-pix_fmt", "rgba", "-s", fmt.Sprintf("%dx%d", width, height), "-r", strconv.Itoa(rate), "-i", "pipe:0",
		"-f", "lavfi", "-i", tone, "-vf", "scale=1280:720:flags=bicubic", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", "-f", "mp4", path)
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting ffmpeg: %w", err)
	}
	for frame := range clipSeconds * rate {
		// Every third frame is drawn and shown for three: the movement is slow, and drawing is the cost.
		if frame%3 != 0 {
			continue
		}
		img := paint(p.scene, width, height, float64(frame)/rate)
		for range min(3, clipSeconds*rate-frame) {
			if _, err := in.Write(img.Pix); err != nil {
				break // ffmpeg says why when it ends
			}
		}
	}
	_ = in.Close() // ffmpeg says why when it ends
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("making %s: %w: %s", p.id, err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}
