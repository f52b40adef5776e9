package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"anteroom/player"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"player": main,
		// A stage that says that it is there and then only lives.
		"fakestage": func() {
			fmt.Println(`{"ready":{"width":640,"height":360,"renderer":"none"}}`)
			for s := bufio.NewScanner(os.Stdin); s.Scan(); {
				fmt.Fprintln(os.Stderr, s.Text())
			}
		},
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"eventually": eventually,
		},
	})
}

// eventually runs a command until it succeeds, for two minutes.
func eventually(ts *testscript.TestScript, _ bool, args []string) {
	for range 1200 {
		if ts.Exec(args[0], args[1:]...) == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("never succeeded: %s", strings.Join(args, " "))
}

func TestConfigFile(t *testing.T) {
	tests := []struct {
		name, file string
		given      runCommand
		want       runCommand
		fault      string
	}{
		{name: "a controller", file: "controller = https://a.example\n", want: runCommand{Controller: "https://a.example"}},
		{name: "written on Windows, with a comment", file: "\ufeff# our controller\r\ncontroller=https://a.example\r\n\r\n", want: runCommand{Controller: "https://a.example"}},
		{name: "flags win", file: "controller = https://a.example", given: runCommand{Controller: "https://b.example"}, want: runCommand{Controller: "https://b.example"}},
		{name: "all keys", file: "ca = /c\nstage = /s\nplain-http = true", want: runCommand{CA: "/c", Stage: "/s", PlainHTTP: true}},
		{name: "a typing error", file: "\ncontroler = x", fault: "line 2"},
		{name: "no value", file: "controller", fault: "write it like"},
		{name: "not yes or no", file: "plain-http = perhaps", fault: "true or false"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := t.TempDir() + "/anteroom.conf"
			if err := os.WriteFile(path, []byte(tt.file), 0o600); err != nil {
				t.Fatal(err)
			}
			r := tt.given
			r.Config = path
			err := r.readConfig()
			r.Config = ""
			if tt.fault != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fault) {
					t.Errorf("got %v, want %q", err, tt.fault)
				}
				return
			}
			if err != nil || fmt.Sprint(r) != fmt.Sprint(tt.want) {
				t.Errorf("got %+v, %v, want %+v", r, err, tt.want)
			}
		})
	}
}

func TestStatusInWords(t *testing.T) {
	s := player.Status{
		Player: "p1", Controller: "https://a.example", Unlinked: "no route to host",
		Pairing: &player.Pairing{Code: "BCDFGHJK", Words: []string{"one", "two"}},
		State:   wire.State{Generation: 7, Journal: 1200},
		Health: wire.Health{
			Stage: "drawing", Clock: playlists.ClockUnset, Offered: 8, Missing: 3, Unsent: 40, Notes: []string{"Something is wrong."},
			Showing: []wire.NowShowing{{Region: "full", Title: "Know your numbers"}},
		},
	}
	got := text(&s)
	for _, want := range []string{"BCDFGHJK   one two", "not linked: no route to host", "full: Know your numbers", "generation 7, 8 on its way (3 files missing)", "1200 recorded, 40 to send", "not set", "Something is wrong."} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}
