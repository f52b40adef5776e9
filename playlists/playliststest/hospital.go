package playliststest

import (
	"fmt"
	"time"

	"anteroom/playlists"
)

// Screens of the sample hospital.
const (
	// CardiologyWindow and CardiologyDoor hang in one department and are of one class.
	CardiologyWindow playlists.ScreenID = "cardiology-window"
	CardiologyDoor   playlists.ScreenID = "cardiology-door"
	// Paediatrics is portrait, tagged "quiet", and has two languages by halves.
	Paediatrics playlists.ScreenID = "paediatrics-play-corner"
	// Outpatients is in another zone, America/Chicago.
	Outpatients playlists.ScreenID = "outpatients-hall"
)

// Hospital is Lakeside Hospital: two sites, three departments in two zones, four screens, eight items
// over all phases of care, day and evening windows, a layout with a ticker, and a closure.
func Hospital() *playlists.Hospital {
	h := &playlists.Hospital{
		Organisation: playlists.Organisation{Name: "Lakeside Hospital", Brand: Brand()},
		Sites:        map[playlists.SiteID]playlists.Site{},
		Departments:  map[playlists.DepartmentID]playlists.Department{},
		Screens:      map[playlists.ScreenID]playlists.Screen{},
		Items:        map[playlists.ItemID]playlists.Item{},
		Playlists:    map[playlists.PlaylistID]playlists.Playlist{},
		Layouts:      map[playlists.LayoutID]playlists.Layout{},
		Windows:      map[playlists.WindowID]playlists.Window{},
		Closures:     map[playlists.ClosureID]playlists.Closure{},
	}
	addPlaces(h)
	addLibrary(h)
	addProgramme(h)
	return h
}

// Fleet is [Hospital] with many more screens, in as many more departments as Cardiology, in turn; as many
// more windows reach all of them, at four levels of precision, and share a few dozen rules.
func Fleet(screens, departments, windows int) *playlists.Hospital {
	h := Hospital()
	for i := range departments {
		d := h.Departments["cardiology"]
		d.ID, d.Name = playlists.DepartmentID(fmt.Sprintf("department-%02d", i)), fmt.Sprintf("Department %d", i)
		h.Departments[d.ID] = d
	}
	for i := range screens {
		id := playlists.ScreenID(fmt.Sprintf("screen-%05d", i))
		h.Screens[id] = playlists.Screen{
			ID: id, Department: playlists.DepartmentID(fmt.Sprintf("department-%02d", i%departments)), Name: string(id), Tags: []playlists.Tag{"fleet"},
		}
	}
	for i := range windows {
		w := h.Windows["cardiology-weekdays"]
		w.ID, w.Name = playlists.WindowID(fmt.Sprintf("window-%04d", i)), fmt.Sprintf("Window %d", i)
		w.Start, w.End = fmt.Sprintf("%d %d * * %s", i%4*15, i%14, [...]string{"*", "1-5", "0,6"}[i%3]), playlists.LocalEnd{Clock: playlists.Clock(i%14*60 + 120)}
		w.Targets = []playlists.Target{{All: true}, {Site: "main"}, {Department: playlists.DepartmentID(fmt.Sprintf("department-%02d", i%departments))}, {Tag: "fleet"}}[:1+i%4]
		w.Priority = i % 3
		h.Windows[w.ID] = w
	}
	return h
}

// Brand is the sample hospital's brand.
func Brand() playlists.Brand {
	return playlists.Brand{Name: "Lakeside Hospital", Background: "#0b3d4c", Ink: "#ffffff", Accent: "#f2b84b"}
}

func addPlaces(h *playlists.Hospital) {
	h.Sites["main"] = playlists.Site{ID: "main", Name: "Main building"}
	h.Sites["west"] = playlists.Site{ID: "west", Name: "West clinic"}
	allWeek := []int{0, 1, 2, 3, 4, 5, 6}
	workdays := []int{1, 2, 3, 4, 5}
	h.Departments["cardiology"] = playlists.Department{
		ID: "cardiology", Site: "main", Name: "Cardiology", Zone: "America/New_York",
		Hours:     []playlists.Hours{{Days: workdays, From: 8 * 60, To: 18 * 60}},
		Closures:  []playlists.ClosureID{"public-holidays-2026"},
		Languages: []playlists.LanguageShare{{Language: "en", Twelfths: 8}, {Language: "es", Twelfths: 4}},
		Fallback:  "en", Filler: "calm", Closed: "closed-today",
	}
	h.Departments["paediatrics"] = playlists.Department{
		ID: "paediatrics", Site: "main", Name: "Paediatrics", Zone: "America/New_York",
		Hours:     []playlists.Hours{{Days: allWeek, From: 0, To: 24 * 60}},
		Languages: []playlists.LanguageShare{{Language: "en", Twelfths: 6}, {Language: "es", Twelfths: 6}},
		Fallback:  "en", Filler: "calm",
	}
	h.Departments["outpatients"] = playlists.Department{
		ID: "outpatients", Site: "west", Name: "Outpatients", Zone: "America/Chicago",
		Hours:     []playlists.Hours{{Days: workdays, From: 7 * 60, To: 19 * 60}},
		Closures:  []playlists.ClosureID{"public-holidays-2026"},
		Languages: []playlists.LanguageShare{{Language: "en", Twelfths: 12}},
		Fallback:  "en", Filler: "calm",
	}
	for _, s := range []playlists.Screen{
		{ID: CardiologyWindow, Department: "cardiology", Name: "Cardiology, by the window", Volume: 20},
		{ID: CardiologyDoor, Department: "cardiology", Name: "Cardiology, by the door", Volume: 20},
		{ID: Paediatrics, Department: "paediatrics", Name: "Paediatrics, play corner", Tags: []playlists.Tag{"quiet"}, Rotation: 90},
		{ID: Outpatients, Department: "outpatients", Name: "Outpatients, hall"},
	} {
		h.Screens[s.ID] = s
	}
	h.Closures["public-holidays-2026"] = playlists.Closure{
		ID: "public-holidays-2026", Name: "Public holidays 2026",
		Dates: []playlists.Date{{Year: 2026, Month: time.November, Day: 26}, {Year: 2026, Month: time.December, Day: 25}},
	}
}

