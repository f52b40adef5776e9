package main

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"anteroom/cmd/internal/checkup"
	"anteroom/controller"
	"anteroom/controller/access/audit"
	"anteroom/controller/api"
	"anteroom/controller/backup"
	"anteroom/controller/fonts"
	"anteroom/playlists"
)

type doctorCommand struct {
	Data    directory `required:"" placeholder:"DIR" help:"Directory of the controller, which may run meanwhile."`
	Listen  string    `default:"127.0.0.1:8080" placeholder:"ADDR" help:"Address that it is to serve on, if it does not run (${default})."`
	URL     string    `name:"url" placeholder:"URL" help:"Where people reach it. Default: what the running controller says."`
	TLSCert string    `name:"tls-cert" type:"path" placeholder:"FILE" help:"Certificate with which it speaks TLS itself, if it does."`
	TLSKey  string    `name:"tls-key" type:"path" placeholder:"FILE" help:"Its key."`
	CA      string    `name:"ca" type:"path" placeholder:"FILE" help:"Certificates (PEM) to trust beside the system's, for the look from outside."`
	// The hospital's identity provider, at which the controller looks as this machine does.
	OIDCIssuer string `name:"oidc-issuer" placeholder:"URL" help:"The hospital's identity provider, to look at. Default: what the running controller says."`
	JSON       bool   `name:"json" help:"As JSON, for programs."`
}

// leastRoom is what a controller needs on its disk to work for a while, in bytes.
const leastRoom = 1 << 30

// errFaults gives the exit status that says so.
var errFaults = errors.New("something is wrong; what, and what to do, is listed above")

// Run looks at everything and says what is wrong.
func (d *doctorCommand) Run(ctx context.Context, p *process) error {
	found := d.examine(ctx, time.Now())
	write := checkup.Write
	if d.JSON {
		write = checkup.WriteJSON
	}
	if err := write(p.stdout, found); err != nil {
		return err
	}
	if !checkup.Healthy(found) {
		return errFaults
	}
	return nil
}

// examine looks at data, machine and controller.
func (d *doctorCommand) examine(ctx context.Context, now time.Time) []checkup.Finding {
	dir := string(d.Data)
	found := []checkup.Finding{checkup.Directory(dir)}
	if found[0].Level != checkup.Fault {
		found = append(found, d.data(dir)...)
		found = append(found, d.controller(ctx, dir, now)...)
	}
	if d.OIDCIssuer != "" {
		found = append(found, checkup.Provider(ctx, checkup.Way{Address: d.OIDCIssuer, Proxy: http.ProxyFromEnvironment, Now: now})...)
	}
	if d.TLSCert != "" || d.TLSKey != "" {
		found = append(found, checkup.CertificateFiles(d.TLSCert, d.TLSKey, hostOf(d.URL), now))
	}
	synced, err := checkup.Synced()
	return append(found, checkup.Clock(now, checkup.Floor(), synced, err),
		checkup.Programs("video", "videos cannot be taken in", "apt-get install ffmpeg", "ffmpeg", "ffprobe"),
		checkup.Programs("leaflets", "PDF cannot be taken in", "apt-get install poppler-utils", "pdfinfo", "pdftoppm"),
		fontsFinding(len(fonts.All())), zonesFinding(controller.CheckZones()))
}

// hostOf is the name in an address, empty if there is none.
func hostOf(address string) string {
	at, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return at.Hostname()
}

// data looks at the directory.
func (d *doctorCommand) data(dir string) []checkup.Finding {
	var found []checkup.Finding
	if room, err := checkup.RoomOf(dir); err == nil {
		found = append(found, checkup.Disk(dir, room, leastRoom))
	} else {
		found = append(found, checkup.Bad("disk", "Look at the disk.", "The disk of %s cannot be looked at: %v.", dir, err))
	}
	if err := backup.Unfinished(dir); err != nil {
		found = append(found, checkup.Bad("restore", "Run the same controller restore again.", "A restore into %s was cut short.", dir))
	}
	found = append(found, keyFinding(dir, controller.CheckKey(dir)))
	aside, _ := controller.SetAside(dir) // a store that cannot be listed is another finding
	for _, path := range aside {
		found = append(found, checkup.Odd("store", "Plays in it are in no report. Put the file of a backup in its place, or delete it when nobody wants to look at it any more.", "%s was found damaged and set aside.", path))
	}
	return found
}

