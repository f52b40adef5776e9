package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"anteroom/controller/access"
	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/slide"
)

// sheetPolicy is what a sheet needs: its style and the library's pictures.
const sheetPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

// sheetWidth is how wide a sheet's pictures are, in pixels: 17 cm at 240 to the inch.
const sheetWidth = 1600

type (
	sheetInput struct {
		ID        string               `path:"id" maxLength:"64" doc:"The item's id, \"flu-season\""`
		Languages []playlists.Language `query:"languages" maxItems:"40" doc:"Which languages, in order; all without it"`
	}
	// sheet is an item on paper, a page or more for each language.
	sheet struct {
		Title string
		Pages []sheetPage
	}
	sheetPage struct {
		Language playlists.Language
		Say      sheetTexts
		// Title, Text and Points are a slide's words; Numbered are steps.
		Title, Text, Note string
		Points            []string
		Numbered          bool
		// Picture is the address of one, with what it shows in Alt.
		Picture, Alt string
		Code         *sheetCode
		Address      string
		Version      int
		Approved     string
		ReviewBy     string
	}
	// sheetCode is a QR code: how many modules it has on a side, and the path around all dark ones.
	sheetCode struct {
		Side int
		Dark string
	}
	// sheetTexts are the words beside the item's own, in Language.
	sheetTexts struct {
		Language                        playlists.Language
		More, Version, Approved, Review string
		NoPrint                         string
	}
)

func (s *Server) sheets() {
	operation(s, http.MethodGet, "/api/v1/items/{id}/sheet", "printItem", "An item as a page to print and hand over: its approved version, in chosen languages",
		func(ctx context.Context, in *sheetInput) (*huma.StreamResponse, error) {
			page, err := s.sheet(ctx, in)
			if err != nil {
				return nil, err
			}
			return &huma.StreamResponse{Body: func(to huma.Context) {
				c := ginOf(to)
				c.Header("Content-Security-Policy", sheetPolicy)
				c.Data(http.StatusOK, "text/html; charset=utf-8", page)
			}}, nil
		}, answers("text/html"))
}

func (s *Server) sheet(ctx context.Context, in *sheetInput) ([]byte, error) {
	item, err := s.approvedItem(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if !item.GoesTo(playlists.Paper) {
		return nil, playlists.Refuse(playlists.ErrInvalid, "%s does not go to paper; let it, or choose another item", item.Title)
	}
	if !item.ValidAt(s.Now()) {
		return nil, playlists.Refuse(playlists.ErrInvalid, "%s does not hold today, so it is not handed over", item.Title)
	}
	out := sheet{Title: item.Title}
	for _, r := range chosenRenditions(&item, in.Languages) {
		page, err := s.sheetPage(&item, r)
		if err != nil {
			return nil, err
		}
		out.Pages = append(out.Pages, page)
	}
	if len(out.Pages) == 0 {
		return nil, playlists.Refuse(playlists.ErrInvalid, "languages: %s is in none of them; choose others", item.Title)
	}
	var b bytes.Buffer
	if err := s.pages.templates.ExecuteTemplate(&b, "sheet.html", out); err != nil {
		return nil, fmt.Errorf("writing a sheet: %w", err)
	}
	return b.Bytes(), nil
}

// approvedItem is the newest revision of an item that was approved: what was written since is nobody's to hand over.
func (s *Server) approvedItem(ctx context.Context, id string) (item playlists.Item, err error) {
	if err := may(ctx, access.See, access.Object{Kind: "item"}); err != nil {
		return item, err
	}
	err = s.Store.View(ctx, func(v store.View) error {
		if _, err := v.Get("item", id); err != nil {
			return missing(err, "item", id)
		}
		for doc, err := range v.Revisions("item", id) {
			if err != nil {
				return err
			}
			var one playlists.Item
			if !doc.Deleted && json.Unmarshal(doc.Body, &one) == nil && one.Approved() {
				item = one
				return nil
			}
		}
		return playlists.Refuse(playlists.ErrInvalid, "no version of it is approved, so it is not handed over; have it approved")
	})
	return item, err
}

// chosenRenditions are those in the languages, in their order; all without any. What has no words goes with every language.
func chosenRenditions(i *playlists.Item, languages []playlists.Language) []playlists.Rendition {
	if len(languages) == 0 {
		return i.Renditions
	}
	var chosen []playlists.Rendition
	for _, l := range languages {
		for _, r := range i.Renditions {
			if r.Language == l && !slices.ContainsFunc(chosen, func(c playlists.Rendition) bool { return c.Language == l }) {
				chosen = append(chosen, r)
			}
		}
	}
	return chosen
}

func (s *Server) sheetPage(i *playlists.Item, r playlists.Rendition) (sheetPage, error) {
	p := sheetPage{
		Language: r.Language, Say: sheetTextsIn(r.Language), Title: i.Title, Alt: r.Alt, Version: i.Version,
		Approved: i.Approval.At.UTC().Format(time.DateOnly),
	}
	if !i.ReviewBy.IsZero() {
		p.ReviewBy = i.ReviewBy.String()
	}
	if len(r.Variants) == 0 {
		return p, nil
	}
	a := r.Variants[0]
	if a.Medium != playlists.Slide {
		p.Picture = fmt.Sprintf("/api/v1/assets/%s?width=%d", a.Digest, sheetWidth)
		return p, nil
	}
	words, err := s.slideWords(a.Digest)
	if err != nil {
		return p, fmt.Errorf("reading a slide of %s: %w", i.ID, err)
	}
	p.Title, p.Text, p.Points, p.Note, p.Numbered = words.Title, words.Text, words.Points, words.Note, words.Template == slide.Steps
	if words.Code != "" {
		p.Address = words.Code
		p.Code, err = drawnCode(words.Code)
	}
	return p, err
}

// drawnCode is a QR code to be drawn as SVG.
func drawnCode(address string) (*sheetCode, error) {
	code, err := slide.NewCode(address)
	if err != nil {
		return nil, err
	}
	n := code.Modules()
	modules := image.NewGray(image.Rect(0, 0, n, n))
	code.Paint(modules, image.Point{}, 1)
	var path strings.Builder
	for y := range n {
		for x := range n {
			if modules.GrayAt(x, y).Y == 0 {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return &sheetCode{Side: n, Dark: path.String()}, nil
}

func sheetTextsIn(l playlists.Language) sheetTexts {
	if primary, _, _ := strings.Cut(string(l), "-"); primary == "es" {
		return sheetTexts{Language: "es", More: "Más en", Version: "Versión", Approved: "aprobada el", Review: "revisar antes del", NoPrint: "Imprima esta página con su navegador. Cada idioma empieza en una hoja nueva."}
	}
	return sheetTexts{Language: "en", More: "More at", Version: "Version", Approved: "approved on", Review: "to be reviewed by", NoPrint: "Print this page with your browser. Each language begins on a new sheet."}
}
