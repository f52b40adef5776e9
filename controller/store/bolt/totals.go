package bolt

import (
	"context"

	"anteroom/controller/store"
)

// The table of totals has what days and months hold, without what most reports do not ask for: of a report by screen it
// reads a row for each screen and day with a figure or two in place of some fifty, and of one by item or by day a row for
// each item or day in place of one for each screen as well. All of it is written in the transaction that writes what it
// adds up; a key's first byte says of what it is.

// span is how long the figures of a key are of.
type span byte

const (
	ofDays span = iota
	ofMonths
)

// The first bytes of the keys of totals: what is kept apart besides the outcome and the takeover.
const (
	allOf     = "a" // nothing; the number is 0
	itemsOf   = "i" // the item; the number is that of its name
	screensOf = "s" // the screen; the number is that of its name

	// The same of months.
	allOfMonth     = "A"
	itemsOfMonth   = "I"
	screensOfMonth = "S"
)

// drawer is where figures lie: in a table, under keys that begin with a prefix.
type drawer struct{ table, prefix string }

// key is where those of a day begin.
func (d drawer) key(day int32) []byte { return append([]byte(d.prefix), dayKey(day)...) }

// drawerOf is where the fewest figures lie that keep apart what is asked for.
func drawerOf(of span, by *store.Apart, totals bool) drawer {
	fine, all, items, screens := tableDays, allOf, itemsOf, screensOf
	if of == ofMonths {
		fine, all, items, screens = tableMonths, allOfMonth, itemsOfMonth, screensOfMonth
	}
	switch {
	case !totals || by.Version || by.Language || by.Window || by.Item && by.Group != nil:
		return drawer{table: fine}
	case by.Group != nil:
		return drawer{tableTotals, screens}
	case by.Item:
		return drawer{tableTotals, items}
	}
	return drawer{tableTotals, all}
}

// drawer is that of a month's file, which may have no totals.
func (m *month) drawer(ctx context.Context, of span, by store.Apart) (d drawer, err error) {
	err = m.file.view(ctx, func(t *tx) error {
		d = drawerOf(of, &by, t.table(tableTotals).bucket != nil)
		return nil
	})
	return d, err
}

// totalled is the key of a total: of what, of which day or first one of a month, and the number of a name.
type totalled struct {
	dated

	what string
}

func (k *totalled) bytes() []byte { return rollupKey(drawer{prefix: k.what}.key(k.day), k.screen) }

// totals are figures by their keys.
type totals map[totalled]*figures

// add adds the same figures to those of a day and of its month.
func (t totals) add(day, month string, k dated, f *figures) {
	for _, k := range [...]totalled{{k, day}, {dated{firstOfMonth(k.day), k.screen}, month}} {
		if t[k] == nil {
			t[k] = &figures{}
		}
		t[k].addAll(f)
	}
}

// total writes what the figures of days add up to.
func (w *writer) total(days map[dated]*figures) error {
	all, items := totals{}, map[int32]*figures{}
	for k, f := range days {
		if items[k.day] == nil {
			items[k.day] = &figures{}
		}
		var screen figures
		for i, e := range f.entries.all {
			items[k.day].add(entry{item: e.item, outcome: e.outcome, takeover: e.takeover}, f.sums[i])
			screen.add(entry{outcome: e.outcome, takeover: e.takeover}, f.sums[i])
		}
		all.add(screensOf, screensOfMonth, k, &screen)
	}
	for day, f := range items {
		all.addItems(day, f)
	}
	for k, f := range all {
		if err := w.sumUp(tableTotals, k.bytes(), f); err != nil {
			return err
		}
	}
	return nil
}

// addItems adds the figures of a day by item, and without it.
func (t totals) addItems(day int32, f *figures) {
	var whole figures
	items := map[uint32]*figures{}
	for i, e := range f.entries.all {
		if items[e.item] == nil {
			items[e.item] = &figures{}
		}
		items[e.item].add(e, f.sums[i])
		whole.add(entry{outcome: e.outcome, takeover: e.takeover}, f.sums[i])
	}
	for item, f := range items {
		t.add(itemsOf, itemsOfMonth, dated{day, item}, f)
	}
	t.add(allOf, allOfMonth, dated{day, 0}, &whole)
}
