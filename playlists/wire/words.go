package wire

import (
	"crypto/ed25519"
	"crypto/sha256"

	"github.com/tyler-smith/go-bip39/wordlists"
)

// WordCount is how many words people compare.
const WordCount = 6

const wordBits = 11 // 2,048 words

// Words are what staff compare while they pair a player: the same six of 2,048 English words on the
// screen and in the console if, and only if, nobody sits between the two keys.
func Words(controllerKey, playerKey ed25519.PublicKey) []string {
	sum := sha256.Sum256(wordsContext.bind(controllerKey, playerKey))
	words := make([]string, WordCount)
	for i := range words {
		words[i] = wordlists.English[bits(sum[:], i*wordBits)]
	}
	return words
}

// bits reads eleven bits of b from the given bit on.
func bits(b []byte, from int) int {
	n := 0
	for i := from; i < from+wordBits; i++ {
		n = n<<1 | int(b[i/8]>>(7-i%8)&1)
	}
	return n
}
