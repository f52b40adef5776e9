package main

import (
	"fmt"
	"math"
	"strings"
)

// panel is one small picture.
type panel struct {
	title string
	lines []line
	// unit is what the figures are in, of a scale of names such as those of bytes.
	unit scale
}

// line is the figures of a unit of the benchmark; a name only where a panel has several.
type line struct{ unit, name string }

// scale names powers of a thousand of a unit.
type scale struct {
	names []string
	first int // the power of the first name
}

func seconds() scale { return scale{[]string{"ns", "µs", "ms", "s"}, -3} }
func octets() scale  { return scale{[]string{"B", "kB", "MB", "GB", "TB"}, 0} }

// panels are what is drawn, in reading order.
func panels() []panel {
	return []panel{
		{"Publishing a change to all of them", []line{{unit: "s/publication"}}, seconds()},
		{"Its heads and bodies", []line{{"head-B", "heads"}, {"body-B", "bodies"}}, octets()},
		{"Plays of a year, on the disk", []line{{unit: "play-B/year"}}, octets()},
		{"Resident memory, all of them linked", []line{{unit: "resident-B"}}, octets()},
		{"Processor time an hour, all of them linked", []line{{unit: "cpu-s/hour"}}, seconds()},
		{"Processor time a heartbeat", []line{{unit: "cpu-s/heartbeat"}}, seconds()},
	}
}

// say writes a figure with two digits or as many as it has before the point, as 12 ms or 3.4 GB.
func (s scale) say(v float64) string {
	power := math.Floor(math.Log10(v)/3 + 1e-9)
	power = min(max(power, float64(s.first)), float64(s.first+len(s.names)-1))
	v /= math.Pow(1000, power)
	digits := max(0, 1-int(math.Floor(math.Log10(v)+1e-9)))
	return strings.TrimSuffix(fmt.Sprintf("%.*f", digits, v), ".0") + " " + s.names[int(power)-s.first]
}
