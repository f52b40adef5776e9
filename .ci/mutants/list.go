package main

import (
	"errors"
	"fmt"
	"strings"
)

// mutant is a fault that somebody might make.
type mutant struct {
	// number is its place in the list, from 1 on, line where its block begins there.
	number, line int

	name string
	file string
	// pkg is the package of the test that must fail.
	pkg, test string
	// was and is are whole lines.
	was, is string
}

// function is the test's function, without what it runs inside.
func (m *mutant) function() string {
	name, _, _ := strings.Cut(m.test, "/")
	return name
}

// apply gives the file with the fault in it, and where that is; an error says that the list is stale.
func (m *mutant) apply(source string) (broken string, place int, err error) {
	var at []int
	for from := 0; from < len(source); from += strings.IndexByte(source[from:]+"\n", '\n') + 1 {
		if strings.HasPrefix(source[from:], m.was) {
			at = append(at, from)
		}
	}
	if len(at) != 1 {
		return "", 0, fmt.Errorf("%q: what is to be broken is %d times in %s, not once:\n%s", m.name, len(at), m.file, m.was)
	}
	return source[:at[0]] + m.is + source[at[0]+len(m.was):], at[0], nil
}

// parse reads the list. Its blocks are parted by empty lines; lines that begin with # are for people. A block
// says what is wrong, in which file, and which test of which package finds out; then come lines as in a
// difference: those that go after a minus, those that come after a plus, others, to find the place, after a
// space.
func parse(text string) ([]*mutant, error) {
	var all []*mutant
	line := 1
	for block := range strings.SplitSeq(text, "\n\n") {
		begins := line
		line += strings.Count(block, "\n") + 2
		lines := lines(block)
		if len(lines) == 0 {
			continue
		}
		m, err := parseOne(lines)
		if err != nil {
			return nil, fmt.Errorf("mutant %q: %w", lines[0], err)
		}
		m.number, m.line = len(all)+1, begins
		all = append(all, m)
	}
	return all, nil
}

func lines(block string) (kept []string) {
	for line := range strings.SplitSeq(block, "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			kept = append(kept, line)
		}
	}
	return kept
}

func parseOne(lines []string) (*mutant, error) {
	if len(lines) < 4 {
		return nil, errors.New("it needs a name, a file, a test, and lines that change")
	}
	m := &mutant{name: lines[0], file: lines[1]}
	var ok bool
	if m.pkg, m.test, ok = strings.Cut(lines[2], " "); !ok || !strings.HasPrefix(m.test, "Test") {
		return nil, fmt.Errorf("%q names no package and test", lines[2])
	}
	for _, line := range lines[3:] {
		text := line[1:] + "\n"
		switch line[0] {
		case '-':
			m.was += text
		case '+':
			m.is += text
		case ' ':
			m.was, m.is = m.was+text, m.is+text
		default:
			return nil, fmt.Errorf("%q begins with neither minus nor plus nor space", line)
		}
	}
	if m.was == "" || m.was == m.is {
		return nil, errors.New("it changes nothing")
	}
	return m, nil
}
