// Package playlists is the domain of Anteroom: what a hospital's screens are to show, and why.
//
// A manifest, the takeovers in force and an instant decide what a screen shows. Everything here is a
// pure function of those: no clock, no files, no network. The controller and the players share this
// package and meet nowhere else, so a screen and the console always agree about any instant.
//
// The way through: documents ([Department], [Item], [Playlist], [Window] ...) are gathered in a
// [Hospital]; [Compile] turns them into a [Body] for a class of screens; a [Head] puts a body in force
// on one screen; a [Programme] answers At, Next and Why; a [Play] is the evidence that comes back.
package playlists
