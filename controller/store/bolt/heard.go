package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// heard keeps the watermarks of all streams, which every report asks for: thousands take longer to read than whoever waits
// has. They are read once from a month's file and then follow what is appended to it.
type heard struct {
	mu sync.Mutex
	// of is the month that they are of; nil: nobody has asked yet, or nobody knows what the file has.
	of      *month
	streams map[[16]byte]store.Watermark
	// last are those that players gave; nil: something was appended since.
	last map[playlists.PlayerID]store.Watermark
}

// players gives the watermark of each player's last batch in a month, of two of the same time that of the first stream.
func (h *heard) players(ctx context.Context, m *month) (map[playlists.PlayerID]store.Watermark, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.readLocked(ctx, m); err != nil || h.last != nil {
		return h.last, err
	}
	last, by := make(map[playlists.PlayerID]store.Watermark, len(h.streams)), make(map[playlists.PlayerID][16]byte, len(h.streams))
	for stream, w := range h.streams {
		was, known := last[w.Player]
		first := by[w.Player]
		if !known && !w.At.IsZero() || w.At.After(was.At) || known && w.At.Equal(was.At) && bytes.Compare(stream[:], first[:]) < 0 {
			last[w.Player], by[w.Player] = w, stream
		}
	}
	h.last = last
	return last, nil
}

func (h *heard) readLocked(ctx context.Context, m *month) error {
	if h.of == m {
		return nil
	}
	streams := map[[16]byte]store.Watermark{}
	err := m.file.view(ctx, func(t *tx) error {
		c := t.table(tableStreams).cursor()
		key, value, err := c.seek(nil)
		for ; key != nil && err == nil; key, value, err = c.next() {
			var w mark
			if err := json.Unmarshal(value, &w); err != nil {
				return fmt.Errorf("%w: reading when players were heard: %w", store.ErrDamaged, err)
			}
			var stream [16]byte
			copy(stream[:], key)
			streams[stream] = store.Watermark(w)
		}
		return err
	})
	if err != nil {
		h.last = nil
	} else {
		h.of, h.streams, h.last = m, streams, nil
	}
	return err
}

// append takes in the watermarks that a durable transaction moved in a month.
func (h *heard) append(m *month, moved map[[16]byte]store.Watermark) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.of == m {
		maps.Copy(h.streams, moved)
		h.last = nil
	}
}

// forget is for when nobody knows whether a transaction is durable.
func (h *heard) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.of, h.streams, h.last = nil, nil, nil
}
