package main

import "encoding/binary"

// Opcodes of websocket frames.
const (
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10
)

const (
	final    = 0x80
	masked   = 0x80
	maskSize = 4
	length16 = 126
	length64 = 127
)

// frameOf is a frame from a client. Its mask is zero, which leaves the payload as it is: whom it is to protect
// from is not on this machine.
func frameOf(opcode byte, payload []byte) []byte {
	b := []byte{final | opcode}
	if len(payload) < length16 {
		b = append(b, masked|byte(len(payload)))
	} else {
		b = append(b, masked|length16)
		b = binary.BigEndian.AppendUint16(b, uint16(len(payload)))
	}
	b = append(b, make([]byte, maskSize)...)
	return append(b, payload...)
}

// cutFrame splits the first frame of a server off b; false if it is not all there yet.
func cutFrame(b []byte) (opcode byte, payload, rest []byte, ok bool) {
	if len(b) < 2 {
		return 0, nil, b, false
	}
	size, at := uint64(b[1]), 2
	switch {
	case size == length16 && len(b) >= at+2:
		size, at = uint64(binary.BigEndian.Uint16(b[at:])), at+2
	case size == length64 && len(b) >= at+8:
		size, at = binary.BigEndian.Uint64(b[at:]), at+8
	case size >= length16:
		return 0, nil, b, false
	}
	if uint64(len(b)-at) < size {
		return 0, nil, b, false
	}
	end := at + int(size)
	return b[0] &^ final, b[at:end], b[end:], true
}
