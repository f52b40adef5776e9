//go:build fonts

package fonts

import (
	"embed"
	"fmt"
	"path"
)

//go:embed files/*.ttf
var files embed.FS

// All lists the font files in order of preference. The bytes are not to be changed.
func All() [][]byte {
	entries, err := files.ReadDir("files")
	if err != nil {
		panic(fmt.Sprintf("reading embedded fonts: %v", err))
	}
	all := make([][]byte, 0, len(entries))
	for _, e := range entries { // by name, and names begin with their place
		b, err := files.ReadFile(path.Join("files", e.Name()))
		if err != nil {
			panic(fmt.Sprintf("reading embedded fonts: %v", err))
		}
		all = append(all, b)
	}
	return all
}
