package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"anteroom/playlists"
)

func (r *runCommand) configPath() string {
	if r.Config != "" {
		return r.Config
	}
	return bootConfig
}

// readConfig takes what neither flags nor environment have said from the file on the boot partition.
// The file may be missing unless it was named.
func (r *runCommand) readConfig() error {
	b, err := os.ReadFile(r.configPath())
	if errors.Is(err, os.ErrNotExist) && r.Config == "" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading configuration: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for n := 1; lines.Scan(); n++ {
		if err := r.set(lines.Text()); err != nil {
			return fmt.Errorf("%s, line %d: %w", r.configPath(), n, err)
		}
	}
	return lines.Err()
}

// set takes one line: "key = value", a comment or nothing.
func (r *runCommand) set(line string) error {
	line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
	if line == "" || line[0] == '#' {
		return nil
	}
	key, value, ok := strings.Cut(line, "=")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	if !ok {
		return fmt.Errorf("%w: write it like controller = https://anteroom.example.org", playlists.ErrInvalid)
	}
	switch key {
	case "controller":
		setUnlessSet(&r.Controller, value)
	case "ca":
		setUnlessSet(&r.CA, value)
	case "stage":
		setUnlessSet(&r.Stage, value)
	case "plain-http":
		allow, err := strconv.ParseBool(value)
		if err != nil {
			return fmt.Errorf("%w: plain-http is true or false, not %q", playlists.ErrInvalid, value)
		}
		r.PlainHTTP = r.PlainHTTP || allow
	default:
		return fmt.Errorf("%w: %q is none of controller, ca, stage, plain-http", playlists.ErrInvalid, key)
	}
	return nil
}

func setUnlessSet(to *string, value string) {
	if *to == "" {
		*to = value
	}
}
