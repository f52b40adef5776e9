package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/cmd/demo/hospital"
	"anteroom/controller/access/audit"
	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// BenchmarkThousands prints how long the controller takes to answer what the console's pages ask for, at a large hospital:
// the median and the 99th of a hundred of 200 answers, or of those of 20 s but 50 at least, read whole, one after the other,
// the processor's time for one, and its size.
// ANTEROOM_SCREENS says how many screens there are, ANTEROOM_ITEMS how many items, ANTEROOM_PLAYS how many plays a day;
// ANTEROOM_ASKS is a pattern of the names of the answers that are asked for.
func BenchmarkThousands(b *testing.B) {
	asked := regexp.MustCompile(os.Getenv("ANTEROOM_ASKS"))
	for b.Loop() {
		h := newThousands(b)
		h.start()
		client := hospital.NewClient(h.base)
		h.fail(client.SignIn(b.Context(), servedUser, servedPassword))
		for _, name := range slices.Sorted(maps.Keys(h.asks())) {
			if asked.MatchString(name) {
				h.answers(client, name, h.asks()[name])
			}
		}
		h.stop()
	}
}

// thousands is a large hospital: departments of 50 screens, each with windows and playlists of its own, a library, a week of
// plays, and an audit log of how all that came about.
type thousands struct {
	*grown

	items, departments int
}

// newThousands makes the hospital; its controller does not run.
func newThousands(b *testing.B) *thousands {
	b.Helper()
	const days = 7
	screens := setting(b, "ANTEROOM_SCREENS", 10_000)
	h := &thousands{
		grown: &grown{
			served: newServed(b), seed: setting(b, "ANTEROOM_SEED", 1), screens: screens, days: days,
			first: time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1-days),
			plays: min(grownDay, setting(b, "ANTEROOM_PLAYS", 600_000)/screens),
		},
		items: setting(b, "ANTEROOM_ITEMS", 5000), departments: max(1, screens/50),
	}
	h.players = screens
	h.enter()
	sent := h.grow()
	h.publishes()
	b.Logf("seed %d: %d screens in %d departments, %d items, %d plays of %d days", h.seed, screens, h.departments, h.items, sent, days)
	return h
}

func (h *thousands) department(n int) playlists.DepartmentID {
	return playlists.DepartmentID(fmt.Sprintf("department-%02d", n%h.departments))
}

