package main

import (
	"math/rand/v2"
	"sync"

	"anteroom/player/clock"
	"anteroom/player/playback"
	"anteroom/player/playertest"
)

// glass is what the seed decides about a player.
type glass struct {
	stage  *playertest.Stage
	jitter func() float64
}

// glassOf is player n's glass: mostly 1080p, some larger, some smaller. first is called for every turn
// that is first drawn.
func glassOf(seed uint64, n int, first func()) glass {
	random := rand.New(rand.NewPCG(seed, uint64(n)))
	width, height := 1920, 1080
	switch random.IntN(10) {
	case 0, 1:
		width, height = 3840, 2160
	case 2:
		width, height = 1280, 720
	}
	var mu sync.Mutex
	return glass{
		stage: playertest.New(playertest.Config{
			Mono: clock.Monotonic, Beat: beatEvery, Width: width, Height: height,
			First: func(playback.RegionScene, playback.Drawn) { first() },
		}),
		jitter: func() float64 {
			mu.Lock()
			defer mu.Unlock()
			return random.Float64()
		},
	}
}
