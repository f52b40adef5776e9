// Package publish puts drafts on screens: documents become publications, bodies and signed heads.
//
// A publication pins, for each department chosen, one revision of every document that the department
// reaches; what the newest publication of a department pins is in force there, and nothing that a
// colleague saves later changes it. Screens that get the same share one body; each screen has a head
// of its own, signed, whose generation only grows, and only when the body changes. Heads and
// publications are documents, all of whose revisions are kept: any moment of the past can be asked for.
package publish
