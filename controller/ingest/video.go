package ingest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// video makes the variants of a video. progress gets the stage in words and its percentage.
func (c children) video(ctx context.Context, f form, path, dir string, l Limits, progress func(s State, stage string, percent int)) ([]made, error) {
	p, err := c.probe(ctx, f, path)
	if err != nil {
		return nil, unreadable(f, err)
	}
	s, err := accept(f, p, l.VideoLength)
	if err != nil {
		return nil, err
	}
	s.path = path
	s.length, err = c.decodes(ctx, s, func(n int) { progress(Checking, "Checking that the video is whole", n) })
	if err != nil {
		return nil, err
	}
	volume, err := c.loudness(ctx, s, func(n int) { progress(Checking, "Measuring the sound", n) })
	if err != nil {
		return nil, err
	}
	return c.encodeAll(ctx, s, volume, dir, func(stage string, n int) { progress(Converting, stage, n) })
}

// unreadable explains what ffmpeg could not open.
func unreadable(f form, err error) error {
	var exit interface{ ExitCode() int }
	switch {
	case errors.Is(err, errTooMuch):
		return refuse("The %s takes too long to open. Export it again as MP4 with H.264.", f)
	case strings.Contains(err.Error(), "moov atom not found") || strings.Contains(err.Error(), "End of file"):
		return refuse("The %s file ends too early: it was cut off while it was copied or recorded. Copy or export it again.", f)
	case errors.As(err, &exit):
		return refuse("The %s file is damaged or is not what it says. Export it again as MP4 with H.264.", f)
	}
	return err
}

// videoBounds grow with the length of a video. Address space is not memory: a process of ffmpeg maps
// far more than it uses.
func videoBounds(length time.Duration) bounds {
	seconds := 600 + 80*int64(length/time.Second)
	return bounds{Memory: 4 << 30, Seconds: 5 * seconds, CPU: seconds, File: 8 << 30}
}

func tool(input []string, rest ...string) []string {
	head := []string{"ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-threads", "2"}
	return append(append(head, input...), rest...)
}

// slack is how much less than it claims a video may hold: half a second, or one part in a hundred.
func slack(length time.Duration) time.Duration { return max(500*time.Millisecond, length/100) }

// decodes reads the whole picture and gives its real length.
func (c children) decodes(ctx context.Context, s source, progress func(percent int)) (time.Duration, error) {
	t := tool(inputOf(s.form, s.path), "-map", "0:v:0", "-vsync", "passthrough", "-progress", "pipe:1", "-f", "null", "-")
	var reached time.Duration
	complaints, err := c.run(ctx, taskTool, order{Tool: t, Bounds: videoBounds(s.length)}, follow(s.length, &reached, progress))
	if err != nil {
		return 0, unreadable(s.form, err)
	}
	if s.length-reached > slack(s.length) {
		return 0, refuse("The video should last %s, but ends after %s: it was cut off while it was copied or exported. Copy or export it again.",
			inSeconds(s.length), inSeconds(reached))
	}
	if isDamage(complaints) {
		return 0, refuse("The video is damaged in the middle. Copy or export it again.")
	}
	return min(reached, s.length), nil
}

func inSeconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s" }

// isDamage tells decoders' complaints about broken data from their remarks.
func isDamage(complaints string) bool {
	for _, words := range []string{"partial file", "error while decoding", "Invalid data found", "Invalid NAL", "corrupt", "Error submitting packet"} {
		if strings.Contains(complaints, words) {
			return true
		}
	}
	return false
}

// follow reads -progress and tells how far of length ffmpeg is.
func follow(length time.Duration, reached *time.Duration, progress func(percent int)) func(io.Reader) error {
	return func(r io.Reader) error {
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			value, ok := strings.CutPrefix(lines.Text(), "out_time_us=")
			us, err := strconv.ParseInt(value, 10, 64)
			if !ok || err != nil {
				continue
			}
			*reached = max(*reached, time.Duration(us)*time.Microsecond)
			progress(int(min(100, 100**reached/length)))
		}
		if err := lines.Err(); err != nil {
			return fmt.Errorf("following ffmpeg: %w", err)
		}
		return nil
	}
}

// volume is what to do to a video's sound.
type volume struct {
	// silent: there is none, or none that can be heard; the variants have no sound.
	silent bool
	// gain in decibels to reach EBU R128's -23 LUFS.
	gain float64
}

