package controller

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"anteroom/controller/disk"
	"anteroom/playlists/wire"
)

const (
	keyName   = "controller.key"
	keyType   = "PRIVATE KEY"
	keyHeader = "Controller"
)

// openKey reads the controller's key, which is its identity to all players, or makes it at first start.
// It lies beside the store and never in it, so that a copy of the store alone cannot pass for us.
func openKey(dir string) (ed25519.PrivateKey, error) {
	path := filepath.Join(dir, keyName)
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if used(dir) {
		return nil, fmt.Errorf("%s is missing, but there is a store: players know this controller by that key; put it back from your backup", path)
	}
	return makeKey(path)
}

// used reports whether a controller has worked in dir before.
func used(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, storeDir))
	return err == nil
}

func readKey(path string) (ed25519.PrivateKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others than its owner: chmod 600 %s", path, path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil || block.Type != keyType {
		return nil, fmt.Errorf("%s is not a key in PEM: put it back from your backup", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s is not an Ed25519 key: put it back from your backup", path)
	}
	if name, ok := block.Headers[keyHeader]; ok && name != nameOf(key) {
		return nil, fmt.Errorf("%s is damaged: it names another controller than its key does, and players would take neither; put it back from your backup", path)
	}
	return key, nil
}

// nameOf is the controller that a key makes. It stands beside the key, because any bytes would be a key.
func nameOf(key ed25519.PrivateKey) string {
	public, _ := key.Public().(ed25519.PublicKey)
	return string(wire.ControllerIDOf(public))
}

func makeKey(path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the controller's key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("making the controller's key: %w", err)
	}
	if err := disk.Write(path, pem.EncodeToMemory(&pem.Block{Type: keyType, Headers: map[string]string{keyHeader: nameOf(key)}, Bytes: der})); err != nil {
		return nil, fmt.Errorf("keeping the controller's key: %w", err)
	}
	return key, nil
}
