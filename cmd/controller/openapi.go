package main

import (
	"anteroom/cmd/internal/revision"
	"anteroom/controller"
)

type openAPICommand struct{}

// Run prints the document that clients are made from.
func (openAPICommand) Run(p *process) error {
	b, err := controller.OpenAPI(revision.Text(version))
	if err != nil {
		return err
	}
	_, err = p.stdout.Write(b)
	return err
}
