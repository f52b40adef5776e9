//go:build !e2e

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/cmd/demo/hospital"
	"anteroom/controller/calendars"
	"anteroom/controller/store/bolt"
	"anteroom/player/account"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/faulttest"
)

// TestSpoiltFiles damages every kind of file that we write, one at a time, as disks do, and starts on it,
// twice: nothing wrong is shown or told, nothing hangs, the second start works, and what the damage cost
// is told. ANTEROOM_FAULTS says how often for each kind.
func TestSpoiltFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: a player and a controller start some hundred times")
	}
	l := leave(t)
	l.plays = everPlayed(t, l.dir)
	l.leaveMore(t)
	seed := faulttest.Seed(t)
	for n, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			operation, _, _ := strings.Cut(k.side, "-")
			s := &spoiling{
				kind: k, left: l, t: t, reader: reader{operation: operation}, work: t.TempDir(), counts: map[string]int{},
				r: rand.New(rand.NewPCG(seed, uint64(n))),
			}
			defer s.reader.end()
			s.run()
		})
	}
}

// left is what a player and a controller left behind, and when.
type left struct {
	dir string
	end time.Time
	// key opens a session of the controller's.
	key string
	// plays are all that there ever were.
	plays map[string]bool
}

// leave lets a player play at a controller, a month ago and in the last two days, the second of them alone,
// and stops both about now.
func leave(t *testing.T) left {
	t.Helper()
	l := left{dir: t.TempDir(), end: time.Now()}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(l.end.AddDate(0, 0, -37)))
		c := &clinic{t: t, dir: t.TempDir(), random: rand.New(rand.NewPCG(1, 1))}
		c.open()
		r := &room{c: c, began: time.Now(), loss: rand.New(rand.NewPCG(1, 1))}
		c.rooms = []*room{r}
		c.enter()
		hours(6)
		r.stop()
		c.stop()
		time.Sleep(time.Until(l.end.Add(-48 * time.Hour)))
		c.open()
		r.open()
		hours(12)
		c.republish(c.client(), 2)
		c.takeOver(c.client())
		hours(6)
		c.net.SetDown(true)
		time.Sleep(time.Until(l.end.Add(-time.Hour)))
		r.stop()
		copyAll(t, r.data(), filepath.Join(l.dir, agentDisk))
		l.key = c.leaveOffered(r, filepath.Join(l.dir, offeredDisk))
		copyAll(t, filepath.Join(c.dir, "controller"), filepath.Join(l.dir, controllerDisk))
		l.end = time.Now()
	})
	return l
}

// leaveOffered copies the disk of a player to which a head is offered, stops both sides, and gives the key of
// a session.
func (c *clinic) leaveOffered(r *room, to string) (key string) {
	c.t.Helper()
	c.net.SetDown(false)
	r.open()
	time.Sleep(30 * time.Minute)
	keeper := &cookieKeeper{RoundTripper: &http.Transport{DialContext: c.dial, DisableKeepAlives: true}}
	api := c.client()
	api.Transport(keeper)
	c.republish(api, 3)
	time.Sleep(5 * time.Second)
	r.stop()
	copyAll(c.t, r.data(), to)
	c.stop()
	return keeper.cookie
}

// copyAll copies a directory with everything that it says of its files.
func copyAll(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		return copyOne(path, filepath.Join(to, rel), d)
	})
	if err != nil {
		t.Fatalf("copying %s: %v", from, err)
	}
}

// copyOne copies a file; sockets are left.
func copyOne(from, to string, d fs.DirEntry) error {
	info, err := d.Info()
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(to, b, info.Mode().Perm()), os.Chtimes(to, time.Time{}, info.ModTime()))
}

// cookieKeeper keeps the cookie that was last sent.
type cookieKeeper struct {
	http.RoundTripper

	cookie string
}

// RoundTrip implements [http.RoundTripper].
func (k *cookieKeeper) RoundTrip(r *http.Request) (*http.Response, error) {
	k.cookie = r.Header.Get("Cookie")
	return k.RoundTripper.RoundTrip(r)
}

