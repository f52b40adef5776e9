package controller

import (
	"context"
	"testing"
)

// Borrow borrows a snapshot, closes began, and gives why it ended.
func Borrow(t *testing.T, data string, began chan<- struct{}) <-chan error {
	t.Helper()
	ended := make(chan error, 1)
	go func() {
		_, held, giveBack, err := borrow(t.Context(), data)
		close(began)
		if err == nil {
			<-held.Done()
			err = context.Cause(held)
			giveBack()
		}
		ended <- err
	}()
	return ended
}