// auditFindings judge the audit log; where nothing could read it, another finding says why.
func auditFindings(v audit.Verified, err error) []checkup.Finding {
	const about = "audit log"
	switch {
	case err != nil:
		return nil
	case len(v.Broken) > 0:
		return []checkup.Finding{checkup.Bad(about, "Keep a backup of what is there, find out who could write to this machine, and compare with earlier backups: controller audit verify lists every place.",
			"The audit log is not what was written, in %d places: %s.", len(v.Broken), v.Broken[0])}
	case v.Newest.Number == 0:
		return []checkup.Finding{checkup.Good(about, "The audit log has no entry yet.")}
	}
	return []checkup.Finding{checkup.Good(about, "The audit log is whole; its newest entry is %s.", v.Newest)}
}

func keyFinding(dir string, err error) checkup.Finding {
	const about = "key"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return checkup.Bad(about, "Put controller.key back from a backup. If no controller has ever run here, start it: it makes one.", "%s has no key.", dir)
	case err != nil:
		return checkup.Bad(about, "Put controller.key back from a backup, for its owner alone (chmod 600).", "The key cannot be used: %v.", err)
	}
	return checkup.Good(about, "The controller's key is there, for its owner alone.")
}

// controller looks at the controller that runs, or at what it would find if it were started.
func (d *doctorCommand) controller(ctx context.Context, dir string, now time.Time) []checkup.Finding {
	state, err := controller.Ask(ctx, dir)
	if errors.Is(err, controller.ErrNotRunning) {
		return append(d.stopped(ctx, dir), d.outside(ctx, d.URL, now)...)
	}
	if err != nil {
		return []checkup.Finding{checkup.Bad("running", "Look at its log: journalctl -u anteroom-controller.", "The controller does not say how it is: %v.", err)}
	}
	found := []checkup.Finding{
		checkup.Good("running", "A controller runs here (%s).", state.Version),
		checkup.Good("store", "The running controller has probed its store at its start; a backup probes all of it."),
	}
	found = append(found, auditFindings(controller.VerifyAudit(ctx, dir))...)
	found = append(found, lossesFindings(state.Losses)...)
	d.URL, d.OIDCIssuer = cmp.Or(d.URL, state.URL), cmp.Or(d.OIDCIssuer, state.Provider)
	return append(found, d.outside(ctx, d.URL, now)...)
}

// stopped looks at what a start would find.
func (d *doctorCommand) stopped(ctx context.Context, dir string) []checkup.Finding {
	files, damaged, err := controller.ProbeStopped(ctx, dir)
	found := []checkup.Finding{storeFinding(files, damaged, err)}
	if errors.Is(err, controller.ErrStoreInUse) {
		return found
	}
	found = append([]checkup.Finding{checkup.Odd("running", "systemctl start anteroom-controller; if it does not stay, journalctl -u anteroom-controller says why.", "No controller runs on %s.", dir)}, found...)
	if err := controller.CheckListen(ctx, d.Listen); err != nil {
		return append(found, checkup.Bad("address", "Free the address, or choose another with --listen.", "A controller could not serve on %s: %v.", d.Listen, err))
	}
	return append(found, checkup.Good("address", "A controller could serve on %s.", d.Listen))
}

func storeFinding(files int, damaged []error, err error) checkup.Finding {
	const about = "store"
	switch {
	case errors.Is(err, controller.ErrStoreInUse):
		return checkup.Bad(about, "Look at the log of that controller for \"no local socket\"; restart it.", "A controller has the store, and does not answer on its socket.")
	case errors.Is(err, fs.ErrNotExist):
		return checkup.Good(about, "There is no store yet; the first start makes it.")
	case err != nil:
		return checkup.Bad(about, "Run this as the controller's user, or as root.", "The store cannot be looked at: %v.", err)
	case len(damaged) > 0:
		return checkup.Bad(about, "Put the file of the newest backup in its place, and keep the damaged one for recovery. The present month's plays need not be put back: players send what they still have.", "Of %d files of the store %d are not sound: %v.", files, len(damaged), errors.Join(damaged...))
	}
	return checkup.Good(about, "All files of the store are sound (%d).", files)
}

