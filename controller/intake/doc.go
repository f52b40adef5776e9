// Package intake takes plays in: each is counted once, and acknowledged only after it is durable.
//
// A batch is verified where it comes in; one goroutine then compares it with what is stored, and
// appends what is new, of all players whose batches wait, in one transaction. What happens to a batch
// depends on the chain alone:
//
//   - It continues the stream: it is appended.
//   - It begins with known plays of the same chain: they are dropped. It may be known as a whole.
//   - Numbers are missing before it: the player is asked for the first of them. (A player that no
//     longer has it puts the rest into a new stream, with a gap record.)
//   - The same number with another chain: two players share one identity (a copied disk), or one was
//     restored from an old copy. Both play on. The plays of the second go to a branch, a stream whose
//     id is derived from the first one's ([Branch]), from the first number on in which the two differ;
//     it names the stream that it left. Every later batch goes where its chain fits, so which machine
//     sent it does not matter. Figures count both, since both machines did play; staff are told.
//   - A player says in its hello that it lacks plays which it has sent: its disk is an old copy too. It
//     goes on in a new stream, and staff are told ([Intake.Resume]).
//   - It meets no known chain: the two differ before it begins, so the player is asked for the oldest
//     play that it has ([Intake.Resume] knows it), and a branch begins there at the latest.
//
// What one player can make an intake remember and begin is bounded ([ErrTooManyStreams]), whatever it says.
//
// An acknowledgement never goes beyond the end of the batch that it answers: a player that shares its
// stream with another must not take the other's plays for its own.
package intake
