package publish_test

import (
	"testing"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/wire"
)

// Screens get what they need to hand people over to their phones where an item asks for it and there is an address, at
// the next hello after a restart as well; else nothing of theirs changes.
func TestHeadsCarryWhatMakesCodes(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	plain := o.head(playliststest.CardiologyDoor, 0)
	const address = "https://care.lakeside.example"
	restart := func(to string) {
		o.now = o.now.Add(time.Hour)
		o.handOff = to
		o.start()
	}

	restart(address)
	if got := o.head(playliststest.CardiologyDoor, 0); got.Generation != plain.Generation {
		t.Errorf("no item has a code, and the body changed all the same: %+v", got)
	}
	m, err := o.Current(playliststest.CardiologyDoor)
	if err != nil {
		t.Fatal(err)
	}
	item := m.Body.Showings[0].Item
	restart("")
	edit(o, "item", string(item), "ada", func(i *playlists.Item) { i.HandOff = true })
	o.publish()
	if got := o.head(playliststest.CardiologyDoor, 0); got.Generation != plain.Generation {
		t.Errorf("there is no address for phones, and the body changed all the same: %+v", got)
	}

	restart(address)
	door, window := o.head(playliststest.CardiologyDoor, 0), o.head(playliststest.CardiologyWindow, 0)
	if door.Generation != plain.Generation+1 || string(door.HandOff) != string(wire.HandOffKey(o.key, door.Screen)) || len(door.HandOff) != 32 {
		t.Errorf("the head is %+v, want the next one, with the screen's key", door)
	}
	if string(door.HandOff) == string(window.HandOff) || door.Body != window.Body {
		t.Error("two screens of a class have one body and a key each; these have not")
	}
	m, err = o.Current(playliststest.CardiologyDoor)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range m.Body.Showings {
		if s.HandOff != (s.Item == item) {
			t.Errorf("%s has a code: %v", s.Item, s.HandOff)
		}
	}
	if m.Body.HandOff != address {
		t.Errorf("codes lead to %q", m.Body.HandOff)
	}

	restart("")
	if got := o.head(playliststest.CardiologyDoor, 0); got.Generation != plain.Generation+2 || got.HandOff != nil {
		t.Errorf("the address is gone, and the head is %+v", got)
	}
}
