package ingest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"io"
	"math"
)

// profile is a colour profile of three primaries and tone curves, the kind that cameras and phones
// embed (Display P3, Adobe RGB). Profiles of other kinds are taken for sRGB.
type profile struct {
	// matrix goes from linear device colours to linear sRGB.
	matrix [3][3]float64
	// curves go from a byte to linear light.
	curves [3][256]float64
}

// profileBytes bounds what is read of an embedded profile.
const profileBytes = 1 << 20

// findProfile reads the profile that a file embeds; nil is sRGB.
func findProfile(f form, b []byte) *profile {
	switch f {
	case formJPEG:
		return parseProfile(jpegProfile(b))
	case formPNG:
		return parseProfile(pngProfile(b))
	case formWebP:
		return parseProfile(webpProfile(b))
	case formMP4, formWebM, formSlide, formWebVTT, formPDF:
	}
	return nil
}

// jpegProfile joins the APP2 segments of a profile, in the order of their numbers.
func jpegProfile(b []byte) []byte {
	const marker = "ICC_PROFILE\x00"
	parts := map[byte][]byte{}
	for i := 2; i+4 <= len(b) && b[i] == 0xff && b[i+1] != 0xda; {
		n := int(binary.BigEndian.Uint16(b[i+2:]))
		if n < 2 || i+2+n > len(b) {
			break
		}
		if seg := b[i+4 : i+2+n]; b[i+1] == 0xe2 && len(seg) > len(marker)+2 && string(seg[:len(marker)]) == marker {
			parts[seg[len(marker)]] = seg[len(marker)+2:]
		}
		i += 2 + n
	}
	var whole []byte
	for n := 1; n <= len(parts); n++ {
		whole = append(whole, parts[byte(n)]...)
	}
	return whole
}

// pngProfile inflates the iCCP chunk.
func pngProfile(b []byte) []byte {
	for i := 8; i+12 <= len(b); {
		n := int64(binary.BigEndian.Uint32(b[i:]))
		if int64(i)+12+n > int64(len(b)) || string(b[i+4:i+8]) == "IDAT" {
			return nil
		}
		if data := b[i+8 : int64(i)+8+n]; string(b[i+4:i+8]) == "iCCP" {
			_, rest, _ := bytes.Cut(data, []byte{0})
			if len(rest) < 1 {
				return nil
			}
			return inflate(rest[1:])
		}
		i += 12 + int(n)
	}
	return nil
}

func inflate(b []byte) []byte {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	p, err := io.ReadAll(io.LimitReader(z, profileBytes))
	if err != nil {
		return nil
	}
	return p
}

// webpProfile finds the ICCP chunk.
func webpProfile(b []byte) []byte {
	for i := 12; i+8 <= len(b); {
		n := int64(binary.LittleEndian.Uint32(b[i+4:]))
		end := int64(i) + 8 + n
		if end > int64(len(b)) {
			return nil
		}
		if string(b[i:i+4]) == "ICCP" {
			return b[i+8 : end]
		}
		i = int(end + n&1)
	}
	return nil
}

// parseProfile reads a matrix profile with the PCS XYZ; nil if it is none.
func parseProfile(b []byte) *profile {
	if len(b) < 132 || string(b[16:20]) != "RGB " || string(b[20:24]) != "XYZ " {
		return nil
	}
	p := &profile{}
	var toXYZ [3][3]float64
	for i, c := range []string{"r", "g", "b"} {
		xyz, ok := tagXYZ(profileTag(b, c+"XYZ"))
		curve, okCurve := toneCurve(profileTag(b, c+"TRC"))
		if !ok || !okCurve {
			return nil
		}
		for row := range 3 {
			toXYZ[row][i] = xyz[row]
		}
		for v := range 256 {
			p.curves[i][v] = curve(float64(v) / 255)
		}
	}
	p.matrix = multiply(xyzToSRGB(), toXYZ)
	return p
}

func profileTag(b []byte, name string) []byte {
	count := min(binary.BigEndian.Uint32(b[128:]), 100)
	for i := range int(count) {
		at := 132 + 12*i
		if at+12 > len(b) {
			return nil
		}
		if string(b[at:at+4]) == name {
			from, n := int64(binary.BigEndian.Uint32(b[at+4:])), int64(binary.BigEndian.Uint32(b[at+8:]))
			if from+n > int64(len(b)) || n < 8 {
				return nil
			}
			return b[from : from+n]
		}
	}
	return nil
}

