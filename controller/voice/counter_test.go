package voice_test

import (
	"context"
	"errors"
	"testing"

	"anteroom/controller/store"
	"anteroom/controller/voice"
)

// failing is a store whose disk takes some writes and says that it did not.
type failing struct {
	store.Store

	fail bool
}

func (f *failing) PutCounts(ctx context.Context, all []store.Count) error {
	err := f.Store.PutCounts(ctx, all)
	if f.fail {
		return errors.Join(err, errors.New("no answer from the disk"))
	}
	return err
}

// TestWhatMayHaveBeenWrittenCountsOnce writes again what a disk says that it did not write, and had.
func TestWhatMayHaveBeenWrittenCountsOnce(t *testing.T) {
	r := newRoom(t)
	disk := &failing{Store: r.store, fail: true}
	c := voice.NewCounter(disk)
	key := asked(0, "flu", "en", 1).CountKey
	key.Department = er
	for range 3 {
		if err := c.Add(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		if err := c.Flush(t.Context()); err == nil {
			t.Fatal("the disk was believed")
		}
	}
	disk.fail = false
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.wantCounts(map[string]int64{"asked flu en": 3})
}

// TestWhatIsCountedIsWrittenAtTheEnd stops the server before it would have written.
func TestWhatIsCountedIsWrittenAtTheEnd(t *testing.T) {
	r := newRoom(t)
	r.phone(patients, "en").get("/" + r.code())
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := r.Run(ctx); err != nil {
		t.Error(err)
	}
	r.start() // a server that has counted nothing has nothing to write
	r.wantCounts(map[string]int64{"hand-off en": 1})
}
