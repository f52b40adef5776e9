package api

import (
	"net/http"
	"strings"

	"anteroom/controller/access"
	"anteroom/controller/access/provider"
	"anteroom/controller/calendars"
	"anteroom/controller/medlineplus"
	"anteroom/controller/publish"
	"anteroom/controller/store"
)

// Who may use a route.
type Who string

// From everyone to the few.
const (
	// Anyone: strangers too.
	Anyone Who = "anyone"
	// Player: who shows a bearer that a paired player was given.
	Player Who = "player"
	// Secret: who knows an address that carries a screen's secret.
	Secret Who = "secret"
	// Staff: who is signed in and whose role may do the route's action to its kind in some department;
	// the handler then asks about the very departments.
	Staff Who = "staff"
)

// Route is a row of the access table.
type Route struct {
	Method string
	// Path is written as in OpenAPI, "/api/v1/screens/{id}".
	Path string
	Who  Who
	// Action and Kind are what a [Staff] route needs; without an action any signed-in person will do.
	Action access.Action
	Kind   store.Kind
	// Limit is the most bytes of a request's body; 0 means that none is expected.
	Limit int64
	// Quiet routes are not logged while they succeed: they are asked all the time.
	Quiet bool
}

// Sizes of requests.
const (
	mebi        = 1 << 20
	formLimit   = 16 << 10
	wordLimit   = 64 << 10
	documentMax = 2 * mebi
	uploadLimit = 8 << 30
	pictureMax  = mebi
)

