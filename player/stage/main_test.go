package stage

import (
	"os"
	"testing"

	"github.com/hajimehoshi/ebiten/v2"
)

// runner runs the tests within the game loop, where pictures can be drawn and read. The package needs
// a display even to start; xvfb-run -a go test ./player/stage/ gives it one.
type runner struct {
	m    *testing.M
	code int
}

func (r *runner) Update() error {
	r.code = r.m.Run()
	return ebiten.Termination
}

func (*runner) Draw(*ebiten.Image) {}

func (*runner) Layout(int, int) (width, height int) { return 320, 240 }

func TestMain(m *testing.M) {
	r := &runner{m: m, code: 1}
	if err := ebiten.RunGame(r); err != nil {
		panic(err)
	}
	os.Exit(r.code)
}
