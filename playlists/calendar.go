package playlists

import (
	"cmp"
	"fmt"
	"time"
)

// Date is a calendar day without a zone, "2026-12-24" in text. The zero value is no date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Clock is a time on the wall in minutes since midnight, "17:00" in text; 24:00 is 1440.
type Clock int

// ParseDate reads "2026-12-24".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%w: date %q is not like 2026-12-24", ErrInvalid, s)
	}
	return Date{t.Year(), t.Month(), t.Day()}, nil
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String writes "2026-12-24", and nothing for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// Compare orders dates; -1 is d before e.
func (d Date) Compare(e Date) int { return cmp.Compare(d.day(), e.day()) }

// AddDays is the date n days later.
func (d Date) AddDays(n int) Date { return dateOf(d.day() + int64(n)) }

// Weekday is d's day of the week.
func (d Date) Weekday() time.Weekday { return time.Weekday(weekdayOf(d.day())) }

// Monday is the first day of d's week (ISO 8601).
func (d Date) Monday() Date { return d.AddDays(-(int(d.Weekday()) + 6) % 7) }

const secondsPerDay = 24 * 60 * 60

// day numbers dates: 1970-01-01 is 0.
func (d Date) day() int64 {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay
}

// dateOf is the date of a day's number.
func dateOf(day int64) Date {
	t := time.Unix(day*secondsPerDay, 0).UTC()
	return Date{t.Year(), t.Month(), t.Day()}
}

// weekdayOf is the day of the week of a day's number; 0 is Sunday.
func weekdayOf(day int64) int {
	_, weekday := floorDiv(day+4, 7) // 1970 began on a Thursday
	return int(weekday)
}

func isLeap(year int) bool { return daysIn(year, time.February) == 29 }

func daysIn(year int, m time.Month) int {
	return time.Date(year, m+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// floorDiv divides towards the past: the remainder is never negative.
func floorDiv(a, b int64) (quotient, remainder int64) {
	quotient, remainder = a/b, a%b
	if remainder < 0 {
		return quotient - 1, remainder + b
	}
	return quotient, remainder
}

// MarshalText implements [encoding.TextMarshaler].
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]; empty text is no date.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(b))
	*d = parsed
	return err
}

// ParseClock reads "17:00"; "24:00" is the end of the day.
func ParseClock(s string) (Clock, error) {
	var h, m int
	if len(s) == 5 && s[2] == ':' && digits(s[:2]) && digits(s[3:]) {
		h, m = int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0')
		if c := h*60 + m; m < 60 && c <= 24*60 {
			return Clock(c), nil
		}
	}
	return 0, fmt.Errorf("%w: time %q is not like 17:00", ErrInvalid, s)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// String writes "17:00".
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// MarshalText implements [encoding.TextMarshaler].
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (c *Clock) UnmarshalText(b []byte) error {
	parsed, err := ParseClock(string(b))
	*c = parsed
	return err
}
