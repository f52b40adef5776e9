package player_test

import (
	"testing"
	"time"
)

func TestDaysAloneThenEverythingArrivesOnce(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread", "cheese")
		h.net.SetDown(true)
		h.pass(26 * time.Hour)
		h.net.SetDown(false)
		h.pass(20 * time.Minute)
		h.countIsExact(h.unsent())
		h.want("the day and more was counted", len(h.desk.plays) > 9300)
	})
}
