package api_test

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"anteroom/controller/access"
)

// tus sends a request of the protocol.
func (p *person) tus(method, path string, body []byte, headers ...string) answer {
	p.t.Helper()
	var sent any
	if body != nil {
		sent = body
		headers = append([]string{"Content-Type", "application/offset+octet-stream"}, headers...)
	}
	return p.do(method, path, sent, append([]string{"Tus-Resumable", "1.0.0"}, headers...)...)
}

// begins starts an upload in pieces and gives its address.
func (p *person) begins(name string, size int) string {
	p.t.Helper()
	about := "filename " + base64.StdEncoding.EncodeToString([]byte(name)) + ",mark " + base64.StdEncoding.EncodeToString([]byte("17"))
	begun := p.tus(http.MethodPost, "/api/v1/uploads/resumable", nil, "Upload-Length", strconv.Itoa(size), "Upload-Metadata", about).want(http.StatusCreated)
	if begun.header.Get("Upload-Expires") == "" || begun.header.Get("Tus-Resumable") != "1.0.0" {
		p.t.Errorf("an upload is begun with %v", begun.header)
	}
	return begun.header.Get("Location")
}

func (p *person) has(at string) string {
	p.t.Helper()
	return p.tus(http.MethodHead, at, nil).want(http.StatusOK).header.Get("Upload-Offset")
}

func TestAnUploadInPiecesGoesOnAfterAStop(t *testing.T) {
	data := t.TempDir()
	h := startOn(t, data)
	ada := h.admin()
	file := picture(t, 900, 600)
	at := ada.begins("spring.png", len(file))
	cut := len(file) / 3
	sent := ada.tus(http.MethodPatch, at, file[:cut], "Upload-Offset", "0").want(http.StatusNoContent)
	if got := sent.header.Get("Upload-Offset"); got != strconv.Itoa(cut) {
		t.Errorf("after %d bytes the offset is %s", cut, got)
	}
	ada.tus(http.MethodPatch, at, file[cut+1:], "Upload-Offset", strconv.Itoa(cut+1)).want(http.StatusConflict)
	ada.tus(http.MethodPatch, at, file[cut:], "Upload-Offset", strconv.Itoa(cut), "Content-Type", "image/png").want(http.StatusUnsupportedMediaType)
	h.stop()

	ada = startOn(t, data).signIn("ada")
	if got := ada.has(at); got != strconv.Itoa(cut) {
		t.Errorf("after the stop %s bytes are there, want %d", got, cut)
	}
	var mine struct {
		Items []struct {
			State, Name, Mark, Expires string
			Bytes, Received            int
		}
	}
	ada.get("/api/v1/uploads").want(http.StatusOK).into(&mine)
	if len(mine.Items) != 1 || mine.Items[0].State != "receiving" || mine.Items[0].Name != "spring.png" || mine.Items[0].Mark != "17" ||
		mine.Items[0].Bytes != len(file) || mine.Items[0].Received != cut || mine.Items[0].Expires == "" {
		t.Errorf("one's own uploads are %+v", mine.Items)
	}
	ada.tus(http.MethodPatch, at, file[cut:], "Upload-Offset", strconv.Itoa(cut)).want(http.StatusNoContent)
	if up := ada.settles(filepath.Base(at)); up.State != "ready" || len(up.Rendition.Variants) == 0 {
		t.Errorf("in the end it is %+v", up)
	}
	if got := ada.has(at); got != strconv.Itoa(len(file)) {
		t.Errorf("when it is ready %s bytes have come, want %d", got, len(file))
	}
	ada.tus(http.MethodDelete, at, nil).want(http.StatusConflict)
}

func TestAnUploadInPiecesIsItsSendersAlone(t *testing.T) {
	h := start(t)
	h.admin()
	maria, omar := h.staff("maria", access.Marketer), h.staff("omar", access.Marketer)
	file := picture(t, 400, 300)
	at := maria.begins("spring.png", len(file))
	omar.tus(http.MethodHead, at, nil).want(http.StatusNotFound)
	omar.tus(http.MethodPatch, at, file, "Upload-Offset", "0").want(http.StatusNotFound)
	omar.tus(http.MethodDelete, at, nil).want(http.StatusNotFound)
	if got := omar.get("/api/v1/uploads").want(http.StatusOK).body; strings.Contains(got, "spring") {
		t.Errorf("a colleague sees %s", got)
	}
	if got := maria.has(at); got != "0" {
		t.Errorf("%s bytes are there after a colleague tried, want none", got)
	}
}

