package hospital

import (
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Asked is what patients of the last months asked for, read and answered on their phones, in the weeks that were over then.
func Asked(now time.Time) []store.Count {
	y, m, d := now.UTC().Date()
	monday := playlists.Date{Year: y, Month: m, Day: d}.Monday().AddDays(-7)
	var all []store.Count
	for ago := range 14 {
		for _, c := range weekly() {
			c.Week = monday.AddDays(-7 * ago)
			c.N += int64(ago*7%5) - 2 // weeks differ
			if c.N > 0 {
				all = append(all, c)
			}
		}
	}
	return all
}

// weekly is what happens in an ordinary week.
func weekly() []store.Count {
	of := func(d playlists.DepartmentID, what store.Counted, of string, l playlists.Language, n int64) store.Count {
		return store.Count{CountKey: store.CountKey{Department: d, What: what, Of: of, Language: l}, N: n}
	}
	return []store.Count{
		of("paediatrics", store.HandOffs, "", "en", 48), of("paediatrics", store.HandOffs, "", "es", 31), of("paediatrics", store.HandOffs, "", "ar", 6),
		of("paediatrics", store.Asked, "allergies", "en", 19), of("paediatrics", store.Asked, "allergies", "es", 14), of("paediatrics", store.Asked, "asthma", "en", 24),
		of("paediatrics", store.Asked, "asthma", "ar", 5), of("paediatrics", store.Asked, "vaccines", "es", 13), of("paediatrics", store.Asked, "fever-in-children", "en", 4),
		of("cardiology", store.HandOffs, "", "en", 27), of("cardiology", store.Asked, "heart-medicines", "en", 17), of("cardiology", store.Asked, "sleep", "en", 3),
		of("cardiology", store.Reads, "chest-pain", "en", 22), of("cardiology", store.Helpful, "chest-pain", "en", 15), of("cardiology", store.Unhelpful, "chest-pain", "en", 3),
	}
}
