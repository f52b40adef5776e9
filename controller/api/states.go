package api

import (
	"context"
	"net/http"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/access/audit"
	"anteroom/controller/publish"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// ClinicStates are the states of all clinics, and what there is to show in them.
type ClinicStates struct {
	Departments []ClinicState `json:"departments" doc:"Those that you may see, by id"`
	// Items are how many approved items show in a state alone.
	Items map[playlists.State]int `json:"items" doc:"How many approved items show only in a state: where there is none, setting it changes nothing"`
}

// ClinicState is the state of a department's clinic.
type ClinicState struct {
	Department playlists.DepartmentID `json:"department"`
	Set        []playlists.StateSet   `json:"set" doc:"The states that are set now; each ends by itself"`
}

// StateOrder sets a state.
type StateOrder struct {
	Minutes int `json:"minutes,omitempty" minimum:"0" maximum:"1440" doc:"How long from now; 0 means 60. It ends by itself then; set it again for longer"`
}

// defaultState is how long a state is set for where nobody says.
const defaultState = time.Hour

func (s *Server) states() {
	type in struct {
		ID    playlists.DepartmentID `path:"id" maxLength:"64" doc:"The department's id, \"cardiology\""`
		State playlists.State        `path:"state" maxLength:"64" doc:"delay_30, delay_60, vaccination_day, screening_day or visitors_limited"`
	}
	type setIn struct {
		ID    playlists.DepartmentID `path:"id" maxLength:"64" doc:"The department's id, \"cardiology\""`
		State playlists.State        `path:"state" maxLength:"64" doc:"delay_30, delay_60, vaccination_day, screening_day or visitors_limited"`
		Body  StateOrder
	}
	type out struct{ Body ClinicState }
	type allOut struct{ Body ClinicStates }
	const one = "/api/v1/departments/{id}/states/{state}"
	operation(s, http.MethodGet, "/api/v1/states", "listStates", "The states that clinics are in",
		func(ctx context.Context, _ *struct{}) (*allOut, error) {
			all, err := s.clinicStates(ctx)
			return &allOut{Body: all}, err
		})
	operation(s, http.MethodPut, one, "setState", "Put a department's clinic into a state for a while; its screens show what is for it within a minute or two",
		func(ctx context.Context, in *setIn) (*out, error) {
			set, err := s.setState(ctx, in.ID, in.State, in.Body)
			return &out{Body: ClinicState{in.ID, set.Set}}, err
		})
	operation(s, http.MethodDelete, one, "clearState", "End a state of a department's clinic before its time",
		func(ctx context.Context, in *in) (*out, error) {
			if err := may(ctx, access.Edit, access.Object{Kind: publish.StateKind, Departments: single(in.ID)}); err != nil {
				return nil, err
			}
			left, err := s.Publish.ClearState(audit.As(ctx, publish.PublicationKind, audit.Published), in.ID, in.State, by(ctx))
			return &out{Body: ClinicState{in.ID, left.Set}}, err
		})
}

func (s *Server) setState(ctx context.Context, d playlists.DepartmentID, state playlists.State, o StateOrder) (playlists.States, error) {
	if err := may(ctx, access.Edit, access.Object{Kind: publish.StateKind, Departments: single(d)}); err != nil {
		return playlists.States{}, err
	}
	lasts := time.Duration(o.Minutes) * time.Minute
	if lasts == 0 {
		lasts = defaultState
	}
	return s.Publish.SetState(audit.As(ctx, publish.PublicationKind, audit.Published), d, state, s.Now().Add(lasts), by(ctx))
}

// clinicStates are those of the departments that whoever asks may see.
func (s *Server) clinicStates(ctx context.Context) (ClinicStates, error) {
	all := ClinicStates{Departments: []ClinicState{}, Items: map[playlists.State]int{}}
	items, err := s.items.newest(ctx, s.Store)
	if err != nil {
		return all, err
	}
	for i := range items {
		if item := items[i].value; item.Approved() {
			for _, state := range item.States {
				all.Items[state]++
			}
		}
	}
	return all, s.Store.View(ctx, func(v store.View) error {
		return each(v, "department", func(d playlists.Department) error {
			if may(ctx, access.See, access.Object{Kind: publish.StateKind, Departments: single(d.ID)}) == nil {
				set := append([]playlists.StateSet{}, s.Publish.States(d.ID).Set...)
				all.Departments = append(all.Departments, ClinicState{d.ID, set})
			}
			return nil
		})
	})
}
