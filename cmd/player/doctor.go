package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"anteroom/cmd/internal/checkup"
	"anteroom/player"
	"anteroom/player/identity"
	"anteroom/player/supervise"
	"anteroom/playlists"
)

type doctorCommand struct {
	dataFlag

	Controller string `help:"Address of the controller. Default: what the running player says, or the file on the boot partition." env:"ANTEROOM_CONTROLLER" placeholder:"URL"`
	Config     string `help:"File with settings, as for run." env:"ANTEROOM_CONFIG" type:"path" placeholder:"FILE"`
	CA         string `help:"Certificates (PEM) to trust beside the system's." env:"ANTEROOM_CA" type:"path" placeholder:"FILE"`
	Stage      string `help:"The stage's program. Default: beside this one." env:"ANTEROOM_STAGE" type:"path" placeholder:"PATH"`
	JSON       bool   `help:"As JSON, for programs." name:"json"`
}

// leastRoom is what a player needs on its disk, in bytes: its journal and what the cache leaves free.
const leastRoom = 320 << 20

// manyUnsent is how many plays wait only if something is wrong, and farOff a wall clock that is wrong.
const (
	manyUnsent = 2000
	farOff     = 2 * time.Second
)

// errFaults gives the exit status that says so.
var errFaults = errors.New("something is wrong; what, and what to do, is listed above")

// Run looks at everything and says what is wrong.
func (d *doctorCommand) Run(ctx context.Context, e *edge) error {
	found := d.examine(ctx, time.Now())
	write := checkup.Write
	if d.JSON {
		write = checkup.WriteJSON
	}
	if err := write(e.stdout, found); err != nil {
		return err
	}
	if !checkup.Healthy(found) {
		return errFaults
	}
	return nil
}

// examine looks at data, player, stage, machine and the way to the controller.
func (d *doctorCommand) examine(ctx context.Context, now time.Time) []checkup.Finding {
	found := []checkup.Finding{checkup.Directory(d.Data)}
	settings := runCommand{dataFlag: d.dataFlag, Controller: d.Controller, Config: d.Config, CA: d.CA, Stage: d.Stage}
	if err := settings.readConfig(); err != nil {
		found = append(found, checkup.Bad("settings", "Mend the line, or remove the file.", "The settings cannot be read: %v.", err))
	}
	if found[0].Level != checkup.Fault {
		found = append(found, d.disk())
	}
	status, asked := player.AskStatus(ctx, d.Data)
	if asked == nil {
		found = append(found, running(&status)...)
		settings.Controller = or(settings.Controller, status.Controller)
	} else if found[0].Level != checkup.Fault {
		found = append(found, d.stopped()...)
	}
	synced, err := checkup.Synced()
	found = append(found, checkup.Clock(now, checkup.Floor(), synced, err), stageFinding(ctx, settings.Stage),
		checkup.Programs("video", "videos and sound cannot be played", "apt-get install ffmpeg", "ffmpeg"))
	if settings.Controller == "" && asked == nil {
		return found // the player has said so
	}
	return append(found, way(ctx, &settings, now)...)
}

func (d *doctorCommand) disk() checkup.Finding {
	room, err := checkup.RoomOf(d.Data)
	if err != nil {
		return checkup.Bad("disk", "Look at the disk.", "The disk of %s cannot be looked at: %v.", d.Data, err)
	}
	return checkup.Disk(d.Data, room, leastRoom)
}

// running judges what a player says of itself.
func running(s *player.Status) []checkup.Finding {
	found := []checkup.Finding{
		checkup.Good("running", "A player runs here (%s).", or(s.Software, "of unknown version")),
		pairing(s), showing(s.Health.Stage), clockOf(s),
	}
	if s.Abilities.SoftwareGL {
		found = append(found, checkup.Odd("graphics", "Install the driver of the graphics chip (mesa), and let the player's user into the groups video and render.", "The processor draws, not a graphics chip: pictures are at most 1280 wide, and cut instead of fading."))
	}
	if len(s.Health.SetAside) > 0 {
		found = append(found, checkup.Odd("cache", "Upload the file again, or take the item out of its playlist; a restart tries it once more.", "%d files stopped the picture three times each and are not shown any more.", len(s.Health.SetAside)))
	} else {
		found = append(found, checkup.Good("cache", "Pictures and videos take %d MB; %d files are on their way.", s.Health.CacheUsed>>20, s.Health.Missing))
	}
	found = append(found, journalOf(s))
	for _, n := range s.Health.Notes {
		found = append(found, checkup.Odd("note", "The operator's guide says what to do.", "%s", n))
	}
	return found
}

