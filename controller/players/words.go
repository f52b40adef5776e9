package players

import "anteroom/playlists/wire"

// mostWords bounds what players can make the controller remember for the sake of others.
const mostWords = 10_000

// words keeps one copy of what many players say alike: what they show, and how they are.
type words struct{ known map[string]string }

// slim is a heartbeat as it is kept: without what nobody reads, and with what others say too in one copy.
func (w *words) slim(h wire.Heartbeat) wire.Heartbeat {
	h.State.Screen, h.State.Chain = "", nil
	h.State.Body = same(w, h.State.Body)
	health := &h.Health
	health.Source, health.Window, health.Stage = same(w, health.Source), same(w, health.Window), same(w, health.Stage)
	health.Display, health.Clock = same(w, health.Display), same(w, health.Clock)
	w.slimShowing(health.Showing)
	w.slimShowing(health.Next)
	return h
}

func (w *words) slimShowing(all []wire.NowShowing) {
	for i := range all {
		one := &all[i]
		one.Region, one.Item = same(w, one.Region), same(w, one.Item)
		one.Title, one.Language = same(w, one.Title), same(w, one.Language)
	}
}

func same[S ~string](w *words, s S) S {
	if s == "" {
		return s
	}
	if known, ok := w.known[string(s)]; ok {
		return S(known)
	}
	if w.known == nil || len(w.known) >= mostWords {
		w.known = map[string]string{} // rarely: the old ones go with the heartbeats that have them
	}
	w.known[string(s)] = string(s)
	return s
}