// The programme loudness of EBU R128, and how far a sound is ever raised or lowered.
const (
	targetLUFS = -23.0
	mostGain   = 20.0
	leastGain  = -40.0
	// silentLUFS is EBU R128's absolute gate.
	silentLUFS = -69.0
)

// loudness measures a video's sound.
func (c children) loudness(ctx context.Context, s source, progress func(percent int)) (volume, error) {
	if !s.sound {
		return volume{silent: true}, nil
	}
	t := tool(inputOf(s.form, s.path), "-map", "0:a:0", "-t", seconds(s.length), "-af", "loudnorm=print_format=json",
		"-progress", "pipe:1", "-f", "null", "-")
	t[indexOf(t, "error")] = "info" // loudnorm prints its measurement as information
	var reached time.Duration
	complaints, err := c.run(ctx, taskTool, order{Tool: t, Bounds: videoBounds(s.length)}, follow(s.length, &reached, progress))
	if err != nil {
		return volume{}, unreadable(s.form, err)
	}
	return parseLoudness(complaints), nil
}

func indexOf(of []string, s string) int {
	for i, v := range of {
		if v == s {
			return i
		}
	}
	return 0
}

// parseLoudness reads the measurement that loudnorm prints last; without one the sound stays as it is.
func parseLoudness(printed string) volume {
	start, end := strings.LastIndex(printed, "{"), strings.LastIndex(printed, "}")
	if start < 0 || end < start {
		return volume{}
	}
	var m struct {
		Integrated string `json:"input_i"`
	}
	if json.Unmarshal([]byte(printed[start:end+1]), &m) != nil {
		return volume{}
	}
	lufs, err := strconv.ParseFloat(m.Integrated, 64)
	switch {
	case err != nil || math.IsNaN(lufs):
		return volume{}
	case lufs <= silentLUFS:
		return volume{silent: true}
	}
	return volume{gain: min(mostGain, max(leastGain, targetLUFS-lufs))}
}

// sizes gives the variants of a video: 720p, 1080p and 2160p as far as they are smaller, and its own
// size unless one of those comes within a tenth of it; never larger, sides a multiple of four.
func sizes(own image.Point) []image.Point {
	long, short := max(own.X, own.Y), min(own.X, own.Y)
	var kept []image.Point
	part := 0.0
	for _, class := range [][2]int{{1280, 720}, {1920, 1080}, {3840, 2160}} {
		f := min(1, float64(class[0])/float64(long), float64(class[1])/float64(short))
		if f < part*1.1 {
			break
		}
		part = f
		kept = append(kept, image.Pt(fourfold(float64(own.X)*f), fourfold(float64(own.Y)*f)))
	}
	return kept
}

// fourfold is the multiple of four at or below v, and at least 4.
func fourfold(v float64) int { return max(4, int(v+0.001)/4*4) }

// encodeAll makes all variants, one after the other.
func (c children) encodeAll(ctx context.Context, s source, v volume, dir string, progress func(stage string, percent int)) ([]made, error) {
	variants := sizes(s.size)
	total, done := 0, 0
	for _, size := range variants {
		total += size.X * size.Y
	}
	var results []made
	for i, size := range variants {
		stage := fmt.Sprintf("Converting to %d x %d", size.X, size.Y)
		m, err := c.encode(ctx, s, v, size, fileIn(dir, i, ".mp4"), func(n int) {
			progress(stage, (100*done+n*size.X*size.Y)/total)
		})
		if err != nil {
			return nil, err
		}
		done += size.X * size.Y
		results = append(results, m)
	}
	return results, nil
}

// encode makes one variant and checks it.
func (c children) encode(ctx context.Context, s source, v volume, size image.Point, path string, progress func(percent int)) (made, error) {
	t := tool(inputOf(s.form, s.path), encodeArgs(s, v, size, path)...)
	var reached time.Duration
	if _, err := c.run(ctx, taskTool, order{Tool: t, Bounds: videoBounds(s.length)}, follow(s.length, &reached, progress)); err != nil {
		if errors.Is(err, errTooMuch) {
			return made{}, refuse("The video takes more time or memory to convert than a video may. Export it smaller, as MP4 with H.264.")
		}
		return made{}, err
	}
	return c.verify(ctx, s, size, path)
}

