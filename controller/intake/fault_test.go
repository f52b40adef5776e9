package intake_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"testing"

	"anteroom/controller/intake"
	"anteroom/controller/store/bolt"
	"anteroom/playlists/playliststest/faulttest"
)

func TestMain(m *testing.M) {
	faulttest.Main(m, map[string]faulttest.Operation{"intake": takeIn})
}

// takeIn takes the batches of two machines in, and says "ask one 10" before one is sent whose last play is
// number 10, and "have one 10" once it is acknowledged.
func takeIn(c *faulttest.Child) error {
	var s *bolt.Store
	err := c.Try(func() (err error) {
		s, err = bolt.Open(context.Background(), bolt.Config{Dir: c.Dir})
		return err
	})
	if err != nil {
		return err
	}
	i, err := intake.New(intake.Config{Store: s})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	sent := make(chan error, 1)
	go func() {
		defer cancel()
		sent <- sendAll(c, i)
	}()
	return errors.Join(i.Run(ctx), <-sent, s.Close())
}

func machines() []*machine {
	both := []*machine{newMachine("one"), newMachine("two")}
	for _, m := range both {
		m.show(20, 0)
	}
	return both
}

func sendAll(c *faulttest.Child, i *intake.Intake) error {
	for at := 0; at < 20; at += 10 {
		for _, m := range machines() {
			c.Say("ask %s %d", m.name, at+10)
			err := c.Try(func() error {
				ack, err := i.Accept(context.Background(), m.key.Public().(ed25519.PublicKey), m.batch(at, at+10))
				if err == nil && ack.Through != uint64(at+10) {
					err = fmt.Errorf("the answer is %+v", ack)
				}
				return err
			})
			if err != nil {
				return err
			}
			c.Say("have %s %d", m.name, at+10)
		}
	}
	return nil
}

func TestFaultsOfIntake(t *testing.T) {
	faulttest.Campaign{Operation: "intake", Check: func(t *testing.T, dir string, said []string) {
		asked, had := map[string]int{}, map[string]int{}
		for _, line := range said {
			var name string
			var n int
			if _, err := fmt.Sscanf(line, "ask %s %d", &name, &n); err == nil {
				asked[name] = n
			} else if _, err := fmt.Sscanf(line, "have %s %d", &name, &n); err == nil {
				had[name] = n
			}
		}
		s := newSite(t, dir)
		defer s.close()
		for _, m := range machines() {
			through, chain, err := s.intake.Known(t.Context(), m.stream)
			if err != nil || int(through) < had[m.name] || int(through) > asked[m.name] || through > 0 && !sameChain(chain, m.chains[through]) {
				t.Errorf("%s is known through %d, %v; %d was asked for, %d acknowledged", m.name, through, err, asked[m.name], had[m.name])
			}
			m.hello(t, s)
			m.sync(t, s, 7)
		}
		want := slices.Concat(machines()[0].all(), machines()[1].all())
		slices.Sort(want)
		if got := s.stored(t); !slices.Equal(got, want) {
			t.Errorf("stored: %v", got)
		}
		if len(s.alarms) > 0 {
			t.Errorf("alarms: %v", s.alarms)
		}
	}}.Run(t)
}