// outside looks at the controller as players and staff do.
func (d *doctorCommand) outside(ctx context.Context, address string, now time.Time) []checkup.Finding {
	if address == "" {
		return []checkup.Finding{checkup.Odd("address", "Start it with --url https://..., as people type it, and give the same to this command.", "Where people reach the controller is not known, so it was not looked at from outside.")}
	}
	way := checkup.Way{Address: address, Proxy: http.ProxyFromEnvironment, Now: now}
	if d.CA != "" {
		roots, err := trusted(d.CA)
		if err != nil {
			return []checkup.Finding{checkup.Bad("certificate", "Name a file with certificates in PEM form.", "%v.", err)}
		}
		way.Roots = roots
	}
	return checkup.Reach(ctx, way)
}

// trusted is the machine's authorities with those of a file.
func trusted(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading certificates: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%w: %s holds no certificate in PEM form", playlists.ErrInvalid, file)
	}
	return pool, nil
}

// lossesFindings say what staff have to do again after a restore.
func lossesFindings(l api.Losses) []checkup.Finding {
	if l.Restored == nil {
		return nil
	}
	const about = "restore"
	at := l.Restored.At.Format("2006-01-02 15:04:05 UTC")
	if len(l.Programmes)+len(l.Shown)+len(l.Takeovers) == 0 {
		return []checkup.Finding{checkup.Good(about, "Restored to the state of %s; no player proves that anything later is lost.", at)}
	}
	var found []checkup.Finding
	if len(l.Takeovers) > 0 {
		found = append(found, checkup.Odd(about, "Start a takeover or clear all, if it is not wanted any more.", "%d screens may show a takeover that this controller does not know: %s.", len(l.Takeovers), list(l.Takeovers)))
	}
	if len(l.Programmes) > 0 {
		var screens []playlists.ScreenID
		for _, a := range l.Programmes {
			screens = append(screens, a.Screen)
		}
		found = append(found, checkup.Odd(about, "See what was published after that, and publish it again.", "Restored to the state of %s. %d screens had a later programme: %s.", at, len(screens), list(screens)))
	}
	for _, s := range l.Shown {
		found = append(found, checkup.Odd(about, "Make it again, if it is still wanted.", "%s on %d screens between %s and %s.", lost(s), len(s.Screens), s.From.Format(time.DateTime), s.To.Format(time.DateTime+" UTC")))
	}
	return found
}

// lost says what is not known any more.
func lost(s backup.Shown) string {
	switch {
	case s.Here > 0:
		return fmt.Sprintf("Version %d of the %s %q, of which only version %d is here, was", s.Version, s.Kind, s.ID, s.Here)
	case s.Kind == backup.ProgrammeKind:
		return fmt.Sprintf("A programme that is not here (%.8s) was", s.ID)
	}
	return fmt.Sprintf("The %s %q, which is not here, was", s.Kind, s.ID)
}

// list names a few.
func list(screens []playlists.ScreenID) string {
	const few = 5
	var names []string
	for _, s := range screens[:min(few, len(screens))] {
		names = append(names, string(s))
	}
	if more := len(screens) - few; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// fontsFinding judges by how many fonts were built in: two are the Go fonts.
func fontsFinding(n int) checkup.Finding {
	const few = 2
	if n <= few {
		return checkup.Odd("fonts", "Use the package, or build with make.", "Slides can be drawn in Latin, Greek and Cyrillic script only: this program was built without the large fonts.")
	}
	return checkup.Good("fonts", "%d fonts draw slides.", n)
}

func zonesFinding(err error) checkup.Finding {
	if err != nil {
		return checkup.Bad("zones", "apt-get install tzdata", "This machine has no time zones: %v.", err)
	}
	return checkup.Good("zones", "This machine has time zones.")
}