// enter writes all documents as staff would, with their entries in the audit log.
func (h *thousands) enter() {
	h.b.Helper()
	opened := h.store()
	log := audit.New(opened)
	all := playliststest.Fleet(0, h.departments, 5*h.departments)
	for n := range h.items {
		item := thousandsItem(n)
		all.Items[item.ID] = item
	}
	h.programme(all)
	h.fail(log.Update(h.b.Context(), func(tx store.Tx) error {
		return errors.Join(
			putAll(tx, "site", all.Sites), putAll(tx, "department", all.Departments),
			putAll(tx, "playlist", all.Playlists), putAll(tx, "layout", all.Layouts), putAll(tx, "window", all.Windows), putAll(tx, "closure", all.Closures),
			putAll(tx, "item", all.Items),
		)
	}))
	for from := 0; from < h.screens; from += 1000 {
		h.fail(log.Update(h.b.Context(), func(tx store.Tx) error {
			for n := from; n < min(from+1000, h.screens); n++ {
				if err := h.pair(tx, n, h.department(n)); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	h.fail(opened.Close())
}

// programme gives each department five windows and two playlists of twenty items.
func (h *thousands) programme(all *playlists.Hospital) {
	items := slices.Sorted(maps.Keys(all.Items))
	for n := range 2 * h.departments {
		var entries []playlists.ItemID
		for i := range 20 {
			entries = append(entries, items[(n*20+i)%len(items)])
		}
		p := playliststest.Loop(playlists.PlaylistID(fmt.Sprintf("loop-%03d", n)), entries...)
		p.Name = fmt.Sprintf("Loop %d of department %d", n%2+1, n/2)
		all.Playlists[p.ID] = p
	}
	for n := range 5 * h.departments {
		id := playlists.WindowID(fmt.Sprintf("window-%04d", n))
		w := all.Windows[id]
		w.Targets = []playlists.Target{{Department: h.department(n)}}
		w.Playlist = playlists.PlaylistID(fmt.Sprintf("loop-%03d", 2*(n%h.departments)+n%2))
		all.Windows[id] = w
	}
}

// thousandsItem is the n-th of the library. Those whose plays are in store come first; one of 50 waits for its review.
func thousandsItem(n int) playlists.Item {
	id := playlists.ItemID(fmt.Sprintf("item-%05d", n))
	if n < 4*reelItems {
		id = playlists.ItemID(fmt.Sprintf("what-to-expect-%d-%02d", n/reelItems, n%reelItems))
	}
	phases := playlists.Phases()
	title := fmt.Sprintf("%s of %s, part %d",
		[...]string{"What to expect", "Before the day", "After the day", "Questions for your doctor", "Eating well"}[n%5],
		[...]string{"your echo test", "a new hip", "the flu shot", "your first visit", "living with asthma", "a small operation", "Überweisungen"}[n%7], n)
	item := playliststest.Pictures(id, title, phases[n%len(phases)], "en", "es")
	item.Topics = []playlists.Topic{playlists.Topic(fmt.Sprintf("topic-%d", n%40))}
	item.Campaign = fmt.Sprintf("Campaign %d", n%25)
	if n%50 == 49 {
		item.Approval, item.Authors = nil, []string{"maria-lopez"}
	}
	return item
}

// publishes puts everything on the screens, then a hundred times a department.
func (h *thousands) publishes() {
	h.b.Helper()
	h.start()
	client := hospital.NewClient(h.base)
	ctx := h.b.Context()
	h.fail(client.SignIn(ctx, servedUser, servedPassword))
	h.fail(client.Publish(ctx, "first"))
	for n := range 100 {
		h.fail(client.Publish(ctx, "again", h.department(n)))
	}
	for n := range 200 {
		name := fmt.Sprintf("nurse-%d", n)
		h.fail(client.Create(ctx, "users", name, map[string]any{
			"name": name, "full_name": fmt.Sprintf("Nurse %d", n), "role": "scheduler", "departments": []playlists.DepartmentID{h.department(n)},
		}))
	}
	h.stop()
}

// asking is a request of a page.
type asking struct {
	path  string
	body  any  // of a POST; nil: a GET
	again bool // with the ETag of the answer before
}

func askFor(path string) asking { return asking{path: "/api/v1/" + path} }

// asks are the requests of all pages by name.
func (h *thousands) asks() map[string]asking {
	today := time.Now().UTC().Format(time.DateOnly)
	month := time.Now().UTC().AddDate(0, 0, -29).Format(time.DateOnly)
	period := "reports/impressions?from=" + month + "&to=" + today + "&by="
	week := "&days=7&from=" + today
	var view []string
	for n := range 40 {
		view = append(view, string(screenName(n)))
	}
	all := map[string]asking{
		"outline":           askFor("fleet/outline"),
		"outline-unchanged": {path: "/api/v1/fleet/outline", again: true},
		"in-view":           askFor("fleet?screens=" + strings.Join(view, ",")),
		"showing":           askFor("fleet/showing?title=expect"),
		"me":                askFor("me"),
		"takeovers":         askFor("takeovers"),
		"takeover-wordings": askFor("takeovers/templates"),
		"review-counts":     askFor("reviews/counts?today=" + today),
		"reviews":           askFor("reviews?today=" + today),
		"titles":            askFor("library/titles"),
		"library":           askFor("library?limit=60"),
		"library-letter":    askFor("library?limit=60&search=o"),
		"library-word":      askFor("library?limit=60&search=flu+shot"),
		"item":              askFor("items/item-00100"),
		"item-uses":         askFor("items/item-00100/uses"),
		"item-revisions":    askFor("items/item-00100/revisions"),
		"report-items":      askFor(period + "item"),
		"report-screens":    askFor(period + "screen"),
		"report-days":       askFor(period + "day"),
		"coverage":          askFor("coverage"),
		"schedule":          askFor("schedule?department=department-07" + week),
		"schedule-month":    askFor("schedule?department=department-07&days=42&from=" + today),
		"schedule-tag":      askFor("schedule?tag=fleet" + week),
		"timeline":          askFor("screens/" + string(screenName(7)) + "/timeline?date=" + today),
		"why":               askFor("screens/" + string(screenName(7)) + "/why?at=" + today + "T12:00:00Z"),
		"publications":      askFor("publications"),
		"waiting":           askFor("publications/waiting"),
		"changes":           askFor("publications/1/changes"),
		"preview-one":       {path: "/api/v1/publications/preview", body: map[string]any{"departments": []string{"department-07"}}},
		"preview-all":       {path: "/api/v1/publications/preview", body: map[string]any{}},
		"audit":             askFor("audit"),
		"audit-by":          askFor("audit?by=nurse-7"),
		"audit-entry":       askFor("audit/1000"),
		"tags":              askFor("tags"),
		"backups":           askFor("backups"),
		"notifications":     askFor("notifications"),
		"organisation":      askFor("organisation"),
		"losses":            askFor("losses"),
		"one-screen":        askFor("screens/" + string(screenName(7))),
	}
	for _, kind := range []string{"sites", "departments", "screens", "items", "playlists", "layouts", "windows", "closures", "users"} {
		all["list-"+kind] = askFor(kind)
	}
	return all
}

// answers asks again and again.
func (h *thousands) answers(client *hospital.Client, name string, a asking) {
	h.b.Helper()
	const times, enough = 200, 20 * time.Second
	var took []time.Duration
	var size int64
	header := http.Header{}
	before, first := h.processor(), time.Now()
	for len(took) < times && (len(took) < times/4 || time.Since(first) < enough) {
		began := time.Now()
		size = h.answer(client, a, header)
		took = append(took, time.Since(began))
	}
	used := h.processor() - before
	slices.Sort(took)
	for _, figure := range []struct {
		of    string
		value float64
	}{
		{"ms-%s-p50", millis(took[len(took)/2])},
		{"ms-%s-p99", millis(took[len(took)*99/100-1])},
		{"ms-%s-processor", millis(used) / float64(len(took))},
		{"kB-%s", float64(size) / 1000},
	} {
		h.b.ReportMetric(figure.value, fmt.Sprintf(figure.of, name))
	}
}

// answer asks once and gives the size of the answer.
func (h *thousands) answer(client *hospital.Client, a asking, header http.Header) int64 {
	h.b.Helper()
	if a.body != nil {
		var got json.RawMessage
		h.fail(client.Do(h.b.Context(), http.MethodPost, a.path, a.body, &got, nil))
		return int64(len(got))
	}
	answer, err := client.Fetch(h.b.Context(), a.path, header)
	h.fail(err)
	size, err := io.Copy(io.Discard, answer.Body)
	h.fail(errors.Join(err, answer.Body.Close()))
	if answer.StatusCode >= http.StatusBadRequest {
		h.b.Fatalf("%s answers %s", a.path, answer.Status)
	}
	if a.again {
		header.Set("If-None-Match", answer.Header.Get("ETag"))
	}
	return size
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
