package bolt

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"

	"go.etcd.io/bbolt"

	"anteroom/controller/store"
)

const sealSize = 4

// seal puts a checksum before a value. It covers table and key as well, so that a value under the
// wrong key is as wrong as a wrong value.
func seal(table string, key, value []byte) []byte {
	sealed := make([]byte, sealSize, sealSize+len(value))
	binary.BigEndian.PutUint32(sealed, checksum(table, key, value))
	return append(sealed, value...)
}

// unseal gives the value, valid as long as sealed is, or an error that names the key.
func unseal(table string, key, sealed []byte) ([]byte, error) {
	if len(sealed) < sealSize || binary.BigEndian.Uint32(sealed) != checksum(table, key, sealed[sealSize:]) {
		return nil, fmt.Errorf("%w: wrong checksum of key %s in %s", store.ErrDamaged, readable(key), table)
	}
	return sealed[sealSize:], nil
}

// checksum is that of the table's name, the key's length as a varint, the key and the value. What crc32 is given of name
// and length would have to be made anew for each value, which costs more than their few bytes.
func checksum(table string, key, value []byte) uint32 {
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	sum := ^uint32(0)
	for i := range len(table) {
		sum = castagnoli[byte(sum)^table[i]] ^ sum>>8
	}
	n := len(key)
	for ; n >= 0x80; n >>= 7 {
		sum = castagnoli[byte(sum)^(byte(n)|0x80)] ^ sum>>8
	}
	sum = castagnoli[byte(sum)^byte(n)] ^ sum>>8
	return crc32.Update(crc32.Update(^sum, castagnoli, key), castagnoli, value)
}

// readable writes a key for a person.
func readable(key []byte) string { return strconv.QuoteToASCII(string(key)) }

// ledger is kept with every commit: it lets a probe see what is missing, which no checksum of what
// is there can.
type ledger struct {
	Format int    `json:"format"`
	Holds  string `json:"holds"` // "documents", "plays" or "counts"
	// Commits counts the transactions that wrote.
	Commits uint64 `json:"commits"`
	// Keys counts the keys of every table.
	Keys map[string]int64 `json:"keys"`
	// Change is the number of the last change of a document.
	Change uint64 `json:"change,omitempty"`
	// FirstDay and LastDay bound the starts of plays, in days since 1970; nil before the first play.
	FirstDay *int32 `json:"first_day,omitempty"`
	LastDay  *int32 `json:"last_day,omitempty"`
}

const (
	tableMeta = "meta"
	keyLedger = "ledger"
)

// tx is a transaction on sealed tables.
type tx struct {
	bolt   *bbolt.Tx
	ledger ledger // of one that writes or opens a file
}

// newTx reads the ledger, which takes longer than to look a value up.
func newTx(b *bbolt.Tx) (*tx, error) {
	t := &tx{bolt: b}
	var err error
	t.ledger, err = t.readLedger()
	return t, err
}

func (t *tx) readLedger() (l ledger, err error) {
	raw, err := t.table(tableMeta).get([]byte(keyLedger))
	if err != nil {
		return l, err
	}
	if raw == nil {
		return l, fmt.Errorf("%w: it has no ledger", store.ErrDamaged)
	}
	if err := json.Unmarshal(raw, &l); err != nil {
		return l, fmt.Errorf("%w: its ledger cannot be read: %w", store.ErrDamaged, err)
	}
	return l, nil
}

// enter writes the ledger, as the last thing of a transaction.
func (t *tx) enter() error {
	meta := t.table(tableMeta)
	if meta.bucket.Get([]byte(keyLedger)) == nil {
		t.ledger.Keys[tableMeta]++
	}
	t.ledger.Commits++
	raw, err := json.Marshal(t.ledger)
	if err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	return meta.bucket.Put([]byte(keyLedger), seal(tableMeta, []byte(keyLedger), raw))
}

// fill is how full pages are left when one becomes two: keys mostly grow, so that little comes between.
const fill = 0.9

func (t *tx) table(name string) table {
	b := t.bolt.Bucket([]byte(name))
	if b != nil {
		b.FillPercent = fill
	}
	return table{name: name, tx: t, bucket: b}
}

// table is a bucket of sealed values. Values that it gives are valid until the transaction ends.
type table struct {
	name   string
	tx     *tx
	bucket *bbolt.Bucket
}

var errNoTable = errors.New("table is missing")

// get gives the value of a key, nil if there is none.
func (t table) get(key []byte) ([]byte, error) {
	if t.bucket == nil {
		return nil, fmt.Errorf("%w: %w: %s", store.ErrDamaged, errNoTable, t.name)
	}
	sealed := t.bucket.Get(key)
	if sealed == nil {
		return nil, nil
	}
	return unseal(t.name, key, sealed)
}

func (t table) put(key, value []byte) error {
	if t.bucket == nil {
		return fmt.Errorf("%w: %w: %s", store.ErrDamaged, errNoTable, t.name)
	}
	return t.set(key, value, t.bucket.Get(key) == nil)
}

// set puts a value under a key that is known to be new, or not to be.
func (t table) set(key, value []byte, isNew bool) error {
	if isNew {
		t.tx.ledger.Keys[t.name]++
	}
	return t.bucket.Put(key, seal(t.name, key, value))
}

// cursor walks a table in the order of its keys.
func (t table) cursor() cursor { return cursor{table: t.name, bolt: t.bucket.Cursor()} }

type cursor struct {
	table string
	bolt  *bbolt.Cursor
}

// seek gives the first entry at or after from; its key is nil if there is none.
func (c cursor) seek(from []byte) (key, value []byte, err error) { return c.opened(c.bolt.Seek(from)) }

func (c cursor) next() (key, value []byte, err error) { return c.opened(c.bolt.Next()) }

// before gives the last entry before bound; its key is nil if there is none.
func (c cursor) before(bound []byte) (key, value []byte, err error) {
	if at, _ := c.bolt.Seek(bound); at == nil {
		return c.opened(c.bolt.Last())
	}
	return c.opened(c.bolt.Prev())
}

func (c cursor) opened(at, sealed []byte) (key, value []byte, err error) {
	if at == nil {
		return nil, nil, nil
	}
	value, err = unseal(c.table, at, sealed)
	return at, value, err
}
