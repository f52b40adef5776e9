package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"anteroom/playlists/wire"
)

// settings of a measurement of connections.
type settings struct {
	players, processes, rounds, stalls, reconnects int
}

func measureConnections(ctx context.Context, args []string, stdout io.Writer) (err error) {
	var s settings
	flags := flag.NewFlagSet("connections", flag.ContinueOnError)
	flags.IntVar(&s.players, "players", 19_500, "`number` of players, and of the peer's clients")
	flags.IntVar(&s.processes, "processes", 4, "`number` of processes that they are in")
	flags.IntVar(&s.rounds, "rounds", 15, "`number` of messages to all that are timed")
	flags.IntVar(&s.stalls, "stalls", 3, "`number` of times that 1 % stall")
	flags.IntVar(&s.reconnects, "reconnects", 3, "`number` of times that all reconnect")
	if err := flags.Parse(args); err != nil {
		return err
	}
	m, err := newMeeting(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.end()) }()
	return m.measure(stdout)
}

// meeting is the servers and the clients of a measurement.
type meeting struct {
	settings

	servers map[string]*child
	ports   map[string]int
	fleets  []*child
	size    int // of the message, once one was sent
	remove  []func() error
}

func newMeeting(ctx context.Context, s settings) (*meeting, error) {
	m := &meeting{settings: s, servers: map[string]*child{}, ports: map[string]int{}}
	if err := m.begin(ctx); err != nil {
		return nil, errors.Join(err, m.end())
	}
	return m, nil
}

func (m *meeting) begin(ctx context.Context) error {
	for _, name := range []string{ours, whole} {
		dir, remove, err := dataDir()
		if err != nil {
			return err
		}
		m.remove = append(m.remove, remove)
		if _, err := enter(ctx, dir, m.players, 1); err != nil {
			return err
		}
		if err := m.serve(ctx, name, dir); err != nil {
			return err
		}
	}
	if err := m.serve(ctx, theirs); err != nil {
		return err
	}
	each := (m.players + m.processes - 1) / m.processes
	for from := 0; from < m.players; from += each {
		c, err := start(ctx, "fleet", strconv.Itoa(from), strconv.Itoa(min(each, m.players-from)))
		if err != nil {
			return err
		}
		m.fleets = append(m.fleets, c)
	}
	return nil
}

// serve starts a server and waits for it to listen.
func (m *meeting) serve(ctx context.Context, name string, args ...string) error {
	c, err := start(ctx, append([]string{name}, args...)...)
	if err != nil {
		return err
	}
	m.servers[name] = c
	up, err := c.answer()
	m.ports[name] = up.Port
	return err
}

func (m *meeting) end() error {
	var errs []error
	for _, c := range m.fleets {
		errs = append(errs, c.stop())
	}
	for _, c := range m.servers {
		errs = append(errs, c.stop())
	}
	for _, remove := range m.remove {
		errs = append(errs, remove())
	}
	return errors.Join(errs...)
}

// all gives every fleet an order and adds up their answers.
func (m *meeting) all(o order) (answer, error) {
	answers := make([]answer, len(m.fleets))
	var group errgroup.Group
	for i, f := range m.fleets {
		group.Go(func() (err error) {
			answers[i], err = f.do(o)
			return err
		})
	}
	err := group.Wait()
	var sum answer
	for _, a := range answers {
		sum.Count += a.Count
		sum.Missing += a.Missing
		sum.Last = max(sum.Last, a.Last)
		sum.Bytes = max(sum.Bytes, a.Bytes)
		sum.Errors = append(sum.Errors, a.Errors...)
	}
	return sum, err
}

// tell gives a server an order.
func (m *meeting) tell(server string, o order) (answer, error) {
	a, err := m.servers[server].do(o)
	if err == nil && len(a.Errors) > 0 {
		err = fmt.Errorf("%s: %s", server, a.Errors[0])
	}
	return a, err
}

// link has everybody link who is not, at once, and gives the time until the last one is.
func (m *meeting) link(server string) (took time.Duration, failed int, err error) {
	began := now()
	a, err := m.all(order{Do: "link", Server: server, Port: m.ports[server]})
	if err == nil && len(a.Errors) > 0 {
		err = fmt.Errorf("%s: %d of %d did not link: %s", server, a.Missing, a.Count+a.Missing, a.Errors[0])
	}
	return time.Duration(a.Last - began), a.Missing, err
}

