package api_test

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"testing"

	"anteroom/controller"
	"anteroom/controller/access"
	"anteroom/controller/api"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

const (
	doorSMIL  = "/api/v1/screens/" + string(playliststest.CardiologyDoor) + "/smil"
	childSMIL = "/api/v1/screens/" + string(playliststest.Paediatrics) + "/smil"
)

// A player of another maker shows nothing but the address: it opens one screen's programme and what that shows, until it is
// revoked or another is made.
func TestPlayersOfOtherMakersHaveOneScreensProgramme(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	var made struct{ Rendition playlists.Rendition }
	ada.do(http.MethodPost, "/api/v1/slides", slideJSON).want(http.StatusOK).into(&made)
	ada.change("items/visiting-hours", playlists.Item{ID: "visiting-hours", Title: "Please check in", Version: 1, Renditions: []playlists.Rendition{made.Rendition}})
	ada.release("visiting-hours")
	path := ada.smil(doorSMIL)
	other := h.stranger()
	other.get(path).want(http.StatusNotFound) // nothing has been published yet
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)

	doc := other.get(path).want(http.StatusOK)
	if got := doc.header.Get("Content-Type"); got != "application/smil+xml" {
		t.Errorf("got the type %s", got)
	}
	if doc.header.Get("Last-Modified") == "" {
		t.Error("the document has no date: players begin anew whenever they look")
	}
	other.get(path, "If-None-Match", doc.header.Get("ETag")).want(http.StatusNotModified)
	other.get(path, "If-Modified-Since", doc.header.Get("Last-Modified")).want(http.StatusNotModified)
	other.do(http.MethodHead, path, nil).want(http.StatusOK)
	other.get(strings.Replace(path, "programme.smil", "files/"+strings.Repeat("0", 64), 1)).want(http.StatusForbidden)
	other.do(http.MethodHead, strings.Replace(path, "programme.smil", "files/"+strings.Repeat("0", 64), 1), nil).want(http.StatusForbidden)
	// Another screen's address does not open this one's files, nor does a screen's name without the secret.
	child := ada.smil(childSMIL)
	if files := sources(t, doc.body); len(files) == 0 {
		t.Errorf("nothing shows: %s", doc.body)
	} else if !strings.HasPrefix(files[0], origin+strings.TrimSuffix(path, "programme.smil")+"files/") {
		t.Errorf("got %s, want it beside %s", files[0], path)
	}
	drawn := strings.Replace(path, "programme.smil", "files/"+string(made.Rendition.Variants[0].Digest), 1)
	if !slices.Contains(sources(t, doc.body), origin+drawn) {
		t.Errorf("the slide is not in the programme: %s", doc.body)
	}
	if a := other.get(drawn).want(http.StatusOK); !strings.HasPrefix(a.body, "\xff\xd8\xff") {
		t.Error("the slide is no picture")
	}
	other.do(http.MethodHead, drawn, nil).want(http.StatusOK)
	font := playliststest.Fonts()[0].Digest
	other.get(strings.Replace(path, "programme.smil", "files/"+string(font), 1)).want(http.StatusForbidden)
	for _, wrong := range []string{path[:len(path)-len("/programme.smil")] + "x/programme.smil", "/smil/" + string(playliststest.CardiologyDoor) + "/programme.smil", "/smil/x.y/programme.smil"} {
		other.get(wrong).want(http.StatusForbidden)
		other.do(http.MethodHead, wrong, nil).want(http.StatusForbidden)
	}
	again := ada.smil(doorSMIL)
	other.get(path).want(http.StatusForbidden) // the one before has stopped
	other.get(again).want(http.StatusOK)
	ada.do(http.MethodDelete, doorSMIL, nil).want(http.StatusNoContent)
	other.get(again).want(http.StatusForbidden)
	ada.do(http.MethodDelete, doorSMIL, nil).want(http.StatusNotFound)
	other.get(child).want(http.StatusOK)
}

// A controller that was not told its address names the one that a player asked, for not all take addresses without a host.
func TestPlayersOfOtherMakersAreNamedTheHostThatTheyAsked(t *testing.T) {
	ada := startUnnamed(t, controller.Config{Data: t.TempDir()}).admin()
	ada.furnish()
	path := ada.smil(doorSMIL)
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)
	files := sources(t, ada.get(path).want(http.StatusOK).body)
	if len(files) == 0 || !strings.HasPrefix(files[0], origin+strings.TrimSuffix(path, "programme.smil")+"files/") {
		t.Errorf("got %q, want files of %s", files, origin)
	}
}

// A screen takes its address along: one that is made under its name later does not open to whoever knew that.
func TestAScreensAddressForOtherPlayersGoesWithIt(t *testing.T) {
	ada := start(t).admin()
	ada.furnish()
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)
	path := ada.smil(childSMIL)
	const screen = "/api/v1/screens/" + string(playliststest.Paediatrics)
	was := ada.get(screen).want(http.StatusOK)
	ada.get(path).want(http.StatusOK)
	ada.do(http.MethodDelete, screen, nil, "If-Match", was.header.Get("ETag")).want(http.StatusNoContent)
	ada.get(path).want(http.StatusForbidden)
	ada.do(http.MethodPut, screen, was.body, "If-None-Match", "*").want(http.StatusOK)
	ada.get(path).want(http.StatusForbidden)
	ada.get(ada.smil(childSMIL)).want(http.StatusOK)
}

// smil makes an address, and gives its path; who asks afterwards sees that there is one, and not which.
func (p *person) smil(of string) string {
	p.t.Helper()
	var made api.SMILMade
	p.do(http.MethodPost, of, nil).want(http.StatusCreated).into(&made)
	_, path, _ := strings.Cut(made.URL, "/smil/")
	now := p.get(of).want(http.StatusOK)
	var address api.SMILAddress
	now.into(&address)
	if !address.There || address.By != "ada" || strings.Contains(now.body, strings.Split(path, "/")[0]) {
		p.t.Errorf("got %s of an address that was made", now.body)
	}
	return "/smil/" + path
}

func sources(t *testing.T, doc string) []string {
	t.Helper()
	var found []string
	for d := xml.NewDecoder(strings.NewReader(doc)); ; {
		token, err := d.Token()
		if err != nil {
			return found
		}
		if e, ok := token.(xml.StartElement); ok {
			for _, a := range e.Attr {
				if a.Name.Local == "src" {
					found = append(found, a.Value)
				}
			}
		}
	}
}

func TestWhoMakesAddressesForOtherPlayers(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	eve := h.staff("eve", access.Administrator, "paediatrics")
	eve.do(http.MethodPost, doorSMIL, nil).want(http.StatusForbidden)
	eve.do(http.MethodDelete, doorSMIL, nil).want(http.StatusForbidden)
	eve.do(http.MethodPost, childSMIL, nil).want(http.StatusCreated)
}
