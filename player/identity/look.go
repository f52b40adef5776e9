package identity

import "anteroom/playlists"

// Seen is what [Look] finds.
type Seen struct {
	// Made: there is an identity; a player makes it at its first start.
	Made bool
	// Screen is the place that staff have chosen; empty while the player is not paired.
	Screen playlists.ScreenID
	// Damaged are copies that are not sound; a start writes them again from the other.
	Damaged []string
}

// Look reads the identity kept in dir and changes nothing.
func Look(dir string) (Seen, error) {
	newest, damaged, err := (&Identity{dir: dir}).read()
	if err != nil || newest == nil {
		return Seen{Damaged: damaged}, err
	}
	return Seen{Made: true, Screen: newest.Screen, Damaged: damaged}, nil
}