// settle links everybody, however many tries that takes.
func (m *meeting) settle(server string) error {
	const tries = 10
	for try := 1; ; try++ {
		_, failed, err := m.link(server)
		if failed == 0 || try == tries {
			return err
		}
	}
}

// message sends one to all and gives the time until the last of those that listen has it.
func (m *meeting) message(server string) (time.Duration, error) {
	t, _, err := m.spentOnMessage(server)
	return t, err
}

// spentOnMessage is message with the server's processor time.
func (m *meeting) spentOnMessage(server string) (took, spent time.Duration, err error) {
	if _, err := m.tell(server, order{Do: "prepare"}); err != nil {
		return 0, 0, err
	}
	if _, err := m.all(order{Do: "quiet"}); err != nil {
		return 0, 0, err
	}
	if _, err := m.all(order{Do: "expect", Server: server}); err != nil {
		return 0, 0, err
	}
	pid := m.servers[server].cmd.Process.Pid
	before, err := used(pid)
	if err != nil {
		return 0, 0, err
	}
	began := now()
	if err := m.servers[server].order(order{Do: "send", Bytes: m.size}); err != nil {
		return 0, 0, err
	}
	a, err := m.all(order{Do: "await"})
	if err != nil {
		return 0, 0, err
	}
	if sent, err := m.servers[server].answer(); err != nil || len(sent.Errors) > 0 {
		return 0, 0, fmt.Errorf("%s: sending: %w %v", server, err, sent.Errors)
	}
	if a.Missing > 0 {
		return 0, 0, fmt.Errorf("%s: %d did not get the message", server, a.Missing)
	}
	m.size = a.Bytes
	after, err := used(pid)
	return time.Duration(a.Last - began), after - before, err
}

// times are how long something took, in several rounds.
type times []time.Duration

func (t times) median() time.Duration {
	sorted := slices.Sorted(slices.Values(t))
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)/2]
}

func (t times) String() string {
	if len(t) == 0 {
		return "not measured"
	}
	return fmt.Sprintf("%s (%s to %s)", short(t.median()), short(slices.Min(t)), short(slices.Max(t)))
}

func short(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

func (m *meeting) measure(stdout io.Writer) error {
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	defer func() { _ = table.Flush() }()
	fmt.Fprintf(table, "%d players in %d processes\tanteroom\tcentrifuge %s\tratio\n", m.players, m.processes, versionOf("github.com/centrifugal/centrifuge"))
	for _, part := range []func(io.Writer) error{m.linkAll, m.messages, m.stalled, m.reconnect} {
		if err := part(table); err != nil {
			return err
		}
	}
	return nil
}

// versionOf is the version of a module that this program is made of.
func versionOf(module string) string {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return ""
	}
	for _, d := range info.Deps {
		if d.Path == module {
			return d.Version
		}
	}
	return ""
}

// memory is what linking added to a server, in bytes for each client.
type memory struct {
	before               int // of the server
	atOnce, atRest, tidy int
}

// linkAll links everybody for the first time, and says what that takes of memory: with the garbage of linking, after
// two rounds of pings, and when all garbage has been collected. Before it there was none either.
func (m *meeting) linkAll(out io.Writer) error {
	servers := []string{ours, whole, theirs}
	grown := map[string]*memory{}
	for _, server := range servers {
		before, err := m.tidied(server)
		if err != nil {
			return err
		}
		if err := m.settle(server); err != nil {
			return err
		}
		grown[server] = &memory{before: before}
		if grown[server].atOnce, err = resident(m.servers[server].cmd.Process.Pid); err != nil {
			return err
		}
	}
	const twoPings = time.Minute
	<-time.After(twoPings)
	for _, server := range servers {
		now := grown[server]
		var err, tidy error
		now.atRest, err = resident(m.servers[server].cmd.Process.Pid)
		now.tidy, tidy = m.tidied(server)
		if err := errors.Join(err, tidy); err != nil {
			return err
		}
		now.atOnce, now.atRest, now.tidy = (now.atOnce-now.before)/m.players, (now.atRest-now.before)/m.players, (now.tidy-now.before)/m.players
	}
	fmt.Fprintf(out, "resident memory that linking added, bytes each: at once\t%d\t%d\n", grown[whole].atOnce, grown[theirs].atOnce)
	fmt.Fprintf(out, "  after a minute\t%d\t%d\n", grown[whole].atRest, grown[theirs].atRest)
	fmt.Fprintf(out, "  without garbage\t%d\t%d\n", grown[whole].tidy, grown[theirs].tidy)
	fmt.Fprintf(out, "  the same of a hub alone\t%d, %d, %d\n", grown[ours].atOnce, grown[ours].atRest, grown[ours].tidy)
	return nil
}

