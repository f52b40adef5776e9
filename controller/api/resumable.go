package api

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"anteroom/controller/ingest"
	"anteroom/playlists"
)

// Uploads that go on after a break speak tus 1.0.0, with creation, termination and expiration.
const (
	tusVersion    = "1.0.0"
	tusExtensions = "creation,termination,expiration"
	tusChunk      = "application/offset+octet-stream"
	resumablePath = "/api/v1/uploads/resumable"
)

// TusRequest is what every request of the protocol says.
type TusRequest struct {
	Version string `header:"Tus-Resumable" doc:"The protocol's version, 1.0.0"`
}

// Resolve implements [huma.Resolver].
func (in *TusRequest) Resolve(ctx huma.Context) []error {
	ctx.SetHeader("Tus-Resumable", tusVersion)
	return nil
}

func (in *TusRequest) understood() error {
	if in.Version == tusVersion {
		return nil
	}
	return huma.ErrorWithHeaders(
		newProblem(http.StatusPreconditionFailed, "This address speaks tus "+tusVersion+": send the header Tus-Resumable: "+tusVersion+"."),
		http.Header{"Tus-Version": {tusVersion}},
	)
}

type tusCreateInput struct {
	TusRequest

	Length   int64  `header:"Upload-Length" required:"true" minimum:"0" doc:"Bytes of the whole file"`
	Metadata string `header:"Upload-Metadata" maxLength:"4096" doc:"Words and their values in base64, separated by commas: filename, and mark, by which its sender knows the file again"`
}

// TusUpload is what requests about one upload say.
type TusUpload struct {
	TusRequest

	ID string `path:"id" maxLength:"64" doc:"The upload's id"`
}

type tusPatchInput struct {
	TusUpload

	Type   string `header:"Content-Type" required:"true" doc:"application/offset+octet-stream"`
	Offset int64  `header:"Upload-Offset" required:"true" minimum:"0" doc:"How many bytes have come before these"`
	body   io.Reader
}

// Resolve implements [huma.Resolver].
func (in *tusPatchInput) Resolve(ctx huma.Context) []error {
	c := ginOf(ctx)
	in.body = patient{c.Request.Body, http.NewResponseController(c.Writer)}
	return in.TusRequest.Resolve(ctx)
}

// patient is a request's body that may take long, as long as something comes.
type patient struct {
	io.Reader

	to *http.ResponseController
}

// Read implements [io.Reader].
func (p patient) Read(b []byte) (int, error) {
	if err := p.to.SetReadDeadline(time.Now().Add(bodyTimeout)); err != nil {
		return 0, err
	}
	return p.Reader.Read(b)
}

// tusOutput is what an answer says about an upload.
type tusOutput struct {
	Location string `header:"Location" doc:"Where the upload is, once it is begun"`
	Offset   string `header:"Upload-Offset" doc:"How many bytes have come"`
	Length   string `header:"Upload-Length" doc:"Bytes of the whole file"`
	Expires  string `header:"Upload-Expires" doc:"When it is removed if no more come"`
}

func howFar(u *ingest.Upload) *tusOutput {
	out := &tusOutput{Offset: strconv.FormatInt(u.Received, 10), Length: strconv.FormatInt(u.Bytes, 10)}
	if !u.Expires.IsZero() {
		out.Expires = u.Expires.UTC().Format(http.TimeFormat)
	}
	return out
}

