package api

import (
	"context"
	"reflect"
	"time"

	"anteroom/controller/access"
	"anteroom/playlists"
)

// approve sets an item's version and approval, which writers cannot: the version grows whenever what
// is shown changes, and whoever may let items out approves what they write. Others' changes wait for
// that; meanwhile the last approved revision stays on.
func approve(ctx context.Context, now time.Time, old, next *playlists.Item) {
	next.Version, next.Approval = 1, nil
	if old != nil {
		next.Version, next.Approval = old.Version, old.Approval
		if shows(old, next) {
			next.Version++
		}
	}
	if next.Approved() {
		return
	}
	if may(ctx, access.Approve, access.Object{Kind: "item"}) == nil {
		next.Approval = &playlists.Approval{Version: next.Version, By: by(ctx), At: now}
	}
}

// shows reports whether patients would see something else.
func shows(old, next *playlists.Item) bool {
	return !reflect.DeepEqual(old.Renditions, next.Renditions) || old.Title != next.Title
}
