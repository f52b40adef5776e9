package playlists

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Approval says who let a version out.
type Approval struct {
	Version int       `json:"version"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	// Unreviewed: nobody but its writers has looked at the version. Reason says why it could not wait.
	Unreviewed bool   `json:"unreviewed,omitempty"`
	Reason     string `json:"reason,omitempty"`
	// Checks are the checklists that the reviewer filled in over it.
	Checks []Checked `json:"checks,omitempty"`
}

// Return says why a version went back to those who wrote it.
type Return struct {
	Version int       `json:"version"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Reason  string    `json:"reason"`
	// Checks are the checklists that the reviewer filled in over it.
	Checks []Checked `json:"checks,omitempty"`
}

// Verdict is what somebody decides about one version of an item.
type Verdict struct {
	By string
	At time.Time
	// Version is the one that they saw.
	Version int
	// Reason is needed to send a version back, or to let it out unreviewed.
	Reason string
	// ReviewBy, if set, is when somebody must look again.
	ReviewBy Date
	// Checks are checklists that they filled in; none has to be.
	Checks []Checked
}

// maxReason is the longest reason, in characters.
const maxReason = 500

// DueWithin is how many days before an item runs out of date staff are told.
const DueWithin = 30

// Approved reports whether the item's present version may be shown.
func (i Item) Approved() bool { return i.Approval != nil && i.Approval.Version == i.Version }

// SentBack reports whether the item's present version is its writers' to put right.
func (i Item) SentBack() bool {
	return i.Returned != nil && i.Returned.Version == i.Version && !i.Approved()
}

// Waits reports whether the item's present version is for a reviewer to look at.
func (i Item) Waits() bool { return !i.Approved() && !i.SentBack() }

// WrittenOver is the item as by has written it over old, nil for a new item, with what writers cannot set: its
// version, who wrote that, where it was imported from, and what reviewers said. Writing never approves; meanwhile the last approved revision
// stays on.
func (i Item) WrittenOver(old *Item, by string) Item {
	i.Version, i.Approval, i.Returned, i.Authors, i.Origin = 1, nil, nil, []string{by}, nil
	if old == nil {
		return i
	}
	i.Version, i.Approval, i.Returned, i.Origin = old.Version, old.Approval, old.Returned, old.Origin
	if old.SentBack() || reviewable(old, &i) {
		i.Version++
	}
	if i.Approved() {
		i.Authors = old.Authors
	} else if !old.Approved() {
		i.Authors = slices.Compact(slices.Sorted(slices.Values(append(i.Authors, old.Authors...))))
	}
	return i
}

// reviewable reports whether a reviewer would judge something else: what patients see, until when it holds, or that it goes
// to more places, or shows at more moments, than they saw.
func reviewable(old, next *Item) bool {
	return old.Title != next.Title || !slices.EqualFunc(old.Renditions, next.Renditions, sameRendition) ||
		!old.From.Equal(next.From) || !old.Until.Equal(next.Until) || old.ReviewBy != next.ReviewBy ||
		!sameTemplate(old.Template, next.Template) || next.widerThan(old) || next.looserThan(old)
}

func sameTemplate(a, b *TakeoverTemplate) bool { return a == b || a != nil && b != nil && *a == *b }

func sameRendition(a, b Rendition) bool {
	return a.Language == b.Language && a.Alt == b.Alt && slices.EqualFunc(a.pages(), b.pages(), slices.Equal) && a.captions() == b.captions()
}

// Approve lets the version out that a reviewer saw, or, if it is out already, says that it still holds. Who
// wrote it cannot: the error is an [ErrDenied].
func (i Item) Approve(v Verdict) (Item, error) {
	if err := i.judge(v); err != nil {
		return i, err
	}
	if slices.Contains(i.Authors, v.By) {
		return i, Refuse(ErrDenied, "you wrote this version, so somebody else must approve it; ask a reviewer")
	}
	checks, err := i.checked(v)
	if err != nil {
		return i, err
	}
	return i.out(v, Approval{Version: v.Version, By: v.By, At: v.At, Checks: checks}), nil
}

