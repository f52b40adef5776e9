package hospital

import (
	"context"
	"net/http"

	"anteroom/playlists"
	"anteroom/playlists/slide"
)

// boundCard is a card that shows at moments of a visit or in states of the clinic alone.
type boundCard struct {
	card

	moments []playlists.Moment
	states  []playlists.State
}

func boundCards() []boundCard {
	return []boundCard{
		{
			card{
				"on-arrival", "",
				[]playlists.Topic{"talking-with-your-doctor"},
				slide.Steps, 12,
				words{"You have just arrived", "", []string{"Check in at the desk or at the terminal.", "Keep your ticket: we call its number.", "Write down what you want to ask."}},
				words{"Acaba de llegar", "", []string{"Regístrese en la recepción o en el terminal.", "Guarde su número: por él le llamamos.", "Anote lo que quiere preguntar."}},
			},
			[]playlists.Moment{playlists.Arriving},
			nil,
		},
		{
			card{
				"sorry-for-the-wait", "", nil,
				slide.Notice, 12,
				words{"Today it takes longer", "We are more than half an hour late, and sorry for it. You keep your place. If you feel worse, tell the desk at once.", nil},
				words{"Hoy tardamos más", "Llevamos más de media hora de retraso y lo sentimos. Usted conserva su turno. Si se siente peor, avise de inmediato en la recepción.", nil},
			},
			nil,
			[]playlists.State{playlists.Delay30, playlists.Delay60},
		},
		{
			card{
				"vaccinations-today", playlists.Prevention,
				[]playlists.Topic{"vaccines"},
				slide.Notice, 12,
				words{"Vaccinations today, without an appointment", "Ask at the desk which vaccines are due. Bring the yellow booklet if you have it with you.", nil},
				words{"Hoy vacunamos sin cita", "Pregunte en la recepción qué vacunas tocan. Traiga la cartilla si la tiene.", nil},
			},
			nil,
			[]playlists.State{playlists.VaccinationDay},
		},
	}
}

func enterBound(ctx context.Context, c *Client) error {
	for _, card := range boundCards() {
		item := card.item()
		item.Moments, item.States = card.moments, card.states
		if err := c.enterSlides(ctx, item, card.renditions()); err != nil {
			return err
		}
	}
	return nil
}

// setStates says what is so in the clinics as the demo begins.
func setStates(ctx context.Context, c *Client) error {
	order := map[string]int{"minutes": 8 * 60}
	return c.Do(ctx, http.MethodPut, "/api/v1/departments/paediatrics/states/"+string(playlists.VaccinationDay), order, nil, nil)
}
