// Package ingest turns uploads into assets that every stage can show.
//
// An upload is received into a directory of its own, judged by its content, taken apart in child
// processes with limits, and comes out as a few new files: nothing of what was uploaded is kept or
// ever reaches a screen as it was. What lies about its type, is truncated or is a bomb is refused with
// the reason and a way out, and leaves nothing behind.
//
// One that comes in pieces goes on where it stopped: what has come of it is noted on the disk, with the state of its
// SHA-256, and what is sent again begins there, also after the controller was killed. One that nobody goes on with is
// removed after a day, one that is called off at once.
//
// An upload that was received whole lies on the disk with a small job file until it is ready or refused;
// the job file then says which, for whoever sent it and asks later. A controller that stops, is killed or
// loses power in the middle of a conversion leaves both, and the next one begins the conversion anew. One that was begun three times and ended with the controller
// each time, though nobody stopped it, is refused.
//
// Pictures become 1280, 1920 and 3840 pixels on the long side, upright, in sRGB. Videos become 720p,
// 1080p and 2160p: H.264 8-bit 4:2:0 at a constant frame rate, BT.709 in limited range, square pixels,
// sides a multiple of four, sound at -23 LUFS (EBU R128), the index in front. Nothing is made larger.
//
// A PDF becomes the pictures of its pages, drawn by poppler; its links, scripts and attachments are not looked at.
//
// Captions in WebVTT are kept as words and times alone, written anew.
//
// A frame rate within 0.1 % of 24, 25, 30, 50 or 60 a second, or of the 1000/1001 of 24, 30 or 60, is
// kept; others go to the next of 24, 25, 30, 50 and 60 above, those above 60 to 60. What is 2160p has
// at most 30.
//
// The children are the controller's own binary under [Command], which sets its own limits: see [Child].
package ingest
