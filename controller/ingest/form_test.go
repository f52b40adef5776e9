package ingest

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"anteroom/playlists"
	"anteroom/playlists/playliststest/fuzztest"
)

func FuzzDecide(f *testing.F) {
	g := fuzztest.New(f)
	for _, head := range []string{
		"\xff\xd8\xff\xe0\x00\x10JFIF", "\x89PNG\r\n\x1a\n", "RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02", "RIFF\x00\x00\x00\x00WEBPVP8 ",
		"\x00\x00\x00\x20ftypisom", "\x00\x00\x00\x20ftypqt  ", "\x1a\x45\xdf\xa3\x42\x82\x84webm", `{"template":"notice"}`, "GIF89a", "%PDF-1.7", "", "text",
	} {
		g.Add("picture.jpg", []byte(head))
		g.Add("a.json", []byte(head))
		g.Add("", []byte(head))
	}
	g.Fuzz(func(t *testing.T, name string, head []byte) {
		got, err := decide(name, head)
		if err != nil {
			var r *RefusalError
			if !errors.As(err, &r) || !errors.Is(err, playlists.ErrInvalid) || !strings.HasSuffix(r.Reason, ".") {
				t.Fatalf("refused with %q, want a sentence", err)
			}
			return
		}
		ending := strings.ToLower(filepath.Ext(name))
		if got.medium() == "" || ending != "" && !slices.Contains(got.extensions(), ending) {
			t.Fatalf("%q was taken for a %s", name, got)
		}
		if got == formPDF { // its name may stand anywhere among the first bytes (ISO 32000-1, annex H.3.4.1)
			if !strings.Contains(string(head), "%PDF-") {
				t.Fatalf("%x was taken for a PDF", head)
			}
		} else if got.medium() == playlists.Image && len(head) >= 4 && !slices.Contains([]string{"\xff\xd8\xff", "\x89PN", "RIF"}, string(head[:3])) {
			t.Fatalf("%x was taken for a %s", head[:4], got)
		}
	})
}

func TestNamesAreCleaned(t *testing.T) {
	for in, want := range map[string]string{
		"stairs.jpg": "stairs.jpg", "/etc/passwd": "passwd", `C:\fakepath\a.png`: "a.png", "../../a.png": "a.png", "": "", "/": "", "a\x00\n\u202eb.png": "ab.png",
		strings.Repeat("ä", 300) + ".jpg": strings.Repeat("ä", 116) + ".jpg", "x." + strings.Repeat("y", 300): "." + strings.Repeat("y", 119),
	} {
		if got := cleanName(in); got != want || !utf8.ValidString(got) {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestFinishedUploadsAreForgottenInTheEnd(t *testing.T) {
	b := newBoard()
	gone := 0
	for range keptUploads + 50 {
		forgotten, err := b.add(Upload{ID: newID(), State: Refused}, Limits{Unfinished: 1, Each: 1})
		if err != nil {
			t.Fatal(err)
		}
		if forgotten != "" {
			gone++
			if _, err := b.get(forgotten); err == nil {
				t.Errorf("upload %s is forgotten and still there", forgotten)
			}
		}
	}
	if gone != 50 {
		t.Errorf("%d uploads were forgotten, want 50", gone)
	}
	if n := len(b.list()); n > keptUploads+1 {
		t.Errorf("%d uploads are remembered, want %d", n, keptUploads)
	}
}

func FuzzAccept(f *testing.F) {
	g := fuzztest.New(f)
	g.Add([]byte(`{"streams":[{"codec_type":"video","codec_name":"h264","width":640,"height":360,"avg_frame_rate":"25/1","duration":"4.0","sample_aspect_ratio":"16:11","side_data_list":[{"rotation":-90}]}],"format":{"duration":"4.0"}}`))
	g.Add([]byte(`{"streams":[{"codec_type":"video","codec_name":"vp9","width":8000,"height":16,"avg_frame_rate":"0/0","r_frame_rate":"90000/1","tags":{"DURATION":"00:00:04.000000000","rotate":"NaN"}}]}`))
	g.Fuzz(func(t *testing.T, b []byte) {
		var p probed
		if json.Unmarshal(b, &p) != nil {
			return
		}
		for _, form := range []form{formMP4, formWebM} {
			s, err := accept(form, p, time.Hour)
			if err != nil {
				continue
			}
			variants := sizes(s.size)
			if len(variants) == 0 || s.length < time.Second || s.length > time.Hour || s.rate.perSecond() > 61 || s.rate.perSecond() < 23 {
				t.Fatalf("%s is accepted as %+v, variants %v", b, s, variants)
			}
			for _, v := range variants {
				if v.X < 4 || v.Y < 4 || v.X*v.Y > 3840*3840 {
					t.Fatalf("%s gives a variant of %v", b, v)
				}
			}
		}
	})
}
