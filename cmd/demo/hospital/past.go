package hospital

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"anteroom/controller"
	"anteroom/controller/store/bolt"
)

// Remember makes a new demo's past, and its controller, in a directory: patients of the last months have asked for things. A
// controller that is there already keeps its own.
func Remember(ctx context.Context, data string, now time.Time) error {
	if _, err := os.Stat(filepath.Join(data, "controller.key")); !errors.Is(err, fs.ErrNotExist) {
		return err // it has a past
	}
	whole := func(context.Context, string) error { return nil } // it is being made
	c, err := controller.New(ctx, controller.Config{Data: data, Listen: "127.0.0.1:0", Probe: whole})
	if err != nil {
		return err
	}
	if err := c.Close(); err != nil {
		return err
	}
	s, err := bolt.Open(ctx, bolt.Config{Dir: filepath.Join(data, "store"), Probe: whole})
	if err != nil {
		return err
	}
	return errors.Join(s.PutCounts(ctx, Asked(now)), s.Close())
}