// Release lets a version out that nobody has reviewed, and marks it so.
func (i Item) Release(v Verdict) (Item, error) {
	if err := i.judge(v); err != nil {
		return i, err
	}
	reason, err := i.reason(v)
	if err != nil {
		return i, err
	}
	return i.out(v, Approval{Version: v.Version, By: v.By, At: v.At, Unreviewed: true, Reason: reason}), nil
}

// SendBack gives a version back to its writers with a reason.
func (i Item) SendBack(v Verdict) (Item, error) {
	if err := i.judge(v); err != nil {
		return i, err
	}
	if i.Approved() {
		return i, i.fault("version", "version %d is approved already; write a new version instead", i.Version)
	}
	reason, err := i.reason(v)
	if err != nil {
		return i, err
	}
	checks, err := i.checked(v)
	if err != nil {
		return i, err
	}
	i.Returned = &Return{Version: v.Version, By: v.By, At: v.At, Reason: reason, Checks: checks}
	return i, nil
}

// checked are the verdict's checklists with their scores.
func (i Item) checked(v Verdict) ([]Checked, error) {
	f := &faults{kind: "item", id: string(i.ID)}
	checks := scored(f, v.Checks)
	return checks, f.err()
}

// judge refuses a verdict about another version than the present one.
func (i Item) judge(v Verdict) error {
	if v.Version != i.Version {
		return i.fault("version", "version %d is the present one, not %d; look at that", i.Version, v.Version)
	}
	if !v.ReviewBy.IsZero() && !v.ReviewBy.real() {
		return i.fault("review_by", "choose a date from 1970 to 2199")
	}
	return nil
}

func (i Item) out(v Verdict, a Approval) Item {
	i.Approval, i.Returned = &a, nil
	if !v.ReviewBy.IsZero() {
		i.ReviewBy = v.ReviewBy
	}
	return i
}

func (i Item) reason(v Verdict) (string, error) {
	reason := strings.TrimSpace(v.Reason)
	if !Seen(reason) || utf8.RuneCountInString(reason) > maxReason {
		return "", i.fault("reason", "write the reason in 1 to %d characters; others read it", maxReason)
	}
	return reason, nil
}

func (i Item) fault(field, format string, args ...any) error {
	return &FieldError{"item", string(i.ID), field, fmt.Sprintf(format, args...), PhraseOf(format, args...)}
}

// Due says that an item runs out of date.
type Due struct {
	Item ItemID `json:"item"`
	// Field is "review_by": somebody must look again; or "until": it is not shown any more from then on.
	Field string `json:"field"`
	// On is the last day before that, in a zone of its own for "review_by", in UTC for "until".
	On Date `json:"on"`
	// Over: the day has passed. An item past its review stays on.
	Over bool `json:"over,omitempty"`
}

// DueBy lists which of approved items run out of date up to and with the given number of days after today, the
// soonest first. What has ended already is left out, for it is not shown any more.
func DueBy(items []Item, today Date, days int) []Due {
	var due []Due
	last := today.AddDays(days)
	for _, i := range items {
		if !i.ReviewBy.IsZero() && i.ReviewBy.Compare(last) <= 0 {
			due = append(due, Due{Item: i.ID, Field: "review_by", On: i.ReviewBy, Over: i.ReviewBy.Compare(today) < 0})
		}
		if on := lastDay(i.Until); !on.IsZero() && on.Compare(today) >= 0 && on.Compare(last) <= 0 {
			due = append(due, Due{Item: i.ID, Field: "until", On: on})
		}
	}
	slices.SortFunc(due, func(a, b Due) int {
		return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Field, b.Field))
	})
	return due
}

// lastDay is the last day in UTC on which something shows until an instant.
func lastDay(until time.Time) Date {
	if until.IsZero() {
		return Date{}
	}
	last := until.UTC().Add(-time.Nanosecond)
	return Date{last.Year(), last.Month(), last.Day()}
}
