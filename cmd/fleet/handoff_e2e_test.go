//go:build e2e

package main

import (
	"fmt"
	"image"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"anteroom/playlists"
)

// A phone reads the code from the glass and finds the item, with a link and without one, and after a restart of the
// player; a code that no screen shows leads nowhere.
func TestACodeOnTheWallOpensItsPage(t *testing.T) {
	t.Parallel()
	public := freeAddress(t)
	h := openBehind(t, func(h *house) {
		h.glass = image.Pt(1280, 720)
		h.serve = []string{"--public-url", "http://" + public, "--public-listen", public}
	})
	h.item("flu-vaccine", red)
	var item playlists.Item
	etag, err := h.api.Get(t.Context(), "/api/v1/items/flu-vaccine", &item)
	h.must(err)
	item.HandOff = true
	h.must(h.api.Replace(t.Context(), "/api/v1/items/flu-vaccine", etag, item))
	h.playlist("filler", playlists.HandOffWindow, "flu-vaccine")
	h.department("cardiology", "filler", "window")
	h.publish("cardiology")
	w := h.hang("window")
	w.shows(patience, 0.3, 0.5, red)

	address := w.scanned()
	if !strings.HasPrefix(address, "http://"+public+"/") || !strings.HasSuffix(address, "/flu-vaccine") {
		t.Errorf("the code leads to %s", address)
	}
	if page := opened(t, address, http.StatusOK); !strings.Contains(page, "flu-vaccine") {
		t.Errorf("the page is not the item's:\n%s", page)
	}

	h.stop()
	w.kill()
	w.start()
	w.shows(patience, 0.3, 0.5, red)
	alone := w.scanned()
	h.start()
	if page := opened(t, alone, http.StatusOK); !strings.Contains(page, "flu-vaccine") {
		t.Errorf("the code of a player without a link does not open the item:\n%s", page)
	}
	opened(t, "http://"+public+"/BCDFGHJK/flu-vaccine", http.StatusNotFound)
	opened(t, "http://"+public+"/api/v1/items", http.StatusNotFound)
}

// scanned is what the code on the glass says, once there is one.
func (w *wall) scanned() (address string) {
	w.h.t.Helper()
	w.h.eventually(patience, "a phone reads the code on the glass", func() error {
		glass, err := w.picture(fmt.Sprintf("%dx%d+0+0", w.h.glass.X, w.h.glass.Y))
		if err != nil {
			return err
		}
		bits, err := gozxing.NewBinaryBitmapFromImage(glass)
		if err != nil {
			return err
		}
		read, err := qrcode.NewQRCodeReader().Decode(bits, nil)
		if err != nil {
			return err
		}
		address = read.GetText()
		return nil
	})
	return address
}

func opened(t *testing.T, address string, want int) string {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != want {
		t.Errorf("%s: %s, %v, want %d", address, answer.Status, err, want)
	}
	return string(page)
}
