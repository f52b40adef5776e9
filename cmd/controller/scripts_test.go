package main

import (
	"errors"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// wantStatus runs a command and holds its exit status: status 2 controller serve.
func wantStatus(ts *testscript.TestScript, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// visit waits for a link on a background command's standard output, and opens it: visit FILE PATTERN WORDS.
func visit(ts *testscript.TestScript, args []string) {
	link := ""
	for deadline := time.Now().Add(2 * time.Minute); link == "" && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		link = regexp.MustCompile(args[1]).FindString(ts.ReadFile(args[0]))
	}
	if link == "" {
		ts.Fatalf("no link like %s in %s", args[1], ts.ReadFile(args[0]))
	}
	response, err := http.Get(link)
	ts.Check(err)
	page, err := io.ReadAll(response.Body)
	ts.Check(errors.Join(err, response.Body.Close()))
	if response.StatusCode != http.StatusOK || !regexp.MustCompile(args[2]).Match(page) {
		ts.Fatalf("%s answered %d: %s", link, response.StatusCode, page)
	}
}
