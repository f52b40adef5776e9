package closures_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anteroom/controller/closures"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/fuzztest"
)

func systemZones(name string) ([]byte, error) {
	if !filepath.IsLocal(name) {
		return nil, playlists.ErrInvalid
	}
	return os.ReadFile("/usr/share/zoneinfo/" + name)
}

func between(first, last string) closures.Span {
	from, _ := playlists.ParseDate(first)
	to, _ := playlists.ParseDate(last)
	return closures.Span{First: from, Last: to}
}

// calendar is a file of the lines given, each event's between a BEGIN and an END.
func calendar(lines ...string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCALENDAR\r\n"
}

func event(lines ...string) string {
	return "BEGIN:VEVENT\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT"
}

// said writes a calendar as lines: "2026-12-25 Christmas Day", and "line 3 timed Board" for what is left out.
func said(c closures.Calendar) string {
	var lines []string
	for _, d := range c.Days {
		lines = append(lines, strings.TrimSpace(d.Date.String()+" "+strings.Join(d.Names, ", ")))
	}
	for _, l := range c.Left {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("line %d %s %s", l.Line, l.Reason, l.Name)))
	}
	return strings.Join(lines, "\n")
}

func TestRead(t *testing.T) {
	tests := []struct {
		name string
		file string
		want string
	}{
		{"a day", calendar(event("DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261226", "SUMMARY:Christmas Day")), "2026-12-25 Christmas Day"},
		{"the end is not in it", calendar(event("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227", "SUMMARY:Days off")), "2026-12-24 Days off\n2026-12-25 Days off\n2026-12-26 Days off"},
		{"without an end", calendar(event("DTSTART:20261225")), "2026-12-25"},
		{"an end at its start", calendar(event("DTSTART:20261225", "DTEND:20261225")), "2026-12-25"},
		{"a duration", calendar(event("DTSTART:20261225", "DURATION:P2D")), "2026-12-25\n2026-12-26"},
		{"a duration of hours", calendar(event("DTSTART;TZID=Europe/Paris:20261225T000000", "DURATION:PT48H")), "2026-12-25\n2026-12-26"},
		{"two names, one of them twice", calendar(event("DTSTART:20261225", "SUMMARY:One"), event("DTSTART:20261225", "SUMMARY:Two"), event("DTSTART:20261225", "SUMMARY:One")), "2026-12-25 One, Two"},
		{"out of the span", calendar(event("DTSTART:20241225"), event("DTSTART:20291225")), ""},
		{"into the span", calendar(event("DTSTART:20251230", "DTEND:20260103")), "2026-01-01\n2026-01-02"},
		{"an escaped name over two lines", calendar(event("DTSTART:20261225", "SUMMARY:Day one\\, day", "  two\\nand more")), "2026-12-25 Day one, day two and more"},
		{"lines that end in LF, and empty ones", strings.ReplaceAll(calendar("", event("DTSTART:20261225", "", "SUMMARY:A")), "\r\n", "\n"), "2026-12-25 A"},
		{"small letters", strings.ToLower(calendar(event("DTSTART:20261225"))), "2026-12-25"},
		{"free time closes as well: calendars of holidays call their days free", calendar(event("DTSTART:20261225", "TRANSP:TRANSPARENT")), "2026-12-25"},
		{"cancelled", calendar(event("DTSTART:20261225", "STATUS:CANCELLED", "SUMMARY:A")), "line 3 cancelled A"},
		{"an hour", calendar(event("DTSTART:20261225T100000", "DTEND:20261225T110000", "SUMMARY:Board")), "line 3 timed Board"},
		{"a moment", calendar(event("DTSTART:20261225T000000")), "line 3 timed"},
		{"no start", calendar(event("SUMMARY:A")), "line 3 no_date A"},
		{"no such day", calendar(event("DTSTART:20260230")), "line 3 no_date"},
		{"two years", calendar(event("DTSTART:20260101", "DTEND:20280101")), "line 3 too_long"},
		{"a line that is none", calendar(event("DTSTART:20261225", "what is this")), "2026-12-25\nline 5 no_property"},
		{"a quoted parameter with a colon", calendar(event(`DTSTART;X="a:b;c";VALUE=DATE:20261225`)), "2026-12-25"},
		{"an alarm's and a zone's lines are not the event's", calendar("BEGIN:VTIMEZONE", "TZID:Europe/Paris", "BEGIN:STANDARD", "DTSTART:19701025T030000", "END:STANDARD", "END:VTIMEZONE",
			event("DTSTART:20261225", "SUMMARY:A", "BEGIN:VALARM", "SUMMARY:Alarm", "DTSTART:20260101", "END:VALARM")), "2026-12-25 A"},

		{"midnight to midnight on the wall", calendar(event("DTSTART;TZID=Eastern Standard Time:20261225T000000", "DTEND;TZID=Eastern Standard Time:20261227T000000")), "2026-12-25\n2026-12-26"},
		{"midnight to a minute before", calendar(event("DTSTART:20261225T000000", "DTEND:20261225T235900")), "2026-12-25"},
		{"midnight to midnight in UTC, by the calendar's zone", calendar("X-WR-TIMEZONE:America/New_York", event("DTSTART:20261225T050000Z", "DTEND:20261226T050000Z")), "2026-12-25"},
		{"in summer as well", calendar("X-WR-TIMEZONE:America/New_York", event("DTSTART:20260704T040000Z", "DTEND:20260705T040000Z")), "2026-07-04"},
		{"by a zone of Windows", calendar("X-WR-TIMEZONE:Eastern Standard Time", event("DTSTART:20261225T050000Z", "DTEND:20261226T050000Z")), "2026-12-25"},
		{"by the only zone that it describes", calendar("BEGIN:VTIMEZONE", "TZID:/example.org/20250101/America/New_York", "END:VTIMEZONE", event("DTSTART:20261225T050000Z", "DTEND:20261226T050000Z")), "2026-12-25"},
		{"in UTC, nobody says where", calendar(event("DTSTART:20261225T050000Z", "DTEND:20261226T050000Z", "SUMMARY:A")), "line 3 no_zone A"},
		{"an hour in UTC", calendar(event("DTSTART:20261225T050000Z", "DTEND:20261225T060000Z")), "line 3 timed"},
		{"in a zone nobody knows", calendar("X-WR-TIMEZONE:Customized", event("DTSTART:20261225T050000Z", "DTEND:20261226T050000Z")), "line 4 no_zone"},
		{"midnight in UTC means the day", calendar(event("DTSTART:20261225T000000Z", "DTEND:20261226T000000Z")), "2026-12-25"},

		{"each year", calendar(event("DTSTART:20001225", "RRULE:FREQ=YEARLY")), "2026-12-25\n2027-12-25"},
		{"each year by its own rule", calendar(event("DTSTART:20201126", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH")), "2026-11-26\n2027-11-25"},
		{"the last Monday of May", calendar(event("DTSTART:20200525", "RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO")), "2026-05-25\n2027-05-31"},
		{"29 February", calendar(event("DTSTART:20240229", "RRULE:FREQ=YEARLY")), ""},
		{"30 February is never", calendar(event("DTSTART:20260101", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")), ""},
		{"until, with it", calendar(event("DTSTART:20260105", "RRULE:FREQ=WEEKLY;UNTIL=20260119")), "2026-01-05\n2026-01-12\n2026-01-19"},
		{"until an instant, in New York", calendar(event("DTSTART;TZID=America/New_York:20260105T000000", "DURATION:P1D", "RRULE:FREQ=WEEKLY;UNTIL=20260112T050000Z")), "2026-01-05\n2026-01-12"},
		{"until an instant of a date", calendar(event("DTSTART:20260105", "RRULE:FREQ=WEEKLY;UNTIL=20260112T045959Z")), "2026-01-05\n2026-01-12"},
		{"three times, two days each", calendar(event("DTSTART:20260105", "DURATION:P2D", "RRULE:FREQ=WEEKLY;COUNT=2")), "2026-01-05\n2026-01-06\n2026-01-12\n2026-01-13"},
		{"not then", calendar(event("DTSTART:20260105", "RRULE:FREQ=DAILY;COUNT=4", "EXDATE;VALUE=DATE:20260106,20260107", "EXDATE:20260108T000000Z")), "2026-01-05"},
		{"and then", calendar(event("DTSTART:20260105", "RRULE:FREQ=DAILY;COUNT=1", "RDATE:20260301Z", "RDATE;VALUE=PERIOD:20260401T000000/P1D")), "2026-01-05\n2026-03-01\n2026-04-01"},
		{"one is moved", calendar(event("UID:a", "DTSTART:20260105", "RRULE:FREQ=WEEKLY;COUNT=3"), event("UID:a", "RECURRENCE-ID:20260112", "DTSTART:20260113")), "2026-01-05\n2026-01-13\n2026-01-19"},
		{"one is cancelled", calendar(event("UID:a", "DTSTART:20260105", "RRULE:FREQ=WEEKLY;COUNT=2"), event("UID:a", "RECURRENCE-ID:20260112", "DTSTART:20260112", "STATUS:CANCELLED")), "2026-01-05\nline 8 cancelled"},
		{"one became an hour", calendar(event("UID:a", "DTSTART:20260105", "RRULE:FREQ=WEEKLY;COUNT=2"), event("UID:a", "RECURRENCE-ID:20260112", "DTSTART:20260112T100000")), "2026-01-05\nline 8 timed"},
		{"one without the others", calendar(event("UID:a", "RECURRENCE-ID:20260112", "DTSTART:20260113")), "2026-01-13"},
		{"the later word counts", calendar(event("UID:a", "SEQUENCE:1", "DTSTART:20260106"), event("UID:a", "SEQUENCE:2", "DTSTART:20260107"), event("UID:a", "SEQUENCE:0", "DTSTART:20260108")), "2026-01-07"},
		{"this and all after it", calendar(event("UID:a", "DTSTART:20260105", "RRULE:FREQ=WEEKLY;COUNT=2"), event("UID:a", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260112", "DTSTART:20260113")), "2026-01-05\n2026-01-12\nline 8 not_followed"},
		{"each hour", calendar(event("DTSTART:20260105", "RRULE:FREQ=HOURLY")), "line 3 not_followed"},
		{"by weeks of the year", calendar(event("DTSTART:20260105", "RRULE:FREQ=YEARLY;BYWEEKNO=20")), "line 3 not_followed"},
		{"since the year 1, counted", calendar(event("DTSTART:00010101", "RRULE:FREQ=DAILY;COUNT=400000")), "line 3 not_followed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := closures.Read([]byte(tt.file), between("2026-01-01", "2027-12-31"), systemZones)
			if err != nil {
				t.Fatal(err)
			}
			if got := said(c); got != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"nothing", "", "line 1: the file is empty"},
		{"a page", "<!DOCTYPE html>\n<html>", `line 1: an iCalendar file begins with BEGIN:VCALENDAR, this one with "<!DOCTYPE html>"`},
		{"a picture", "\xff\xd8\xff\xe0\x00\x10JFIF", "line 1: an iCalendar file begins with"},
		{"cut off", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261225\n", "line 3: the file ends within the VEVENT that line 2 began: it"},
		{"wrongly ended", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDESCRIPTION:long\n and folded\nEND:VTODO\n", "line 5: END:VTODO, but line 2 began VEVENT"},
		{"a mail of cancellation", calendar("METHOD:CANCEL"), "line 3: this file takes events back"},
		{"as deep as no calendar", "BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:VEVENT\n", 8), "line 9: there are 9 parts within each other"},
		{"too many events", calendar(strings.Repeat(event()+"\n", 20_001)), "there are more than 20000 events"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := closures.Read([]byte(tt.file), between("2026-01-01", "2027-12-31"), systemZones)
			if !errors.Is(err, playlists.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestCharsets(t *testing.T) {
	file := calendar("X-WR-CALNAME:Fêtes", event("DTSTART:20261225", "SUMMARY:Noël"))
	utf16 := func(lead string, wide func(rune) string) string {
		var b strings.Builder
		b.WriteString(lead)
		for _, r := range file {
			b.WriteString(wide(r))
		}
		return b.String()
	}
	tests := []struct{ name, file, charset string }{
		{"UTF-8", file, ""},
		{"with a mark", "\xef\xbb\xbf" + file, ""},
		{"a letter cut in two by folding", strings.ReplaceAll(file, "ë", "\xc3\r\n \xab"), ""},
		{"Latin letters of one byte", strings.NewReplacer("ë", "\xeb", "ê", "\xea").Replace(file), "Windows-1252"},
		{"UTF-16, little end first", utf16("\xff\xfe", func(r rune) string { return string([]byte{byte(r), byte(r >> 8)}) }), "UTF-16"},
		{"UTF-16, big end first", utf16("\xfe\xff", func(r rune) string { return string([]byte{byte(r >> 8), byte(r)}) }), "UTF-16"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := closures.Read([]byte(tt.file), between("2026-01-01", "2026-12-31"), systemZones)
			if err != nil {
				t.Fatal(err)
			}
			if got := said(c); got != "2026-12-25 Noël" || c.Name != "Fêtes" || c.Charset != tt.charset {
				t.Errorf("got %s in %q, charset %q; want Noël in Fêtes, %q", got, c.Name, c.Charset, tt.charset)
			}
		})
	}
}

func TestMuchIsLeftOut(t *testing.T) {
	c, err := closures.Read([]byte(calendar(strings.Repeat(event()+"\r\n", 600))), between("2026-01-01", "2026-12-31"), systemZones)
	if err != nil || len(c.Left) != 500 || c.More != 100 {
		t.Errorf("got %d and %d more, %v; want 500 and 100", len(c.Left), c.More, err)
	}
}

func FuzzICalendar(f *testing.F) {
	target := fuzztest.New(f)
	for _, seed := range []string{
		calendar(event("UID:a", "DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261227", "SUMMARY:Christmas\\, both", " days", "STATUS:CONFIRMED", "TRANSP:OPAQUE")),
		calendar("X-WR-TIMEZONE:America/New_York", event("UID:b", "SEQUENCE:3", "DTSTART;TZID=Eastern Standard Time:20260105T000000", "DURATION:P1D",
			"RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU;WKST=SU;UNTIL=20270105T050000Z", "EXDATE;VALUE=DATE:20260119", "RDATE:20260301Z"),
			event("UID:b", "RECURRENCE-ID:20260202", "DTSTART:20260203T100000Z", "STATUS:CANCELLED")),
		calendar(event("DTSTART:20200525", "RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;BYSETPOS=1;COUNT=40"), event("DTSTART:20200101", "RRULE:FREQ=DAILY;COUNT=40;BYMONTHDAY=-1;BYMONTH=2")),
		calendar("BEGIN:VTIMEZONE", "TZID:/x/Europe/Paris", "END:VTIMEZONE", event(`DTSTART;X="a:b":20261225T230000Z`, "DTEND:20261226T230000Z", "RRULE:FREQ=MONTHLY;BYYEARDAY=-3")),
		"\xff\xfeB\x00E\x00G\x00I\x00N\x00:\x00V\x00C\x00A\x00L\x00E\x00N\x00D\x00A\x00R\x00\n\x00E\x00N\x00D\x00:\x00V\x00C\x00A\x00L\x00E\x00N\x00D\x00A\x00R\x00",
	} {
		target.Add([]byte(seed))
	}
	paris, err := systemZones("Europe/Paris")
	if err != nil {
		f.Fatal(err)
	}
	zones := func(name string) ([]byte, error) {
		if name != "Europe/Paris" && name != "America/New_York" {
			return nil, playlists.ErrInvalid
		}
		return paris, nil
	}
	span := between("2026-01-01", "2028-12-31")
	target.Fuzz(func(t *testing.T, b []byte) {
		c, err := closures.Read(b, span, zones)
		if err != nil {
			if !errors.Is(err, playlists.ErrInvalid) {
				t.Errorf("refused with %v", err)
			}
			return
		}
		for i, d := range c.Days {
			if d.Date.Compare(span.First) < 0 || d.Date.Compare(span.Last) > 0 || i > 0 && c.Days[i-1].Date.Compare(d.Date) >= 0 {
				t.Errorf("%v stands at %d", d, i)
			}
		}
	})
}
