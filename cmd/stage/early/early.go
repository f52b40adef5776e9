// Package early answers what can be answered without a display. It is initialised before the graphics
// library, which ends a process that has no display with a panic before main begins.
package early

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"anteroom/cmd/internal/revision"
	"anteroom/player/stage/panel"
)

// version is set when a release is linked, with -ldflags "-X anteroom/cmd/stage/early.version=v1.2.3".
var version string

// Packages are initialised as soon as what they import is, in the order of their paths (the Go
// specification, "Package initialization"). What this one imports the graphics library imports too, and
// its path comes first; a test holds that.
var _ = leave(os.Args[1:], os.Stdout, os.Stderr, os.Exit)

// Flags are what the stage may be told.
type Flags struct {
	Truth, Account string
	Windowed       bool
	Width, Height  int
	Title          string
}

// Parse reads the command line. An answer is to be printed, and that is all.
func Parse(args []string) (f Flags, answer string, err error) {
	var asked bool
	set := flag.NewFlagSet("stage", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&f.Truth, "truth", "", "Append a line to `FILE` for every turn first drawn.")
	set.StringVar(&f.Account, "account", "", "Write what is drawn into `FILE`, which the player has made, for when it dies.")
	set.BoolVar(&f.Windowed, "windowed", false, "Draw in a window instead of on the whole screen.")
	set.IntVar(&f.Width, "width", 1280, "Width of the window, 1280 `PIXELS` if not said.")
	set.IntVar(&f.Height, "height", 720, "Height of the window, 720 `PIXELS` if not said.")
	set.StringVar(&f.Title, "title", "Anteroom", "`TEXT` above the window.")
	set.BoolVar(&asked, "version", false, "Print the version and exit.")
	switch err := set.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return f, help(set), nil
	case err != nil:
		return f, "", fmt.Errorf("%w; stage --help tells what there is", err)
	case set.NArg() > 0:
		return f, "", fmt.Errorf("%q is too much: the stage takes flags alone; stage --help tells which", set.Arg(0))
	case asked:
		return f, revision.Text(version) + "\n", nil
	}
	return f, "", nil
}

func help(set *flag.FlagSet) string {
	var s strings.Builder
	s.WriteString("Usage: stage [flags]\n\nDraws what the player orders, on the display that DISPLAY names. It is started by the player, not by hand.\n\nFlags:\n")
	set.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(&s, "  %-18s %s\n", strings.TrimSpace("--"+f.Name+" "+value), usage)
	})
	return s.String()
}

// leave ends a process that has no display, with what it was asked or with what is missing.
func leave(args []string, stdout, stderr io.Writer, exit func(status int)) error {
	problem := missing()
	if problem == nil {
		return nil
	}
	if _, answer, err := Parse(args); err == nil && answer != "" {
		fmt.Fprint(stdout, answer)
		exit(0)
	}
	fmt.Fprintln(stderr, "stage:", problem)
	exit(1) // which the player takes for a missing display
	return problem
}

// missing says what is missing. It leaves the connection open: X begins anew when its last client goes,
// and the graphics library would come just then.
func missing() error {
	x, err := panel.Open()
	if err != nil {
		return err
	}
	return x.Check()
}
