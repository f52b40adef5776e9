//go:build !console

package console

import (
	"embed"
	"io/fs"
)

// Bundled reports whether this binary carries the console's program.
const Bundled = false

//go:embed stub/index.html
var stub embed.FS

func bundle() fs.FS {
	files, err := fs.Sub(stub, "stub")
	if err != nil {
		panic(err) // the directory's name is a constant and valid
	}
	return files
}