// tidied has a server collect its garbage and gives its memory.
func (m *meeting) tidied(server string) (int, error) {
	if _, err := m.tell(server, order{Do: "tidy"}); err != nil {
		return 0, err
	}
	return resident(m.servers[server].cmd.Process.Pid)
}

// messages times a message to all, the two servers in turn.
func (m *meeting) messages(out io.Writer) error {
	took, spent := map[string]times{}, map[string]time.Duration{}
	for round := range m.rounds + 1 {
		for _, server := range turns(round, ours) {
			t, cpu, err := m.spentOnMessage(server)
			if err != nil {
				return err
			}
			if round > 0 { // the first warms up
				took[server] = append(took[server], t)
				spent[server] += cpu
			}
		}
	}
	n := time.Duration(max(m.rounds, 1))
	fmt.Fprintf(out, "message of %d bytes, to the last\t%s\t%s\t%s\n", m.size, took[ours], took[theirs], ratio(took[ours], took[theirs]))
	fmt.Fprintf(out, "processor time of the server in such a round\t%s\t%s\n", short(spent[ours]/n), short(spent[theirs]/n))
	return nil
}

// ratio compares two series pair by pair.
func ratio(a, b times) string {
	if len(a) == 0 {
		return ""
	}
	var all []float64
	for i := range a {
		all = append(all, float64(a[i])/float64(b[i]))
	}
	slices.Sort(all)
	return fmt.Sprintf("%.2f (%.2f to %.2f)", all[len(all)/2], all[0], all[len(all)-1])
}

// turns is who goes first.
func turns(round int, ours string) []string {
	if round%2 == 0 {
		return []string{ours, theirs}
	}
	return []string{theirs, ours}
}

const (
	// filling is how many times as long the messages are that fill the buffers of peers that do not read.
	filling = 12
	// shortly is how many messages are timed then.
	shortly = 7
)

// stall is what came of one in a hundred that does not read, for a while.
type stall struct {
	took times
	// held is how many of them a server had not given up when the last message was timed, and gave up no later than it
	// gives up whom it could not write to when the first was; lost is how many it gave up in all.
	held, lost int
}

// stalled times messages to the others while one in a hundred does not read, against as many with all reading.
func (m *meeting) stalled(out io.Writer) error {
	typical, worst := map[string]times{}, map[string]times{}
	held, lost := map[string]int{}, map[string]int{}
	for round := range m.stalls {
		for _, server := range turns(round, ours) {
			well, err := m.several(server)
			if err != nil {
				return err
			}
			ill, err := m.ill(server)
			if err != nil {
				return err
			}
			typical[server] = append(typical[server], ill.took.median()-well.median())
			worst[server] = append(worst[server], slices.Max(ill.took)-slices.Max(well))
			held[server] += ill.held
			lost[server] += ill.lost
		}
	}
	fmt.Fprintf(out, "what 1 in %d that stalls costs the rest: median of %d messages\t%s\t%s\n", oneIn, shortly, typical[ours], typical[theirs])
	fmt.Fprintf(out, "  slowest of them\t%s\t%s\n", worst[ours], worst[theirs])
	fmt.Fprintf(out, "  stalled peers held up from the first to the last, of %d\t%d\t%d\n", m.stalls*(m.players/oneIn), held[ours], held[theirs])
	fmt.Fprintf(out, "  given up in all\t%d\t%d\n", lost[ours], lost[theirs])
	return nil
}

