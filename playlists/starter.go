package playlists

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// DepartmentTemplateID names a kind of department that there is a template for, "cardiology".
type DepartmentTemplateID string

// DepartmentTemplate is how a department of some kind may begin: what its patients should meet, and when it is open.
type DepartmentTemplate struct {
	ID DepartmentTemplateID `json:"id"`
	// Specialty and Pages find its topics in a hospital's tree: those of the specialty, those that stand for one of these
	// pages of MedlinePlus, and all beneath them.
	Specialty string   `json:"specialty"`
	Pages     []string `json:"pages"`
	// Twice are the phases of care that come twice as often as the others.
	Twice []Phase `json:"twice"`
	// Hours are the opening hours; none: always open.
	Hours []Hours `json:"hours"`
}

// DepartmentTemplates lists all templates.
func DepartmentTemplates() []DepartmentTemplate {
	weekdays, everyDay := []int{1, 2, 3, 4, 5}, []int{0, 1, 2, 3, 4, 5, 6}
	hours := func(days []int, from, to Clock) []Hours { return []Hours{{Days: days, From: from * 60, To: to * 60}} }
	return []DepartmentTemplate{
		{
			"cardiology", "Cardiology",
			[]string{"bloodheartandcirculation", "chestpain", "heartattack", "heartdiseases", "heartfailure", "hearthealthtests", "heartsurgery", "highbloodpressure", "cholesterol"},
			[]Phase{Symptoms, Recovery},
			hours(weekdays, 8, 18),
		},
		{
			"paediatrics", "Paediatrics",
			[]string{"childrenandteenagers", "childhoodvaccines", "fever", "asthma", "allergy", "infantandnewborncare"},
			[]Phase{Symptoms, Prevention},
			hours(everyDay, 8, 20),
		},
		{
			"emergency", "Emergency medicine",
			[]string{"injuriesandwounds", "firstaid", "chestpain", "stroke", "heartattack", "fever", "abdominalpain", "woundsandinjuries", "concussion"},
			[]Phase{Symptoms, Treatment},
			nil,
		},
		{
			"family-medicine", "Family medicine",
			[]string{"healthcheckup", "diabetes", "highbloodpressure", "cholesterol", "nutrition", "exerciseandphysicalfitness", "healthysleep", "stress", "medicines"},
			[]Phase{Diagnosis, Prevention},
			hours(weekdays, 7, 19),
		},
		{
			"maternity", "Maternity",
			[]string{"pregnancyandreproduction", "pregnancy", "prenatalcare", "childbirth", "breastfeeding", "postpartumcare", "infantandnewborncare"},
			[]Phase{Prevention, Recovery},
			hours(weekdays, 8, 17),
		},
		{
			"orthopaedics", "Orthopaedics",
			[]string{"bonesjointsandmuscles", "backpain", "fractures", "hipreplacement", "kneereplacement", "osteoarthritis", "osteoporosis", "aftersurgery"},
			[]Phase{Treatment, Recovery},
			hours(weekdays, 8, 17),
		},
	}
}

// general are pages of MedlinePlus whose topics suit every department.
func general() []string { return []string{"talkingwithyourdoctor", "medicines"} }

const (
	// startItems is how many items of a phase a first playlist has at most.
	startItems = 3
	// startPlays is how often something of each phase must run in an hour.
	startPlays = 2
	// startTwelfths is a language's least part, where the department speaks several: a quarter.
	startTwelfths = 3
)

// Proposal is what a template makes of a department.
type Proposal struct {
	// Department is as it would be.
	Department Department `json:"department"`
	// Playlist is the first; nil if the library has nothing for it.
	Playlist *Playlist `json:"playlist,omitempty"`
	// Windows have it on in opening hours.
	Windows []Window `json:"windows"`
	// Missing are phases of care for which the library has nothing that fits.
	Missing []Phase `json:"missing"`
}

// Propose says what a template would make of a department, and changes nothing. What staff have settled already stays: opening
// hours, least parts of languages, the filler, and what must run. tree is the hospital's topic tree.
func (h *Hospital) Propose(id DepartmentID, template DepartmentTemplateID, tree []TopicEntry) (Proposal, error) {
	d, ok := h.Departments[id]
	if !ok {
		return Proposal{}, Refuse(ErrInvalid, "departments: there is no department %q", id)
	}
	all := DepartmentTemplates()
	i := slices.IndexFunc(all, func(t DepartmentTemplate) bool { return t.ID == template })
	if i < 0 {
		return Proposal{}, Refuse(ErrInvalid, "template: there is no template %q for a department; choose one of the list", template)
	}
	t := &all[i]
	p := Proposal{Department: t.settle(d), Windows: []Window{}, Missing: []Phase{}}
	var entries []Entry
	for _, phase := range Phases() {
		found := h.starting(d, phase, topicsOf(tree, t.Specialty, t.Pages), topicsOf(tree, "", general()))
		if len(found) == 0 {
			p.Missing = append(p.Missing, phase)
		}
		weight := 1
		if slices.Contains(t.Twice, phase) {
			weight = 2
		}
		for _, item := range found {
			entries = append(entries, Entry{Item: item, Weight: weight, Transition: CrossFade})
		}
	}
	if len(entries) > 0 {
		p.schedule(h, entries)
	}
	return p, nil
}

