package access

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// touchEvery is how far an expiry may move before it is written again: a session's use is not worth
// a write to disk at every request.
const touchEvery = 5 * time.Minute

// sessions keeps sessions by the hash of their token, in memory and in a file each. Without a
// directory they end with the process. It is a scs.CtxStore.
type sessions struct {
	dir string
	log *slog.Logger

	mu   sync.Mutex
	held map[string]session
	// ended are sessions that ended before their time, until then: a request that is on its way when somebody
	// signs out brings none back.
	ended map[string]time.Time
}

type session struct {
	Expiry time.Time `json:"expiry"`
	Data   []byte    `json:"data"`
	// Used is when it was last used, on disk to a few minutes.
	Used time.Time `json:"used"`
	// written is the expiry that the file has.
	written time.Time
}

const (
	sessionSuffix = ".session"
	newSuffix     = ".new" // a file that is being written
)

// openSessions reads the sessions of a directory; files that cannot be read are ended sessions.
func openSessions(dir string, log *slog.Logger) (*sessions, error) {
	s := &sessions{dir: dir, log: log, held: map[string]session{}, ended: map[string]time.Time{}}
	if dir == "" {
		return s, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the directory of sessions: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the sessions: %w", err)
	}
	for _, e := range entries {
		if err := s.load(e.Name()); err != nil {
			return nil, fmt.Errorf("reading the sessions: %w", err)
		}
	}
	return s, nil
}

func (s *sessions) load(name string) error {
	path := filepath.Join(s.dir, name)
	if strings.HasSuffix(name, sessionSuffix+newSuffix) {
		return os.Remove(path)
	}
	key, ok := strings.CutSuffix(name, sessionSuffix)
	if !ok {
		return nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	held, err := unseal(key, b)
	if err != nil {
		s.log.Warn("damaged session ended", slog.String("file", path), slog.Any("error", err))
		return os.Remove(path)
	}
	if !held.Expiry.After(time.Now()) {
		return os.Remove(path)
	}
	held.written = held.Expiry
	s.held[key] = held
	return nil
}

var errDamaged = errors.New("its sum is wrong")

// seal is a session as it is kept: behind the SHA-256 of its key and itself, so that nobody becomes another by
// a bit.
func seal(key string, held session) ([]byte, error) {
	b, err := json.Marshal(held)
	if err != nil {
		return nil, err
	}
	return append(sumOf(key, b), b...), nil
}

func unseal(key string, b []byte) (held session, err error) {
	n := min(len(b), len(sumOf(key, nil)))
	if !bytes.Equal(b[:n], sumOf(key, b[n:])) {
		return held, errDamaged
	}
	err = json.Unmarshal(b[n:], &held)
	return held, err
}

func sumOf(key string, b []byte) []byte {
	sum := sha256.New()
	_, _ = sum.Write([]byte(key)) // a hash's never fails
	_, _ = sum.Write(b)
	return append(hex.AppendEncode(nil, sum.Sum(nil)), ' ')
}

// keyOf hashes a token: what lies on disk opens no session.
func keyOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// FindCtx implements scs.CtxStore.
func (s *sessions) FindCtx(_ context.Context, token string) (data []byte, found bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held, ok := s.held[keyOf(token)]
	if !ok || !held.Expiry.After(time.Now()) {
		return nil, false, nil
	}
	return held.Data, true, nil
}

// CommitCtx implements scs.CtxStore. A session that cannot be written is good until the process
// ends: what the request asked for is done by now, and people must be able to sign in to a controller
// whose disk is full.
func (s *sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := keyOf(token)
	if _, ended := s.ended[key]; ended {
		return nil
	}
	was, ok := s.held[key]
	now := session{Expiry: expiry, Data: data, Used: time.Now().UTC(), written: was.written}
	if !ok || !bytes.Equal(was.Data, data) || expiry.Sub(was.written).Abs() >= touchEvery {
		now.written = expiry
		if err := s.writeLocked(key, now); err != nil {
			s.log.WarnContext(ctx, "session kept in memory alone", slog.Any("error", err))
		}
	}
	s.held[key] = now
	return nil
}

// DeleteCtx implements scs.CtxStore.
func (s *sessions) DeleteCtx(_ context.Context, token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deleteLocked(keyOf(token))
}

// sweep ends what has expired.
func (s *sessions) sweep(now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for key, held := range s.held {
		if !held.Expiry.After(now) {
			errs = append(errs, s.deleteLocked(key))
		}
	}
	maps.DeleteFunc(s.ended, func(_ string, expiry time.Time) bool { return !expiry.After(now) })
	return errors.Join(errs...)
}

func (s *sessions) deleteLocked(key string) error {
	if was, ok := s.held[key]; ok {
		s.ended[key] = was.Expiry
	}
	delete(s.held, key)
	if s.dir == "" {
		return nil
	}
	if err := os.Remove(s.path(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("ending a session: %w", err)
	}
	return nil
}

// all gives the sessions that are good now, by key.
func (s *sessions) all(now time.Time) map[string]session {
	s.mu.Lock()
	defer s.mu.Unlock()
	good := map[string]session{}
	for key, held := range s.held {
		if held.Expiry.After(now) {
			good[key] = held
		}
	}
	return good
}

// end ends sessions by their keys.
func (s *sessions) end(keys ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, key := range keys {
		errs = append(errs, s.deleteLocked(key))
	}
	return errors.Join(errs...)
}

// writeLocked replaces a session's file whole. It is not synced: a session lost to a power cut is a
// person who signs in again.
func (s *sessions) writeLocked(key string, held session) error {
	if s.dir == "" {
		return nil
	}
	b, err := seal(key, held)
	if err != nil {
		return fmt.Errorf("keeping a session: %w", err)
	}
	temporary := s.path(key) + newSuffix
	if err := os.WriteFile(temporary, b, 0o600); err != nil {
		return errors.Join(fmt.Errorf("keeping a session: %w", err), os.Remove(temporary))
	}
	if err := os.Rename(temporary, s.path(key)); err != nil {
		return errors.Join(fmt.Errorf("keeping a session: %w", err), os.Remove(temporary))
	}
	return nil
}

func (s *sessions) path(key string) string { return filepath.Join(s.dir, key+sessionSuffix) }

// Find implements scs.Store.
func (s *sessions) Find(token string) (data []byte, found bool, err error) {
	return s.FindCtx(context.Background(), token)
}

// Commit implements scs.Store.
func (s *sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete implements scs.Store.
func (s *sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
