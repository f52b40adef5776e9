// Package access decides who may do what, and knows who is asking.
//
// People sign in with a name and a password and get a session; [Authorize] is the one place where
// role, department, action and object meet, and what it does not list is denied. Nothing here can be
// turned back into a password or a session: passwords are kept as argon2id, tokens as SHA-256.
//
// Users are documents of kind [UserKind], so every change of one is a revision with its author. Their
// bodies hold password hashes and must never leave the controller as they are; [Access.Users] gives
// what may be shown. A request carries its [Actor] in the context; [Actor.Name] is what goes into By.
package access