// republish changes the loop's weights, so that every screen gets another head.
func (c *clinic) republish(api *hospital.Client, weight int) {
	c.t.Helper()
	var loop playlists.Playlist
	etag, err := api.Get(c.t.Context(), "/api/v1/playlists/loop", &loop)
	c.must(err)
	loop.Entries[0].Weight = weight
	c.must(api.Replace(c.t.Context(), "/api/v1/playlists/loop", etag, loop))
	c.must(api.Publish(c.t.Context(), "", "clinic"))
	if weight < 3 {
		time.Sleep(5 * time.Minute) // until it is current
	}
}

func (c *clinic) takeOver(api *hospital.Client) {
	c.t.Helper()
	c.must(api.Do(c.t.Context(), http.MethodPost, "/api/v1/takeovers", map[string]any{
		"severity": 2, "minutes": 10, "targets": []playlists.Target{{Screen: screen(0)}},
		"slides": []map[string]string{{"language": "en", "title": "Please wait", "text": "We are late."}},
	}, nil, nil))
	time.Sleep(15 * time.Minute)
}

// everPlayed are all plays that the controller got in the end.
func everPlayed(t *testing.T, dir string) map[string]bool {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "store")
	copyAll(t, filepath.Join(dir, controllerDisk, "store"), copied)
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: copied, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all := map[string]bool{}
	for p, err := range s.Scan(t.Context(), time.Time{}, time.Now().AddDate(1, 0, 0)) {
		if err != nil {
			t.Fatal(err)
		}
		all[textOf(&p.Play)] = true
	}
	return all
}

// spoiling is a kind of file that is damaged again and again.
type spoiling struct {
	kind
	left

	t      *testing.T
	reader reader
	r      *rand.Rand
	work   string
	// want is what a start on undamaged files comes to.
	want   reading
	counts map[string]int
	// others are the plays that come without the file that is damaged.
	others map[string]bool
	// damaged is the file.
	damaged string
	// cut: the damage may be an end that is gone.
	cut bool
}

// spoilt is how often a test run damages each kind.
const spoilt = 3

func (s *spoiling) run() {
	s.want, _ = s.read(s.fresh(), false)
	if s.want.Error != "" || len(s.want.Noticed)+len(s.want.Shown) > 0 {
		s.t.Fatalf("undamaged: %s, %q, %q", s.want.Error, s.want.Noticed, s.want.Shown)
	}
	s.readOthers()
	for n := range faulttest.Points(spoilt) {
		dir := s.fresh()
		path := s.pick(dir)
		whole, err := os.ReadFile(path)
		if err != nil {
			s.t.Fatal(err)
		}
		damaged, how := faulttest.Spoil(s.r, whole)
		if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, damaged, 0o600)); err != nil {
			s.t.Fatal(err)
		}
		s.damaged = path
		s.cut = strings.HasPrefix(how, "cut") || strings.Contains(how, "is that at") || endsInZeros(whole, damaged)
		s.judge(dir, fmt.Sprintf("trial %d: %s: %s", n+1, strings.TrimPrefix(path, dir), how))
		if (n+1)%100 == 0 {
			s.t.Logf("%s: %d damages so far: %v", s.name, n+1, s.counts)
		}
	}
	s.t.Logf("%s: %v", s.name, s.counts)
}

// endsInZeros reports whether nothing but zeros follows from the damage on, as where power went before a file's end was
// on the disk.
func endsInZeros(whole, damaged []byte) bool {
	for i := range min(len(whole), len(damaged)) {
		if whole[i] != damaged[i] {
			return len(bytes.Trim(damaged[i:], "\x00")) == 0
		}
	}
	return false
}

