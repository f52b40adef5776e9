package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"sync"

	"anteroom/controller/store"
)

// names numbers the texts of a file of plays, each once. Number 0 is the empty text.
type names struct {
	mu   sync.RWMutex
	text []string
	ids  map[string]uint32
}

// load reads the table.
func (n *names) load(t *tx) error {
	text := []string{""}
	c := t.table(tableNames).cursor()
	key, value, err := c.seek(nil)
	for ; key != nil && err == nil; key, value, err = c.next() {
		if !bytes.Equal(key, nameKey(len(text))) {
			return fmt.Errorf("%w: name %d is missing", store.ErrDamaged, len(text))
		}
		text = append(text, string(value))
	}
	if err != nil {
		return err
	}
	ids := make(map[string]uint32, len(text))
	for i, s := range text {
		ids[s] = uint32(i)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.text, n.ids = text, ids
	return nil
}

// all gives the texts by number.
func (n *names) all() texts {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return texts{known: n.text}
}

// find gives the number of a text, if the file has it.
func (n *names) find(text string) (number uint32, ok bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	number, ok = n.ids[text]
	return number, ok
}

func nameKey(id int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(id)) }

// add takes in what a durable transaction named.
func (n *names) add(fresh *naming) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.text = append(n.text, fresh.text...)
	maps.Copy(n.ids, fresh.ids)
}

// naming gives numbers within one writing transaction; only the writer changes names, so it may read
// names without the lock.
type naming struct {
	known *names
	table table
	text  []string
	ids   map[string]uint32
	err   error
}

func newNaming(known *names, t *tx) *naming {
	return &naming{known: known, table: t.table(tableNames), ids: map[string]uint32{}}
}

// number gives a text's number; the first error is kept in err.
func (n *naming) number(text string) uint64 {
	if id, ok := n.known.ids[text]; ok {
		return uint64(id)
	}
	if id, ok := n.ids[text]; ok {
		return uint64(id)
	}
	id := uint32(len(n.known.ids) + len(n.ids))
	n.ids[text] = id
	n.text = append(n.text, text)
	if err := n.table.put(nameKey(int(id)), []byte(text)); err != nil && n.err == nil {
		n.err = err
	}
	return uint64(id)
}

// all gives the texts by number, those of the transaction included.
func (n *naming) all() texts { return texts{known: n.known.text, fresh: n.text} }

// texts are texts by number: fresh ones follow the known.
type texts struct{ known, fresh []string }

func (t texts) at(id uint64) (string, error) {
	switch known := uint64(len(t.known)); {
	case id < known:
		return t.known[id], nil
	case id-known < uint64(len(t.fresh)):
		return t.fresh[id-known], nil
	}
	return "", fmt.Errorf("%w: name %d is not in the table of names", store.ErrDamaged, id)
}
