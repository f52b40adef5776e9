package access

import (
	"slices"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Action is what an actor wants to do to an object.
type Action string

// The actions.
const (
	See     Action = "see"     // read it, and its revisions
	Edit    Action = "edit"    // make, change or delete a draft; upload; pair and revoke players
	Approve Action = "approve" // let an item's version out that somebody else wrote, or send it back
	Release Action = "release" // let an item's version out that nobody has reviewed
	Publish Action = "publish" // put drafts on the screens of departments; undo
	Alert   Action = "alert"   // start and clear takeovers
)

// Actions lists all actions.
func Actions() []Action { return []Action{See, Edit, Approve, Release, Publish, Alert} }

// The kinds of object beyond the documents' own kinds.
const (
	UserKind   store.Kind = "user"
	UploadKind store.Kind = "upload" // a file on its way into the library
	AssetKind  store.Kind = "asset"  // a file of the library
	PlayKind   store.Kind = "play"   // plays, and every figure made of them
	BackupKind store.Kind = "backup" // how backups went
	AuditKind  store.Kind = "audit"  // who changed what
	// AccountKind is one's own: password, sessions, tokens.
	AccountKind store.Kind = "account"
)

// Object is what an action is done to.
type Object struct {
	// Kind is a document's kind, or one of the kinds above.
	Kind store.Kind
	// Departments are all departments that the object belongs to or that the action reaches, before
	// and after a change. Without any, it concerns the organisation as a whole. To see it takes one of
	// them, for anything else the actor needs all.
	Departments []playlists.DepartmentID
}

// scope says which departments an actor needs for an object.
type scope int

const (
	denied scope = iota
	// library: common to all; departments matter only where the object names some.
	library
	// local: only for those who have departments that the object names.
	local
	// whole: the organisation's own; only who is responsible everywhere.
	whole
)

// Authorize is nil if the actor may do the action to the object, and otherwise a [playlists.ErrDenied]
// that says whom to ask. What is not listed here is denied.
func Authorize(a Actor, action Action, o Object) error {
	if a.Scope != nil && !a.Scope.Allows(action, o.Kind) {
		return playlists.Refuse(playlists.ErrDenied, "this token may not %s %ss; its owner can make one that may, if they may themselves", action, o.Kind)
	}
	s := allowed(a.Role, action, o.Kind)
	if a.Name != "" && s != denied && a.covers(s, action, o.Departments) {
		return nil
	}
	if a.Name == "" {
		return playlists.Refuse(playlists.ErrDenied, "sign in first")
	}
	if s != denied {
		return playlists.Refuse(playlists.ErrDenied, "you may %s this only in your own departments; ask a colleague there or an administrator", action)
	}
	return playlists.Refuse(playlists.ErrDenied, "a %s may not %s %ss; ask an administrator", a.Role, action, o.Kind)
}

// Holds reports whether there is anything of a kind to which the actor may do the action, and whether only what belongs
// to their own departments.
func Holds(a Actor, action Action, kind store.Kind) (may, own bool) {
	own = !a.Everywhere && allowed(a.Role, action, kind) == local
	o := Object{Kind: kind}
	if own {
		o.Departments = a.Departments
	}
	return Authorize(a, action, o) == nil, own
}

// Holders lists the roles that may do an action to something of a kind, the widest first.
func Holders(action Action, kind store.Kind) []Role {
	return slices.DeleteFunc(Roles(), func(r Role) bool { return allowed(r, action, kind) == denied })
}

func (a Actor) covers(s scope, action Action, departments []playlists.DepartmentID) bool {
	if a.Everywhere {
		return true
	}
	if len(departments) == 0 || s == whole {
		return s == library
	}
	own := func(d playlists.DepartmentID) bool { return slices.Contains(a.Departments, d) }
	if action == See {
		return slices.ContainsFunc(departments, own)
	}
	return !slices.ContainsFunc(departments, func(d playlists.DepartmentID) bool { return !own(d) })
}

// allowed is the whole of the rules about roles.
func allowed(r Role, action Action, kind store.Kind) scope {
	if !slices.Contains(Roles(), r) {
		return denied
	}
	switch action {
	case See:
		return sees(r, kind)
	case Edit:
		return edits(r, kind)
	case Approve:
		return one(kind == "item" && among(r, Reviewer), library)
	case Release:
		return one(kind == "item" && among(r), whole)
	case Publish:
		return one(kind == "publication" && among(r, Scheduler), local)
	case Alert:
		return one(kind == "takeover" && among(r, Scheduler), local)
	}
	return denied
}

func sees(r Role, kind store.Kind) scope {
	switch kind {
	case "organisation", "site", "department", "item", "playlist", "layout", "window", "closure", "topic", "demand", "state",
		"publication", "takeover", UploadKind, AssetKind:
		return library
	case "screen", "player", "head", PlayKind:
		return local
	case UserKind, AuditKind, BackupKind:
		return one(among(r), whole)
	case AccountKind:
		return library
	}
	return denied
}

func edits(r Role, kind store.Kind) scope {
	switch kind {
	case "organisation", "site", UserKind:
		return one(among(r), whole)
	case "department":
		return one(among(r), local)
	case "screen", "player", "window", "state":
		return one(among(r, Scheduler), local)
	case "layout", "closure":
		return one(among(r, Scheduler), library)
	case "item", "playlist", "topic", UploadKind:
		return one(among(r, Scheduler, Marketer), library)
	case AccountKind:
		return library
	}
	return denied
}

// among reports whether r is one of the roles or an administrator.
func among(r Role, roles ...Role) bool { return r == Administrator || slices.Contains(roles, r) }

func one(ok bool, s scope) scope {
	if ok {
		return s
	}
	return denied
}
