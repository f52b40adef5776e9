package controller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"anteroom/controller/access/audit"
	"anteroom/controller/backup"
	"anteroom/playlists"
)

// auditPath verifies the audit log.
const auditPath = "/audit"

// VerifyAudit reads the whole audit log of the controller on data, whether it runs or not. noted are its newest
// entries at earlier times, which must still be there.
func VerifyAudit(ctx context.Context, data string, noted ...audit.Mark) (audit.Verified, error) {
	asked := url.Values{}
	for _, m := range noted {
		asked.Set(strconv.FormatUint(m.Number, 10), m.Sum)
	}
	answer, err := askLocal(ctx, data, http.MethodGet, auditPath+"?"+asked.Encode())
	if errors.Is(err, ErrNotRunning) {
		return verifyStopped(ctx, data, noted)
	}
	if err != nil {
		return audit.Verified{}, err
	}
	var found audit.Verified
	err = json.NewDecoder(answer.Body).Decode(&found)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return audit.Verified{}, fmt.Errorf("asking the controller to verify its audit log: %w", err)
	}
	return found, nil
}

func verifyStopped(ctx context.Context, data string, noted []audit.Mark) (found audit.Verified, err error) {
	if !used(data) {
		return found, nowhereUsed(data)
	}
	_, documents, err := openData(ctx, &Config{Data: data})
	if err != nil {
		return found, wayOut(data, err)
	}
	found, err = documents.Verify(ctx, noted...)
	return found, errors.Join(err, documents.Close())
}

// marksOf reads marks from a question's values.
func marksOf(asked url.Values) []audit.Mark {
	var marks []audit.Mark
	for number, sums := range asked {
		if n, err := strconv.ParseUint(number, 10, 64); err == nil {
			marks = append(marks, audit.Mark{Number: n, Sum: sums[0]})
		}
	}
	return marks
}

// recordRestore writes into the audit log that the controller came back from a backup: the chain goes on from
// the backup's, and whoever noted a later entry finds here why it is gone.
func (o *Controller) recordRestore(ctx context.Context) error {
	record, restored, err := backup.ReadRecord(o.data)
	if err != nil || !restored {
		return err
	}
	note := playlists.Noted("to the state of %s, on %s", record.At.UTC().Format(time.RFC3339), record.RestoredAt.UTC().Format(time.RFC3339))
	return o.store.Once(ctx, audit.Entry{By: onCommandLine, Did: audit.Restored}.With(note))
}

// tellAuditHead writes into the controller's log what the newest entry of the audit log is. Logs are kept elsewhere:
// whoever cuts the audit log at its end cannot take that back.
func (o *Controller) tellAuditHead(ctx context.Context) {
	m, err := o.store.Newest(ctx)
	if err != nil {
		o.log.WarnContext(ctx, "audit log unreadable", slog.Any("error", err))
		return
	}
	o.log.InfoContext(ctx, "audit log head", slog.String("noted", m.String()))
}

// recordBackup writes into the audit log that somebody takes the whole controller away.
func (o *Controller) recordBackup(ctx context.Context) {
	if err := o.store.Record(ctx, audit.Entry{By: onCommandLine, Did: audit.BackedUp}); err != nil {
		o.log.WarnContext(ctx, "audit entry lost", slog.Any("error", err))
	}
}
