package deliver

import (
	"bufio"
	"context"
	"encoding/base64"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/probes/secret"
)

const password = "Hunter2-canary"

// fakeSMTP plays one submission server. answers replaces what it says to a command (or to "greeting", "message"); an answer
// "hang" says nothing, "close" closes.
type fakeSMTP struct {
	answers map[string]string
	sent    []string // the commands, and the lines of the message after "message"
	mu      sync.Mutex
}

func (f *fakeSMTP) serve(l *loopback.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		f.talk(l, c)
		_ = c.Close()
	}
}

func (f *fakeSMTP) note(line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, line)
}

func (f *fakeSMTP) commands() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.sent, "\n")
}

// say gives the answer of a key, and whether the talk goes on.
func (f *fakeSMTP) say(c net.Conn, key, usual string) bool {
	text, ok := f.answers[key]
	if !ok {
		text = usual
	}
	switch text {
	case "close":
		return false
	case "hang":
		_, _ = bufio.NewReader(c).ReadString(0) // until the client has gone
		return false
	case "flood":
		for range 4 << 10 {
			if _, err := c.Write([]byte("250-" + strings.Repeat("x", 1000) + "\r\n")); err != nil {
				return false
			}
		}
		return false
	}
	_, err := c.Write([]byte(text + "\r\n"))
	return err == nil
}

func (f *fakeSMTP) talk(l *loopback.Listener, c net.Conn) {
	if !f.say(c, "greeting", "220 mail.example.test ESMTP") {
		return
	}
	lines, secured := bufio.NewReader(c), false
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		f.note(line)
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		usual := map[string]string{"STARTTLS": "220 go on", "AUTH": "235 welcome", "DATA": "354 go on", "QUIT": "221 bye"}[verb]
		switch {
		case verb == "EHLO" && secured:
			verb, usual = "EHLO2", "250-mail.example.test\r\n250-SIZE 40000000\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN"
		case verb == "EHLO":
			usual = "250-mail.example.test\r\n250-AUTH PLAIN\r\n250 STARTTLS"
		case usual == "":
			usual = "250 ok"
		}
		if !f.say(c, verb, usual) || verb == "QUIT" {
			return
		}
		switch verb {
		case "STARTTLS":
			c = l.Upgrade(c)
			lines, secured = bufio.NewReader(c), true
		case "DATA":
			if !strings.HasPrefix(f.answers["DATA"], "5") && !f.message(c, lines) {
				return
			}
		}
	}
}

func (f *fakeSMTP) message(c net.Conn, lines *bufio.Reader) bool {
	f.note("message")
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			return f.say(c, "message", "250 taken")
		}
		f.note(strings.TrimRight(line, "\r\n"))
	}
}

