package backup

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"anteroom/playlists/playliststest/fuzztest"
)

func manifest() Manifest {
	return Manifest{Format: format, At: time.Date(2026, 11, 22, 20, 4, 5, 0, time.UTC), Version: "v1", Files: []File{
		{Path: "controller.key", Bytes: 119, SHA256: strings.Repeat("0a", 32)},
		{Path: "content/ab/" + strings.Repeat("ab", 32), Bytes: 7, SHA256: strings.Repeat("ab", 32)},
	}}
}

func TestManifestNoticesEveryBit(t *testing.T) {
	m := manifest()
	whole, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := decode(whole)
	if err != nil || !reflect.DeepEqual(back, m) {
		t.Errorf("got %+v, %v", back, err)
	}
	for bit := range 8 * len(whole) {
		broken := bytes.Clone(whole)
		broken[bit/8] ^= 1 << (bit % 8)
		if _, err := decode(broken); !errors.Is(err, ErrDamaged) {
			t.Fatalf("with bit %d of byte %d the other way: %v", bit%8, bit/8, err)
		}
	}
	for size := range whole {
		if _, err := decode(whole[:size]); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut to %d bytes: %v", size, err)
		}
	}
}

func TestManifestsThatAreNotOurs(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Manifest)
		says   string
	}{
		{"of a newer program", func(m *Manifest) { m.Format, m.Version = format+1, "v9" }, "use the program that made it, version v9"},
		{"with a file above the directory", func(m *Manifest) { m.Files[0].Path = "../passwd" }, "damaged"},
		{"with a file from the root", func(m *Manifest) { m.Files[0].Path = "/etc/passwd" }, "damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := manifest()
			tt.change(&m)
			b, err := m.encode()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := decode(b); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
		})
	}
}

func FuzzManifest(f *testing.F) {
	g := fuzztest.New(f)
	m := manifest()
	b, err := m.encode()
	if err != nil {
		f.Fatal(err)
	}
	_, body, _ := bytes.Cut(b, []byte("\n"))
	g.Add(body)
	g.Fuzz(func(t *testing.T, body []byte) {
		m, err := decode(append([]byte(sealWords+digestOf(body)+"\n"), body...))
		if err != nil {
			return
		}
		again, err := m.encode()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := decode(again); err != nil || !reflect.DeepEqual(back, m) {
			t.Errorf("%+v became %+v, %v", m, back, err)
		}
	})
}
