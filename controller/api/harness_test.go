package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"anteroom/controller"
	"anteroom/controller/access"
	"anteroom/controller/access/provider"
	"anteroom/controller/access/provider/providertest"
	"anteroom/controller/api"
	"anteroom/controller/controllertest"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	if status, child := controller.Child(os.Args[1:], os.Stdin, os.Stdout, os.Stderr); child {
		os.Exit(status)
	}
	status := m.Run()
	if status == 0 && flag.Lookup("test.run").Value.String() == "" {
		status = everyRouteWasAsked()
	}
	os.Exit(status)
}

// asked remembers, by route, whether these tests have seen it do its work and refuse it.
var asked struct {
	sync.Mutex

	worked, refused map[string]bool
}

func remember(method, path string, status int) {
	asked.Lock()
	defer asked.Unlock()
	if asked.worked == nil {
		asked.worked, asked.refused = map[string]bool{}, map[string]bool{}
	}
	for _, r := range api.Routes() {
		if r.Method == method && matches(r.Path, path) {
			asked.worked[method+" "+r.Path] = asked.worked[method+" "+r.Path] || status < 400
			asked.refused[method+" "+r.Path] = asked.refused[method+" "+r.Path] || status >= 400
			return
		}
	}
}

func matches(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	for i := range want {
		if i >= len(got) || want[i] != got[i] && !strings.HasPrefix(want[i], "{") {
			return false
		}
	}
	return len(want) == len(got)
}

// everyRouteWasAsked fails a whole run that left a route without its happy or its failing path. Routes
// for anyone may have no way to fail, and the link is no request like others.
func everyRouteWasAsked() int {
	status := 0
	for _, r := range api.Routes() {
		name := r.Method + " " + r.Path
		if r.Path != wire.LinkPath && !asked.worked[name] {
			fmt.Fprintln(os.Stderr, "no test sees this route do its work:", name)
			status = 1
		}
		if r.Who != api.Anyone && !asked.refused[name] {
			fmt.Fprintln(os.Stderr, "no test sees this route refuse:", name)
			status = 1
		}
	}
	return status
}

const (
	origin   = "http://controller"
	password = "correct horse battery staple"
)

// house is a whole controller on an in-memory network.
type house struct {
	t          *testing.T
	network    *controllertest.Network
	controller *controller.Controller
	link       string
	// stop stops it, once, and returns when it has stopped; the test's end does as well.
	stop func()
}

// start runs a controller with a first administrator's link, until the test ends.
func start(t *testing.T) *house {
	t.Helper()
	return startOn(t, t.TempDir())
}

// startWith runs one by whose provider staff may sign in.
func startWith(t *testing.T, hospital *providertest.Hospital) *house {
	t.Helper()
	return startConfig(t, controller.Config{Data: t.TempDir(), Provider: provider.Config{Issuer: hospital.Server.URL, ClientID: providertest.Client, Name: "St Mary's account"}})
}

// startOn runs a controller over a data directory that an earlier one may have left.
func startOn(t *testing.T, data string) *house {
	t.Helper()
	return startConfig(t, controller.Config{Data: data})
}

func startConfig(t *testing.T, config controller.Config) *house {
	t.Helper()
	config.URL = origin
	return startUnnamed(t, config)
}

// startUnnamed runs one whose address nobody has told it, if the configuration does not.
func startUnnamed(t *testing.T, config controller.Config) *house {
	t.Helper()
	h := &house{t: t, network: controllertest.NewNetwork()}
	config.Listener, config.Zones, config.Version = h.network, playliststest.Zones, "v0.0.0-test"
	config.HouseNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	config.Probe = func(_ context.Context, path string) error { return bolt.Probe(path) }
	config.PasswordCost = access.Cost{KiB: 64, Passes: 1, Lanes: 1}
	c, err := controller.New(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	h.controller = c
	if h.link, err = c.FirstLink(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := c.Run(ctx); err != nil {
			t.Errorf("running: %v", err)
		}
	})
	h.stop = func() {
		stop()
		running.Wait()
	}
	t.Cleanup(h.stop)
	return h
}

// person is somebody with a browser, or a script.
type person struct {
	t      *testing.T
	http   *http.Client
	origin string
	token  string
}

