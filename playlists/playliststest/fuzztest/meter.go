package fuzztest

import (
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// meter measures what runs on one goroutine.
type meter struct {
	allocated [1]metrics.Sample
}

func newMeter() *meter {
	return &meter{[1]metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}}
}

func (m *meter) memory() uint64 {
	metrics.Read(m.allocated[:])
	return m.allocated[0].Value.Uint64()
}

// hold runs decode and fails if that is over a bound. It is exact about what costs more than known does.
func (m *meter) hold(t *testing.T, decode func(), known cost) cost {
	spent := m.measure(decode, known)
	if spent.over(bounds()) {
		t.Fatalf("the input took %v; the bounds are %v", spent, bounds())
	}
	return spent
}

// measure gives what decode cost, by the clock on the wall, which is quick to read and never less than the
// processor's. Only what is over known by that is run again, and measured by the processor's.
func (m *meter) measure(decode func(), known cost) cost {
	before, began := m.memory(), time.Now()
	decode()
	spent := cost{time.Since(began), m.memory() - before}
	for n := 1; n < tries && spent.over(known); n++ {
		again := m.again(decode)
		spent.time, spent.memory = min(spent.time, again.time), min(spent.memory, again.memory)
	}
	return spent
}

func (m *meter) again(decode func()) cost {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, began := m.memory(), processor()
	decode()
	return cost{processor() - began, m.memory() - before}
}

// processor is how much of a processor this thread has had.
func processor() time.Duration {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts) // Linux has had it since 2.6
	return time.Duration(ts.Nano())
}
