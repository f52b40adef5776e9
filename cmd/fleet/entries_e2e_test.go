//go:build e2e

package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"testing"
	"time"

	"anteroom/playlists"
)

// Flat colours, far apart.
var (
	red   = color.RGBA{200, 30, 40, 255}
	green = color.RGBA{30, 150, 60, 255}
	blue  = color.RGBA{40, 60, 190, 255}
)

func get(client *http.Client, url string) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", url, response.Status)
	}
	return nil
}

func flat(c color.Color) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 1280, 720))
	draw.Draw(img, img.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
	var out bytes.Buffer
	_ = png.Encode(&out, img) // a buffer does not fail
	return out.Bytes()
}

// department enters one department with one screen each of the names given; its filler is a loop of items.
func (h *house) department(id playlists.DepartmentID, filler playlists.PlaylistID, screens ...playlists.ScreenID) {
	h.t.Helper()
	ctx := h.t.Context()
	if _, err := h.api.Get(ctx, "/api/v1/sites/main", nil); err != nil {
		h.must(h.api.Create(ctx, "sites", "main", playlists.Site{ID: "main", Name: "Main building"}))
	}
	h.must(h.api.Create(ctx, "departments", string(id), playlists.Department{
		ID: id, Site: "main", Name: string(id), Zone: steady, Fallback: "en", Filler: filler,
		Languages: []playlists.LanguageShare{{Language: "en", Twelfths: 12}},
	}))
	for _, s := range screens {
		h.must(h.api.Create(ctx, "screens", string(s), playlists.Screen{ID: s, Department: id, Name: string(s)}))
	}
}

// item uploads a flat picture and makes an item of it.
func (h *house) item(id playlists.ItemID, c color.Color) playlists.Digest {
	h.t.Helper()
	return h.picture(id, flat(c))
}

// picture uploads a PNG and makes an item of it.
func (h *house) picture(id playlists.ItemID, file []byte) playlists.Digest {
	h.t.Helper()
	upload, err := h.api.Upload(h.t.Context(), string(id)+".png", bytes.NewReader(file))
	h.must(err)
	upload.Rendition.Language = playlists.NoWords
	h.must(h.api.MakeItem(h.t.Context(), playlists.Item{
		ID: id, Title: string(id), Version: 1, Phase: playlists.Prevention, Millis: 2000,
		Renditions: []playlists.Rendition{upload.Rendition},
	}))
	return upload.Rendition.Variants[0].Digest
}

// playlist makes a loop of items, each for the same time.
func (h *house) playlist(id playlists.PlaylistID, each time.Duration, items ...playlists.ItemID) {
	h.t.Helper()
	p := playlists.Playlist{ID: id, Name: string(id)}
	for _, item := range items {
		p.Entries = append(p.Entries, playlists.Entry{Item: item, Weight: 1, Millis: each.Milliseconds(), Fit: playlists.Fill})
	}
	h.must(h.api.Create(h.t.Context(), "playlists", string(id), p))
}

func (h *house) publish(departments ...playlists.DepartmentID) {
	h.t.Helper()
	h.must(h.api.Publish(h.t.Context(), "", departments...))
}

// oneScreen is a house with one department, one screen, and a filler of one red picture, published.
func oneScreen(t *testing.T) (*house, *wall) {
	t.Helper()
	h := open(t)
	h.item("red", red)
	h.playlist("filler", 10*time.Second, "red")
	h.department("cardiology", "filler", "window")
	h.publish("cardiology")
	w := h.hang("window")
	return h, w
}
