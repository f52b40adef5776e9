package playlists

import (
	"cmp"
	"fmt"
	"slices"
)

// DemandStep is the step in which loops follow demand, in percent.
const DemandStep = 5

// DemandThreshold is the fewest people whose wish moves anything.
const DemandThreshold = 11

// DemandMode says what becomes of a department's demand when it was reckoned anew.
type DemandMode string

// The modes.
const (
	// DemandDraft: it waits as a change that somebody publishes.
	DemandDraft DemandMode = "draft"
	// DemandAutomatic: it goes out by itself, and nothing with it.
	DemandAutomatic DemandMode = "automatic"
)

// DemandRules say whether and how a department follows what its patients ask for.
type DemandRules struct {
	Mode DemandMode `json:"mode" enum:"draft,automatic" doc:"draft: it waits to be published; automatic: it goes out by itself, alone"`
	// LanguageTwelfths is how far the language mix may move.
	LanguageTwelfths int `json:"language_twelfths,omitempty" doc:"How many twelfths of the language mix may follow the languages that patients ask in, 0 to 6"`
}

// DemandShare is the part of a playlist's loop that follows demand. All are percent of the turns, in steps of five.
type DemandShare struct {
	Percent int `json:"percent" doc:"How much of the loop is for topics that patients ask for, at most; 5 to 50, in steps of five"`
	// Floor: demand takes no topic below it.
	Floor int `json:"floor,omitempty" doc:"Demand takes no topic that had so much below this part of the loop; 0 to 50, in steps of five"`
	// Ceiling: demand takes no topic above it.
	Ceiling int `json:"ceiling" doc:"Demand takes no topic above this part of the loop; 5 to 100, in steps of five"`
}

// Demand is what patients of a department asked for, and how far its loops follow by now.
type Demand struct {
	Department DepartmentID `json:"department"`
	// From and Until are the first and the last day of the weeks that Asked counts, which are over.
	From  Date `json:"from"`
	Until Date `json:"until"`
	// Topics ascend by id, and Languages as well.
	Topics    []TopicDemand    `json:"topics"`
	Languages []LanguageDemand `json:"languages"`
}

// TopicDemand is how often a topic was asked for, and its part of all wishes as far as loops follow.
type TopicDemand struct {
	Topic   Topic `json:"topic"`
	Asked   int   `json:"asked" doc:"How often, of weeks in which at least 11 people asked in one language"`
	Percent int   `json:"percent" doc:"The topic's part of all that is asked for, in steps of five; it moves by one step a week"`
}

// LanguageDemand is how often people asked in a language, and by how much its part of the mix has moved.
type LanguageDemand struct {
	Language Language `json:"language"`
	Asked    int      `json:"asked" doc:"How often, of weeks in which at least 11 people asked for one topic"`
	Twelfths int      `json:"twelfths" doc:"By how many twelfths its part of the mix is moved; it moves by one a week"`
}

// AskedFor is how often people asked for a topic in a language in one week. Fewer than [DemandThreshold] are not told.
type AskedFor struct {
	Topic    Topic
	Language Language
	Times    int
}

func (s *DemandShare) check(f *faults) {
	step := func(n int) bool { return n%DemandStep == 0 }
	f.check(step(s.Percent) && s.Percent >= 5 && s.Percent <= 50, "demand.percent", "%d percent for demand are out of bounds; choose 5 to 50 in steps of five", s.Percent)
	f.check(step(s.Floor) && s.Floor >= 0 && s.Floor <= 50, "demand.floor", "%d percent at least are out of bounds; choose 0 to 50 in steps of five", s.Floor)
	f.check(step(s.Ceiling) && s.Ceiling >= 5 && s.Ceiling <= 100 && s.Ceiling >= s.Floor, "demand.ceiling", "%d percent at most are out of bounds; choose 5 to 100 in steps of five, and not less than at least", s.Ceiling)
}

