//go:build e2e

package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"anteroom/player/clock"
	"anteroom/playlists"
	"anteroom/playlists/slide"
)

// glasses are the panels that the stage is measured on.
func glasses() []image.Point {
	return []image.Point{image.Pt(640, 360), image.Pt(1280, 720), image.Pt(1920, 1080)}
}

// openGlass is a house whose displays have a size.
func openGlass(b *testing.B, glass image.Point) *house {
	b.Helper()
	return openBehind(b, func(h *house) { h.glass = glass })
}

// BenchmarkStill prints what a slide that stands still costs, in percent of a core: the stage, and the agent
// beside it. ANTEROOM_SECONDS says for how long each panel is watched.
func BenchmarkStill(b *testing.B) {
	span := time.Duration(setting(b, "ANTEROOM_SECONDS", 60)) * time.Second
	for _, glass := range glasses() {
		b.Run(fmt.Sprintf("%dx%d", glass.X, glass.Y), func(b *testing.B) {
			h := openGlass(b, glass)
			h.slide("wash")
			h.playlist("filler", 12*time.Hour, "wash")
			h.department("cardiology", "filler", "window")
			h.publish("cardiology")
			w := h.hang("window")
			w.drawn(1)
			stage, agent := w.stagePID(), w.agent.Process.Pid
			time.Sleep(5 * time.Second) // the start is not measured
			for b.Loop() {
				began, stageUsed, agentUsed := time.Now(), used(b, stage), used(b, agent)
				time.Sleep(span)
				took := time.Since(began)
				b.ReportMetric(100*float64(used(b, stage)-stageUsed)/float64(took), "%core-stage")
				b.ReportMetric(100*float64(used(b, agent)-agentUsed)/float64(took), "%core-agent")
			}
			if got := w.stagePID(); got != stage || len(w.truth()) != 1 {
				b.Fatalf("it did not stand still: stage %d, then %d; %d turns", stage, got, len(w.truth()))
			}
		})
	}
}

