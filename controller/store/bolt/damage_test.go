package bolt_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
	"anteroom/playlists"
)

func trials() int { return flag.Lookup("trials").Value.(flag.Getter).Get().(int) }

var _ = flag.Int("trials", 40, "how many times to damage a file")

const (
	documentsFile = "documents.db"
	closedFile    = "plays-2026-11.db"
	presentFile   = "plays-2026-12.db"
)

// populate fills a store over two months and returns all that it gives.
func populate(t *testing.T, dir string) string {
	t.Helper()
	s := open(t, dir)
	for n := range 60 {
		storePut(t, s, fmt.Sprintf("item-%d", n%20), uint64(n/20), fmt.Sprintf(`{"text":%q}`, strings.Repeat(fmt.Sprint(n), 200)))
	}
	for month := range 2 {
		for stream := range 12 {
			l := lineOf(t, s, stream+1)
			var plays []playlists.Play
			for n := range 64 {
				plays = append(plays, storetest.Play(playlists.ScreenID(fmt.Sprint("screen-", stream)), playlists.ItemID(fmt.Sprint("item-", n%7)),
					storetest.Noon().AddDate(0, month, n/30).Add(time.Duration(n)*time.Minute)))
			}
			if err := s.Append(t.Context(), []store.Batch{l.Batch(storetest.Noon().AddDate(0, month, 3), plays...)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	all, err := dump(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return all
}

func storePut(t *testing.T, s store.Store, id string, was uint64, body string) {
	t.Helper()
	err := s.Update(t.Context(), func(tx store.Tx) error {
		_, err := tx.Put("item", id, was, "ada", []byte(body))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// lineOf goes on where a stream in the store ends.
func lineOf(t *testing.T, s store.Store, n int) *storetest.Line {
	t.Helper()
	l := storetest.NewLine(t, n)
	w, err := s.Watermark(t.Context(), l.Stream)
	if err != nil {
		t.Fatal(err)
	}
	if w.Through > 0 {
		l.Next, l.Chain = w.Through+1, w.Chain
	}
	return l
}

// usedPages lists the pages of a file that are not all zero.
func usedPages(b []byte) (pages []int) {
	for at := 0; at+4096 <= len(b); at += 4096 {
		if !bytes.Equal(b[at:at+4096], make([]byte, 4096)) {
			pages = append(pages, at)
		}
	}
	return pages
}

// spoil damages a copy of a file's bytes and says how.
func spoil(r *rand.Rand, whole []byte) (b []byte, how string) {
	b = bytes.Clone(whole)
	pages := usedPages(b)
	page := pages[r.IntN(len(pages))]
	switch r.IntN(8) {
	case 0:
		clear(b[page : page+4096])
		return b, fmt.Sprintf("page at %d zeroed", page)
	case 1:
		for i := range 4096 {
			b[page+i] = byte(r.Uint32())
		}
		return b, fmt.Sprintf("page at %d is garbage", page)
	case 2:
		other := pages[r.IntN(len(pages))]
		copy(b[page:page+4096], whole[other:other+4096])
		return b, fmt.Sprintf("page at %d is that at %d", page, other)
	case 3:
		at := page + r.IntN(4096)
		return b[:at], fmt.Sprintf("cut off at %d", at)
	case 4: // the head of a page: flags, count, overflow
		at := page + r.IntN(16)
		b[at] ^= 1 << r.IntN(8)
		return b, fmt.Sprintf("bit flipped in the page head at %d", at)
	}
	at := page + r.IntN(4096)
	b[at] ^= 1 << r.IntN(8)
	return b, fmt.Sprintf("bit flipped at %d", at)
}

// Whatever happens to a file's bytes while nobody looks: the store gives what was written, or says
// that it cannot.
func TestDamageNeverGivesWrongValues(t *testing.T) {
	dir := t.TempDir()
	want := populate(t, dir)
	probe := childProbe(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	found := map[string]int{}
	for range trials() {
		name := []string{documentsFile, closedFile, presentFile}[r.IntN(3)]
		path := filepath.Join(dir, name)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b, how := spoil(r, whole)
		if bytes.Equal(b, whole) {
			continue
		}
		how = name + ": " + how
		writeFile(t, path, b)
		err = probe(t.Context(), path)
		switch {
		case err == nil:
			found["harmless"]++
			expectSame(t, dir, want, how)
		case errors.Is(err, bolt.ErrHeader):
			found["header"]++
		case errors.Is(err, store.ErrDamaged):
			found["damaged"]++
		default:
			t.Errorf("%s: the probe itself failed: %v", how, err)
		}
		writeFile(t, path, whole)
	}
	t.Logf("found: %v", found)
	expectSame(t, dir, want, "restored")
	if trials() >= 40 && found["damaged"] == 0 {
		t.Error("no damage was found at all")
	}
}

func writeFile(t *testing.T, path string, b []byte) {
	t.Helper()
	_ = os.Chmod(path, 0o600)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// expectSame reads a store in which no damage was found.
func expectSame(t *testing.T, dir, want, how string) {
	t.Helper()
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir})
	if err != nil {
		t.Errorf("%s: the probe found it sound, then: %v", how, err)
		return
	}
	defer func() { _ = s.Close() }()
	got, err := dump(s)
	if err != nil || got != want {
		t.Errorf("%s: WRONG VALUES under a sound probe (error %v)", how, err)
	}
}

// A file that rots while it is open is noticed value by value.
func TestRotIsNoticedWhenRead(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer func() { _ = s.Close() }()
	storePut(t, s, "flu", 0, `{"text":"the right text"}`)
	path := filepath.Join(dir, documentsFile)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	overwrite(t, path, bytes.ReplaceAll(b, []byte("right"), []byte("wrong")))
	err = s.View(t.Context(), func(v store.View) (err error) {
		_, err = v.Get("item", "flu")
		return err
	})
	if !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), documentsFile) || !strings.Contains(err.Error(), "flu") {
		t.Errorf("got %v, want damage that names file and key", err)
	}
}

// overwrite changes a file in place, as rot does.
func overwrite(t *testing.T, path string, b []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestPositionsThatLeadAway: a page above others says where its keys begin. One that leads out of the file is
// damage, whatever memory of the child's it leads to.
func TestPositionsThatLeadAway(t *testing.T) {
	dir := t.TempDir()
	populate(t, dir)
	path := filepath.Join(dir, documentsFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page, branch, flags, first = 4096, 1, 8, 16
	probe, found := childProbe(t), 0
	for at := 2 * page; at < len(whole); at += page {
		if binary.NativeEndian.Uint16(whole[at+flags:]) != branch {
			continue
		}
		gone := bytes.Clone(whole)
		clear(gone[at : at+page])
		writeFile(t, path, gone)
		if probe(t.Context(), path) == nil {
			continue // a page of an earlier revision
		}
		found++
		for bit := bits.Len(uint(len(whole))); bit < 32; bit++ {
			bent := bytes.Clone(whole)
			bent[at+first+bit/8] ^= 1 << (bit % 8)
			writeFile(t, path, bent)
			if err := probe(t.Context(), path); !errors.Is(err, store.ErrDamaged) {
				t.Errorf("bit %d of the first position of page %d: %v", bit, at/page, err)
			}
		}
	}
	if found == 0 {
		t.Error("there is no page above others")
	}
}

// TestPagesThatClaimTooMuch: a page says how many more belong to it. What does not fit into the file is damage
// that costs no memory to find, also of the list of free pages, which nobody else reads.
func TestPagesThatClaimTooMuch(t *testing.T) {
	dir := t.TempDir()
	populate(t, dir)
	path := filepath.Join(dir, documentsFile)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page, flags, freelist, overflow = 4096, 8, 16, 12
	for at := 2 * page; at < len(b); at += page {
		if binary.NativeEndian.Uint16(b[at+flags:]) == freelist {
			binary.NativeEndian.PutUint32(b[at+overflow:], 1<<20)
		}
	}
	writeFile(t, path, b)
	if err := bolt.Probe(path); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "pages long") {
		t.Errorf("got %v, want the damage that costs nothing to find", err)
	}
}

func TestDamagedDocumentsKeepTheStoreClosed(t *testing.T) {
	dir := t.TempDir()
	populate(t, dir)
	path := filepath.Join(dir, documentsFile)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoiled := range map[string][]byte{
		"pages":    slices.Concat(before[:2*4096], make([]byte, len(before)-2*4096)),
		"a header": slices.Concat(before[:16+40], []byte{before[16+40] ^ 4}, before[16+41:]),
	} {
		writeFile(t, path, spoiled)
		_, err = bolt.Open(t.Context(), bolt.Config{Dir: dir, Probe: childProbe(t)})
		if !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "backup in place of "+path) {
			t.Errorf("%s: got %v, want damage and what to do", name, err)
		}
		if after, _ := os.ReadFile(path); !bytes.Equal(after, spoiled) {
			t.Errorf("%s: the damaged file was changed", name)
		}
		writeFile(t, path, before)
	}
	s := open(t, dir) // the lock was given back
	_ = s.Close()
}

func TestDamagedPlaysAreSetAside(t *testing.T) {
	dir := t.TempDir()
	populate(t, dir)
	writeFile(t, filepath.Join(dir, presentFile), []byte("garbage"))
	var log bytes.Buffer
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Probe: childProbe(t), Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	aside, _ := filepath.Glob(filepath.Join(dir, presentFile+".corrupt-*"))
	if len(aside) != 1 || !strings.Contains(log.String(), "set aside") || !strings.Contains(log.String(), aside[0]) {
		t.Errorf("set aside: %v; log: %s", aside, log.String())
	}
	w, err := s.Watermark(t.Context(), storetest.Stream(1))
	if err != nil || w.Through != 64 {
		t.Errorf("watermark %d, %v; want 64, from the month before, so that players send again", w.Through, err)
	}
	_ = s.Close()
	appendOne(t, dir, 37)
	log.Reset()
	s, err = bolt.Open(t.Context(), bolt.Config{Dir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil || !strings.Contains(log.String(), "still there") {
		t.Errorf("next start: %v; log: %s", err, log.String())
	}
	_ = s.Close()
}

// A damaged header may hide the last transaction; players send those plays again.
func TestDamagedHeaderOfPlays(t *testing.T) {
	dir := t.TempDir()
	want := populate(t, dir)
	path := filepath.Join(dir, presentFile)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	txid := func(page int) uint64 { return binary.NativeEndian.Uint64(b[page*4096+16+48:]) }
	older := 0
	if txid(1) < txid(0) {
		older = 1
	}
	b[older*4096+16+48] ^= 0x80
	writeFile(t, path, b)
	var log bytes.Buffer
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Probe: childProbe(t), Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil || !strings.Contains(log.String(), "damaged header") {
		t.Fatalf("%v; log: %s", err, log.String())
	}
	if got, err := dump(s); err != nil || got != want {
		t.Errorf("the sound header was the newer one, but the store gives other values (error %v)", err)
	}
	_ = s.Close()
	appendOne(t, dir, 37)
	appendOne(t, dir, 38)
	if err := childProbe(t)(t.Context(), path); err != nil {
		t.Errorf("after two more transactions: %v", err)
	}
}

func TestDamagedClosedMonthIsAnErrorOfItsReports(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"garbage":       func(path string) error { return os.WriteFile(path, []byte("garbage"), 0o600) },
		"gone":          os.Remove,
		"an older copy": func(path string) error { return os.Rename(path+".older", path) },
		"one from elsewhere": func(path string) error {
			return os.Rename(filepath.Join(filepath.Dir(path), documentsFile+".copy"), path)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			older(t, dir)
			populateMore(t, dir)
			path := filepath.Join(dir, closedFile)
			copyFile(t, filepath.Join(dir, documentsFile), filepath.Join(dir, documentsFile+".copy"))
			if broken := damage(path); broken != nil {
				t.Fatal(broken)
			}
			s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Probe: childProbe(t)})
			if err != nil {
				t.Fatalf("a damaged closed month kept the store from opening: %v", err)
			}
			defer func() { _ = s.Close() }()
			failures, plays := 0, 0
			for p, err := range s.Scan(t.Context(), storetest.Noon().AddDate(-1, 0, 0), storetest.Noon().AddDate(1, 0, 0)) {
				switch {
				case err == nil && p.Received.Month() == time.November:
					t.Fatalf("a play of the damaged month: %+v", p)
				case err == nil:
					plays++
				case damagedMonth(err) == "2026-11" && errors.Is(err, store.ErrDamaged) && strings.Contains(err.Error(), closedFile):
					failures++
				default:
					t.Errorf("got %v, want damage that names the month and the file", err)
				}
			}
			if failures != 1 || plays != 2 {
				t.Errorf("%d errors and %d plays, want 1 error and the 2 plays of the other month", failures, plays)
			}
			for range s.Scan(t.Context(), storetest.Noon().AddDate(0, 2, 0), storetest.Noon().AddDate(1, 0, 0)) {
				t.Error("a report over other days needs the damaged month")
			}
		})
	}
}

// TestADamagedMonthIsProvedOnce: each proof reads the whole file, and reports come again and again.
func TestADamagedMonthIsProvedOnce(t *testing.T) {
	dir := t.TempDir()
	populate(t, dir)
	path := filepath.Join(dir, closedFile)
	backup := path + ".backup"
	copyFile(t, path, backup)
	writeFile(t, path, []byte("garbage"))
	proofs := 0
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, NoSync: true, Probe: func(_ context.Context, probed string) error {
		if probed == path {
			proofs++
		}
		return bolt.Probe(probed)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for range 3 {
		if _, err := dump(s); damagedMonth(err) != "2026-11" {
			t.Errorf("got %v, want damage of the month", err)
		}
	}
	if proofs != 1 {
		t.Errorf("the damaged month was proved %d times, want once", proofs)
	}
	if err := os.Rename(backup, path); err != nil {
		t.Fatal(err)
	}
	if _, err := dump(s); err != nil || proofs != 2 {
		t.Errorf("after the backup came in its place: %v; %d proofs, want 2", err, proofs)
	}
}

// damagedMonth is the month that an error is about.
func damagedMonth(err error) string {
	if month := (*store.DamagedMonthError)(nil); errors.As(err, &month) {
		return month.Month
	}
	return ""
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, to, b)
}

// older writes two plays in November and keeps a copy of the file with the first alone.
func older(t *testing.T, dir string) {
	t.Helper()
	for n := range 2 {
		appendOne(t, dir, n)
		if n == 0 {
			copyFile(t, filepath.Join(dir, closedFile), filepath.Join(dir, closedFile+".older"))
		}
	}
}

// populateMore writes two plays in December.
func populateMore(t *testing.T, dir string) {
	t.Helper()
	appendOne(t, dir, 30)
	appendOne(t, dir, 31)
}

func appendOne(t *testing.T, dir string, day int) {
	t.Helper()
	s := open(t, dir)
	at := storetest.Noon().AddDate(0, 0, day)
	l := lineOf(t, s, 1)
	if err := s.Append(t.Context(), []store.Batch{l.Batch(at, storetest.Play("lobby", "flu", at))}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// A child that cannot be started or is no probe says nothing about the file: nothing is set aside.
func TestProbeThatDoesNotRun(t *testing.T) {
	dir := t.TempDir()
	populate(t, dir)
	for _, command := range []string{"/does/not/exist", "/bin/false", "/bin/true"} {
		_, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Probe: bolt.ProbeWith(command)})
		if err == nil || errors.Is(err, store.ErrDamaged) {
			t.Errorf("%s: got %v, want an error that is not about damage", command, err)
		}
	}
	if aside, _ := filepath.Glob(filepath.Join(dir, "*.corrupt-*")); len(aside) > 0 {
		t.Errorf("set aside: %v", aside)
	}
}

func TestOneProcessAtATime(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := bolt.Open(t.Context(), bolt.Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), "another process uses "+dir) {
		t.Errorf("a second store on the same directory: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	_ = s.Close()
	if err := s.Update(t.Context(), func(store.Tx) error { return nil }); err == nil {
		t.Error("a closed store takes updates")
	}
}

func TestInterruptedCreationIsTidiedUp(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "plays-2026-11.db.new"), []byte("half"))
	s := open(t, dir)
	defer func() { _ = s.Close() }()
	if left, _ := filepath.Glob(filepath.Join(dir, "*.new")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}
