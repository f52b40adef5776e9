package wire

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"anteroom/playlists"
)

// recordVersion begins every canonical record; a new meaning of a field needs a new one.
const recordVersion = 1

// ChainStart is the chain's value before the first play of a stream: the stream's 16 bytes.
func ChainStart(stream playlists.StreamID) ([]byte, error) {
	if !isHex128(string(stream)) {
		return nil, fmt.Errorf("%w: stream %q is not 32 hexadecimal digits", playlists.ErrInvalid, stream)
	}
	return hex.DecodeString(string(stream))
}

// Chain is the chain's value after p: the SHA-256 of the value before it and the play's canonical
// record, which holds every field of the play and does not depend on how plays are packed.
func Chain(prev []byte, p playlists.Play) []byte {
	sum := sha256.Sum256(appendRecord(append(make([]byte, 0, 512), prev...), &p))
	return sum[:]
}

func appendRecord(b []byte, p *playlists.Play) []byte {
	b = append(b, recordVersion)
	b = binary.AppendUvarint(b, p.Seq)
	b = binary.AppendVarint(b, p.Start.UnixMilli())
	b = binary.AppendVarint(b, p.Mono)
	b = binary.AppendVarint(b, p.Shown)
	for _, s := range texts(p) {
		b = appendBytes(b, []byte(s))
	}
	for _, n := range numbers(p) {
		b = binary.AppendVarint(b, n)
	}
	return b
}

// texts and numbers list what plays of one stream have in common more often than not, in an order that
// both the canonical record and the packing keep. Neither may ever change but at the end.
func texts(p *playlists.Play) [textFields]string {
	return [...]string{
		string(p.Screen), string(p.Item), string(p.Language), string(p.Asset), string(p.Body),
		string(p.Window), string(p.Takeover), p.Region, string(p.Quality), string(p.Boot),
		string(p.Outcome), string(p.Display), p.Gap,
	}
}

func numbers(p *playlists.Play) [numberFields]int64 {
	return [...]int64{
		int64(p.Version), int64(p.Offset), p.Planned, flag(p.Resumed), int64(p.Condensed), int64(p.Lost),
	}
}

const (
	textFields   = 13
	numberFields = 6
)

func flag(set bool) int64 {
	if set {
		return 1
	}
	return 0
}

// kind is everything of a play that texts and numbers list.
type kind struct {
	texts   [textFields]string
	numbers [numberFields]int64
}

func kindOf(p *playlists.Play) kind { return kind{texts(p), numbers(p)} }

// play is a play of this kind; it lacks Seq, Start, Mono and Shown.
func (k *kind) play() playlists.Play {
	t, n := &k.texts, &k.numbers
	return playlists.Play{
		Screen: playlists.ScreenID(t[0]), Item: playlists.ItemID(t[1]), Language: playlists.Language(t[2]),
		Asset: playlists.Digest(t[3]), Body: playlists.Digest(t[4]), Window: playlists.WindowID(t[5]),
		Takeover: playlists.TakeoverID(t[6]), Region: t[7], Quality: playlists.ClockQuality(t[8]),
		Boot: playlists.BootID(t[9]), Outcome: playlists.Outcome(t[10]), Display: playlists.DisplayState(t[11]),
		Gap: t[12], Version: int(n[0]), Offset: int(n[1]), Planned: n[2], Resumed: n[3] != 0,
		Condensed: int(n[4]), Lost: int(n[5]),
	}
}
