package api_test

import (
	"net/http"
	"testing"
	"time"

	"anteroom/playlists"
)

// sent is an upload as the API tells it.
type sent struct {
	ID, Name, State, Stage, Problem string
	Rendition                       struct{ Variants []playlists.Asset }
	Pages                           []struct{ Variants []playlists.Asset }
}

// settles asks for an upload until it is ready or refused.
func (p *person) settles(id string) sent {
	p.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var up sent
		p.get("/api/v1/uploads/" + id).want(http.StatusOK).into(&up)
		if up.State == "ready" || up.State == "refused" {
			return up
		}
	}
	p.t.Fatalf("upload %s is not done after two minutes", id)
	return sent{}
}

func TestUploadsThatWereTakenSurviveAStop(t *testing.T) {
	data := t.TempDir()
	h := startOn(t, data)
	ada := h.admin()
	var large, small sent
	ada.do(http.MethodPost, "/api/v1/uploads?name=large.png", picture(t, 1600, 1200), "Content-Type", "image/png").want(http.StatusAccepted).into(&large)
	ada.do(http.MethodPost, "/api/v1/uploads?name=small.png", picture(t, 400, 300), "Content-Type", "image/png").want(http.StatusAccepted).into(&small)
	h.stop()

	ada = startOn(t, data).signIn("ada")
	for _, was := range []sent{large, small} {
		now := ada.settles(was.ID)
		if now.State != "ready" || now.Name != was.Name || len(now.Rendition.Variants) == 0 {
			t.Errorf("%s was taken before the stop, and after it is %+v", was.Name, now)
			continue
		}
		ada.get("/api/v1/assets/" + string(now.Rendition.Variants[0].Digest)).want(http.StatusOK)
	}
}

// twoPages is a PDF 1.4 (ISO 32000-1, 7.5) of two empty pages; its readers look for objects where the table of them is missing.
const twoPages = "%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n" +
	"2 0 obj << /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >> endobj\n" +
	"3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 320 180] >> endobj\n" +
	"4 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 180 320] >> endobj\n" +
	"trailer << /Size 5 /Root 1 0 R >>\n%%EOF\n"

func TestPagesOfALeafletAreGivenApart(t *testing.T) {
	ada := start(t).admin()
	var up sent
	ada.do(http.MethodPost, "/api/v1/uploads?name=leaflet.pdf", []byte(twoPages), "Content-Type", "application/pdf").want(http.StatusAccepted).into(&up)
	up = ada.settles(up.ID)
	if up.State != "ready" || len(up.Pages) != 2 || len(up.Rendition.Variants) > 0 {
		t.Fatalf("the leaflet is %+v", up)
	}
	for n, upright := range []bool{false, true} {
		a := up.Pages[n].Variants[0]
		if (a.Height > a.Width) != upright {
			t.Errorf("page %d is %d x %d", n+1, a.Width, a.Height)
		}
		ada.get("/api/v1/assets/" + string(a.Digest)).want(http.StatusOK)
	}
}
