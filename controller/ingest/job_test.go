package ingest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"anteroom/controller/content"
	"anteroom/controller/disk"
	"anteroom/playlists"
)

// heldIn are the files below a directory, by their paths from it.
func heldIn(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			path, err = filepath.Rel(dir, path)
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// wantNoUploads checks that nothing is left of uploads but how they ended.
func wantNoUploads(t *testing.T, data string) {
	t.Helper()
	uploads := filepath.Join(data, "uploads")
	for _, file := range heldIn(t, uploads) {
		if j, err := readJob(filepath.Join(uploads, filepath.Dir(file))); err != nil || j.Ended == nil || filepath.Base(file) != jobName {
			t.Errorf("the directory of uploads holds %s, %v", file, err)
		}
	}
}

func TestAStopLosesNoUpload(t *testing.T) {
	first := openBench(t, t.TempDir(), Limits{}, slog.DiscardHandler)
	var ids, files []string
	for _, u := range []Upload{
		first.begin("film.mp4", clip(t, "a.mp4", "1280x720", "25", 6, h264()...)),
		first.begin("stairs.jpg", photograph(t, 400, 300)),
		first.begin("plan.png", asPNG(t, flat(300, 200))),
	} {
		ids = append(ids, u.ID)
		files = append(files, u.ID+"/"+jobName, u.ID+"/"+sourceName)
	}
	stop := first.run()
	if u := first.reaches(ids[0], Converting); u.State != Converting {
		t.Fatalf("the film is %s before anybody could stop its conversion", u.State)
	}
	stop()
	want := first.List()
	for _, u := range want {
		if u.State != Checking || u.Problem != "" || u.Stage != "Waiting for its turn" {
			t.Errorf("after the stop %s is %s, %q, %q; want it to wait", u.Name, u.State, u.Stage, u.Problem)
		}
	}
	slices.Sort(files)
	if diff := cmp.Diff(files, heldIn(t, filepath.Join(first.data, "uploads"))); diff != "" {
		t.Errorf("after the stop the directory of uploads differs (-want +got):\n%s", diff)
	}

	second := openBench(t, first.data, Limits{Unfinished: 1}, slog.DiscardHandler)
	if diff := cmp.Diff(want, second.List()); diff != "" {
		t.Errorf("after the start the uploads differ (-want +got):\n%s", diff)
	}
	if _, err := second.Begin(t.Context(), "a.png", bytes.NewReader(asPNG(t, flat(300, 200))), -1, "maria"); err == nil {
		t.Error("another upload was taken, with three that wait and at most one allowed")
	}
	defer second.run()()
	for _, id := range ids {
		if u := second.reaches(id, Ready); u.State != Ready || len(u.Variants) == 0 {
			t.Errorf("%s is %s in the end: %s", u.Name, u.State, u.Problem)
		}
	}
	wantNoUploads(t, first.data)
}

func TestWhatAStartFinds(t *testing.T) {
	body := photograph(t, 400, 300)
	edit := func(change func(*job)) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			j, err := readJob(dir)
			if err != nil {
				t.Fatal(err)
			}
			change(&j)
			if err := j.write(); err != nil {
				t.Fatal(err)
			}
		}
	}
	put := func(name, text string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	drop := func(name string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func(t *testing.T, dir string)
		// kept: the upload is converted; else it is gone, and logged says why, if anything.
		kept   bool
		logged string
	}{
		{"an upload that waits", func(*testing.T, string) {}, true, ""},
		{"one that was being converted", put("variant-0.jpg", "half"), true, ""},
		{"one whose job was being written again", put(jobName+disk.NewSuffix, "{"), true, ""},
		{"one whose conversion was begun twice", edit(func(j *job) { j.Tries = 2 }), true, ""},
		{"one that had ended", edit(func(j *job) {
			j.Ended = &Upload{ID: j.ID, State: Ready}
		}), true, ""},
		{"one that had ended, without its source", func(t *testing.T, dir string) {
			t.Helper()
			edit(func(j *job) { j.Ended = &Upload{ID: j.ID, State: Ready} })(t, dir)
			drop(sourceName)(t, dir)
		}, true, ""},
		{"one that had ended as another", edit(func(j *job) { j.Ended = &Upload{ID: newID(), State: Ready} }), false, "not one that was written"},
		{"one that had ended and goes on", edit(func(j *job) { j.Ended = &Upload{ID: j.ID, State: Converting} }), false, "not one that was written"},
		{"one that was being received", drop(jobName), false, ""},
		{"one whose job was being written", func(t *testing.T, dir string) {
			t.Helper()
			if err := os.Rename(filepath.Join(dir, jobName), filepath.Join(dir, jobName+disk.NewSuffix)); err != nil {
				t.Fatal(err)
			}
		}, false, ""},
		{"a job without its source", drop(sourceName), false, "its source is not there"},
		{"a source that has lost its end", put(sourceName, "short"), false, "its source has 5 bytes"},
		{"an empty job", put(jobName, ""), false, "reading its job"},
		{"a job cut off", put(jobName, `{"id":"`), false, "reading its job"},
		{"a job with a bit flipped", func(t *testing.T, dir string) {
			t.Helper()
			b, err := os.ReadFile(filepath.Join(dir, jobName))
			if err != nil {
				t.Fatal(err)
			}
			put(jobName, strings.Replace(string(b), `"by":"maria"`, `"by":"marib"`, 1))(t, dir)
		}, false, "reading its job"},
		{"a job of zeroes", put(jobName, "\x00\x00\x00\x00"), false, "reading its job"},
		{"a job of another upload", edit(func(j *job) { j.ID = newID() }), false, "not one that was written"},
		{"a job of a form that nobody knows", edit(func(j *job) { j.Form = "TIFF" }), false, "not one that was written"},
		{"a job begun less than never", edit(func(j *job) { j.Tries = -1 }), false, "not one that was written"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := openBench(t, t.TempDir(), Limits{}, slog.DiscardHandler)
			u := before.begin("stairs.jpg", body)
			uploads := filepath.Join(before.data, "uploads")
			c.change(t, filepath.Join(uploads, u.ID))
			if err := os.Mkdir(filepath.Join(uploads, "thumbnail-17"), 0o700); err != nil {
				t.Fatal(err)
			}
			put("stray", "x")(t, uploads)

			var log bytes.Buffer
			after := openBench(t, before.data, Limits{}, slog.NewTextHandler(&log, nil))
			stop := after.run()
			if c.kept {
				if got := after.reaches(u.ID, Ready); got.State != Ready {
					t.Errorf("it is %s: %s", got.State, got.Problem)
				}
			} else if list := after.List(); len(list) != 0 {
				t.Errorf("it came back as %+v", list)
			}
			stop()
			wantNoUploads(t, before.data)
			if damaged := strings.Count(log.String(), "damaged upload removed"); damaged > 1 || (damaged == 1) != (c.logged != "") || !strings.Contains(log.String(), c.logged) {
				t.Errorf("the log says %s, want one line with %q", log.String(), c.logged)
			}
		})
	}
}

