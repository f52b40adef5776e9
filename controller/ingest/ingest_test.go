package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"anteroom/controller/content"
	"anteroom/playlists"
)

// The tests' own binary is the controller's: it calls Child, as cmd/controller does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == Command {
		go runtime.GC() // the controller's own start is often amid a collection, which asks for memory and threads
		unix.Exit(Child(os.Args[2:], os.Stdin, os.Stdout))
	}
	if len(os.Args) > 2 && os.Args[1] == victimCommand {
		unix.Exit(victim(os.Args[2], os.Args[3:], os.Stdout))
	}
	if len(os.Args) > 3 && os.Args[1] == receiverCommand {
		unix.Exit(receiver(os.Args[2], os.Args[3], os.Stdout))
	}
	m.Run()
}

// bench is an Ingest that runs, over a data folder.
type bench struct {
	*Ingest

	t       *testing.T
	data    string
	content *content.Content
}

func newBench(t *testing.T, l Limits) *bench {
	t.Helper()
	b := openBench(t, t.TempDir(), l, slog.DiscardHandler)
	t.Cleanup(b.run())
	return b
}

// openBench makes an Ingest over a data folder, which does not run yet.
func openBench(t *testing.T, data string, l Limits, log slog.Handler) *bench {
	t.Helper()
	files := openContent(t, data)
	i, err := New(Config{Content: files, Dir: filepath.Join(data, "uploads"), Log: slog.New(log), Limits: l})
	if err != nil {
		t.Fatal(err)
	}
	return &bench{Ingest: i, t: t, data: data, content: files}
}

func openContent(t *testing.T, data string) *content.Content {
	t.Helper()
	files, err := content.Open(filepath.Join(data, "content"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// run converts until stop, which returns when that has ended.
func (b *bench) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- b.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Error(err)
		}
	}
}

// begin sends a file and does not wait for its conversion.
func (b *bench) begin(name string, body []byte) Upload {
	b.t.Helper()
	u, err := b.Begin(b.t.Context(), name, bytes.NewReader(body), int64(len(body)), "maria")
	if err != nil {
		b.t.Fatalf("Begin(%s): %v", name, err)
	}
	return u
}

// reaches waits until an upload is in a state, or finished in another.
func (b *bench) reaches(id string, s State) Upload {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	changed := b.Changes(ctx)
	for {
		u, err := b.Get(id)
		if err != nil {
			b.t.Fatal(err)
		}
		if u.State == s || u.finished() {
			return u
		}
		select {
		case <-changed:
		case <-ctx.Done():
			b.t.Fatalf("%s is still %s after two minutes", u.Name, u.State)
		}
	}
}

// upload sends a file and waits for the end of it. What is left of it is only how it ended, which is taken away.
func (b *bench) upload(name string, body []byte) Upload {
	b.t.Helper()
	u, err := b.Begin(b.t.Context(), name, bytes.NewReader(body), int64(len(body)), "maria")
	if err != nil {
		if u.State != Refused || u.Problem == "" {
			b.t.Errorf("Begin(%s) gave %v, but the upload says %+v", name, err, u)
		}
		return u
	}
	u = b.reaches(u.ID, Ready)
	dir := filepath.Join(b.data, "uploads", u.ID)
	if diff := cmp.Diff([]string{jobName}, heldIn(b.t, dir)); diff != "" {
		b.t.Errorf("%s left something behind (-want +got):\n%s", name, diff)
	}
	if err := os.RemoveAll(dir); err != nil {
		b.t.Fatal(err)
	}
	return u
}

// tree is everything below the data folder: paths, and the hashes of files.
func (b *bench) tree() map[string]string {
	b.t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(b.data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			found[path] = "directory"
			return err
		}
		body, err := os.ReadFile(path)
		found[path] = fmt.Sprintf("%x", sha256.Sum256(body))
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return found
}

// refuses uploads a file and wants it refused with all of the words, and nothing left behind.
func (b *bench) refuses(name string, body []byte, words ...string) {
	b.t.Helper()
	before := b.tree()
	u := b.upload(name, body)
	if u.State != Refused {
		b.t.Errorf("%s is %s with %d variants, want it refused", name, u.State, len(u.Variants))
	}
	for _, w := range words {
		if !strings.Contains(u.Problem, w) {
			b.t.Errorf("%s: problem is %q, want it to say %q", name, u.Problem, w)
		}
	}
	if diff := cmp.Diff(before, b.tree()); diff != "" {
		b.t.Errorf("%s left something behind:\n%s", name, diff)
	}
}

// accepts uploads a file and gives the finished upload; only its variants may have come to the data.
func (b *bench) accepts(name string, body []byte) Upload {
	b.t.Helper()
	want := b.tree()
	u := b.upload(name, body)
	if u.State != Ready {
		b.t.Fatalf("%s is %s: %s", name, u.State, u.Problem)
	}
	for _, a := range u.Assets() {
		path := b.content.Path(a.Digest)
		want[filepath.Dir(path)], want[path] = "directory", string(a.Digest)
		if info, err := os.Stat(path); err != nil || info.Size() != a.Bytes {
			b.t.Errorf("%s: variant %s has %v bytes, %v; want %d", name, a.Digest, info, err, a.Bytes)
		}
	}
	if diff := cmp.Diff(want, b.tree()); diff != "" {
		b.t.Errorf("%s left more than its variants:\n%s", name, diff)
	}
	return u
}