func (r *DemandRules) check(f *faults) {
	f.check(r.Mode == DemandDraft || r.Mode == DemandAutomatic, "demand.mode", "%q is no way to follow demand; choose draft or automatic", string(r.Mode))
	f.check(r.LanguageTwelfths >= 0 && r.LanguageTwelfths <= 6, "demand.language_twelfths", "%d twelfths that may move are out of bounds; choose 0 to 6", r.LanguageTwelfths)
}

// Validate reports, as an [ErrInvalid], what is wrong with the demand by itself.
func (d Demand) Validate() error {
	f := faultsOf("demand", d.Department)
	for i, t := range d.Topics {
		checkID(f, fmt.Sprintf("topics[%d].topic", i), t.Topic)
		f.check(t.Percent >= 0 && t.Percent <= 100 && t.Percent%DemandStep == 0, fmt.Sprintf("topics[%d].percent", i), "%d percent of the wishes are out of bounds; choose 0 to 100 in steps of five", t.Percent)
	}
	distinct(f, "topics", len(d.Topics), func(i int) Topic { return d.Topics[i].Topic })
	sum := 0
	for i, l := range d.Languages {
		f.language(fmt.Sprintf("languages[%d].language", i), l.Language)
		sum += l.Twelfths
	}
	distinct(f, "languages", len(d.Languages), func(i int) Language { return d.Languages[i].Language })
	f.check(sum == 0, "languages", "they move the mix by %d twelfths in all; what one gains another must lose", sum)
	return f.err()
}

// Next is the demand after one more week: each topic's part of the wishes moves by one step at most towards what it was in
// that week alone, and the language mix by one twelfth. So a wish counts in one week and never again, and a crowd of one
// day moves one step and is forgotten. The weeks that Asked counts are given as well, with the last one among them.
func (d Demand) Next(of Department, from Date, week, weeks []AskedFor) Demand {
	next := Demand{Department: of.ID, From: from, Until: d.Until}
	wanted, sum := byTopic(week)
	asked, _ := byTopic(weeks)
	was := map[Topic]int{}
	for _, t := range d.Topics {
		was[t.Topic] = t.Percent
		asked[t.Topic] += 0
	}
	for topic, times := range asked {
		want := 0
		if sum > 0 {
			want = 100 / DemandStep * wanted[topic] / sum * DemandStep
		}
		percent := was[topic] + DemandStep*cmp.Compare(want, was[topic])
		if times > 0 || percent > 0 {
			next.Topics = append(next.Topics, TopicDemand{topic, times, percent})
		}
	}
	slices.SortFunc(next.Topics, func(a, b TopicDemand) int { return cmp.Compare(a.Topic, b.Topic) })
	next.Languages = d.nextLanguages(of, week, weeks)
	return next
}

// byTopic adds up what may be told, over languages.
func byTopic(cells []AskedFor) (times map[Topic]int, sum int) {
	times = map[Topic]int{}
	for _, c := range cells {
		if c.Times >= DemandThreshold {
			times[c.Topic] += c.Times
			sum += c.Times
		}
	}
	return times, sum
}

// byLanguage adds up what may be told in the languages of a mix, in its order.
func byLanguage(cells []AskedFor, mix []LanguageShare) (times []int, sum int) {
	times = make([]int, len(mix))
	for _, c := range cells {
		i := slices.IndexFunc(mix, func(s LanguageShare) bool { return s.Language == c.Language })
		if i >= 0 && c.Times >= DemandThreshold {
			times[i] += c.Times
			sum += c.Times
		}
	}
	return times, sum
}