// fixed reads an s15Fixed16Number.
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }

func tagXYZ(tag []byte) (xyz [3]float64, ok bool) {
	if len(tag) < 20 || string(tag[:4]) != "XYZ " {
		return xyz, false
	}
	for i := range xyz {
		xyz[i] = fixed(tag[8+4*i:])
	}
	return xyz, true
}

// toneCurve reads a curv or para tag.
func toneCurve(tag []byte) (func(float64) float64, bool) {
	switch {
	case len(tag) >= 12 && string(tag[:4]) == "curv":
		return sampledCurve(tag)
	case len(tag) >= 16 && string(tag[:4]) == "para":
		return parametricCurve(tag)
	}
	return nil, false
}

func sampledCurve(tag []byte) (func(float64) float64, bool) {
	n := int64(binary.BigEndian.Uint32(tag[8:]))
	if n == 0 {
		return func(v float64) float64 { return v }, true
	}
	if 12+2*n > int64(len(tag)) {
		return nil, false
	}
	at := func(i int64) float64 { return float64(binary.BigEndian.Uint16(tag[12+2*i:])) }
	if n == 1 {
		gamma := at(0) / 256
		return func(v float64) float64 { return math.Pow(v, gamma) }, true
	}
	return func(v float64) float64 {
		place := v * float64(n-1)
		low := min(int64(place), n-2)
		part := place - float64(low)
		return (at(low)*(1-part) + at(low+1)*part) / 65535
	}, true
}

// parametricCurve reads the five functions of ICC.1:2010, 10.16: all are the last one with some of its
// parameters g a b c d e f left out.
func parametricCurve(tag []byte) (func(float64) float64, bool) {
	kind := binary.BigEndian.Uint16(tag[8:])
	counts := []int{1, 3, 4, 5, 7}
	if int(kind) >= len(counts) || 12+4*counts[kind] > len(tag) {
		return nil, false
	}
	var p [7]float64
	for i := range counts[kind] {
		p[i] = fixed(tag[12+4*i:])
	}
	g, a, b, c, d, e, f := p[0], p[1], p[2], p[3], p[4], p[5], p[6]
	switch kind {
	case 0:
		a, d = 1, math.Inf(-1)
	case 1:
		c, d, f = 0, -b/a, 0
	case 2:
		c, d, e, f = 0, -b/a, p[3], p[3]
	}
	return func(v float64) float64 {
		if v < d {
			return c*v + f
		}
		return math.Pow(max(0, a*v+b), g) + e
	}, true
}

// xyzToSRGB goes from XYZ at D50, where profiles meet, to linear sRGB.
func xyzToSRGB() [3][3]float64 {
	return [3][3]float64{
		{3.1338561, -1.6168667, -0.4906146},
		{-0.9787684, 1.9161415, 0.0334540},
		{0.0719453, -0.2289914, 1.4052427},
	}
}

func multiply(a, b [3][3]float64) (c [3][3]float64) {
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				c[i][j] += a[i][k] * b[k][j]
			}
		}
	}
	return c
}

// toSRGB changes the colours of a picture in place; a nil profile changes nothing.
func (p *profile) toSRGB(m *image.RGBA) *image.RGBA {
	if p == nil {
		return m
	}
	var encoded [4096]uint8
	for i := range encoded {
		encoded[i] = uint8(math.Round(255 * sRGB(float64(i)/float64(len(encoded)-1))))
	}
	for i := 0; i+4 <= len(m.Pix); i += 4 {
		p.pixel(m.Pix[i:i+4:i+4], &encoded)
	}
	return m
}

// pixel converts one pixel, whose colours are multiplied by its alpha.
func (p *profile) pixel(px []uint8, encoded *[4096]uint8) {
	a := uint32(px[3])
	if a == 0 {
		return
	}
	var light [3]float64
	for c := range 3 {
		light[c] = p.curves[c][min(255, (uint32(px[c])*255+a/2)/a)]
	}
	for c := range 3 {
		v := p.matrix[c][0]*light[0] + p.matrix[c][1]*light[1] + p.matrix[c][2]*light[2]
		straight := encoded[int(math.Round(min(1, max(0, v))*float64(len(encoded)-1)))]
		px[c] = uint8((uint32(straight)*a + 127) / 255)
	}
}

// sRGB is the transfer function of IEC 61966-2-1, from light to value.
func sRGB(v float64) float64 {
	if v <= 0.0031308 {
		return 12.92 * v
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}
