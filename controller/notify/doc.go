// Package notify tells a department's contacts what nobody should have to watch for: once when it begins, and
// once when it is over.
//
// [Decide] is pure: what was told, and how everything is at an instant, give what is to be told now. Around it,
// [Notifier] looks every minute, keeps what was told and what is still to be sent in the store, so that a
// restart repeats nothing, and sends by mail and by webhook until it is taken, for a day at most.
package notify
