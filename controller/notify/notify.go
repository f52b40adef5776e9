package notify

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"anteroom/controller/store"
	"anteroom/playlists"
)

const (
	// StateKind is the kind of the document that holds what was told and what is still to be sent.
	StateKind = store.Kind("notify")
	id        = "state"
)

const (
	lookEvery = time.Minute
	// firstRetry doubles with every attempt, up to lastRetry; after giveUp it is not tried any more.
	firstRetry = time.Minute
	lastRetry  = time.Hour
	giveUp     = 24 * time.Hour
	// mostAttempts are more than fit into that; a message that a wrong clock dates ahead ends by them.
	mostAttempts = 40
	// maxLetters bounds what waits; keptFailed and keptSent what is remembered of what never arrived, and of what did.
	maxLetters = 1000
	keptFailed = 50
	keptSent   = 50
)

// Config is what a Notifier is made of.
type Config struct {
	Store store.Documents
	// Look is how everything is now.
	Look func(ctx context.Context) (*Look, *Names, error)
	Mail Mail
	Hook Hook
	// Log; nil discards.
	Log *slog.Logger
}

// Letter is a message on its way to one contact.
type Letter struct {
	ID       string            `json:"id"`
	To       playlists.Contact `json:"to"`
	Message  Message           `json:"message"`
	Said     Said              `json:"said"`
	Attempts int               `json:"attempts,omitempty"`
	// Next is when it is tried again, Error why the last attempt failed.
	Next  time.Time `json:"next"`
	Error string    `json:"error,omitempty"`
	// Sent is when it was taken.
	Sent time.Time `json:"sent,omitzero"`
}

// state is what outlasts a restart.
type state struct {
	Told    Told     `json:"told"`
	Waiting []Letter `json:"waiting,omitempty"`
	Failed  []Letter `json:"failed,omitempty"`
	Sent    []Letter `json:"sent,omitempty"`
}

// Notifier tells contacts of troubles while it runs.
type Notifier struct {
	Config

	poke chan struct{}
	mu   sync.Mutex
	now  state
}

// New reads what was told before.
func New(ctx context.Context, c Config) (*Notifier, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if err := c.Mail.Validate(); err != nil {
		return nil, err
	}
	n := &Notifier{Config: c, poke: make(chan struct{}, 1)}
	err := c.Store.View(ctx, func(v store.View) error {
		doc, err := v.Get(StateKind, id)
		if errors.Is(err, playlists.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return json.Unmarshal(doc.Body, &n.now)
	})
	if err != nil {
		return nil, fmt.Errorf("reading what contacts were told: %w", err)
	}
	return n, nil
}

// Run looks and sends until ctx is done. What fails is logged, and tried again.
func (n *Notifier) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			if err := n.look(ctx); err != nil && ctx.Err() == nil {
				n.Log.WarnContext(ctx, "contacts not told", slog.Any("error", err))
			}
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
	})
	g.Go(func() error {
		for {
			wait := time.NewTimer(n.deliver(ctx))
			select {
			case <-ctx.Done():
				wait.Stop()
				return nil
			case <-n.poke:
				wait.Stop()
			case <-wait.C:
			}
		}
	})
	return g.Wait()
}

// look decides what is to be told, and writes both down before anything is sent.
func (n *Notifier) look(ctx context.Context) error {
	l, names, err := n.Look(ctx)
	if err != nil {
		return err
	}
	var said int
	err = n.change(ctx, func(s *state) {
		var messages []Message
		s.Told, messages = Decide(s.Told, l)
		for i := range messages {
			letters := n.letters(&messages[i], names)
			said += len(letters)
			s.Waiting = append(s.Waiting, letters...)
		}
		s.Waiting = s.Waiting[max(0, len(s.Waiting)-maxLetters):]
	})
	if err == nil && said > 0 {
		select {
		case n.poke <- struct{}{}:
		default:
		}
	}
	return err
}

// letters addresses a message to each contact of its departments, once.
func (n *Notifier) letters(m *Message, names *Names) []Letter {
	var letters []Letter
	seen := map[string]bool{}
	for _, d := range m.Departments {
		for _, c := range names.Departments[d].Contacts {
			if key := c.Email + c.Webhook; !seen[key] {
				seen[key] = true
				letters = append(letters, Letter{ID: rand.Text(), To: c, Message: *m, Said: Say(m, names, c.Language), Next: m.At})
			}
		}
	}
	return letters
}

// change writes a new state, if it differs. The store has it when change returns.
func (n *Notifier) change(ctx context.Context, do func(*state)) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	next := state{Told: n.now.Told, Waiting: slices.Clone(n.now.Waiting), Failed: slices.Clone(n.now.Failed), Sent: slices.Clone(n.now.Sent)}
	before, err := json.Marshal(n.now)
	if err != nil {
		return fmt.Errorf("encoding what contacts were told: %w", err)
	}
	do(&next)
	after, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("encoding what contacts were told: %w", err)
	}
	if string(before) == string(after) {
		return nil
	}
	err = n.Store.Update(ctx, func(tx store.Tx) error {
		var was uint64
		doc, err := tx.Get(StateKind, id)
		if err == nil {
			was = doc.Revision
		} else if !errors.Is(err, playlists.ErrNotFound) {
			return err
		}
		_, err = tx.Put(StateKind, id, was, "system", after)
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping what contacts were told: %w", err)
	}
	n.now = next
	return nil
}

