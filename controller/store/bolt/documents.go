package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// The tables of documents.db; doc.go draws them.
const (
	holdsDocuments = "documents"
	tableRevisions = "revisions"
	tableNewest    = "newest"
	tableChanges   = "changes"
)

func documentsDesign() design {
	return design{holds: holdsDocuments, format: format, tables: []string{tableRevisions, tableNewest, tableChanges}, grow: 1 << 20}
}

type documents struct {
	file *file
	feed feed
}

func openDocuments(ctx context.Context, c Config) (*documents, error) {
	path := filepath.Join(c.Dir, nameDocuments)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := create(path, documentsDesign(), c.NoSync, nil); err != nil {
			return nil, err
		}
	}
	d := &documents{}
	d.file = &file{path: path, design: documentsDesign(), noSync: c.NoSync, log: c.Log, probe: c.Probe, loaded: d.loaded}
	if err := d.file.open(ctx); err != nil {
		if errors.Is(err, store.ErrDamaged) {
			return nil, fmt.Errorf("%w. Nothing was changed. Screens play on with what they have. Stop the controller, "+
				"put the newest backup in place of %s and start again; keep the damaged file for recovery", err, path)
		}
		return nil, err
	}
	return d, nil
}

func (d *documents) loaded(t *tx) error {
	d.feed.tell(t.ledger.Change)
	return nil
}

// View implements [store.Documents].
func (d *documents) View(ctx context.Context, read func(store.View) error) error {
	return d.file.view(ctx, func(t *tx) error { return read(view{t}) })
}

// Update implements [store.Documents].
func (d *documents) Update(ctx context.Context, write func(store.Tx) error) error {
	var change uint64
	err := d.file.update(ctx, func(t *tx) error {
		err := write(writing{view{t}})
		change = t.ledger.Change
		return err
	})
	if err == nil {
		d.feed.tell(change)
	}
	return err
}

// Changes implements [store.Documents].
func (d *documents) Changes(ctx context.Context, after uint64) <-chan uint64 {
	return d.feed.follow(ctx, after)
}

// sincePage is how many documents one transaction of Since reads.
const sincePage = 64

// Since implements [store.Documents].
func (d *documents) Since(ctx context.Context, after uint64) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		for {
			page, err := d.page(ctx, after)
			for _, doc := range page {
				after = doc.Change
				if !yield(doc, nil) {
					return
				}
			}
			if err != nil {
				yield(store.Document{}, err)
			}
			if err != nil || len(page) < sincePage {
				return
			}
		}
	}
}

func (d *documents) page(ctx context.Context, after uint64) ([]store.Document, error) {
	var page []store.Document
	err := d.file.view(ctx, func(t *tx) error {
		c := t.table(tableChanges).cursor()
		key, where, err := c.seek(number(after + 1))
		for key != nil && err == nil && len(page) < sincePage {
			var doc store.Document
			if doc, err = (view{t}).at(where); err == nil {
				page = append(page, doc)
				key, where, err = c.next()
			}
		}
		return err
	})
	return page, err
}

// view reads documents in a transaction.
type view struct{ tx *tx }

// Get implements [store.View].
func (v view) Get(kind store.Kind, id string) (store.Document, error) {
	doc, err := v.newest(kind, id)
	if err == nil && (doc.Revision == 0 || doc.Deleted) {
		err = notFound(kind, id)
	}
	if err != nil {
		return store.Document{}, err
	}
	return doc, nil
}

func notFound(kind store.Kind, id string) error {
	return fmt.Errorf("%s %q: %w", kind, id, playlists.ErrNotFound)
}

// newest gives the newest revision, also a deleted one; its number is 0 if there is none.
func (v view) newest(kind store.Kind, id string) (store.Document, error) {
	none := store.Document{Kind: kind, ID: id}
	if !named(kind, id) {
		return none, nil
	}
	prefix := documentKey(kind, id)
	revision, err := v.tx.table(tableNewest).get(prefix)
	if err != nil || revision == nil {
		return none, err
	}
	return v.at(bytes.Join([][]byte{prefix, revision}, nil))
}

// GetRevision implements [store.View].
func (v view) GetRevision(kind store.Kind, id string, revision uint64) (store.Document, error) {
	if !named(kind, id) {
		return store.Document{}, notFound(kind, id)
	}
	return v.at(append(documentKey(kind, id), number(revision)...))
}

// at gives the document under a key of the table of revisions.
func (v view) at(key []byte) (store.Document, error) {
	kind, id, _, err := splitKey(key)
	if err != nil {
		return store.Document{}, err
	}
	value, err := v.tx.table(tableRevisions).get(key)
	if err != nil {
		return store.Document{}, err
	}
	if value == nil {
		return store.Document{}, notFound(kind, id)
	}
	return decodeDocument(kind, id, value)
}

// List implements [store.View].
func (v view) List(kind store.Kind) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		prefix := append([]byte(kind), 0)
		c := v.tx.table(tableNewest).cursor()
		key, revision, err := c.seek(prefix)
		for ; err == nil && bytes.HasPrefix(key, prefix); key, revision, err = c.next() {
			var doc store.Document
			if doc, err = v.at(bytes.Join([][]byte{key, revision}, nil)); err != nil {
				break
			}
			if !doc.Deleted && !yield(doc, nil) {
				return
			}
		}
		if err != nil {
			yield(store.Document{}, err)
		}
	}
}

