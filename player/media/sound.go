package media

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// Sound plays a video's sound from start on, at a volume of 0 to 100, until it ends or the context does.
// Without a sound card it returns an error and nothing else happens.
func Sound(ctx context.Context, path string, start time.Duration, volume int) error {
	args := append([]string{"-nostdin", "-v", "error", "-ss", seconds(max(start, 0))}, local(path)...)
	args = append(args, "-vn", "-af", "volume="+strconv.FormatFloat(float64(min(max(volume, 0), 100))/100, 'f', 2, 64), "-f", "alsa", "default")
	if err := child(ctx, nil, "ffmpeg", args...); err != nil {
		return fmt.Errorf("playing sound: %w", err)
	}
	return nil
}
