package hospital

import "anteroom/playlists"

func entry(item playlists.ItemID, weight int) playlists.Entry {
	return playlists.Entry{Item: item, Weight: weight, Transition: playlists.CrossFade}
}

func filling(item playlists.ItemID) playlists.Entry {
	return playlists.Entry{Item: item, Weight: 1, Transition: playlists.CrossFade, Fit: playlists.Fill}
}

func playlistsOf() []playlists.Playlist {
	return []playlists.Playlist{
		{ID: "cardiology-day", Name: "Cardiology by day", Entries: []playlists.Entry{
			entry("chest-pain", 1), entry("heart-tracing", 2), filling("heart-picture"), entry("heart-questions", 2),
			entry("heart-medicines", 1), filling("breathe-with-us"), entry("after-heart-procedure", 1), entry("know-your-numbers", 2),
			entry("sorry-for-the-wait", 2),
		}},
		{ID: "paediatrics-day", Name: "Paediatrics by day", Entries: []playlists.Entry{
			entry("child-fever", 1), entry("child-blood-test", 2), filling("lake-morning"), entry("inhaler-steps", 1),
			filling("wash-your-hands"), entry("after-vaccination", 1), entry("vaccine-questions", 1),
			entry("vaccinations-today", 2), entry("sorry-for-the-wait", 2),
		}},
		{ID: "family-clinic-day", Name: "Family clinic by day", Entries: []playlists.Entry{
			entry("diabetes-signs", 1), entry("blood-sugar-test", 1), entry("taking-medicines", 1), filling("plate-picture"),
			entry("back-on-your-feet", 1), entry("doctor-questions", 2), entry("sleep-well", 1), filling("breathe-with-us"),
			entry("on-arrival", 1), entry("sorry-for-the-wait", 2),
		}},
		{ID: "evening", Name: "Evening, calm", Entries: []playlists.Entry{
			filling("lake-morning"), entry("sleep-well", 1), filling("breathe-with-us"), entry("doctor-questions", 1),
		}},
		{ID: "quiet", Name: "Filler: the lake", Entries: []playlists.Entry{filling("lake-morning"), entry("welcome", 1), filling("plate-picture")}},
		{ID: "closed-today", Name: "Closed today", Entries: []playlists.Entry{entry("closed-notice", 1), filling("lake-morning")}},
	}
}

// layouts has one: the loop with a clock, a ticker and a code beside it.
func layouts() []playlists.Layout {
	return []playlists.Layout{{ID: "with-clock", Name: "Loop with clock, code and ticker", Regions: []playlists.Region{
		{Name: "main", X: 0, Y: 0, W: 0.78, H: 0.9, Playlist: "family-clinic-day"},
		{Name: "clock", X: 0.78, Y: 0, W: 0.22, H: 0.35, Widget: &playlists.Widget{Kind: playlists.ClockWidget}},
		{Name: "code", X: 0.78, Y: 0.35, W: 0.22, H: 0.55, Widget: &playlists.Widget{
			Kind: playlists.QRWidget, URL: "https://medlineplus.gov/", Text: "More to read: medlineplus.gov",
		}},
		{Name: "ticker", X: 0, Y: 0.9, W: 1, H: 0.1, Widget: &playlists.Widget{
			Kind: playlists.TickerWidget, Text: "Feeling worse? Tell the desk.   ¿Se siente peor? Avise en recepción.",
		}},
	}}}
}

func windows() []playlists.Window {
	at := func(department playlists.DepartmentID) []playlists.Target {
		return []playlists.Target{{Department: department}}
	}
	return []playlists.Window{
		{ID: "cardiology-day", Name: "Cardiology, day", Playlist: "cardiology-day", Start: "0 7 * * *", End: playlists.LocalEnd{Clock: 19 * 60}, Targets: at("cardiology"), Priority: 10},
		{ID: "paediatrics-day", Name: "Paediatrics, day", Playlist: "paediatrics-day", Start: "0 7 * * *", End: playlists.LocalEnd{Clock: 20 * 60}, Targets: at("paediatrics"), Priority: 10},
		{ID: "family-clinic-day", Name: "Family clinic, day", Layout: "with-clock", Start: "0 6 * * *", End: playlists.LocalEnd{Clock: 20 * 60}, Targets: at("family-clinic"), Priority: 10},
		{
			ID: "evenings", Name: "Evenings, everywhere", Playlist: "evening", Start: "0 19 * * *", End: playlists.LocalEnd{Days: 1, Clock: 0},
			Targets: []playlists.Target{{All: true}}, Priority: 5,
		},
	}
}
