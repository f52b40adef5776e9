//go:build !fonts

package fonts

import (
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// All lists the font files in order of preference. The bytes are not to be changed.
func All() [][]byte { return [][]byte{goregular.TTF, gobold.TTF} }
