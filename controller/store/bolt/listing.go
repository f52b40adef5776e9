package bolt

// listing numbers values in the order in which they first came. They mostly come in that order again, as a
// screen's loop does, so that the next one is found by a look or a few.
type listing[T comparable] struct {
	all   []T
	last  int
	index map[T]int // of all, once looking around has not been enough
}

// around is how many values are looked at before an index is worth making.
const around = 128

// find gives the number of a value.
func (l *listing[T]) find(v *T) (at int, ok bool) {
	at = l.last
	for range min(len(l.all), around) {
		at = (at + 1) % len(l.all)
		if l.all[at] == *v {
			l.last = at
			return at, true
		}
	}
	if len(l.all) <= around {
		return 0, false
	}
	if at, ok = l.indexed()[*v]; ok {
		l.last = at
	}
	return at, ok
}

func (l *listing[T]) indexed() map[T]int {
	if l.index == nil {
		l.index = make(map[T]int, len(l.all))
		for i, v := range l.all {
			l.index[v] = i
		}
	}
	return l.index
}

// add numbers a value that has none.
func (l *listing[T]) add(v T) (at int) {
	at = len(l.all)
	l.all, l.last = append(l.all, v), at
	if l.index != nil {
		l.index[v] = at
	}
	return at
}
