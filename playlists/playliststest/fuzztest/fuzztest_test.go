package fuzztest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"
)

func TestWhatIsOverABound(t *testing.T) {
	var kept []byte
	spin := func(d time.Duration) func() {
		return func() {
			for end := processor() + d; processor() < end; {
			}
		}
	}
	tests := []struct {
		name   string
		decode func()
		over   bool
	}{
		{"nothing", func() {}, false},
		{"150 ms of a processor", spin(150 * time.Millisecond), true},
		{"150 ms in which others had the processor", func() { time.Sleep(150 * time.Millisecond) }, false},
		{"32 MiB", func() { kept = make([]byte, 32<<20) }, false},
		{"65 MiB", func() { kept = make([]byte, 65<<20) }, true},
		{"65 MiB in pieces", func() {
			for range 65 {
				kept = make([]byte, 1<<20)
			}
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := newMeter().measure(tt.decode, bounds()); got.over(bounds()) != tt.over {
				t.Errorf("over: got %v, want %v; it took %v", !tt.over, tt.over, got)
			}
		})
	}
	_ = kept
}

// A campaign finds what is three changes away from a seed, and leaves its corpus as it was.
func TestCampaignChangesInputs(t *testing.T) {
	corpus := [][]any{{[]byte("begin"), "name", uint64(7)}, {[]byte{}, "", uint64(0)}}
	c, err := newCampaign(corpus, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	decode := func(_ *testing.T, b []byte, s string, n uint64) {
		seen["shorter"] = seen["shorter"] || len(b) < 3 && s == "name"
		seen["longer"] = seen["longer"] || len(b) > 8 && bytes.HasPrefix(b, []byte("begin"))
		seen["a piece of another"] = seen["a piece of another"] || s == "nname"
		seen["two at once"] = seen["two at once"] || s != "name" && s != "" && n > 1<<32
		if len(b) > longest {
			t.Errorf("an input of %d bytes", len(b))
		}
	}
	c.run(t, reflect.ValueOf(decode), 100_000)
	for _, want := range []string{"shorter", "longer", "a piece of another", "two at once"} {
		if !seen[want] {
			t.Errorf("no input was %s", want)
		}
	}
	if want := []any{[]byte("begin"), "name", uint64(7)}; !reflect.DeepEqual(c.corpus[0], want) {
		t.Errorf("the corpus became %q", c.corpus[0])
	}
}

// Whoever knows the seed of a campaign can have its inputs again.
func TestCampaignOfASeed(t *testing.T) {
	inputs := func(seed uint64) (all []string) {
		c, err := newCampaign([][]any{{[]byte("begin"), uint64(7)}, {[]byte("end"), uint64(0)}}, "", seed)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			all = append(all, fmt.Sprint(c.next()))
		}
		return all
	}
	if first, again := inputs(1), inputs(1); !slices.Equal(first, again) {
		t.Errorf("the same seed gave other inputs: %q, and then %q", first, again)
	}
	if slices.Equal(inputs(1), inputs(2)) {
		t.Error("another seed gave the same inputs")
	}
}

func TestCampaignReadsWhatTheFuzzerKept(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a": "go test fuzz v1\n[]byte(\"a\\x00)(\")\nstring(\"\u00e9\")\nuint64(18)\n",
		"b": "go test fuzz v1\n[]byte(\"of another signature\")\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := newCampaign([][]any{{[]byte("seed"), "", uint64(0)}}, dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	if want := []any{[]byte("a\x00)("), "\u00e9", uint64(18)}; len(c.corpus) != 2 || !reflect.DeepEqual(c.corpus[1], want) {
		t.Errorf("got %q, want the seed and %q", c.corpus, want)
	}
}
