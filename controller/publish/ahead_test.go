package publish_test

import (
	"fmt"
	"testing"
	"time"

	"anteroom/playlists/playliststest"
)

func TestScreensThatWereAhead(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	start := o.now
	o.head(playliststest.Outpatients, 0)
	o.now = start.Add(time.Hour)
	o.head(playliststest.Outpatients, 57)
	o.now = start.Add(2 * time.Hour)
	o.head(playliststest.CardiologyDoor, 9)
	o.now = start.Add(3 * time.Hour)
	o.head(playliststest.CardiologyDoor, 30)
	tests := []struct {
		name  string
		since time.Duration
		want  []string
	}{
		{"all", 0, []string{"cardiology-door had 30, here 10 after 3h0m0s", "cardiology-door had 9, here 1 after 2h0m0s", "outpatients-hall had 57, here 1 after 1h0m0s"}},
		{"since the second", 2 * time.Hour, []string{"cardiology-door had 30, here 10 after 3h0m0s", "cardiology-door had 9, here 1 after 2h0m0s"}},
		{"since the last", 3 * time.Hour, []string{"cardiology-door had 30, here 10 after 3h0m0s"}},
		{"since then none", 4 * time.Hour, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found, err := o.Ahead(t.Context(), start.Add(tt.since))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range found {
				got = append(got, fmt.Sprintf("%s had %d, here %d after %v", a.Screen, a.Generation, a.Here, a.At.Sub(start)))
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
