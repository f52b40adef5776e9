//go:build e2e

package main

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// narrows passes connections on to a controller, and of each so many bytes; then that one stands still.
type narrows struct {
	t     *testing.T
	to    string
	most  int64
	still chan struct{}
}

// open gives the address at which it begins.
func (n *narrows) open() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go n.pass(near)
		}
	}()
	return l.Addr().String()
}

func (n *narrows) pass(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", n.to)
	if err != nil {
		return
	}
	defer far.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(near, far)
		_ = near.Close()
	}()
	if _, err := io.CopyN(far, near, n.most); err == nil {
		select {
		case n.still <- struct{}{}:
			<-ended
		case <-n.t.Context().Done():
		}
	}
}

// noise writes a picture of about 50 MB, which nothing makes smaller. A byte that is not as it was makes it one that cannot
// be read, for each part of it has its check sum.
func noise(t *testing.T, path string) (size int64) {
	t.Helper()
	picture := image.NewRGBA64(image.Rect(0, 0, 3600, 2400))
	_, _ = rand.NewChaCha8([32]byte{}).Read(picture.Pix) // never fails
	for n := 6; n < len(picture.Pix); n += 8 {
		picture.Pix[n], picture.Pix[n+1] = 0xff, 0xff // nothing shines through
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	err = (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(f, picture)
	info, unknown := f.Stat()
	if err := errors.Join(err, unknown, f.Close()); err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// token is one by which a script may send files.
func (h *house) token() string {
	h.t.Helper()
	order := map[string]any{
		"name": "uploads", "expires": time.Now().Add(24 * time.Hour).UTC(),
		"rights": []any{map[string]any{"action": "edit", "kind": "upload"}, map[string]any{"action": "see", "kind": "upload"}},
	}
	var made struct{ Secret string }
	h.must(h.api.Do(h.t.Context(), http.MethodPost, "/api/v1/me/tokens", order, &made, nil))
	return made.Secret
}

// received reports an error until more than so many bytes of the only upload have come.
func (h *house) received(n int64) error {
	got, _, err := h.onlyUpload()
	if err == nil && got <= n {
		return fmt.Errorf("%d bytes have come", got)
	}
	return err
}

func (h *house) onlyUpload() (received int64, state string, err error) {
	var all struct {
		Items []struct {
			State, Problem string
			Received       int64
		}
	}
	if _, err := h.api.Get(h.t.Context(), "/api/v1/uploads", &all); err != nil {
		return 0, "", err
	}
	if len(all.Items) != 1 {
		return 0, "", fmt.Errorf("the uploads are %+v", all.Items)
	}
	return all.Items[0].Received, strings.TrimSpace(all.Items[0].State + " " + all.Items[0].Problem), nil
}

// TestAnUploadOutlivesTheController sends a picture with tus-js-client, and kills the controller twice while it comes in.
func TestAnUploadOutlivesTheController(t *testing.T) {
	t.Parallel()
	h := open(t)
	const noted = 16 << 20 // what came since the last so many bytes is sent again
	path := filepath.Join(h.dir, "noise.png")
	size := noise(t, path)
	n := &narrows{t: t, to: h.addr, most: 20 << 20, still: make(chan struct{})}
	cmd := exec.CommandContext(t.Context(), node(), "tests/tus.mjs", "http://"+n.open()+"/api/v1/uploads/resumable", h.token(), path)
	cmd.Dir = "../../controller/console/web"
	var out said
	cmd.Stdout, cmd.Stderr = &out, &out
	h.must(cmd.Start())
	sent := make(chan error, 1)
	go func() { sent <- cmd.Wait() }()
	for kill := range int64(2) {
		select {
		case <-n.still:
		case err := <-sent:
			t.Fatalf("it ended before kill %d: %v\n%s", kill+1, err, out.String())
		}
		h.eventually(patience, "as much has come as is noted", func() error { return h.received((kill+1)*noted + 1<<20) })
		h.kill()
		h.start()
	}
	if err := <-sent; err != nil {
		t.Fatalf("it was not sent: %v\n%s", err, out.String())
	}
	var wentOn []int64
	for _, m := range regexp.MustCompile(`(?m)^at (\d+)$`).FindAllStringSubmatch(out.String(), -1) {
		at, err := strconv.ParseInt(m[1], 10, 64)
		h.must(err)
		wentOn = append(wentOn, at)
	}
	if len(wentOn) < 2 || wentOn[0] < noted || wentOn[len(wentOn)-1] < 2*noted {
		t.Errorf("of %d bytes it went on at %v:\n%s", size, wentOn, out.String())
	}
	h.eventually(patience, "it can be read, so it is what was sent", func() error {
		got, state, err := h.onlyUpload()
		if err == nil && (state != "ready" || got != size) {
			return fmt.Errorf("%d of %d bytes are %s", got, size, state)
		}
		return err
	})
}
