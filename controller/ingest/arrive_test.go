package ingest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"anteroom/controller/disk"
	"anteroom/playlists"
)

// open begins an upload in pieces.
func (b *bench) open(name string, size int) Upload {
	b.t.Helper()
	u, err := b.Open(b.t.Context(), name, int64(size), "maria", "17")
	if err != nil {
		b.t.Fatalf("Open(%s): %v", name, err)
	}
	return u
}

// wantNothing checks that the directory of uploads is empty.
func (b *bench) wantNothing() {
	b.t.Helper()
	if left := heldIn(b.t, filepath.Join(b.data, "uploads")); len(left) > 0 {
		b.t.Errorf("the directory of uploads holds %v", left)
	}
}

// holds checks that an upload waits for its conversion with these bytes.
func (b *bench) holds(t interface{ Errorf(string, ...any) }, id string, want []byte) {
	dir := filepath.Join(b.data, "uploads", id)
	j, err := readJob(dir)
	if err != nil {
		t.Errorf("what has come whole is no job: %v", err)
		return
	}
	got, err := os.ReadFile(filepath.Join(dir, sourceName))
	sum := sha256.Sum256(want)
	if err != nil || !bytes.Equal(got, want) || hex.EncodeToString(sum[:]) != string(j.Digest) {
		t.Errorf("%d bytes came with the digest %s, want %d with %x; %v", len(got), j.Digest, len(want), sum, err)
	}
}

// TestAnyCutsGiveTheSameBytes sends a file in any pieces, of which any break off, out of order too, and stops the
// controller in between.
func TestAnyCutsGiveTheSameBytes(t *testing.T) {
	png := asPNG(t, flat(30, 20))
	rapid.Check(t, func(rt *rapid.T) {
		data := t.TempDir()
		file := append(bytes.Clone(png), rapid.SliceOfN(rapid.Byte(), 0, 6000).Draw(rt, "file")...)
		start := func() *bench {
			b := openBench(t, data, Limits{}, slog.DiscardHandler)
			b.noteEvery = 1000
			return b
		}
		b := start()
		id := b.open("plan.png", len(file)).ID
		for at := 0; at < len(file); {
			n := rapid.IntRange(0, len(file)-at).Draw(rt, "bytes")
			r := io.Reader(bytes.NewReader(file[at : at+n]))
			switch rapid.SampledFrom([]string{"whole", "breaks off", "elsewhere", "stop"}).Draw(rt, "how") {
			case "whole":
				if _, err := b.Append(t.Context(), id, int64(at), iotest.OneByteReader(r)); err != nil {
					rt.Fatalf("%d bytes at %d: %v", n, at, err)
				}
				at += n
			case "breaks off":
				_, err := b.Append(t.Context(), id, int64(at), io.MultiReader(r, failing{io.ErrUnexpectedEOF}))
				if !errors.Is(err, ErrBrokenOff) && at+n < len(file) {
					rt.Fatalf("a break after %d bytes at %d: %v", n, at, err)
				}
				at += n
			case "elsewhere":
				if _, err := b.Append(t.Context(), id, int64(at+1+n), r); !errors.Is(err, ErrOffset) {
					rt.Fatalf("bytes that leave a hole: %v", err)
				}
			case "stop":
				// What was not noted is lost, and asked for again.
				path := filepath.Join(data, "uploads", id, sourceName)
				extra, err := os.ReadFile(path)
				if err == nil {
					err = os.WriteFile(path, append(extra, "torn"...), 0o600)
				}
				if err != nil {
					rt.Fatal(err)
				}
				b = start()
			}
			if u, err := b.Arrived(id); err != nil || int(u.Received) != at {
				rt.Fatalf("%d bytes are said to have come, want %d; %v", u.Received, at, err)
			}
		}
		b.holds(rt, id, file)
	})
}

