package playlists

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// TopicEntry is a topic's place in the topic tree, and what it is called. Items and floors name topics by their
// slugs alone; a slug without an entry works, but the tree does not know it.
type TopicEntry struct {
	ID Topic `json:"id"`
	// Parent is the wider topic that it belongs to; empty at the top.
	Parent Topic `json:"parent,omitempty" doc:"The wider topic that it belongs to; none at the top of the tree"`
	// Names are what people call it, by language.
	Names map[Language]string `json:"names" doc:"What people call it, by language: en, es"`
	// Specialty is the part of medicine that deals with it, "Cardiology".
	Specialty string `json:"specialty,omitempty" doc:"The part of medicine that deals with it, \"Cardiology\""`
	// MedlinePlus is the topic or group of MedlinePlus that it stands for; nil if there is none.
	MedlinePlus *MedlinePlusTopic `json:"medlineplus,omitempty" doc:"What it is in MedlinePlus of the National Library of Medicine"`
	MeSH        []MeSHHeading     `json:"mesh,omitempty" doc:"What it is indexed under in the Medical Subject Headings"`
}

// MedlinePlusTopic names a health topic of MedlinePlus, or one of the groups that it sorts topics into.
type MedlinePlusTopic struct {
	ID  string `json:"id,omitempty" doc:"The number that MedlinePlus has for it, \"3061\", where that is known"`
	URL string `json:"url" doc:"Its page, \"https://medlineplus.gov/abdominalpain.html\""`
	// Group: it is a group, and its ID counts among groups.
	Group bool `json:"group,omitempty" doc:"It is a group of topics, whose numbers are counted apart"`
}

// MeSHHeading is a descriptor of the Medical Subject Headings.
type MeSHHeading struct {
	ID   string `json:"id" doc:"The descriptor's id, \"D015746\""`
	Name string `json:"name" doc:"\"Abdominal Pain\""`
}

// Bounds of a topic's entry.
const (
	maxTopicNames = 40
	maxMeSH       = 50
)

// Name is what the topic is called in a language, else in English, else in whatever language there is.
func (e TopicEntry) Name(l Language) string {
	for _, l := range append([]Language{l, "en"}, slices.Sorted(maps.Keys(e.Names))...) {
		if name := e.Names[l]; name != "" {
			return name
		}
	}
	return string(e.ID)
}

// Validate reports, as an [ErrInvalid], what is wrong with the entry by itself. [CheckTopics] has the rest.
func (e TopicEntry) Validate() error {
	f := faultsOf("topic", e.ID)
	optionalID(f, "parent", e.Parent)
	f.check(len(e.Names) > 0, "names", "write its name in at least one language")
	f.check(len(e.Names) <= maxTopicNames, "names", "%d names are too many; write %d at most", len(e.Names), maxTopicNames)
	for _, l := range slices.Sorted(maps.Keys(e.Names)) {
		f.language("names", l)
		f.text("names."+string(l), e.Names[l])
	}
	if e.Specialty != "" {
		f.text("specialty", e.Specialty)
	}
	if e.MedlinePlus != nil {
		e.MedlinePlus.check(f, "medlineplus")
	}
	f.check(len(e.MeSH) <= maxMeSH, "mesh", "%d headings are too many; keep %d at most", len(e.MeSH), maxMeSH)
	for i, h := range e.MeSH {
		at := fmt.Sprintf("mesh[%d]", i)
		f.check(validMeSH(h.ID), at+".id", "%q is no descriptor of MeSH; write one like D015746", h.ID)
		f.text(at+".name", h.Name)
	}
	distinct(f, "mesh", len(e.MeSH), func(i int) string { return e.MeSH[i].ID })
	return f.err()
}

func (m *MedlinePlusTopic) check(f *faults, field string) {
	f.check(m.ID == "" || ValidMedlinePlusID(m.ID), field+".id", "%q is no number of a MedlinePlus topic; write one like 3061", m.ID)
	f.check(MedlinePlusPage(m.URL), field+".url", "%q is no page of MedlinePlus; write one like https://medlineplus.gov/abdominalpain.html", m.URL)
}

// ValidMedlinePlusID reports whether MedlinePlus may have such a number for something: 1 to 10 digits.
func ValidMedlinePlusID(id string) bool { return len(id) >= 1 && len(id) <= 10 && digits(id) }

// maxPage is the longest address of a page, in bytes: what a QR code can still say at a size that can be read.
const maxPage = 200

// MedlinePlusPage reports whether an address is a page of MedlinePlus, where it is now or where it was before 2016.
func MedlinePlusPage(address string) bool {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok || scheme != "https" && scheme != "http" || len(address) > maxPage || strings.ContainsFunc(rest, notInAddress) {
		return false
	}
	host, path, _ := strings.Cut(rest, "/")
	switch strings.ToLower(host) {
	case "medlineplus.gov", "www.medlineplus.gov":
		return true
	case "www.nlm.nih.gov", "nlm.nih.gov":
		return strings.HasPrefix(path, "medlineplus/")
	}
	return false
}

// notInAddress reports what an address has only encoded.
func notInAddress(r rune) bool {
	return r <= ' ' || r > unicode.MaxASCII || strings.ContainsRune("\"<>\\^`{|}\x7f", r)
}

// validMeSH reports whether id is a descriptor's: D and 6 or 9 digits.
func validMeSH(id string) bool {
	return (len(id) == 7 || len(id) == 10) && id[0] == 'D' && digits(id[1:])
}

// CheckTopics reports, as an [ErrInvalid], where entries make no tree: an id that is there twice, a parent that is not
// there, and topics that belong to themselves.
func CheckTopics(entries []TopicEntry) error {
	parents := make(map[Topic]Topic, len(entries))
	all := &faults{kind: "topic"}
	for i := range entries {
		all.id = string(entries[i].ID)
		_, twice := parents[entries[i].ID]
		all.check(!twice, "id", "%v is there twice; remove one", entries[i].ID)
		parents[entries[i].ID] = entries[i].Parent
	}
	ringed := rings(parents)
	for i := range entries {
		e := &entries[i]
		all.id = string(e.ID)
		_, there := parents[e.Parent]
		all.check(e.Parent == "" || there, "parent", "%s does not exist; choose another", e.Parent)
		all.check(!ringed[e.ID], "parent", "%s belongs to this topic itself; choose another", e.Parent)
	}
	return all.err()
}

// rings are the topics that are among their own ancestors.
func rings(parents map[Topic]Topic) map[Topic]bool {
	in := map[Topic]bool{}
	done := make(map[Topic]bool, len(parents))
	for start := range parents {
		var way []Topic
		at := start
		for ; at != "" && !done[at]; at = parents[at] {
			done[at] = true
			way = append(way, at)
		}
		if n := slices.Index(way, at); at != "" && n >= 0 {
			for _, t := range way[n:] {
				in[t] = true
			}
		}
	}
	return in
}
