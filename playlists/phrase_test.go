package playlists_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"anteroom/playlists"
)

func TestPhraseOf(t *testing.T) {
	for _, row := range []struct {
		what   string
		format string
		args   []any
		want   playlists.Phrase
	}{
		{"nothing is filled in", "upload a picture", nil, playlists.Phrase{Code: "upload-a-picture"}},
		{"values in their order", "%s is before %s", []any{"May", "June"}, playlists.Phrase{Code: "is-before", Values: []string{"May", "June"}}},
		{"a name without its quotes", "there is no tag %q", []any{"west"}, playlists.Phrase{Code: "there-is-no-tag", Values: []string{"west"}}},
		{"a number as it is written", "its contrast is %.1f", []any{4.4449}, playlists.Phrase{Code: "its-contrast-is", Values: []string{"4.4"}}},
		{"a cause", "the calendar cannot be reached: %w", []any{errors.New("no route")}, playlists.Phrase{Code: "the-calendar-cannot-be-reached", Values: []string{"no route"}}},
		{"a per cent sign", "%d %% at most", []any{90}, playlists.Phrase{Code: "at-most", Values: []string{"90"}}},
		{"a long sentence", "one two three four five six seven eight nine", nil, playlists.Phrase{Code: "one-two-three-four-five-six-seven-eight"}},
		{"nothing but a value", "%v", []any{"all of it"}, playlists.Phrase{Values: []string{"all of it"}}},
	} {
		t.Run(row.what, func(t *testing.T) {
			if got := playlists.PhraseOf(row.format, row.args...); !reflect.DeepEqual(got, row.want) {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

func TestSaid(t *testing.T) {
	err := fmt.Errorf("writing: %w", playlists.Refuse(playlists.ErrInvalid, "to: %q is no tag", "West wing"))
	if got, want := err.Error(), `writing: invalid: to: "West wing" is no tag`; got != want || !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("it says %q, want %q, which is invalid", got, want)
	}
	want := playlists.Phrase{Code: "to-is-no-tag", Values: []string{"West wing"}}
	if got := playlists.Said(err); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := playlists.Said(errors.New("anything")); got.Code != "" {
		t.Errorf("an error that nobody named has %+v", got)
	}
	fault := playlists.Site{ID: "lakeside"}.Validate()
	if got := playlists.Said(fault); got.Code != "write-1-to-characters-that-can-be-seen" || !reflect.DeepEqual(got.Values, []string{"200"}) {
		t.Errorf("a field's fault says %+v", got)
	}
}
