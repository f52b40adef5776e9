package notify

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"anteroom/playlists"
)

// postbox is an SMTP server (RFC 5321) on this machine with STARTTLS and PLAIN, for as much of it as mail needs.
type postbox struct {
	listener net.Listener
	tls      *tls.Config
	// plain: it offers no TLS; full: it refuses every message.
	plain, full bool

	mu   sync.Mutex
	mail []string // "by user over TLS to: text"
}

func newPostbox(t *testing.T) (*postbox, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &postbox{listener: l, tls: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		open.Wait()
	})
	return p, roots
}

func (p *postbox) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	in := bufio.NewReader(c)
	say := func(s string) { _, _ = c.Write([]byte(s + "\r\n")) }
	user, to, secure := "nobody", "", "no TLS"
	say("220 postbox ESMTP")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			offers := "250 AUTH PLAIN"
			if secure == "no TLS" && !p.plain {
				offers = "250-STARTTLS\r\n" + offers
			}
			say("250-postbox\r\n" + offers)
		case "STARTTLS":
			say("220 go on")
			over := tls.Server(c, p.tls)
			if over.Handshake() != nil {
				return
			}
			c, in, secure = over, bufio.NewReader(over), "TLS"
		case "AUTH":
			b, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
			if string(b) != "\x00anteroom\x00secret" {
				say("535 wrong")
				continue
			}
			user = "anteroom"
			say("235 welcome")
		case "RCPT":
			to = rest
			say("250 ok")
		case "DATA":
			if p.full {
				say("452 the disk is full")
				continue
			}
			say("354 go on")
			var text strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil || line == ".\r\n" {
					break
				}
				text.WriteString(line)
			}
			p.mu.Lock()
			p.mail = append(p.mail, "by "+user+" over "+secure+" "+to+"\n"+text.String())
			p.mu.Unlock()
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (p *postbox) taken() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.mail...)
}

func TestMail(t *testing.T) {
	said := Say(&Message{Kind: SiteOut, Site: "main", Screens: []playlists.ScreenID{"a", "b"}, Since: eight}, newNames("https://tv.example.org"), "es")
	for _, c := range []struct {
		name   string
		change func(p *postbox, m *Mail)
		want   string // in the mail, or in the error after "!"
	}{
		{"by STARTTLS and with a password", func(*postbox, *Mail) {}, "by anteroom over TLS TO:<desk@lakeside.example>"},
		{"without a password", func(_ *postbox, m *Mail) { m.User = "" }, "by nobody over TLS"},
		{"a wrong password", func(_ *postbox, m *Mail) { m.Password = "guess" }, "!wrong"},
		{"a certificate of nobody's", func(_ *postbox, m *Mail) { m.Roots = x509.NewCertPool() }, "!certificate"},
		{"a server without TLS", func(p *postbox, _ *Mail) { p.plain = true }, "!STARTTLS"},
		{"a server without TLS that is trusted", func(p *postbox, m *Mail) { p.plain, m.Plain, m.User = true, true, "" }, "by nobody over no TLS"},
		{"a server whose disk is full", func(p *postbox, _ *Mail) { p.full = true }, "!the disk is full"},
		{"no server", func(_ *postbox, m *Mail) { m.Server = "" }, "!no mail server is set"},
		{"nobody there", func(p *postbox, _ *Mail) { _ = p.listener.Close() }, "!refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, roots := newPostbox(t)
			m := &Mail{Server: p.listener.Addr().String(), From: "anteroom@lakeside.example", User: "anteroom", Password: "secret", Roots: roots}
			c.change(p, m)
			err := m.send(t.Context(), "desk@lakeside.example", "letter-1", said)
			got := strings.Join(p.taken(), "\n")
			if why, refused := strings.CutPrefix(c.want, "!"); refused {
				if err == nil || !strings.Contains(err.Error(), why) || got != "" {
					t.Errorf("got %q, %v, want an error that says %q", got, err, why)
				}
				return
			}
			if err != nil || !strings.Contains(got, c.want) || !strings.Contains(got, "Message-ID: <letter-1@anteroom>") || !strings.Contains(got, "ninguna de las 2 pantallas") {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
}

func TestMailSettings(t *testing.T) {
	for _, c := range []struct {
		mail Mail
		want string
	}{
		{Mail{}, ""},
		{Mail{Server: "smtp.example.org:587", From: "tv@example.org"}, ""},
		{Mail{Server: "smtp.example.org", From: "tv@example.org"}, "smtp: "},
		{Mail{Server: "smtp.example.org:587"}, "smtp-from: "},
		{Mail{Server: "smtp.example.org:25", From: "tv@example.org", Plain: true, User: "tv"}, "smtp-plain: "},
	} {
		if err := c.mail.Validate(); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.mail, err, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	n := newNames("https://tv.example.org")
	n.Screens["a"], n.Sites["main"], n.Items["flu"] = "By the window", "Main building", "Flu season"
	n.Departments["cardiology"] = playlists.Department{Name: "Cardiology", Zone: "UTC"}
	cardiology := one(playlists.DepartmentID("cardiology"))
	for _, c := range []struct {
		m        Message
		language playlists.Language
		subject  string
		text     string
	}{
		{
			Message{Kind: ScreenOut, Screens: one(playlists.ScreenID("a")), Departments: cardiology, Trouble: NoPicture, Since: eight},
			"", "By the window: no picture",
			"Cardiology. Since 08:00, 2026-11-23.\n\nMore at https://tv.example.org/screens/a\n",
		},
		{
			Message{Kind: ScreenOut, Screens: one(playlists.ScreenID("a")), Departments: cardiology, Trouble: Unheard, Since: eight},
			"es-MX", "By the window: no se sabe nada de ella",
			"Cardiology. Desde las 08:00, 2026-11-23.\n\nMás en https://tv.example.org/screens/a\n",
		},
		{
			Message{Kind: ScreenWell, Screens: one(playlists.ScreenID("a")), Departments: cardiology, Since: eight},
			"fr", "By the window is well again",
			"Cardiology. Since 08:00, 2026-11-23.\n\nMore at https://tv.example.org/screens/a\n",
		},
		{
			Message{Kind: SiteWell, Site: "main", Screens: one(playlists.ScreenID("a")), Departments: cardiology},
			"en", "Main building: the screens are well again",
			"Not yet: By the window.\n\nMore at https://tv.example.org/\n",
		},
		{
			Message{Kind: Alarmed, Screens: one(playlists.ScreenID("a")), Text: "Two machines seem to use one identity."},
			"en", "By the window needs a person",
			"Two machines seem to use one identity.\n\nMore at https://tv.example.org/screens/a\n",
		},
		{
			Message{Kind: ItemsDue, Departments: cardiology, Due: []playlists.Due{{Item: "flu", Field: "review_by", On: playlists.Date{Year: 2026, Month: 12, Day: 1}}}},
			"en", "Runs out of date soon in Cardiology (1)",
			"Flu season: to be reviewed by 2026-12-01\n\nMore at https://tv.example.org/review\n",
		},
		{Message{Kind: Test, Departments: cardiology}, "es", "Mensaje de prueba de Cardiology", "Si lee esto, los avisos de Cardiology le llegan.\n\nMás en https://tv.example.org/\n"},
	} {
		if got := Say(&c.m, n, c.language); got.Subject != c.subject || got.Text != c.text {
			t.Errorf("%s: got %q, want %q and %q", c.m.Kind, got, c.subject, c.text)
		}
	}
}
