package wire

import (
	"crypto/ed25519"
	"errors"
	"strconv"
	"time"

	"anteroom/playlists"
)

// Deed is what an order asks of a player.
type Deed string

// The deeds.
const (
	// Identify writes the order's name and lines over the picture for [IdentifyFor].
	Identify Deed = "identify"
	// RestartStage ends the stage; another starts within a second or two.
	RestartStage Deed = "restart-stage"
	// Reload verifies everything that the player keeps for its programme, links anew and fetches what is missing.
	Reload Deed = "reload"
)

// Deeds lists all deeds.
func Deeds() []Deed { return []Deed{Identify, RestartStage, Reload} }

// IdentifyFor is how long a screen shows its name. A takeover ends it.
const IdentifyFor = 30 * time.Second

// maxLines bounds what an order writes on a screen.
const maxLines = 4

// Order has a player do something once, now. It is not repeated: one that is lost, or that a newer one overtook
// on its way, is given again by whoever still wants it. The player says in [Health.Done] which it carried out
// last. Signature covers [OrderBytes] of the connection that it comes by, so that no order fits another one.
type Order struct {
	// ID tells orders apart: the same one is obeyed once.
	ID string `json:"id"`
	Do Deed   `json:"do"`
	// Name and Lines are what [Identify] writes.
	Name      string   `json:"name,omitempty"`
	Lines     []string `json:"lines,omitempty"`
	Signature []byte   `json:"signature"`
}

// Done is an order that a player has carried out.
type Done struct {
	ID string    `json:"id"`
	Do Deed      `json:"do"`
	At time.Time `json:"at"`
}

// OrderBytes is what a controller signs in an order.
func OrderBytes(c Challenge, h Hello, o Order) []byte {
	parts := [][]byte{
		handshake(orderContext, c, h), []byte(o.ID), []byte(o.Do), []byte(o.Name), []byte(strconv.Itoa(len(o.Lines))),
	}
	for _, l := range o.Lines {
		parts = append(parts, []byte(l))
	}
	return orderContext.bind(parts...)
}

// Verify checks that the order is the controller's, for the connection of this challenge and hello.
func (o *Order) Verify(c Challenge, h Hello) error {
	return signedBy(c, OrderBytes(c, h, *o), o.Signature)
}

// SignOrder signs an order with the controller's key.
func SignOrder(key ed25519.PrivateKey, c Challenge, h Hello, o Order) Order {
	o.Signature = ed25519.Sign(key, OrderBytes(c, h, o))
	return o
}

func (o *Order) check() error {
	texts := len(o.Name) <= maxText && len(o.Lines) <= maxLines
	for _, l := range o.Lines {
		texts = texts && len(l) <= maxText
	}
	return errors.Join(
		wants("order", playlists.ValidID(o.ID), "an id of lower-case letters, digits and hyphens"),
		wants("order", o.Do != "" && len(o.Do) <= 32, "a deed of at most 32 bytes"),
		wants("order", len(o.Signature) == signatureSize, "a signature of 64 bytes"),
		wants("order", texts, "a name and at most 4 lines of at most 300 bytes"),
	)
}

func (d *Done) check() error {
	ok := d == nil || playlists.ValidID(d.ID) && len(d.Do) <= 32
	return wants("an order carried out", ok, "its id and its deed")
}
