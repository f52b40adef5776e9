package controller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"

	"anteroom/controller/content"
	"anteroom/controller/fonts"
	"anteroom/controller/ingest"
	"anteroom/controller/medlineplus"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
	"anteroom/playlists/slide"
)

// importPath imports health topics.
const importPath = "/import"

// Import is what to import, in whose file it was read, and whether only to say what would be done.
type Import struct {
	File   medlineplus.File
	Choice medlineplus.Choice
	DryRun bool
}

// ImportMedlinePlus makes drafts of health topics, on the data directory of a controller that runs or not.
func ImportMedlinePlus(ctx context.Context, data string, order *Import) (medlineplus.Imported, error) {
	body, w := io.Pipe()
	go func() { w.CloseWithError(json.NewEncoder(w).Encode(order)) }() // ends when body is read or closed
	answer, err := askLocalWith(ctx, data, http.MethodPost, importPath, body)
	err = errors.Join(err, body.Close())
	if errors.Is(err, ErrNotRunning) {
		return importStopped(ctx, data, order)
	}
	if err != nil {
		return medlineplus.Imported{}, err
	}
	var done medlineplus.Imported
	err = json.NewDecoder(answer.Body).Decode(&done)
	return done, errors.Join(err, answer.Body.Close())
}

func importStopped(ctx context.Context, data string, order *Import) (done medlineplus.Imported, err error) {
	if !used(data) {
		return done, nowhereUsed(data)
	}
	_, documents, err := openData(ctx, &Config{Data: data})
	if errors.Is(err, bolt.ErrInUse) {
		return done, fmt.Errorf("a controller runs on %s and cannot be asked: stop it, or import in its console: %w", data, err)
	}
	if err != nil {
		return done, wayOut(data, err)
	}
	defer func() { err = errors.Join(err, documents.Close()) }()
	files, err := content.Open(filepath.Join(data, contentDir))
	if err != nil {
		return done, err
	}
	drawn, err := slide.NewFonts(fonts.All())
	if err != nil {
		return done, fmt.Errorf("reading the fonts: %w", err)
	}
	return importer(documents, files, drawn).Import(ctx, order.File, order.Choice, onCommandLine, order.DryRun)
}

func importer(documents store.Documents, files *content.Content, drawn *slide.Fonts) *medlineplus.Importer {
	return &medlineplus.Importer{
		Store: documents,
		Keep: func(ctx context.Context, s slide.Slide) (playlists.Asset, error) {
			return ingest.KeepSlide(ctx, files, s)
		},
		Fits: func(s slide.Slide) error { return slide.Fits(s, drawn) },
	}
}

// importLocal imports for a command on this machine.
func (o *Controller) importLocal(w http.ResponseWriter, r *http.Request) {
	var order Import
	err := json.NewDecoder(io.LimitReader(r.Body, 2*medlineplus.MaxBytes)).Decode(&order)
	var done medlineplus.Imported
	if err == nil {
		done, err = o.importer.Import(r.Context(), order.File, order.Choice, onCommandLine, order.DryRun)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	if err := json.NewEncoder(w).Encode(done); err != nil {
		o.log.WarnContext(r.Context(), "import not told", slog.Any("error", err))
	}
}
