package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"anteroom/cmd/demo/hospital"
	"anteroom/controller"
	"anteroom/controller/store/bolt"
)

// remember makes a new demo's past, and its controller: patients of the last months have asked for things.
func remember(ctx context.Context, data string) error {
	if _, err := os.Stat(filepath.Join(data, "controller.key")); !errors.Is(err, fs.ErrNotExist) {
		return err // it has a past
	}
	c, err := controller.New(ctx, controller.Config{Data: data, Listen: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	if err := c.Close(); err != nil {
		return err
	}
	s, err := bolt.Open(ctx, bolt.Config{Dir: filepath.Join(data, "store")})
	if err != nil {
		return err
	}
	return errors.Join(s.PutCounts(ctx, hospital.Asked(time.Now())), s.Close())
}
