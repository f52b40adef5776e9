package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"anteroom/controller/access"
	"anteroom/playlists"
)

// statuses turn the sentinels of all layers into HTTP; what is not here is 500.
func statuses() []struct {
	err    error
	status int
} {
	return []struct {
		err    error
		status int
	}{
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
			return explained(row.status, err)
		}
	}
	s.log.ErrorContext(ctx, "request failed", slog.String("operation", operation), slog.Any("error", err))
	return newProblem(http.StatusInternalServerError, "internal error")
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

func explained(status int, err error) *huma.ErrorModel {
	parts := split(err)
	p := newProblem(status, sentence(parts[0]))
	if status != http.StatusUnprocessableEntity {
		return p
	}
	for _, part := range parts {
		p.Errors = append(p.Errors, &huma.ErrorDetail{Message: sentence(part), Location: location(part)})
	}
	if len(parts) > 1 {
		p.Detail = fmt.Sprintf("There are %d things to put right.", len(parts))
	}
	return p
}

func tooMany(e *access.TooManyError) error {
	after := http.Header{"Retry-After": {strconv.Itoa(int(e.After.Seconds()) + 1)}}
	return huma.ErrorWithHeaders(newProblem(http.StatusTooManyRequests, sentence(e)), after)
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
	var parts []error
	for _, part := range joined.Unwrap() {
		parts = append(parts, split(part)...)
	}
	return parts
}

// onlyInvalid tells errors that were joined from one that wraps its sentinel and a cause.
func onlyInvalid(parts []error) bool {
	for _, part := range parts {
		if !errors.Is(part, playlists.ErrInvalid) || errors.Is(playlists.ErrInvalid, part) {
			return false
		}
	}
	return len(parts) > 0
}

// location is the field that an error of the domain begins with, "body.zone"; empty if it names none.
func location(err error) string {
	text := strings.TrimPrefix(err.Error(), playlists.ErrInvalid.Error()+": ")
	field, _, found := strings.Cut(text, ": ")
	if !found || field == "" || strings.ContainsFunc(field, notInField) {
		return ""
	}
	return "body." + field
}

func notInField(r rune) bool {
	return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz_.[]0123456789", r)
}

// sentence is an error's text without the sentinel's name, as a sentence.
func sentence(err error) string {
	text := err.Error()
	for _, row := range statuses() {
		text = strings.Replace(text, row.err.Error()+": ", "", 1)
	}
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	text = string(unicode.ToUpper(first)) + text[size:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}
