package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"anteroom/controller"
	"anteroom/controller/medlineplus"
	"anteroom/playlists"
)

type importCommands struct {
	MedlinePlus medlinePlusCommand `cmd:"" name:"medlineplus" help:"Make draft slides of health topics of MedlinePlus, in English and Spanish, for review."`
}

// fewTopics is the most topics that are imported without being chosen.
const fewTopics = 100

type medlinePlusCommand struct {
	Data   directory `required:"" placeholder:"DIR" help:"Directory of the controller, which may run meanwhile."`
	Topic  []string  `placeholder:"NAME" sep:"none" help:"Topic to import, by its number or its name; may be repeated."`
	Group  []string  `placeholder:"NAME" sep:"none" help:"Group of topics to import, by its number or its name; may be repeated."`
	All    bool      `help:"Import every topic of the file. Without a choice that is so for files of up to 100 topics."`
	DryRun bool      `help:"Say what would be done, and do nothing."`
	File   string    `arg:"" help:"File of health topics, mplus_topics_DATE.xml from medlineplus.gov/xml.html; - reads standard input."`
}

// Run says what will be done, does it, and says what was done.
func (m *medlinePlusCommand) Run(ctx context.Context, p *process) error {
	file, err := m.read(p.stdin)
	if err != nil {
		return err
	}
	order := &controller.Import{File: file, Choice: medlineplus.Choice{All: m.All, Topics: m.Topic, Groups: m.Group}, DryRun: true}
	many := order.Choice.Empty() && len(file.Pairs) > fewTopics
	if order.Choice.Empty() && !many {
		order.Choice.All = true
	}
	plan, err := controller.ImportMedlinePlus(ctx, string(m.Data), order)
	if err != nil {
		return err
	}
	tell(p.stdout, "The file of %s has %d topics in %d groups.\n", cmp.Or(file.Generated, "an unknown day"), len(plan.Topics), len(plan.Groups))
	if many {
		if err := tellGroups(p.stdout, plan.Groups); err != nil {
			return err
		}
		return fmt.Errorf("%w: nobody reviews %d topics at once: choose with --group or --topic, or take --all", playlists.ErrInvalid, len(plan.Topics))
	}
	tellTopics(p.stdout, "To do", &plan)
	if m.DryRun {
		tell(p.stdout, "Nothing was written.\n")
		return nil
	}
	order.DryRun = false
	done, err := controller.ImportMedlinePlus(ctx, string(m.Data), order)
	if err != nil {
		return err
	}
	tellTopics(p.stdout, "Done", &done)
	return nil
}

func (m *medlinePlusCommand) read(stdin io.Reader) (medlineplus.File, error) {
	if m.File == "-" {
		return medlineplus.Read(stdin)
	}
	f, err := os.Open(m.File)
	if err != nil {
		return medlineplus.File{}, fmt.Errorf("reading health topics: %w", err)
	}
	file, err := medlineplus.Read(f)
	return file, errors.Join(err, f.Close())
}

func tellGroups(w io.Writer, groups []medlineplus.ImportedGroup) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, g := range groups {
		tell(table, "  %s\t%s\t%d topics\n", g.ID, cmp.Or(g.Names["en"], g.Names["es"]), g.Topics)
	}
	return table.Flush()
}

// tellTopics prints a line a state, and the topics that a person should look at.
func tellTopics(w io.Writer, when string, r *medlineplus.Imported) {
	words := map[medlineplus.State]string{
		medlineplus.New: "new drafts, for review", medlineplus.Changed: "new versions of what MedlinePlus has changed, for review",
		medlineplus.Edited: "left as staff have changed them", medlineplus.Unfit: "left out: nothing whole of them fits on a slide",
		medlineplus.Same: "in the library as they are there",
	}
	tell(w, "%s:\n", when)
	for _, s := range medlineplus.States() {
		if n := r.Counts[s]; n > 0 {
			tell(w, "  %d %s\n", n, words[s])
		}
	}
	if n := len(r.Entries); n > 0 {
		tell(w, "  %d new topics in the topic tree\n", n)
	}
	for i := range r.Topics {
		if t := &r.Topics[i]; t.Chosen && (t.State == medlineplus.Edited || t.State == medlineplus.Unfit) {
			tell(w, "    %s: %s (%s)\n", t.State, cmp.Or(t.Names["en"], t.Names["es"]), t.Item)
		}
	}
}
