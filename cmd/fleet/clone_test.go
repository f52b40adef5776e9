//go:build !e2e

package main

import (
	"testing"
	"time"
)

// A disk is copied, or an old image of it is put back. The controller finds it at the first contact at which the
// two differ, and tells staff; whatever was shown by whichever machine is counted once.
func TestClones(t *testing.T) {
	for _, row := range []struct {
		name string
		// do is given a machine that is off after a day, and what looks for an alarm: told says whether one must be there.
		do func(a *bed, told func(bool))
	}{
		{"linked by turns", func(a *bed, told func(bool)) {
			b := a.clone("copy")
			a.session(3)
			told(false)
			b.session(3)
			told(true)
			for range 3 {
				a.session(2)
				b.session(2)
			}
		}},
		{"both linked at once", func(a *bed, told func(bool)) {
			b := a.clone("copy")
			a.boot(0)
			hours(1)
			b.boot(0)
			hours(1)
			told(true)
			hours(3)
		}},
		{"one without a link for three weeks", func(a *bed, told func(bool)) {
			b := a.clone("copy")
			b.unplug()
			b.boot(0)
			a.boot(0)
			hours(21 * 24)
			told(false)
			b.plug()
			hours(1)
			told(true)
			hours(5)
		}},
		{"copied with plays that were not sent", func(a *bed, told func(bool)) {
			a.unplug()
			a.session(12)
			b := a.clone("copy")
			a.plug()
			a.session(3)
			told(false)
			b.session(3)
			told(true)
		}},
		{"three machines of one image", func(a *bed, told func(bool)) {
			b, c := a.clone("copy"), a.clone("another copy")
			c.unplug()
			c.boot(0)
			a.session(2)
			told(false)
			b.session(2)
			told(true)
			c.plug()
			hours(2)
			c.off()
			a.session(2)
			b.session(2)
		}},
		{"an image of the day before is put back", func(a *bed, told func(bool)) {
			image := a.clone("image")
			a.boot(0)
			hours(24)
			a.scrap()
			told(false)
			image.session(3)
			told(true)
			image.session(3)
		}},
		{"the disk moves to another machine", func(a *bed, told func(bool)) {
			a.unplug()
			a.session(5)
			b := a.clone("new machine")
			a.gone = true
			a.surely = time.Now()
			for range 3 {
				b.session(5)
			}
			told(false)
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			inWard(t, time.Date(2000, 2, 1, 9, 0, 0, 0, time.UTC), 15*time.Minute, func(w *ward) {
				a := w.put(0, 1)
				hours(24)
				a.off()
				row.do(a, func(want bool) {
					t.Helper()
					if texts := w.alarms(); (len(texts) > 0) != want {
						t.Errorf("staff were told %q; want an alarm: %t", texts, want)
					}
				})
				n := len(w.settle()[a.screen])
				for _, b := range w.beds[1:] {
					if len(b.drawn) == 0 {
						t.Errorf("%s does not play", b.name)
					}
				}
				t.Logf("%d plays of %d machines, each counted once", n, len(w.beds))
			}, "America/New_York")
		})
	}
}

// session is a few hours of the machine being on.
func (b *bed) session(n int) {
	b.boot(0)
	hours(n)
	b.off()
}