// readOthers starts once without the file, if plays are in it.
func (s *spoiling) readOthers() {
	s.t.Helper()
	come := s.want.Plays
	if strings.HasPrefix(s.pattern, "journal/") {
		dir := s.fresh()
		if err := os.Remove(s.pick(dir)); err != nil {
			s.t.Fatal(err)
		}
		without, _ := s.read(dir, false)
		come = without.Plays
	}
	s.others = map[string]bool{}
	for _, p := range come {
		s.others[p] = true
	}
}

// fresh is a copy of what was left.
func (s *spoiling) fresh() string {
	s.t.Helper()
	dir := filepath.Join(s.work, "data")
	if err := os.RemoveAll(dir); err != nil {
		s.t.Fatal(err)
	}
	copyAll(s.t, filepath.Join(s.left.dir, s.side), dir)
	return dir
}

// pick chooses the file to damage.
func (s *spoiling) pick(dir string) string {
	s.t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, s.pattern))
	if s.kind.read {
		names = slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(s.want.Gave, filepath.Base(name)) })
	}
	if err != nil || len(names) == 0 {
		s.t.Fatalf("no file is like %s: %v", s.pattern, err)
	}
	slices.Sort(names)
	if strings.HasSuffix(s.pattern, ".db") {
		return names[len(names)-1-s.back]
	}
	return names[s.r.IntN(len(names))]
}

// judge starts on what was damaged, twice.
func (s *spoiling) judge(dir, how string) {
	s.t.Helper()
	first, alive := s.read(dir, false)
	if !alive {
		s.counts["the process ended"]++
	}
	second, again := s.read(dir, alive)
	if !again {
		s.t.Errorf("%s: the second start ends the process, too", how)
		return
	}
	second.Noticed, second.Shown = append(second.Noticed, first.Noticed...), append(second.Shown, first.Shown...)
	worst := "harmless"
	for _, got := range []reading{first, second} {
		switch verdict, why := s.compare(&got); verdict {
		case "wrong":
			s.t.Errorf("%s: %s", how, why)
			worst = verdict
		case "shown", "logged", "refused":
			worst = verdict
		}
	}
	if worst == "logged" && strings.HasPrefix(s.side, agentDisk) && !s.unsynced {
		s.t.Errorf("%s: staff see nothing of it, only the log says %q", how, second.Noticed)
	}
	s.counts[worst]++
}

func (s *spoiling) read(dir string, again bool) (reading, bool) {
	s.t.Helper()
	return s.reader.read(s.t, order{Dir: dir, End: s.end, Key: s.key, Again: again})
}

// compare holds a reading against that of undamaged files.
func (s *spoiling) compare(got *reading) (verdict, why string) {
	if got.Error != "" {
		if s.refuses {
			return "refused", got.Error
		}
		return "wrong", "it does not start: " + got.Error
	}
	other, wrong := s.values(got.Values)
	missing, invented := s.missing(got.Plays)
	beyond := s.beyond(missing, got.Lost)
	switch {
	case wrong != "":
		return "wrong", wrong
	case invented != "":
		return "wrong", invented
	case beyond != "":
		return "wrong", beyond
	case len(got.Shown) > 0 || got.Lost > s.want.Lost:
		return "shown", ""
	case len(got.Noticed) > 0:
		return "logged", ""
	case s.unsynced && s.cut:
		return "harmless", ""
	case other != "" || len(missing) > 0:
		return "wrong", fmt.Sprintf("nobody is told: %d plays are missing; %s", len(missing), other)
	}
	return "harmless", ""
}

// values gives what is another value than on undamaged files, and what damage must not lead to.
func (s *spoiling) values(got map[string]string) (other, wrong string) {
	for _, name := range slices.Sorted(maps.Keys(s.want.Values)) {
		is, want := got[name], s.want.Values[name]
		if is == want {
			continue
		}
		other = fmt.Sprintf("%s is %.300q instead of %.300q", name, is, want)
		if !s.mayBe(name, is) {
			return other, other
		}
	}
	return other, ""
}

