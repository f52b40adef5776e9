package playlists

import (
	"fmt"
	"maps"
	"slices"
)

// Checklist is an instrument by which reviewers look at how clear something is. It is an aid, and decides nothing.
type Checklist string

// The instruments, both in the public domain. The Patient Education Materials Assessment Tool is the Agency for Healthcare
// Research and Quality's (AHRQ publication 14-0002-EF, 2013), for what is printed and for what is seen and heard; the Clear
// Communication Index is the Centers for Disease Control and Prevention's (2014, user guide of 2019).
const (
	PEMATPrint Checklist = "pemat_p"
	PEMATFilm  Checklist = "pemat_av"
	ClearIndex Checklist = "cci"
)

// Answer is what a reviewer says to an item of a checklist.
type Answer string

// The answers. Which of them counts depends on the item: one of the index asks for what should not be.
const (
	Agree         Answer = "agree"
	Disagree      Answer = "disagree"
	NotApplicable Answer = "na"
)

// ChecklistItem is something that reviewers look for.
type ChecklistItem struct {
	// Number is the instrument's own, which goes on counting over items that are for other materials.
	Number int `json:"number"`
	// Part is scored by itself, "understandability".
	Part string `json:"part"`
	// Text is what the instrument says.
	Text string `json:"text"`
	// MayNotApply: the instrument knows materials that the item is not for.
	MayNotApply bool `json:"may_not_apply,omitempty"`
	// Turned: to disagree is what counts.
	Turned bool `json:"turned,omitempty"`
}

// Checked is an instrument as a reviewer filled it in.
type Checked struct {
	Checklist Checklist `json:"checklist" enum:"pemat_p,pemat_av,cci"`
	// Answers are by the items' numbers; items that nobody answered are missing.
	Answers map[int]Answer `json:"answers" doc:"agree, disagree or na, by the item's number"`
	// Scores are by the instrument's rule: a part in which an item is unanswered has none.
	Scores []PartScore `json:"scores,omitempty" readOnly:"true" doc:"What the controller reckons of the answers"`
}

// PartScore is what a part of an instrument comes to: the points in percent of those that were possible. What does not apply
// counts neither way.
type PartScore struct {
	Part     string `json:"part"`
	Points   int    `json:"points"`
	Possible int    `json:"possible"`
	Percent  int    `json:"percent"`
}

// Checklists lists all instruments.
func Checklists() []Checklist { return []Checklist{PEMATPrint, PEMATFilm, ClearIndex} }

// Items are those of the instrument, in its order; none of an instrument that there is not.
func (c Checklist) Items() []ChecklistItem {
	switch c {
	case PEMATPrint:
		return pemat(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26)
	case PEMATFilm:
		return pemat(1, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 18, 19, 20, 21, 22, 25)
	case ClearIndex:
		return clearIndex()
	}
	return nil
}

// pemat gives the items of those numbers.
func pemat(numbers ...int) []ChecklistItem {
	texts := []string{
		"The material makes its purpose completely evident.",
		"The material does not include information or content that distracts from its purpose.",
		"The material uses common, everyday language.",
		"Medical terms are used only to familiarize audience with the terms. When used, medical terms are defined.",
		"The material uses the active voice.",
		"Numbers appearing in the material are clear and easy to understand.",
		"The material does not expect the user to perform calculations.",
		"The material breaks or “chunks” information into short sections.",
		"The material’s sections have informative headers.",
		"The material presents information in a logical sequence.",
		"The material provides a summary.",
		"The material uses visual cues (e.g., arrows, boxes, bullets, bold, larger font, highlighting) to draw attention to key points.",
		"Text on the screen is easy to read.",
		"The material allows the user to hear the words clearly (e.g., not too fast, not garbled).",
		"The material uses visual aids whenever they could make content more easily understood (e.g., illustration of healthy portion size).",
		"The material’s visual aids reinforce rather than distract from the content.",
		"The material’s visual aids have clear titles or captions.",
		"The material uses illustrations and photographs that are clear and uncluttered.",
		"The material uses simple tables with short and clear row and column headings.",
		"The material clearly identifies at least one action the user can take.",
		"The material addresses the user directly when describing actions.",
		"The material breaks down any action into manageable, explicit steps.",
		"The material provides a tangible tool (e.g., menu planners, checklists) whenever it could help the user take action.",
		"The material provides simple instructions or examples of how to perform calculations.",
		"The material explains how to use the charts, graphs, tables, or diagrams to take actions.",
		"The material uses visual aids whenever they could make it easier to act on the instructions.",
	}
	const firstAction = 20
	na := []int{6, 8, 9, 11, 12, 13, 14, 16, 17, 18, 19, 24, 25}
	items := make([]ChecklistItem, 0, len(numbers))
	for _, n := range numbers {
		part := "understandability"
		if n >= firstAction {
			part = "actionability"
		}
		items = append(items, ChecklistItem{Number: n, Part: part, Text: texts[n-1], MayNotApply: slices.Contains(na, n)})
	}
	return items
}

