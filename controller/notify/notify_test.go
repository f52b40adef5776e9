package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
)

func openStore(t *testing.T, dir string) store.Store {
	t.Helper()
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: filepath.Join(dir, "store"), NoSync: true, Probe: func(_ context.Context, path string) error { return bolt.Probe(path) }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// scene is a controller's screens, as a test sets them.
type scene struct {
	mu   sync.Mutex
	ward *ward
	url  string
}

func (s *scene) look(context.Context) (*Look, *Names, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ward.now = time.Now().UTC()
	contacts := []playlists.Contact{{Webhook: s.url}}
	names := newNames("https://tv.example.org")
	for _, d := range []playlists.DepartmentID{"cardiology", "paediatrics", "eyes"} {
		names.Departments[d] = playlists.Department{ID: d, Name: "Department of " + string(d), Contacts: contacts}
	}
	return s.ward.look(), names, nil
}

func (s *scene) fail(t Trouble, screens ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ward.now = time.Now().UTC()
	s.ward.fail(t, screens...)
}

// runFor runs a notifier over what an earlier one left, for some virtual time.
func runFor(t *testing.T, c Config, long time.Duration) {
	t.Helper()
	n, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	if err := n.Run(ctx); err != nil {
		t.Error(err)
	}
}

// A restart in the middle of an outage repeats nothing, and what could not be sent is tried again less and less
// often, for a day.
func TestWhatIsToldOutlastsARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		documents := openStore(t, t.TempDir())
		defer func() {
			if err := documents.Close(); err != nil {
				t.Error(err)
			}
		}()
		s := &scene{ward: newWard(), url: "http://192.168.0.1/hook"}
		s.ward.opened = time.Now().UTC()
		config := Config{Store: documents, Look: s.look, Hook: Hook{Secret: []byte("secret")}}
		s.fail(Unheard, "a")
		runFor(t, config, 12*time.Minute)
		runFor(t, config, 12*time.Minute)
		n, err := New(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		waiting, failed := n.Troubles()
		if len(waiting) != 1 || len(failed) != 0 || waiting[0].Message.Kind != ScreenOut || !strings.Contains(waiting[0].Error, "within the house") {
			t.Fatalf("after a restart %+v waits, %+v failed", waiting, failed)
		}
		if got := waiting[0].Attempts; got != 4 { // at 10, 11, 13 and 17 minutes
			t.Errorf("%d attempts in the first minutes, want 4", got)
		}
		runFor(t, config, 26*time.Hour)
		if n, err = New(t.Context(), config); err != nil {
			t.Fatal(err)
		}
		waiting, failed = n.Troubles()
		if len(waiting) != 0 || len(failed) != 1 || failed[0].Attempts < 25 || failed[0].Attempts > 35 {
			t.Errorf("a day later %+v waits, %+v failed", waiting, failed)
		}
	})
}

// TestAWrongClockHoldsNoMessageUp: what was put off until a year to come is tried again now, and given up in the end.
func TestAWrongClockHoldsNoMessageUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		documents := openStore(t, t.TempDir())
		defer func() {
			if err := documents.Close(); err != nil {
				t.Error(err)
			}
		}()
		then := time.Now().AddDate(134, 0, 0)
		n, err := New(t.Context(), Config{Store: documents, Look: (&scene{ward: newWard()}).look, Hook: Hook{Secret: hookSecret}})
		if err != nil {
			t.Fatal(err)
		}
		n.now.Waiting = []Letter{{ID: "1", To: playlists.Contact{Webhook: "http://192.168.0.1/hook"}, Message: Message{Kind: Test, At: then}, Next: then, Attempts: 1}}
		if ripe, pause := n.ripe(time.Now()), n.pause(time.Now()); len(ripe) != 1 || pause > lastRetry {
			t.Errorf("%d are to be tried, the next look is in %v", len(ripe), pause)
		}
		for range 3 * mostAttempts {
			time.Sleep(n.deliver(t.Context()))
		}
		if waiting, failed := n.Troubles(); len(waiting) != 0 || len(failed) != 1 {
			t.Errorf("in the end %+v waits, %+v failed", waiting, failed)
		}
	})
}