func addLibrary(h *playlists.Hospital) {
	for _, i := range []playlists.Item{
		Pictures("know-your-numbers", "Know your numbers", playlists.Prevention, "en", "es"),
		Pictures("chest-pain-signs", "When chest pain is an emergency", playlists.Symptoms, "en", "es"),
		Pictures("before-your-echo", "Before your echo test", playlists.Diagnosis, "en", "es"),
		Pictures("taking-your-tablets", "Taking your tablets", playlists.Treatment, "en"),
		Pictures("home-after-a-stay", "Home after a stay", playlists.Recovery, "en", "es"),
		Pictures("visiting-hours", "Visiting hours", "", "en", "es"),
		Film("lake-at-dawn", "The lake at dawn", 12*time.Second),
		Slides("we-are-closed", "We are closed today", "en", "es"),
	} {
		h.Items[i.ID] = i
	}
}

func addProgramme(h *playlists.Hospital) {
	for _, p := range []playlists.Playlist{
		Loop("calm", "lake-at-dawn", "visiting-hours"),
		Loop("closed-today", "we-are-closed", "chest-pain-signs"),
		Loop("cardiology-day", "know-your-numbers", "chest-pain-signs", "before-your-echo", "taking-your-tablets"),
		Loop("evening", "home-after-a-stay", "visiting-hours"),
		Loop("notices", "visiting-hours"),
	} {
		h.Playlists[p.ID] = p
	}
	heavy := h.Playlists["cardiology-day"]
	heavy.Entries[0].Weight = 2
	h.Layouts["with-ticker"] = playlists.Layout{ID: "with-ticker", Name: "Main picture, side notices and ticker", Regions: []playlists.Region{
		{Name: "main", W: 0.75, H: 0.9, Playlist: "cardiology-day"},
		{Name: "side", X: 0.75, W: 0.25, H: 0.9, Playlist: "notices"},
		{Name: "ticker", Y: 0.9, W: 1, H: 0.1, Widget: &playlists.Widget{Kind: playlists.TickerWidget, Text: "Please tell the desk if you feel worse."}},
	}}
	for _, w := range []playlists.Window{
		{
			ID: "cardiology-weekdays", Name: "Cardiology, weekdays", Playlist: "cardiology-day", Start: "0 8 * * 1-5",
			End: playlists.LocalEnd{Clock: 17 * 60}, Targets: []playlists.Target{{Department: "cardiology"}},
		},
		{
			ID: "main-evenings", Name: "Evenings in the main building", Playlist: "evening", Start: "0 17 * * *",
			End: playlists.LocalEnd{Clock: 22 * 60}, Targets: []playlists.Target{{Site: "main"}},
		},
		{
			ID: "paediatrics-nights", Name: "Paediatrics, nights", Playlist: "evening", Start: "0 22 * * *",
			End: playlists.LocalEnd{Days: 1, Clock: 6 * 60}, Targets: []playlists.Target{{Department: "paediatrics"}},
		},
		{
			ID: "outpatients-days", Name: "Outpatients, all week", Layout: "with-ticker", Start: "30 7 * * *",
			End: playlists.LocalEnd{Clock: 19 * 60}, Targets: []playlists.Target{{Department: "outpatients"}},
		},
		{
			ID: "numbers-at-lunch", Name: "Know your numbers, at lunch", Playlist: "notices", Start: "0 12 * * *",
			End: playlists.LocalEnd{Clock: 12*60 + 30}, Targets: []playlists.Target{{All: true}}, Except: []playlists.Target{{Tag: "quiet"}},
			Priority: 10, First: playlists.Date{Year: 2026, Month: time.November, Day: 1}, Last: playlists.Date{Year: 2026, Month: time.December, Day: 31},
		},
	} {
		h.Windows[w.ID] = w
	}
}
