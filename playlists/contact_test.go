package playlists_test

import (
	"strings"
	"testing"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

func TestContacts(t *testing.T) {
	for _, c := range []struct {
		name    string
		contact playlists.Contact
		want    string
	}{
		{"mail", playlists.Contact{Email: "front.desk+tv@lakeside-hospital.example", Language: "es"}, ""},
		{"a webhook inside the house", playlists.Contact{Webhook: "http://10.1.2.3:8080/anteroom?room=1"}, ""},
		{"neither", playlists.Contact{}, "contacts[0]: give either"},
		{"both", playlists.Contact{Email: "a@b.example", Webhook: "https://b.example"}, "contacts[0]: give either"},
		{"no domain", playlists.Contact{Email: "front.desk"}, "contacts[0].email: "},
		{"another header", playlists.Contact{Email: "a@b.example\nBcc: all@b.example"}, "contacts[0].email: "},
		{"two addresses", playlists.Contact{Email: "a@b.example,c@b.example"}, "contacts[0].email: "},
		{"a file", playlists.Contact{Webhook: "file:///etc/passwd"}, "contacts[0].webhook: "},
		{"a name and a password", playlists.Contact{Webhook: "https://me:secret@b.example/"}, "contacts[0].webhook: "},
		{"no host", playlists.Contact{Webhook: "https:///path"}, "contacts[0].webhook: "},
		{"a language of nobody's", playlists.Contact{Email: "a@b.example", Language: "e"}, "contacts[0].language: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := playliststest.Hospital().Departments["cardiology"]
			d.Contacts = []playlists.Contact{c.contact}
			err := d.Validate()
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// The department is open on weekdays from 8 to 18, and from Friday 20:00 through the weekend's first night.
func TestOpenSince(t *testing.T) {
	tzif, err := playliststest.Zones("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	zone, err := playlists.ParseZone("America/New_York", tzif)
	if err != nil {
		t.Fatal(err)
	}
	d := playlists.Department{Hours: []playlists.Hours{
		{Days: []int{1, 2, 3, 4, 5}, From: 8 * 60, To: 18 * 60}, {Days: []int{5}, From: 20 * 60, To: 24 * 60}, {Days: []int{6}, From: 0, To: 2 * 60},
	}}
	holiday := func(day playlists.Date) bool { return day.String() == "2026-11-26" }
	for _, c := range []struct{ at, want string }{
		{"2026-11-23 07:59", "closed"},
		{"2026-11-23 08:00", "2026-11-23 08:00"},
		{"2026-11-23 17:59", "2026-11-23 08:00"},
		{"2026-11-23 18:00", "closed"},
		{"2026-11-26 10:00", "closed"},
		{"2026-11-27 19:00", "closed"},
		{"2026-11-27 23:00", "2026-11-27 20:00"},
		{"2026-11-28 01:59", "2026-11-27 20:00"},
		{"2026-11-28 02:00", "closed"},
	} {
		at, err := time.Parse("2006-01-02 15:04", c.at)
		if err != nil {
			t.Fatal(err)
		}
		got := "closed"
		if since, open := d.OpenSince(zone, holiday, at.Add(5*time.Hour)); open {
			got = since.Add(-5 * time.Hour).Format("2006-01-02 15:04")
		}
		if got != c.want {
			t.Errorf("at %s it is open since %s, want %s", c.at, got, c.want)
		}
	}
	always := playlists.Department{}
	if since, open := always.OpenSince(zone, holiday, time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC)); !open || !since.IsZero() {
		t.Errorf("without hours it is open %v since %v", open, since)
	}
}
