// Package bolt is a store in bbolt files, which says so when what it reads is not what it wrote.
//
// A file is opened only after a probe has read all of it, in a child process, since a damaged one can
// crash whoever reads it. Every value begins with a CRC-32C of its table, its key and itself; a ledger,
// written with every transaction, counts what must be there. A commit that fails closes the file, makes
// the kernel forget it, and opens it again through the probe. A lock on the directory keeps other
// processes out.
//
// A damaged documents.db is left alone, and the store does not open: the operator decides. The damaged
// file of the month that is written is set aside, since players still have most of what is in it and
// send it again; the next one begins with the watermarks of the month before. A damaged closed month
// is an error of every report that needs it.
//
// Counts of what patients asked for are in counts.db, which is made with the first. A damaged one is set aside: figures
// are missed, and nothing waits for them.
//
// Months that are no longer kept ([Store.Forget]) are noted in the file that is written before theirs are removed.
//
// Documents are in one file. Plays are in a file for each month of arrival, which holds all that its
// own plays need; a new one begins with copies of all watermarks and a list of the months before. A month
// of more than 256 MiB goes on in another part, plays-2026-11-part002.db, so that a start never has to
// prove more than that, and no damage costs more; a part is closed and opened like a month. The
// drawing, numbers big-endian, sorted by key (after each value's checksum):
//
//	documents.db
//	  meta          "ledger"                -> JSON: format, commits, keys of every table, last change
//	  revisions     kind 0 id 0 revision:8  -> length of head, head in JSON, body as it was given
//	  newest        kind 0 id 0             -> revision:8
//	  changes       change:8                -> key in revisions
//	counts.db
//	  meta          "ledger"                -> JSON: format, commits, keys of the table
//	  counts        week:4 department 0 what 0 of 0 language -> how often:8; week is its Monday
//	plays-2026-11.db
//	  meta          "ledger"                -> JSON: format, commits, keys of every table, first and last day
//	                "earlier"               -> JSON: earlier months, their commits, first and last day, and which are forgotten
//	  names         number:4                -> text; every text of the file once, from 1 on
//	  dictionaries  day:4 stream:16         -> shapes: mask of what differs from the one before, values
//	  plays         day:4 stream:16 first:8 -> last - first, chain before, runs (one a batch)
//	  streams       stream:16               -> JSON: watermark, end of the last play, last chain value and signature
//	  rollups       hour:8 screen:4         -> item, version, language, outcome, window, takeover, count, ms ...
//	  days          day:4 screen:4          -> the same of a day on the screen's wall clock
//	  months        day:4 screen:4          -> the same of a month there, under its first day
//	  totals        what:1 day:4 number:4   -> days and months added up further, see there; not before format 3
//
// A play takes about four bytes in a run: its shape (everything that repeats), its start against the
// end of the play before it, its length against the planned one. A day is that of the plays' start in
// UTC, so that a report reads only its own; runs of a stream's day are merged into values of up to
// 1,800 bytes.
package bolt
