package hub

import (
	"net"
	"slices"
	"testing"
)

// pieces keeps what is written to it.
type pieces struct {
	net.Conn

	got []string
}

func (p *pieces) Write(b []byte) (int, error) {
	p.got = append(p.got, string(b))
	return len(b), nil
}

func TestWhatIsHeldGoesInOnePiece(t *testing.T) {
	var at pieces
	o := outlet{Conn: &at}
	write := func(s string, hold bool) {
		o.hold(hold)
		if n, err := o.Write([]byte(s)); n != len(s) || err != nil {
			t.Fatalf("writing %q: %d, %v", s, n, err)
		}
	}
	write("head ", false)
	write("welcome ", true)
	write("takeovers ", true)
	write("head ", false)
	write("ack ", false)
	if want := []string{"head ", "welcome takeovers head ", "ack "}; !slices.Equal(at.got, want) {
		t.Errorf("got %q, want %q", at.got, want)
	}
}
