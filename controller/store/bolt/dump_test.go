package bolt

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/fuzztest"
	"anteroom/playlists/wire"
)

var update = flag.Bool("update", false, "write golden files anew")

// sample fills a store with a little of everything, at a time that is always the same.
func sample(t *testing.T, dir string) {
	t.Helper()
	s, err := Open(t.Context(), Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), func(tx store.Tx) error {
		_, first := tx.Put("item", "flu", 0, "ada", []byte(`{"title":"flu"}`))
		_, second := tx.Put("item", "old", 0, "ada", []byte(`{"title":"old"}`))
		_, third := tx.Delete("item", "old", 1, "ben")
		return errors.Join(first, second, third)
	})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 11, 30, 23, 59, 40, 0, time.UTC)
	stream := playlists.StreamID("000102030405060708090a0b0c0d0e0f")
	chain, err := wire.ChainStart(stream)
	if err != nil {
		t.Fatal(err)
	}
	seq := uint64(0)
	for batch := range 3 {
		b := store.Batch{Player: "p1", Stream: stream, Before: chain, SignedFrom: seq + 1, Signature: []byte("signature")}
		for range 2 {
			seq++
			p := playlists.Play{
				Seq: seq, Screen: "lobby", Item: "flu", Version: 2, Language: "en", Asset: "aa11", Body: "bb22", Window: "weekdays",
				Region: "main", Start: start, Offset: 3600, Quality: playlists.ClockSynced, Boot: "b1", Mono: start.UnixMilli() - 1_790_000_000_000,
				Shown: 10_001, Planned: 10_000, Outcome: playlists.Complete, Display: playlists.DisplayOn,
			}
			b.Plays, chain, start = append(b.Plays, p), wire.Chain(chain, p), start.Add(10*time.Second)
		}
		b.Chain, b.Received = chain, start.Add(time.Duration(batch)*24*time.Hour)
		if err := s.Append(t.Context(), []store.Batch{b}); err != nil {
			t.Fatal(err)
		}
	}
	week := playlists.Date{Year: 2026, Month: time.November, Day: 30}
	key := store.CountKey{Week: week, Department: "er", What: store.Asked, Of: "flu", Language: "es"}
	if err := s.PutCounts(t.Context(), []store.Count{{CountKey: key, N: 37}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// dumpFiles writes every key and value of a directory's files.
func dumpFiles(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.db"))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, path := range files {
		fmt.Fprintln(&out, filepath.Base(path))
		b, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		err = b.View(func(raw *bbolt.Tx) error {
			return raw.ForEach(func(name []byte, bucket *bbolt.Bucket) error {
				return bucket.ForEach(func(key, sealed []byte) error {
					value, broken := unseal(string(name), key, sealed)
					fmt.Fprintf(&out, "  %-13s %s -> %s\n", name, plain(key), plain(value))
					return broken
				})
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// plain writes text as text and all else in hexadecimal.
func plain(b []byte) string {
	text := regexp.MustCompile(`[[:print:]]{3,}`)
	var out strings.Builder
	for len(b) > 0 {
		at := text.FindIndex(b)
		if at == nil {
			at = []int{len(b), len(b)}
		}
		if at[0] > 0 {
			fmt.Fprintf(&out, "<%s>", hex.EncodeToString(b[:at[0]]))
		}
		out.Write(b[at[0]:at[1]])
		b = b[at[1]:]
	}
	return out.String()
}

func TestFilesAreAsDrawn(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) { sample(t, dir) })
	got := dumpFiles(t, dir)
	golden := filepath.Join("testdata", "store.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, string(want)); diff != "" {
		t.Errorf("the format has changed: give it a new number; from the first release on, read the old one, too (-got +want):\n%s", diff)
	}
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(drawn(string(doc)), tables(got)); diff != "" {
		t.Errorf("doc.go and the files have other tables (-drawn +found):\n%s", diff)
	}
}

// drawn lists the tables of the drawing, tables those of a dump, as "file table".
func drawn(doc string) []string {
	return namesIn(strings.ReplaceAll(doc, "//\t", ""))
}

func tables(dump string) []string { return namesIn(dump) }

func namesIn(text string) []string {
	file := ""
	var names []string
	for line := range strings.Lines(text) {
		if regexp.MustCompile(`^\S+\.db$`).MatchString(strings.TrimRight(line, "\n")) {
			file = regexp.MustCompile(`-[0-9-]+`).ReplaceAllString(strings.TrimSpace(line), "")
			continue
		}
		table := regexp.MustCompile(`^ {2}([a-z]+) .*->`).FindStringSubmatch(line)
		if file != "" && table != nil {
			names = append(names, file+" "+table[1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestSeal(t *testing.T) {
	sealed := seal("streams", []byte("key"), []byte("value"))
	if value, err := unseal("streams", []byte("key"), sealed); err != nil || string(value) != "value" {
		t.Errorf("got %q, %v", value, err)
	}
	for what, err := range map[string]error{
		"another table":         second(unseal("names", []byte("key"), sealed)),
		"another key":           second(unseal("streams", []byte("kez"), sealed)),
		"a shorter key":         second(unseal("streams", []byte("ke"), sealed)),
		"a shorter value":       second(unseal("streams", []byte("key"), sealed[:8])),
		"no checksum":           second(unseal("streams", []byte("key"), sealed[:3])),
		"nothing, as of a page": second(unseal("streams", []byte("key"), make([]byte, 9))),
	} {
		if !errors.Is(err, store.ErrDamaged) {
			t.Errorf("%s: got %v, want damage", what, err)
		}
	}
}

func second(_ []byte, err error) error { return err }

// Whatever bytes a value has, opening it ends, with a value or an error.
func FuzzOpen(f *testing.F) {
	g := fuzztest.New(f)
	g.Add([]byte{}, []byte{}, []byte{})
	g.Add([]byte{0, 2, 1, 2}, []byte{1, 1, 1}, []byte{1, 2, 3})
	g.Fuzz(func(t *testing.T, packed, shapes, figures []byte) {
		names := texts{known: []string{"", "a", "b", "c"}}
		d, err := openDictionary(shapes, names)
		if err != nil {
			return
		}
		k := chunkKey{first: 1}
		c, err := openChunk(k, packed)
		if err == nil {
			err = c.each(k, d, func(playlists.Play, time.Time) {})
		}
		sums, figuresErr := openFigures(figures)
		if err == nil && figuresErr == nil && len(sums.sums) > len(figures) {
			t.Errorf("%d figures out of %d bytes", len(sums.sums), len(figures))
		}
		if kind, id, revision, err := splitKey(packed); err == nil && !bytes.Equal(append(documentKey(kind, id), number(revision)...), packed) {
			t.Errorf("key %x is not the key of %s %s %d", packed, kind, id, revision)
		}
		_, _ = decodeDocument("item", "a", packed)
	})
}
