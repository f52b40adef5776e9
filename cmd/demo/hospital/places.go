package hospital

import "anteroom/playlists"

// Brand is how the demo hospital looks.
func brand() playlists.Brand {
	return playlists.Brand{Name: "Lakeside Hospital", Background: "#0b3d4c", Ink: "#ffffff", Accent: "#f2b84b"}
}

func organisation() playlists.Organisation {
	return playlists.Organisation{Name: "Lakeside Hospital", Brand: brand()}
}

func sites() []playlists.Site {
	return []playlists.Site{
		{ID: "lakeside", Name: "Lakeside campus"},
		{ID: "prairie", Name: "Prairie Road clinic"},
	}
}

func closures() []playlists.Closure {
	return []playlists.Closure{{ID: "public-holidays", Name: "Public holidays", Dates: []playlists.Date{
		{Year: 2026, Month: 11, Day: 26},
		{Year: 2026, Month: 12, Day: 25},
		{Year: 2027, Month: 1, Day: 1},
		{Year: 2027, Month: 5, Day: 31},
		{Year: 2027, Month: 7, Day: 5},
		{Year: 2027, Month: 9, Day: 6},
		{Year: 2027, Month: 11, Day: 25},
		{Year: 2027, Month: 12, Day: 24},
	}}}
}

func departments() []playlists.Department {
	everyDay, weekdays := []int{0, 1, 2, 3, 4, 5, 6}, []int{1, 2, 3, 4, 5}
	mix := func(english, spanish int) []playlists.LanguageShare {
		return []playlists.LanguageShare{{Language: "en", Twelfths: english}, {Language: "es", Twelfths: spanish}}
	}
	return []playlists.Department{
		{
			ID: "cardiology", Site: "lakeside", Name: "Cardiology", Zone: "America/New_York",
			Hours:    []playlists.Hours{{Days: weekdays, From: 8 * 60, To: 18 * 60}},
			Closures: []playlists.ClosureID{"public-holidays"}, Languages: mix(8, 4), Fallback: "en",
			Filler: "quiet", Closed: "closed-today",
			Ask:    []playlists.Topic{"chest-pain", "blood-pressure", "cholesterol", "heart-medicines", "heart-procedures", "sleep"},
			Floors: []playlists.Floor{{Item: "chest-pain", Plays: 6}, {Phase: playlists.Prevention, Plays: 4}},
		},
		{
			ID: "paediatrics", Site: "lakeside", Name: "Paediatrics", Zone: "America/New_York",
			Hours:     []playlists.Hours{{Days: everyDay, From: 8 * 60, To: 20 * 60}},
			Languages: mix(6, 6), Fallback: "en", Filler: "quiet",
			Ask: []playlists.Topic{"asthma", "allergies", "fever-in-children", "vaccines", "sleep"},
		},
		{
			ID: "family-clinic", Site: "prairie", Name: "Family clinic", Zone: "America/Chicago",
			Hours:    []playlists.Hours{{Days: weekdays, From: 7 * 60, To: 19 * 60}},
			Closures: []playlists.ClosureID{"public-holidays"}, Languages: mix(6, 6), Fallback: "en",
			Filler: "quiet", Closed: "closed-today",
		},
	}
}

// Screens are the three places of the demo, in the order in which its players are hung.
func Screens() []playlists.Screen {
	return []playlists.Screen{
		{ID: "cardiology-desk", Department: "cardiology", Name: "Cardiology, above the desk", Tags: []playlists.Tag{"lakeside-ground-floor"}, Volume: 20},
		{ID: "paediatrics-window", Department: "paediatrics", Name: "Paediatrics, by the window", Tags: []playlists.Tag{"lakeside-ground-floor"}},
		{ID: "family-clinic-entrance", Department: "family-clinic", Name: "Family clinic, entrance", Moment: playlists.Arriving},
	}
}
