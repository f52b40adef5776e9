// Package playlists is the domain of Anteroom: what a hospital's screens are to show, and why.
//
// A manifest, the takeovers in force and an instant decide what a screen shows. Everything here is a
// pure function of those: no clock, no files, no network. The controller and the players share this
// package and meet nowhere else, so a screen and the console always agree about any instant.
//
// The way through: documents ([Department], [Item], [Playlist], [Window] ...) are gathered in a
// [Hospital]; [Compile] turns them into a [Body] for a class of screens; a [Head] puts a body in force
// on one screen; a [Programme] answers At, Next and Why; a [Play] is the evidence that comes back.
//
// # When clocks change
//
// A window is on from one time on the wall to another. Each is mapped to an instant by itself: a time
// that the clocks skip is the first instant after the gap, a time that they show twice is the first of
// the two. So a window is an hour longer or shorter on those nights; what falls into a gap whole is not
// on; starts that fall together are one; and a window that ends where another starts meets it always. A
// closure names the date on which the rule starts, even if that start is mapped into the next.
//
//	zone                 start date  window          is on, by the wall and its offset from UTC      lasts
//	America/New_York     2026-03-07  22:00-06:00+1   03-07 22:00 -05:00 to 03-08 06:00 -04:00        7h0m
//	America/New_York     2026-03-08  02:30-04:00     03-08 03:00 -04:00 to 03-08 04:00 -04:00        1h0m
//	America/New_York     2026-03-08  02:10-02:50     never                                           0h0m
//	America/New_York     2026-10-31  22:00-06:00+1   10-31 22:00 -04:00 to 11-01 06:00 -05:00        9h0m
//	America/New_York     2026-11-01  01:30-03:00     11-01 01:30 -04:00 to 11-01 03:00 -05:00        2h30m
//	America/New_York     2026-11-01  00:30-01:30     11-01 00:30 -04:00 to 11-01 01:30 -04:00        1h0m
//	Africa/Cairo         2026-04-24  00:00-08:00     04-24 01:00 +03:00 to 04-24 08:00 +03:00        7h0m
//	Africa/Cairo         2026-10-29  23:30-01:00+1   10-29 23:30 +03:00 to 10-30 01:00 +02:00        2h30m
//	Australia/Lord_Howe  2026-10-04  02:10-03:00     10-04 02:30 +11:00 to 10-04 03:00 +11:00        0h30m
//	Australia/Lord_Howe  2026-04-05  01:40-03:00     04-05 01:40 +11:00 to 04-05 03:00 +10:30        1h50m
//	Pacific/Apia         2011-12-30  09:00-17:00     never                                           0h0m
//	Pacific/Apia         2011-12-29  22:00-06:00+1   12-29 22:00 -10:00 to 12-31 00:00 +14:00        2h0m
//	America/Sao_Paulo    2018-11-04  00:00-06:00     11-04 01:00 -02:00 to 11-04 06:00 -02:00        5h0m
//	America/Sao_Paulo    2018-02-17  23:30-06:00+1   02-17 23:30 -02:00 to 02-18 06:00 -03:00        7h30m
//	Africa/Casablanca    2026-02-14  22:00-06:00+1   02-14 22:00 +01:00 to 02-15 06:00 +00:00        9h0m
//	Africa/Casablanca    2026-03-21  22:00-06:00+1   03-21 22:00 +00:00 to 03-22 06:00 +01:00        7h0m
//
// A test holds this table against the code.
package playlists
