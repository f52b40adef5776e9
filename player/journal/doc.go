// Package journal keeps plays on disk until the controller has them.
//
// A play is opened before its scene goes to the stage, begun with its first picture, and ended with a
// number. Marks without a number that an earlier boot left behind become interrupted plays; those of this
// boot wait for whoever knows what was drawn ([Found]). Numbers are given in the transaction that makes a
// play durable, so a power cut never reuses one, and nothing is sent before. Plays of an unset clock wait
// for their number until the clock is set in the same boot, which gives them their true time; at the next
// boot they are numbered as they are. Numbers of a stream are dense from 1; what is lost or condensed stays
// visible as a gap.
//
// On disk:
//
//	journal.json              streams, oldest first: id, controller, how far acknowledged
//	early-<run>.jsonl         steps of a run that was not open yet, until its first commit; never synced
//	0001-<stream>/            one directory a stream; the last one is written to
//	  000001-2026-11-22-1.db  one bbolt file a day; its name ends with its first number
//	    meta   "meta"   ->    first and last number, chain before and after, last sign of life (JSON)
//	    plays  number   ->    one play, packed as on the wire
//	    open   turn     ->    a mark: a play without a number (JSON)
//	    held   place    ->    a play that is over and waits for the clock to be set, packed
//	  000001-….db.damaged     what failed its probe, kept for a person to look at
//
// Every value begins with the CRC-32C of its key and itself, because bbolt has no checksum on its pages;
// and no file is opened before a probe has read it whole, in a child process outside tests, because a
// damaged one can take the process with it. Only marks and held plays of the newest file count.
package journal
