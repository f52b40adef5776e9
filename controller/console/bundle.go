//go:build console

package console

import (
	"embed"
	"io/fs"
)

// Bundled reports whether this binary carries the console's program.
const Bundled = true

//go:embed all:web/dist
var dist embed.FS

func bundle() fs.FS {
	files, err := fs.Sub(dist, "web/dist")
	if err != nil {
		panic(err) // the directory's name is a constant and valid
	}
	return files
}
