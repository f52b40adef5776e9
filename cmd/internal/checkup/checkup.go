// Package checkup says what is wrong with an installation, in plain words, and what to do.
package checkup

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Level is how much a finding matters.
type Level string

// The levels.
const (
	Fine    Level = "fine"
	Warning Level = "warning" // it works, and somebody should look
	Fault   Level = "fault"   // something does not work
)

// Finding is one thing that was looked at.
type Finding struct {
	// About is what was looked at, in a word: "disk".
	About string `json:"about"`
	Level Level  `json:"level"`
	// Says is a sentence about how it is, Do what to do about it; empty where all is fine.
	Says string `json:"says"`
	Do   string `json:"do,omitempty"`
}

// Good is a finding that all is well.
func Good(about, format string, args ...any) Finding {
	return Finding{About: about, Level: Fine, Says: fmt.Sprintf(format, args...)}
}

// Odd is a finding that somebody should look at.
func Odd(about, do, format string, args ...any) Finding {
	return Finding{About: about, Level: Warning, Says: fmt.Sprintf(format, args...), Do: do}
}

// Bad is a finding of what does not work.
func Bad(about, do, format string, args ...any) Finding {
	return Finding{About: about, Level: Fault, Says: fmt.Sprintf(format, args...), Do: do}
}

// Healthy reports whether no finding is a fault.
func Healthy(found []Finding) bool {
	for _, f := range found {
		if f.Level == Fault {
			return false
		}
	}
	return true
}

// Write writes findings for people.
func Write(w io.Writer, found []Finding) error {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%-8s %-11s %s\n", mark(f.Level), f.About, f.Says)
		if f.Do != "" {
			fmt.Fprintf(&b, "%-20s -> %s\n", "", f.Do)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func mark(l Level) string {
	switch l {
	case Fine:
		return "ok"
	case Warning:
		return "look"
	case Fault:
		return "WRONG"
	}
	return string(l)
}

// WriteJSON writes findings for programs.
func WriteJSON(w io.Writer, found []Finding) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Healthy  bool      `json:"healthy"`
		Findings []Finding `json:"findings"`
	}{Healthy(found), found})
}
