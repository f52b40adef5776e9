package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/centrifugal/centrifuge"
)

const (
	peerPath    = "/connection/websocket"
	peerChannel = "all"
	// Of these two names, clients have one.
	stallers = "stalls"
	readers  = "reads"
)

// peer is a centrifuge node with the settings that its documentation begins with: one channel, on which everybody is.
type peer struct {
	node *centrifuge.Node
}

func newPeer() (*peer, error) {
	node, err := centrifuge.New(centrifuge.Config{})
	if err != nil {
		return nil, fmt.Errorf("making a node: %w", err)
	}
	node.OnConnecting(func(_ context.Context, e centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{
			Credentials:   &centrifuge.Credentials{UserID: e.Name},
			Subscriptions: map[string]centrifuge.SubscribeOptions{peerChannel: {}},
		}, nil
	})
	if err := node.Run(); err != nil {
		return nil, fmt.Errorf("running a node: %w", err)
	}
	return &peer{node: node}, nil
}

func (p *peer) obey(o order) (a answer, err error) {
	switch o.Do {
	case "prepare":
	case "count":
		a.Count = p.node.Hub().NumClients()
	case "send":
		err = p.send(o.Bytes)
	case "jam":
		err = p.jam(o.Bytes)
	default:
		err = unknown(o)
	}
	return a, err
}

// send publishes as many bytes of data as a message has.
func (p *peer) send(size int) error {
	_, err := p.node.Publish(peerChannel, words(size))
	return err
}

// words is JSON of as many bytes.
func words(size int) []byte {
	return []byte(`"` + strings.Repeat("x", max(size-len(`""`), 0)) + `"`)
}

// jam fills the buffers of those who can stall.
func (p *peer) jam(size int) error {
	data := words(size)
	return jam(func() int {
		all := p.node.Hub().UserConnections(stallers)
		for _, c := range all {
			_ = c.Send(data) // fails for those that it has given up
		}
		return len(all)
	})
}

// runPeer serves until there are no more orders.
func runPeer(ctx context.Context, in io.Reader, out io.Writer) error {
	p, err := newPeer()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle(peerPath, centrifuge.NewWebsocketHandler(p.node, centrifuge.WebsocketConfig{}))
	return listen(ctx, mux, p.obey, in, out)
}
