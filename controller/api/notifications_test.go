package api_test

import (
	"net/http"
	"strings"
	"testing"

	"anteroom/controller/access"
	"anteroom/controller/api"
	"anteroom/controller/notify"
	"anteroom/playlists"
)

func TestContactsAreTried(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	mo := h.staff("mo", access.Marketer)
	var d playlists.Department
	etag := ada.get("/api/v1/departments/cardiology").want(http.StatusOK).into(&d).header.Get("ETag")
	d.Contacts = []playlists.Contact{{Email: "no address"}}
	if a := ada.do(http.MethodPut, "/api/v1/departments/cardiology", d, "If-Match", etag).want(http.StatusUnprocessableEntity); !strings.Contains(a.body, `"body.contacts[0].email"`) {
		t.Errorf("the field is not named: %s", a.body)
	}
	d.Contacts = []playlists.Contact{{Email: "desk@lakeside.example"}, {Webhook: "https://desk.lakeside.example/hook"}}
	ada.do(http.MethodPut, "/api/v1/departments/cardiology", d, "If-Match", etag).want(http.StatusOK)

	var results struct{ Items []notify.Result }
	ada.do(http.MethodPost, "/api/v1/departments/cardiology/test-message", nil).want(http.StatusOK).into(&results)
	if len(results.Items) != 2 || !strings.Contains(results.Items[0].Error, "--smtp") || !strings.Contains(results.Items[1].Error, "--webhook-secret-file") {
		t.Errorf("without a server and a secret: %+v", results.Items)
	}
	ada.do(http.MethodPost, "/api/v1/departments/dentists/test-message", nil).want(http.StatusNotFound)
	mo.do(http.MethodPost, "/api/v1/departments/cardiology/test-message", nil).want(http.StatusForbidden)
	var n api.Notifications
	mo.get("/api/v1/notifications").want(http.StatusOK).into(&n)
	if n.Mail || n.Webhook || len(n.Waiting)+len(n.Failed) > 0 {
		t.Errorf("nothing is set, and nothing was to be told: %+v", n)
	}
	h.stranger().get("/api/v1/notifications").want(http.StatusUnauthorized)
}