// missing gives the plays that did not come, and names one that never was or that came twice. A gap says
// what was lost of the journal.
func (s *spoiling) missing(plays []string) (missing []string, invented string) {
	came := map[string]int{}
	for _, p := range plays {
		if s.begun(p) {
			p = strings.Replace(p, endUnknown, endKnown, 1)
			missing = append(missing, p)
		}
		came[p]++
		known := s.plays[p] || slices.Contains(s.want.Plays, p) || strings.Contains(p, "journal")
		if came[p] > 1 || !known {
			return nil, fmt.Sprintf("a play that never was, or came %d times: %s", came[p], p)
		}
	}
	for _, p := range s.want.Plays {
		if came[p] == 0 {
			missing = append(missing, p)
		}
	}
	return missing, ""
}

// beyond says what of the missing plays the damage does not account for: those that come even where the whole file is gone,
// and those that are not told as lost.
func (s *spoiling) beyond(missing []string, lost int) string {
	for _, p := range missing {
		if s.others[p] {
			return "a play is missing that was not in the damaged file: " + p
		}
	}
	told := lost == len(missing)
	if s.uncounted {
		told = len(missing) == 0 || lost > 0 || s.unsynced && s.cut
	}
	if !told {
		return fmt.Sprintf("%d plays are missing, %d are told as lost", len(missing), lost)
	}
	return ""
}

// The ends of a play that was written down early, as it was, and as it is where that step is lost.
const (
	endKnown   = " 10000 complete  0"
	endUnknown = " 0 interrupted  0"
)

// begun reports whether a play stands for one whose end is lost.
func (s *spoiling) begun(p string) bool {
	return s.unsynced && strings.Contains(p, " early-") && strings.HasSuffix(p, endUnknown)
}

// mayBe are values that damage may lead to, if it is told.
func (s *spoiling) mayBe(name, is string) bool {
	switch name {
	case "generation":
		return is == "1" || is == "2" || is == "0"
	case "body":
		return is == "" || s.want.Values["generation"] != "1"
	case "takeovers":
		return is == "0"
	}
	status, _, _ := strings.Cut(is, " ")
	switch {
	case name == "aside", name == "head", strings.HasPrefix(name, "turn "):
		return is == "" || is == fmt.Sprint(account.Head{})
	case strings.HasPrefix(name, "calendar "):
		return is == fmt.Sprint(calendars.State{}) // it is asked again
	case strings.HasPrefix(name, "upload "):
		return is == "" || strings.Contains(is, `"state":"refused"`)
	case !strings.HasPrefix(name, "/api/"):
		return false
	case strings.Contains(name, "/assets/"):
		return slices.Contains([]string{"401", "404", "500"}, status)
	case strings.Contains(name, "/reports/") && status == "200":
		return s.mayReport(name, is)
	}
	return slices.Contains([]string{"401", "500", "503"}, status)
}

// mayReport reports whether a report may lack what it lacks: plays that arrived in the month that is damaged, of that time
// or before.
func (s *spoiling) mayReport(name, is string) bool {
	month, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(s.damaged), "plays-"), ".")
	arrived, err := time.Parse("2006-01", month)
	_, from, _ := strings.Cut(name, "from=")
	of, bad := time.Parse(time.DateOnly, from[:min(len(time.DateOnly), len(from))])
	if errors.Join(err, bad) != nil || arrived.AddDate(0, 1, 1).Before(of) {
		return false
	}
	was := figures(s.want.Values[name])
	for item, plays := range figures(is) {
		if plays > was[item] {
			return false
		}
	}
	return true
}

// figures are the plays of a report by item.
func figures(answer string) map[string]int {
	_, body, _ := strings.Cut(answer, " ")
	var report struct {
		Rows []struct {
			Item  string
			Plays int
		}
	}
	all := map[string]int{}
	if err := json.Unmarshal([]byte(body), &report); err != nil {
		return map[string]int{"none can be read": math.MaxInt}
	}
	for _, r := range report.Rows {
		all[r.Item] = r.Plays
	}
	return all
}
