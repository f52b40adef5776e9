package api_test

import (
	"net/http"
	"testing"

	"anteroom/controller/api"
)

// TestFeedsWithoutAPublicAddress are nowhere; with one, cmd/fleet opens them.
func TestFeedsWithoutAPublicAddress(t *testing.T) {
	ada := askedFor(t, map[string]int64{"stroke en": 40})
	var got api.DepartmentFeeds
	ada.get("/api/v1/departments/cardiology/feeds").want(http.StatusOK).into(&got)
	if got != (api.DepartmentFeeds{}) {
		t.Errorf("got %+v", got)
	}
}
