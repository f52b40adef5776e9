package main

import (
	"bytes"
	"testing"
)

// TestFramesAreCutWhole: of what has come, no more is taken than whole frames.
func TestFramesAreCutWhole(t *testing.T) {
	unmasked := func(size int) []byte { // as servers send them
		b := frameOf(opText, bytes.Repeat([]byte{'x'}, size))
		at := len(b) - size
		b[1] &^= masked
		return append(b[:at-maskSize:at-maskSize], b[at:]...)
	}
	for _, size := range []int{0, 1, 125, 126, 3853, 65535} {
		b := append(unmasked(size), unmasked(2)...)
		opcode, payload, rest, ok := cutFrame(b)
		if !ok || opcode != opText || len(payload) != size || !bytes.Equal(rest, unmasked(2)) {
			t.Errorf("of %d bytes: got %v, opcode %d, %d bytes and %d behind them", size, ok, opcode, len(payload), len(rest))
		}
		for _, short := range []int{0, 1, 2, len(unmasked(size)) - 1} {
			if _, _, _, ok := cutFrame(b[:short]); ok && short < len(unmasked(size)) {
				t.Errorf("of %d bytes: %d were taken for a frame", size, short)
			}
		}
	}
}
