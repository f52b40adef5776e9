package api

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"anteroom/controller/access"
	"anteroom/controller/ingest"
	"anteroom/playlists"
	"anteroom/playlists/slide"
)

// Upload is a file on its way into the library.
type Upload struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	State   ingest.State `json:"state" enum:"receiving,checking,converting,ready,refused"`
	Percent int          `json:"percent" doc:"Of the present state"`
	Stage   string       `json:"stage,omitempty" doc:"What is being done, in words"`
	Problem string       `json:"problem,omitempty" doc:"Why it was refused, and the way out"`
	// Said is what the problem says.
	Said   *playlists.Phrase `json:"said,omitempty" doc:"Names what the problem says"`
	Medium playlists.Medium  `json:"medium,omitempty"`
	Millis int64             `json:"millis,omitempty" doc:"Length of a video"`
	// Bytes and what follows are of the file as it comes in.
	Bytes    int64      `json:"bytes,omitempty" doc:"Of the whole file"`
	Received int64      `json:"received,omitempty" doc:"How many of them have come"`
	Mark     string     `json:"mark,omitempty" doc:"By what its sender knows the file again, as they gave it"`
	Expires  *time.Time `json:"expires,omitempty" doc:"While it comes in pieces: when it is removed if no more come"`
	// Rendition is there once it is ready.
	Rendition *UploadRendition `json:"rendition,omitempty" doc:"Once it is ready, unless it has several pages"`
	// Pages are there instead.
	Pages []UploadRendition `json:"pages,omitempty" doc:"Once a PDF of several pages is ready: the first for a rendition, the others as its further pages"`
}

// UploadRendition is what an item's rendition takes from an upload.
type UploadRendition struct {
	Variants []playlists.Asset `json:"variants"`
}

func upload(u *ingest.Upload) Upload {
	out := Upload{
		ID: u.ID, Name: u.Name, State: u.State, Percent: u.Percent, Stage: u.Stage, Problem: u.Problem, Medium: u.Medium, Millis: u.Millis,
		Bytes: u.Bytes, Received: u.Received, Mark: u.Mark,
	}
	if u.Said.Code != "" {
		out.Said = &u.Said
	}
	if !u.Expires.IsZero() {
		out.Expires = &u.Expires
	}
	for _, page := range u.Pages {
		out.Pages = append(out.Pages, UploadRendition{Variants: page})
	}
	if u.State == ingest.Ready && len(u.Pages) == 0 {
		out.Rendition = &UploadRendition{Variants: u.Variants}
	}
	return out
}

type uploadInput struct {
	Name string `query:"name" required:"true" maxLength:"400" doc:"The file's name, \"spring.jpg\""`
	body io.Reader
	size int64
}

// Resolve implements [huma.Resolver].
func (in *uploadInput) Resolve(ctx huma.Context) []error {
	r := ginOf(ctx).Request
	in.body, in.size = r.Body, r.ContentLength
	return nil
}

func (s *Server) uploads() {
	type out struct{ Body Upload }
	operation(s, http.MethodPost, "/api/v1/uploads", "upload", "Send a file in one go: JPEG, PNG, WebP, H.264 MP4, VP9 WebM, PDF, or captions in WebVTT",
		func(ctx context.Context, in *uploadInput) (*out, error) {
			u, err := s.Ingest.Begin(ctx, in.Name, in.body, in.size, by(ctx))
			if err != nil {
				return nil, notTaken(err)
			}
			return &out{Body: upload(&u)}, nil
		}, status(http.StatusAccepted), takesBytes)
	operation(s, http.MethodGet, "/api/v1/uploads", "listMyUploads", "List one's own uploads that are remembered, the newest first",
		func(ctx context.Context, _ *struct{}) (*list[Upload], error) {
			out := &list[Upload]{}
			out.Body.Items = []Upload{}
			for _, u := range s.Ingest.List() {
				if u.By == by(ctx) {
					out.Body.Items = append(out.Body.Items, upload(&u))
				}
			}
			return out, nil
		})
	operation(s, http.MethodGet, "/api/v1/uploads/{id}", "getUpload", "How far an upload has come",
		func(_ context.Context, in *idInput) (*out, error) {
			u, err := s.Ingest.Get(in.ID)
			if err != nil {
				return nil, unknownUpload()
			}
			return &out{Body: upload(&u)}, nil
		})
}

