package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"anteroom/controller"
)

type serveCommand struct {
	Data    string `required:"" type:"path" placeholder:"DIR" help:"Directory that belongs to the controller."`
	Listen  string `default:"127.0.0.1:8080" placeholder:"ADDR" help:"Address for staff and players (${default})."`
	Metrics string `default:"127.0.0.1:9464" placeholder:"ADDR" help:"Address of the metrics' own listener (${default}); empty for none."`
	URL     string `name:"url" placeholder:"URL" help:"Where people reach this controller, if a proxy stands before it: https://tv.example.org."`
	Log     string `enum:"text,json" default:"text" help:"Form of the log on standard error: text or json."`
	Verbose bool   `help:"Log what is only of use to developers, too."`
}

// Run serves until the process is told to stop.
func (s *serveCommand) Run(ctx context.Context, p *process) error {
	c, err := controller.New(ctx, controller.Config{
		Data: s.Data, Listen: s.Listen, Metrics: s.Metrics, URL: s.URL, Version: versionText(), Log: s.logger(p),
	})
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // told to stop before it had started
	}
	if err != nil {
		return err
	}
	link, err := c.FirstLink(ctx)
	if err != nil {
		return fmt.Errorf("making the first link: %w (closing: %w)", err, c.Close())
	}
	tell(p.stdout, "Anteroom is at %s\n", c.URL())
	if link != "" {
		tell(p.stdout, "Nobody can sign in yet. Open this link once to make the first administrator:\n\n    %s\n\n", link)
	}
	return c.Run(ctx)
}

func (s *serveCommand) logger(p *process) *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	if s.Verbose {
		o.Level = slog.LevelDebug
	}
	if s.Log == "json" {
		return slog.New(slog.NewJSONHandler(p.stderr, o))
	}
	return slog.New(slog.NewTextHandler(p.stderr, o))
}
