package controller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// statePath tells how the controller is.
const statePath = "/state"

// snapshotPath is asked for one state of the store; it is kept for as long as the request lasts.
const snapshotPath = "/snapshot"

// snapshotter is a store that can be copied while it is used.
type snapshotter interface {
	Snapshot(ctx context.Context) (dir string, release func() error, err error)
}

// snapshot is the answer.
type snapshot struct {
	Dir string    `json:"dir"`
	At  time.Time `json:"at"`
}

// localSocket is where commands on this machine speak with the controller that runs on data.
func localSocket(data string) string { return filepath.Join(data, "controller.sock") }

// listenLocal opens the socket, which only the controller's own user and root can. A controller whose
// socket cannot be made serves all the same.
func listenLocal(ctx context.Context, data string, log *slog.Logger) net.Listener {
	path := localSocket(data)
	l, err := func() (net.Listener, error) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		secret := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (failed error) {
			// Before the socket has a name: there is no moment at which others could open it.
			err := c.Control(func(fd uintptr) { failed = unix.Fchmod(int(fd), 0o600) })
			return errors.Join(err, failed)
		}}
		return secret.Listen(ctx, "unix", path)
	}()
	if err != nil {
		log.WarnContext(ctx, "no local socket", slog.Any("error", err),
			slog.String("advice", "backup and doctor work only while the controller is stopped"))
		return nil
	}
	return l
}

// localHandler answers commands on this machine; requests that last end with stopping.
func (o *Controller) localHandler(stopping <-chan struct{}) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+snapshotPath, func(w http.ResponseWriter, r *http.Request) {
		if err := o.lend(w, r, stopping); err != nil {
			o.log.WarnContext(r.Context(), "snapshot not given", slog.Any("error", err))
		}
	})
	mux.HandleFunc("GET "+statePath, func(w http.ResponseWriter, r *http.Request) {
		l, err := o.Losses(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if err := json.NewEncoder(w).Encode(State{Version: o.version, URL: o.url, Provider: o.issuer, Listen: o.listener.Addr().String(), Losses: l}); err != nil {
			o.log.WarnContext(r.Context(), "state not told", slog.Any("error", err))
		}
	})
	mux.HandleFunc("POST "+importPath, o.importLocal)
	mux.HandleFunc("GET "+auditPath, func(w http.ResponseWriter, r *http.Request) {
		found, err := o.store.Verify(r.Context(), marksOf(r.URL.Query())...)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if err := json.NewEncoder(w).Encode(found); err != nil {
			o.log.WarnContext(r.Context(), "state not told", slog.Any("error", err))
		}
	})
	return mux
}

// lend takes a snapshot of the store and keeps it until whoever asked hangs up, or the controller stops.
func (o *Controller) lend(w http.ResponseWriter, r *http.Request, stopping <-chan struct{}) error {
	s := snapshot{At: time.Now().UTC()}
	from, ok := o.store.Store.(snapshotter)
	if !ok {
		http.Error(w, "this store has backups of its own", http.StatusNotImplemented)
		return nil
	}
	o.recordBackup(r.Context())
	dir, release, err := from.Snapshot(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return err
	}
	s.Dir = dir
	err = errors.Join(json.NewEncoder(w).Encode(s), http.NewResponseController(w).Flush())
	if err == nil {
		select {
		case <-r.Context().Done():
		case <-stopping:
		}
	}
	return errors.Join(err, release())
}

// errStopped is why a backup of a running controller ends early.
var errStopped = errors.New("the controller stopped meanwhile: run the backup again")

// borrow asks the controller that runs on data for a snapshot; it lasts until giveBack is called, and held
// ends when the controller stops before that. If none runs, the error is [ErrNotRunning].
func borrow(ctx context.Context, data string) (s snapshot, held context.Context, giveBack func(), err error) {
	held, cancel := context.WithCancelCause(ctx)
	giveBack = func() { cancel(nil) }
	defer func() {
		if err != nil {
			cancel(nil)
		}
	}()
	answer, err := askLocal(held, data, http.MethodPost, snapshotPath)
	if err != nil {
		return s, held, giveBack, err
	}
	if err := json.NewDecoder(answer.Body).Decode(&s); err != nil {
		return s, held, giveBack, errors.Join(fmt.Errorf("asking the controller for a copy of its store: %w", err), answer.Body.Close())
	}
	context.AfterFunc(held, func() { _ = answer.Body.Close() })
	go func() { // ends with the body, which ends with held
		_, _ = io.Copy(io.Discard, answer.Body)
		cancel(errStopped)
	}()
	return s, held, giveBack, nil
}

// ErrNotRunning says that no controller runs on a data directory, or none that can be asked.
var ErrNotRunning = errors.New("no controller runs")

// askLocal sends a request to the controller that runs on data; an answer that is not OK is an error.
func askLocal(ctx context.Context, data, method, path string) (*http.Response, error) {
	return askLocalWith(ctx, data, method, path, http.NoBody)
}

// askLocalWith is askLocal with something to read.
func askLocalWith(ctx context.Context, data, method, path string, body io.Reader) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://controller"+path, body)
	if err != nil {
		return nil, err
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", localSocket(data))
	}
	answer, err := (&http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}).Do(r)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("%w on %s", ErrNotRunning, data)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("speaking with the controller on %s: %w: run this as the controller's user, or as root", data, err)
	case err != nil:
		return nil, fmt.Errorf("speaking with the controller on %s: %w", data, err)
	case answer.StatusCode != http.StatusOK:
		return nil, refusal(answer)
	}
	return answer, nil
}

// refusal is what a controller said that does not do what it was asked.
func refusal(answer *http.Response) error {
	said, err := io.ReadAll(io.LimitReader(answer.Body, 4096))
	return errors.Join(fmt.Errorf("the controller says: %s", strings.TrimSpace(string(said))), err, answer.Body.Close())
}