func TestUploadIsFollowedFromReceivingToReady(t *testing.T) {
	b := newBench(t, Limits{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	changed := b.Changes(ctx)
	r, w := io.Pipe()
	body := photograph(t, 400, 300)
	go func() {
		_, _ = w.Write(body[:4000])
		<-changed
		if l := b.List(); len(l) != 1 || l[0].State != Receiving || l[0].Name != "stairs.jpg" || l[0].By != "maria" {
			t.Errorf("while it is received, the list is %+v", l)
		}
		_, _ = w.Write(body[4000:])
		_ = w.Close()
	}()
	u, err := b.Begin(ctx, `C:\Pictures\stairs.jpg`, r, int64(len(body)), "maria")
	if err != nil || u.State != Checking || u.Medium != playlists.Image {
		t.Fatalf("Begin gives %+v, %v", u, err)
	}
	for u.State != Ready {
		<-changed
		if u, err = b.Get(u.ID); err != nil || u.State == Refused {
			t.Fatalf("%+v, %v", u, err)
		}
	}
	if _, err := b.Get("nothing"); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("Get of an unknown upload gives %v, want not found", err)
	}
}

func TestUploadThatBreaksOffLeavesNothing(t *testing.T) {
	b := newBench(t, Limits{})
	before := b.tree()
	body := photograph(t, 400, 300)
	gone := errors.New("connection reset by peer")
	for name, r := range map[string]io.Reader{
		"early": io.MultiReader(bytes.NewReader(body[:100]), failing{gone}),
		"late":  io.MultiReader(bytes.NewReader(body[:9000]), failing{gone}),
		"short": bytes.NewReader(body[:9000]),
	} {
		u, err := b.Begin(t.Context(), name+".jpg", r, int64(len(body)), "maria")
		if !errors.Is(err, playlists.ErrInvalid) || u.State != Refused || !strings.Contains(u.Problem, "broke off") {
			t.Errorf("%s: Begin gives %v, %q", name, err, u.Problem)
		}
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Begin(stopped, "stopped.jpg", bytes.NewReader(body), int64(len(body)), "maria"); err == nil {
		t.Error("an upload went on although its request had ended")
	}
	if diff := cmp.Diff(before, b.tree()); diff != "" {
		t.Errorf("left behind:\n%s", diff)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestTooLargeIsRefusedWithoutReadingOn(t *testing.T) {
	b := newBench(t, Limits{PictureBytes: 20_000, VideoBytes: 1 << 20})
	body := append(photograph(t, 400, 300), make([]byte, 100_000)...)
	b.refuses("large.jpg", body, "too large", "A picture may have at most 20 kB")
	before := b.tree()
	r := &counting{r: bytes.NewReader(body)}
	_, err := b.Begin(t.Context(), "large.jpg", r, -1, "maria")
	if !errors.Is(err, playlists.ErrInvalid) || r.n > 60_000 {
		t.Errorf("an upload of unknown size gives %v after %d bytes, want it refused soon after 20,000", err, r.n)
	}
	if diff := cmp.Diff(before, b.tree()); diff != "" {
		t.Errorf("left behind:\n%s", diff)
	}
}

type counting struct {
	r io.Reader
	n int
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += n
	return n, err
}

func TestTooManyUploadsAtOnceAreBusy(t *testing.T) {
	data := t.TempDir()
	i, err := New(Config{Content: openContent(t, data), Dir: filepath.Join(data, "uploads"), Log: slog.New(slog.DiscardHandler), Limits: Limits{Unfinished: 2}})
	if err != nil {
		t.Fatal(err)
	}
	body := photograph(t, 400, 300)
	for n := range 2 {
		if _, err := i.Begin(t.Context(), "a.jpg", bytes.NewReader(body), -1, "maria"); err != nil {
			t.Fatalf("upload %d: %v", n, err)
		}
	}
	if _, err := i.Begin(t.Context(), "a.jpg", bytes.NewReader(body), -1, "maria"); !errors.Is(err, ErrBusy) {
		t.Errorf("a third upload gives %v, want busy", err)
	}
}

// full is a content store whose disk is full after some files.
type full struct {
	*content.Content

	room int
}

func (f *full) Put(ctx context.Context, r io.Reader) (playlists.Digest, int64, error) {
	f.room--
	if f.room < 0 {
		return "", 0, errors.New("no space left on device")
	}
	return f.Content.Put(ctx, r)
}

func TestVariantsAreKeptAllOrNone(t *testing.T) {
	b := newBench(t, Limits{})
	small := b.accepts("small.jpg", photograph(t, 1000, 500)).Variants[0]
	before := b.tree()
	b.Ingest.content = &full{Content: b.content, room: 1}
	u := b.upload("large.jpg", photograph(t, 2000, 1000))
	if u.State != Refused || !strings.Contains(u.Problem, "administrator") {
		t.Errorf("with a full disk the upload is %s: %q", u.State, u.Problem)
	}
	after := b.tree()
	for path, kind := range after { // an empty subfolder of content is nothing left
		if _, ok := before[path]; !ok && kind == "directory" {
			delete(after, path)
		}
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("left behind:\n%s", diff)
	}
	if !b.content.Has(small.Digest) {
		t.Error("another upload's asset is gone")
	}
}

func TestAFullDiskIsSaidAsSuch(t *testing.T) {
	err := fmt.Errorf("keeping what was converted: %w", &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC})
	if words := reason(err).Reason; !strings.HasPrefix(words, "The controller's disk is full.") {
		t.Errorf("a full disk is said as %q", words)
	}
}