func (f *fakeSMTP) deliver(t *testing.T, options loopback.Options, timeout time.Duration, change func(*Submission)) error {
	t.Helper()
	ca, err := loopback.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	options.Plain = true
	l, err := ca.Listen(options)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { f.serve(l); close(done) }()
	defer func() { _ = l.Close(); <-done }()
	s := Submission{Server: l.Address(), User: "logindoctor", From: "logindoctor@example.test", To: "helpdesk@example.test"}
	if change != nil {
		change(&s)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err = Mail(ctx, s, "[#7]", parcel(t), Access{Roots: ca.Pool(), Secret: secret.New(password), Timeout: timeout})
	if ctx.Err() != nil {
		t.Error("only the deadline of the whole ended it")
	}
	return err
}

func TestMailConversation(t *testing.T) {
	f := &fakeSMTP{}
	if err := f.deliver(t, loopback.Options{}, 20*time.Second, nil); err != nil {
		t.Fatal(err)
	}
	coded := base64.StdEncoding.EncodeToString([]byte("\x00logindoctor\x00" + password))
	talk := f.commands()
	head, message, _ := strings.Cut(talk, "\nmessage\n")
	if want := "EHLO [127.0.0.1]\nSTARTTLS\nEHLO [127.0.0.1]\nAUTH PLAIN " + coded + "\nMAIL FROM:<logindoctor@example.test>\nRCPT TO:<helpdesk@example.test>\nDATA"; head != want {
		t.Errorf("it said\n%s\nnot\n%s", head, want)
	}
	if !strings.HasSuffix(message, "--\nQUIT") || !strings.Contains(message, "\nSubject: [#7] logindoctor 298a8fc7b37c05c0 ") {
		t.Errorf("message: %s", message)
	}
}

func TestMailFails(t *testing.T) {
	coded := base64.StdEncoding.EncodeToString([]byte("\x00logindoctor\x00" + password))
	for _, c := range []struct {
		name  string
		say   map[string]string
		want  Outcome
		words string
		last  string // the last command before the end; "" is not looked at
	}{
		{"turned away", map[string]string{"greeting": "554 not you \x1b[2J"}, NotSent, "greeting: 554 not you", ""},
		{"no SMTP", map[string]string{"greeting": "HTTP/1.0 400 Bad"}, NotSent, "greeting:", ""},
		{"closed", map[string]string{"greeting": "close"}, NotSent, "it closed the connection", ""},
		{"endless", map[string]string{"EHLO": "flood"}, NotSent, "more than a mail server has to say", ""},
		{"no STARTTLS", map[string]string{"EHLO": "250-mail\r\n250 AUTH PLAIN"}, NotSent, "it offers no TLS", "EHLO [127.0.0.1]"},
		{"STARTTLS refused", map[string]string{"STARTTLS": "454 no certificate"}, NotSent, "STARTTLS: 454 no certificate", "STARTTLS"},
		{"no PLAIN", map[string]string{"EHLO2": "250-mail\r\n250 AUTH CRAM-MD5"}, NotSent, "it does not offer AUTH PLAIN", "EHLO [127.0.0.1]"},
		{"no AUTH", map[string]string{"EHLO2": "250 mail"}, NotSent, "it does not offer AUTH PLAIN", "EHLO [127.0.0.1]"},
		{"wrong password", map[string]string{"AUTH": "535 5.7.8 no: " + coded + " " + password}, NotSent, "the login was refused: 535 5.7.8 no: ", ""},
		{"sender", map[string]string{"MAIL": "550 not from here"}, Refused, "MAIL FROM:<logindoctor@example.test>: 550 not from here", "MAIL FROM:<logindoctor@example.test>"},
		{"recipient", map[string]string{"RCPT": "550 no such user"}, Refused, "RCPT TO:<helpdesk@example.test>: 550 no such user", "RCPT TO:<helpdesk@example.test>"},
		{"too large", map[string]string{"EHLO2": "250-mail\r\n250-SIZE 100\r\n250 AUTH PLAIN"}, Refused, "mails of up to 100 bytes", ""},
		{"DATA", map[string]string{"DATA": "554 no"}, NotSent, "DATA: 554 no", "DATA"},
		{"the message", map[string]string{"message": "554 virus"}, Refused, "the mail was refused: 554 virus", ""},
		{"closed after it", map[string]string{"message": "close"}, Unknown, "not known whether it was taken: it closed the connection", ""},
		{"garbage after it", map[string]string{"message": "\xff\x1b[2J"}, Unknown, "not known whether it was taken", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &fakeSMTP{answers: c.say}
			err := f.deliver(t, loopback.Options{}, 20*time.Second, nil)
			failed(t, err, c.want, c.words)
			if text := err.Error(); strings.Contains(text, password) || strings.Contains(text, coded) || strings.Contains(text, coded[20:30]) {
				t.Errorf("the password is said: %q", text)
			}
			if got := f.commands(); c.last != "" && got[strings.LastIndexByte(got, '\n')+1:] != c.last {
				t.Errorf("it went on after %s: %s", c.last, got)
			}
		})
	}
	for _, at := range []string{"greeting", "EHLO2", "AUTH"} {
		t.Run("hung at "+at, func(t *testing.T) {
			f := &fakeSMTP{answers: map[string]string{at: "hang"}}
			failed(t, f.deliver(t, loopback.Options{}, 200*time.Millisecond, nil), NotSent, "no answer in time")
		})
	}
	t.Run("hung after the message", func(t *testing.T) {
		f := &fakeSMTP{answers: map[string]string{"message": "hang"}}
		failed(t, f.deliver(t, loopback.Options{}, 500*time.Millisecond, nil), Unknown, "no answer in time")
	})
}

// TestMailNeedsACertificateThatHolds: the password never leaves for one that does not.
func TestMailNeedsACertificateThatHolds(t *testing.T) {
	for words, c := range map[string]loopback.Certificate{
		"signed by nobody this profile trusts": {Untrusted: true},
		"for another name":                     {Names: []string{"other.example.test"}},
		"has expired":                          {NotAfter: time.Now().Add(-time.Hour)},
	} {
		f := &fakeSMTP{}
		failed(t, f.deliver(t, loopback.Options{Certificate: c}, 20*time.Second, nil), NotSent, words)
		if strings.Contains(f.commands(), "AUTH") {
			t.Errorf("%s: the password was sent", words)
		}
	}
}

func TestMailAddresses(t *testing.T) {
	for _, bad := range []string{"a@example.test>\r\nRCPT TO:<b@example.test", "a b@example.test", "ü@example.test", "\"a\"@example.test"} {
		f := &fakeSMTP{}
		failed(t, f.deliver(t, loopback.Options{}, 20*time.Second, func(s *Submission) { s.To = bad }), NotSent, "is an address that it takes SMTPUTF8 or quotes for")
		if f.commands() != "" {
			t.Errorf("%q: it said %s", bad, f.commands())
		}
	}
}

func TestMailWithoutLogin(t *testing.T) {
	f := &fakeSMTP{answers: map[string]string{"EHLO2": "250 mail"}}
	if err := f.deliver(t, loopback.Options{}, 20*time.Second, func(s *Submission) { s.User = "" }); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(f.commands(), "AUTH") {
		t.Error("it logged in")
	}
}
