// Package api serves the controller over HTTP: JSON for staff and scripts, bytes for players, and the
// few pages that work without JavaScript.
//
// Every route is a row of one table ([Routes]), which says who may use it; a request that no row
// matches is refused before anything looks at it. What the console can do, a script can: the OpenAPI
// document at /api/openapi.json describes everything that the console uses. Errors are problems
// (RFC 9457) that name the field and say what to do; what nobody foresaw is "internal error" and one
// line in the log.
package api
