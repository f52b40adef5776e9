package wire

import "crypto/ed25519"

// SignedHead signs whatever bytes as a head.
func SignedHead(key ed25519.PrivateKey, b []byte) Signed {
	return Signed{Bytes: b, Signature: ed25519.Sign(key, headContext.bind(b))}
}

// SignedTakeovers signs whatever bytes as takeovers.
func SignedTakeovers(key ed25519.PrivateKey, b []byte) Signed {
	return Signed{Bytes: b, Signature: ed25519.Sign(key, takeoversContext.bind(b))}
}