// deliver tries every letter whose time has come, and gives how long until the next one's. A server that fails
// is left alone for the rest of the round.
func (n *Notifier) deliver(ctx context.Context) time.Duration {
	failed := map[string]error{}
	for _, l := range n.ripe(time.Now()) {
		server := n.serverOf(l.To)
		err, tried := failed[server], failed[server] != nil
		if !tried {
			err = n.send(ctx, &l)
		}
		if ctx.Err() != nil {
			return lookEvery
		}
		if err != nil {
			failed[server] = err
		}
		if err := n.change(ctx, func(s *state) { n.settle(ctx, s, l.ID, err) }); err != nil && ctx.Err() == nil {
			n.Log.WarnContext(ctx, "contacts not told", slog.Any("error", err))
		}
	}
	return n.pause(time.Now())
}

func (n *Notifier) ripe(now time.Time) []Letter {
	n.mu.Lock()
	defer n.mu.Unlock()
	var ripe []Letter
	for _, l := range n.now.Waiting {
		// None waits longer than the longest pause, whatever clock said so.
		if wait := l.Next.Sub(now); wait <= 0 || wait > lastRetry {
			ripe = append(ripe, l)
		}
	}
	return ripe
}

// pause is how long nothing has to be sent, unless something new comes.
func (n *Notifier) pause(now time.Time) time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	pause := lastRetry
	for _, l := range n.now.Waiting {
		if wait := l.Next.Sub(now); wait <= lastRetry {
			pause = min(pause, max(wait, time.Second))
		}
	}
	return pause
}

func (n *Notifier) serverOf(c playlists.Contact) string {
	if c.Email != "" {
		return n.Mail.Server
	}
	at, err := url.Parse(c.Webhook)
	if err != nil {
		return c.Webhook
	}
	return at.Host
}

func (n *Notifier) send(ctx context.Context, l *Letter) error {
	if l.To.Email != "" {
		return n.Mail.send(ctx, l.To.Email, l.ID, l.Said)
	}
	return n.Hook.send(ctx, l.To.Webhook, l.ID, &l.Message, l.Said, time.Now())
}

// settle takes a letter out that was sent, or says when it is tried again; what is a day old has failed.
func (n *Notifier) settle(ctx context.Context, s *state, letter string, failed error) {
	i := slices.IndexFunc(s.Waiting, func(l Letter) bool { return l.ID == letter })
	if i < 0 {
		return
	}
	l := s.Waiting[i]
	about := []any{slog.String("to", cmp.Or(l.To.Email, l.To.Webhook)), slog.String("about", string(l.Message.Kind))}
	if failed == nil {
		s.Waiting = slices.Delete(s.Waiting, i, i+1)
		l.Sent, l.Error = time.Now().UTC(), ""
		s.Sent = append(s.Sent, l)
		s.Sent = s.Sent[max(0, len(s.Sent)-keptSent):]
		n.Log.InfoContext(ctx, "contact told", about...)
		return
	}
	l.Attempts++
	l.Error = failed.Error()
	now := time.Now()
	l.Next = now.Add(min(firstRetry<<min(l.Attempts-1, 10), lastRetry))
	s.Waiting[i] = l
	n.Log.WarnContext(ctx, "contact not reached", append(about, slog.Int("attempt", l.Attempts), slog.Any("error", failed))...)
	if now.Sub(l.Message.At) >= giveUp || l.Attempts >= mostAttempts {
		s.Waiting = slices.Delete(s.Waiting, i, i+1)
		s.Failed = append(s.Failed, l)
		s.Failed = s.Failed[max(0, len(s.Failed)-keptFailed):]
	}
}

// Troubles are the letters that could not be delivered so far, and those that never were.
func (n *Notifier) Troubles() (waiting, failed []Letter) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, l := range n.now.Waiting {
		if l.Error != "" {
			waiting = append(waiting, l)
		}
	}
	return waiting, slices.Clone(n.now.Failed)
}

// Lately are the newest letters that were taken, the newest first.
func (n *Notifier) Lately() []Letter {
	n.mu.Lock()
	defer n.mu.Unlock()
	sent := slices.Clone(n.now.Sent)
	slices.Reverse(sent)
	return sent
}

// Result is how a test message to a contact ended.
type Result struct {
	Contact playlists.Contact `json:"contact"`
	Error   string            `json:"error,omitempty" doc:"Why it was not taken; absent if it was"`
}

// Test sends a test message to each contact of a department at once, and says how it went.
func (n *Notifier) Test(ctx context.Context, d playlists.Department, console string) []Result {
	m := Message{Kind: Test, At: time.Now().UTC(), Departments: one(d.ID)}
	names := &Names{Departments: map[playlists.DepartmentID]playlists.Department{d.ID: d}, URL: console}
	results := []Result{}
	for _, l := range n.letters(&m, names) {
		r := Result{Contact: l.To}
		if err := n.send(ctx, &l); err != nil {
			r.Error = err.Error()
			n.Log.WarnContext(ctx, "contact not reached", slog.String("to", cmp.Or(l.To.Email, l.To.Webhook)), slog.String("about", string(Test)),
				slog.Int("attempt", 1), slog.Any("error", err))
		}
		results = append(results, r)
	}
	return results
}
