package publish_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/controller/publish"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

const cardiologyDoor = playliststest.CardiologyDoor

// order has the drafts of departments come into force later.
func (o *house) order(in time.Duration, departments ...playlists.DepartmentID) publish.Waiting {
	o.t.Helper()
	w, err := o.PublishAt(o.t.Context(), publish.Order{Departments: departments, By: "maria", Note: "later"}, o.now.Add(in))
	if err != nil {
		o.t.Fatal(err)
	}
	return w
}

// after lets time pass, as the publisher's Run would notice it.
func (o *house) after(d time.Duration) {
	o.now = o.now.Add(d)
	o.GoOut(o.t.Context())
}

// turn hangs a screen upright, which makes another body of it.
func (o *house) turn(s playlists.ScreenID, degrees int) {
	edit(o, "screen", string(s), "mo", func(s *playlists.Screen) { s.Rotation = degrees })
}

func (o *house) rotation(s playlists.ScreenID) int {
	o.t.Helper()
	m, err := o.Current(s)
	if err != nil {
		o.t.Fatal(err)
	}
	return m.Body.Rotation
}

// waits lists the numbers that wait.
func (o *house) waits() []uint64 {
	var numbers []uint64
	for _, w := range o.Waiting() {
		numbers = append(numbers, w.Number)
	}
	return numbers
}

// TestPublicationComesAtItsTime orders one for tomorrow: it goes to players ten minutes before, holds from its
// time on, and has what was newest when it was ordered.
func TestPublicationComesAtItsTime(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	at := o.now.Add(24 * time.Hour)
	o.turn(cardiologyDoor, 90)
	w := o.order(24*time.Hour, "cardiology")
	o.turn(cardiologyDoor, 180) // half done
	o.after(24*time.Hour - 11*time.Minute)
	if got := o.rotation(cardiologyDoor); got != 0 || len(o.waits()) != 1 {
		t.Errorf("eleven minutes before: turned by %d, %v wait", got, o.waits())
	}
	o.start() // whatever happens to the controller meanwhile
	o.after(2 * time.Minute)
	m, err := o.Current(cardiologyDoor)
	if err != nil {
		t.Fatal(err)
	}
	if m.Body.Rotation != 90 || m.Head.From.Before(at) || m.Head.From.After(at.Add(time.Minute)) {
		t.Errorf("nine minutes before: turned by %d from %s, want by 90 from %s", m.Body.Rotation, m.Head.From, at)
	}
	all, err := o.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if p := all[0]; p.Number != 2 || !p.From.Equal(at) || p.Waited != w.Number || p.By != "maria" || len(o.waits()) != 0 {
		t.Errorf("published %+v, %v wait", p, o.waits())
	}
	spells, err := o.Past(t.Context(), cardiologyDoor, at.Add(-time.Hour), at.Add(time.Hour))
	if err != nil || len(spells) != 2 || !spells[1].Start.Equal(m.Head.From) {
		t.Errorf("in force around it: %v, %v", spells, err)
	}
}

// TestUndoneBeforeItsTimeNeverShows takes one back that is on its way to players already.
func TestUndoneBeforeItsTimeNeverShows(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	at := o.now.Add(5 * time.Minute)
	o.turn(cardiologyDoor, 90)
	w := o.order(5*time.Minute, "cardiology")
	if w.Publication != 2 || w.Number != 0 {
		t.Fatalf("ordered %+v, want it on its way", w)
	}
	o.after(time.Minute)
	o.undo(2)
	spells, err := o.Past(t.Context(), cardiologyDoor, at.Add(-time.Hour), at.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range spells {
		if s.Manifest.Body.Rotation != 0 {
			t.Errorf("turned by %d from %s to %s", s.Manifest.Body.Rotation, s.Start, s.End)
		}
	}
}

// TestTakenBackDoesNotCome takes one back that waits.
func TestTakenBackDoesNotCome(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	o.turn(cardiologyDoor, 90)
	w := o.order(time.Hour)
	if err := o.TakeBack(t.Context(), w.Number, "ada"); err != nil {
		t.Fatal(err)
	}
	if err := o.TakeBack(t.Context(), w.Number, "ada"); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("again: %v", err)
	}
	o.start()
	o.after(2 * time.Hour)
	if got := o.rotation(cardiologyDoor); got != 0 {
		t.Errorf("turned by %d", got)
	}
}

