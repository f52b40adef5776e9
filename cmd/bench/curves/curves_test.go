package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const printed = `goos: linux
BenchmarkCosts/screens=10-2   1   5 ns/op   0.02 s/publication   3050 head-B
BenchmarkCosts/screens=1-2    1   5 ns/op   0.01 s/publication   305 head-B
--- BENCH: BenchmarkCosts/screens=1-2
BenchmarkCosts/screens=10     1   6 ns/op   0.04 s/publication   3050 head-B
BenchmarkAt/anywhere-2        1   132 ns/op
`

func TestRead(t *testing.T) {
	got, err := read(strings.NewReader(printed))
	if err != nil {
		t.Fatal(err)
	}
	want := measured{
		"ns/op": {{1, 5}, {10, 6}}, "s/publication": {{1, 0.01}, {10, 0.04}}, "head-B": {{1, 305}, {10, 3050}},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(point{})); d != "" {
		t.Errorf("the last figure of a number of screens counts, ascending: %s", d)
	}
	for what, text := range map[string]string{
		"nothing": "PASS\n", "a figure without a unit": "BenchmarkCosts/screens=1 1 5 ns/op 7\n", "no figure": "BenchmarkCosts/screens=1 1 x ns/op\n",
	} {
		if _, err := read(strings.NewReader(text)); err == nil {
			t.Errorf("%s is read without an error", what)
		}
	}
}

func TestSay(t *testing.T) {
	for want, say := range map[string]string{
		"12 ms": seconds().say(0.012), "1.1 s": seconds().say(1.12), "100 µs": seconds().say(0.0001), "290 s": seconds().say(290), "1000 s": seconds().say(1000),
		"1 kB": octets().say(1000), "305 B": octets().say(305), "3.1 MB": octets().say(3_060_000), "24 GB": octets().say(23.7e9),
	} {
		if say != want {
			t.Errorf("it says %s, want %s", say, want)
		}
	}
}

func TestDraw(t *testing.T) {
	path, passed := filepath.Join(t.TempDir(), "costs.svg"), new(bytes.Buffer)
	if err := curves(strings.NewReader(printed), passed, path); err != nil {
		t.Fatal(err)
	}
	if passed.String() != printed {
		t.Error("what is read is not passed on")
	}
	picture, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("it is no XML: %v", err)
		}
	}
	for _, want := range []string{"Publishing a change to all of them", "10 ms", "40 ms", "heads 305 B", ">3 kB<", "prefers-color-scheme: dark"} {
		if !strings.Contains(string(picture), want) {
			t.Errorf("%q is not in the picture", want)
		}
	}
	if strings.Contains(string(picture), "Plays of a year") {
		t.Error("there is a panel of what was not measured")
	}
	if _, err := draw(measured{"ns/op": {{1, 5}}}, panels()); err == nil {
		t.Error("a picture of nothing is drawn")
	}
}
