package access

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"anteroom/controller/store"
	"anteroom/playlists"
)

var update = flag.Bool("update", false, "write the golden files")

// kinds are all kinds of object, and one that nobody has thought of.
func kinds() []store.Kind {
	return []store.Kind{
		"organisation", "site", "department", "screen", "item", "playlist", "layout", "window", "closure", "topic", "state", "publication", "takeover",
		"head", "player", UserKind, UploadKind, AssetKind, PlayKind, AuditKind, AccountKind, TokenKind, "session", "unheard-of",
	}
}

// rights draws what a role may do: a line per kind and action, a column per scope of the object, for
// somebody of Cardiology and somebody responsible everywhere.
func rights(r Role) string {
	own, both, other := []playlists.DepartmentID{"cardiology"}, []playlists.DepartmentID{"cardiology", "eyes"}, []playlists.DepartmentID{"eyes"}
	local := Actor{Name: "ann", Role: r, Departments: own}
	all := Actor{Name: "bob", Role: r, Everywhere: true}
	var b strings.Builder
	for _, k := range kinds() {
		for _, action := range Actions() {
			line := ""
			for _, a := range []Actor{local, all} {
				for _, departments := range [][]playlists.DepartmentID{nil, own, both, other} {
					line += " " + yes(Authorize(a, action, Object{Kind: k, Departments: departments}))
				}
				line += "  "
			}
			if strings.Contains(line, "yes") {
				fmt.Fprintf(&b, "%-14s%-13s%-8s%s\n", r, k, action, strings.TrimRight(line, " "))
			}
		}
	}
	return b.String()
}

func yes(err error) string {
	if err == nil {
		return "yes"
	}
	return " - "
}

// The table is the whole of what anybody may do: role x kind x action x scope. What has no line is
// denied to everybody of that role.
func TestAuthorizeTable(t *testing.T) {
	got := "                                    somebody of Cardiology,  responsible everywhere;\n" +
		"                                    objects of: no department, own, own and another, another\n"
	for _, r := range append(Roles(), "", "root", "Administrator") {
		got += rights(r)
	}
	const golden = "testdata/rights.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAuthorizeFailsClosed(t *testing.T) {
	anything := Object{Kind: "item"}
	for name, a := range map[string]Actor{
		"a stranger":                 {},
		"an administrator unnamed":   {Role: Administrator, Everywhere: true},
		"a role that there is not":   {Name: "ann", Role: "root", Everywhere: true},
		"no role":                    {Name: "ann", Everywhere: true},
		"a role in another case":     {Name: "ann", Role: "ADMINISTRATOR", Everywhere: true},
		"an administrator of no one": {Name: "ann", Role: Administrator},
	} {
		for _, action := range Actions() {
			o := anything
			if a.Role == Administrator && a.Name != "" {
				o.Departments = []playlists.DepartmentID{"cardiology"}
			}
			if err := Authorize(a, action, o); !errors.Is(err, playlists.ErrDenied) {
				t.Errorf("%s may %s: %v", name, action, err)
			}
		}
	}
	all := Actor{Name: "ann", Role: Administrator, Everywhere: true}
	for _, action := range []Action{"", "SEE", "destroy"} {
		if err := Authorize(all, action, anything); !errors.Is(err, playlists.ErrDenied) {
			t.Errorf("an action %q is allowed", action)
		}
	}
	for _, k := range []store.Kind{"", "session", "Item"} {
		for _, action := range Actions() {
			if err := Authorize(all, action, Object{Kind: k}); !errors.Is(err, playlists.ErrDenied) {
				t.Errorf("%s of a kind %q is allowed", action, k)
			}
		}
	}
}

func TestDeniedSaysWhatToDo(t *testing.T) {
	window := Object{Kind: "window", Departments: []playlists.DepartmentID{"eyes"}}
	for want, a := range map[string]Actor{
		"sign in first":                     {},
		"only in your own departments":      {Name: "ann", Role: Scheduler, Departments: []playlists.DepartmentID{"cardiology"}},
		"a viewer may not edit windows":     {Name: "ann", Role: Viewer, Everywhere: true},
		"ask an administrator":              {Name: "ann", Role: Marketer, Everywhere: true},
		"ask a colleague there or an admin": {Name: "ann", Role: Administrator, Departments: []playlists.DepartmentID{"cardiology"}},
	} {
		if err := Authorize(a, Edit, window); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say %q", err, want)
		}
	}
}

// TestHoldsAsItIsDecided: what somebody is told that they may do is what they may do.
func TestHoldsAsItIsDecided(t *testing.T) {
	own := []playlists.DepartmentID{"cardiology"}
	for _, r := range Roles() {
		for _, a := range []Actor{{Name: "ann", Role: r, Departments: own}, {Name: "bob", Role: r, Everywhere: true}, {Name: "cem", Role: r}} {
			for _, k := range kinds() {
				for _, action := range Actions() {
					holds, bound := Holds(a, action, k)
					may := func(departments []playlists.DepartmentID) bool {
						return Authorize(a, action, Object{Kind: k, Departments: departments}) == nil
					}
					want := may(nil) || may(own)
					if holds != want || holds && bound == may(nil) {
						t.Errorf("%s, %s %s: told %v, bound to their own %v", a.Name, action, k, holds, bound)
					}
					if among := slices.Contains(Holders(action, k), r); holds && !among {
						t.Errorf("%s may %s %s, and is not among who may", r, action, k)
					}
				}
			}
		}
	}
}