// used is how long a process has kept a core busy.
func used(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	var ticks int64
	for _, f := range fields[11:13] { // utime, stime
		n, err := strconv.ParseInt(string(f), 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / 100)
}

// BenchmarkFirstPicture starts the agent from a full cache, without a controller, and prints how long it takes
// until the stage has presented the picture, which is then looked at, and how long agent and stage have kept a core busy
// by then: the rest is waiting, for cores that others use and for the disk. ANTEROOM_STARTS says how often.
func BenchmarkFirstPicture(b *testing.B) {
	starts := setting(b, "ANTEROOM_STARTS", 100)
	for _, glass := range glasses() {
		b.Run(fmt.Sprintf("%dx%d", glass.X, glass.Y), func(b *testing.B) {
			h := openGlass(b, glass)
			h.picture("rug", rug(red))
			h.playlist("filler", 12*time.Hour, "rug")
			h.department("cardiology", "filler", "window")
			h.publish("cardiology")
			w := h.hang("window")
			w.drawn(1)
			w.stop()
			h.stop()
			for b.Loop() {
				took, busy := make([]time.Duration, starts), make([]time.Duration, starts)
				for i := range took {
					took[i], busy[i] = w.firstPicture(b)
				}
				slices.Sort(took)
				slices.Sort(busy)
				b.ReportMetric(busy[(starts-1)/2].Seconds()*1000, "ms-busy-p50")
				b.ReportMetric(took[(starts-1)/2].Seconds()*1000, "ms-p50")
				b.ReportMetric(took[max(0, (starts*99+99)/100-1)].Seconds()*1000, "ms-p99")
				b.ReportMetric(took[starts-1].Seconds()*1000, "ms-most")
			}
		})
	}
}

// firstPicture starts the agent, and stops it again when its picture is there.
func (w *wall) firstPicture(b *testing.B) (took, busy time.Duration) {
	b.Helper()
	before, began := len(w.truth()), clock.Monotonic()
	w.start()
	w.drawn(before + 1)
	took = time.Duration(w.truth()[before].At - began)
	busy = used(b, w.agent.Process.Pid) + used(b, w.stagePID())
	w.h.must(w.looks(0.5, 0.5, red))
	w.stop()
	return took, busy
}

// BenchmarkSlots lets a player play pictures, slides and films in sixteen regions, and prints the memory of agent
// and stage, pages of files left out, over each thousand slots. ANTEROOM_SLOTS says how many slots, ANTEROOM_SECONDS
// how long each: a second, if the machine has nothing else to do.
func BenchmarkSlots(b *testing.B) {
	slots := setting(b, "ANTEROOM_SLOTS", 10_000)
	h := openGlass(b, image.Pt(1280, 720))
	w := h.hangMosaic(time.Duration(setting(b, "ANTEROOM_SECONDS", 1)) * time.Second)
	w.drawn(1)
	for b.Loop() {
		m := &memories{b: b, w: w, stage: w.stagePID()}
		for len(w.truth()) < slots {
			time.Sleep(2 * time.Second)
			m.look()
		}
		m.report()
	}
}

// mosaic is how many regions a mosaic has along each side.
const mosaic = 4

// hangMosaic hangs a screen of sixteen regions, each with a loop of its own of pictures, slides and a film, so long each.
func (h *house) hangMosaic(each time.Duration) *wall {
	h.t.Helper()
	var items []playlists.ItemID
	for i := range 5 {
		picture, notice := playlists.ItemID(fmt.Sprint("rug-", i)), playlists.ItemID(fmt.Sprint("notice-", i))
		h.picture(picture, rug(color.RGBA{byte(50 * i), 80, 90, 255}))
		h.slide(notice)
		items = append(items, picture, notice)
	}
	h.takesAFilm(h.t)
	items = append(items, "film")
	layout := playlists.Layout{ID: "mosaic", Name: "Mosaic"}
	for i := range mosaic * mosaic {
		id := playlists.PlaylistID(fmt.Sprint("loop-", i))
		h.playlist(id, each, slices.Concat(items[i%len(items):], items[:i%len(items)])...)
		layout.Regions = append(layout.Regions, playlists.Region{
			Name: string(id), X: float64(i%mosaic) / mosaic, Y: float64(i/mosaic) / mosaic, W: 1.0 / mosaic, H: 1.0 / mosaic, Playlist: id,
		})
	}
	h.must(h.api.Create(h.t.Context(), "layouts", "mosaic", layout))
	h.department("cardiology", "loop-0", "window")
	h.must(h.api.Create(h.t.Context(), "windows", "always", playlists.Window{
		ID: "always", Name: "Always", Layout: "mosaic", Start: "0 0 * * *", End: playlists.LocalEnd{Days: 1},
		Targets: []playlists.Target{{Department: "cardiology"}},
	}))
	h.publish("cardiology")
	return h.hang("window")
}

// memories are looks at a player's memory while it plays.
type memories struct {
	b     *testing.B
	w     *wall
	stage int
	looks []memory
}

// memory is one look: how many slots were drawn, and the bytes of both processes.
type memory struct {
	drawn        int
	agent, stage int64
}

func (m *memories) look() {
	m.b.Helper()
	if now := m.w.stage(); now == nil || now.Pid != m.stage {
		m.report()
		m.b.Fatalf("stage %d has become %v", m.stage, now)
	}
	m.looks = append(m.looks, memory{len(m.w.truth()), anonymous(m.b, m.w.agent.Process.Pid), anonymous(m.b, m.stage)})
}

// report prints the mean and the greatest of the looks in each thousand of slots.
func (m *memories) report() {
	m.b.Helper()
	const thousand = 1000
	var thousands [][]memory
	for _, l := range m.looks {
		for len(thousands) <= l.drawn/thousand {
			thousands = append(thousands, nil)
		}
		thousands[l.drawn/thousand] = append(thousands[l.drawn/thousand], l)
	}
	for i, looks := range thousands {
		var agent, stage, most float64
		for _, l := range looks {
			agent, stage, most = agent+float64(l.agent), stage+float64(l.stage), max(most, float64(l.stage))
		}
		n := float64(len(looks))
		m.b.Logf("from slot %d: %d looks, agent %.1f MB, stage %.1f MB, at most %.1f", i*thousand, len(looks), agent/n/1e6, stage/n/1e6, most/1e6)
	}
}

// anonymous is a process's resident memory in bytes, without pages of files.
func anonymous(b *testing.B, pid int) int64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	var sum int64
	for _, kb := range regexp.MustCompile(`Rss(?:Anon|Shmem):\s+(\d+) kB`).FindAllSubmatch(status, -1) {
		n, err := strconv.ParseInt(string(kb[1]), 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		sum += n << 10
	}
	return sum
}

// rug is a picture of 1920 by 1080 pixels that is no easier to decode than a photograph, with a flat middle.
func rug(middle color.Color) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 1920, 1080))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = byte(64 + random.IntN(64))
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	draw.Draw(img, image.Rect(640, 360, 1280, 720), image.NewUniform(middle), image.Point{}, draw.Src)
	var out bytes.Buffer
	_ = png.Encode(&out, img) // a buffer does not fail
	return out.Bytes()
}

// slide makes an item of a slide of words.
func (h *house) slide(id playlists.ItemID) {
	h.t.Helper()
	var made struct {
		Rendition playlists.Rendition `json:"rendition"`
	}
	h.must(h.api.Do(h.t.Context(), http.MethodPost, "/api/v1/slides", slide.Slide{
		Template: slide.Notice, Language: "en", Title: "Please wash your hands", Text: "It protects you and those beside you: " + string(id) + ".",
		Brand: playlists.Brand{Name: "Clinic", Background: "#0b3d4c", Ink: "#ffffff", Accent: "#f2b84b"},
	}, &made, nil))
	h.must(h.api.MakeItem(h.t.Context(), playlists.Item{
		ID: id, Title: string(id), Version: 1, Phase: playlists.Prevention, Renditions: []playlists.Rendition{made.Rendition},
	}))
}
