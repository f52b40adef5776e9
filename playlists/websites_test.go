package playlists_test

import (
	"errors"
	"testing"

	"anteroom/playlists"
)

func TestWebsitesAreOrigins(t *testing.T) {
	for website, good := range map[string]bool{
		"https://www.lakeside.example": true, "http://127.0.0.1:8080": true, "https://[2001:db8::1]": true, "https://LAKESIDE.example": true,
		"": false, "*": false, "lakeside.example": false, "https://": false, "https://lakeside.example/": false, "https://lakeside.example/news": false,
		"https://*.lakeside.example": false, "https://a b.example": false, "https://x.example;script-src *": false, "https://x.example *": false,
		"https://x.example:": false, "https://x.example:99999": false, "https://x.example:0": false, "https://[::1": false, "https://::1": false, "https://[]": false, "https://[::1]:8443": true,
		"ftp://lakeside.example": false, "https://ada@lakeside.example": false, "https://x.example?": false, "https://x.example#": false, "data:text": false, "https://x.example,https://y.example": false,
	} {
		o := playlists.Organisation{Name: "Lakeside", Brand: playlists.Brand{Name: "Lakeside", Background: "#000000", Ink: "#ffffff", Accent: "#ffffff"}, Websites: []string{website}}
		if err := o.Validate(); (err == nil) != good || err != nil && !errors.Is(err, playlists.ErrInvalid) {
			t.Errorf("%q: %v", website, err)
		}
		o.Websites = append(o.Websites, website)
		if err := o.Validate(); !errors.Is(err, playlists.ErrInvalid) {
			t.Errorf("%q twice: %v", website, err)
		}
	}
}
