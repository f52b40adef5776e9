package voice

import (
	"context"
	"log/slog"
	"reflect"
	"testing"

	"anteroom/controller/store"
)

// CheckTexts holds every language of the pages to say everything.
func CheckTexts(t *testing.T) {
	t.Helper()
	for _, all := range catalogue() {
		v := reflect.ValueOf(*all)
		for i := range v.NumField() {
			if v.Field(i).String() == "" {
				t.Errorf("%s has no %s", all.Language, v.Type().Field(i).Name)
			}
		}
	}
}

// Counter is the counter of a server, for tests.
type Counter struct{ counter *counter }

// NewCounter makes one.
func NewCounter(s store.Counts) Counter {
	return Counter{newCounter(s, slog.New(slog.DiscardHandler))}
}

// Add counts one more.
func (c Counter) Add(ctx context.Context, k store.CountKey) error { return c.counter.add(ctx, k) }

// Flush writes.
func (c Counter) Flush(ctx context.Context) error { return c.counter.flush(ctx) }
