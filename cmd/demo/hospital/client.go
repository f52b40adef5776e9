package hospital

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"anteroom/playlists"
)

// Client speaks to a controller's API as a signed-in person, like the console does.
type Client struct {
	base string
	http *http.Client
	// reviewer approves what is entered; nil before the first time.
	reviewer *Client
}

// NewClient speaks to the controller at base, "http://127.0.0.1:8080".
func NewClient(base string) *Client {
	jar, _ := cookiejar.New(nil) // fails only with options
	return &Client{base: strings.TrimSuffix(base, "/"), http: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Transport sends requests over t instead of the machine's network.
func (c *Client) Transport(t http.RoundTripper) { c.http.Transport = t }

// First uses the one-time link of a new controller to make the first administrator.
func (c *Client) First(ctx context.Context, link, name, password string) error {
	at, err := url.Parse(link)
	if err != nil {
		return fmt.Errorf("reading the first administrator's link: %w", err)
	}
	return c.form(ctx, "/first", url.Values{"token": {at.Query().Get("token")}, "name": {name}, "password": {password}, "again": {password}})
}

// SignIn signs in by the form that people use.
func (c *Client) SignIn(ctx context.Context, name, password string) error {
	return c.form(ctx, "/sign-in", url.Values{"name": {name}, "password": {password}})
}

func (c *Client) form(ctx context.Context, path string, fields url.Values) error {
	response, err := c.send(ctx, http.MethodPost, path, strings.NewReader(fields.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // only read
	if response.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("%s answered %s", path, response.Status)
	}
	return nil
}

func (c *Client) send(ctx context.Context, method, path string, body io.Reader, header http.Header) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("asking for %s: %w", path, err)
	}
	request.Header.Set("Origin", c.base)
	maps.Copy(request.Header, header)
	response, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking for %s: %w", path, err)
	}
	return response, nil
}

// Do sends in, if not nil, as JSON and reads the answer into out, if not nil. A status of 300 and
// above is an error with the controller's own words.
func (c *Client) Do(ctx context.Context, method, path string, in, out any, header http.Header) error {
	var body io.Reader
	if header == nil {
		header = http.Header{}
	}
	if in != nil {
		sent, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("writing the request for %s: %w", path, err)
		}
		body = bytes.NewReader(sent)
		header.Set("Content-Type", "application/json")
	}
	response, err := c.send(ctx, method, path, body, header)
	if err != nil {
		return err
	}
	return read(response, out)
}

func read(response *http.Response, out any) error {
	got, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return fmt.Errorf("reading the answer of %s: %w", response.Request.URL.Path, err)
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s answered %s: %s", response.Request.Method, response.Request.URL.Path, response.Status, got)
	}
	if out == nil || len(got) == 0 {
		return nil
	}
	if err := json.Unmarshal(got, out); err != nil {
		return fmt.Errorf("reading the answer of %s: %w", response.Request.URL.Path, err)
	}
	return nil
}

// Create writes a new document.
func (c *Client) Create(ctx context.Context, kinds, id string, document any) error {
	return c.Do(ctx, http.MethodPut, "/api/v1/"+kinds+"/"+id, document, nil, http.Header{"If-None-Match": {"*"}})
}

// MakeItem writes a new item and lets it out without a review, as somebody does who has no colleague to ask.
func (c *Client) MakeItem(ctx context.Context, item playlists.Item) error {
	if err := c.Create(ctx, "items", string(item.ID), item); err != nil {
		return err
	}
	return c.judge(ctx, item.ID, "release", map[string]any{"reason": "There is nobody else yet who could review it."})
}

// judge says approve or release about the present version of an item.
func (c *Client) judge(ctx context.Context, id playlists.ItemID, verdict string, order map[string]any) error {
	var now playlists.Item
	path := "/api/v1/items/" + string(id)
	etag, err := c.Get(ctx, path, &now)
	if err != nil {
		return err
	}
	order["version"] = now.Version
	return c.Do(ctx, http.MethodPost, path+"/"+verdict, order, nil, http.Header{"If-Match": {etag}})
}

// Get reads a document, and its ETag for a later Replace.
func (c *Client) Get(ctx context.Context, path string, out any) (etag string, err error) {
	response, err := c.send(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return "", err
	}
	return response.Header.Get("ETag"), read(response, out)
}

// Fetch gives the answer for path as it comes, whatever its status; the caller closes its body.
func (c *Client) Fetch(ctx context.Context, path string, header http.Header) (*http.Response, error) {
	return c.send(ctx, http.MethodGet, path, nil, header)
}

// Replace writes a document over the revision that etag names.
func (c *Client) Replace(ctx context.Context, path, etag string, document any) error {
	return c.Do(ctx, http.MethodPut, path, document, nil, http.Header{"If-Match": {etag}})
}

// Upload is how far an upload has come.
type Upload struct {
	ID        string              `json:"id"`
	State     string              `json:"state"`
	Problem   string              `json:"problem"`
	Rendition playlists.Rendition `json:"rendition"`
	Millis    int64               `json:"millis"`
}

// Upload sends a file and waits until it is ready or refused.
func (c *Client) Upload(ctx context.Context, name string, file io.Reader) (Upload, error) {
	response, err := c.send(ctx, http.MethodPost, "/api/v1/uploads?name="+url.QueryEscape(name), file, http.Header{"Content-Type": {"application/octet-stream"}})
	if err != nil {
		return Upload{}, err
	}
	var upload Upload
	if err := read(response, &upload); err != nil {
		return Upload{}, err
	}
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for upload.State != "ready" {
		if upload.State == "refused" {
			return upload, fmt.Errorf("%s was refused: %s", name, upload.Problem)
		}
		select {
		case <-ctx.Done():
			return upload, fmt.Errorf("waiting for %s: %w", name, ctx.Err())
		case <-tick.C:
		}
		if _, err := c.Get(ctx, "/api/v1/uploads/"+upload.ID, &upload); err != nil {
			return upload, err
		}
	}
	return upload, nil
}

// Pair claims the player that shows code for a screen.
func (c *Client) Pair(ctx context.Context, code string, screen playlists.ScreenID) error {
	return c.Do(ctx, http.MethodPost, "/api/v1/pairings/claim", map[string]string{"code": code, "screen": string(screen)}, nil, nil)
}

// Publish puts the drafts of the departments in force.
func (c *Client) Publish(ctx context.Context, note string, departments ...playlists.DepartmentID) error {
	return c.Do(ctx, http.MethodPost, "/api/v1/publications", map[string]any{"departments": departments, "note": note}, nil, nil)
}
