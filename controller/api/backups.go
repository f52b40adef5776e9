package api

import (
	"context"
	"net/http"

	"anteroom/controller/access"
	"anteroom/controller/backup"
)

// Backups are how backups of the controller went.
type Backups struct {
	backup.Notes

	Data string `json:"data" doc:"The controller's directory, which the command that makes a backup names"`
}

func (s *Server) backups() {
	type out struct{ Body Backups }
	operation(s, http.MethodGet, "/api/v1/backups", "getBackups", "When the last backup was made, and whether one has failed since. One that counts has been restored on trial",
		func(ctx context.Context, _ *listInput) (*out, error) {
			if err := may(ctx, access.See, access.Object{Kind: access.BackupKind}); err != nil {
				return nil, err
			}
			b := Backups{Data: s.Data}
			var err error
			if s.Backups != nil {
				b.Notes, err = s.Backups()
			}
			return &out{Body: b}, err
		})
}
