package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"anteroom/playlists"
)

// humaConfig is an API without huma's own pages, which load from elsewhere, and without its links
// into responses.
func humaConfig(version string) huma.Config {
	c := huma.DefaultConfig("Anteroom", version)
	c.Info.Description = "Everything the console does, a script can do. Make a token for it, under My account in the console or with POST /api/v1/me/tokens, " +
		"and send it with every request as Authorization: Bearer TOKEN. It may do what its scope says, and never more than its owner may."
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil
	c.Transformers = []huma.Transformer{sayWhat}
	return c
}

// sayWhat puts what is wrong with a request into the problem's own sentence, and keeps what was sent
// out of the answer.
func sayWhat(_ huma.Context, _ string, v any) (any, error) {
	found, ok := v.(*huma.ErrorModel)
	if !ok || found.Detail != "validation failed" {
		return v, nil
	}
	p := explain(found.Status, "", playlists.Phrase{})
	for _, e := range found.Errors {
		p.Errors = append(p.Errors, reword(e))
	}
	p.Detail, p.Phrase = p.Errors[0].Message, p.Errors[0].Phrase
	p.sum()
	return p, nil
}

// reword says what huma found in a request as the rest of the API would: field, reason, way out.
func reword(e *huma.ErrorDetail) *Fault {
	place := strings.TrimPrefix(e.Location, "body.")
	name, missing := strings.CutPrefix(e.Message, "expected required property ")
	switch {
	case missing:
		name = strings.TrimSuffix(name, " to be present")
		return fault(e.Location+"."+name, "%s is missing; add it", name)
	case e.Message == "unexpected property":
		return fault(e.Location, "there is no field %s; leave it out, or look for its right name in /api/openapi.json", place)
	case e.Location == "body":
		return fault(e.Location, "this is not what /api/openapi.json describes: %s", strings.TrimPrefix(e.Message, "invalid: "))
	}
	if f := inOwnWords(e); f != nil {
		return f
	}
	return fault(e.Location, "%s: %s", place, e.Message)
}

// inOwnWords says what huma finds wrong with a value in the words of this API; nil where it has none.
func inOwnWords(e *huma.ErrorDetail) *Fault {
	at := func(format string, args ...any) *Fault { return fault(e.Location, format, args...) }
	switch e.Message {
	case "expected length >= 1":
		return at("this is empty; fill it in")
	case "expected string to be RFC 3339 date-time":
		return at("this is no moment; write it like 2026-11-23T20:15:00Z")
	case "expected string to be RFC 3339 date":
		return at("this is no date; write it like 2026-11-23")
	case "expected integer":
		return at("this is no whole number; write digits alone")
	case "expected number":
		return at("this is no number; write one")
	case "expected boolean":
		return at("this is neither true nor false; choose one of them")
	case "expected string":
		return at("this is no text; write it in quotes")
	}
	i := strings.LastIndex(e.Message, " ")
	kind, limit := e.Message[:i+1], strings.Trim(e.Message[i+1:], `"`)
	switch kind {
	case "expected length >= ":
		return at("this is too short; write at least %s characters", limit)
	case "expected length <= ":
		return at("this is too long; write at most %s characters", limit)
	case "expected number >= ":
		return at("this number is too small; choose %s or more", limit)
	case "expected number <= ":
		return at("this number is too large; choose %s or less", limit)
	case "expected array length >= ":
		return at("this list is too short; it needs at least %s", limit)
	case "expected array length <= ":
		return at("this list is too long; it may have at most %s", limit)
	}
	if _, all, ok := strings.Cut(e.Message, `expected value to be one of "`); ok {
		return at("this is none of what there is to choose; choose among %s", strings.TrimSuffix(all, `"`))
	}
	return nil
}

func fault(location, format string, args ...any) *Fault {
	return &Fault{playlists.PhraseOf(format, args...), asSentence(fmt.Sprintf(format, args...)), location}
}

// OpenAPI is the document at /api/openapi.json.
func (s *Server) OpenAPI() ([]byte, error) {
	b, err := json.MarshalIndent(s.api.OpenAPI(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the OpenAPI document: %w", err)
	}
	return append(b, '\n'), nil
}

// tidySchemas says that lists are never null: this API takes and gives empty ones. What it refuses, it refuses in its
// own words.
func tidySchemas(doc *huma.OpenAPI) {
	schemas := doc.Components.Schemas
	schemas.Map()["ErrorModel"] = huma.SchemaFromType(schemas, reflect.TypeFor[ProblemError]())
	for _, schema := range doc.Components.Schemas.Map() {
		neverNull(schema)
	}
	for _, path := range doc.Paths {
		for _, op := range []*huma.Operation{path.Get, path.Put, path.Post, path.Delete} {
			if op != nil {
				tidyOperation(op)
			}
		}
	}
}

func tidyOperation(op *huma.Operation) {
	for _, answer := range op.Responses {
		for _, media := range answer.Content {
			neverNull(media.Schema)
		}
	}
	if op.RequestBody == nil {
		return
	}
	for _, media := range op.RequestBody.Content {
		neverNull(media.Schema)
	}
}

func neverNull(schema *huma.Schema) {
	if schema == nil {
		return
	}
	if schema.Type == huma.TypeArray {
		schema.Nullable = false
	}
	neverNull(schema.Items)
	if values, ok := schema.AdditionalProperties.(*huma.Schema); ok {
		neverNull(values)
	}
	for _, property := range schema.Properties {
		neverNull(property)
	}
}

// operation registers a typed operation under its row of the access table. id is how clients call it,
// "listScreens"; what is one line for people.
func operation[I, O any](s *Server, method, path, id, what string, handle func(context.Context, *I) (*O, error), more ...func(*huma.Operation)) {
	row := s.routes[method+" "+ginPath(path)]
	op := huma.Operation{OperationID: id, Method: method, Path: path, Summary: what, MaxBodyBytes: row.Limit, BodyReadTimeout: bodyTimeout}
	if method != http.MethodGet && row.Limit == 0 {
		op.MaxBodyBytes = -1 // the guard allows no byte
	}
	for _, change := range more {
		change(&op)
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, id, err)
		}
		return out, nil
	})
}

// status makes an operation answer with another status than 200 or 204.
func status(code int) func(*huma.Operation) {
	return func(op *huma.Operation) { op.DefaultStatus = code }
}

// answers documents what an operation streams instead of JSON.
func answers(mediaTypes ...string) func(*huma.Operation) {
	return func(op *huma.Operation) {
		content := map[string]*huma.MediaType{}
		for _, t := range mediaTypes {
			content[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
		}
		op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: content}}
	}
}
