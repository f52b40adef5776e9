package wire

// ComeBack reports whether a player that was closed with code should dial again by itself, as after
// any break that has no code of ours. It should not where only people can change the outcome; it then
// waits [ComeBackLate].
func ComeBack(code int) bool {
	switch code {
	case CloseRevoked, CloseVersion, CloseIdentity:
		return false
	}
	return true
}
