package bolt_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/faulttest"
)

// childEnv makes this test binary a child process of a test: "probe", or "write" and how much.
const childEnv = "ANTEROOM_BOLT_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "":
		faulttest.Main(m, faultOperations())
	case "probe":
		if err := bolt.ProbeMain(os.Args[len(os.Args)-1], os.Stdout); err != nil {
			panic(err)
		}
	case "write":
		writeChild(os.Args[len(os.Args)-1])
	}
}

// childProbe probes in a child process, as production does.
func childProbe(tb testing.TB) func(context.Context, string) error {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	return bolt.ProbeWith("/usr/bin/env", childEnv+"=probe", self)
}

// writeChild writes documents and plays by turns until it is killed, and says after each what is
// durable: "documents 3", "plays 3", or "failed" and why.
func writeChild(dir string) {
	s, err := bolt.Open(context.Background(), bolt.Config{Dir: dir, Log: slog.New(slog.NewTextHandler(os.Stdout, nil))})
	if err != nil {
		fmt.Fprintln(os.Stdout, "failed", err)
		return
	}
	fmt.Fprintln(os.Stdout, "open")
	next := func() uint64 {
		w, err := s.Watermark(context.Background(), storetest.Stream(1))
		if err != nil {
			fmt.Fprintln(os.Stdout, "failed", err)
		}
		return w.Through
	}
	for range 12 {
		n := next()
		if err := s.Append(context.Background(), []store.Batch{writerBatch(n)}); err != nil {
			fmt.Fprintln(os.Stdout, "failed", err)
		} else {
			fmt.Fprintln(os.Stdout, "plays", n+1)
		}
		var change uint64
		err := s.Update(context.Background(), func(tx store.Tx) error {
			doc, err := tx.Put("item", fmt.Sprintf("item-%d", time.Now().UnixNano()), 0, "ada", json.RawMessage(`{"a":1}`))
			change = doc.Change
			return err
		})
		if err != nil {
			fmt.Fprintln(os.Stdout, "failed", err)
		} else {
			fmt.Fprintln(os.Stdout, "documents", change)
		}
	}
	fmt.Fprintln(os.Stdout, "done")
	_ = s.Close()
}

// writerBatch is the batch of one play that follows play n of the child's stream; every third comes in
// another month.
func writerBatch(n uint64) store.Batch {
	l, err := lineAfter(n)
	if err != nil {
		panic(err)
	}
	return l.Batch(storetest.Noon().AddDate(0, int(n/3), 0), writerPlay(n+1))
}

func writerPlay(seq uint64) playlists.Play {
	return storetest.Play("lobby", "flu", storetest.Noon().Add(time.Duration(seq)*time.Minute))
}

// lineAfter is the child's stream after its first n plays, which are always the same.
func lineAfter(n uint64) (*storetest.Line, error) {
	l := &storetest.Line{Player: storetest.Player(1), Stream: storetest.Stream(1), Next: 1, Chain: make([]byte, 16)}
	l.Chain[15] = 1
	for seq := range n {
		l.Batch(storetest.Noon(), writerPlay(seq+1))
	}
	return l, nil
}

// dump is everything that a store gives, as text.
func dump(s store.Store) (string, error) {
	var lines []string
	for d, err := range s.Since(context.Background(), 0) {
		if err != nil {
			return "", err
		}
		lines = append(lines, fmt.Sprintf("document %s %s %d %d %s %v %s", d.Kind, d.ID, d.Revision, d.Change, d.By, d.Deleted, d.Body))
	}
	for _, read := range []func() ([]string, error){
		func() ([]string, error) { return dumpView(s) },
		func() ([]string, error) { return dumpPlays(s) },
		func() ([]string, error) { return dumpFigures(s) },
	} {
		more, err := read()
		if err != nil {
			return "", err
		}
		slices.Sort(more)
		lines = append(lines, more...)
	}
	return strings.Join(lines, "\n"), nil
}

func dumpView(s store.Store) (lines []string, err error) {
	err = s.View(context.Background(), func(v store.View) error {
		for _, kind := range []store.Kind{"item", "window"} {
			for d, err := range v.List(kind) {
				if err != nil {
					return err
				}
				lines = append(lines, fmt.Sprintf("newest %s %s %d", kind, d.ID, d.Revision))
			}
		}
		return nil
	})
	return lines, err
}

func dumpPlays(s store.Store) (lines []string, err error) {
	streams := map[playlists.StreamID]bool{}
	for p, err := range s.Scan(context.Background(), time.UnixMilli(math.MinInt64/2), time.UnixMilli(math.MaxInt64/2)) {
		if err != nil {
			return nil, err
		}
		streams[p.Stream] = true
		lines = append(lines, fmt.Sprintf("play %+v", p))
	}
	for id := range streams {
		w, err := s.Watermark(context.Background(), id)
		if err != nil {
			return nil, err
		}
		lines = append(lines, fmt.Sprintf("watermark %+v", w))
	}
	return lines, nil
}

func dumpFigures(s store.Store) (lines []string, err error) {
	for r, err := range s.Rollups(context.Background(), time.UnixMilli(math.MinInt64/2), time.UnixMilli(math.MaxInt64/2)) {
		if err != nil {
			return nil, err
		}
		lines = append(lines, fmt.Sprintf("rollup %+v", r))
	}
	return lines, nil
}
