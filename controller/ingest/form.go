package ingest

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"anteroom/playlists"
)

// form is what a file is by its content.
type form string

// The forms that are taken.
const (
	formJPEG   form = "JPEG"
	formPNG    form = "PNG"
	formWebP   form = "WebP"
	formMP4    form = "MP4"
	formWebM   form = "WebM"
	formSlide  form = "slide"
	formWebVTT form = "WebVTT"
	formPDF    form = "PDF"
)

func forms() []form {
	return []form{formJPEG, formPNG, formWebP, formMP4, formWebM, formSlide, formWebVTT, formPDF}
}

// medium is what a form becomes.
func (f form) medium() playlists.Medium {
	switch f {
	case formMP4, formWebM:
		return playlists.Video
	case formSlide:
		return playlists.Slide
	case formWebVTT:
		return playlists.Captions
	case formJPEG, formPNG, formWebP, formPDF:
		return playlists.Image
	}
	return ""
}

// named is a form with its article: "an MP4".
func (f form) named() string {
	if f == formMP4 {
		return "an " + string(f)
	}
	return "a " + string(f)
}

// kind is what people call the likes of a form, at the beginning of a sentence.
func (f form) kind() string {
	switch f {
	case formMP4, formWebM:
		return "A video"
	case formSlide:
		return "A slide"
	case formWebVTT:
		return "A file of captions"
	case formPDF:
		return "A PDF"
	case formJPEG, formPNG, formWebP:
		return "A picture"
	}
	return "A file"
}

// extensions are the endings that a form's name may have, besides none.
func (f form) extensions() []string {
	switch f {
	case formJPEG:
		return []string{".jpg", ".jpeg", ".jpe", ".jfif"}
	case formPNG:
		return []string{".png"}
	case formWebP:
		return []string{".webp"}
	case formMP4:
		return []string{".mp4", ".m4v"}
	case formWebM:
		return []string{".webm"}
	case formSlide:
		return []string{".json"}
	case formWebVTT:
		return []string{".vtt"}
	case formPDF:
		return []string{".pdf"}
	}
	return nil
}

// headBytes is how much of a file's beginning decides its form.
const headBytes = 3072

// decide judges a file by its first bytes; its name must not contradict them.
func decide(name string, head []byte) (form, error) {
	if len(head) == 0 {
		return "", refuse("The file is empty. Choose it again; if it is being copied, wait until that is done.")
	}
	ending := strings.ToLower(filepath.Ext(name))
	f, err := formOf(ending, head)
	if err != nil {
		return "", err
	}
	if ending != "" && !slices.Contains(f.extensions(), ending) {
		return "", refuse("The name ends in %s, but the file holds %s. Rename it to end in %s, or choose the file that was meant.",
			ending, f.named(), f.extensions()[0])
	}
	return f, nil
}

func formOf(ending string, head []byte) (form, error) {
	if ending == ".json" && bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")) {
		return formSlide, nil
	}
	if bytes.HasPrefix(bytes.TrimPrefix(head, []byte("\ufeff")), []byte("WEBVTT")) {
		return formWebVTT, nil
	}
	found, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	switch found {
	case "image/jpeg":
		return formJPEG, nil
	case "image/png":
		return formPNG, nil
	case "image/webp":
		return formWebP, movingWebP(head)
	case "video/mp4", "video/x-m4v":
		return formMP4, nil
	case "video/webm":
		return formWebM, nil
	case "application/pdf":
		return formPDF, nil
	}
	return "", wayOut(found)
}

// movingWebP refuses a WebP whose extended header announces an animation.
func movingWebP(head []byte) error {
	if len(head) > 20 && string(head[12:16]) == "VP8X" && head[20]&0x02 != 0 {
		return refuse("This WebP moves. Export it as an MP4 video (H.264), or as a still picture.")
	}
	return nil
}

// wayOut says what to do with a type that is not taken.
func wayOut(found string) error {
	what, ok := known(found)
	if !ok {
		return refuse("This is neither a picture nor a video that we can show (it looks like %s). Use JPEG, PNG, WebP, MP4 with H.264, WebM with VP9, or PDF; for captions WebVTT.", found)
	}
	switch found {
	case "image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence", "image/avif", "image/jxl":
		return refuse("This is %s. Save it as JPEG or PNG; on an iPhone choose Settings, Camera, Formats, Most Compatible.", what)
	case "image/gif", "image/apng":
		return refuse("This is %s, which may move. Save it as PNG, or export it as an MP4 video (H.264).", what)
	case "application/x-subrip":
		return refuse("This is %s. Save it as WebVTT, in a file that ends in .vtt.", what)
	case "application/vnd.openxmlformats-officedocument.presentationml.presentation", "application/vnd.ms-powerpoint":
		return refuse("This is %s. Export it as an MP4 video, or save it as a PDF.", what)
	}
	if strings.HasPrefix(found, "video/") {
		return refuse("This is %s. Export it as MP4 with H.264, or as WebM with VP9.", what)
	}
	return refuse("This is %s. Export it as PNG or JPEG.", what)
}

// known names the types that are not taken and that people often have.
func known(found string) (what string, ok bool) {
	what, ok = map[string]string{
		"image/heic": "a HEIC picture", "image/heif": "a HEIF picture",
		"image/heic-sequence": "a series of HEIC pictures", "image/heif-sequence": "a series of HEIF pictures",
		"image/avif": "an AVIF picture", "image/jxl": "a JPEG XL picture", "image/jp2": "a JPEG 2000 picture",
		"image/gif": "a GIF picture", "image/apng": "an animated PNG picture",
		"image/svg+xml": "an SVG drawing", "image/tiff": "a TIFF picture", "image/bmp": "a BMP picture",
		"image/vnd.adobe.photoshop": "a Photoshop picture",
		"video/quicktime":           "a QuickTime video", "video/matroska": "a Matroska video", "video/x-msvideo": "an AVI video",
		"video/mpeg": "an MPEG video", "video/3gpp": "a 3GPP video", "video/ogg": "an Ogg video",
		"video/x-flv": "an FLV video", "video/x-ms-asf": "a Windows Media video",
		"application/x-subrip": "a SubRip file of captions",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation": "a presentation",
		"application/vnd.ms-powerpoint":                                             "a presentation",
	}[found]
	return what, ok
}
