package alert_test

import (
	"math"
	"testing"
	"time"

	"anteroom/controller/alert"
)

func TestNumbersGrowAboveWhatPlayersHold(t *testing.T) {
	h := open(t)
	now := uint64(h.now.Unix())
	for _, test := range []struct {
		what string
		held uint64
		want uint64
	}{
		{"nothing", 0, now},
		{"one from the future, of a controller that was lost", now + 5000, now + 5001},
		{"one that cannot be", math.MaxUint64, now + 5002},
	} {
		var err error
		h.Alerts, err = alert.New(t.Context(), alert.Config{
			Store: h.store, Key: h.key, Now: func() time.Time { return h.now }, Held: func() uint64 { return test.held },
		})
		if err != nil {
			t.Fatal(err)
		}
		h.begin(order())
		if got := h.document().Number; got != test.want || h.Number() != got {
			t.Errorf("players hold %s: number %d, want %d", test.what, got, test.want)
		}
	}
}
