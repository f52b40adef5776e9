package fuzztest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// campaign makes inputs of a corpus.
type campaign struct {
	random *rand.Rand
	corpus [][]any
	worst  cost
}

func newCampaign(seeds [][]any, dir string, seed uint64) (*campaign, error) {
	c := &campaign{corpus: seeds, random: rand.New(rand.NewPCG(seed, 1))}
	if dir == "" {
		return c, nil
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range names {
		var kept []any
		if kept, err = read(name); err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		if sameTypes(kept, seeds[0]) {
			c.corpus = append(c.corpus, kept)
		}
	}
	return c, err
}

func sameTypes(a, b []any) bool {
	return slices.EqualFunc(a, b, func(a, b any) bool { return reflect.TypeOf(a) == reflect.TypeOf(b) })
}

// read reads an input that the fuzzer of package testing kept: a line for each argument, type(literal).
func read(name string) ([]any, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	input := make([]any, 0, len(lines))
	for _, line := range lines[1:] {
		of, literal, _ := strings.Cut(strings.TrimSuffix(line, ")"), "(")
		switch of {
		case "[]byte", "string":
			text, err := strconv.Unquote(literal)
			if err != nil {
				return nil, err
			}
			input = append(input, text)
			if of == "[]byte" {
				input[len(input)-1] = []byte(text)
			}
		case "uint64":
			n, err := strconv.ParseUint(literal, 0, 64)
			if err != nil {
				return nil, err
			}
			input = append(input, n)
		default:
			return nil, fmt.Errorf("no campaign has inputs of %s", of)
		}
	}
	return input, nil
}

// tellEvery is how many inputs pass between two words.
const tellEvery = 1_000_000

// run gives decode all of the corpus, and then what is made of it, until so many inputs were given or the test's
// time is almost over.
func (c *campaign) run(t *testing.T, decode reflect.Value, inputs int) {
	began, m, given := time.Now(), newMeter(), 0
	end, limited := t.Deadline()
	args := append([]reflect.Value{reflect.ValueOf(t)}, make([]reflect.Value, len(c.corpus[0]))...)
	for ; given < inputs; given++ {
		input := c.corpus[min(given, len(c.corpus)-1)]
		if given >= len(c.corpus) {
			input = c.next()
		}
		for i := range input {
			args[i+1] = reflect.ValueOf(input[i])
		}
		c.one(t, m, input, func() { decode.Call(args) })
		if given%tellEvery == tellEvery-1 {
			t.Logf("%d inputs so far", given+1)
		}
		if limited && given%16 == 0 && time.Until(end) < 3*time.Second {
			break
		}
	}
	took := time.Since(began)
	t.Logf("%d inputs of a corpus of %d in %v, %.0f a second; the most that one took: %v",
		given, len(c.corpus), took.Round(time.Second), float64(given)/took.Seconds(), c.worst)
}

// one gives decode an input, and tells it if that ends badly.
func (c *campaign) one(t *testing.T, m *meter, input []any, decode func()) {
	well := false
	defer func() {
		if !well || t.Failed() {
			t.Logf("the input: %#v", input)
		}
	}()
	spent := m.hold(t, decode, c.worst)
	c.worst.time, c.worst.memory = max(c.worst.time, spent.time), max(c.worst.memory, spent.memory)
	well = true
	if t.Failed() {
		t.FailNow()
	}
}

// next changes one of the corpus at one to four places.
func (c *campaign) next() []any {
	input := slices.Clone(c.corpus[c.random.IntN(len(c.corpus))])
	i := c.random.IntN(len(input))
	for range 1 + c.random.IntN(4) {
		switch v := input[i].(type) {
		case []byte:
			b := c.change(slices.Clone(v), c.other(i))
			input[i] = b[:min(len(b), longest)]
		case string:
			b := c.change([]byte(v), c.other(i))
			input[i] = string(b[:min(len(b), longest)])
		case uint64:
			input[i] = c.random.Uint64() >> c.random.IntN(64)
		}
		if c.random.IntN(4) == 0 {
			i = c.random.IntN(len(input))
		}
	}
	return input
}

// other is the same argument of another input.
func (c *campaign) other(i int) []byte {
	switch v := c.corpus[c.random.IntN(len(c.corpus))][i].(type) {
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	return nil
}

// longest is how many bytes of an argument there are at most.
const longest = 1 << 16

// change changes b, which is its own, at one place; other gives it a piece.
func (c *campaign) change(b, other []byte) []byte {
	r := c.random
	if len(b) == 0 {
		return c.noise()
	}
	from := r.IntN(len(b) + 1)
	to := from + r.IntN(min(len(b)-from, 1<<r.IntN(10))+1)
	switch at := min(from, len(b)-1); r.IntN(8) {
	case 0:
		b[at] ^= 1 << r.IntN(8)
	case 1:
		b[at] = byte(r.Uint32())
	case 2:
		return slices.Delete(b, from, to)
	case 3:
		return slices.Insert(b, from, b[from:to]...)
	case 4:
		return slices.Insert(b, from, c.noise()...)
	case 5:
		return slices.Replace(b, from, to, c.notable()...)
	case 6:
		return b[:from]
	case 7:
		if len(other) > 0 {
			start := r.IntN(len(other))
			end := start + 1 + r.IntN(min(len(other)-start, 1<<r.IntN(10)))
			return slices.Replace(b, from, to, other[start:end]...)
		}
	}
	return b
}

func (c *campaign) noise() []byte {
	b := make([]byte, 1+c.random.IntN(8))
	for i := range b {
		b[i] = byte(c.random.Uint32())
	}
	return b
}

// notable are pieces at whose like decoders stumble.
func (c *campaign) notable() []byte {
	all := []string{
		"0", "-1", "1e999", "9223372036854775807", "18446744073709551616", "null", "{}", "[]", `""`, `"\u0000"`, "[[[[", "\"", "\\", ",", " ", "*", "/", "-",
		"\x00", "\xff", "\xff\xff\xff\xff", "\x7f\xff\xff\xff", "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", "\x00\x00\x00\x00", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z",
	}
	return []byte(all[c.random.IntN(len(all))])
}