// several times a few messages.
func (m *meeting) several(server string) (times, error) {
	var took times
	for range shortly {
		t, err := m.message(server)
		if err != nil {
			return nil, err
		}
		took = append(took, t)
	}
	return took, nil
}

// ill is several while some peers stall, until the server has given those up. They are linked anew at the end.
func (m *meeting) ill(server string) (s stall, err error) {
	if _, err := m.all(order{Do: "stall", Server: server}); err != nil {
		return s, err
	}
	if _, err := m.tell(server, order{Do: "prepare", Times: filling}); err != nil {
		return s, err
	}
	if _, err := m.tell(server, order{Do: "jam", Players: m.players, Bytes: m.size * filling}); err != nil {
		return s, err
	}
	began := time.Now()
	if s.took, err = m.several(server); err != nil {
		return s, err
	}
	left, err := m.waitFor(server, 0, 0)
	if err != nil {
		return s, err
	}
	at := m.players - m.players/oneIn
	const late = time.Second // for what ends a connection after its last write
	remain, err := m.waitFor(server, at, time.Until(began.Add(wire.WriteDeadline+late)))
	if err != nil {
		return s, err
	}
	s.held, s.lost = left-remain, m.players-remain
	if _, err := m.all(order{Do: "recover", Server: server}); err != nil {
		return s, err
	}
	return s, m.settle(server)
}

// spending is the processor time of a server, of its clients, and of the whole machine.
type spending struct{ server, clients, machine time.Duration }

func (m *meeting) spending(server string) (s spending, err error) {
	if s.server, err = used(m.servers[server].cmd.Process.Pid); err != nil {
		return s, err
	}
	for _, f := range m.fleets {
		one, err := used(f.cmd.Process.Pid)
		if err != nil {
			return s, err
		}
		s.clients += one
	}
	s.machine, err = usedByAll()
	return s, err
}

// reconnect cuts all and has them link again at once, as soon as the server has noticed.
func (m *meeting) reconnect(out io.Writer) error {
	took, failures, spent := map[string]times{}, map[string]int{}, map[string]spending{}
	for round := range m.reconnects {
		for _, server := range turns(round, whole) {
			if err := m.cut(server); err != nil {
				return err
			}
			before, first := m.spending(server)
			t, failed, err := m.link(server)
			after, second := m.spending(server)
			if failed == 0 {
				err = errors.Join(err, first, second)
			}
			if err != nil {
				fmt.Fprintln(out, err)
			}
			took[server] = append(took[server], t)
			failures[server] += failed
			sum := spent[server]
			spent[server] = spending{
				sum.server + after.server - before.server, sum.clients + after.clients - before.clients, sum.machine + after.machine - before.machine,
			}
		}
	}
	n := time.Duration(max(m.reconnects, 1))
	a, b := spent[whole], spent[theirs]
	fmt.Fprintf(out, "all reconnect at once, to the last\t%s\t%s\n", took[whole], took[theirs])
	fmt.Fprintf(out, "  of them failed\t%d\t%d\n", failures[whole], failures[theirs])
	fmt.Fprintf(out, "  processor time of the server\t%s\t%s\n", short(a.server/n), short(b.server/n))
	fmt.Fprintf(out, "  of the clients\t%s\t%s\n", short(a.clients/n), short(b.clients/n))
	fmt.Fprintf(out, "  of all else on this machine\t%s\t%s\n", short((a.machine-a.server-a.clients)/n), short((b.machine-b.server-b.clients)/n))
	return nil
}

// cut hangs everybody up and waits until the server knows.
func (m *meeting) cut(server string) error {
	if _, err := m.all(order{Do: "cut", Server: server}); err != nil {
		return err
	}
	left, err := m.waitFor(server, 0, patience)
	if err == nil && left > 0 {
		err = fmt.Errorf("%s: %d connections remain", server, left)
	}
	return err
}

// waitFor waits a while until a server has no more connections than that, and gives how many it has.
func (m *meeting) waitFor(server string, connections int, within time.Duration) (int, error) {
	for until := time.Now().Add(within); ; <-time.After(50 * time.Millisecond) {
		a, err := m.tell(server, order{Do: "count", Port: m.ports[server]})
		if err != nil || a.Count <= connections || time.Now().After(until) {
			return a.Count, err
		}
	}
}
