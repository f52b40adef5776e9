package playlists

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Contact is whom a department's troubles are told, by mail or by a webhook: one of the two.
type Contact struct {
	// Email is an address, "facilities@lakeside.example".
	Email string `json:"email,omitempty"`
	// Webhook is an address that takes a POST, "https://desk.lakeside.example/anteroom".
	Webhook string `json:"webhook,omitempty"`
	// Language of the messages; English where there is no other.
	Language Language `json:"language,omitempty"`
}

// Bounds of contacts.
const (
	maxContacts = 20
	maxAddress  = 254
	maxWebhook  = 2048
)

func checkContacts(f *faults, contacts []Contact) {
	f.check(len(contacts) <= maxContacts, "contacts", "%d contacts are too many; make it %d at most, one of them a list of yours", len(contacts), maxContacts)
	for i, c := range contacts {
		at := fmt.Sprintf("contacts[%d]", i)
		f.check((c.Email == "") != (c.Webhook == ""), at, "give either an e-mail address or a webhook")
		f.check(c.Email == "" || plausibleMail(c.Email), at+".email", "%q is no e-mail address; write it like facilities@lakeside.example", c.Email)
		f.check(c.Webhook == "" || plausibleHook(c.Webhook), at+".webhook", "%q is no address for a webhook; write it like https://desk.lakeside.example/anteroom", c.Webhook)
		if c.Language != "" {
			f.language(at+".language", c.Language)
		}
	}
	distinct(f, "contacts", len(contacts), func(i int) string { return contacts[i].Email + contacts[i].Webhook })
}

func plausibleMail(address string) bool {
	name, domain, ok := strings.Cut(address, "@")
	return ok && name != "" && len(address) <= maxAddress && plain(address) && plausibleHost(domain) && !strings.ContainsAny(name, `@<>()[]\,;:"`)
}

func plausibleHook(address string) bool {
	rest, ok := strings.CutPrefix(address, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(address, "http://")
	}
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, ":")
	return ok && len(address) <= maxWebhook && plain(address) && !strings.ContainsAny(address, "@#\\") && plausibleHost(host)
}

func plausibleHost(host string) bool {
	for part := range strings.SplitSeq(host, ".") {
		if !isWord(part, "0123456789-") {
			return false
		}
	}
	return true
}

// plain: printable ASCII without spaces, so that nothing in it ends a line of a message.
func plain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > unicode.MaxASCII || r == 0x7f })
}

// OpenSince is since when a department has been open at an instant, and false if it is closed. On closed
// dates it is; without opening hours it never is, and has been open since the zero time.
func (d Department) OpenSince(z *Zone, closed func(Date) bool, t time.Time) (time.Time, bool) {
	day, clock, _ := z.Local(t)
	if len(d.Hours) == 0 {
		return time.Time{}, !closed(day)
	}
	from, open := d.openAt(closed, day, clock)
	if !open {
		return time.Time{}, false
	}
	for n := 0; from == 0 && n < 7; n++ { // through midnight
		before, open := d.openAt(closed, day.AddDays(-1), 24*60-1)
		if !open {
			break
		}
		day, from = day.AddDays(-1), before
	}
	return z.Instant(day, from), true
}

// openAt is since when it has been open on a day, by the clock on the wall.
func (d Department) openAt(closed func(Date) bool, day Date, clock Clock) (from Clock, open bool) {
	if closed(day) {
		return 0, false
	}
	for _, h := range d.Hours {
		on := false
		for _, w := range h.Days {
			on = on || time.Weekday(w) == day.Weekday()
		}
		if on && h.From <= clock && clock < h.To && (!open || h.From < from) {
			from, open = h.From, true
		}
	}
	return from, open
}
