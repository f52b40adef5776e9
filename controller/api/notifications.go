package api

import (
	"context"
	"net/http"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/notify"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// Notifications are how telling departments' contacts goes.
type Notifications struct {
	Mail    bool     `json:"mail" doc:"A mail server is set"`
	Webhook bool     `json:"webhook" doc:"A secret to sign webhooks with is set"`
	Waiting []Unsent `json:"waiting" doc:"Messages that could not be sent yet; they are tried again for a day"`
	Failed  []Unsent `json:"failed" doc:"The last 50 that never arrived"`
	Told    []Told   `json:"told" doc:"The last 50 that were taken, the newest first"`
}

// Told is a message that a contact's server took.
type Told struct {
	At      time.Time         `json:"at"`
	Contact playlists.Contact `json:"contact"`
	Subject string            `json:"subject"`
	// Departments are those that it is about.
	Departments []playlists.DepartmentID `json:"departments"`
}

// Unsent is a message that did not arrive.
type Unsent struct {
	Contact playlists.Contact `json:"contact"`
	Subject string            `json:"subject"`
	Error   string            `json:"error" doc:"Why the last attempt failed"`
}

func (s *Server) notifications() {
	type out struct{ Body Notifications }
	operation(s, http.MethodGet, "/api/v1/notifications", "getNotifications", "How telling departments' contacts goes",
		func(ctx context.Context, _ *listInput) (*out, error) {
			if err := may(ctx, access.See, access.Object{Kind: "department"}); err != nil {
				return nil, err
			}
			waiting, failed := s.Notify.Troubles()
			return &out{Body: Notifications{
				Mail: s.Notify.Mail.Server != "", Webhook: len(s.Notify.Hook.Secret) > 0, Waiting: unsent(waiting), Failed: unsent(failed), Told: told(s.Notify.Lately()),
			}}, nil
		})
	operation(s, http.MethodPost, "/api/v1/departments/{id}/test-message", "testContacts", "Send a test message to each contact of a department, and say how it went",
		func(ctx context.Context, in *idInput) (*list[notify.Result], error) {
			d, err := s.departmentToEdit(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			out := &list[notify.Result]{}
			out.Body.Items = s.Notify.Test(ctx, d, s.URL)
			return out, nil
		})
}

func unsent(letters []notify.Letter) []Unsent {
	all := []Unsent{}
	for _, l := range letters {
		all = append(all, Unsent{Contact: l.To, Subject: l.Said.Subject, Error: l.Error})
	}
	return all
}

func told(letters []notify.Letter) []Told {
	all := []Told{}
	for _, l := range letters {
		all = append(all, Told{At: l.Sent, Contact: l.To, Subject: l.Said.Subject, Departments: append([]playlists.DepartmentID{}, l.Message.Departments...)})
	}
	return all
}

// departmentToEdit gives a department to whoever may change it.
func (s *Server) departmentToEdit(ctx context.Context, id string) (playlists.Department, error) {
	if err := may(ctx, access.Edit, access.Object{Kind: "department", Departments: single(playlists.DepartmentID(id))}); err != nil {
		return playlists.Department{}, err
	}
	var d playlists.Department
	err := s.Store.View(ctx, func(v store.View) error {
		doc, err := v.Get("department", id)
		if err != nil {
			return missing(err, "department", id)
		}
		d, err = domain[playlists.Department](doc)
		return err
	})
	return d, err
}