// Revisions implements [store.View].
func (v view) Revisions(kind store.Kind, id string) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		newest, err := v.newest(kind, id)
		for revision := newest.Revision; revision > 0 && err == nil; revision-- {
			var doc store.Document
			if doc, err = v.GetRevision(kind, id, revision); err == nil && !yield(doc, nil) {
				return
			}
		}
		if err != nil {
			yield(store.Document{}, err)
		}
	}
}

// writing writes documents in a transaction.
type writing struct{ view }

// Put implements [store.Tx].
func (w writing) Put(kind store.Kind, id string, was uint64, by string, body json.RawMessage) (store.Document, error) {
	if !named(kind, id) {
		return store.Document{}, fmt.Errorf("%w: %q %q cannot name a document: 1 to %d bytes, none of them zero", playlists.ErrInvalid, kind, id, maxName)
	}
	if !json.Valid(body) {
		return store.Document{}, fmt.Errorf("%w: %s %q is not JSON", playlists.ErrInvalid, kind, id)
	}
	newest, err := w.newest(kind, id)
	if err != nil {
		return store.Document{}, err
	}
	if was != newest.Revision && (was != 0 || !newest.Deleted) {
		return store.Document{}, stale(newest, was)
	}
	return w.write(store.Document{Kind: kind, ID: id, Revision: newest.Revision + 1, By: by, Body: bytes.Clone(body)})
}

// Delete implements [store.Tx].
func (w writing) Delete(kind store.Kind, id string, was uint64, by string) (store.Document, error) {
	newest, err := w.newest(kind, id)
	if err != nil {
		return store.Document{}, err
	}
	if newest.Revision == 0 || newest.Deleted {
		return store.Document{}, notFound(kind, id)
	}
	if was != newest.Revision {
		return store.Document{}, stale(newest, was)
	}
	return w.write(store.Document{Kind: kind, ID: id, Revision: newest.Revision + 1, By: by, Deleted: true})
}

func stale(newest store.Document, was uint64) error {
	if newest.Revision == 0 {
		return notFound(newest.Kind, newest.ID)
	}
	return &store.StaleError{Newest: newest, Was: was}
}

func (w writing) write(doc store.Document) (store.Document, error) {
	w.tx.ledger.Change++
	doc.Change, doc.At = w.tx.ledger.Change, time.Now().UTC().Round(0)
	value, err := encodeDocument(doc)
	if err != nil {
		return store.Document{}, err
	}
	prefix := documentKey(doc.Kind, doc.ID)
	key := append(bytes.Clone(prefix), number(doc.Revision)...)
	err = errors.Join(
		w.tx.table(tableRevisions).put(key, value),
		w.tx.table(tableNewest).put(prefix, number(doc.Revision)),
		w.tx.table(tableChanges).put(number(doc.Change), key),
	)
	return doc, err
}

// documentHead is a document without its body, which is kept byte by byte behind it, and without what
// the key says.
type documentHead struct {
	Revision uint64    `json:"revision"`
	Change   uint64    `json:"change"`
	Deleted  bool      `json:"deleted,omitempty"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

func encodeDocument(d store.Document) ([]byte, error) {
	head, err := json.Marshal(documentHead{d.Revision, d.Change, d.Deleted, d.By, d.At})
	if err != nil {
		return nil, fmt.Errorf("writing %s %q: %w", d.Kind, d.ID, err)
	}
	b := binary.AppendUvarint(nil, uint64(len(head)))
	return append(append(b, head...), d.Body...), nil
}

func decodeDocument(kind store.Kind, id string, value []byte) (store.Document, error) {
	size, n := binary.Uvarint(value)
	if n <= 0 || size > uint64(len(value)-n) {
		return store.Document{}, fmt.Errorf("%w: %s %q has no head", store.ErrDamaged, kind, id)
	}
	var h documentHead
	if err := json.Unmarshal(value[n:n+int(size)], &h); err != nil {
		return store.Document{}, fmt.Errorf("%w: %s %q: %w", store.ErrDamaged, kind, id, err)
	}
	doc := store.Document{Kind: kind, ID: id, Revision: h.Revision, Change: h.Change, Deleted: h.Deleted, By: h.By, At: h.At}
	if body := value[n+int(size):]; len(body) > 0 {
		doc.Body = bytes.Clone(body)
	}
	return doc, nil
}

// maxName is the longest kind or id in bytes, so that keys stay far below what bbolt allows.
const maxName = 512

// named reports whether kind and id can name a document.
func named(kind store.Kind, id string) bool {
	for _, name := range []string{string(kind), id} {
		if name == "" || len(name) > maxName || strings.ContainsRune(name, 0) {
			return false
		}
	}
	return true
}

// documentKey is kind, 0, id, 0; no key is another's prefix.
func documentKey(kind store.Kind, id string) []byte {
	return append(append(append([]byte(kind), 0), id...), 0)
}

func splitKey(key []byte) (kind store.Kind, id string, revision uint64, err error) {
	parts := bytes.SplitN(key, []byte{0}, 3)
	if len(parts) != 3 || len(parts[2]) != 8 {
		return "", "", 0, fmt.Errorf("%w: key %s names no revision", store.ErrDamaged, readable(key))
	}
	return store.Kind(parts[0]), string(parts[1]), binary.BigEndian.Uint64(parts[2]), nil
}

// number is eight bytes that sort like n.
func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