// pairing judges whether the player knows its screen and speaks with its controller.
func pairing(s *player.Status) checkup.Finding {
	const about = "pairing"
	switch {
	case s.Controller == "":
		return checkup.Bad(about, "Start it with --controller URL, or write controller = URL into "+bootConfig+".", "No controller is set.")
	case s.Linked:
		return checkup.Good(about, "It is linked to %s as screen %s.", s.Controller, s.Screen)
	case s.Pairing != nil:
		return checkup.Odd(about, "Enter the code in the console, at Pair a player, and compare the words.", "It waits to be paired, with the code %s.", s.Pairing.Code)
	case s.Screen == "":
		return checkup.Bad(about, "See the way to the controller below.", "It is not paired, and has no link to be paired by: %s.", or(s.Unlinked, "not tried yet"))
	}
	return checkup.Bad(about, "See the way to the controller below. It plays on meanwhile.", "It is paired as screen %s, and not linked: %s.", s.Screen, or(s.Unlinked, "not tried yet"))
}

// showing judges the stage of a player that runs.
func showing(stage string) checkup.Finding {
	const about = "display"
	switch stage {
	case "drawing":
		return checkup.Good(about, "The stage draws.")
	case "no-display":
		return checkup.Bad(about, "Look at monitor and cable, and whether X runs; then restart the player.", "The stage finds no display.")
	case "restarting":
		return checkup.Odd(about, "If it stays so, its last words are in: journalctl -u anteroom-player.", "The stage is being started again.")
	}
	return checkup.Bad(about, "Look into: journalctl -u anteroom-player.", "There is no stage (%s).", or(stage, "none"))
}

// clockOf judges the time by which a player plays.
func clockOf(s *player.Status) checkup.Finding {
	const about = "time"
	off := time.Duration(s.Health.OffsetMS) * time.Millisecond
	switch {
	case s.Health.Clock == playlists.ClockUnset:
		return checkup.Bad(about, "Set up time synchronisation, or let it link: the controller tells the time.", "The player does not know the time: only filler shows.")
	case off.Abs() > farOff:
		return checkup.Odd(about, "Set up time synchronisation.", "The machine's clock is %v off the controller's; the player goes by the controller's.", off)
	}
	return checkup.Good(about, "The player knows the time.")
}

// journalOf judges plays that wait.
func journalOf(s *player.Status) checkup.Finding {
	if s.Linked && s.Health.Unsent > manyUnsent {
		return checkup.Odd("journal", "If it does not fall within minutes, look into the controller's log for \"plays not taken\".", "%d plays wait to be sent, although it is linked.", s.Health.Unsent)
	}
	return checkup.Good("journal", "%d plays are recorded, %d wait to be sent.", s.State.Journal, s.Health.Unsent)
}

// stopped looks at what a start would find.
func (d *doctorCommand) stopped() []checkup.Finding {
	found := []checkup.Finding{
		checkup.Bad("running", "systemctl start anteroom-player; if it does not stay, journalctl -u anteroom-player says why.", "No player runs on %s.", d.Data),
		identityFinding(identity.Look(filepath.Join(d.Data, "identity"))), displayFinding(os.Getenv("DISPLAY"), "/tmp/.X11-unix"),
	}
	return append(found, journalFindings(filepath.Join(d.Data, "journal"), probe)...)
}

