package audit

import (
	"encoding/json"
	"reflect"
	"testing"

	"anteroom/controller/store"
	"anteroom/playlists/playliststest/fuzztest"
)

// FuzzDecode: whatever lies there is an entry or an error, and an entry is kept as it was.
func FuzzDecode(f *testing.F) {
	g := fuzztest.New(f)
	g.Add([]byte(`{"at":"2026-11-23T07:00:00Z","by":"ada","did":"made","kind":"site","id":"main","revision":1,"body":"00"}`))
	g.Add([]byte(`{"at":"2026-11-23T07:00:00Z","did":"sign-in-refused","from":"192.0.2.7","previous":"00"}`))
	g.Add([]byte(`7`))
	g.Fuzz(func(t *testing.T, body []byte) {
		e, err := decode(store.Document{Kind: Kind, ID: logID, Revision: 3, Body: body})
		if err != nil {
			return
		}
		if e.Number != 3 || e.Sum != sumOf(body) {
			t.Errorf("entry %d with the sum %s", e.Number, e.Sum)
		}
		again, err := json.Marshal(e)
		if err != nil {
			return // a time that JSON reads and does not write
		}
		second, err := decode(store.Document{Revision: 3, Body: again})
		if second.Sum, second.At = e.Sum, e.At; err != nil || !reflect.DeepEqual(second, e) {
			t.Errorf("got %+v, %v, want %+v", second, err, e)
		}
	})
}