// clearIndex has one score over all of its parts; those after the core may not apply.
func clearIndex() []ChecklistItem {
	texts := []string{
		"Does the material contain one main message statement?",
		"Is the main message at the top, beginning, or front of the material?",
		"Is the main message emphasized with visual cues?",
		"Does the material contain at least one visual that conveys or supports the main message?",
		"Does the material include one or more calls to action for the primary audience?",
		"Do both the main message and the call to action use the active voice?",
		"Does the material always use words the primary audience uses?",
		"Does the material use bulleted or numbered lists?",
		"Is the material organized in chunks with headings?",
		"Is the most important information the primary audience needs summarized in the first paragraph or section?",
		"Does the material explain what authoritative sources, such as subject matter experts and agency spokespersons, know and don’t know about the topic?",
		"Does the material include one or more behavioral recommendations for the primary audience?",
		"Does the material explain why the behavioral recommendation is important to the primary audience?",
		"Does the behavioral recommendation include specific directions about how to perform the behavior?",
		"Does the material always present numbers the primary audience uses?",
		"Does the material always explain what the numbers mean?",
		"Does the audience have to conduct mathematical calculations?",
		"Does the material explain the nature of the risk?",
		"Does the material address both the risks and benefits of the recommended behaviors?",
		"If the material uses numeric probability to describe risk, is the probability also explained with words or a visual?",
	}
	const lastCore, turned = 11, 17
	items := make([]ChecklistItem, 0, len(texts))
	for i, text := range texts {
		items = append(items, ChecklistItem{Number: i + 1, Part: "index", Text: text, MayNotApply: i >= lastCore, Turned: i+1 == turned})
	}
	return items
}

// scored are checks with the scores that their answers make; an [ErrInvalid] for answers that their instruments do not have.
// What is not answered at all is left out.
func scored(f *faults, checks []Checked) []Checked {
	distinct(f, "checks", len(checks), func(i int) Checklist { return checks[i].Checklist })
	var all []Checked
	for i, c := range checks {
		c.check(f, fmt.Sprintf("checks[%d]", i))
		if c.Scores = c.Checklist.score(c.Answers); len(c.Answers) > 0 {
			all = append(all, c)
		}
	}
	return all
}

func (c *Checked) check(f *faults, field string) {
	items := c.Checklist.Items()
	f.check(items != nil, field+".checklist", "%q is no checklist; choose of %v", string(c.Checklist), Checklists())
	for _, n := range slices.Sorted(maps.Keys(c.Answers)) {
		i := slices.IndexFunc(items, func(item ChecklistItem) bool { return item.Number == n })
		if i < 0 {
			f.check(items == nil, field+".answers", "the checklist has no item %d; take the answer out", n)
			continue
		}
		a := c.Answers[n]
		f.check(a == Agree || a == Disagree || a == NotApplicable && items[i].MayNotApply, field+".answers", "%q is no answer to item %d; choose agree or disagree, or na where the item may not apply", string(a), n)
	}
}

// score adds up each part of which all items are answered.
func (c Checklist) score(answers map[int]Answer) []PartScore {
	var scores []PartScore
	open := map[string]bool{}
	for _, item := range c.Items() {
		i := slices.IndexFunc(scores, func(s PartScore) bool { return s.Part == item.Part })
		if i < 0 {
			i, scores = len(scores), append(scores, PartScore{Part: item.Part})
		}
		switch a := answers[item.Number]; {
		case a == "":
			open[item.Part] = true
		case a == NotApplicable:
		case (a == Agree) != item.Turned:
			scores[i].Points++
			fallthrough
		default:
			scores[i].Possible++
		}
	}
	scores = slices.DeleteFunc(scores, func(s PartScore) bool { return open[s.Part] || s.Possible == 0 })
	for i := range scores {
		scores[i].Percent = (200*scores[i].Points + scores[i].Possible) / (2 * scores[i].Possible)
	}
	return scores
}