func TestTroublesBeginInThePast(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	paired, started := now.Add(-time.Hour), now.Add(-time.Minute)
	if got := latest(now, now.AddDate(134, 0, 0), paired, started); !got.Equal(started) {
		t.Errorf("heard by a wrong clock: since %v, want %v", got, started)
	}
}

// receiver is a webhook of somebody's.
type receiver struct {
	*httptest.Server

	mu    sync.Mutex
	got   []string
	wrong []string
	fail  int // how many requests it refuses before it takes one
}

var hookSecret = []byte("between us")

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(r.take))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) take(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	body, err := io.ReadAll(request.Body)
	var seconds int64
	if _, scanned := fmt.Sscanf(request.Header.Get(SignatureHeader), "t=%d,", &seconds); err != nil || scanned != nil ||
		request.Header.Get(SignatureHeader) != Sign(hookSecret, time.Unix(seconds, 0), body) {
		r.wrong = append(r.wrong, request.Header.Get(SignatureHeader))
	}
	if r.fail > 0 {
		r.fail--
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	}
	var p posted
	if err := json.Unmarshal(body, &p); err != nil {
		r.wrong = append(r.wrong, err.Error())
	}
	r.got = append(r.got, p.Subject)
}

// here is where receivers are.
var here = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

func TestAWebhookIsSignedAndTriedAgain(t *testing.T) {
	r := newReceiver(t)
	r.fail = 1
	documents := openStore(t, t.TempDir())
	defer func() {
		if err := documents.Close(); err != nil {
			t.Error(err)
		}
	}()
	s := &scene{ward: newWard(), url: r.URL + "/hook"}
	s.ward.opened = time.Now().Add(-time.Hour)
	s.ward.fail(NoPicture, "z")
	s.ward.since["z"] = time.Now().Add(-time.Hour)
	n, err := New(t.Context(), Config{Store: documents, Look: s.look, Hook: Hook{Secret: hookSecret, Networks: here}})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if pause := n.deliver(t.Context()); pause <= 0 || pause > firstRetry {
		t.Errorf("after a refusal it waits %v", pause)
	}
	if waiting, _ := n.Troubles(); len(waiting) != 1 || !strings.Contains(waiting[0].Error, "503") {
		t.Errorf("what was refused: %+v", waiting)
	}
	n.mu.Lock()
	n.now.Waiting[0].Next = time.Now()
	n.mu.Unlock()
	n.deliver(t.Context())
	if waiting, failed := n.Troubles(); len(waiting)+len(failed) > 0 {
		t.Errorf("taken, and yet %+v %+v", waiting, failed)
	}
	if n, err = New(t.Context(), n.Config); err != nil {
		t.Fatal(err)
	}
	if told := n.Lately(); len(told) != 1 || told[0].Said.Subject != "z: no picture" || told[0].Sent.IsZero() || told[0].Error != "" {
		t.Errorf("told lately: %+v", told)
	}
	if want := []string{"z: no picture"}; !slices.Equal(r.got, want) || len(r.wrong) > 0 {
		t.Errorf("the webhook got %q, want %q; signatures that do not fit: %q", r.got, want, r.wrong)
	}
}

func TestWhereWebhooksMayNotLead(t *testing.T) {
	r := newReceiver(t)
	elsewhere := httptest.NewServer(http.RedirectHandler(r.URL, http.StatusTemporaryRedirect))
	defer elsewhere.Close()
	m := &Message{Kind: Test}
	for name, c := range map[string]struct {
		hook Hook
		to   string
		want string
	}{
		"this machine":             {Hook{Secret: hookSecret}, r.URL, "within the house"},
		"the machine's own data":   {Hook{Secret: hookSecret}, "http://169.254.169.254/latest", "within the house"},
		"somewhere by redirection": {Hook{Secret: hookSecret, Networks: here}, elsewhere.URL, "307"},
		"without a secret":         {Hook{Networks: here}, r.URL, "no secret"},
	} {
		if err := c.hook.send(t.Context(), c.to, "1", m, Said{}, time.Now()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if len(r.got) > 0 {
		t.Errorf("the webhook got %q", r.got)
	}
}