// resumable takes files in pieces; what was sent is not sent again after a break.
func (s *Server) resumable() {
	type options struct {
		Version    string `header:"Tus-Version"`
		Extensions string `header:"Tus-Extension"`
		MaxSize    int64  `header:"Tus-Max-Size"`
	}
	const one = "/api/v1/uploads/{id}"
	operation(s, http.MethodOptions, resumablePath, "describeUploads", "What of tus is spoken, and how large a file may be",
		func(context.Context, *struct{}) (*options, error) {
			return &options{Version: tusVersion, Extensions: tusExtensions, MaxSize: s.Ingest.MaxBytes()}, nil
		}, status(http.StatusNoContent))
	operation(s, http.MethodPost, resumablePath, "beginUpload", "Begin to send a file in pieces, by tus 1.0.0", s.beginUpload, status(http.StatusCreated))
	operation(s, http.MethodHead, one, "findUpload", "How many bytes of a file have come", s.findUpload, status(http.StatusOK))
	operation(s, http.MethodPatch, one, "sendOn", "Send the bytes that follow; with the last, the file waits for its conversion", s.sendOn, status(http.StatusNoContent), takesChunks)
	operation(s, http.MethodDelete, one, "cancelUpload", "Call an upload off, and leave nothing of it", s.cancelUpload, status(http.StatusNoContent))
}

func takesChunks(op *huma.Operation) {
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		tusChunk: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}
}

func (s *Server) beginUpload(ctx context.Context, in *tusCreateInput) (*tusOutput, error) {
	if err := in.understood(); err != nil {
		return nil, err
	}
	about, err := readMetadata(in.Metadata)
	if err != nil {
		p := explain(http.StatusUnprocessableEntity, sentenceOf(err), playlists.Said(err))
		p.Errors = []*Fault{{p.Phrase, p.Detail, "header.Upload-Metadata"}}
		return nil, p
	}
	u, err := s.Ingest.Open(ctx, about["filename"], in.Length, by(ctx), about["mark"])
	if err != nil {
		return nil, notTaken(err)
	}
	out := howFar(&u)
	out.Location = "/api/v1/uploads/" + u.ID
	return out, nil
}

func (s *Server) findUpload(ctx context.Context, in *TusUpload) (*tusOutput, error) {
	if err := s.ownUpload(ctx, in); err != nil {
		return nil, err
	}
	u, err := s.Ingest.Arrived(in.ID)
	if err != nil {
		return nil, notTaken(err)
	}
	if u.State == ingest.Refused {
		return nil, explain(http.StatusGone, u.Problem, u.Said)
	}
	return howFar(&u), nil
}

func (s *Server) sendOn(ctx context.Context, in *tusPatchInput) (*tusOutput, error) {
	if in.Type != tusChunk {
		return nil, newProblem(http.StatusUnsupportedMediaType, "Send the bytes as "+tusChunk+".")
	}
	if err := s.ownUpload(ctx, &in.TusUpload); err != nil {
		return nil, err
	}
	u, err := s.Ingest.Append(ctx, in.ID, in.Offset, in.body)
	if err != nil {
		return nil, notTaken(err)
	}
	return howFar(&u), nil
}

func (s *Server) cancelUpload(ctx context.Context, in *TusUpload) (*struct{}, error) {
	if err := s.ownUpload(ctx, in); err != nil {
		return nil, err
	}
	if err := s.Ingest.Cancel(ctx, in.ID); err != nil {
		return nil, notTaken(err)
	}
	return nil, nil
}

// ownUpload knows nothing of what others send.
func (s *Server) ownUpload(ctx context.Context, in *TusUpload) error {
	if err := in.understood(); err != nil {
		return err
	}
	u, err := s.Ingest.Get(in.ID)
	if err != nil || u.By != by(ctx) {
		return unknownUpload()
	}
	return nil
}

// errMetadata says what is wrong with an Upload-Metadata header.
var errMetadata = errors.New("it takes words, each once, with a space and a value in base64, and commas between them")

// readMetadata reads an Upload-Metadata header: words, each with a value in base64 or none, separated by commas.
func readMetadata(header string) (map[string]string, error) {
	about := map[string]string{}
	if header == "" {
		return about, nil
	}
	for pair := range strings.SplitSeq(header, ",") {
		word, coded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		value, err := base64.StdEncoding.DecodeString(coded)
		_, twice := about[word]
		if err != nil || word == "" || twice || !utf8.Valid(value) {
			return nil, errMetadata
		}
		about[word] = string(value)
	}
	return about, nil
}
