// Command curves draws what the benchmark of costs printed.
//
//	go test -run '^$' -bench Costs ./cmd/fleet/ | go run ./curves -o costs.svg
//
// It reads Go's benchmark lines whose names end in screens=N, and makes a panel of each cost, all axes logarithmic.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("curves", flag.ContinueOnError)
	flags.SetOutput(stderr)
	out := flags.String("o", "costs.svg", "`file` to draw into")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if err := curves(stdin, stdout, *out); err != nil {
		fmt.Fprintln(stderr, "curves:", err)
		return 1
	}
	return 0
}

// curves passes on what it reads, and draws it.
func curves(in io.Reader, pass io.Writer, path string) error {
	m, err := read(io.TeeReader(in, pass))
	if err != nil {
		return err
	}
	picture, err := draw(m, panels())
	if err != nil {
		return err
	}
	return os.WriteFile(path, picture, 0o644)
}
