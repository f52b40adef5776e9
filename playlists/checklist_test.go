package playlists_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// answered gives all items of a checklist the same answer, but for some.
func answered(c playlists.Checklist, all playlists.Answer, but map[int]playlists.Answer) playlists.Checked {
	answers := map[int]playlists.Answer{}
	for _, item := range c.Items() {
		answers[item.Number] = all
		if a, other := but[item.Number]; other {
			answers[item.Number] = a
		}
		if answers[item.Number] == "" {
			delete(answers, item.Number)
		}
	}
	return playlists.Checked{Checklist: c, Answers: answers}
}

// checkedWith approves an item with checks, and gives those that are kept.
func checkedWith(checks ...playlists.Checked) ([]playlists.Checked, error) {
	item := playliststest.Pictures("flu", "Flu", "", "en")
	item.Approval, item.Authors = nil, []string{"tom"}
	out, err := item.Approve(playlists.Verdict{By: "rita", At: time.Unix(0, 0), Version: item.Version, Checks: checks})
	if err != nil {
		return nil, err
	}
	return out.Approval.Checks, nil
}

// TestChecklistsAreScoredByTheirRules: points in percent of those that are possible, part by part; what does not apply counts
// neither way, a part with an open item has no score, and an item that asks for a fault counts turned round.
func TestChecklistsAreScoredByTheirRules(t *testing.T) {
	const yes, no, na = playlists.Agree, playlists.Disagree, playlists.NotApplicable
	for _, c := range []struct {
		name  string
		check playlists.Checked
		want  string
	}{
		{"all agreed", answered(playlists.PEMATPrint, yes, nil), "[{understandability 17 17 100} {actionability 7 7 100}]"},
		{"a film, nothing agreed", answered(playlists.PEMATFilm, no, nil), "[{understandability 0 13 0} {actionability 0 4 0}]"},
		{"some do not apply", answered(playlists.PEMATPrint, yes, map[int]playlists.Answer{6: na, 19: na, 3: no, 20: no, 24: na}), "[{understandability 14 15 93} {actionability 5 6 83}]"},
		{"one is open", answered(playlists.PEMATPrint, yes, map[int]playlists.Answer{21: ""}), "[{understandability 17 17 100}]"},
		{"the index, all said yes to: calculations are a fault", answered(playlists.ClearIndex, yes, nil), "[{index 19 20 95}]"},
		{"the index at its best", answered(playlists.ClearIndex, yes, map[int]playlists.Answer{17: no}), "[{index 20 20 100}]"},
		{"the core alone", answered(playlists.ClearIndex, yes, map[int]playlists.Answer{4: no, 12: na, 13: na, 14: na, 15: na, 16: na, 17: na, 18: na, 19: na, 20: na}), "[{index 10 11 91}]"},
	} {
		kept, err := checkedWith(c.check)
		if err != nil || len(kept) != 1 || fmt.Sprint(kept[0].Scores) != c.want {
			t.Errorf("%s: got %v, %v, want %s", c.name, kept, err, c.want)
		}
	}
}

// TestChecksAreKeptWithTheDecision of the version, sent back too; and never hinder one.
func TestChecksAreKeptWithTheDecision(t *testing.T) {
	item := playliststest.Pictures("flu", "Flu", "", "en")
	item.Approval, item.Authors = nil, []string{"tom"}
	verdict := playlists.Verdict{By: "rita", At: time.Unix(0, 0), Version: item.Version, Reason: "Say what to do.", Checks: []playlists.Checked{answered(playlists.PEMATPrint, playlists.Disagree, nil)}}
	back, err := item.SendBack(verdict)
	if err != nil || len(back.Returned.Checks) != 1 {
		t.Fatalf("got %+v, %v", back.Returned, err)
	}
	if out, err := item.Approve(verdict); err != nil || !out.Approved() || out.Approval.Checks[0].Scores[0].Percent != 0 {
		t.Errorf("got %+v, %v, want it approved all the same", out.Approval, err)
	}
	verdict.Checks = []playlists.Checked{{Checklist: playlists.ClearIndex}}
	if out, err := item.Approve(verdict); err != nil || out.Approval.Checks != nil {
		t.Errorf("got %+v, %v, want nothing kept of a list that nobody filled in", out.Approval, err)
	}
}

// TestNoOtherAnswers than the instrument has, and each instrument once.
func TestNoOtherAnswers(t *testing.T) {
	for name, checks := range map[string][]playlists.Checked{
		"unknown":        {{Checklist: "horoscope"}},
		"no such item":   {{Checklist: playlists.PEMATPrint, Answers: map[int]playlists.Answer{13: playlists.Agree}}},
		"always applies": {{Checklist: playlists.PEMATPrint, Answers: map[int]playlists.Answer{1: playlists.NotApplicable}}},
		"perhaps":        {{Checklist: playlists.ClearIndex, Answers: map[int]playlists.Answer{1: "perhaps"}}},
		"twice":          {answered(playlists.ClearIndex, playlists.Agree, nil), answered(playlists.ClearIndex, playlists.Agree, nil)},
	} {
		if _, err := checkedWith(checks...); !errors.Is(err, playlists.ErrInvalid) {
			t.Errorf("%s: got %v, want a refusal", name, err)
		}
	}
}

// TestMoreAgreedIsNeverLess: whatever is answered, a score is from 0 to 100, and one answer turned for the better never lowers it.
func TestMoreAgreedIsNeverLess(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := rapid.SampledFrom(playlists.Checklists()).Draw(r, "checklist")
		answers, better := map[int]playlists.Answer{}, map[int]playlists.Answer{}
		turn := rapid.SampledFrom(c.Items()).Draw(r, "turned").Number
		for _, item := range c.Items() {
			good, bad := playlists.Agree, playlists.Disagree
			if item.Turned {
				good, bad = bad, good
			}
			may := []playlists.Answer{good, bad}
			if item.MayNotApply {
				may = append(may, playlists.NotApplicable)
			}
			a := rapid.SampledFrom(may).Draw(r, "answer")
			answers[item.Number], better[item.Number] = a, a
			if item.Number == turn {
				better[item.Number] = good
			}
		}
		was, err := checkedWith(playlists.Checked{Checklist: c, Answers: answers})
		if err != nil {
			r.Fatal(err)
		}
		is, err := checkedWith(playlists.Checked{Checklist: c, Answers: better})
		if err != nil {
			r.Fatal(err)
		}
		for i, s := range was[0].Scores {
			if s.Percent < 0 || s.Percent > 100 || is[0].Scores[i].Percent < s.Percent {
				r.Fatalf("from %v to %v", was[0].Scores, is[0].Scores)
			}
		}
	})
}