// encodeArgs are ffmpeg's arguments for one variant.
func encodeArgs(s source, v volume, size image.Point, path string) []string {
	r := s.rate
	if min(size.X, size.Y) > 1080 && r.perSecond() > 31 {
		r = rate{r.n, 2 * r.d}
	}
	args := []string{
		"-map", "0:v:0", "-vf", filters(s, size, r), "-t", seconds(s.length),
		"-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-profile:v", "high", "-pix_fmt", "yuv420p",
		"-threads", "2", "-g", strconv.Itoa(2 * int(math.Round(r.perSecond()))), "-r", r.String(),
	}
	args = append(args, peak(size)...)
	args = append(args, "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")
	if !v.silent {
		args = append(args, "-map", "0:a:0", "-af", sound(v), "-c:a", "aac", "-b:a", "160k", "-ar", "48000", "-ac", "2")
	}
	return append(args, "-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn",
		"-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-movflags", "+faststart",
		"-progress", "pipe:1", "-f", "mp4", "-y", "file:"+path)
}

func filters(s source, size image.Point, r rate) string {
	chain := fmt.Sprintf("scale=%d:%d:flags=bicubic:in_color_matrix=%s:out_color_matrix=bt709:out_range=tv,setsar=1,fps=%s,format=yuv420p",
		size.X, size.Y, s.matrix, r)
	if s.interlaced {
		return "bwdif=mode=send_frame," + chain
	}
	return chain
}

// sound raises or lowers, and keeps peaks 2 dB below full scale.
func sound(v volume) string {
	return fmt.Sprintf("volume=%.2fdB,alimiter=limit=0.794:level=disabled", v.gain)
}

// peak bounds the bits a second that a player must read.
func peak(size image.Point) []string {
	mbit := 20
	switch n := size.X * size.Y; {
	case n <= 1280*720:
		mbit = 5
	case n <= 1920*1080:
		mbit = 9
	}
	return []string{"-maxrate", fmt.Sprintf("%dM", mbit), "-bufsize", fmt.Sprintf("%dM", 2*mbit)}
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 6, 64) }

// verify looks at what was made: ffmpeg also succeeds where it made less than it should have.
func (c children) verify(ctx context.Context, s source, size image.Point, path string) (made, error) {
	p, err := c.probe(ctx, formMP4, path)
	if err != nil {
		return made{}, fmt.Errorf("looking at the converted video: %w", err)
	}
	v, _ := p.picture()
	length := claimedLength(p, v)
	if v.CodecName != "h264" || v.PixFmt != "yuv420p" || v.Width != size.X || v.Height != size.Y || s.length-length > slack(s.length) {
		return made{}, fmt.Errorf("the converted video is %s %s, %d x %d, %s long, and should be h264 yuv420p, %d x %d, %s long",
			v.CodecName, v.PixFmt, v.Width, v.Height, inSeconds(length), size.X, size.Y, inSeconds(s.length))
	}
	return made{Path: path, MediaType: "video/mp4", Width: size.X, Height: size.Y, Millis: length.Milliseconds()}, nil
}

// poster takes one picture out of a stored video, as a JPEG of that width.
func (c children) poster(ctx context.Context, path, dir string, width int) (made, error) {
	p, err := c.probe(ctx, formMP4, path)
	if err != nil {
		return made{}, fmt.Errorf("looking at the video: %w", err)
	}
	v, _ := p.picture()
	at := min(claimedLength(p, v)/10, 5*time.Second)
	out := fileIn(dir, 0, ".jpg")
	input := append([]string{"-ss", seconds(at)}, inputOf(formMP4, path)...)
	t := tool(input, "-map", "0:v:0", "-frames:v", "1", "-vf", fmt.Sprintf("scale='min(%d,iw)':-2:in_color_matrix=bt709:out_color_matrix=bt601:out_range=pc", width),
		"-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p", "-fflags", "+bitexact", "-f", "image2", "-update", "1", "-y", "file:"+out)
	b := bounds{Memory: 4 << 30, Seconds: 600, CPU: 60, File: 16 << 20}
	if _, err := c.run(ctx, taskTool, order{Tool: t, Bounds: b}, func(r io.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	}); err != nil {
		return made{}, fmt.Errorf("taking a picture out of the video: %w", err)
	}
	return made{Path: out, MediaType: "image/jpeg"}, nil
}
