package faulttest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
)

const pageSize = 4096

// Spoil damages a copy of a file's bytes as disks do, and says how: a bit is flipped, or a page is zero,
// garbage or another one, or the end is gone.
func Spoil(r *rand.Rand, whole []byte) (spoiled []byte, how string) {
	for {
		spoiled, how = spoilOnce(r, whole)
		if !bytes.Equal(spoiled, whole) {
			return spoiled, how
		}
	}
}

func spoilOnce(r *rand.Rand, whole []byte) (b []byte, how string) {
	b = bytes.Clone(whole)
	pages := usedPages(b)
	at := pages[r.IntN(len(pages))]
	page := b[at:min(len(b), at+pageSize)]
	switch r.IntN(8) {
	case 0:
		clear(page)
		return b, fmt.Sprintf("page at %d zeroed", at)
	case 1:
		for i := range page {
			page[i] = byte(r.Uint32())
		}
		return b, fmt.Sprintf("page at %d is garbage", at)
	case 2:
		other := pages[r.IntN(len(pages))]
		copy(page, whole[other:])
		return b, fmt.Sprintf("page at %d is that at %d", at, other)
	case 3:
		end := at + r.IntN(len(page))
		return b[:end], fmt.Sprintf("cut off at %d", end)
	}
	bit := r.IntN(8 * len(page))
	if r.IntN(4) == 0 { // a database's pages begin with what they are
		bit = r.IntN(8 * min(16, len(page)))
	}
	page[bit/8] ^= 1 << (bit % 8)
	return b, fmt.Sprintf("bit %d flipped at %d", bit%8, at+bit/8)
}

// usedPages are where the pages begin that are not zero: nobody reads the others.
func usedPages(b []byte) (at []int) {
	for n := 0; n < len(b); n += pageSize {
		page := b[n:min(len(b), n+pageSize)]
		if !bytes.Equal(page, make([]byte, len(page))) {
			at = append(at, n)
		}
	}
	return at
}
