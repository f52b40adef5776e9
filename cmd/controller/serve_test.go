package main

import (
	"context"
	"io"
	"strings"
	"testing"
)

func TestStoppedBeforeItHasStarted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	serve := serveCommand{Data: directory(t.TempDir()), Listen: "127.0.0.1:0", Log: "text"}
	var out strings.Builder
	if err := serve.Run(ctx, &process{stdout: &out, stderr: io.Discard}); err != nil || out.Len() != 0 {
		t.Errorf("got %v and %q; being told to stop is no fault", err, out.String())
	}
}
