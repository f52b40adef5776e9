package identity_test

import (
	"fmt"
	"testing"

	"anteroom/player/identity"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/faulttest"
)

func TestMain(m *testing.M) {
	faulttest.Main(m, map[string]faulttest.Operation{"identity": pinChild})
}

// pinChild begins and is moved from screen to screen: "is", its id, then "ask 2", "have 2".
func pinChild(c *faulttest.Child) error {
	var i *identity.Identity
	err := c.Try(func() (err error) {
		i, err = identity.Open(c.Dir)
		return err
	})
	if err != nil {
		return err
	}
	c.Say("is %s", i.Player())
	for n := 1; n <= 3; n++ {
		c.Say("ask %d", n)
		if err := c.Try(func() error { return i.Pin(controller(1), playlists.ScreenID(fmt.Sprint("screen-", n))) }); err != nil {
			return err
		}
		c.Say("have %d", n)
	}
	return nil
}

func TestFaultsOfIdentity(t *testing.T) {
	faulttest.Campaign{Operation: "identity", Check: func(t *testing.T, dir string, said []string) {
		var is string
		asked, had := 0, 0
		for _, line := range said {
			_, _ = fmt.Sscanf(line, "is %s", &is)
			_, _ = fmt.Sscanf(line, "ask %d", &asked)
			_, _ = fmt.Sscanf(line, "have %d", &had)
		}
		i := open(t, dir)
		on := 0
		_, _ = fmt.Sscanf(string(i.Screen()), "screen-%d", &on)
		if is != "" && is != string(i.Player()) || on < had || on > asked {
			t.Errorf("player %s on screen %d; it was %s, asked for %d, had %d", i.Player(), on, is, asked, had)
		}
		if len(i.Notes()) > 0 {
			t.Errorf("it speaks of damage: %q", i.Notes())
		}
		if again := open(t, dir); again.Player() != i.Player() || again.Screen() != i.Screen() {
			t.Errorf("at the second start it is %s on screen %s", again.Player(), again.Screen())
		}
	}}.Run(t)
}