func TestACancelledUploadLeavesNothing(t *testing.T) {
	data := t.TempDir()
	ada := startOn(t, data).admin()
	file := picture(t, 400, 300)
	at := ada.begins("spring.png", len(file))
	ada.tus(http.MethodPatch, at, file[:len(file)/2], "Upload-Offset", "0").want(http.StatusNoContent)
	ada.tus(http.MethodDelete, at, nil).want(http.StatusNoContent)
	ada.tus(http.MethodHead, at, nil).want(http.StatusNotFound)
	ada.tus(http.MethodDelete, at, nil).want(http.StatusNotFound)
	left, err := os.ReadDir(filepath.Join(data, "uploads"))
	if err != nil || len(left) > 0 {
		t.Errorf("the directory of uploads holds %v, %v", left, err)
	}
}

func TestWhatIsNotTakenInPieces(t *testing.T) {
	data := t.TempDir()
	ada := startOn(t, data).admin()
	named := func(name string) string { return "filename " + base64.StdEncoding.EncodeToString([]byte(name)) }
	for _, c := range []struct {
		what    string
		headers []string
		status  int
		words   string
	}{
		{"an older protocol", []string{"Tus-Resumable", "0.2.2", "Upload-Length", "9"}, http.StatusPreconditionFailed, "speaks tus 1.0.0"},
		{"no length", nil, http.StatusUnprocessableEntity, "header.Upload-Length"},
		{"a length below none", []string{"Upload-Length", "-1"}, http.StatusUnprocessableEntity, "too small; choose 0 or more"},
		{"a length in words", []string{"Upload-Length", "many"}, http.StatusUnprocessableEntity, "invalid integer"},
		{"an empty file", []string{"Upload-Length", "0"}, http.StatusUnprocessableEntity, "The file is empty."},
		{"metadata that are none", []string{"Upload-Length", "9", "Upload-Metadata", "filename spring.png"}, http.StatusUnprocessableEntity, "header.Upload-Metadata"},
		{"a film of 5 GB", []string{"Upload-Length", "5000000000", "Upload-Metadata", named("film.mp4")}, http.StatusRequestEntityTooLarge, "A video may have at most 4.3 GB."},
		{"a picture of 1 GB", []string{"Upload-Length", "1000000000", "Upload-Metadata", named("spring.png")}, http.StatusRequestEntityTooLarge, "A picture may have at most 67.1 MB."},
	} {
		a := ada.tus(http.MethodPost, "/api/v1/uploads/resumable", nil, c.headers...)
		if a.status != c.status || !strings.Contains(a.body, c.words) || a.header.Get("Tus-Resumable") != "1.0.0" {
			t.Errorf("%s: %d %s, want %d with %q", c.what, a.status, a.body, c.status, c.words)
		}
	}
	left, err := os.ReadDir(filepath.Join(data, "uploads"))
	if err != nil || len(left) > 0 {
		t.Errorf("what was refused left %v, %v", left, err)
	}
	tiff := bytes.Repeat([]byte("II*\x00"), 2000)
	at := ada.begins("drawing.tiff", len(tiff))
	if a := ada.tus(http.MethodPatch, at, tiff, "Upload-Offset", "0"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Export it as PNG or JPEG") {
		t.Errorf("a drawing: %d %s", a.status, a.body)
	}
	ada.tus(http.MethodHead, at, nil).want(http.StatusGone)
	if up := ada.settles(filepath.Base(at)); up.State != "refused" || !strings.Contains(up.Problem, "TIFF") {
		t.Errorf("who asks later hears %+v", up)
	}
}

func TestSixteenUploadsAPerson(t *testing.T) {
	h := start(t)
	ada := h.admin()
	maria := h.staff("maria", access.Marketer)
	var last string
	for range 16 {
		last = maria.begins("spring.png", 9000)
	}
	if a := maria.tus(http.MethodPost, "/api/v1/uploads/resumable", nil, "Upload-Length", "9"); a.status != http.StatusTooManyRequests || !strings.Contains(a.body, "cancel some in the library") {
		t.Errorf("one more: %d %s", a.status, a.body)
	}
	ada.begins("summer.png", 9000)
	maria.tus(http.MethodDelete, last, nil).want(http.StatusNoContent)
	maria.begins("spring.png", 9000)
}

func TestWhatOfTusIsSpoken(t *testing.T) {
	ada := start(t).admin()
	a := ada.do(http.MethodOptions, "/api/v1/uploads/resumable", nil).want(http.StatusNoContent)
	if a.header.Get("Tus-Version") != "1.0.0" || a.header.Get("Tus-Extension") != "creation,termination,expiration" || a.header.Get("Tus-Max-Size") != "4294967296" {
		t.Errorf("it says %v", a.header)
	}
}