func TestTheFirstBytesDecide(t *testing.T) {
	for _, c := range []struct {
		what, name string
		file       []byte
		words      string
	}{
		{"a drawing", "drawing.tiff", bytes.Repeat([]byte("II*\x00"), 2000), "TIFF picture"},
		{"a film that is called a picture", "film.png", clip(t, "a.mp4", "160x120", "25", 1, h264()...), "holds an MP4"},
		{"short nonsense", "a.png", []byte("none"), "neither a picture nor a video"},
		{"a picture without an ending that is too large", "plan", append(photograph(t, 400, 300), make([]byte, 100_000)...), "A picture may have at most 50 kB"},
	} {
		t.Run(c.what, func(t *testing.T) {
			b := openBench(t, t.TempDir(), Limits{PictureBytes: 50_000}, slog.DiscardHandler)
			id := b.open(c.name, len(c.file)).ID
			r := &counting{r: bytes.NewReader(c.file)}
			_, err := b.Append(t.Context(), id, 0, r)
			u, found := b.Get(id)
			if !errors.Is(err, playlists.ErrInvalid) || found != nil || u.State != Refused || !strings.Contains(u.Problem, c.words) {
				t.Errorf("it gives %v, and then is %s, %q, %v; want it refused with %q", err, u.State, u.Problem, found, c.words)
			}
			if r.n > headBytes {
				t.Errorf("%d bytes were read before it was refused", r.n)
			}
			b.wantNothing()
		})
	}
}

func TestWhatTheDiskHasNoRoomForIsNotBegun(t *testing.T) {
	data := t.TempDir()
	i, err := New(Config{
		Content: openContent(t, data), Dir: filepath.Join(data, "uploads"), Log: slog.New(slog.DiscardHandler),
		Free: func(string) (int64, error) { return spare + 20_000_000, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Open(t.Context(), "a.mp4", 6_000_000, "maria", ""); err != nil {
		t.Fatalf("a file for which there is room: %v", err)
	}
	_, err = i.Open(t.Context(), "b.mp4", 5_000_000, "maria", "")
	if _, full := errors.AsType[*NoRoomError](err); !full || !strings.Contains(err.Error(), "it takes 10 MB") {
		t.Errorf("one for which there is none beside the first gives %v", err)
	}
	if u, err := i.Begin(t.Context(), "c.mp4", strings.NewReader("x"), 5_000_000, "maria"); err == nil || !strings.Contains(u.Problem, "no room") {
		t.Errorf("in one go it gives %v, %+v", err, u)
	}
	if n := len(heldIn(t, filepath.Join(data, "uploads"))); n != 2 {
		t.Errorf("%d files are in the directory of uploads, want the first one's two", n)
	}
}

func TestOneWriterAnUpload(t *testing.T) {
	b := newBench(t, Limits{})
	file := photograph(t, 400, 300)
	id := b.open("stairs.jpg", len(file)).ID
	r, w := io.Pipe()
	done := make(chan error)
	go func() {
		_, err := b.Append(t.Context(), id, 0, r)
		done <- err
	}()
	_, _ = w.Write(file[:100])
	if _, err := b.Append(t.Context(), id, 0, bytes.NewReader(file)); !errors.Is(err, ErrLocked) {
		t.Errorf("a second writer gets %v", err)
	}
	if _, err := b.Arrived(id); !errors.Is(err, ErrLocked) {
		t.Errorf("who asks how far it is gets %v", err)
	}
	if err := b.Cancel(t.Context(), id); err != nil {
		t.Errorf("calling it off: %v", err)
	}
	if _, err := b.Get(id); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("after that it is still there: %v", err)
	}
	_ = w.CloseWithError(io.ErrUnexpectedEOF)
	if err := <-done; !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("its writer gets %v", err)
	}
	b.wantNothing()
}

func TestAnUploadIsCalledOffAtAnyMoment(t *testing.T) {
	film := clip(t, "a.mp4", "1280x720", "25", 6, h264()...)
	b := openBench(t, t.TempDir(), Limits{}, slog.DiscardHandler)
	before := b.tree()
	converted, waits := b.begin("film.mp4", film), b.begin("film.mp4", film)
	begun := b.open("film.mp4", len(film))
	defer b.run()()
	if u := b.reaches(converted.ID, Converting); u.State != Converting {
		t.Fatalf("the film is %s before anybody could call it off", u.State)
	}
	for _, id := range []string{begun.ID, waits.ID, converted.ID} {
		if err := b.Cancel(t.Context(), id); err != nil {
			t.Errorf("calling off: %v", err)
		}
	}
	if all := b.List(); len(all) != 0 {
		t.Errorf("the list still has %+v", all)
	}
	if diff := cmp.Diff(before, b.tree()); diff != "" {
		t.Errorf("left behind:\n%s", diff)
	}
	if err := b.Cancel(t.Context(), converted.ID); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("calling it off again gives %v", err)
	}
	u := b.begin("stairs.jpg", photograph(t, 400, 300))
	if u = b.reaches(u.ID, Ready); u.State != Ready {
		t.Errorf("what comes after is %s: %s", u.State, u.Problem)
	}
	if err := b.Cancel(t.Context(), u.ID); !errors.Is(err, ErrEnded) {
		t.Errorf("calling off what is ready gives %v", err)
	}
}

func TestAbandonedUploadsGoAfterADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openBench(t, t.TempDir(), Limits{}, slog.DiscardHandler)
		defer b.run()()
		file := photograph(t, 400, 300)
		time.Sleep(20 * time.Hour)
		given, kept := b.open("given up.jpg", len(file)), b.open("kept.jpg", len(file))
		if want := time.Now().UTC().Add(24 * time.Hour); !given.Expires.Equal(want) {
			t.Errorf("it expires at %v, want %v", given.Expires, want)
		}
		for at := range 4 {
			time.Sleep(20 * time.Hour)
			if u, err := b.Append(t.Context(), kept.ID, int64(at), bytes.NewReader(file[at:at+1])); err != nil || !u.Expires.Equal(time.Now().UTC().Add(24*time.Hour)) {
				t.Errorf("after %d hours: %+v, %v", 20*(at+1), u, err)
			}
			_, err := b.Get(given.ID)
			if gone := err != nil; gone != (at > 0) {
				t.Errorf("after %d hours the one given up is there: %v", 20*(at+1), err)
			}
		}
		time.Sleep(25 * time.Hour)
		if all := b.List(); len(all) != 0 {
			t.Errorf("in the end the list has %+v", all)
		}
		b.wantNothing()
	})
}

func TestAbandonedUploadsGoAtAStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := openBench(t, t.TempDir(), Limits{}, slog.DiscardHandler)
		before.open("stairs.jpg", 9000)
		time.Sleep(25 * time.Hour)
		after := openBench(t, before.data, Limits{}, slog.DiscardHandler)
		stop := after.run()
		synctest.Wait()
		if all := after.List(); len(all) != 0 {
			t.Errorf("after the start the list has %+v", all)
		}
		stop()
		after.wantNothing()
	})
}

func TestWhatAStartFindsOfAPart(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(dir string) error
		kept   bool
	}{
		{"as it was left", func(string) error { return nil }, true},
		{"with bytes that were not noted", func(dir string) error { return appendTo(filepath.Join(dir, sourceName), "more") }, true},
		{"without its source", func(dir string) error { return os.Remove(filepath.Join(dir, sourceName)) }, false},
		{"with a source that lost its end", func(dir string) error { return os.Truncate(filepath.Join(dir, sourceName), 10) }, false},
		{"with a note that is cut off", func(dir string) error { return os.Truncate(filepath.Join(dir, partName), 40) }, false},
		{"with a note of nobody's", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, partName), disk.Seal([]byte("{}")), 0o600)
		}, false},
		{"without a note", func(dir string) error { return os.Remove(filepath.Join(dir, partName)) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := openBench(t, t.TempDir(), Limits{}, slog.DiscardHandler)
			file := photograph(t, 400, 300)
			u := before.open("stairs.jpg", len(file))
			if _, err := before.Append(t.Context(), u.ID, 0, bytes.NewReader(file[:5000])); err != nil {
				t.Fatal(err)
			}
			if err := c.change(filepath.Join(before.data, "uploads", u.ID)); err != nil {
				t.Fatal(err)
			}
			after := openBench(t, before.data, Limits{}, slog.DiscardHandler)
			got, err := after.Arrived(u.ID)
			if !c.kept {
				if err == nil {
					t.Errorf("it came back as %+v", got)
				}
				after.wantNothing()
				return
			}
			if err != nil || got.Received != 5000 || got.Mark != "17" || got.By != "maria" {
				t.Fatalf("it is %+v, %v", got, err)
			}
			if _, err := after.Append(t.Context(), u.ID, 5000, bytes.NewReader(file[5000:])); err != nil {
				t.Fatal(err)
			}
			after.holds(t, u.ID, file)
		})
	}
}

