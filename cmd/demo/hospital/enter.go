package hospital

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"anteroom/playlists"
	"anteroom/playlists/slide"
)

// EnterOnce does what [Enter] does, unless the hospital is there already; fresh says which.
func EnterOnce(ctx context.Context, c *Client) (fresh bool, err error) {
	if _, err := c.Get(ctx, "/api/v1/sites/lakeside", nil); err == nil {
		return false, nil
	}
	return true, Enter(ctx, c)
}

// Enter puts the whole demo hospital into the controller but for its clips, and publishes it.
func Enter(ctx context.Context, c *Client) error {
	if err := enterPlaces(ctx, c); err != nil {
		return err
	}
	if err := enterReviewer(ctx, c); err != nil {
		return err
	}
	for _, card := range cards() {
		if err := enterCard(ctx, c, &card); err != nil {
			return err
		}
	}
	if err := enterBound(ctx, c); err != nil {
		return err
	}
	for _, w := range wordings() {
		if err := enterWording(ctx, c, &w); err != nil {
			return err
		}
	}
	for _, p := range pictures() {
		if err := enterPicture(ctx, c, &p); err != nil {
			return err
		}
	}
	if err := enterSchedule(ctx, c); err != nil {
		return err
	}
	if err := c.Publish(ctx, "The demo hospital opens.", departmentIDs()...); err != nil {
		return err
	}
	return setStates(ctx, c)
}

// EnterClips makes the clips, replaces their stills by them and publishes again. It takes some
// seconds, which the screens spend playing.
func EnterClips(ctx context.Context, c *Client) (err error) {
	dir, err := os.MkdirTemp("", "anteroom-clips-")
	if err != nil {
		return fmt.Errorf("making room for the clips: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for _, p := range pictures() {
		if !p.moving {
			continue
		}
		if err := enterClip(ctx, c, &p, filepath.Join(dir, string(p.id)+".mp4")); err != nil {
			return err
		}
	}
	return c.Publish(ctx, "The clips are ready.", departmentIDs()...)
}

func departmentIDs() []playlists.DepartmentID {
	var ids []playlists.DepartmentID
	for _, d := range departments() {
		ids = append(ids, d.ID)
	}
	return ids
}

func enterPlaces(ctx context.Context, c *Client) error {
	var now playlists.Organisation
	etag, err := c.Get(ctx, "/api/v1/organisation", &now)
	if err != nil {
		return err
	}
	if err := c.Replace(ctx, "/api/v1/organisation", etag, organisation()); err != nil {
		return err
	}
	for _, s := range sites() {
		if err := c.Create(ctx, "sites", string(s.ID), s); err != nil {
			return err
		}
	}
	for _, cl := range closures() {
		if err := c.Create(ctx, "closures", string(cl.ID), cl); err != nil {
			return err
		}
	}
	for _, d := range departments() {
		if err := c.Create(ctx, "departments", string(d.ID), d); err != nil {
			return err
		}
	}
	for _, s := range Screens() {
		if err := c.Create(ctx, "screens", string(s.ID), s); err != nil {
			return err
		}
	}
	return nil
}

func enterSchedule(ctx context.Context, c *Client) error {
	for _, e := range topics() {
		if err := c.Create(ctx, "topics", string(e.ID), e); err != nil {
			return err
		}
	}
	for _, p := range playlistsOf() {
		if err := c.Create(ctx, "playlists", string(p.ID), p); err != nil {
			return err
		}
	}
	for _, l := range layouts() {
		if err := c.Create(ctx, "layouts", string(l.ID), l); err != nil {
			return err
		}
	}
	for _, w := range windows() {
		if err := c.Create(ctx, "windows", string(w.ID), w); err != nil {
			return err
		}
	}
	return nil
}

func enterCard(ctx context.Context, c *Client, card *card) error {
	return c.enterSlides(ctx, card.item(), card.renditions())
}

func (card *card) item() playlists.Item {
	item := playlists.Item{
		ID: card.id, Title: card.english.title, Version: 1, Phase: card.phase, Topics: card.topics, Millis: card.seconds * 1000,
		HandOff: card.template == slide.Steps || card.template == slide.Questions,
	}
	if slices.Contains(onTheWebsite(), card.id) {
		item.Platforms = playlists.Platforms()
	}
	return item
}

// ownFirst has the languages of the hospital before all others.
func ownFirst(a, b playlists.Language) int {
	own := []playlists.Language{"es", "en"}
	return cmp.Or(cmp.Compare(slices.Index(own, b), slices.Index(own, a)), cmp.Compare(a, b))
}

// enterSlides makes an item's slides and the item itself.
func (c *Client) enterSlides(ctx context.Context, item playlists.Item, slides map[playlists.Language]slide.Slide) error {
	for _, language := range slices.SortedFunc(maps.Keys(slides), ownFirst) {
		var made struct {
			Rendition playlists.Rendition `json:"rendition"`
		}
		if err := c.Do(ctx, http.MethodPost, "/api/v1/slides", slides[language], &made, nil); err != nil {
			return fmt.Errorf("entering %s in %s: %w", item.ID, language, err)
		}
		item.Renditions = append(item.Renditions, made.Rendition)
	}
	return c.enterItem(ctx, item)
}

func (p *picture) item(upload *Upload) playlists.Item {
	rendition := upload.Rendition
	rendition.Language, rendition.Alt = playlists.NoWords, p.alt
	return playlists.Item{
		ID: p.id, Title: p.title, Version: 1, Phase: p.phase, Topics: p.topics, Millis: 8000,
		Renditions: []playlists.Rendition{rendition},
	}
}

// enterPicture uploads the drawing; a clip's first picture stands in until the clip is made.
func enterPicture(ctx context.Context, c *Client, p *picture) error {
	drawn, err := p.still()
	if err != nil {
		return fmt.Errorf("drawing %s: %w", p.id, err)
	}
	upload, err := c.Upload(ctx, string(p.id)+".png", bytes.NewReader(drawn))
	if err != nil {
		return err
	}
	return c.enterItem(ctx, p.item(&upload))
}

func enterClip(ctx context.Context, c *Client, p *picture, path string) error {
	if err := p.clip(ctx, path); err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening the clip of %s: %w", p.id, err)
	}
	defer func() { _ = file.Close() }() // only read
	upload, err := c.Upload(ctx, filepath.Base(path), file)
	if err != nil {
		return err
	}
	var now playlists.Item
	etag, err := c.Get(ctx, "/api/v1/items/"+string(p.id), &now)
	if err != nil {
		return err
	}
	item := p.item(&upload)
	item.Version, item.Millis = now.Version+1, 0 // the clip's own length
	if err := c.Replace(ctx, "/api/v1/items/"+string(p.id), etag, item); err != nil {
		return err
	}
	return c.approve(ctx, item.ID)
}
