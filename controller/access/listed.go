package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"anteroom/controller/access/audit"
	"anteroom/playlists"
)

// Session is somebody's stay at the console. Where from is not kept with it: the audit log has it.
type Session struct {
	// ID names the session; it opens nothing.
	ID string `json:"id"`
	// Browser is what they use, "Firefox on Windows"; empty if it does not say.
	Browser string    `json:"browser,omitempty"`
	Since   time.Time `json:"since"`
	Used    time.Time `json:"used"`
	Expires time.Time `json:"expires"`
	// Current: the one that asks.
	Current bool `json:"current,omitempty"`
}

// shownID is how much of a session's key is its name.
const shownID = 16

// Sessions lists a user's sessions that are good, the newest first.
func (a *Access) Sessions(ctx context.Context, name string) ([]Session, error) {
	r, err := a.record(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	found := []Session{}
	for key, held := range a.kept.all(time.Now()) {
		_, values, err := scs.GobCodec{}.Decode(held.Data)
		if err != nil || values[sessionUser] != name || values[sessionEpoch] != r.Epoch || r.Disabled {
			continue
		}
		since, _ := values[sessionSince].(int64)
		browser, _ := values[sessionBrowser].(string)
		found = append(found, Session{
			ID: key[:shownID], Browser: browser, Since: time.Unix(since, 0).UTC(), Used: held.Used, Expires: held.Expiry.UTC(),
			Current: key == a.currentKey(ctx),
		})
	}
	slices.SortFunc(found, func(x, y Session) int { return y.Since.Compare(x.Since) })
	return found, nil
}

// currentKey is the key of the session that a request has.
func (a *Access) currentKey(ctx context.Context) string {
	if _, ok := ctx.Value(visitKey{}).(visit); !ok {
		return "" // a script, or the controller itself
	}
	return keyOf(a.sessions.Token(ctx))
}

// EndSession ends a session of a user before its time.
func (a *Access) EndSession(ctx context.Context, by, name, id string) error {
	ended, err := a.end(ctx, by, name, func(s Session) bool { return s.ID == id })
	if err == nil && ended == 0 {
		err = playlists.Refuse(playlists.ErrNotFound, "there is no such session; it may have ended")
	}
	return err
}

// EndOtherSessions ends all sessions of a user but the request's own, and gives how many.
func (a *Access) EndOtherSessions(ctx context.Context, by, name string) (int, error) {
	return a.end(ctx, by, name, func(s Session) bool { return !s.Current })
}

func (a *Access) end(ctx context.Context, by, name string, which func(Session) bool) (int, error) {
	all, err := a.Sessions(ctx, name)
	if err != nil {
		return 0, err
	}
	all = slices.DeleteFunc(all, func(s Session) bool { return !which(s) })
	var errs []error
	for key := range a.kept.all(time.Now()) {
		if slices.ContainsFunc(all, func(s Session) bool { return strings.HasPrefix(key, s.ID) }) {
			errs = append(errs, a.kept.end(key))
		}
	}
	if len(all) > 0 {
		a.remember(ctx, audit.Entry{By: by, Did: audit.Ended, Kind: UserKind, ID: name}.With(playlists.Noted("%d of their sessions", len(all))))
	}
	return len(all), errors.Join(errs...)
}

// browserOf says in a few words what a browser says of itself at length: enough to know one's own by.
func browserOf(agent string) string {
	name, system := first(agent, "Edg/", "Edge", "Firefox/", "Firefox", "Chrome/", "Chrome", "Safari/", "Safari"),
		first(agent, "Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows", "Mac OS X", "macOS", "CrOS", "ChromeOS", "Linux", "Linux")
	if name == "" || system == "" {
		return name + system
	}
	return name + " on " + system
}

// first gives the word for the first mark that is in a text; marks and words come in turn.
func first(text string, marksAndWords ...string) string {
	for i := 0; i+1 < len(marksAndWords); i += 2 {
		if strings.Contains(text, marksAndWords[i]) {
			return marksAndWords[i+1]
		}
	}
	return ""
}
