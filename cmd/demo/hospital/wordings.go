package hospital

import (
	"context"

	"anteroom/playlists"
	"anteroom/playlists/slide"
)

// wording is what takeovers can say of one thing that may happen.
type wording struct {
	id       playlists.ItemID
	name     string
	severity playlists.Severity
	minutes  int
	english  words
	spanish  words
}

func wordings() []wording {
	return []wording{
		{
			"takeover-water", "Water main burst", playlists.Warning, 120,
			words{"Please do not use the water", "A water pipe has burst. Taps and toilets in this building are closed. Staff will show you others.", nil},
			words{"Por favor, no use el agua", "Se rompió una tubería. Los grifos y baños de este edificio están cerrados. El personal le indicará otros.", nil},
		},
		{
			"takeover-fire", "Fire", playlists.Emergency, 60,
			words{"Fire in the building", "Stay calm and do what staff tell you. Do not use the elevators.", nil},
			words{"Incendio en el edificio", "Mantenga la calma y siga al personal. No use los ascensores.", nil},
		},
		{
			"takeover-leave", "Leave the building", playlists.Emergency, 60,
			words{"Please leave the building now", "Walk to the nearest exit. Do not use the elevators. Staff will help you.", nil},
			words{"Salga del edificio ahora", "Camine a la salida más cercana. No use los ascensores. El personal le ayudará.", nil},
		},
		{
			"takeover-stay", "Stay inside", playlists.Emergency, 60,
			words{"Please stay inside", "Move away from windows and doors. Stay in this building until staff tell you that it is safe.", nil},
			words{"Por favor, quédese adentro", "Aléjese de ventanas y puertas. Quédese en este edificio hasta que el personal le diga que es seguro.", nil},
		},
		{
			"takeover-outage", "Network or telephones are down", playlists.Notice, 120,
			words{"Our computers and phones are down", "You will be seen, but it may take longer. If you feel worse, tell the front desk at once.", nil},
			words{"No hay computadoras ni teléfonos", "Le atenderemos, pero puede tardar más. Si se siente peor, avise de inmediato en la recepción.", nil},
		},
	}
}

// enterWording writes wording for takeovers and has it approved.
func enterWording(ctx context.Context, c *Client, w *wording) error {
	form := func(language playlists.Language, said words) slide.Slide {
		return slide.Slide{
			Template: slide.Urgent, Language: language, Title: said.title, Text: said.text, Severity: w.severity, Brand: brand(),
		}
	}
	item := playlists.Item{
		ID: w.id, Title: w.name, Version: 1, Template: &playlists.TakeoverTemplate{Severity: w.severity, Minutes: w.minutes},
	}
	return c.enterSlides(ctx, item, map[playlists.Language]slide.Slide{"en": form("en", w.english), "es": form("es", w.spanish)})
}
