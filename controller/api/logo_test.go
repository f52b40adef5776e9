package api_test

import (
	"net/http"
	"strings"
	"testing"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// TestTheLogoIsShownWherePeopleSignIn: anybody sees it there, staff are told where it is, and only a file that came in as
// all others do can be it.
func TestTheLogoIsShownWherePeopleSignIn(t *testing.T) {
	h := start(t)
	ada := h.admin()
	stranger := h.stranger()
	stranger.get("/logo").want(http.StatusNotFound)
	if a := stranger.get("/sign-in").want(http.StatusOK); strings.Contains(a.body, "/logo") {
		t.Error("without a logo the page names one")
	}
	var o struct {
		playlists.Organisation

		Revision uint64
	}
	ada.get("/api/v1/organisation").want(http.StatusOK).into(&o)
	unknown := playliststest.Picture("unknown", 640)
	o.Logo = &unknown
	a := ada.do(http.MethodPut, "/api/v1/organisation", o.Organisation, "If-Match", `"1"`).want(http.StatusUnprocessableEntity)
	if !strings.Contains(a.body, "upload it again") {
		t.Errorf("a file that is not here: %s", a.body)
	}

	var up sent
	ada.do(http.MethodPost, "/api/v1/uploads?name=logo.png", picture(t, 320, 160), "Content-Type", "image/png").want(http.StatusAccepted).into(&up)
	up = ada.settles(up.ID)
	o.Logo, o.Brand.Name = &up.Rendition.Variants[0], "Lakeside & Sons"
	ada.do(http.MethodPut, "/api/v1/organisation", o.Organisation, "If-Match", `"1"`).want(http.StatusOK)

	var me struct{ Logo, House string }
	ada.get("/api/v1/me").want(http.StatusOK).into(&me)
	page := stranger.get("/sign-in").want(http.StatusOK)
	if !strings.Contains(page.body, `src="`+me.Logo+`" alt="Lakeside &amp; Sons"`) || me.House != "Lakeside & Sons" {
		t.Errorf("staff are told %+v, and the page is %s", me, page.body)
	}
	got := stranger.get(me.Logo).want(http.StatusOK)
	if got.header.Get("Content-Type") != up.Rendition.Variants[0].MediaType || int64(len(got.body)) != up.Rendition.Variants[0].Bytes {
		t.Errorf("the logo is %d bytes of %s", len(got.body), got.header.Get("Content-Type"))
	}
	// Nothing else of the library is shown to strangers.
	stranger.get("/api/v1/assets/" + string(o.Logo.Digest)).want(http.StatusUnauthorized)
}

func TestADrawingIsNoLogo(t *testing.T) {
	ada := start(t).admin()
	drawing := []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
	a := ada.do(http.MethodPost, "/api/v1/uploads?name=logo.svg", drawing, "Content-Type", "image/svg+xml")
	if a.status < 400 || !strings.Contains(a.body, "This is an SVG drawing. Export it as PNG or JPEG.") {
		t.Errorf("%d: %s", a.status, a.body)
	}
}