// victimCommand makes the tests' binary a controller's ingest that is to be killed.
const victimCommand = "ingest-victim"

// victim takes files in and converts them. It says "up", "taken <id>" and "is <id> <state>".
func victim(data string, files []string, out io.Writer) int {
	store, err := content.Open(filepath.Join(data, "content"))
	if err != nil {
		return exitFailed
	}
	i, err := New(Config{Content: store, Dir: filepath.Join(data, "uploads"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return exitFailed
	}
	_, _ = fmt.Fprintln(out, "up")
	changed := i.Changes(context.Background())
	go func() {
		for range changed {
			for _, u := range i.List() {
				_, _ = fmt.Fprintln(out, "is", u.ID, u.State)
			}
		}
	}()
	go func() { _ = i.Run(context.Background()) }()
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			return exitFailed
		}
		u, err := i.Begin(context.Background(), filepath.Base(path), f, -1, "maria")
		if err != nil {
			return exitFailed
		}
		_, _ = fmt.Fprintln(out, "taken", u.ID)
	}
	time.Sleep(time.Minute) // somebody kills it before that
	return exitFailed
}

// kill starts a victim over data, kills it when an upload has come to a state or so long after it is
// up, and gives the uploads that it had taken.
func kill(t *testing.T, data string, files []string, at State, after time.Duration) (taken []string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, append([]string{victimCommand, data}, files...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		switch words := strings.Fields(lines.Text()); {
		case words[0] == "up":
			time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		case words[0] == "taken":
			taken = append(taken, words[1])
		case words[2] == string(at):
			_ = cmd.Process.Kill()
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("the victim ended by itself: %v", err)
	}
	return taken
}

// filesOf writes files for a victim.
func filesOf(t *testing.T, bodies map[string][]byte) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for name, body := range bodies {
		paths = append(paths, filepath.Join(dir, name))
		if err := os.WriteFile(paths[len(paths)-1], body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(paths)
	return paths
}

func TestAKillAtAnyMomentLosesNoUpload(t *testing.T) {
	bodies := map[string][]byte{
		"1.jpg": photograph(t, 1400, 900), "2.png": asPNG(t, flat(700, 500)), "3.jpg": photograph(t, 400, 300),
	}
	files := filesOf(t, bodies)
	whole := newBench(t, Limits{})
	var want [][]playlists.Asset
	for _, path := range files {
		want = append(want, whole.accepts(filepath.Base(path), bodies[filepath.Base(path)]).Variants)
	}
	step := 30 * time.Millisecond
	if testing.Short() {
		step = 150 * time.Millisecond
	}
	survives := func(at State, after time.Duration) (waited int) {
		data := t.TempDir()
		taken := kill(t, data, files, at, after)
		b := openBench(t, data, Limits{}, slog.DiscardHandler)
		stop := b.run()
		for _, u := range b.List() { // one of them may have been taken without having been told
			if !u.finished() {
				waited++
			}
			if u = b.reaches(u.ID, Ready); u.State != Ready {
				t.Errorf("killed after %v: %s is %s: %s", after, u.Name, u.State, u.Problem)
			}
		}
		stop()
		for n, id := range taken {
			u, err := b.Get(id)
			if diff := cmp.Diff(want[n], u.Variants); diff != "" || err != nil {
				t.Errorf("killed after %v: %s was taken, and is %+v, %v (-want +got):\n%s", after, filepath.Base(files[n]), u, err, diff)
			}
			for _, a := range want[n] {
				if !b.content.Has(a.Digest) {
					t.Errorf("killed after %v: %s was taken, and its variant of %d x %d is not there", after, filepath.Base(files[n]), a.Width, a.Height)
				}
			}
		}
		wantNoUploads(t, data)
		return waited
	}
	if survives(Converting, time.Minute) == 0 {
		t.Error("a kill in the middle of a conversion left no upload that waits")
	}
	for after := time.Duration(0); after <= 600*time.Millisecond; after += step {
		survives("", after)
	}
}

func TestAConversionThatKillsTheControllerIsGivenUp(t *testing.T) {
	data := t.TempDir()
	files := filesOf(t, map[string][]byte{"film.mp4": clip(t, "a.mp4", "1280x720", "25", 6, h264()...)})
	taken := kill(t, data, files, Converting, time.Minute)
	for range mostTries - 1 {
		kill(t, data, nil, Converting, time.Minute)
	}
	b := openBench(t, data, Limits{}, slog.DiscardHandler)
	after := b.begin("stairs.jpg", photograph(t, 400, 300))
	defer b.run()()
	if u := b.reaches(taken[0], Ready); u.State != Refused || !strings.Contains(u.Problem, "begun 3 times") {
		t.Errorf("after three kills the film is %s, %q", u.State, u.Problem)
	}
	if u := b.reaches(after.ID, Ready); u.State != Ready {
		t.Errorf("the upload behind it is %s: %s", u.State, u.Problem)
	}
	wantNoUploads(t, data)
}

func TestStopsDoNotCountAsTries(t *testing.T) {
	data := t.TempDir()
	b := openBench(t, data, Limits{}, slog.DiscardHandler)
	u := b.begin("film.mp4", clip(t, "a.mp4", "1280x720", "25", 6, h264()...))
	for range mostTries + 1 {
		b = openBench(t, data, Limits{}, slog.DiscardHandler)
		stop := b.run()
		b.reaches(u.ID, Converting)
		stop()
	}
	text, err := os.ReadFile(filepath.Join(data, "uploads", u.ID, jobName))
	var j job
	if err == nil {
		text, err = disk.Unseal(text)
	}
	if err == nil {
		err = json.Unmarshal(text, &j)
	}
	if err != nil || j.Tries != 0 || j.Name != "film.mp4" || j.By != "maria" {
		t.Errorf("after %d stops the job is %s, %v", mostTries+1, text, err)
	}
}

// TestASourceThatHasRottedIsRefused: nothing is made of other bytes than those that were uploaded.
func TestASourceThatHasRottedIsRefused(t *testing.T) {
	b := openBench(t, t.TempDir(), Limits{}, slog.DiscardHandler)
	u := b.begin("stairs.jpg", photograph(t, 400, 300))
	path := filepath.Join(b.data, "uploads", u.ID, sourceName)
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	source[len(source)/2] ^= 1
	if err := os.WriteFile(path, source, 0o600); err != nil {
		t.Fatal(err)
	}
	defer b.run()()
	if u = b.reaches(u.ID, Refused); u.State != Refused || !strings.Contains(u.Problem, "Upload it again") {
		t.Errorf("it is %s: %s", u.State, u.Problem)
	}
}

func TestSizesAndLengthsInWords(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 1: "1 byte", 999: "999 bytes", 20_000: "20 kB", 64 << 10: "65.5 kB", 64 << 20: "67.1 MB", 4 << 30: "4.3 GB", 2e9: "2 GB"} {
		if got := sizeWords(n); got != want {
			t.Errorf("%d bytes are said as %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{10 * time.Second: "10 s", 30 * time.Minute: "30 min", 90*time.Second + 400*time.Millisecond: "1 min 30 s"} {
		if got := lengthWords(d); got != want {
			t.Errorf("%v is said as %q, want %q", d, got, want)
		}
	}
}

func TestWaysOutAreSentences(t *testing.T) {
	for found, want := range map[string]string{
		"image/svg+xml":             "This is an SVG drawing. Export it as PNG or JPEG.",
		"image/vnd.adobe.photoshop": "This is a Photoshop picture. Export it as PNG or JPEG.",
		"video/x-msvideo":           "This is an AVI video. Export it as MP4 with H.264, or as WebM with VP9.",
	} {
		if got := wayOut(found).Error(); got != want {
			t.Errorf("%s: %q, want %q", found, got, want)
		}
	}
	if f := tooLarge(formMP4.kind(), 4<<30).Error(); f != "The file is too large. A video may have at most 4.3 GB. Export it smaller." {
		t.Errorf("a large video is refused with %q", f)
	}
}