// settle gives a department what the template says and staff have not settled.
func (t *DepartmentTemplate) settle(d Department) Department {
	if len(d.Hours) == 0 {
		d.Hours = t.Hours
	}
	if !slices.ContainsFunc(d.Floors, func(fl Floor) bool { return fl.EveryPhase }) {
		d.Floors = append(slices.Clone(d.Floors), Floor{EveryPhase: true, Plays: startPlays, Fill: true})
	}
	if len(d.LanguageTargets) == 0 && len(d.Languages) > 1 && len(d.Languages)*startTwelfths <= 12 {
		for _, l := range d.Languages {
			d.LanguageTargets = append(d.LanguageTargets, LanguageTarget{Language: l.Language, Twelfths: min(startTwelfths, l.Twelfths)})
		}
	}
	return d
}

// starting are the items of a phase for a first playlist: those of its own topics first, then those of general ones
// alone; of each those that have more of the department's languages, and those that never run out.
func (h *Hospital) starting(d Department, phase Phase, own, other map[Topic]bool) []ItemID {
	part := Floor{Phase: phase}
	var fit []ItemID
	suits := func(t Topic) bool { return own[t] }
	alien := func(t Topic) bool { return !other[t] }
	for _, about := range []func([]Topic) bool{
		func(topics []Topic) bool { return slices.ContainsFunc(topics, suits) },
		func(topics []Topic) bool { return len(topics) > 0 && !slices.ContainsFunc(topics, alien) },
	} {
		var of []ItemID
		for _, id := range slices.Sorted(maps.Keys(h.Items)) {
			item := h.Items[id]
			if about(item.Topics) && !slices.Contains(fit, id) && part.filledBy(item) && h.spoken(d, item) > 0 {
				of = append(of, id)
			}
		}
		h.rank(d, of)
		fit = append(fit, of...)
	}
	return fit[:min(len(fit), startItems)]
}

// schedule has a first playlist on in opening hours, and as the filler where there is none.
func (p *Proposal) schedule(h *Hospital, entries []Entry) {
	d := &p.Department
	id := PlaylistID(unused(h.Playlists, string(d.ID)+"-start"))
	name := fmt.Sprintf("%s, first playlist", d.Name)
	p.Playlist = &Playlist{ID: id, Name: name, Entries: entries}
	d.Filler = cmp.Or(d.Filler, id)
	for i, hours := range d.Hours {
		p.Windows = append(p.Windows, Window{
			ID: WindowID(unused(h.Windows, fmt.Sprintf("%s-start-%d", d.ID, i+1))), Name: name, Playlist: id,
			Start: hours.start(), End: hours.end(), Targets: []Target{{Department: d.ID}},
		})
	}
}

// start is the rule by which a span of opening hours begins.
func (h Hours) start() string {
	days := make([]string, 0, len(h.Days))
	for _, d := range slices.Sorted(slices.Values(h.Days)) {
		days = append(days, strconv.Itoa(d))
	}
	on := strings.Join(days, ",")
	if len(days) == 7 {
		on = "*"
	}
	return fmt.Sprintf("%d %d * * %s", h.From%60, h.From/60, on)
}

func (h Hours) end() LocalEnd {
	if h.To == 24*60 {
		return LocalEnd{Days: 1}
	}
	return LocalEnd{Clock: h.To}
}

// unused is a name that is none of documents' yet.
func unused[ID ~string, T any](documents map[ID]T, name string) string {
	name = name[:min(len(name), 60)]
	for n, id := 2, name; ; n++ {
		if _, taken := documents[ID(id)]; !taken {
			return id
		}
		id = fmt.Sprintf("%s-%d", name, n)
	}
}

// topicsOf are the topics of a tree that are of a specialty or stand for pages of MedlinePlus, and all beneath them.
func topicsOf(tree []TopicEntry, specialty string, pages []string) map[Topic]bool {
	found := map[Topic]bool{}
	for _, e := range tree {
		if specialty != "" && strings.EqualFold(e.Specialty, specialty) || e.MedlinePlus != nil && slices.Contains(pages, e.MedlinePlus.page()) {
			found[e.ID] = true
		}
	}
	for again := true; again; {
		again = false
		for _, e := range tree {
			if found[e.Parent] && !found[e.ID] {
				found[e.ID], again = true, true
			}
		}
	}
	return found
}

// page is the last part of a page's address, "abdominalpain".
func (m *MedlinePlusTopic) page() string {
	last := m.URL[strings.LastIndexByte(m.URL, '/')+1:]
	return strings.TrimSuffix(last, ".html")
}
