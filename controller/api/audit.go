package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"anteroom/controller/access"
	"anteroom/controller/access/audit"
	"anteroom/controller/alert"
	"anteroom/controller/players"
	"anteroom/controller/publish"
	"anteroom/controller/report"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// AuditEntry says who did what, when and to what.
type AuditEntry struct {
	Number   uint64            `json:"number" doc:"Counts from 1 without a hole"`
	At       time.Time         `json:"at"`
	By       string            `json:"by" doc:"A user's name, player:ID, system, or empty for a stranger"`
	Via      string            `json:"via,omitempty" doc:"The token by which a script did it"`
	Did      audit.Deed        `json:"did" doc:"made, changed, deleted, approved, sent-back, released, published, undone, took-over, cleared, password-set, invited, signed-in, sign-in-refused, signed-out, session-ended, ordered, backed-up, restored or forgot-plays"`
	Kind     store.Kind        `json:"kind,omitempty" doc:"What kind of document it was done to; user for sign-ins and sessions, screen for orders"`
	ID       string            `json:"id,omitempty" doc:"Which one"`
	Revision uint64            `json:"revision,omitempty" doc:"The revision of the document that this made"`
	From     string            `json:"from,omitempty" doc:"The address that it was asked from; absent for what nobody asked over the network"`
	Note     string            `json:"note,omitempty" doc:"The rest, in English"`
	Said     *playlists.Phrase `json:"said,omitempty" doc:"Names the note, for who says it in another language; absent for what people wrote themselves, and in entries of before this was kept"`
	Body     string            `json:"body_sha256,omitempty" doc:"What the document held then"`
	Previous string            `json:"previous,omitempty" doc:"The sum of the entry before"`
	Sum      string            `json:"sum" doc:"SHA-256 of the entry as it is kept, which the next one names"`
}

// AuditPage is a part of the audit log, the newest entries first.
type AuditPage struct {
	Items []AuditEntry `json:"items"`
	Next  uint64       `json:"next,omitempty" doc:"Ask with before=NEXT for those before, also where items are few: each answer looks at a bounded part of the log; absent at the end"`
}

// AuditChange is an entry with what its document held before and after, without secrets.
type AuditChange struct {
	Entry  AuditEntry `json:"entry"`
	Before any        `json:"before,omitempty" doc:"Absent where there was nothing"`
	After  any        `json:"after,omitempty" doc:"Absent where there is nothing any more"`
}

// AuditQuery chooses entries of the audit log.
type AuditQuery struct {
	By   string     `query:"by" maxLength:"200" doc:"Who did it, in whatever case"`
	Did  audit.Deed `query:"did" maxLength:"40" doc:"What they did"`
	Kind string     `query:"kind" maxLength:"40" doc:"To what kind of document"`
	ID   string     `query:"id" maxLength:"200" doc:"To which"`
	From time.Time  `query:"from" doc:"Not before this instant"`
	To   time.Time  `query:"to" doc:"Before this instant"`
}

func (q *AuditQuery) query() audit.Query {
	return audit.Query{By: q.By, Did: q.Did, Kind: store.Kind(q.Kind), ID: q.ID, From: q.From, To: q.To}
}

type (
	auditPageInput struct {
		AuditQuery

		Before uint64 `query:"before" doc:"Only entries with a smaller number"`
		Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many at most"`
	}
	auditPageOutput struct{ Body AuditPage }
	auditOneInput   struct {
		Number uint64 `path:"number" doc:"The entry's number"`
	}
	auditOneOutput   struct{ Body AuditChange }
	auditExportInput struct{ AuditQuery }
)

const jsonLinesType = "application/jsonl"

func (s *Server) auditLog() {
	const path = "/api/v1/audit"
	operation(s, http.MethodGet, path, "searchAudit", "Search who changed what, the newest first", s.searchAudit)
	operation(s, http.MethodGet, path+"/{number}", "getAuditEntry", "An entry, with what its document held before and after",
		func(ctx context.Context, in *auditOneInput) (*auditOneOutput, error) {
			if err := mayAudit(ctx); err != nil {
				return nil, err
			}
			found, err := audit.One(ctx, s.Store, in.Number)
			if err != nil {
				return nil, missing(err, "entry", strconv.FormatUint(in.Number, 10))
			}
			return &auditOneOutput{Body: AuditChange{Entry: auditEntry(&found.Entry), Before: withoutSecrets(&found.Before), After: withoutSecrets(&found.After)}}, nil
		})
	operation(s, http.MethodGet, path+".csv", "exportAuditCSV", "Search who changed what, as CSV (RFC 4180)",
		func(ctx context.Context, in *auditExportInput) (*huma.StreamResponse, error) {
			return s.exportAudit(ctx, in, csvType+"; charset=utf-8", "audit.csv", auditCSV)
		}, answers(csvType))
	operation(s, http.MethodGet, path+".jsonl", "exportAuditJSON", "Search who changed what, as a JSON object a line",
		func(ctx context.Context, in *auditExportInput) (*huma.StreamResponse, error) {
			return s.exportAudit(ctx, in, jsonLinesType, "audit.jsonl", auditJSONLines)
		}, answers(jsonLinesType))
}

