package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"anteroom/cmd/internal/revision"
	"anteroom/controller"
	"anteroom/controller/backup"
)

type backupCommand struct {
	Folder string    `arg:"" type:"path" placeholder:"DIR" help:"Folder of backups; made if it is not there. Each backup is a folder in it; assets are kept once for all."`
	Data   directory `required:"" placeholder:"DIR" help:"Directory of the controller, which may run meanwhile."`
}

// Help is what the command says of itself.
func (*backupCommand) Help() string {
	return "Copies documents, users, plays, assets and the controller's key. A backup counts only after it has been restored on " +
		"trial. It is as secret as the controller: who has it can pass for the controller, to every player. Signed-in sessions are not in it."
}

// Run makes a backup and says what is in it.
func (b *backupCommand) Run(ctx context.Context, p *process) error {
	taken, err := controller.Backup(ctx, string(b.Data), b.Folder, revision.Text(version))
	if err != nil {
		return err
	}
	if len(taken.CutShort) > 0 {
		tell(p.stdout, "Removed what was cut short: %s\n", strings.Join(taken.CutShort, ", "))
	}
	tell(p.stdout, "%s is a backup: %d files, %s; %d of %d assets were new (%s). It has been restored on trial.\n",
		taken.Dir, taken.Files, megabytes(taken.Bytes), taken.NewAssets, taken.Assets, megabytes(taken.NewBytes))
	if taken.Unnoted != nil {
		tell(p.stdout, "The console will not know of it: %v\n", taken.Unnoted)
	}
	tell(p.stdout, "It holds the controller's key: keep it as secret as the controller.\n")
	return nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

type restoreCommand struct {
	Backup string    `arg:"" type:"path" placeholder:"DIR" help:"A backup, or a folder of backups: then the newest in it."`
	Data   directory `required:"" placeholder:"DIR" help:"Empty directory for the controller that comes back."`
}

// Run puts a backup back and says what follows.
func (r *restoreCommand) Run(ctx context.Context, p *process) error {
	dir, passed, err := backup.Choose(r.Backup)
	if err != nil {
		return err
	}
	if len(passed) > 0 {
		tell(p.stdout, "Passed over, since they were cut short or failed their trial: %s\n", strings.Join(passed, ", "))
	}
	m, err := backup.Restore(ctx, dir, string(r.Data))
	if err != nil {
		return err
	}
	tell(p.stdout, "%s holds the controller again as it was at %s (backup %s).\n", r.Data, m.At.Format(time.DateTime+" UTC"), filepath.Base(dir))
	tell(p.stdout, "Make sure that the lost controller cannot come back, then start this one at the same address. Players link by\n"+
		"themselves and send again the plays of the last 7 days that are missing here. What staff changed after the backup is\n"+
		"gone: controller doctor and GET /api/v1/losses list what of it players prove.\n")
	return nil
}
