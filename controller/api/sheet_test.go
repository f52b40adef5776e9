package api_test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/slide"
)

// An item goes out on paper as it was approved, in the languages chosen, with where it comes from and a code that leads there.
func TestASheetForTheClinicianToHandOver(t *testing.T) {
	h := start(t)
	ada := h.admin()
	item := playlists.Item{ID: "napping", Title: "Napping", Version: 1, ReviewBy: playlists.Date{Year: 2099, Month: 6, Day: 1}}
	for _, words := range []slide.Slide{
		{Template: slide.Steps, Language: "en", Title: "Sleep <well>", Points: []string{"Lie down", "Close your eyes"}, Note: "From MedlinePlus", Code: "https://medlineplus.gov/sleep.html"},
		{Template: slide.Notice, Language: "es", Title: "Duerma bien", Text: "Acuéstese temprano"},
	} {
		words.Brand = playliststest.Hospital().Organisation.Brand
		var made struct{ Rendition playlists.Rendition }
		ada.do(http.MethodPost, "/api/v1/slides", words).want(http.StatusOK).into(&made)
		item.Renditions = append(item.Renditions, made.Rendition)
	}
	ada.make("items/napping", item)
	const sheet = "/api/v1/items/napping/sheet"
	ada.get(sheet).want(http.StatusUnprocessableEntity) // nobody has approved it
	ada.release("napping")

	both := ada.get(sheet).want(http.StatusOK)
	for _, want := range []string{"Sleep &lt;well&gt;", "<ol><li>Lie down</li><li>Close your eyes</li></ol>", "From MedlinePlus", "https://medlineplus.gov/sleep.html", "Duerma bien", "Acuéstese temprano", "2099-06-01", "revisar antes del"} {
		if !strings.Contains(both.body, want) {
			t.Errorf("the sheet does not say %q:\n%s", want, both.body)
		}
	}
	if policy := both.header.Get("Content-Security-Policy"); strings.Contains(policy, "script") || strings.Contains(both.body, "<script") {
		t.Errorf("a sheet runs a script: %s", policy)
	}
	if got, want := darkModules(t, both.body), codeOf(t, "https://medlineplus.gov/sleep.html"); got != want {
		t.Errorf("the code is another:\ngot  %s\nwant %s", got, want)
	}
	spanish := ada.get(sheet + "?languages=es").want(http.StatusOK)
	if strings.Contains(spanish.body, "Sleep") || !strings.Contains(spanish.body, `lang="es"`) {
		t.Errorf("got another language than the one chosen:\n%s", spanish.body)
	}
	ada.get(sheet + "?languages=fr").want(http.StatusUnprocessableEntity)
	ada.get("/api/v1/items/nowhere/sheet").want(http.StatusNotFound)

	item.Title, item.Renditions = "Napping, unapproved", item.Renditions[:1]
	ada.change("items/napping", item)
	if a := ada.get(sheet).want(http.StatusOK); strings.Contains(a.body, "unapproved") || !strings.Contains(a.body, "Duerma bien") {
		t.Errorf("what nobody has approved is handed over:\n%s", a.body)
	}
	item.Platforms = []playlists.Platform{playlists.Screens}
	ada.change("items/napping", item)
	ada.release("napping")
	if a := ada.get(sheet).want(http.StatusUnprocessableEntity); !strings.Contains(a.body, "does not go to paper") {
		t.Errorf("got %s of what does not go to paper", a.body)
	}
}

// darkModules is the path that draws a sheet's code, as an XML parser reads it.
func darkModules(t *testing.T, page string) string {
	t.Helper()
	_, rest, _ := strings.Cut(page, "<svg")
	svg, _, _ := strings.Cut(rest, "</svg>")
	var drawn struct {
		Path struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal([]byte("<svg"+svg+"</svg>"), &drawn); err != nil {
		t.Fatal(err)
	}
	return drawn.Path.D
}

// codeOf is the same path, made of the code as the library of codes has it.
func codeOf(t *testing.T, address string) string {
	t.Helper()
	code, err := qr.Encode(address, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	var path strings.Builder
	for y := range code.Bounds().Dy() {
		for x := range code.Bounds().Dx() {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+4, y+4)
			}
		}
	}
	return path.String()
}
