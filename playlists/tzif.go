package playlists

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
)

const (
	// maxTZif is the largest zone file that is read; the largest real one has 4 KB.
	maxTZif = 64 << 10
	// tzifHeader is a header's length: magic, version, 15 unused bytes and six counts.
	tzifHeader = 44
)

// ParseZone reads a zone's TZif file (RFC 8536): version 2 or later, with the rule for the future in its
// footer. Files that count leap seconds ("right/...") are refused.
func ParseZone(name string, tzif []byte) (*Zone, error) {
	if name == "" || len(tzif) > maxTZif {
		return nil, fmt.Errorf("%w: zone %q: it needs a name and at most %d bytes", ErrInvalid, name, maxTZif)
	}
	changes, footer, err := readTZif(tzif)
	if err != nil {
		return nil, fmt.Errorf("%w: zone %s: %w; take it from a current time zone database", ErrInvalid, name, err)
	}
	if footer != "" {
		rule, err := parsePosixRule(footer)
		if err != nil {
			return nil, fmt.Errorf("%w: zone %s: %w", ErrInvalid, name, err)
		}
		changes = rule.extend(changes)
	}
	return newZone(name, changes)
}

// readTZif gives the changes of the file's 64-bit block, and the footer's text.
func readTZif(b []byte) ([]zoneSpan, string, error) {
	first, err := readTZifHeader(b)
	if err != nil {
		return nil, "", err
	}
	if first.version < '2' {
		return nil, "", fmt.Errorf("the file is of version 1, without 64-bit times")
	}
	rest, err := cut(b, tzifHeader+first.blockLen(4))
	if err != nil {
		return nil, "", err
	}
	second, err := readTZifHeader(rest)
	if err != nil {
		return nil, "", err
	}
	footer, err := cut(rest, tzifHeader+second.blockLen(8))
	if err != nil {
		return nil, "", err
	}
	changes, err := second.changes(rest[tzifHeader:])
	if err != nil {
		return nil, "", err
	}
	text, err := footerText(footer)
	return changes, text, err
}

func footerText(b []byte) (string, error) {
	if len(b) < 2 || b[0] != '\n' || b[len(b)-1] != '\n' || bytes.IndexByte(b[1:], '\n') != len(b)-2 {
		return "", fmt.Errorf("the footer is not a line of its own")
	}
	return string(b[1 : len(b)-1]), nil
}

// tzifCounts is a header, with its counts in the file's order.
type tzifCounts struct {
	version                                       byte
	isUT, isStd, leaps, times, types, designation int
}

func readTZifHeader(b []byte) (tzifCounts, error) {
	if len(b) < tzifHeader || string(b[:4]) != "TZif" {
		return tzifCounts{}, fmt.Errorf("this is not a TZif file")
	}
	var counts [6]int
	for i := range counts {
		n := binary.BigEndian.Uint32(b[20+4*i:])
		if n > maxTZif {
			return tzifCounts{}, fmt.Errorf("a count in the header is out of bounds")
		}
		counts[i] = int(n)
	}
	return tzifCounts{b[4], counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]}, nil
}

// blockLen is the length of the data block that follows, with times of so many bytes each.
func (h tzifCounts) blockLen(timeSize int) int {
	return h.times*(timeSize+1) + h.types*6 + h.designation + h.leaps*(timeSize+4) + h.isStd + h.isUT
}

// changes reads a block with 64-bit times, whose length has been checked.
func (h tzifCounts) changes(b []byte) ([]zoneSpan, error) {
	if h.leaps > 0 {
		return nil, fmt.Errorf("the file counts leap seconds")
	}
	if h.types == 0 {
		return nil, fmt.Errorf("the file has no local time")
	}
	indices, types := b[8*h.times:], b[9*h.times:]
	offset := func(i int) int64 { return int64(int32(binary.BigEndian.Uint32(types[6*i:]))) }
	for i := range h.types {
		if o := offset(i); o <= -farAway || o >= farAway {
			return nil, fmt.Errorf("an offset is %d seconds", o)
		}
	}
	changes := []zoneSpan{{math.MinInt64, offset(0)}}
	for i := range h.times {
		at, kind := int64(binary.BigEndian.Uint64(b[8*i:])), int(indices[i])
		if kind >= h.types {
			return nil, fmt.Errorf("change %d names local time %d of %d", i, kind, h.types)
		}
		changes = append(changes, zoneSpan{at, offset(kind)})
	}
	return changes, nil
}

func cut(b []byte, n int) ([]byte, error) {
	if n > len(b) {
		return nil, fmt.Errorf("the file is cut short")
	}
	return b[n:], nil
}
