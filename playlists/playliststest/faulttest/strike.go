package faulttest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// envStruck makes a test's binary start the program that its arguments name under a watch.
const envStruck = "ANTEROOM_FAULT_STRUCK"

// Strike breaks one call by which a program, or any that it starts, changes or reads what is below a directory. The kernel
// asks before each such call, in the order in which all of them make theirs.
type Strike struct {
	Dir string
	// Nth is the call, from 1 on; 0 breaks none.
	Nth int
	// Errno is what the call fails with; 0 kills who makes it.
	Errno syscall.Errno
	// Reading: calls that only read count, too.
	Reading bool
}

// Struck is what came of a strike.
type Struck struct {
	// Calls are all calls that were made: "fsync store/documents.db".
	Calls []string
	// Broken is the one that was broken; empty if it was never made.
	Broken string
	// Err is how the program ended.
	Err error
	// Said is its output.
	Said string
}

// Run runs a program, and returns when all that it started has ended. The test's TestMain must begin with [StartStruck].
// It skips the test, and says why, where a process may not be watched.
func (s Strike) Run(ctx context.Context, t *testing.T, program ...string) Struck {
	t.Helper()
	ours, theirs, err := pair()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ours.Close() }()
	cmd := exec.CommandContext(ctx, os.Args[0], program...)
	cmd.Env = append(os.Environ(), envStruck+"=1")
	cmd.ExtraFiles = []*os.File{theirs}
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.WaitDelay = patience
	err = cmd.Start()
	_ = theirs.Close()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := receive(ours)
	if err != nil {
		_ = cmd.Wait()
		t.Skipf("SKIPPED: this machine lets nobody watch a process, so these faults are not tried: %v: %s", err, said.String())
	}
	defer func() { _ = unix.Close(listener) }()
	w := &watch{Strike: s, listener: listener}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	failed := w.serve(ctx)
	if err := <-ended; failed == nil {
		return Struck{w.calls, w.broken, err, said.String()}
	}
	t.Fatalf("watching %v: %v", program, failed)
	return Struck{}
}

// pair are two ends of a socket.
func pair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(fds[0]), "ours"), os.NewFile(uintptr(fds[1]), "theirs"), nil
}

// receive takes the descriptor by which the kernel asks.
func receive(from *os.File) (int, error) {
	b, rights := make([]byte, 1), make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(int(from.Fd()), b, rights, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return 0, err
	}
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil {
		return 0, err
	}
	if len(messages) != 1 {
		return 0, errors.New("it sent nothing")
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return 0, err
	}
	return fds[0], nil
}

// StartStruck makes this process the program of a [Strike], if it is to become one; then it only returns an error.
func StartStruck() error {
	if os.Getenv(envStruck) == "" {
		return nil
	}
	runtime.LockOSThread() // the filter is the thread's, which becomes the program
	if err := os.Unsetenv(envStruck); err != nil {
		return err
	}
	return becomeStruck(os.Args[1:])
}

func becomeStruck(program []string) error {
	const socket = 3
	path, err := exec.LookPath(program[0])
	if err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	filter := asking()
	rules := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	listener, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, uintptr(unsafe.Pointer(&rules)))
	if errno != 0 {
		return fmt.Errorf("asking the kernel to ask: %w", errno)
	}
	if err := unix.Sendmsg(socket, []byte{1}, unix.UnixRights(int(listener)), nil, 0); err != nil {
		return err
	}
	unix.CloseOnExec(socket)
	unix.CloseOnExec(int(listener))
	return syscall.Exec(path, program, os.Environ())
}

// What the kernel asks about, by what names the file: a descriptor, a path, or two.
type asked struct {
	name  string
	paths int
	reads bool
}

func watched() map[int32]asked {
	return map[int32]asked{
		unix.SYS_WRITE: {name: "write"}, unix.SYS_PWRITE64: {name: "pwrite64"}, unix.SYS_FTRUNCATE: {name: "ftruncate"},
		unix.SYS_FALLOCATE: {name: "fallocate"}, unix.SYS_FSYNC: {name: "fsync"}, unix.SYS_FDATASYNC: {name: "fdatasync"},
		unix.SYS_FCHMOD: {name: "fchmod"}, unix.SYS_FCHMODAT: {name: "fchmodat", paths: 1}, unix.SYS_OPENAT: {name: "openat", paths: 1},
		unix.SYS_MKDIRAT: {name: "mkdirat", paths: 1}, unix.SYS_UNLINKAT: {name: "unlinkat", paths: 1},
		unix.SYS_LINKAT: {name: "linkat", paths: 2}, unix.SYS_RENAMEAT: {name: "renameat", paths: 2}, unix.SYS_RENAMEAT2: {name: "renameat2", paths: 2},
		unix.SYS_READ: {name: "read", reads: true}, unix.SYS_PREAD64: {name: "pread64", reads: true}, unix.SYS_GETDENTS64: {name: "getdents64", reads: true},
	}
}

