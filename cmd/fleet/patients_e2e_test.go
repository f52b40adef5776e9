//go:build e2e

package main

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"image"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"anteroom/cmd/demo/hospital"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// phones is how many phones the browser's test has.
const phones = 16

// TestPatientsInChromium has patients of the demo hospital scan a code from a real wall and do what they come for, on
// phones in a real browser (task 20); and staff ask what they wished for that the library lacks (task 17). What was counted
// is what was done.
func TestPatientsInChromium(t *testing.T) {
	t.Parallel()
	public := freeAddress(t)
	h := openBehind(t, func(h *house) {
		h.glass = image.Pt(1280, 720)
		h.serve = []string{"--public-url", "http://" + public, "--public-listen", public, "--trusted-proxies", "127.0.0.1"}
		h.must(hospital.Remember(t.Context(), h.data, time.Now()))
	})
	h.must(hospital.Enter(t.Context(), h.api))
	h.openNow()
	screens := []playlists.ScreenID{"paediatrics-window"}
	for n := len(screens); n < phones; n++ {
		screens = append(screens, h.place(playlists.ScreenID(fmt.Sprintf("paediatrics-bed-%d", n))).ID)
	}
	h.publish("paediatrics")
	w := h.hang(screens[0])
	var scanned string
	h.eventually(patience, "the wall shows the code of the questions about vaccines", func() error {
		if scanned = w.scanned(); !strings.HasSuffix(scanned, "/vaccine-questions") {
			return errors.New(scanned)
		}
		return nil
	})
	addresses := []string{scanned}
	for _, s := range screens[1:] {
		addresses = append(addresses, h.code("http://"+public, s)+"/vaccine-questions")
	}
	h.browse([]string{"phones"}, "ANTEROOM_PHONES="+strings.Join(addresses, ","))
	h.browse([]string{"wanted", "websites"}, "ANTEROOM_PUBLIC=http://"+public)
	h.stop()
	h.counted()
}

// code is the address of the page that a screen's code leads to.
func (h *house) code(base string, screen playlists.ScreenID) string {
	h.t.Helper()
	b, err := os.ReadFile(filepath.Join(h.data, "controller.key"))
	h.must(err)
	block, _ := pem.Decode(b)
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	h.must(err)
	key, _ := parsed.(ed25519.PrivateKey)
	address, err := url.JoinPath(base, wire.HandOffKey(key, screen).Code(time.Now()))
	h.must(err)
	return address
}

// counted holds that the controller, which has stopped, counted each phone once for each thing that it did.
func (h *house) counted() {
	h.t.Helper()
	s, err := bolt.Open(h.t.Context(), bolt.Config{Dir: filepath.Join(h.data, "store"), Probe: unprobed})
	h.must(err)
	defer s.Close()
	want := map[store.CountKey]int64{}
	for _, l := range []playlists.Language{"ar", "zh-Hans", "en", "es"} {
		for what, of := range map[store.Counted]string{store.Reads: "vaccine-questions", store.Helpful: "vaccine-questions", store.Asked: "asthma"} {
			want[store.CountKey{Department: "paediatrics", What: what, Of: of, Language: l}] = phones / 4
		}
	}
	y, m, d := time.Now().UTC().Date()
	monday := playlists.Date{Year: y, Month: m, Day: d}.Monday()
	got := map[store.CountKey]int64{}
	for c, err := range s.Counts(h.t.Context(), monday, monday.AddDays(7)) {
		h.must(err)
		if !c.What.OnPhones() {
			continue
		}
		c.Week = playlists.Date{}
		got[c.CountKey] += c.N
	}
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Errorf("what was done and what was counted (-want +got):\n%s", diff)
	}
}
