package journal

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// ErrDamaged says that a file of the journal cannot be believed.
var ErrDamaged = errors.New("damaged")

func checksum(key, value []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(key, table), table, value)
}

// seal puts the checksum of key and value before value.
func seal(key, value []byte) []byte {
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(value)), checksum(key, value)), value...)
}

// unseal gives the value back, or [ErrDamaged].
func unseal(key, sealed []byte) ([]byte, error) {
	if len(sealed) < 4 || binary.BigEndian.Uint32(sealed) != checksum(key, sealed[4:]) {
		return nil, fmt.Errorf("%w: value of key %x", ErrDamaged, key)
	}
	return sealed[4:], nil
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func unsealPlay(key, sealed []byte) (playlists.Play, error) {
	packed, err := unseal(key, sealed)
	if err != nil {
		return playlists.Play{}, err
	}
	plays, err := wire.UnpackPlays(packed)
	if err != nil || len(plays) != 1 || len(key) != 8 || plays[0].Seq != binary.BigEndian.Uint64(key) {
		return playlists.Play{}, fmt.Errorf("%w: play of key %x", ErrDamaged, key)
	}
	return plays[0], nil
}

func unsealJSON(key, sealed []byte, into any) error {
	enc, err := unseal(key, sealed)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(enc, into); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

// firstOf is the first number that a record stands for.
func firstOf(p *playlists.Play) uint64 {
	if p.Lost > 0 {
		return p.Seq - uint64(p.Lost) + 1
	}
	return p.Seq
}
