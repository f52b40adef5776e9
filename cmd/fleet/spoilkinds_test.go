//go:build !e2e

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/controller/backup"
	"anteroom/controller/calendars"
	"anteroom/controller/content"
	"anteroom/controller/ingest"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/player/account"
	"anteroom/player/disk"
	"anteroom/player/journal"
	"anteroom/player/playback"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/playliststest/faulttest"
	"anteroom/playlists/wire"
)

// The disks of players and controllers that keep what not all of them do, and what is read by itself.
const (
	offeredDisk  = agentDisk + "-offered" // a head is offered
	asideDisk    = agentDisk + "-aside"   // an asset is set aside
	earlyDisk    = agentDisk + "-early"   // a run ended before its journal was open
	restoredDisk = controllerDisk + "-restored"
	accountsDisk = "accounts"
	uploadsDisk  = "uploads"
	piecesDisk   = "pieces" // an upload that has not come whole
	backupDisk   = "backup"
	followedDisk = "followed" // calendars of closures
)

// kind is a kind of file that we write, and which of a data directory's it is.
type kind struct {
	name, side, pattern string
	// back is which of several databases, counted from the newest.
	back int
	// refuses: a start that says what to do is an answer to its damage.
	refuses bool
	// read: of many files only those are damaged that a start gives out.
	read bool
	// unsynced: a power cut may take its end, of which nobody needs to be told.
	unsynced bool
	// uncounted: nobody can know how many plays were in it.
	uncounted bool
}

// kinds are all that a player and a controller write to keep.
func kinds() []kind {
	return []kind{
		{name: "identity", side: agentDisk, pattern: "identity/identity.json"},
		{name: "copy of the identity", side: agentDisk, pattern: "identity/identity.copy.json"},
		{name: "current head", side: agentDisk, pattern: "cache/current.json"},
		{name: "previous head", side: agentDisk, pattern: "cache/previous.json"},
		{name: "offered head", side: offeredDisk, pattern: "cache/offered.json"},
		{name: "takeovers", side: agentDisk, pattern: "cache/takeovers.json"},
		{name: "body", side: agentDisk, pattern: "cache/bodies/*"},
		{name: "asset", side: agentDisk, pattern: "cache/assets/*/*", read: true},
		{name: "list of streams", side: agentDisk, pattern: "journal/journal.json"},
		{name: "day of the journal", side: agentDisk, pattern: "journal/*/*.db", back: 1},
		{name: "newest day of the journal", side: agentDisk, pattern: "journal/*/*.db", uncounted: true},
		{name: "clock", side: agentDisk, pattern: "clock.json"},
		{name: "key", side: controllerDisk, pattern: "controller.key", refuses: true},
		{name: "documents", side: controllerDisk, pattern: "store/documents.db", refuses: true},
		{name: "closed month of plays", side: controllerDisk, pattern: "store/plays-*.db", back: 1},
		{name: "present month of plays", side: controllerDisk, pattern: "store/plays-*.db"},
		{name: "content", side: controllerDisk, pattern: "content/??/*", read: true},
		{name: "session", side: controllerDisk, pattern: "sessions/*"},
		{name: "what is set aside", side: asideDisk, pattern: "aside.json"},
		{name: "early plays", side: earlyDisk, pattern: "journal/early-*.jsonl", unsynced: true, uncounted: true},
		{name: "account of a stage", side: accountsDisk, pattern: "*", unsynced: true},
		{name: "record of a restore", side: restoredDisk, pattern: "restored.json"},
		{name: "how calendars stand", side: followedDisk, pattern: "calendars.json"},
		{name: "upload", side: uploadsDisk, pattern: "uploads/*/job.json"},
		{name: "source of an upload", side: uploadsDisk, pattern: "uploads/*/source"},
		{name: "upload in pieces", side: piecesDisk, pattern: "uploads/*/part.json"},
		{name: "what has come of an upload", side: piecesDisk, pattern: "uploads/*/source"},
		{name: "how backups went", side: controllerDisk, pattern: "backups.json"},
		{name: "manifest of a backup", side: backupDisk, pattern: "20*/manifest", refuses: true},
		{name: "key in a backup", side: backupDisk, pattern: "20*/controller.key", refuses: true},
		{name: "documents in a backup", side: backupDisk, pattern: "20*/store/documents.db", refuses: true},
		{name: "plays in a backup", side: backupDisk, pattern: "20*/store/plays-*.db", refuses: true},
		{name: "asset in a backup", side: backupDisk, pattern: "content/??/*", refuses: true},
	}
}

