package controller

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"anteroom/controller/backup"
	"anteroom/controller/content"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
)

// trialCommand is the hidden command that restores a backup on trial.
const trialCommand = "trial-child"

// Backup copies the controller on data into a folder of backups, while it runs or while it does not. The
// copy counts once a child process has restored it and a controller has opened on it. How it went is noted for
// the console.
func Backup(ctx context.Context, data, folder, version string) (backup.Taken, error) {
	tried := time.Now().UTC()
	taken, err := makeBackup(ctx, data, folder, version)
	note := backup.Note{At: tried, Dir: folder}
	if err != nil {
		note.Error = err.Error()
	} else {
		note.Dir, note.Bytes, note.Assets = taken.Dir, taken.Bytes, taken.Assets
	}
	if _, there := os.Stat(filepath.Join(data, keyName)); there == nil {
		taken.Unnoted = backup.Keep(data, note)
	}
	return taken, err
}

func makeBackup(ctx context.Context, data, folder, version string) (backup.Taken, error) {
	self, err := os.Executable()
	if err != nil {
		return backup.Taken{}, fmt.Errorf("finding the controller's own binary: %w", err)
	}
	from := backup.Source{
		Key: filepath.Join(data, keyName), Store: filepath.Join(data, storeDir), Content: filepath.Join(data, contentDir),
	}
	if _, err := os.Stat(from.Key); errors.Is(err, fs.ErrNotExist) {
		return backup.Taken{}, fmt.Errorf("%w: there is no controller in %s: it has no %s", playlists.ErrInvalid, data, keyName)
	}
	order := backup.Order{From: from, Folder: folder, Version: version, Trial: trialWith(self, trialCommand)}
	s, held, giveBack, err := borrow(ctx, data)
	if errors.Is(err, ErrNotRunning) {
		return backupStopped(ctx, order)
	}
	if err != nil {
		return backup.Taken{}, err
	}
	defer giveBack()
	order.At, order.From.Store = s.At, s.Dir
	if order.From.Names, err = filesIn(s.Dir); err != nil {
		return backup.Taken{}, err
	}
	taken, err := backup.Take(held, order)
	if err != nil && ctx.Err() == nil && held.Err() != nil {
		err = context.Cause(held)
	}
	return taken, err
}

// backupStopped keeps a controller from starting while its files are copied.
func backupStopped(ctx context.Context, order backup.Order) (backup.Taken, error) {
	names, release, err := bolt.Hold(order.From.Store)
	if errors.Is(err, bolt.ErrInUse) {
		return backup.Taken{}, fmt.Errorf("%w. It does not answer on its socket, so it cannot be asked for a copy", err)
	}
	if err != nil {
		return backup.Taken{}, err
	}
	order.At, order.From.Names = time.Now().UTC(), names
	taken, err := backup.Take(ctx, order)
	return taken, errors.Join(err, release())
}

func filesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

// trialWith gives a trial that runs a child process: command, with the backup as its last argument, must
// end in [Child].
func trialWith(command ...string) func(ctx context.Context, dir string) error {
	return func(ctx context.Context, dir string) error {
		child := exec.CommandContext(ctx, command[0], append(command[1:], dir)...)
		said, err := child.CombinedOutput()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			first, _, _ := strings.Cut(string(said), "\n")
			return fmt.Errorf("%w: %.2000s", err, first)
		}
		return nil
	}
}

// trial is the whole of the child: it restores a backup inside its own folder, opens a controller on it as
// a start would, and reads what the screens show and every figure. Nothing of it stays.
func trial(ctx context.Context, dir string) (err error) {
	into := filepath.Join(dir, "trial")
	defer func() { err = errors.Join(err, os.RemoveAll(into)) }()
	if _, err := backup.Try(ctx, dir, into); err != nil {
		return err
	}
	files := filepath.Join(into, storeDir)
	names, err := filesIn(files)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := bolt.Probe(filepath.Join(files, name)); err != nil {
			return fmt.Errorf("%w; put the file of an earlier backup in the place of the controller's own %s, or if there is none take the file away", err, name)
		}
	}
	o, err := New(ctx, Config{Data: into, Listener: nowhere{}, Probe: sound})
	if err != nil {
		return err
	}
	return errors.Join(o.prove(ctx, content.At(filepath.Join(into, contentDir))), o.Close())
}

// sound probes nothing: everything has been probed already.
func sound(context.Context, string) error { return nil }

// prove reads what each screen shows and every figure of every month.
func (o *Controller) prove(ctx context.Context, files *content.Content) error {
	for screen := range o.publish.Screens() {
		m, err := o.publish.Current(screen)
		if err != nil {
			return err
		}
		for _, a := range m.Body.Assets {
			if !files.Has(a.Digest) {
				return fmt.Errorf("screen %s shows asset %s, which is missing: upload its file again and publish", screen, a.Digest)
			}
		}
	}
	for _, err := range o.store.Rollups(ctx, time.UnixMilli(math.MinInt64/2), time.UnixMilli(math.MaxInt64/2)) {
		// A month whose file the controller itself has lost is no fault of the backup, and one that it no longer keeps is none.
		if gone := (*store.ForgottenError)(nil); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.As(err, &gone) {
			return err
		}
	}
	return nil
}

// nowhere is a listener that nobody comes to.
type nowhere struct{}

func (nowhere) Accept() (net.Conn, error) { return nil, io.EOF }
func (nowhere) Close() error              { return nil }
func (nowhere) Addr() net.Addr            { return &net.UnixAddr{Name: "nowhere", Net: "unix"} }