func appendTo(path, words string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(words)
	return errors.Join(err, f.Close())
}

// receiverCommand makes the tests' binary a controller's ingest that is to be killed while it receives.
const receiverCommand = "ingest-receiver"

// receiver takes a file in by pieces of 10,000 bytes, from where it is. It says "id <id>" and "at <bytes>".
func receiver(data, path string, out io.Writer) int {
	i, err := New(Config{Dir: filepath.Join(data, "uploads"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return exitFailed
	}
	i.noteEvery = 3000
	file, err := os.ReadFile(path)
	if err != nil {
		return exitFailed
	}
	list := i.List()
	if len(list) == 0 {
		u, err := i.Open(context.Background(), "film.jpg", int64(len(file)), "maria", "")
		if err != nil {
			return exitFailed
		}
		list = append(list, u)
	}
	u := list[0]
	_, _ = fmt.Fprintln(out, "id", u.ID)
	for u.State == Receiving {
		next := file[u.Received:min(int64(len(file)), u.Received+10_000)]
		if u, err = i.Append(context.Background(), u.ID, u.Received, bytes.NewReader(next)); err != nil {
			return exitFailed
		}
		_, _ = fmt.Fprintln(out, "at", u.Received)
	}
	return 0
}

// TestAKillLosesNothingThatWasAcknowledged kills the controller again and again while a file comes in.
func TestAKillLosesNothingThatWasAcknowledged(t *testing.T) {
	file := append(photograph(t, 400, 300), make([]byte, 400_000)...)
	for n := range file[len(file)-400_000:] {
		file[len(file)-400_000+n] = byte(n * n >> 7)
	}
	data := t.TempDir()
	path := filesOf(t, map[string][]byte{"film.jpg": file})[0]
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	id, acknowledged := "", int64(0)
	for kills := 1; ; kills++ {
		cmd := exec.CommandContext(t.Context(), self, receiverCommand, data, path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		heard := 0
		for lines := bufio.NewScanner(out); lines.Scan(); {
			word, value, _ := strings.Cut(lines.Text(), " ")
			if word == "id" {
				id = value
				continue
			}
			at, err := strconv.ParseInt(value, 10, 64)
			if err != nil || at < acknowledged {
				t.Fatalf("after %d bytes were acknowledged it goes on at %d, %v", acknowledged, at, err)
			}
			acknowledged = at
			heard++
			if heard == 3+kills%3 {
				_ = cmd.Process.Kill() // while it takes the next piece
			}
		}
		if cmd.Wait() == nil {
			break
		}
		if kills > 40 {
			t.Fatalf("after %d kills only %d bytes have come", kills, acknowledged)
		}
		i := openBench(t, data, Limits{}, slog.DiscardHandler)
		if u, err := i.Get(id); err != nil || u.Received < acknowledged {
			t.Fatalf("%d bytes were acknowledged, and after the kill it is %+v, %v", acknowledged, u, err)
		}
	}
	(&bench{data: data, t: t}).holds(t, id, file)
}