func identityFinding(s identity.Seen, err error) checkup.Finding {
	const about = "identity"
	switch {
	case err != nil:
		return checkup.Bad(about, "Run this as the player's user, or as root; if the disk fails, replace it and pair the player anew.", "The identity cannot be read: %v.", err)
	case !s.Made && len(s.Damaged) > 0:
		return checkup.Bad(about, "Start it and pair it anew: it makes a new key.", "Both copies of the identity are damaged.")
	case !s.Made:
		return checkup.Odd(about, "Start it: it makes its key, and shows a code.", "The player has never been started.")
	case len(s.Damaged) > 0:
		return checkup.Odd(about, "Start it: it mends the copy from the other. Look at the disk.", "A copy of the identity is damaged: %s.", strings.Join(s.Damaged, ", "))
	case s.Screen == "":
		return checkup.Odd(about, "Start it: it shows a code.", "The player is not paired.")
	}
	return checkup.Good(about, "The player is paired as screen %s.", s.Screen)
}

// displayFinding looks for the X server that DISPLAY names; sockets is where local ones are.
func displayFinding(display, sockets string) checkup.Finding {
	const about = "display"
	if display == "" {
		return checkup.Odd(about, "The player's unit starts X itself. By hand, set DISPLAY=:0.", "DISPLAY is not set, so no display was looked for.")
	}
	number, local := strings.CutPrefix(display, ":")
	if !local {
		return checkup.Odd(about, "Use the display of this machine, :0.", "DISPLAY is %s, on another machine.", display)
	}
	number, _, _ = strings.Cut(number, ".")
	c, err := (&net.Dialer{Timeout: time.Second}).Dial("unix", filepath.Join(sockets, "X"+number))
	if err != nil {
		return checkup.Bad(about, "Start X; look at monitor and cable.", "No X server answers at %s.", display)
	}
	_ = c.Close() // it was only to see whether it opens
	return checkup.Good(about, "An X server answers at %s.", display)
}

// journalFindings probes the files of plays, and names what was set aside.
func journalFindings(dir string, probe func(string) error) []checkup.Finding {
	const about = "journal"
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*.db")) // the pattern is sound
	aside, _ := filepath.Glob(filepath.Join(dir, "*", "*.damaged"))
	var found []checkup.Finding
	for _, path := range files {
		if err := probe(path); err != nil {
			found = append(found, checkup.Bad(about, "Start it: it sends what can be read, and the rest shows as a gap. Look at the disk.", "%s is not sound: %v.", path, err))
		}
	}
	for _, path := range aside {
		found = append(found, checkup.Odd(about, "Nothing; it goes by itself after 7 days. Look at the disk.", "%s was found damaged and set aside.", path))
	}
	if len(found) == 0 {
		found = append(found, checkup.Good(about, "All files of plays are sound (%d).", len(files)))
	}
	return found
}

// stageFinding runs the stage's program for its version, which needs no display.
func stageFinding(ctx context.Context, path string) checkup.Finding {
	const about = "stage"
	path, err := supervise.Find(path)
	if err != nil {
		return checkup.Bad(about, "Install it beside the player, or name it with --stage.", "The stage's program is not there: %v.", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	said, err := exec.CommandContext(ctx, path, "--version").CombinedOutput()
	if err != nil {
		return checkup.Bad(about, "Install what it needs: apt-get install libx11-6 libgl1 libgles2 libegl1 libxrandr2 libxcursor1 libxinerama1 libxi6.", "The stage's program does not start: %s.", or(firstLine(said), err.Error()))
	}
	return checkup.Good(about, "%s starts (%s).", path, firstLine(said))
}

func firstLine(b []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
	return line
}

// way goes the way to the controller.
func way(ctx context.Context, r *runCommand, now time.Time) []checkup.Finding {
	if r.Controller == "" {
		return []checkup.Finding{checkup.Bad("settings", "Start it with --controller URL, or write controller = URL into "+r.configPath()+".", "No controller is set.")}
	}
	w := checkup.Way{Address: r.Controller, Proxy: http.ProxyFromEnvironment, Now: now}
	trust, err := r.trust()
	if err != nil {
		return []checkup.Finding{checkup.Bad("certificate", "Name a file with certificates in PEM form.", "%v.", fmt.Errorf("--ca: %w", err))}
	}
	if trust != nil {
		w.Roots = trust.RootCAs
	}
	return checkup.Reach(ctx, w)
}
