package ingest

import (
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

// probed is what ffprobe says, as far as it matters.
type probed struct {
	Format struct {
		Duration string `json:"duration"`
	} `json:"format"`
	Streams []probedStream `json:"streams"`
}

type probedStream struct {
	CodecType   string `json:"codec_type"`
	CodecName   string `json:"codec_name"`
	Width       int    `json:"width"`
	Height      int    `json:"height"`
	SAR         string `json:"sample_aspect_ratio"`
	PixFmt      string `json:"pix_fmt"`
	FieldOrder  string `json:"field_order"`
	ColorSpace  string `json:"color_space"`
	ColorRange  string `json:"color_range"`
	Transfer    string `json:"color_transfer"`
	AvgRate     string `json:"avg_frame_rate"`
	RealRate    string `json:"r_frame_rate"`
	Duration    string `json:"duration"`
	Disposition struct {
		AttachedPic int `json:"attached_pic"`
	} `json:"disposition"`
	Tags struct {
		Rotate   string `json:"rotate"`
		Duration string `json:"DURATION"`
	} `json:"tags"`
	SideData []struct {
		Rotation float64 `json:"rotation"`
	} `json:"side_data_list"`
}

// source is a video that may be converted.
type source struct {
	path string
	form form
	// size upright, in square pixels.
	size image.Point
	rate rate
	// length is what the container claims of the picture, and after checking, what was decoded.
	length     time.Duration
	sound      bool
	interlaced bool
	// matrix is swscale's name of the colour matrix that the picture was made with.
	matrix string
}

// demuxer is the only one of ffmpeg's that may look at a form.
func (f form) demuxer() string {
	if f == formWebM {
		return "matroska"
	}
	return "mov"
}

// inputOf are ffmpeg's arguments to read a video: this demuxer, local files and nothing else.
func inputOf(f form, path string) []string {
	return []string{"-protocol_whitelist", "file,pipe", "-f", f.demuxer(), "-i", "file:" + path}
}

// probe asks ffprobe about a video.
func (c children) probe(ctx context.Context, f form, path string) (probed, error) {
	tool := append([]string{"ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json"}, inputOf(f, path)...)
	var p probed
	_, err := c.run(ctx, taskTool, order{Tool: tool, Bounds: bounds{Memory: 2 << 30, Seconds: 300, CPU: 20, File: 1 << 20}}, func(r io.Reader) error {
		b, err := io.ReadAll(io.LimitReader(r, 1<<20))
		if err != nil {
			return fmt.Errorf("probing: %w", err)
		}
		if json.Unmarshal(b, &p) != nil {
			p = probed{}
		}
		return nil
	})
	return p, err
}

// maxStreams and maxSide bound what a video may consist of.
const (
	maxStreams = 16
	maxSide    = 8192
	maxPixels  = 4096 * 2304
	maxRate    = 120
)

// accept judges a probed video.
func accept(f form, p probed, longest time.Duration) (source, error) {
	if len(p.Streams) > maxStreams {
		return source{}, refuse("The video consists of %d streams, more than %d. Export it again with one picture and one sound.", len(p.Streams), maxStreams)
	}
	v, ok := p.picture()
	if !ok {
		return source{}, refuse("The file has no moving picture. Choose a video, or turn sound alone into one.")
	}
	if err := acceptPicture(f, v); err != nil {
		return source{}, err
	}
	r, err := frameRate(v)
	if err != nil {
		return source{}, err
	}
	length := claimedLength(p, v)
	switch {
	case length <= 0:
		return source{}, refuse("The video does not say how long it is, so nobody can tell whether it is whole. Export it again as MP4.")
	case length < time.Second:
		return source{}, refuse("The video is shorter than a second. Use a picture instead.")
	case length > longest:
		return source{}, refuse("The video is longer than %s. Cut it into parts.", lengthWords(longest))
	}
	return source{
		form: f, size: uprightSize(v), rate: r, length: length, sound: p.hasSound(),
		interlaced: interlaced(v.FieldOrder), matrix: matrixOf(v),
	}, nil
}

func (p probed) picture() (probedStream, bool) {
	for _, s := range p.Streams {
		if s.CodecType == "video" && s.Disposition.AttachedPic == 0 {
			return s, true
		}
	}
	return probedStream{}, false
}

func (p probed) hasSound() bool {
	for _, s := range p.Streams {
		if s.CodecType == "audio" {
			return true
		}
	}
	return false
}

func acceptPicture(f form, v probedStream) error {
	want := map[form]string{formMP4: "h264", formWebM: "vp9"}[f]
	switch {
	case v.CodecName != want && v.CodecName == "hevc":
		return refuse("The video's picture is %s (HEVC). Export it as H.264; on an iPhone choose Settings, Camera, Formats, Most Compatible.", codecName(v.CodecName))
	case v.CodecName != want:
		return refuse("The video's picture is %s, but in %s it has to be %s. Export it as MP4 with H.264, or as WebM with VP9.", codecName(v.CodecName), f.named(), codecName(want))
	case min(v.Width, v.Height) < smallest:
		return refuse("The video has only %d x %d pixels. Choose a larger one.", v.Width, v.Height)
	case max(v.Width, v.Height) > maxSide || v.Width*v.Height > maxPixels:
		return refuse("The video has %d x %d pixels. Export it with at most 3840 x 2160.", v.Width, v.Height)
	case v.Transfer == "smpte2084" || v.Transfer == "arib-std-b67":
		return refuse("The video is HDR, which would look grey on a wall. Export it as SDR (Rec. 709).")
	}
	return nil
}

// codecName is ffprobe's name of a codec as people write it.
func codecName(of string) string {
	switch of {
	case "":
		return "in a form that nobody knows"
	case "h264":
		return "H.264"
	case "hevc":
		return "H.265"
	case "mpeg4":
		return "MPEG-4 Part 2"
	case "mpeg2video":
		return "MPEG-2"
	case "prores":
		return "ProRes"
	}
	return strings.ToUpper(of)
}

// claimedLength is how long the container says that the picture is.
func claimedLength(p probed, v probedStream) time.Duration {
	for _, s := range []string{v.Duration, v.Tags.Duration, p.Format.Duration} {
		if d := parseLength(s); d > 0 {
			return d
		}
	}
	return 0
}

// parseLength reads "12.5" seconds or "00:00:12.500000000"; 0 if it is neither.
func parseLength(s string) time.Duration {
	var seconds float64
	for part := range strings.SplitSeq(s, ":") {
		v, err := strconv.ParseFloat(part, 64)
		if err != nil || !(v >= 0) || v > 1e9 {
			return 0
		}
		seconds = seconds*60 + v
	}
	if seconds > 1e9 {
		return 0
	}
	return time.Duration(seconds * float64(time.Second))
}

// uprightSize is the size after rotation, with square pixels.
func uprightSize(v probedStream) image.Point {
	size := image.Pt(v.Width, v.Height)
	if n, d, ok := fraction(v.SAR, ":"); ok && n != d && n < d*8 && d < n*8 {
		size.X = max(1, int(math.Round(float64(size.X)*float64(n)/float64(d))))
	}
	turned, _ := strconv.ParseFloat(v.Tags.Rotate, 64)
	for _, s := range v.SideData {
		if s.Rotation != 0 {
			turned = s.Rotation
		}
	}
	if quarter := int(math.Round(turned / 90)); quarter%2 != 0 {
		return image.Pt(size.Y, size.X)
	}
	return size
}

// fraction reads "30000/1001".
func fraction(s, separator string) (n, d int64, ok bool) {
	a, b, found := strings.Cut(s, separator)
	n, errN := strconv.ParseInt(a, 10, 64)
	d, errD := strconv.ParseInt(b, 10, 64)
	return n, d, found && errors.Join(errN, errD) == nil && n > 0 && d > 0
}

func interlaced(order string) bool {
	return order == "tt" || order == "bb" || order == "tb" || order == "bt"
}

// matrixOf names the colour matrix for swscale; what is untagged is BT.709 from 720 lines on.
func matrixOf(v probedStream) string {
	switch v.ColorSpace {
	case "bt709":
		return "bt709"
	case "smpte170m", "bt470bg", "fcc", "smpte240m":
		return "bt601"
	case "bt2020nc", "bt2020c":
		return "bt2020"
	}
	if min(v.Width, v.Height) >= 720 {
		return "bt709"
	}
	return "bt601"
}

// rate is a frame rate as a fraction.
type rate struct{ n, d int64 }

func (r rate) perSecond() float64 { return float64(r.n) / float64(r.d) }

// String writes it as ffmpeg reads it.
func (r rate) String() string { return fmt.Sprintf("%d/%d", r.n, r.d) }

// frameRate chooses the constant rate of a video by its average rate.
func frameRate(v probedStream) (rate, error) {
	own, ok := rateOf(v)
	if !ok {
		return rate{}, refuse("The video does not say how many pictures a second it has. Export it again as MP4.")
	}
	if own > maxRate*1.01 {
		return rate{}, refuse("The video has %.0f pictures a second, more than %d. Export it with 30 or 60.", own, maxRate)
	}
	return constantRate(own), nil
}

func rateOf(v probedStream) (float64, bool) {
	for _, s := range []string{v.AvgRate, v.RealRate} {
		if n, d, ok := fraction(s, "/"); ok {
			return float64(n) / float64(d), true
		}
	}
	return 0, false
}

// constantRate is the standard rate that own is within 0.1 %, else the next above, at most 60.
func constantRate(own float64) rate {
	exact := []rate{{24000, 1001}, {24, 1}, {25, 1}, {30000, 1001}, {30, 1}, {50, 1}, {60000, 1001}, {60, 1}}
	nearest := exact[0]
	for _, r := range exact {
		if math.Abs(r.perSecond()-own) < math.Abs(nearest.perSecond()-own) {
			nearest = r
		}
	}
	if math.Abs(nearest.perSecond()-own) <= own/1000 {
		return nearest
	}
	for _, whole := range []rate{{24, 1}, {25, 1}, {30, 1}, {50, 1}} {
		if own <= whole.perSecond() {
			return whole
		}
	}
	return rate{60, 1}
}
