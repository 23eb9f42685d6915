// Package deliver hands saved reports to a ticket system: to Request Tracker as a comment, or to any other by mail. A parcel
// has a name made from the report's run id and the files' contents, so that the same one is known again and not handed over twice.
package deliver

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"logindoctor.example/probes/secret"
	"logindoctor.example/report"
)

// The bounds of one delivery, in bytes. Request Tracker stores 10 MiB of an attachment unless it is told otherwise
// ($MaxAttachmentSize), and mail systems take some 25 MB.
const (
	MaxFile = 10 << 20
	MaxAll  = 25 << 20
	maxBody = 256 << 10
)

// The bounds in time: of one answer, and of a delivery.
const (
	DefaultTimeout  = 20 * time.Second
	DefaultDeadline = 2 * time.Minute
)

// File is one attachment. Name has no directory in it.
type File struct {
	Name string
	Data []byte
}

// Parcel is what is handed over.
type Parcel struct {
	Body  string // UTF-8, for people to read
	Files []File

	run string // the report's run id; empty: no report is among the files
	sum string // SHA-256 of the files, in hex
}

// runID is a run id that can stand in a header and in a query.
var runID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// Pack makes a parcel of files. r is the report that is among them; nil: none is. Its body tells no more of people than is
// meant for tickets, whatever the files tell.
func Pack(files []File, r *report.Report) (Parcel, error) {
	p := Parcel{Files: files, sum: sum(files)}
	if r == nil {
		p.Body = listed(files)
		return p, nil
	}
	if runID.MatchString(r.RunID) {
		p.run = r.RunID
	}
	told, _ := r.Private(report.PrivacyTicket)
	var b bytes.Buffer
	if err := report.Text(&b, told, report.Options{}); err != nil {
		return Parcel{}, err
	}
	p.Body = shortened(b.String())
	return p, nil
}

// sum does not depend on the order in which the files were named.
func sum(files []File) string {
	sorted := slices.SortedFunc(slices.Values(files), func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	h := sha256.New()
	for _, f := range sorted {
		one := sha256.Sum256(f.Data)
		fmt.Fprintf(h, "%d %s %x\n", len(f.Name), f.Name, one)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Subject names the parcel, in ASCII. The same files of the same run always have the same; other files of that run, another.
func (p Parcel) Subject() string {
	if p.run == "" {
		return "logindoctor sha256-" + p.sum[:32]
	}
	return "logindoctor " + p.run + " " + p.sum[:12]
}

func listed(files []File) string {
	var b strings.Builder
	b.WriteString("From logindoctor:\n")
	for _, f := range files {
		fmt.Fprintf(&b, "  %s, %d bytes\n", report.Clean(f.Name), len(f.Data))
	}
	return b.String()
}

func shortened(text string) string {
	if len(text) <= maxBody {
		return text
	}
	cut := text[:maxBody]
	return strings.ToValidUTF8(cut[:strings.LastIndexByte(cut, '\n')+1], "") + "\n(cut here; the attachments hold all of it)\n"
}

// mediaTypes are those of the formats that logindoctor writes.
var mediaTypes = map[string]string{
	".json": "application/json", ".ndjson": "application/x-ndjson", ".zip": "application/zip", ".xml": "application/xml",
	".txt": "text/plain", ".md": "text/markdown", ".html": "text/html", ".prom": "text/plain", ".log": "text/plain",
}

// mediaType is text only for UTF-8: Request Tracker converts any other text, and then its bytes are no longer the file's
// (observed on 5.0.3).
func (f File) mediaType() string {
	t := mediaTypes[strings.ToLower(filepath.Ext(f.Name))]
	if t == "" || strings.HasPrefix(t, "text/") && (!utf8.Valid(f.Data) || bytes.IndexByte(f.Data, 0) >= 0) {
		return "application/octet-stream"
	}
	return t
}

// Access is how a ticket system is reached.
type Access struct {
	Roots   *x509.CertPool // nil: the system's
	Secret  secret.Value   // the token, or the password; not given: none
	Timeout time.Duration  // the longest wait for one answer
}

// Receipt says what became of a parcel that was taken.
type Receipt struct {
	Already bool     // it had been handed over before: nothing was sent
	Notes   []string // what the user should know; each one line
}

// Outcome is what is known of a parcel that was not acknowledged.
type Outcome uint8

// The outcomes. The zero value is none.
const (
	_       Outcome = iota
	NotSent         // nothing of it left
	Refused         // the ticket system said no
	Unknown         // it was sent, and no answer came: it may have been taken
)

// Error is a delivery that failed, in one line that is fit for a terminal.
type Error struct {
	Outcome Outcome
	Text    string
	Hint    string // the next step; may be empty
}

func (e *Error) Error() string { return e.Text }

// courier speaks to one server. Whatever that server says goes through its words.
type courier struct {
	Access
	host string
}

func (c *courier) fail(o Outcome, hint, format string, args ...any) *Error {
	return &Error{Outcome: o, Text: c.words(c.host + ": " + fmt.Sprintf(format, args...)), Hint: hint}
}

// words makes a server's words fit for one line, and takes the secret out, should the server have repeated it.
func (c *courier) words(text string) string {
	if s := c.Secret.Reveal(); s != "" {
		text = strings.ReplaceAll(text, s, "[redacted]")
		// PLAIN is base64 of NUL, user, NUL, password: the password's part of it depends on where it begins.
		for skip := range 3 {
			coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", skip) + s))
			from := (skip*8 + 5) / 6
			till := len(strings.TrimRight(coded, "=")) - 1 // the last character may share its bits with what follows
			if till-from >= 4 {
				text = strings.ReplaceAll(text, coded[from:till], "[redacted]")
			}
		}
	}
	return report.Clean(text)
}

// reason says in a few words why a connection failed.
func reason(err error) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	var timeout net.Error
	var reply *textproto.Error
	var dns *net.DNSError
	switch {
	case errors.As(err, &reply):
		return fmt.Sprintf("%d %s", reply.Code, reply.Msg)
	case errors.As(err, &unknown):
		return "its certificate is signed by nobody this profile trusts"
	case errors.As(err, &name):
		return "its certificate is for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate has expired, or is not yet valid"
	case errors.As(err, &verify):
		return "its certificate does not hold: " + verify.Err.Error()
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no such host"
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "it closed the connection"
	}
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		return wrapped.Err.Error()
	}
	return err.Error()
}

// trust is the hint to what reason says of a certificate.
func trust(err error) string {
	var verify *tls.CertificateVerificationError
	if errors.As(err, &verify) {
		return "if it is an authority of your own, name its certificate in the profile: tls: {ca_file: FILE}"
	}
	return ""
}

func (c *courier) tls(name string) *tls.Config {
	return &tls.Config{RootCAs: c.Roots, ServerName: name, MinVersion: tls.VersionTLS12}
}