// spoilReadings are what children do for it.
func spoilReadings() map[string]faulttest.Operation {
	alone := func(read func(o order) reading) faulttest.Operation {
		return func(c *faulttest.Child) error { return readEach(c, read) }
	}
	return map[string]faulttest.Operation{
		agentDisk: readPlayers, controllerDisk: readControllers,
		accountsDisk: alone(readAccounts), uploadsDisk: alone(readUploads), backupDisk: alone(readBackup),
		followedDisk: alone(readCalendars), piecesDisk: alone(readPieces),
	}
}

// leaveMore makes of what was left the disks that keep more.
func (l *left) leaveMore(t *testing.T) {
	t.Helper()
	for _, disk := range []string{asideDisk, earlyDisk} {
		copyAll(t, filepath.Join(l.dir, agentDisk), filepath.Join(l.dir, disk))
	}
	err := errors.Join(
		setAside(filepath.Join(l.dir, asideDisk), l.end), writeEarly(filepath.Join(l.dir, earlyDisk), l.end),
		writeAccount(filepath.Join(l.dir, accountsDisk)), l.backUp(t.Context()),
	)
	if err != nil {
		t.Fatal(err)
	}
	copyAll(t, filepath.Join(l.dir, controllerDisk, "sessions"), filepath.Join(l.dir, restoredDisk, "sessions"))
	err = errors.Join(
		upload(t.Context(), filepath.Join(l.dir, uploadsDisk)), uploadPart(t.Context(), filepath.Join(l.dir, piecesDisk)), l.follow(t.Context()),
	)
	if err != nil {
		t.Fatal(err)
	}
}

// followed are closures that follow a calendar.
func followed() []playlists.ClosureID {
	return []playlists.ClosureID{"holidays", "strikes", "training"}
}