// Routes is the whole access table: what is not in it is refused.
func Routes() []Route {
	rows := []Route{
		{Method: http.MethodGet, Path: "/healthz", Who: Anyone, Quiet: true},
		{Method: http.MethodHead, Path: "/healthz", Who: Anyone, Quiet: true},
		{Method: http.MethodGet, Path: "/readyz", Who: Anyone, Quiet: true},
		{Method: http.MethodHead, Path: "/readyz", Who: Anyone, Quiet: true},
		{Method: http.MethodGet, Path: "/sign-in", Who: Anyone},
		{Method: http.MethodPost, Path: "/sign-in", Who: Anyone, Limit: formLimit},
		{Method: http.MethodGet, Path: signInByPath, Who: Anyone},
		{Method: http.MethodGet, Path: provider.ReturnPath, Who: Anyone},
		{Method: http.MethodPost, Path: "/sign-out", Who: Anyone, Limit: formLimit},
		{Method: http.MethodGet, Path: "/first", Who: Anyone},
		{Method: http.MethodPost, Path: "/first", Who: Anyone, Limit: formLimit},
		{Method: http.MethodGet, Path: welcomePath, Who: Anyone},
		{Method: http.MethodPost, Path: welcomePath, Who: Anyone, Limit: formLimit},
		{Method: http.MethodGet, Path: "/pages.css", Who: Anyone, Quiet: true},
		{Method: http.MethodGet, Path: "/sheet.css", Who: Anyone, Quiet: true},
		{Method: http.MethodGet, Path: "/inter.woff2", Who: Anyone, Quiet: true},
		{Method: http.MethodGet, Path: "/favicon.svg", Who: Anyone, Quiet: true},
		{Method: http.MethodGet, Path: "/logo", Who: Anyone, Quiet: true},

		{Method: http.MethodGet, Path: "/smil/{token}/programme.smil", Who: Secret, Quiet: true},
		{Method: http.MethodHead, Path: "/smil/{token}/programme.smil", Who: Secret, Quiet: true},
		{Method: http.MethodGet, Path: "/smil/{token}/files/{digest}", Who: Secret, Quiet: true},
		{Method: http.MethodHead, Path: "/smil/{token}/files/{digest}", Who: Secret, Quiet: true},

		{Method: http.MethodGet, Path: "/player/v1/link", Who: Anyone},
		{Method: http.MethodGet, Path: "/player/v1/bodies/{digest}", Who: Player, Quiet: true},
		{Method: http.MethodGet, Path: "/player/v1/assets/{digest}", Who: Player, Quiet: true},
		{Method: http.MethodHead, Path: "/player/v1/assets/{digest}", Who: Player, Quiet: true},
		{Method: http.MethodPut, Path: "/player/v1/snapshots/{id}", Who: Player, Limit: pictureMax, Quiet: true},

		{Method: http.MethodGet, Path: "/api/openapi.json", Who: Staff, Quiet: true},
		{Method: http.MethodGet, Path: "/api/v1/me", Who: Staff, Quiet: true},
		{Method: http.MethodPut, Path: "/api/v1/me/password", Who: Staff, Action: access.Edit, Kind: access.AccountKind, Limit: formLimit},
		{Method: http.MethodGet, Path: "/api/v1/me/sessions", Who: Staff, Action: access.See, Kind: access.AccountKind},
		{Method: http.MethodDelete, Path: "/api/v1/me/sessions", Who: Staff, Action: access.Edit, Kind: access.AccountKind},
		{Method: http.MethodDelete, Path: "/api/v1/me/sessions/{id}", Who: Staff, Action: access.Edit, Kind: access.AccountKind},
		{Method: http.MethodGet, Path: "/api/v1/me/tokens", Who: Staff, Action: access.See, Kind: access.AccountKind},
		{Method: http.MethodPost, Path: "/api/v1/me/tokens", Who: Staff, Action: access.Edit, Kind: access.AccountKind, Limit: formLimit},
		{Method: http.MethodDelete, Path: "/api/v1/me/tokens/{id}", Who: Staff, Action: access.Edit, Kind: access.AccountKind},
		{Method: http.MethodPost, Path: "/api/v1/users/{id}/link", Who: Staff, Action: access.Edit, Kind: access.UserKind, Limit: formLimit},
		{Method: http.MethodGet, Path: "/api/v1/users/{id}/sessions", Who: Staff, Action: access.See, Kind: access.UserKind},
		{Method: http.MethodDelete, Path: "/api/v1/users/{id}/sessions", Who: Staff, Action: access.Edit, Kind: access.UserKind},
		{Method: http.MethodDelete, Path: "/api/v1/users/{id}/sessions/{part}", Who: Staff, Action: access.Edit, Kind: access.UserKind},
		{Method: http.MethodGet, Path: "/api/v1/users/{id}/tokens", Who: Staff, Action: access.See, Kind: access.UserKind},
		{Method: http.MethodDelete, Path: "/api/v1/users/{id}/tokens/{part}", Who: Staff, Action: access.Edit, Kind: access.UserKind},

		{Method: http.MethodGet, Path: "/api/v1/audit", Who: Staff, Action: access.See, Kind: access.AuditKind},
		{Method: http.MethodGet, Path: "/api/v1/audit/{number}", Who: Staff, Action: access.See, Kind: access.AuditKind},
		{Method: http.MethodGet, Path: "/api/v1/audit.csv", Who: Staff, Action: access.See, Kind: access.AuditKind},
		{Method: http.MethodGet, Path: "/api/v1/audit.jsonl", Who: Staff, Action: access.See, Kind: access.AuditKind},

		{Method: http.MethodGet, Path: "/api/v1/fleet", Who: Staff, Action: access.See, Kind: "screen", Quiet: true},
		{Method: http.MethodGet, Path: "/api/v1/fleet/outline", Who: Staff, Action: access.See, Kind: "screen", Quiet: true},
		{Method: http.MethodGet, Path: "/api/v1/fleet/showing", Who: Staff, Action: access.See, Kind: "screen", Quiet: true},
		{Method: http.MethodPost, Path: "/api/v1/fleet/orders", Who: Staff, Action: access.Edit, Kind: "player", Limit: documentMax},
		{Method: http.MethodPost, Path: "/api/v1/fleet/changes", Who: Staff, Action: access.Edit, Kind: "screen", Limit: documentMax},
		{Method: http.MethodPost, Path: "/api/v1/fleet/revocations", Who: Staff, Action: access.Edit, Kind: "player", Limit: documentMax},
		{Method: http.MethodGet, Path: "/api/v1/fleet/events", Who: Staff, Action: access.See, Kind: "screen"},
		{Method: http.MethodGet, Path: "/api/v1/screens/{id}/snapshot", Who: Staff, Action: access.See, Kind: "screen", Quiet: true},
		{Method: http.MethodGet, Path: "/api/v1/screens/{id}/timeline", Who: Staff, Action: access.See, Kind: "screen"},
		{Method: http.MethodGet, Path: "/api/v1/screens/{id}/why", Who: Staff, Action: access.See, Kind: "screen"},
		{Method: http.MethodGet, Path: "/api/v1/screens/{id}/smil", Who: Staff, Action: access.See, Kind: "screen"},
		{Method: http.MethodPost, Path: "/api/v1/screens/{id}/smil", Who: Staff, Action: access.Edit, Kind: "screen", Limit: wordLimit},
		{Method: http.MethodDelete, Path: "/api/v1/screens/{id}/smil", Who: Staff, Action: access.Edit, Kind: "screen"},
		{Method: http.MethodPost, Path: "/api/v1/screens/{id}/revoke", Who: Staff, Action: access.Edit, Kind: "player", Limit: wordLimit},
		{Method: http.MethodPost, Path: "/api/v1/pairings/lookup", Who: Staff, Action: access.Edit, Kind: "player", Limit: wordLimit},
		{Method: http.MethodPost, Path: "/api/v1/pairings/claim", Who: Staff, Action: access.Edit, Kind: "player", Limit: wordLimit},

		{Method: http.MethodPost, Path: "/api/v1/uploads", Who: Staff, Action: access.Edit, Kind: access.UploadKind, Limit: uploadLimit},
		{Method: http.MethodGet, Path: "/api/v1/uploads", Who: Staff, Action: access.See, Kind: access.UploadKind, Quiet: true},
		{Method: http.MethodGet, Path: "/api/v1/uploads/{id}", Who: Staff, Action: access.See, Kind: access.UploadKind, Quiet: true},
		{Method: http.MethodOptions, Path: resumablePath, Who: Staff, Action: access.See, Kind: access.UploadKind, Quiet: true},
		{Method: http.MethodPost, Path: resumablePath, Who: Staff, Action: access.Edit, Kind: access.UploadKind, Limit: wordLimit},
		{Method: http.MethodHead, Path: "/api/v1/uploads/{id}", Who: Staff, Action: access.See, Kind: access.UploadKind, Quiet: true},
		{Method: http.MethodPatch, Path: "/api/v1/uploads/{id}", Who: Staff, Action: access.Edit, Kind: access.UploadKind, Limit: uploadLimit, Quiet: true},
		{Method: http.MethodDelete, Path: "/api/v1/uploads/{id}", Who: Staff, Action: access.Edit, Kind: access.UploadKind},
		{Method: http.MethodPost, Path: "/api/v1/slides", Who: Staff, Action: access.Edit, Kind: access.UploadKind, Limit: wordLimit},
		{Method: http.MethodPost, Path: "/api/v1/slides/preview", Who: Staff, Action: access.See, Kind: access.AssetKind, Limit: wordLimit, Quiet: true},
		{Method: http.MethodGet, Path: "/api/v1/assets/{digest}", Who: Staff, Action: access.See, Kind: access.AssetKind, Quiet: true},

		{Method: http.MethodGet, Path: "/api/v1/notifications", Who: Staff, Action: access.See, Kind: "department"},
		{Method: http.MethodPost, Path: "/api/v1/departments/{id}/test-message", Who: Staff, Action: access.Edit, Kind: "department", Limit: wordLimit},
		{Method: http.MethodGet, Path: "/api/v1/departments/{id}/demand", Who: Staff, Action: access.See, Kind: "department"},
		{Method: http.MethodGet, Path: "/api/v1/department-templates", Who: Staff, Action: access.See, Kind: "department"},
		{Method: http.MethodGet, Path: "/api/v1/departments/{id}/template", Who: Staff, Action: access.Edit, Kind: "department"},
		{Method: http.MethodPost, Path: "/api/v1/departments/{id}/template", Who: Staff, Action: access.Edit, Kind: "department", Limit: wordLimit},
		{Method: http.MethodPost, Path: "/api/v1/departments/{id}/template/undo", Who: Staff, Action: access.Edit, Kind: "department", Limit: wordLimit},
		{Method: http.MethodGet, Path: "/api/v1/states", Who: Staff, Action: access.See, Kind: publish.StateKind, Quiet: true},
		{Method: http.MethodPut, Path: "/api/v1/departments/{id}/states/{state}", Who: Staff, Action: access.Edit, Kind: publish.StateKind, Limit: wordLimit},
		{Method: http.MethodDelete, Path: "/api/v1/departments/{id}/states/{state}", Who: Staff, Action: access.Edit, Kind: publish.StateKind},
		{Method: http.MethodGet, Path: "/api/v1/departments/{id}/feeds", Who: Staff, Action: access.See, Kind: "department"},
		{Method: http.MethodGet, Path: "/api/v1/reviews", Who: Staff, Action: access.See, Kind: "item"},
		{Method: http.MethodGet, Path: "/api/v1/reviews/counts", Who: Staff, Action: access.See, Kind: "item", Quiet: true},
		{Method: http.MethodGet, Path: "/api/v1/library", Who: Staff, Action: access.See, Kind: "item"},
		{Method: http.MethodGet, Path: "/api/v1/library/titles", Who: Staff, Action: access.See, Kind: "item"},
		{Method: http.MethodGet, Path: "/api/v1/items/{id}/sheet", Who: Staff, Action: access.See, Kind: "item"},
		{Method: http.MethodGet, Path: "/api/v1/checklists", Who: Staff, Action: access.See, Kind: "item"},
		{Method: http.MethodGet, Path: "/api/v1/items/{id}/reading", Who: Staff, Action: access.See, Kind: "item"},
		{Method: http.MethodGet, Path: "/api/v1/items/{id}/uses", Who: Staff, Action: access.See, Kind: "item"},
		{Method: http.MethodPost, Path: "/api/v1/items/{id}/replace", Who: Staff, Action: access.Edit, Kind: "item", Limit: wordLimit},
		{Method: http.MethodPost, Path: "/api/v1/items/{id}/approve", Who: Staff, Action: access.Approve, Kind: "item", Limit: wordLimit},
		{Method: http.MethodPost, Path: "/api/v1/items/{id}/return", Who: Staff, Action: access.Approve, Kind: "item", Limit: wordLimit},
		{Method: http.MethodPost, Path: "/api/v1/items/{id}/release", Who: Staff, Action: access.Release, Kind: "item", Limit: wordLimit},

		{Method: http.MethodPost, Path: "/api/v1/publications/preview", Who: Staff, Action: access.See, Kind: "publication", Limit: wordLimit},
		{Method: http.MethodPost, Path: "/api/v1/publications", Who: Staff, Action: access.Publish, Kind: "publication", Limit: wordLimit},
		{Method: http.MethodGet, Path: "/api/v1/publications", Who: Staff, Action: access.See, Kind: "publication"},
		{Method: http.MethodGet, Path: "/api/v1/publications/{number}/changes", Who: Staff, Action: access.See, Kind: "publication"},
		{Method: http.MethodGet, Path: "/api/v1/publications/compared", Who: Staff, Action: access.See, Kind: "publication"},
		{Method: http.MethodGet, Path: "/api/v1/publications/waiting", Who: Staff, Action: access.See, Kind: "publication"},
		{Method: http.MethodPost, Path: "/api/v1/publications/waiting", Who: Staff, Action: access.Publish, Kind: "publication", Limit: wordLimit},
		{Method: http.MethodDelete, Path: "/api/v1/publications/waiting/{number}", Who: Staff, Action: access.Publish, Kind: "publication"},

		{Method: http.MethodPost, Path: "/api/v1/playlists/rehearsal", Who: Staff, Action: access.See, Kind: "playlist", Limit: documentMax, Quiet: true},

		{Method: http.MethodPost, Path: "/api/v1/takeovers", Who: Staff, Action: access.Alert, Kind: "takeover", Limit: wordLimit},
		{Method: http.MethodGet, Path: "/api/v1/takeovers", Who: Staff, Action: access.See, Kind: "takeover", Quiet: true},
		{Method: http.MethodGet, Path: "/api/v1/takeovers/templates", Who: Staff, Action: access.See, Kind: "takeover"},
		{Method: http.MethodPost, Path: "/api/v1/takeovers/clear", Who: Staff, Action: access.Alert, Kind: "takeover", Limit: wordLimit},
		{Method: http.MethodPost, Path: "/api/v1/takeovers/{id}/clear", Who: Staff, Action: access.Alert, Kind: "takeover", Limit: wordLimit},

		{Method: http.MethodGet, Path: "/api/v1/schedule", Who: Staff, Action: access.See, Kind: "screen"},
		{Method: http.MethodPost, Path: "/api/v1/calendars/read", Who: Staff, Action: access.Edit, Kind: "closure", Limit: calendars.MaxBytes},
		{Method: http.MethodPost, Path: "/api/v1/calendars/fetch", Who: Staff, Action: access.Edit, Kind: "closure", Limit: wordLimit},
		{Method: http.MethodGet, Path: "/api/v1/closures/{id}/calendar", Who: Staff, Action: access.See, Kind: "closure"},
		{Method: http.MethodPost, Path: "/api/v1/closures/{id}/calendar", Who: Staff, Action: access.Edit, Kind: "closure", Limit: wordLimit},

		{Method: http.MethodPost, Path: "/api/v1/imports/medlineplus", Who: Staff, Action: access.Edit, Kind: "item", Limit: medlineplus.MaxBytes},

		{Method: http.MethodGet, Path: "/api/v1/reports/impressions", Who: Staff, Action: access.See, Kind: access.PlayKind},
		{Method: http.MethodGet, Path: "/api/v1/reports/impressions.csv", Who: Staff, Action: access.See, Kind: access.PlayKind},

		{Method: http.MethodGet, Path: "/api/v1/coverage", Who: Staff, Action: access.See, Kind: access.PlayKind},
		{Method: http.MethodGet, Path: "/api/v1/voice/demand", Who: Staff, Action: access.See, Kind: access.PlayKind},
		{Method: http.MethodGet, Path: "/api/v1/voice/wanted", Who: Staff, Action: access.See, Kind: access.PlayKind},

		{Method: http.MethodGet, Path: "/api/v1/plays", Who: Staff, Action: access.See, Kind: access.PlayKind},
		{Method: http.MethodGet, Path: "/api/v1/losses", Who: Staff, Action: access.See, Kind: access.PlayKind},

		{Method: http.MethodGet, Path: "/api/v1/tags", Who: Staff, Action: access.See, Kind: "screen"},
		{Method: http.MethodPost, Path: "/api/v1/tags/{id}/rename", Who: Staff, Action: access.Edit, Kind: "screen", Limit: wordLimit},
		{Method: http.MethodGet, Path: "/api/v1/backups", Who: Staff, Action: access.See, Kind: access.BackupKind},

		{Method: http.MethodGet, Path: "/api/v1/organisation", Who: Staff, Action: access.See, Kind: "organisation"},
		{Method: http.MethodPut, Path: "/api/v1/organisation", Who: Staff, Action: access.Edit, Kind: "organisation", Limit: documentMax},
	}
	rows = append(rows, documentRoutes("/api/v1/users", access.UserKind)...)
	for path, kind := range documentPaths() {
		rows = append(rows, documentRoutes("/api/v1/"+path, kind)...)
	}
	return rows
}

// documentPaths are the plain documents by their place in paths.
func documentPaths() map[string]store.Kind {
	return map[string]store.Kind{
		"sites": "site", "departments": "department", "screens": "screen", "items": "item",
		"playlists": "playlist", "layouts": "layout", "windows": "window", "closures": "closure",
		"topics": "topic",
	}
}

func documentRoutes(base string, kind store.Kind) []Route {
	one := base + "/{id}"
	return []Route{
		{Method: http.MethodGet, Path: base, Who: Staff, Action: access.See, Kind: kind},
		{Method: http.MethodGet, Path: one, Who: Staff, Action: access.See, Kind: kind},
		{Method: http.MethodPut, Path: one, Who: Staff, Action: access.Edit, Kind: kind, Limit: documentMax},
		{Method: http.MethodDelete, Path: one, Who: Staff, Action: access.Edit, Kind: kind},
		{Method: http.MethodGet, Path: one + "/revisions", Who: Staff, Action: access.See, Kind: kind},
	}
}

// ginPath writes an OpenAPI path as gin does: "/screens/:id".
func ginPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}
