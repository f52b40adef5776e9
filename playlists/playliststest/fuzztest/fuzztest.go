// Package fuzztest holds decoders to their bounds whatever they are given: no panic, and for no input more
// than 100 ms of a processor or 64 MiB.
//
// A [Target] is a fuzz target as package testing has it, and `go test -fuzz` runs it so, guided by coverage.
// Coverage costs more than most decoders do. So with ANTEROOM_INPUTS=10000000 an ordinary run of the same
// target, `go test -run`, is a campaign: that many inputs in one process, changed at random from the seeds and
// from what the guided fuzzer has kept in the directory ANTEROOM_CORPUS. The seed of chance is logged, and ANTEROOM_SEED
// takes the same again.
package fuzztest

import (
	"fmt"
	"os"
	"reflect"
	"strconv"
	"testing"
	"time"

	"anteroom/playlists/playliststest/faulttest"
)

// The bounds that hold for each input.
const (
	MostTime   = 100 * time.Millisecond // of one processor
	MostMemory = 64 << 20               // bytes allocated
)

// tries is how often an input that was over a bound is given again: the least counts, for a busy machine
// makes nothing slower than it is, five times over.
const tries = 5

// Target is a fuzz target.
type Target struct {
	f     *testing.F
	seeds [][]any
}

// New makes a target of a fuzz test.
func New(f *testing.F) *Target {
	f.Helper()
	return &Target{f: f}
}

// Add adds a seed, as [testing.F.Add] does.
func (g *Target) Add(seed ...any) { g.seeds = append(g.seeds, seed) }

// Fuzz runs decode, as [testing.F.Fuzz] does, and fails what is over a bound. To decode the same again must be
// the same.
func (g *Target) Fuzz(decode any) {
	g.f.Helper()
	run := reflect.ValueOf(decode)
	each := func(args []reflect.Value) []reflect.Value {
		t, _ := reflect.TypeAssert[*testing.T](args[0])
		newMeter().hold(t, func() { run.Call(args) }, bounds())
		return nil
	}
	seeds := g.seeds
	if text := os.Getenv("ANTEROOM_INPUTS"); text != "" {
		inputs, err := strconv.Atoi(text)
		if err != nil || len(seeds) == 0 {
			g.f.Fatalf("ANTEROOM_INPUTS=%s with %d seeds: %v", text, len(seeds), err)
		}
		c, err := newCampaign(seeds, os.Getenv("ANTEROOM_CORPUS"), faulttest.Seed(g.f))
		if err != nil {
			g.f.Fatal(err)
		}
		each = func(args []reflect.Value) []reflect.Value {
			t, _ := reflect.TypeAssert[*testing.T](args[0])
			c.run(t, run, inputs)
			return nil
		}
		seeds = seeds[:1] // one call, for its *testing.T
	}
	for _, seed := range seeds {
		g.f.Add(seed...)
	}
	g.f.Fuzz(reflect.MakeFunc(run.Type(), each).Interface())
}

// cost is what an input took.
type cost struct {
	time   time.Duration
	memory uint64
}

func bounds() cost { return cost{MostTime, MostMemory} }

func (c cost) over(known cost) bool { return c.time > known.time || c.memory > known.memory }

func (c cost) String() string {
	return fmt.Sprintf("%v of a processor and %.1f MiB", c.time.Round(time.Microsecond), float64(c.memory)/(1<<20))
}