// asking is a filter that lets the kernel ask before the calls that are watched.
func asking() []unix.SockFilter {
	const loadNumber, ifEqual, answer = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	rules := []unix.SockFilter{{Code: loadNumber}}
	for number := range watched() {
		rules = append(rules, unix.SockFilter{Code: ifEqual, Jf: 1, K: uint32(number)}, unix.SockFilter{Code: answer, K: unix.SECCOMP_RET_USER_NOTIF})
	}
	return append(rules, unix.SockFilter{Code: answer, K: unix.SECCOMP_RET_ALLOW})
}

// The kernel's question and the answer to it: seccomp_notif and seccomp_notif_resp.
type question struct {
	ID      uint64
	TID     uint32
	Flags   uint32
	Number  int32
	Machine uint32
	At      uint64
	Args    [6]uint64
}

type answer struct {
	ID    uint64
	Value int64
	Error int32
	Flags uint32
}

// watch answers for one program and all that it starts.
type watch struct {
	Strike

	listener int
	calls    []string
	broken   string
}

// serve answers until nobody is left who could make a call.
func (w *watch) serve(ctx context.Context) error {
	known := watched()
	for {
		poll := []unix.PollFd{{Fd: int32(w.listener), Events: unix.POLLIN}}
		switch n, err := unix.Poll(poll, 100); {
		case errors.Is(err, unix.EINTR) || err == nil && n == 0:
			if ctx.Err() != nil {
				return ctx.Err()
			}
			continue
		case err != nil:
			return err
		case poll[0].Revents&unix.POLLIN == 0:
			return nil
		}
		var q question
		if errno := w.ioctl(unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&q)); errno == unix.ENOENT || errno == unix.EINTR {
			continue // who asked is dead
		} else if errno != 0 {
			return errno
		}
		a := answer{ID: q.ID, Flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
		if w.breaks(&q, known[q.Number]) {
			if w.Errno == 0 {
				_ = unix.Kill(int(q.TID), unix.SIGKILL) // it may have died already
				continue
			}
			a = answer{ID: q.ID, Error: -int32(w.Errno)}
		}
		if errno := w.ioctl(unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&a)); errno != 0 && errno != unix.ENOENT {
			return errno
		}
	}
}

func (w *watch) ioctl(what uintptr, arg unsafe.Pointer) syscall.Errno {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(w.listener), what, uintptr(arg))
	return errno
}

// breaks counts a call if it is one of those that may be broken, and reports whether it is the one.
func (w *watch) breaks(q *question, a asked) bool {
	if q.Number == unix.SYS_OPENAT {
		a.reads = q.Args[2]&(unix.O_WRONLY|unix.O_RDWR|unix.O_CREAT|unix.O_TRUNC) == 0
	}
	path := path(q, a)
	rel, err := filepath.Rel(w.Dir, path)
	if err != nil || strings.HasPrefix(rel, "..") || a.reads && !w.Reading {
		return false
	}
	w.calls = append(w.calls, a.name+" "+rel)
	if len(w.calls) != w.Nth {
		return false
	}
	w.broken = a.name + " " + rel
	return true
}

// path is the file that a call is about; the last one, if it names two.
func path(q *question, a asked) string {
	if a.paths == 0 {
		return opened(q, q.Args[0])
	}
	at := 2 * (a.paths - 1)
	name := text(q, uintptr(q.Args[at+1]))
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(opened(q, q.Args[at]), name)
}

// text is one in a process's memory; what follows its page need not be there.
func text(q *question, at uintptr) string {
	b := make([]byte, unix.PathMax)
	first := pageSize - int(at%pageSize)
	there := []unix.RemoteIovec{{Base: at, Len: first}, {Base: at + uintptr(first), Len: len(b) - first}}
	n, err := unix.ProcessVMReadv(int(q.TID), []unix.Iovec{{Base: &b[0], Len: uint64(len(b))}}, there, 0)
	if err != nil {
		return ""
	}
	name, _, _ := strings.Cut(string(b[:n]), "\x00")
	return name
}

// opened is the path of a process's descriptor, or of its directory.
func opened(q *question, fd uint64) string {
	name := "cwd"
	if int32(fd) >= 0 {
		name = fmt.Sprint("fd/", int32(fd))
	}
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/%s", q.TID, name))
	if err != nil {
		return ""
	}
	return path
}