// nextLanguages moves one twelfth of the mix from the language that has most too much to the one that has most too little.
func (d Demand) nextLanguages(of Department, week, weeks []AskedFor) []LanguageDemand {
	mix := of.mixUnder(&d)
	times, sum := byLanguage(week, mix)
	asked, _ := byLanguage(weeks, mix)
	lacks := make([]int, len(mix)) // in parts of a twelfth of all
	for i, l := range mix {
		if lacks[i] = of.Languages[i].Twelfths - l.Twelfths; sum > 0 {
			lacks[i] = (12*times[i] - l.Twelfths*sum) / sum
		}
	}
	to, from := none, none
	for i, l := range mix {
		moved := l.Twelfths - of.Languages[i].Twelfths
		if lacks[i] > 0 && moved < of.mayMove() && (to == none || lacks[i] > lacks[to]) {
			to = i
		}
		if lacks[i] < 0 && l.Twelfths > 1 && -moved < of.mayMove() && (from == none || lacks[i] < lacks[from]) {
			from = i
		}
	}
	if to != none && from != none {
		mix[to].Twelfths++
		mix[from].Twelfths--
	}
	var moved []LanguageDemand
	for i, l := range mix {
		if by := l.Twelfths - of.Languages[i].Twelfths; by != 0 || asked[i] > 0 {
			moved = append(moved, LanguageDemand{l.Language, asked[i], by})
		}
	}
	slices.SortFunc(moved, func(a, b LanguageDemand) int { return cmp.Compare(a.Language, b.Language) })
	return moved
}

// mayMove is how many twelfths each language of the mix may gain or lose.
func (d Department) mayMove() int {
	if d.Demand == nil {
		return 0
	}
	return d.Demand.LanguageTwelfths
}

// mixUnder is the department's language mix as demand has moved it, within what staff allow by now. It is the caller's.
func (d Department) mixUnder(demand *Demand) []LanguageShare {
	mix, sum := slices.Clone(d.Languages), 0
	for _, l := range demand.Languages {
		i := slices.IndexFunc(mix, func(s LanguageShare) bool { return s.Language == l.Language })
		if i < 0 || max(l.Twelfths, -l.Twelfths) > d.mayMove() || mix[i].Twelfths+l.Twelfths < 1 {
			return slices.Clone(d.Languages)
		}
		mix[i].Twelfths += l.Twelfths
		sum += l.Twelfths
	}
	if sum != 0 {
		return slices.Clone(d.Languages)
	}
	return mix
}

// Moves reports whether loops would change if demand were that and not this: what was counted alone changes nothing.
func (d Demand) Moves(that Demand) bool {
	topics, languages := map[Topic]int{}, map[Language]int{}
	for _, t := range d.Topics {
		topics[t.Topic] += t.Percent
	}
	for _, t := range that.Topics {
		topics[t.Topic] -= t.Percent
	}
	for _, l := range d.Languages {
		languages[l.Language] += l.Twelfths
	}
	for _, l := range that.Languages {
		languages[l.Language] -= l.Twelfths
	}
	for _, n := range topics {
		if n != 0 {
			return true
		}
	}
	for _, n := range languages {
		if n != 0 {
			return true
		}
	}
	return false
}

// demanded is a playlist's entries under demand.
type demanded struct {
	share  *DemandShare
	own    []int     // staff's weights
	topics [][]Topic // of each entry
	asked  []TopicDemand
	steps  []int // that each asked topic gets
	slots  int   // of the loop
}

// weights are the entries' turns in a loop that follows demand, and for each entry the topic that it has more turns for, nil
// for the others. They are staff's own where demand does not move anything.
func (s *DemandShare) weights(own []int, topics [][]Topic, demand *Demand) ([]int, []*TopicDemand) {
	d := &demanded{share: s, own: own, topics: topics}
	d.slots = min(MaxSlots, max(100, (4*len(own)+19)/20*20))
	all := 0
	for _, t := range demand.Topics {
		all += t.Percent
		if t.Percent > 0 && slices.ContainsFunc(topics, func(of []Topic) bool { return slices.Contains(of, t.Topic) }) {
			d.asked = append(d.asked, t)
		}
	}
	slices.SortStableFunc(d.asked, func(a, b TopicDemand) int {
		return cmp.Or(cmp.Compare(b.Percent, a.Percent), cmp.Compare(b.Asked, a.Asked))
	})
	d.share.divide(d, max(100, all))
	for d.total() > 0 {
		weights := d.turns()
		i := d.outOfBounds(weights)
		if i == none {
			return weights, d.raised()
		}
		d.steps[i]--
	}
	return own, make([]*TopicDemand, len(own))
}

