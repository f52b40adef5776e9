package api_test

import (
	"net/http"
	"testing"

	"anteroom/playlists/playliststest"
)

// Whoever writes over, removes or decides about a version says which they saw; one that is not the newest is refused.
func TestNothingIsOverwrittenUnseen(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	ada.make("items/spare", playliststest.Pictures("spare", "In no playlist", "", "en"))
	ada.make("users/sue", `{"name":"sue","role":"viewer","everywhere":true}`)
	for _, one := range []string{
		"organisation", "sites/west", "departments/outpatients", "screens/outpatients-hall", "items/spare", "playlists/notices",
		"layouts/with-ticker", "windows/outpatients-days", "closures/public-holidays-2026", "users/sue",
	} {
		t.Run(one, func(t *testing.T) {
			at := "/api/v1/" + one
			before := ada.get(at).want(http.StatusOK)
			ada.do(http.MethodPut, at, before.body).want(http.StatusPreconditionRequired)
			after := ada.do(http.MethodPut, at, before.body, "If-Match", before.header.Get("ETag")).want(http.StatusOK)
			ada.do(http.MethodPut, at, before.body, "If-Match", before.header.Get("ETag")).want(http.StatusPreconditionFailed)
			if one != "organisation" {
				ada.do(http.MethodDelete, at, nil).want(http.StatusPreconditionRequired)
				ada.do(http.MethodDelete, at, nil, "If-Match", before.header.Get("ETag")).want(http.StatusPreconditionFailed)
			}
			if got := ada.get(at).want(http.StatusOK).header.Get("ETag"); got != after.header.Get("ETag") {
				t.Errorf("what was refused was written: %s, want %s", got, after.header.Get("ETag"))
			}
		})
	}
	for deed, order := range map[string]string{
		"approve": `{"version":1}`, "return": `{"version":1,"reason":"a test"}`, "release": `{"version":1,"reason":"a test"}`, "replace": `{"with":"know-your-numbers"}`,
	} {
		at := "/api/v1/items/spare/" + deed
		ada.do(http.MethodPost, at, order).want(http.StatusPreconditionRequired)
		ada.do(http.MethodPost, at, order, "If-Match", `"1"`).want(http.StatusPreconditionFailed)
	}
}
