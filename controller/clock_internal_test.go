package controller

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/playlists"
)

func TestClocksThatCannotBeRight(t *testing.T) {
	floor := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		what string
		now  time.Time
		ok   bool
	}{
		{"1970", time.Unix(0, 0), false},
		{"a second before", floor.Add(-time.Second), false},
		{"the floor", floor, true},
		{"a year later", floor.AddDate(1, 0, 0), true},
		{"29 years later", floor.AddDate(29, 0, 0), true},
		{"2160", floor.AddDate(134, 0, 0), false},
	} {
		if err := believe(c.now, floor); (err == nil) != c.ok || err != nil && !errors.Is(err, playlists.ErrInvalid) {
			t.Errorf("%s: got %v, want it believed: %v", c.what, err, c.ok)
		}
	}
	if err := believe(time.Unix(0, 0), time.Time{}); err != nil {
		t.Errorf("without a floor: %v", err)
	}
	if _, err := New(t.Context(), Config{Data: t.TempDir(), Floor: time.Now().Add(time.Hour)}); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("a controller before its floor: %v", err)
	}
}

func TestAClockThatGoesWrongEndsTheController(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- watchClock(ctx, time.Now().AddDate(-oldest, 0, 1)) }()
		time.Sleep(23 * time.Hour)
		select {
		case err := <-ended:
			t.Fatalf("it ended too early: %v", err)
		default:
		}
		time.Sleep(2 * time.Hour)
		if err := <-ended; !errors.Is(err, playlists.ErrInvalid) {
			t.Errorf("got %v", err)
		}
		stop()
	})
}

func TestJobsAreDoneAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 24*time.Hour+time.Minute)
		defer stop()
		done := 0
		if err := again(ctx, lookForCalendars, func() { done++ }); err != nil || done != 24 {
			t.Errorf("done %d times in a day, %v, want 24", done, err)
		}
	})
}
