package hub

// Party is party, for tests.
func Party(remote string) string { return party(remote) }
