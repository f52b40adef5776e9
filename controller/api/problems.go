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
	return newProblem(s.GetStatus(), s.Error())
}

func newProblem(status int, detail string) *huma.ErrorModel {
	return &huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: detail}
}

func explained(row sentinel, err error) *huma.ErrorModel {
	parts := split(err)
	p := newProblem(row.status, said(row.err, parts[0]).sentence())
	if row.status != http.StatusUnprocessableEntity {
		return p
	}
	for _, part := range parts {
		s := said(row.err, part)
		p.Errors = append(p.Errors, &huma.ErrorDetail{Message: asSentence(s.words), Location: s.location()})
	}
	if len(parts) > 1 {
		p.Detail = fmt.Sprintf("There are %d things to put right.", len(parts))
	}
	return p
}

func tooMany(e *access.TooManyError) error {
	after := http.Header{"Retry-After": {strconv.Itoa(int(e.After.Seconds()) + 1)}}
	return huma.ErrorWithHeaders(newProblem(http.StatusTooManyRequests, sentenceOf(e)), after)
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
