package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"syscall"

	"github.com/danielgtaylor/huma/v2"

	"anteroom/controller/access"
	"anteroom/playlists"
)

type sentinel struct {
	err    error
	status int
}

// statuses turn the sentinels of all layers into HTTP; what is not here is 500.
func statuses() []sentinel {
	return []sentinel{
		{playlists.ErrInvalid, http.StatusUnprocessableEntity},
		{playlists.ErrNotFound, http.StatusNotFound},
		{playlists.ErrStale, http.StatusPreconditionFailed},
		{playlists.ErrDenied, http.StatusForbidden},
		{context.Canceled, http.StatusServiceUnavailable},
		{context.DeadlineExceeded, http.StatusServiceUnavailable},
	}
}

// problem is what a person is told about an error: the reason and the way out where a layer said them,
// "internal error" and a line in the log otherwise.
func (s *Server) problem(ctx context.Context, operation string, err error) error {
	if already, ok := errors.AsType[huma.StatusError](err); ok {
		return asError(already)
	}
	if many, ok := errors.AsType[*access.TooManyError](err); ok {
		return tooMany(many)
	}
	for _, row := range statuses() {
		if errors.Is(err, row.err) {
			return explained(row, err)
		}
	}
	s.log.ErrorContext(ctx, "request failed", slog.String("operation", operation), slog.Any("error", err))
	if diskFull(err) {
		return newProblem(http.StatusInsufficientStorage, diskFullWords)
	}
	return newProblem(http.StatusInternalServerError, "internal error")
}

// diskFullWords are for people who cannot see the log.
const diskFullWords = "The controller's disk is full, so nothing was saved. Tell your administrator to free space where its data is, and try again."

func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

func asError(s huma.StatusError) error {
	if err, ok := s.(error); ok {
		return err
	}
	return explain(s.GetStatus(), s.Error(), playlists.Phrase{})
}

// ProblemError is the problem (RFC 9457) of what was not done, with a name for each of its sentences.
type ProblemError struct {
	playlists.Phrase

	Title  string   `json:"title,omitempty"`
	Status int      `json:"status,omitempty"`
	Detail string   `json:"detail,omitempty" doc:"What is wrong and the way out, in English"`
	Errors []*Fault `json:"errors,omitempty" doc:"What is wrong with each field"`
}

// Fault is what is wrong with one field of a request.
type Fault struct {
	playlists.Phrase

	Message  string `json:"message,omitempty" doc:"The reason and the way out, in English"`
	Location string `json:"location,omitempty" doc:"Where it is, body.entries[2].weight"`
}

// Error is what is wrong.
func (r *ProblemError) Error() string { return r.Detail }

// GetStatus is the answer's.
func (r *ProblemError) GetStatus() int { return r.Status }

// ContentType says that it is a problem.
func (*ProblemError) ContentType(string) string { return "application/problem+json" }

// newProblem says something in the words of fmt.Sprintf, and names it.
func newProblem(status int, format string, args ...any) *ProblemError {
	return explain(status, fmt.Sprintf(format, args...), playlists.PhraseOf(format, args...))
}

func explain(status int, detail string, said playlists.Phrase) *ProblemError {
	return &ProblemError{Status: status, Title: http.StatusText(status), Detail: detail, Phrase: said}
}

func explained(row sentinel, err error) *ProblemError {
	parts := split(err)
	p := explain(row.status, said(row.err, parts[0]).sentence(), playlists.Said(parts[0]))
	if row.status != http.StatusUnprocessableEntity {
		return p
	}
	for _, part := range parts {
		s := said(row.err, part)
		p.Errors = append(p.Errors, &Fault{playlists.Said(part), asSentence(s.words), s.location()})
	}
	p.sum()
	return p
}

// sum says how many faults there are, where one sentence cannot say them all.
func (r *ProblemError) sum() {
	const many = "There are %d things to put right."
	if n := len(r.Errors); n > 1 {
		r.Detail, r.Phrase = fmt.Sprintf(many, n), playlists.PhraseOf(many, n)
	}
}

func tooMany(e *access.TooManyError) error {
	after := http.Header{"Retry-After": {strconv.Itoa(int(e.After.Seconds()) + 1)}}
	return huma.ErrorWithHeaders(explain(http.StatusTooManyRequests, sentenceOf(e), playlists.Said(e)), after)
}

// split gives the errors that were joined, however deep, or the one there is.
func split(err error) []error {
	joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err)
	if !ok || !onlyInvalid(joined.Unwrap()) {
		return []error{err}
	}
	around, _, _ := strings.Cut(err.Error(), joined.Error())
	var parts []error
	for _, part := range joined.Unwrap() {
		for _, one := range split(part) {
			parts = append(parts, fmt.Errorf("%s%w", around, one))
		}
	}
	return parts
}

// onlyInvalid tells errors that were joined from one that wraps its sentinel and a cause.
func onlyInvalid(parts []error) bool {
	for _, part := range parts {
		if !errors.Is(part, playlists.ErrInvalid) || part.Error() == playlists.ErrInvalid.Error() {
			return false
		}
	}
	return len(parts) > 0
}
