package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"anteroom/playlists"
)

// sendWithin bounds one message, from the first connection on.
const sendWithin = 30 * time.Second

// Mail is the server that takes mail for delivery.
type Mail struct {
	// Server is its host and port, "smtp.lakeside.example:587"; empty: no mail is sent.
	Server string
	// From is the sender's address, "anteroom@lakeside.example".
	From string
	// User and Password sign in; without a user it is not tried.
	User, Password string
	// Plain speaks without TLS where the server has none. Otherwise STARTTLS is needed, and on port 465 TLS
	// from the start.
	Plain bool
	// Roots are the authorities that may have signed the server's certificate; nil: the system's.
	Roots *x509.CertPool
}

// Validate reports, as a [playlists.ErrInvalid], what is wrong with the settings.
func (m *Mail) Validate() error {
	if m.Server == "" {
		return nil
	}
	_, _, err := m.address()
	if err == nil && m.From == "" {
		err = fmt.Errorf("%w: smtp-from: say from which address mail is sent, like anteroom@lakeside.example", playlists.ErrInvalid)
	}
	if err == nil && m.Plain && m.User != "" {
		err = fmt.Errorf("%w: smtp-plain: a password would be sent for everybody to read; leave out smtp-user, or use a server with TLS", playlists.ErrInvalid)
	}
	return err
}

func (m *Mail) address() (host string, port int, err error) {
	host, text, err := net.SplitHostPort(m.Server)
	if err == nil {
		port, err = strconv.Atoi(text)
	}
	if err != nil || host == "" || port < 1 || port > 65535 {
		return "", 0, fmt.Errorf("%w: smtp: %q is no server; write it like smtp.lakeside.example:587", playlists.ErrInvalid, m.Server)
	}
	return host, port, nil
}

// errNoMail says that nobody has set a server.
var errNoMail = errors.New("no mail server is set: start the controller with --smtp")

// send delivers a message to one address. id names it, so that a mailbox can tell a repetition.
func (m *Mail) send(ctx context.Context, to, id string, s Said) error {
	if m.Server == "" {
		return errNoMail
	}
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	line := &lastLine{}
	defer line.hangUp()
	client, err := m.client(line)
	if err != nil {
		return err
	}
	msg := mail.NewMsg()
	if err := errors.Join(msg.From(m.From), msg.To(to)); err != nil {
		return fmt.Errorf("writing the message: %w", err)
	}
	msg.Subject(s.Subject)
	msg.SetDate()
	msg.SetMessageIDWithValue(id + "@anteroom")
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(mail.TypeTextPlain, s.Text)
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return fmt.Errorf("sending by %s: %w", m.Server, err)
	}
	return nil
}

func (m *Mail) client(line *lastLine) (*mail.Client, error) {
	host, port, err := m.address()
	if err != nil {
		return nil, err
	}
	policy := mail.TLSMandatory
	if m.Plain {
		policy = mail.TLSOpportunistic
	}
	secure := &tls.Config{ServerName: host, RootCAs: m.Roots, MinVersion: tls.VersionTLS12}
	options := []mail.Option{
		mail.WithPort(port), mail.WithTimeout(sendWithin), mail.WithTLSPolicy(policy), mail.WithTLSConfig(secure),
		mail.WithDialContextFunc(line.dial),
	}
	if port == 465 {
		line.tls, options = secure, append(options, mail.WithSSL())
	}
	if m.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.User), mail.WithPassword(m.Password))
	}
	client, err := mail.NewClient(host, options...)
	if err != nil {
		return nil, fmt.Errorf("preparing to send mail: %w", err)
	}
	return client, nil
}

// lastLine is the connection of one message. The library leaves it open where the greeting fails.
type lastLine struct {
	// tls, if not nil, is spoken from the start.
	tls  *tls.Config
	conn net.Conn
}

func (l *lastLine) dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	if l.tls != nil {
		d := tls.Dialer{Config: l.tls}
		conn, err = d.DialContext(ctx, network, address)
	} else {
		var d net.Dialer
		conn, err = d.DialContext(ctx, network, address)
	}
	l.conn = conn
	return conn, err
}

func (l *lastLine) hangUp() {
	if l.conn != nil {
		_ = l.conn.Close() // closed already, if all went well
	}
}
