package stage

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/ebitengine/purego"
)

// rendererName asks GL who draws. It must be called on the thread of the game loop, after a frame; it
// answers "" where GL does not.
func rendererName() string {
	const glRenderer = 0x1F01
	for _, name := range []string{"libGL.so.1", "libGLESv2.so.2"} {
		lib, err := purego.Dlopen(name, purego.RTLD_LAZY|purego.RTLD_GLOBAL)
		if err != nil {
			continue
		}
		symbol, err := purego.Dlsym(lib, "glGetString")
		if err != nil {
			continue
		}
		var getString func(uint32) string
		purego.RegisterFunc(&getString, symbol)
		if s := getString(glRenderer); s != "" {
			return s
		}
	}
	return ""
}

// softwareGL tells whether a renderer is a program and no GPU; one that does not say is judged by
// whether the machine has a node to render through at all.
func softwareGL(renderer string) bool {
	if renderer == "" {
		nodes, err := filepath.Glob("/dev/dri/renderD*")
		_, nvidia := os.Stat("/dev/nvidia0")
		return err == nil && len(nodes) == 0 && nvidia != nil
	}
	r := strings.ToLower(renderer)
	for _, name := range []string{"llvmpipe", "softpipe", "swrast", "software", "swiftshader"} {
		if strings.Contains(r, name) {
			return true
		}
	}
	return false
}
