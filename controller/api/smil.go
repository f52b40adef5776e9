package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"anteroom/controller/access"
	"anteroom/controller/smil"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// smilKind is the kind of document that lets players of other makers have a screen's programme; it has the screen's id.
const smilKind store.Kind = "smil"

// smilDays is how many days a document holds: where nobody reaches the controller, the player goes on that long.
const smilDays = 2

// SMILAddress says whether players of other makers may have a screen's programme, and since when.
type SMILAddress struct {
	There bool      `json:"there" doc:"There is an address; it was shown once, to whoever made it"`
	Made  time.Time `json:"made,omitzero"`
	By    string    `json:"by,omitempty" doc:"Who made it"`
}

// SMILMade is an address that is shown this once.
type SMILMade struct {
	URL string `json:"url" doc:"What to give to the player. It carries a secret: whoever knows it sees this screen's programme, and nothing else"`
}

// smilDocument is the address's secret without the secret.
type smilDocument struct {
	Hash string    `json:"hash"`
	Made time.Time `json:"made"`
	By   string    `json:"by"`
}

func (s *Server) smilAddresses() {
	const path = "/api/v1/screens/{id}/smil"
	type (
		out  struct{ Body SMILAddress }
		made struct{ Body SMILMade }
	)
	operation(s, http.MethodGet, path, "getSMIL", "Whether players of other makers may have a screen's programme as SMIL",
		func(ctx context.Context, in *idInput) (*out, error) {
			address, err := s.smilAddress(ctx, playlists.ScreenID(in.ID))
			return &out{address}, err
		})
	operation(s, http.MethodPost, path, "makeSMIL", "Make an address at which players of other makers get a screen's programme as SMIL; one made before stops at once",
		func(ctx context.Context, in *idInput) (*made, error) {
			url, err := s.makeSMIL(ctx, playlists.ScreenID(in.ID))
			return &made{SMILMade{url}}, err
		}, status(http.StatusCreated))
	operation(s, http.MethodDelete, path, "revokeSMIL", "Stop the address at which players of other makers get a screen's programme",
		func(ctx context.Context, in *idInput) (*struct{}, error) {
			return nil, s.revokeSMIL(ctx, playlists.ScreenID(in.ID))
		}, status(http.StatusNoContent))
}

func (s *Server) smilAddress(ctx context.Context, screen playlists.ScreenID) (SMILAddress, error) {
	if err := s.mayScreen(ctx, access.See, "screen", screen); err != nil {
		return SMILAddress{}, err
	}
	_, found, err := s.smilOf(ctx, screen)
	if errors.Is(err, playlists.ErrNotFound) {
		return SMILAddress{}, nil
	}
	return SMILAddress{There: err == nil, Made: found.Made, By: found.By}, err
}

// smilOf gives what lets players have a screen's programme, with its revision; [playlists.ErrNotFound] if nothing does.
func (s *Server) smilOf(ctx context.Context, screen playlists.ScreenID) (revision uint64, d smilDocument, err error) {
	err = s.Store.View(ctx, func(v store.View) error {
		doc, err := v.Get(smilKind, string(screen))
		if err != nil {
			return err
		}
		revision = doc.Revision
		return json.Unmarshal(doc.Body, &d)
	})
	return revision, d, err
}

func (s *Server) makeSMIL(ctx context.Context, screen playlists.ScreenID) (string, error) {
	if err := s.mayScreen(ctx, access.Edit, "screen", screen); err != nil {
		return "", err
	}
	was, _, err := s.smilOf(ctx, screen)
	if err != nil && !errors.Is(err, playlists.ErrNotFound) {
		return "", err
	}
	secret := rand.Text()
	body, err := json.Marshal(smilDocument{Hash: hashed(secret), Made: s.Now().UTC(), By: by(ctx)})
	if err != nil {
		return "", fmt.Errorf("making an address: %w", err)
	}
	err = s.Store.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Put(smilKind, string(screen), was, by(ctx), body)
		return err
	})
	return strings.TrimSuffix(s.URL, "/") + smilPath(string(screen)+"."+secret) + "/programme.smil", err
}

func (s *Server) revokeSMIL(ctx context.Context, screen playlists.ScreenID) error {
	if err := s.mayScreen(ctx, access.Edit, "screen", screen); err != nil {
		return err
	}
	was, _, err := s.smilOf(ctx, screen)
	if err != nil {
		return missing(err, "SMIL address of screen", string(screen))
	}
	return s.Store.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Delete(smilKind, string(screen), was, by(ctx))
		return err
	})
}

// closeSMIL stops the address of a screen that is deleted: another of its name, whose programme may be another department's,
// shall not open to whoever was given that one's.
func closeSMIL(ctx context.Context, tx store.Tx, screen string) error {
	doc, err := tx.Get(smilKind, screen)
	if errors.Is(err, playlists.ErrNotFound) {
		return nil
	}
	if err == nil {
		_, err = tx.Delete(smilKind, screen, doc.Revision, by(ctx))
	}
	return err
}