// divide gives each asked topic its steps of the share, those with the largest rest first.
func (s *DemandShare) divide(d *demanded, all int) {
	d.steps = make([]int, len(d.asked))
	pool, sum := s.Percent/DemandStep, 0
	rest := make([]int, len(d.asked))
	for i, t := range d.asked {
		d.steps[i], rest[i] = pool*t.Percent/all, pool*t.Percent%all
		sum += rest[i]
	}
	for range sum / all {
		most := slices.Index(rest, slices.Max(rest))
		d.steps[most]++
		rest[most] = 0
	}
}

func (d *demanded) total() int {
	sum := 0
	for _, n := range d.steps {
		sum += n
	}
	return sum
}

// turns divides the slots: so many steps among the entries of each asked topic, and the rest among all, by staff's weights.
func (d *demanded) turns() []int {
	step := d.slots * DemandStep / 100
	weights := apportion(d.own, d.slots-d.total()*step)
	for i, t := range d.asked {
		of := make([]int, len(d.own))
		for e, topics := range d.topics {
			if slices.Contains(topics, t.Topic) {
				of[e] = d.own[e]
			}
		}
		for e, more := range apportion(of, d.steps[i]*step) {
			weights[e] += more
		}
	}
	return weights
}

// outOfBounds is the asked topic that must give a step back; none if all is within bounds.
func (d *demanded) outOfBounds(weights []int) int {
	least := none // that which has steps and is asked for least
	for i, t := range d.asked {
		if d.steps[i] > 0 {
			least = i
			if d.of(weights, t.Topic)*100 > d.share.Ceiling*d.slots {
				return i
			}
		}
	}
	own := 0
	for _, w := range d.own {
		own += w
	}
	for e, topics := range d.topics {
		if weights[e] == 0 {
			return least // nothing that staff chose goes for good
		}
		for _, t := range topics {
			if d.of(d.own, t)*100 >= d.share.Floor*own && d.of(weights, t)*100 < d.share.Floor*d.slots {
				return least
			}
		}
	}
	return none
}

// of is how many of the weights are of a topic.
func (d *demanded) of(weights []int, topic Topic) int {
	sum := 0
	for e, topics := range d.topics {
		if slices.Contains(topics, topic) {
			sum += weights[e]
		}
	}
	return sum
}

// raised is for each entry the topic that gave it most.
func (d *demanded) raised() []*TopicDemand {
	raised := make([]*TopicDemand, len(d.own))
	for e, topics := range d.topics {
		most := 0
		for i, t := range d.asked {
			if d.steps[i] > most && slices.Contains(topics, t.Topic) {
				most, raised[e] = d.steps[i], &d.asked[i]
			}
		}
	}
	return raised
}

// apportion divides so many slots by weights, those with the largest rest first, and of equals the earlier.
func apportion(weights []int, slots int) []int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	shares, rest, given := make([]int, len(weights)), make([]int, len(weights)), 0
	for i, w := range weights {
		shares[i], rest[i] = slots*w/sum, slots*w%sum
		given += shares[i]
	}
	for range slots - given {
		most := slices.Index(rest, slices.Max(rest))
		shares[most]++
		rest[most] = none
	}
	return shares
}

// Asked says for what demand a slot of the programme comes more often, if it does.
func (p *Programme) Asked(s *Slot) (topic Topic, times int, ok bool) {
	if s.Entry == nil || s.Entry.Topic == "" {
		return "", 0, false
	}
	return s.Entry.Topic, s.Entry.Asked, true
}