// TestWhatIsPublishedTakesThePlaceOfWhatWaits: drafts only grow, so what goes out now has all that waits.
func TestWhatIsPublishedTakesThePlaceOfWhatWaits(t *testing.T) {
	for _, row := range []struct {
		name string
		then func(o *house)
		want []uint64 // that wait then
	}{
		{"nothing else", func(*house) {}, []uint64{1}},
		{"one now in one of its departments", func(o *house) { o.publish("cardiology") }, []uint64{1}},
		{"one now in all of them", func(o *house) { o.publish() }, nil},
		{"an undo in all of them", func(o *house) { o.undo(2) }, nil},
		{"one for earlier", func(o *house) { o.order(time.Hour) }, []uint64{2}},
		{"one for the same time", func(o *house) { o.order(2 * time.Hour) }, []uint64{2}},
		{"one for later", func(o *house) { o.order(3 * time.Hour) }, []uint64{1, 2}},
		{"one for later, then one between", func(o *house) { o.order(4 * time.Hour); o.order(3 * time.Hour) }, []uint64{1, 3}},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := open(t, playliststest.Hospital())
			o.publish()
			o.publish()
			o.order(2*time.Hour, "cardiology", "paediatrics", "outpatients")
			row.then(o)
			if got := o.waits(); !slices.Equal(got, row.want) {
				t.Errorf("%v wait, want %v", got, row.want)
			}
			o.start()
			if got := o.waits(); !slices.Equal(got, row.want) {
				t.Errorf("after a start %v wait, want %v", got, row.want)
			}
		})
	}
}

// TestWaitingLeavesAMovedScreenWhereItIs has another department take a screen over meanwhile.
func TestWaitingLeavesAMovedScreenWhereItIs(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	o.order(time.Hour, "cardiology")
	edit(o, "screen", string(cardiologyDoor), "mo", func(s *playlists.Screen) { s.Department = "paediatrics" })
	o.publish("paediatrics")
	o.after(2 * time.Hour)
	if place, _ := o.Place(cardiologyDoor); place.Department != "paediatrics" {
		t.Errorf("it hangs in %s", place.Department)
	}
}

// TestMoveThatWaitsComes orders a publication that itself brings a screen.
func TestMoveThatWaitsComes(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	edit(o, "screen", string(cardiologyDoor), "mo", func(s *playlists.Screen) { s.Department = "paediatrics" })
	o.order(time.Hour, "paediatrics")
	o.after(2 * time.Hour)
	if place, _ := o.Place(cardiologyDoor); place.Department != "paediatrics" {
		t.Errorf("it hangs in %s", place.Department)
	}
}

func TestTimesThatCannotBeChosen(t *testing.T) {
	o := open(t, playliststest.Hospital())
	for name, in := range map[string]time.Duration{"now": 0, "an hour ago": -time.Hour, "in two years": 2 * 366 * 24 * time.Hour} {
		if _, err := o.PublishAt(t.Context(), publish.Order{By: "maria"}, o.now.Add(in)); !errors.Is(err, playlists.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRunLetsGoOut lets time itself bring one.
func TestRunLetsGoOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, playliststest.Hospital())
		o.publish()
		o.turn(cardiologyDoor, 90)
		begun, at := time.Now(), o.now
		o.clock = func() time.Time { return at.Add(time.Since(begun)) }
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- o.Run(ctx) }()
		o.order(time.Hour)
		time.Sleep(49 * time.Minute)
		if len(o.waits()) != 1 {
			t.Error("it is gone too early")
		}
		time.Sleep(2 * time.Minute)
		if len(o.waits()) != 0 {
			t.Error("it waits still")
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// TestGoingBackToAPublication gives its departments what it pinned, and leaves the others.
func TestGoingBackToAPublication(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	o.turn(cardiologyDoor, 90)
	first := o.publish("cardiology")
	changes, err := o.Changes(t.Context(), first.Number)
	if err != nil || len(changes) != 1 || changes[0].Kind != "screen" || changes[0].From != 1 || changes[0].To != 2 || changes[0].By != "mo" {
		t.Errorf("it changed %+v, %v", changes, err)
	}
	o.turn(cardiologyDoor, 180)
	o.publish("cardiology")
	o.publish("paediatrics")
	preview, err := o.Preview(t.Context(), publish.Question{BackTo: first.Number, Span: time.Hour})
	if err != nil || len(preview.Changes) != 1 || preview.Changes[0].Kind != "screen" || preview.Changes[0].From != 3 || preview.Changes[0].To != 2 {
		t.Errorf("going back would change %+v, %v", preview.Changes, err)
	}
	back, err := o.BackTo(t.Context(), first.Number, "", "ada")
	if err != nil || back.BackTo != first.Number || !slices.Equal(back.Departments, first.Departments) {
		t.Fatalf("went back: %+v, %v", back, err)
	}
	if got := o.rotation(cardiologyDoor); got != 90 {
		t.Errorf("turned by %d", got)
	}
	if _, err := o.BackTo(t.Context(), 99, "", "ada"); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("to one that never was: %v", err)
	}
}