func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// smilPath is where a token's documents are on this controller.
func smilPath(token string) string { return "/smil/" + token }

// smilFrom is where a player reaches the controller: its address, else the one that the player itself asked, for not all
// players take an address without a host.
func (s *Server) smilFrom(r *http.Request) string {
	switch {
	case s.URL != "":
		return strings.TrimSuffix(s.URL, "/")
	case r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// screenKey is where the guard leaves whose secret an address carries.
const screenKey = "screen"

// smilRoutes are for players that send no headers of their own: the address carries the secret.
func (s *Server) smilRoutes() {
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		s.engine.Handle(method, "/smil/:token/programme.smil", s.smilProgramme)
		s.engine.Handle(method, "/smil/:token/files/:digest", s.smilFile)
	}
}

// checkSecret asks whose programme an address opens.
func (s *Server) checkSecret(c *gin.Context) error {
	denied := playlists.Refuse(playlists.ErrDenied, "this address opens nothing any more; ask for a new one")
	screen, secret, _ := strings.Cut(c.Param("token"), ".")
	ctx := c.Request.Context()
	_, known, err := s.smilOf(ctx, playlists.ScreenID(screen))
	if errors.Is(err, playlists.ErrNotFound) {
		return denied
	}
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(hashed(secret)), []byte(known.Hash)) != 1 {
		return denied
	}
	c.Set(screenKey, playlists.ScreenID(screen))
	return nil
}

// smilProgramme gives the screen's programme of today and tomorrow. Players begin anew whenever the bytes or their date
// change, so these do so only at midnight and when something is published.
func (s *Server) smilProgramme(c *gin.Context) {
	screen, _ := c.MustGet(screenKey).(playlists.ScreenID)
	doc, since, err := s.smilOn(c.Request.Context(), screen, s.smilFrom(c.Request)+smilPath(c.Param("token")))
	if err != nil {
		s.turnDown(c, "smilProgramme", err)
		return
	}
	sum := sha256.Sum256(doc)
	h := c.Writer.Header()
	h.Set("Content-Type", "application/smil+xml")
	h.Set("ETag", strconv.Quote(hex.EncodeToString(sum[:16])))
	h.Set("Cache-Control", "private, no-cache")
	http.ServeContent(c.Writer, c.Request, "", since, bytes.NewReader(doc))
}

func (s *Server) smilOn(ctx context.Context, id playlists.ScreenID, base string) (doc []byte, since time.Time, err error) {
	var screen playlists.Screen
	err = s.Store.View(ctx, func(v store.View) error {
		doc, err := v.Get("screen", string(id))
		if err == nil {
			screen, err = domain[playlists.Screen](doc)
		}
		return err
	})
	if err != nil {
		return nil, since, missing(err, "screen", string(id))
	}
	m, err := s.Publish.Current(id)
	if err != nil {
		return nil, since, err
	}
	p, err := playlists.NewProgramme(m, nil)
	if err != nil {
		return nil, since, err
	}
	today, _, _ := p.Zone().Local(s.Now())
	page := smil.Page{
		Title: screen.Name, From: p.Zone().DayStart(today), To: p.Zone().DayStart(today.AddDays(smilDays)), Width: 1920, Height: 1080,
		Source: func(showing *playlists.Showing) string { return base + "/files/" + string(showing.Asset) },
	}
	if screen.Rotation%180 != 0 {
		page.Width, page.Height = page.Height, page.Width
	}
	since = page.From
	if m.Head.IssuedAt.After(since) {
		since = m.Head.IssuedAt
	}
	doc, err = smil.Write(p, page)
	return doc, since, err
}

// smilFile gives what the screen's programme shows: pictures and films as they are, slides as pictures.
func (s *Server) smilFile(c *gin.Context) {
	screen, _ := c.MustGet(screenKey).(playlists.ScreenID)
	ctx := c.Request.Context()
	asset, err := s.Publish.Opens(ctx, screen, "", playlists.Digest(c.Param("digest")))
	if err != nil {
		s.turnDown(c, "smilFile", err)
		return
	}
	if asset.Medium == playlists.Slide {
		picture, err := s.Ingest.Thumbnail(ctx, asset.Digest, asset.Medium, 1920)
		if err != nil {
			s.turnDown(c, "smilFile", err)
			return
		}
		asset = playlists.Asset{Digest: picture, Medium: playlists.Image, MediaType: "image/jpeg"}
	}
	if asset.Medium != playlists.Image && asset.Medium != playlists.Video {
		s.turnDown(c, "smilFile", playlists.Refuse(playlists.ErrDenied, "this file is nothing that a player of another maker can show"))
		return
	}
	s.serveAsset(ctx, c, asset)
}