// follow lets the controller's closures follow calendars.
func (l *left) follow(ctx context.Context) error {
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"1"`)
		_, _ = fmt.Fprintf(w, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:%d1225\nEND:VEVENT\nEND:VCALENDAR\n", time.Now().Year())
	}))
	defer host.Close()
	documents, err := bolt.Open(ctx, bolt.Config{Dir: filepath.Join(l.dir, followedDisk, "store"), NoSync: true})
	if err != nil {
		return err
	}
	c, err := calendars.New(calendars.Config{
		Store: documents, File: filepath.Join(l.dir, followedDisk, "calendars.json"), Zones: playliststest.Zones,
		Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	if err != nil {
		return errors.Join(err, documents.Close())
	}
	for _, id := range followed() {
		err = errors.Join(err, writeClosure(ctx, documents, id, host.URL))
		state, asked := c.Ask(ctx, id)
		if err = errors.Join(err, asked); state.Fetched.IsZero() {
			err = errors.Join(err, fmt.Errorf("the calendar of %s: %+v", id, state))
		}
	}
	return errors.Join(err, documents.Close())
}

func writeClosure(ctx context.Context, to store.Documents, id playlists.ClosureID, url string) error {
	body, err := json.Marshal(playlists.Closure{ID: id, Name: string(id), Calendar: &playlists.Subscription{URL: url}})
	if err != nil {
		return err
	}
	return to.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Put("closure", string(id), 0, "maria", body)
		return err
	})
}

// readCalendars reads how calendars stand.
func readCalendars(o order) reading {
	var w watch
	got := reading{Values: map[string]string{}}
	c, err := calendars.New(calendars.Config{File: filepath.Join(o.Dir, "calendars.json"), Log: w.log()})
	if err != nil {
		got.Error = err.Error()
		return got
	}
	for _, id := range followed() {
		got.Values["calendar "+string(id)] = fmt.Sprint(c.State(id))
	}
	got.Noticed = w.lines()
	return got
}

// setAside sets an asset of a player's aside.
func setAside(data string, now time.Time) error {
	all, err := filepath.Glob(filepath.Join(data, "cache", "assets", "??", "*"))
	if err != nil || len(all) == 0 {
		return fmt.Errorf("no assets: %w", err)
	}
	enc, err := json.Marshal(map[string]time.Time{filepath.Base(all[0]): now})
	return errors.Join(err, disk.WriteSealed(filepath.Join(data, "aside.json"), enc))
}

// writeEarly lets a run end before its journal was open.
func writeEarly(data string, now time.Time) error {
	j := journal.New(journal.Config{
		Dir: filepath.Join(data, "journal"), Boot: "early", Now: func() time.Time { return now }, Mono: func() int64 { return 1 }, NoSync: true,
	})
	for n := range uint64(30) {
		p := playlists.Play{
			Screen: screen(0), Item: playlists.ItemID(fmt.Sprint("early-", n)), Region: "main", Start: now, Boot: "early", Planned: 10_000,
		}
		turn := 1<<40 + n
		j.Open(turn, p, now)
		j.Begin(turn, p, now)
		p.Outcome, p.Shown = playlists.Complete, 10_000
		j.End(turn, p)
	}
	return j.Secure()
}

// writeAccount writes that of a stage.
func writeAccount(dir string) error {
	a, err := account.New(dir, 1)
	if err != nil {
		return err
	}
	w, err := account.Open(a.Path)
	if err != nil {
		return err
	}
	err = a.Put(account.Head{Boot: "boot", PID: 4711, Since: "88213"})
	for n := range uint64(100) {
		err = errors.Join(err, w.Tell(playback.Event{Drawn: &playback.Drawn{Scene: n, Turn: n, At: int64(n) + 1}}))
	}
	return errors.Join(err, w.Close())
}

// readAccounts reads the accounts of stages as a player does that takes over from another.
func readAccounts(o order) reading {
	got := reading{Values: map[string]string{}}
	all, err := account.List(o.Dir)
	for _, a := range all {
		told, unread := a.Read()
		err = errors.Join(err, unread)
		got.Values["head"] = fmt.Sprint(a.Head)
		for _, e := range told {
			got.Values[fmt.Sprint("turn ", e.Drawn.Turn)] = fmt.Sprint(*e.Drawn)
		}
	}
	if err != nil {
		got.Noticed = []string{err.Error()}
	}
	return got
}

// backUp backs a controller up, and restores that.
func (l *left) backUp(ctx context.Context) error {
	data := filepath.Join(l.dir, controllerDisk)
	files, err := filepath.Glob(filepath.Join(data, "store", "*.db"))
	if err != nil {
		return err
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	o := backup.Order{
		From: backup.Source{Key: filepath.Join(data, "controller.key"), Store: filepath.Join(data, "store"), Names: files, Content: filepath.Join(data, "content")},
		At:   l.end, Folder: filepath.Join(l.dir, backupDisk), Version: "test", Trial: func(context.Context, string) error { return nil },
	}
	taken, err := backup.Take(ctx, o)
	if err == nil {
		_, err = backup.Restore(ctx, taken.Dir, filepath.Join(l.dir, restoredDisk))
	}
	return errors.Join(err,
		backup.Keep(data, backup.Note{At: l.end, Dir: taken.Dir, Bytes: taken.Bytes, Assets: taken.Assets}),
		backup.Keep(data, backup.Note{At: l.end.Add(time.Minute), Dir: o.Folder, Error: "the disk is full"}))
}

// readBackup restores the only backup of a folder; the values are the files that came.
func readBackup(o order) reading {
	got := reading{Values: map[string]string{}}
	to, err := os.MkdirTemp("", "restored")
	if err == nil {
		err = got.restore(o.Dir, to)
	}
	if err = errors.Join(err, os.RemoveAll(to)); err != nil {
		got.Error = err.Error()
	}
	return got
}

func (r *reading) restore(folder, to string) error {
	dir, _, err := backup.Choose(folder)
	if err != nil {
		return err
	}
	m, err := backup.Restore(context.Background(), dir, to)
	if err != nil {
		return err
	}
	r.Values["at"] = m.At.String()
	return filepath.WalkDir(to, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "restored.json" { // it says when
			return err
		}
		b, err := os.ReadFile(path)
		r.Values[strings.TrimPrefix(path, to)] = string(wire.DigestOf(b))
		return err
	})
}

// openUploads takes up the uploads below a directory.
func openUploads(dir string, w *watch) (*ingest.Ingest, error) {
	kept, err := content.Open(filepath.Join(dir, "content"))
	if err != nil {
		return nil, err
	}
	return ingest.New(ingest.Config{Content: kept, Dir: filepath.Join(dir, "uploads"), Log: w.log()})
}

// upload leaves an upload that was converted, and one that waits.
func upload(ctx context.Context, dir string) error {
	picture, err := plan(image.NewGray(image.Rect(0, 0, 80, 60)))
	if err := errors.Join(err, os.MkdirAll(dir, 0o700)); err != nil {
		return err
	}
	i, err := openUploads(dir, &watch{})
	if err != nil {
		return err
	}
	for range 2 {
		u, err := i.Begin(ctx, "plan.png", bytes.NewReader(picture), -1, "maria")
		if err != nil {
			return err
		}
		if len(i.List()) == 1 {
			runUploads(i, []string{u.ID})
		}
	}
	return nil
}

// plan is a picture as a file.
func plan(of image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := png.Encode(&b, of)
	return b.Bytes(), err
}

// wholeName is the file of which a part was uploaded.
const wholeName = "whole.png"

// uploadPart leaves an upload of which two pieces have come.
func uploadPart(ctx context.Context, dir string) error {
	speckled := image.NewGray(image.Rect(0, 0, 200, 150)) // a PNG of some pages
	for n, r := 0, rand.New(rand.NewPCG(1, 1)); n < len(speckled.Pix); n++ {
		speckled.Pix[n] = byte(r.Uint32())
	}
	whole, err := plan(speckled)
	if err := errors.Join(err, os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, wholeName), whole, 0o600)); err != nil {
		return err
	}
	i, err := openUploads(dir, &watch{})
	if err != nil {
		return err
	}
	u, err := i.Open(ctx, "plan.png", int64(len(whole)), "maria", "17")
	for at := int64(0); at < 20_000; at += 10_000 {
		if err == nil {
			_, err = i.Append(ctx, u.ID, at, bytes.NewReader(whole[at:at+10_000]))
		}
	}
	return err
}

// readPieces sends what is missing of an upload, and converts it.
func readPieces(o order) reading {
	return readUploadsWith(o, func(i *ingest.Ingest, id string) error {
		u, err := i.Arrived(id)
		if err != nil || u.State != ingest.Receiving {
			return nil // it is over; the reading tells how
		}
		whole, err := os.ReadFile(filepath.Join(o.Dir, wholeName))
		if err != nil {
			return err
		}
		if u.Received > int64(len(whole)) {
			return fmt.Errorf("%d bytes have come of %d", u.Received, len(whole))
		}
		_, err = i.Append(context.Background(), id, u.Received, bytes.NewReader(whole[u.Received:]))
		return err
	})
}

// readUploads takes up what was uploaded, and converts what waits.
func readUploads(o order) reading {
	return readUploadsWith(o, func(*ingest.Ingest, string) error { return nil })
}

func readUploadsWith(o order, rest func(i *ingest.Ingest, id string) error) reading {
	var w watch
	got := reading{Values: map[string]string{}}
	dirs, err := os.ReadDir(filepath.Join(o.Dir, "uploads"))
	if err != nil {
		got.Error = err.Error()
		return got
	}
	i, err := openUploads(o.Dir, &w)
	if err != nil {
		got.Error = err.Error()
		return got
	}
	var ids []string
	for _, d := range dirs {
		ids = append(ids, d.Name())
		if err := rest(i, d.Name()); err != nil {
			got.Error = err.Error()
			return got
		}
	}
	for id, u := range runUploads(i, ids) {
		told, err := json.Marshal(u)
		got.Values["upload "+id] = string(told)
		if err != nil {
			got.Error = err.Error()
		}
		if u.State == ingest.Refused {
			got.Shown = append(got.Shown, u.Problem)
		}
	}
	got.Noticed = append(got.Noticed, w.lines()...)
	return got
}

// runUploads waits until none of the uploads is to be converted any more, and gives those that there are.
func runUploads(i *ingest.Ingest, ids []string) map[string]ingest.Upload {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- i.Run(ctx) }()
	all := map[string]ingest.Upload{}
	for range 6000 {
		list := i.List() // once: what is said is what was looked at
		for _, u := range list {
			if slices.Contains(ids, u.ID) {
				all[u.ID] = u
			}
		}
		if !slices.ContainsFunc(list, func(u ingest.Upload) bool { return u.State != ingest.Ready && u.State != ingest.Refused }) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	<-done
	return all
}