func mayAudit(ctx context.Context) error {
	return may(ctx, access.See, access.Object{Kind: access.AuditKind})
}

func (s *Server) searchAudit(ctx context.Context, in *auditPageInput) (*auditPageOutput, error) {
	if err := mayAudit(ctx); err != nil {
		return nil, err
	}
	q := in.query()
	q.Before = in.Before
	found, next, err := audit.Page(ctx, s.Store, q, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &auditPageOutput{Body: AuditPage{Items: []AuditEntry{}, Next: next}}
	for i := range found {
		out.Body.Items = append(out.Body.Items, auditEntry(&found[i]))
	}
	return out, nil
}

func auditEntry(e *audit.Entry) AuditEntry {
	out := AuditEntry{
		Number: e.Number, At: e.At, By: e.By, Via: e.Via, Did: e.Did, Kind: e.Kind, ID: e.ID, Revision: e.Revision,
		From: e.From, Note: e.Note, Body: e.Body, Previous: e.Previous, Sum: e.Sum,
	}
	if e.Said.Code != "" {
		out.Said = &e.Said
	}
	return out
}

// withoutSecrets is what a document held, without what opens something. Kinds that nobody has thought of here
// show nothing.
func withoutSecrets(doc *store.Document) any {
	if doc.Deleted || doc.Revision == 0 {
		return nil
	}
	var shown any
	switch doc.Kind {
	case access.UserKind:
		shown = &access.User{}
	case access.TokenKind:
		shown = &access.Token{}
	case "organisation", "site", "department", "screen", "item", "playlist", "layout", "window", "closure", "topic",
		publish.PublicationKind, publish.WaitingKind, alert.TakeoverKind, players.Kind:
		shown = &map[string]any{}
	default:
		return nil
	}
	if json.Unmarshal(doc.Body, shown) != nil {
		return nil
	}
	return shown
}

// exportAudit streams what a search finds; what fails on the way cuts the answer off.
func (s *Server) exportAudit(ctx context.Context, in *auditExportInput, mediaType, name string, write func(io.Writer, iter.Seq2[audit.Entry, error]) error) (*huma.StreamResponse, error) {
	if err := mayAudit(ctx); err != nil {
		return nil, err
	}
	found := audit.Search(ctx, s.Store, in.query())
	return &huma.StreamResponse{Body: func(to huma.Context) {
		to.SetHeader("Content-Type", mediaType)
		to.SetHeader("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
		if err := write(to.BodyWriter(), found); err != nil {
			s.log.WarnContext(ctx, "audit log not exported whole", slogErr(err))
			panic(http.ErrAbortHandler) // so that nobody takes a part for the whole
		}
	}}, nil
}

func auditJSONLines(w io.Writer, found iter.Seq2[audit.Entry, error]) error {
	enc := json.NewEncoder(w)
	for e, err := range found {
		if err != nil {
			return err
		}
		if err := enc.Encode(auditEntry(&e)); err != nil {
			return err
		}
	}
	return nil
}

func auditCSV(w io.Writer, found iter.Seq2[audit.Entry, error]) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	rows := func(columns ...string) error {
		for i := range columns {
			columns[i] = report.Guard(columns[i])
		}
		return out.Write(columns)
	}
	if err := rows("number", "at", "by", "via", "did", "kind", "id", "revision", "from", "note", "body_sha256", "previous", "sum"); err != nil {
		return err
	}
	for e, err := range found {
		if err != nil {
			return err
		}
		err = rows(strconv.FormatUint(e.Number, 10), e.At.Format(time.RFC3339Nano), e.By, e.Via, string(e.Did), string(e.Kind), e.ID,
			strconv.FormatUint(e.Revision, 10), e.From, e.Note, e.Body, e.Previous, e.Sum)
		if err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
