package api

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"anteroom/controller/access"
	"anteroom/controller/medlineplus"
	"anteroom/playlists/slide"
)

// importAtOnce is the most topics of one request: more takes longer than whoever waits for a page has, and nobody
// reviews them. The command line takes any number.
const importAtOnce = 100

type importInput struct {
	Topics []string `query:"topics" doc:"Topics to import, by their numbers in MedlinePlus, with commas between"`
	Groups []string `query:"groups" doc:"Groups to import whole, by their numbers in MedlinePlus, with commas between"`
	DryRun bool     `query:"dry_run" doc:"Say what would be done, and do nothing"`
	body   io.Reader
}

// Resolve implements [huma.Resolver].
func (in *importInput) Resolve(ctx huma.Context) []error {
	in.body = ginOf(ctx).Request.Body
	return nil
}

func (s *Server) imports() {
	type out struct{ Body medlineplus.Imported }
	operation(s, http.MethodPost, "/api/v1/imports/medlineplus", "importMedlinePlus",
		"Make drafts of chosen health topics of a MedlinePlus file, for review; without a choice, say what is in it",
		func(ctx context.Context, in *importInput) (*out, error) {
			if err := may(ctx, access.Edit, access.Object{Kind: "topic"}); err != nil {
				return nil, err
			}
			if !s.importing.TryLock() {
				return nil, newProblem(http.StatusServiceUnavailable, "Another file of health topics is being read. Try again in a minute.")
			}
			defer s.importing.Unlock()
			result, err := s.importTopics(ctx, in)
			return &out{Body: result}, err
		}, takesBytes)
}

func (s *Server) importTopics(ctx context.Context, in *importInput) (medlineplus.Imported, error) {
	file, err := medlineplus.Read(in.body)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return medlineplus.Imported{}, newProblem(http.StatusRequestEntityTooLarge, "The file has more than 96 MiB. Take one that MedlinePlus publishes.")
	}
	if err != nil {
		return medlineplus.Imported{}, err
	}
	choice := medlineplus.Choice{Topics: in.Topics, Groups: in.Groups}
	m := medlineplus.Importer{Store: s.Store, Keep: s.Ingest.Slide, Fits: func(words slide.Slide) error { return slide.Fits(words, s.Fonts) }, AtOnce: importAtOnce}
	return m.Import(ctx, file, choice, by(ctx), in.DryRun)
}
