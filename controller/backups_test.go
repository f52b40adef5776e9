package controller_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anteroom/controller"
	"anteroom/controller/access"
	"anteroom/controller/alert"
	"anteroom/controller/backup"
	"anteroom/controller/controllertest"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/wire"
)

// run runs a controller on data with a socket for commands, until the test ends or stop is called.
func run(t *testing.T, data string) (stop func()) {
	t.Helper()
	cfg := config(data, controllertest.NewNetwork())
	cfg.Local = true
	c, err := controller.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("stopping: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// furnished is the data of a controller that was stopped, with a user and two months of plays.
func furnished(t *testing.T) string {
	t.Helper()
	data := t.TempDir()
	u := access.User{Actor: access.Actor{Name: "ada", Role: access.Administrator, Everywhere: true}}
	c, _ := open(t, data)
	must(t, errors.Join(c.AddUser(t.Context(), "system", u, "correct horse battery"), c.Close()))
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: filepath.Join(data, "store")})
	if err != nil {
		t.Fatal(err)
	}
	l := storetest.NewLine(t, 1)
	for month := range 2 {
		at := storetest.Noon().AddDate(0, month, 0)
		if err := s.Append(t.Context(), []store.Batch{l.Batch(at, storetest.Play("lobby", "flu", at))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return data
}

// wantFurnished holds a directory to be data that a controller runs on with all that furnished put in.
func wantFurnished(t *testing.T, data string) {
	t.Helper()
	c, _ := open(t, data)
	if link, err := c.FirstLink(t.Context()); link != "" || err != nil {
		t.Errorf("there is no user: %q, %v", link, err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: filepath.Join(data, "store")})
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.Watermark(t.Context(), storetest.Stream(1))
	if err != nil || w.Through != 2 {
		t.Errorf("plays are known up to %d, %v; want 2", w.Through, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func take(t *testing.T, data, folder string) backup.Taken {
	t.Helper()
	taken, err := controller.Backup(t.Context(), data, folder, "v1")
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func TestBackupOfARunningAndOfAStoppedController(t *testing.T) {
	data := furnished(t)
	stop := run(t, data)
	running := take(t, data, filepath.Join(t.TempDir(), "backups"))
	stop()
	stopped := take(t, data, filepath.Join(t.TempDir(), "backups"))
	for name, taken := range map[string]backup.Taken{"running": running, "stopped": stopped} {
		t.Run(name, func(t *testing.T) {
			if taken.Files < 4 {
				t.Errorf("took %+v; want the key and three files of the store at least", taken)
			}
			again := filepath.Join(t.TempDir(), "data")
			if _, err := backup.Restore(t.Context(), taken.Dir, again); err != nil {
				t.Fatal(err)
			}
			wantFurnished(t, again)
		})
	}
	if left, _ := filepath.Glob(filepath.Join(data, "store", "snapshot-*")); len(left) > 0 {
		t.Errorf("the running controller's snapshot is still there: %v", left)
	}
}

func TestTheSocketIsForItsOwnerAlone(t *testing.T) {
	data := t.TempDir()
	stop := run(t, data)
	socket := filepath.Join(data, "controller.sock")
	info, err := os.Stat(socket)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket is %v, %v; want 0600", info.Mode(), err)
	}
	stop()
	if _, err := os.Stat(socket); err == nil {
		t.Error("the socket of a stopped controller is still there")
	}
	killed, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	must(t, err)
	killed.SetUnlinkOnClose(false)
	must(t, killed.Close())
	take(t, data, filepath.Join(t.TempDir(), "backups"))
	run(t, data)
	take(t, data, filepath.Join(t.TempDir(), "backups"))
}

func TestBackupsThatDoNotCount(t *testing.T) {
	tests := []struct {
		name   string
		damage func(t *testing.T, data string)
		says   string
	}{
		{"there is no controller", func(t *testing.T, data string) {
			t.Helper()
			must(t, os.Remove(filepath.Join(data, "controller.key")))
		}, "there is no controller in"},
		{"the documents are damaged", func(t *testing.T, data string) {
			t.Helper()
			zero(t, filepath.Join(data, "store", "documents.db"))
		}, "documents.db: damaged"},
		{"a closed month is damaged", func(t *testing.T, data string) {
			t.Helper()
			zero(t, filepath.Join(data, "store", "plays-2026-11.db"))
		}, "if there is none take the file away"},
		{"the key is another controller's", func(t *testing.T, data string) {
			t.Helper()
			_, other, err := ed25519.GenerateKey(nil)
			must(t, err)
			signed, err := wire.SignTakeovers(other, *playliststest.Takeovers(1, storetest.Noon()))
			must(t, err)
			body, err := json.Marshal(signed)
			must(t, err)
			s, err := bolt.Open(t.Context(), bolt.Config{Dir: filepath.Join(data, "store")})
			must(t, err)
			must(t, s.Update(t.Context(), func(tx store.Tx) error {
				_, err := tx.Put(alert.SignedKind, "takeovers", 0, "ada", body)
				return err
			}))
			must(t, s.Close())
		}, "signed with another key"},
		{"another process has the store, and no socket", func(t *testing.T, data string) {
			t.Helper()
			c, _ := open(t, data)
			t.Cleanup(func() { c.Close() })
		}, "does not answer on its socket"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data, folder := furnished(t), filepath.Join(t.TempDir(), "backups")
			tt.damage(t, data)
			_, err := controller.Backup(t.Context(), data, folder, "v1")
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
			if _, _, err := backup.Choose(folder); err == nil {
				t.Error("and yet there is a backup")
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// zero overwrites all but the two headers of a file.
func zero(t *testing.T, path string) {
	t.Helper()
	must(t, os.Chmod(path, 0o600))
	whole, err := os.ReadFile(path)
	must(t, err)
	clear(whole[8<<10:])
	must(t, os.WriteFile(path, whole, 0o600))
}

func TestAMonthThatIsLostIsNoHindrance(t *testing.T) {
	data := furnished(t)
	must(t, os.Remove(filepath.Join(data, "store", "plays-2026-11.db")))
	run(t, data)
	take(t, data, filepath.Join(t.TempDir(), "backups"))
}

func TestARestoreThatWasCutShortDoesNotStart(t *testing.T) {
	data := t.TempDir()
	must(t, os.Mkdir(filepath.Join(data, ".restoring"), 0o700))
	if c, err := controller.New(t.Context(), config(data, controllertest.NewNetwork())); err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("got %v", err)
		if err == nil {
			c.Close()
		}
	}
}

func TestTheControllerStopsWhileItIsCopied(t *testing.T) {
	data := furnished(t)
	stop := run(t, data)
	began := make(chan struct{})
	borrowed := controller.Borrow(t, data, began)
	<-began
	at := time.Now()
	stop()
	if took := time.Since(at); took > time.Minute {
		t.Errorf("stopping took %v", took)
	}
	if err := <-borrowed; err == nil || !strings.Contains(err.Error(), "run the backup again") {
		t.Errorf("the borrower was told %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(data, "store", "snapshot-*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}
