// Package profile reads which servers logindoctor asks, and where its secrets are kept, from a YAML file. A profile holds
// no secret itself. Every mistake in one is an Error that names file and line, and never repeats what stands there.
package profile

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

// Profile is one file. A nil section is not configured.
type Profile struct {
	Name      string
	Path      string
	Domains   []string // the mail domains it serves
	Kerio     *Kerio
	IMAP      *IMAP
	Directory *Directory
	Stalwart  *Stalwart
	Ticket    *Ticket
	CAFile    string // PEM; empty: the system's roots alone

	places map[*secret.Source]place
}

// place is where in the file a secret's source stands.
type place struct {
	line int
	key  string
}

// Kerio is the section of that name.
type Kerio struct {
	AdminURL, UserURL, Admin string
	AdminPassword            *secret.Source
}

// IMAP is the section of that name.
type IMAP struct {
	Address        string
	Security       probes.Security
	Canary         string
	CanaryPassword *secret.Source
}

// Directory is the section of that name.
type Directory struct {
	Kind           probes.DirectoryKind
	Servers        []string
	Security       probes.Security
	BaseDN         string
	ReaderDN       string
	ReaderPassword *secret.Source
	BindDN         string // mail_server_bind
	BindPassword   *secret.Source
}

// Credentials are the secrets of one profile. What is not configured is not given.
type Credentials struct{ KerioAdmin, Stalwart, Reader, MailServerBind, Canary secret.Value }

// Error is a mistake in a profile, in one line.
type Error struct {
	File string
	Line int // 0: the whole file
	Text string
	Hint string // the next step; may be empty
	err  error  // of package secret, or nil
}

// Unwrap gives what package secret said of a source, so that a secret that is not set and an empty file can be told apart.
func (e *Error) Unwrap() error { return e.err }

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
}

// maxFile is the most that a profile or a file of certificates may be, in bytes.
const maxFile = 1 << 20

// readFile reads a file of bounded size that ends: no named pipe, no device.
func readFile(path string) ([]byte, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if info.IsDir() {
		return nil, errors.New("it is a directory")
	} else if !info.Mode().IsRegular() {
		return nil, errors.New("it is no regular file")
	} else if info.Size() > maxFile {
		return nil, fmt.Errorf("it is longer than %d bytes", maxFile)
	}
	return os.ReadFile(path)
}

// Load reads the profile in a file. Its error is an *Error. No permission of the file is demanded: a profile holds no secret.
func Load(path string) (*Profile, error) {
	data, err := readFile(path)
	if err != nil {
		var pathErr *fs.PathError
		if errors.As(err, &pathErr) {
			err = pathErr.Err
		}
		return nil, &Error{File: path, Text: err.Error(), Hint: "name a profile with --profile NAME or --profile FILE.yaml"}
	}
	p := &Profile{Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), Path: path, places: map[*secret.Source]place{}}
	if err := p.parse(data); err != nil {
		return nil, err
	}
	return p, nil
}

// Target is what a run asks about: the profile's servers, without a secret.
func (p *Profile) Target(user string) probes.Target {
	t := probes.Target{User: user, Profile: p.Name}
	if k := p.Kerio; k != nil {
		t.Kerio = &probes.KerioTarget{AdminURL: k.AdminURL, UserURL: k.UserURL, Admin: k.Admin}
	}
	if w := p.Stalwart; w != nil {
		t.Stalwart = &probes.StalwartTarget{URL: w.URL, ManageSieve: w.ManageSieve}
	}
	if i := p.IMAP; i != nil {
		t.IMAP = &probes.IMAPTarget{Address: i.Address, Security: i.Security, Canary: i.Canary}
	}
	if d := p.Directory; d != nil {
		t.Directory = &probes.DirectoryTarget{Kind: d.Kind, Servers: d.Servers, Security: d.Security, BaseDN: d.BaseDN, ReaderDN: d.ReaderDN, MailServerBind: d.BindDN}
	}
	return t
}

// Credentials reads every secret that the profile names. One that is not to be had is an *Error that wraps what package
// secret said: half a look must not pass for a whole one. They are read one after the other, since a program may ask the
// person for something, and the first mistake of a file is always the same one.
func (p *Profile) Credentials(ctx context.Context) (Credentials, error) {
	var c Credentials
	type want struct {
		into *secret.Value
		from *secret.Source
	}
	var wants []want
	if k := p.Kerio; k != nil {
		wants = append(wants, want{&c.KerioAdmin, k.AdminPassword})
	}
	if w := p.Stalwart; w != nil {
		wants = append(wants, want{&c.Stalwart, w.APIKey})
	}
	if i := p.IMAP; i != nil {
		wants = append(wants, want{&c.Canary, i.CanaryPassword})
	}
	if d := p.Directory; d != nil {
		wants = append(wants, want{&c.Reader, d.ReaderPassword}, want{&c.MailServerBind, d.BindPassword})
	}
	for _, w := range wants {
		if w.from == nil {
			continue
		}
		var err error
		if *w.into, err = w.from.Resolve(ctx); err != nil {
			at := p.places[w.from]
			return Credentials{}, &Error{File: p.Path, Line: at.line, Text: at.key + ": " + err.Error(), err: err}
		}
	}
	return c, nil
}

// Roots are the certificates that this profile trusts: the system's and those of its ca_file. Nil: the system's alone.
func (p *Profile) Roots() (*x509.CertPool, error) {
	if p.CAFile == "" {
		return nil, nil
	}
	pem, err := readFile(p.CAFile)
	if err != nil {
		return nil, &Error{File: p.Path, Text: "tls.ca_file " + p.CAFile + " cannot be read", Hint: "it is a file of PEM certificates"}
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, &Error{File: p.Path, Text: "tls.ca_file " + p.CAFile + " holds no certificate", Hint: "it is a file of PEM certificates"}
	}
	return pool, nil
}
