package controller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"anteroom/controller/api"
	"anteroom/controller/store/bolt"
)

// State is how a controller is that runs.
type State struct {
	Version string `json:"version"`
	URL     string `json:"url"`    // where people reach it
	Listen  string `json:"listen"` // its address
	// Provider is the issuer of the hospital's identity provider; empty without one.
	Provider string     `json:"provider,omitempty"`
	Losses   api.Losses `json:"losses"`
}

// Ask asks the controller that runs on data how it is; [ErrNotRunning] if none does.
func Ask(ctx context.Context, data string) (State, error) {
	answer, err := askLocal(ctx, data, http.MethodGet, statePath)
	if err != nil {
		return State{}, err
	}
	var s State
	err = json.NewDecoder(answer.Body).Decode(&s)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return State{}, fmt.Errorf("asking the controller how it is: %w", err)
	}
	return s, nil
}

// CheckKey says what is wrong with the key of a controller, and what to do; [fs.ErrNotExist] if there is
// none.
func CheckKey(data string) error {
	_, err := readKey(filepath.Join(data, keyName))
	return err
}

// CheckListen says why a controller could not listen on an address.
func CheckListen(ctx context.Context, address string) error {
	l, err := listener(ctx, "listen", nil, address)
	if err != nil {
		return err
	}
	return l.Close()
}

// ProbeStopped reads every file of the store of a controller that does not run, in child processes, and
// gives how many there are and what is wrong with which; [ErrStoreInUse] if a controller runs.
func ProbeStopped(ctx context.Context, data string) (files int, damaged []error, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, nil, fmt.Errorf("finding the controller's own binary: %w", err)
	}
	dir := filepath.Join(data, storeDir)
	names, release, err := bolt.Hold(dir)
	if err != nil {
		return 0, nil, err
	}
	probe := bolt.ProbeWith(self, probeCommand)
	for _, name := range names {
		if err := probe(ctx, filepath.Join(dir, name)); err != nil {
			damaged = append(damaged, err)
		}
	}
	return len(names), damaged, release()
}

// ErrStoreInUse says that another process has the store.
var ErrStoreInUse = bolt.ErrInUse

// SetAside lists files of the store that failed a probe and were set aside.
func SetAside(data string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(data, storeDir))
	var found []string
	for _, e := range entries {
		if strings.Contains(e.Name(), ".corrupt-") {
			found = append(found, filepath.Join(data, storeDir, e.Name()))
		}
	}
	return found, err
}

// CheckZones says what is wrong with the machine's time zones.
func CheckZones() error {
	_, err := systemZones("America/New_York")
	return err
}
