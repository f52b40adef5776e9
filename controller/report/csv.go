package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"anteroom/controller/store"
)

// Names gives what people call the things in a key, "Know your numbers"; empty where nothing is known.
type Names func(d Dimension, id string) string

// CSVOptions choose the form of a CSV.
type CSVOptions struct {
	// BOM begins the file with a byte order mark, by which Excel knows UTF-8.
	BOM bool
	// Names may be nil.
	Names Names
}

const bom = "\ufeff"

// CSV writes a report as RFC 4180 has it: a header, CRLF, one table. Items come first, takeovers after
// them, told apart in the first column. Texts that a spreadsheet would take for a formula begin with
// an apostrophe. Every line repeats what is said of the whole report: how many plays are lost, how many of
// those counted are condensed, the methodology, and until when it is complete, or which months cannot be read,
// so that a line copied elsewhere still says what it is.
func CSV(w io.Writer, rep *Report, o CSVOptions) error {
	if o.BOM {
		if _, err := io.WriteString(w, bom); err != nil {
			return fmt.Errorf("writing the report: %w", err)
		}
	}
	if o.Names == nil {
		o.Names = func(Dimension, string) string { return "" }
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	t := table{out: out, by: rep.Query.By, names: o.Names, whole: []string{
		strconv.FormatInt(rep.Lost, 10), strconv.FormatInt(rep.Condensed, 10), until(rep), MethodologyVersion,
	}}
	t.header()
	for _, r := range rep.Rows {
		t.row("item", r)
	}
	for _, r := range rep.Takeovers {
		t.row("takeover", r)
	}
	if len(rep.Rows)+len(rep.Takeovers) == 0 && (rep.Holed() || rep.Lost > 0) {
		t.row("none", Row{}) // or else the file would say that nothing was shown
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// table writes lines; the csv.Writer remembers the first error.
type table struct {
	out   *csv.Writer
	by    []Dimension
	names Names
	whole []string // of the whole report, in every line
}

func (t table) header() {
	line := []string{"of"}
	for _, d := range t.dimensions() {
		line = append(line, string(d))
		if d != ByDay {
			line = append(line, string(d)+"_name")
		}
	}
	line = append(line, "plays", "complete_plays", "truncated", "preempted", "interrupted", "failed", "seconds", "lost_in_report", "condensed_in_report", "complete_until", "methodology")
	_ = t.out.Write(line)
}

func (t table) row(of string, r Row) {
	line := []string{of}
	for _, d := range t.dimensions() {
		id := r.text(d)
		line = append(line, Guard(id))
		if d != ByDay {
			line = append(line, Guard(t.names(d, id)))
		}
	}
	for _, n := range []int64{r.Plays, r.Complete, r.Truncated, r.Preempted, r.Interrupted, r.Failed} {
		line = append(line, strconv.FormatInt(n, 10))
	}
	_ = t.out.Write(append(append(line, seconds(r.Millis)), t.whole...))
}

// dimensions gives the query's dimensions in their fixed order, each once.
func (t table) dimensions() []Dimension {
	var kept []Dimension
	for _, d := range Dimensions() {
		if len(t.by) > 0 && among(t.by, d) {
			kept = append(kept, d)
		}
	}
	return kept
}

func (k Key) text(d Dimension) string {
	switch d {
	case ByDepartment:
		return string(k.Department)
	case ByScreen:
		return string(k.Screen)
	case ByItem:
		return string(k.Item) + string(k.Takeover)
	case ByDay:
		if k.Day.IsZero() {
			return ""
		}
		return k.Day.String()
	}
	return ""
}

// Guard keeps a spreadsheet from running text as a formula (OWASP, CSV injection).
func Guard(s string) string {
	if strings.ContainsAny(firstRune(s), "=+-@\t\r\n|%＝＋－＠") {
		return "'" + s
	}
	return s
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// seconds writes milliseconds as seconds with three decimals.
func seconds(millis int64) string {
	sign := ""
	if millis < 0 {
		sign, millis = "-", -millis
	}
	return fmt.Sprintf("%s%d.%03d", sign, millis/1000, millis%1000)
}

// until says up to when a report is complete; a report with a damaged or a forgotten month never is.
func until(rep *Report) string {
	var missing []string
	if rep.Forgotten != "" {
		missing = append(missing, (&store.ForgottenError{Through: rep.Forgotten}).Error())
	}
	if len(rep.Unreadable) > 0 {
		missing = append(missing, "plays that came in during "+strings.Join(store.Months(rep.Unreadable), " and ")+" cannot be read")
	}
	switch {
	case len(missing) > 0:
		return "incomplete: " + strings.Join(missing, "; ")
	case rep.Completeness.Until.IsZero():
		return "unknown"
	}
	return rep.Completeness.Until.UTC().Format(time.RFC3339)
}
