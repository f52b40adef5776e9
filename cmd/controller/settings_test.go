package main

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/alecthomas/kong"
)

// TestSettingsOfThePackage holds the package's file of settings to name what serve reads, and the values to
// be ones that it takes.
func TestSettingsOfThePackage(t *testing.T) {
	file, err := os.ReadFile("../../deploy/controller.env")
	if err != nil {
		t.Fatal(err)
	}
	parser, err := kong.New(&commands{}, kong.DefaultEnvars("ANTEROOM"))
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, command := range parser.Model.Children {
		if command.Name == "serve" {
			for _, f := range command.Flags {
				known = append(known, f.Envs...)
			}
		}
	}
	settings := regexp.MustCompile(`(?m)^#?(ANTEROOM_\w+)=(.*)$`).FindAllSubmatch(file, -1)
	if len(settings) < 5 {
		t.Fatalf("only %d settings", len(settings))
	}
	for _, s := range settings {
		if name := string(s[1]); !slices.Contains(known, name) {
			t.Errorf("%s is read by nothing; serve reads %v", name, known)
		}
		t.Setenv(string(s[1]), string(s[2]))
	}
	if _, err := parser.Parse([]string{"serve", "--data", t.TempDir()}); err != nil {
		t.Error(err)
	}
}
