package controller

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"strings"

	"anteroom/controller/content"
	"anteroom/controller/voice"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// openVoice opens the patients' side, if there is an address for it.
func (o *Controller) openVoice(ctx context.Context, c *Config, key ed25519.PrivateKey, files *content.Content) error {
	if c.PublicURL == "" {
		return nil
	}
	if _, ok := address(c.PublicURL); !ok {
		return fmt.Errorf("%w: public-url: %q is not an address that phones can open: write it like https://tv.example.org, with a port if it has one and nothing behind", playlists.ErrInvalid, c.PublicURL)
	}
	if len(c.TrustedProxies) == 0 && strings.HasPrefix(c.PublicURL, "https://") {
		c.Log.WarnContext(ctx, "patients' pages have no trusted proxy", slog.String("advice", "name the proxy in --trusted-proxies, or all phones count as one network, of which few answers are counted"))
	}
	o.publicURL = c.PublicURL
	var err error
	if o.voice, err = voice.New(voice.Config{
		URL: c.PublicURL, Documents: o.store, Counts: o.store, Content: files, Programmes: o.publish, Thumbnail: o.ingest.Thumbnail,
		Key: func(id playlists.ScreenID) playlists.HandOffKey { return wire.HandOffKey(key, id) }, Log: c.Log,
	}); err != nil {
		return err
	}
	o.public, err = listener(ctx, "public-listen", c.PublicListener, c.PublicListen)
	return err
}

// PublicURL is where patients' phones reach their pages; empty if they do not.
func (o *Controller) PublicURL() string { return o.publicURL }
