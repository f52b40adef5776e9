package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// point is what a number of screens costs.
type point struct{ screens, cost float64 }

// measured is what was measured, by unit, ascending by screens.
type measured map[string][]point

// read takes the figures out of what benchmarks print. What was measured again counts once, as it was last.
func read(in io.Reader) (measured, error) {
	m, named := measured{}, regexp.MustCompile(`^Benchmark\S*/screens=(\d+)(?:-\d+)?\s+\d+\s+(.*)$`)
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		found := named.FindStringSubmatch(lines.Text())
		if found == nil {
			continue
		}
		screens, err := strconv.ParseFloat(found[1], 64)
		if err != nil {
			return nil, err
		}
		if err := m.add(screens, strings.Fields(found[2])); err != nil {
			return nil, fmt.Errorf("%s: %w", lines.Text(), err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(m) == 0 {
		return nil, errors.New("there is no benchmark of a number of screens in what was read")
	}
	return m, nil
}

// add takes pairs of a figure and its unit.
func (m measured) add(screens float64, pairs []string) error {
	for pair := range slices.Chunk(pairs, 2) {
		if len(pair) != 2 {
			return fmt.Errorf("%q has no unit", pair[0])
		}
		cost, err := strconv.ParseFloat(pair[0], 64)
		if err != nil {
			return err
		}
		same := func(p point) bool { return p.screens == screens }
		all := append(slices.DeleteFunc(m[pair[1]], same), point{screens, cost})
		slices.SortFunc(all, func(a, b point) int { return cmp.Compare(a.screens, b.screens) })
		m[pair[1]] = all
	}
	return nil
}

// screens is the largest number of screens.
func (m measured) screens() float64 {
	most := 1.0
	for _, points := range m {
		most = max(most, points[len(points)-1].screens)
	}
	return most
}
