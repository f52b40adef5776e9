package bolt_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/faulttest"
)

// faultOperations are what a child of this test's binary does to a store until it is broken. It says what is
// durable as [said] hears it.
func faultOperations() map[string]faulttest.Operation {
	return map[string]faulttest.Operation{
		"update of documents": updateDocuments,
		"append of plays":     func(c *faulttest.Child) error { return appendPlays(c, 4, 1000) },
		"month rotation":      func(c *faulttest.Child) error { return appendPlays(c, 3, 1) },
	}
}

// opens a store as a controller does, again and again if need be.
func opens(c *faulttest.Child) (s *bolt.Store, err error) {
	err = c.Try(func() error {
		s, err = bolt.Open(context.Background(), bolt.Config{Dir: c.Dir})
		return err
	})
	c.Say("open")
	return s, err
}

// updateDocuments writes documents, each once, whatever it takes to know that it is there.
func updateDocuments(c *faulttest.Child) error {
	s, err := opens(c)
	if err != nil {
		return err
	}
	for n := 1; n <= 4; n++ {
		c.Say("ask documents %d", n)
		id := fmt.Sprint("item-", n)
		err := c.Try(func() error {
			return s.Update(context.Background(), func(tx store.Tx) error {
				_, err := tx.Get("item", id)
				if errors.Is(err, playlists.ErrNotFound) {
					_, err = tx.Put("item", id, 0, "ada", bodyOf(id))
				}
				return err
			})
		})
		if err != nil {
			return err
		}
		c.Say("documents %d", n)
	}
	return s.Close()
}

func bodyOf(id string) json.RawMessage {
	return json.RawMessage(`{"text":"` + strings.Repeat(id, 300) + `"}`)
}

// appendPlays appends batches of one play, so many in every month.
func appendPlays(c *faulttest.Child, plays, every int) error {
	s, err := opens(c)
	if err != nil {
		return err
	}
	for n := 1; n <= plays; n++ {
		c.Say("ask plays %d", n)
		err := c.Try(func() error {
			w, err := s.Watermark(context.Background(), storetest.Stream(1))
			if err != nil || w.Through >= uint64(n) {
				return err
			}
			l, err := lineAfter(w.Through)
			if err != nil {
				return err
			}
			batch := l.Batch(storetest.Noon().AddDate(0, (n-1)/every, 0), writerPlay(w.Through+1))
			return s.Append(context.Background(), []store.Batch{batch})
		})
		if err != nil {
			return err
		}
		c.Say("plays %d", n)
	}
	return s.Close()
}

func TestFaults(t *testing.T) {
	for operation := range faultOperations() {
		faulttest.Campaign{Operation: operation, Check: func(t *testing.T, dir string, lines []string) {
			s, asked := heardOf(lines)
			plays, documents := check(t, dir, s, operation)
			if plays > asked.plays || documents > asked.documents {
				t.Errorf("%d plays and %d documents are there, %d and %d were asked for", plays, documents, asked.plays, asked.documents)
			}
			check(t, dir, s, "second start")
		}}.Run(t)
	}
}