func unknownUpload() error {
	return newProblem(http.StatusNotFound, "This upload is not known. Only the newest ones are remembered: send the file again.")
}

// notTaken gives what stands in the way of an upload its status.
func notTaken(err error) error {
	for reason, status := range map[error]int{
		ingest.ErrBusy: http.StatusServiceUnavailable, ingest.ErrMany: http.StatusTooManyRequests,
		ingest.ErrOffset: http.StatusConflict, ingest.ErrEnded: http.StatusConflict,
		ingest.ErrLocked: http.StatusLocked, ingest.ErrBrokenOff: http.StatusServiceUnavailable,
	} {
		if errors.Is(err, reason) {
			return explain(status, sentenceOf(reason), playlists.Said(reason))
		}
	}
	if full, ok := errors.AsType[*ingest.NoRoomError](err); ok {
		return explain(http.StatusInsufficientStorage, full.Error(), full.Phrase())
	}
	if r, ok := errors.AsType[*ingest.RefusalError](err); ok && r.TooLarge {
		return explain(http.StatusRequestEntityTooLarge, r.Reason, r.Phrase())
	}
	if errors.Is(err, playlists.ErrNotFound) {
		return unknownUpload()
	}
	return err
}

// takesBytes documents that a request's body is a file.
func takesBytes(op *huma.Operation) {
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}
}

type previewInput struct {
	Width int `query:"width" default:"960" minimum:"160" maximum:"1920" doc:"Pixels; the height is 9/16 of it"`
	Body  slide.Slide
}

func (s *Server) slides() {
	type in struct{ Body slide.Slide }
	type out struct {
		Body struct {
			Rendition playlists.Rendition `json:"rendition"`
		}
	}
	operation(s, http.MethodPost, "/api/v1/slides", "makeSlide", "Keep a slide as a rendition for an item",
		func(ctx context.Context, in *in) (*out, error) {
			if err := s.fits(in.Body); err != nil {
				return nil, err
			}
			asset, err := s.Ingest.Slide(ctx, in.Body)
			if err != nil {
				return nil, err
			}
			out := &out{}
			out.Body.Rendition = playlists.Rendition{Language: in.Body.Language, Variants: []playlists.Asset{asset}, Alt: in.Body.Title}
			return out, nil
		})
	operation(s, http.MethodPost, "/api/v1/slides/preview", "previewSlide", "A slide as screens will draw it",
		func(_ context.Context, in *previewInput) (*huma.StreamResponse, error) { return s.previewSlide(in) }, answers("image/png"))
}

func (s *Server) fits(words slide.Slide) error {
	if err := words.Validate(); err != nil {
		return err
	}
	return slide.Fits(words, s.Fonts)
}

func (s *Server) previewSlide(in *previewInput) (*huma.StreamResponse, error) {
	if err := s.fits(in.Body); err != nil {
		return nil, err
	}
	picture, err := slide.Render(in.Body, s.Fonts, in.Width, in.Width*9/16)
	if err != nil {
		return nil, fmt.Errorf("drawing a slide: %w", err)
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "image/png")
		encoder := png.Encoder{CompressionLevel: png.BestSpeed}
		if err := encoder.Encode(ctx.BodyWriter(), picture); err != nil {
			s.log.Debug("preview not sent", slogErr(err))
		}
	}}, nil
}

// mayLook asks whether whoever asks may see the library's files.
func mayLook(ctx context.Context) error {
	return may(ctx, access.See, access.Object{Kind: access.AssetKind})
}
