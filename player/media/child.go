package media

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

// child runs a command to its end or the context's. Its standard output goes to out, which is closed
// here; what it says on standard error is kept to the last 4 KiB.
//
// The kernel kills the child when the thread that started it ends, and with it when this process is
// killed; so that thread is held until the child has gone.
func child(ctx context.Context, out *os.File, name string, args ...string) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	said := &tail{most: 4 << 10}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = said
	if out != nil {
		cmd.Stdout = out
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err := cmd.Start()
	if out != nil {
		err = errors.Join(err, out.Close())
	}
	if err == nil {
		err = cmd.Wait()
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("%s is not installed: apt-get install ffmpeg: %w", name, err)
	}
	return fmt.Errorf("%s: %w: %s", name, err, said)
}

// tail keeps the end of what is written to it.
type tail struct {
	mu    sync.Mutex
	bytes []byte
	most  int
}

// Write implements [io.Writer]; it never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes = append(t.bytes, p...)
	if over := len(t.bytes) - t.most; over > 0 {
		t.bytes = append(t.bytes[:0], t.bytes[over:]...)
	}
	return len(p), nil
}

// String is what was kept, on one line.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(strings.Fields(string(t.bytes)), " ")
}

// local is what keeps a file from making ffmpeg read anything but itself.
func local(path string) []string {
	return []string{"-protocol_whitelist", "file,pipe", "-i", "file:" + path}
}