// stranger is somebody who has not signed in.
func (h *house) stranger() *person {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	client := &http.Client{
		Jar:           jar,
		Transport:     &http.Transport{DialContext: h.network.Dial},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	h.t.Cleanup(client.CloseIdleConnections)
	return &person{t: h.t, http: client, origin: origin}
}

// admin makes the first administrator by the link.
func (h *house) admin() *person {
	h.t.Helper()
	p := h.stranger()
	at, err := url.Parse(h.link)
	if err != nil {
		h.t.Fatal(err)
	}
	form := url.Values{"token": {at.Query().Get("token")}, "name": {"ada"}, "full_name": {"Ada Park"}, "password": {password}}
	if a := p.post("/first", form); a.status != http.StatusSeeOther {
		h.t.Fatalf("first administrator: %d %s", a.status, a.body)
	}
	return p
}

// staff is somebody with a role in some departments, signed in.
func (h *house) staff(name string, role access.Role, departments ...playlists.DepartmentID) *person {
	h.t.Helper()
	u := access.User{Actor: access.Actor{Name: name, Role: role, Everywhere: len(departments) == 0, Departments: departments}}
	if err := h.controller.AddUser(h.t.Context(), "ada", u, password); err != nil {
		h.t.Fatal(err)
	}
	return h.signIn(name)
}

// signIn is somebody who has an account.
func (h *house) signIn(name string) *person {
	h.t.Helper()
	p := h.stranger()
	if a := p.post("/sign-in", url.Values{"name": {name}, "password": {password}}); a.status != http.StatusSeeOther {
		h.t.Fatalf("signing in: %d %s", a.status, a.body)
	}
	return p
}

// answer is a response, read whole.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

// into decodes an answer.
func (a answer) into(v any) answer {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		a.t.Fatalf("%v in %s", err, a.body)
	}
	return a
}

// want checks the status.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("got %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// do sends a request; body is nil, text, bytes or something to encode.
func (p *person) do(method, path string, body any, headers ...string) answer {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, "http://controller"+path, encode(p.t, body))
	if err != nil {
		p.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if p.origin != "" {
		r.Header.Set("Origin", p.origin)
	}
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := p.http.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	got, err := io.ReadAll(response.Body)
	if closed := response.Body.Close(); err != nil || closed != nil {
		p.t.Fatal(err, closed)
	}
	remember(method, r.URL.Path, response.StatusCode)
	return answer{p.t, response.StatusCode, response.Header, string(got)}
}

func encode(t *testing.T, body any) io.Reader {
	t.Helper()
	switch b := body.(type) {
	case nil:
		return nil
	case string:
		return strings.NewReader(b)
	case []byte:
		return bytes.NewReader(b)
	}
	enc, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(enc)
}

func (p *person) get(path string, headers ...string) answer {
	p.t.Helper()
	return p.do(http.MethodGet, path, nil, headers...)
}

func (p *person) post(path string, form url.Values) answer {
	p.t.Helper()
	return p.do(http.MethodPost, path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// make puts a new document.
func (p *person) make(path string, doc any) {
	p.t.Helper()
	p.do(http.MethodPut, "/api/v1/"+path, doc, "If-None-Match", "*").want(http.StatusOK)
}

// release lets the present version of an item out.
func (p *person) release(id playlists.ItemID) {
	p.t.Helper()
	var now playlists.Item
	path := "/api/v1/items/" + string(id)
	etag := p.get(path).want(http.StatusOK).into(&now).header.Get("ETag")
	order := api.ReleaseOrder{ApprovalOrder: api.ApprovalOrder{Version: now.Version}, Reason: "a test"}
	p.do(http.MethodPost, path+"/release", order, "If-Match", etag).want(http.StatusOK)
}

// furnish makes the sample hospital through the API, as a person would.
func (p *person) furnish() {
	p.t.Helper()
	h := playliststest.Hospital()
	p.do(http.MethodPut, "/api/v1/organisation", h.Organisation, "If-Match", `"1"`).want(http.StatusOK)
	for id, d := range h.Sites {
		p.make("sites/"+string(id), d)
	}
	for id, d := range h.Closures {
		p.make("closures/"+string(id), d)
	}
	for id, d := range h.Items {
		p.make("items/"+string(id), d)
		p.release(id)
	}
	for id, d := range h.Playlists {
		p.make("playlists/"+string(id), d)
	}
	for id, d := range h.Departments {
		p.make("departments/"+string(id), d)
	}
	for id, d := range h.Screens {
		p.make("screens/"+string(id), d)
	}
	for id, d := range h.Layouts {
		p.make("layouts/"+string(id), d)
	}
	for id, d := range h.Windows {
		p.make("windows/"+string(id), d)
	}
}

// golden compares text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; make it with -update", err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s\nwant:\n%s", name, got, want)
	}
}
