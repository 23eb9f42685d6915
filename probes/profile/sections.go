package profile

import (
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

// The keys of every section, those of later ones included: a profile is written once.
var (
	rootKeys      = []string{"domains", "kerio", "stalwart", "imap", "directory", "tls", "ticket"}
	kerioKeys     = []string{"admin_url", "user_url", "admin", "admin_password"}
	imapKeys      = []string{"address", "security", "canary"}
	directoryKeys = []string{"kind", "servers", "security", "base_dn", "reader", "mail_server_bind"}
	stalwartKeys  = []string{"url", "api_key", "managesieve"}
	rtKeys        = []string{"url", "token"}
	mailKeys      = []string{"address", "from", "submission", "user", "password"}
	secretKeys    = []string{"env", "file", "keyring", "command"}
)

// domainName is a mail domain, loosely: letters of any script, so that a domain may be written as people write it.
var domainName = regexp.MustCompile(`^[\pL\pN]([\pL\pN.-]*[\pL\pN])?$`)

// variable is a name that a shell can set (POSIX.1 8.1).
var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (p *Profile) parse(data []byte) error {
	r := reader{p.Path}
	t, err := r.parse(data)
	if err != nil {
		return err
	}
	if err := r.section(t, "", rootKeys...); err != nil {
		return err
	}
	if p.Domains, err = r.strs(t, "domains", "domains"); err != nil {
		return err
	}
	for i, d := range p.Domains {
		if !domainName.MatchString(d) {
			return r.fail(t.keys["domains"].list[i].line, "for example domains: [example.test]", "domains holds what is no mail domain")
		}
	}
	for _, s := range []struct {
		key  string
		read func(reader, tree) error
	}{{"kerio", p.kerio}, {"imap", p.imap}, {"directory", p.directory}, {"tls", p.tls}, {"stalwart", p.stalwart}, {"ticket", p.ticket}} {
		if section, ok := t.keys[s.key]; ok {
			if err := s.read(r, section); err != nil {
				return err
			}
		}
	}
	if p.Kerio == nil && p.IMAP == nil && p.Directory == nil && p.Stalwart == nil {
		return r.fail(0, "README shows a profile", "the profile names no server")
	}
	return nil
}

func (p *Profile) kerio(r reader, t tree) (err error) {
	if err := r.section(t, "kerio", kerioKeys...); err != nil {
		return err
	}
	k := &Kerio{}
	if k.AdminURL, err = r.https(t, "kerio", "admin_url"); err != nil {
		return err
	}
	if k.UserURL, err = r.https(t, "kerio", "user_url"); err != nil {
		return err
	}
	if k.AdminURL == "" && k.UserURL == "" {
		return r.fail(t.line, "admin_url is https://HOST:4040/admin/api/jsonrpc/", "kerio names neither admin_url nor user_url")
	}
	if k.Admin, err = r.str(t, "kerio", "admin", k.AdminURL != ""); err != nil {
		return err
	}
	if k.AdminPassword, err = p.source(r, t, "kerio", "admin_password", k.AdminURL != ""); err != nil {
		return err
	}
	p.Kerio = k
	return nil
}

func (p *Profile) imap(r reader, t tree) (err error) {
	if err := r.section(t, "imap", imapKeys...); err != nil {
		return err
	}
	i := &IMAP{Security: probes.SecurityTLS}
	if i.Address, err = r.hostPort(t, "imap", "address", true); err != nil {
		return err
	}
	if word, err := r.str(t, "imap", "security", false); err != nil {
		return err
	} else if word != "" && (i.Security.UnmarshalText([]byte(word)) != nil || i.Security == 0) {
		return r.fail(t.keys["security"].line, "", "imap.security is tls, starttls or none")
	}
	if canary, ok := t.keys["canary"]; ok {
		if err := r.section(canary, "imap.canary", "user", "password"); err != nil {
			return err
		}
		if i.Canary, err = r.str(canary, "imap.canary", "user", true); err != nil {
			return err
		}
		if i.CanaryPassword, err = p.source(r, canary, "imap.canary", "password", true); err != nil {
			return err
		}
	}
	p.IMAP = i
	return nil
}

func (p *Profile) directory(r reader, t tree) (err error) {
	if err := r.section(t, "directory", directoryKeys...); err != nil {
		return err
	}
	d := &Directory{}
	kind, err := r.str(t, "directory", "kind", true)
	if err != nil {
		return err
	}
	if d.Kind.UnmarshalText([]byte(kind)) != nil {
		return r.fail(t.keys["kind"].line, "", "directory.kind is active-directory or open-directory")
	}
	if d.BaseDN, err = r.dn(t, "directory", "base_dn"); err != nil {
		return err
	}
	if err := r.servers(t, d); err != nil {
		return err
	}
	if d.ReaderDN, d.ReaderPassword, err = p.account(r, t, "reader", true); err != nil {
		return err
	}
	if d.BindDN, d.BindPassword, err = p.account(r, t, "mail_server_bind", false); err != nil {
		return err
	}
	p.Directory = d
	return nil
}

// servers reads servers and security together: an ldap:// address is only ever used with StartTLS.
func (r reader) servers(t tree, d *Directory) (err error) {
	if d.Servers, err = r.strs(t, "directory.servers", "servers"); err != nil {
		return err
	}
	if len(d.Servers) == 0 {
		return r.fail(t.line, "for example servers: [ldaps://dc1.example.test]", "directory.servers is missing")
	}
	word, err := r.str(t, "directory", "security", false)
	if err != nil {
		return err
	}
	switch word {
	case "ldaps", "":
		d.Security = probes.SecurityTLS
	case "starttls":
		d.Security = probes.SecurityStartTLS
	default:
		return r.fail(t.keys["security"].line, "", "directory.security is ldaps or starttls")
	}
	seen := map[string]bool{}
	for i, text := range d.Servers {
		line := t.keys["servers"].list[i].line
		u, ok := plainURL(text, "ldap", "ldaps")
		if !ok || u.Path != "" && u.Path != "/" {
			return r.fail(line, "for example ldaps://dc1.example.test", "directory.servers holds what is no ldap or ldaps address")
		}
		if (u.Scheme == "ldaps") != (d.Security == probes.SecurityTLS) {
			return r.fail(line, "ldaps:// goes with security: ldaps, ldap:// with security: starttls", "directory.servers and directory.security do not fit")
		}
		// One server asked twice would count its counters, and our bind, twice.
		if at := serverPort(u); seen[at] {
			return r.fail(line, "name each server once", "directory.servers names the same server twice")
		} else {
			seen[at] = true
		}
	}
	return nil
}

func serverPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port == "" && u.Scheme == "ldaps":
		port = "636"
	case port == "":
		port = "389"
	}
	return strings.ToLower(u.Hostname()) + ":" + port
}

func (p *Profile) account(r reader, t tree, key string, must bool) (dn string, pw *secret.Source, err error) {
	a, ok := t.keys[key]
	path := "directory." + key
	if !ok {
		if must {
			return "", nil, r.fail(t.line, "a plain account that may read is enough", "%s is missing", path)
		}
		return "", nil, nil
	}
	if err := r.section(a, path, "dn", "password"); err != nil {
		return "", nil, err
	}
	if dn, err = r.dn(a, path, "dn"); err != nil {
		return "", nil, err
	}
	pw, err = p.source(r, a, path, "password", true)
	return dn, pw, err
}

// source reads where a secret is kept. A text in its place is most likely the secret itself: it is not repeated.
func (p *Profile) source(r reader, t tree, path, key string, must bool) (*secret.Source, error) {
	v, ok := t.keys[key]
	if !ok {
		if must {
			return nil, r.fail(t.line, "write "+key+": {env: NAME}, {file: PATH}, {keyring: SERVICE/ACCOUNT} or {command: [PROGRAM]}", "%s.%s is missing", path, key)
		}
		return nil, nil
	}
	where := path + "." + key
	if v.keys == nil {
		return nil, r.fail(v.line, "write "+key+": {env: NAME} or {file: PATH}", "%s must name where the secret is kept: no secret stands in a profile", where)
	}
	if err := r.section(v, where, secretKeys...); err != nil {
		return nil, err
	}
	if len(v.keys) != 1 {
		return nil, r.fail(v.line, "", "%s must name exactly one of env, file, keyring, command", where)
	}
	s := &secret.Source{}
	for k, into := range map[string]*string{"env": &s.Env, "file": &s.File, "keyring": &s.Keyring} {
		if _, ok := v.keys[k]; ok {
			var err error
			if *into, err = r.str(v, where, k, true); err != nil {
				return nil, err
			}
		}
	}
	return s, p.checkSource(r, s, v, where)
}

func (p *Profile) checkSource(r reader, s *secret.Source, v tree, where string) (err error) {
	if _, ok := v.keys["command"]; ok {
		if s.Command, err = r.strs(v, where+".command", "command"); err != nil {
			return err
		}
		if s.Command[0] == "" {
			return r.fail(v.line, "", "%s.command names no program", where)
		}
		if strings.ContainsAny(s.Command[0], `/`+string(filepath.Separator)) { // else it is looked for in PATH
			s.Command[0] = p.relative(s.Command[0])
		}
	}
	if s.Env != "" && !variable.MatchString(s.Env) {
		return r.fail(v.line, "letters, digits and _, for example KERIO_ADMIN_PASSWORD", "%s.env is no name of a variable", where)
	}
	if i := strings.LastIndex(s.Keyring, "/"); s.Keyring != "" && (i <= 0 || i == len(s.Keyring)-1) {
		return r.fail(v.line, "", "%s.keyring must be SERVICE/ACCOUNT", where)
	}
	s.File = p.relative(s.File)
	p.places[s] = place{v.line, where}
	return nil
}

// relative makes a path in a profile one from the profile's own directory.
func (p *Profile) relative(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	dir, err := filepath.Abs(filepath.Dir(p.Path)) // absolute, or a program beside the profile would be looked for in PATH
	if err != nil {
		dir = filepath.Dir(p.Path)
	}
	return filepath.Join(dir, path)
}

// https gives the address of a key; empty where it is left out.
func (r reader) https(t tree, path, key string) (string, error) {
	text, err := r.str(t, path, key, false)
	if err != nil || text == "" {
		return "", err
	}
	if u, ok := plainURL(text, "https"); !ok || u.RawQuery != "" {
		return "", r.fail(t.keys[key].line, "passwords are sent there: it begins with https://, and holds none itself", "%s.%s is no https address", path, key)
	}
	return text, nil
}

// plainURL reads an absolute address that carries no user, password or fragment, and a port that can be one.
func plainURL(text string, schemes ...string) (*url.URL, bool) {
	u, err := url.Parse(text)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return nil, false
	}
	if _, port, cut := strings.Cut(strings.TrimPrefix(u.Host, "["+u.Hostname()+"]"), ":"); cut && !isPort(port) {
		return nil, false
	}
	return u, u.Scheme == "https" || u.RawQuery == ""
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

func (r reader) hostPort(t tree, path, key string, must bool) (string, error) {
	text, err := r.str(t, path, key, must)
	if err != nil || text == "" {
		return "", err
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil || host == "" || !isPort(port) || strings.ContainsAny(host, "/@ ") {
		return "", r.fail(t.keys[key].line, "for example mail.example.test:993", "%s.%s must be HOST:PORT", path, key)
	}
	return text, nil
}

func (r reader) dn(t tree, path, key string) (string, error) {
	text, err := r.str(t, path, key, true)
	if err != nil {
		return "", err
	}
	if dn, err := ldap.ParseDN(text); err != nil || len(dn.RDNs) == 0 {
		return "", r.fail(t.keys[key].line, "for example CN=logindoctor,OU=Service,DC=example,DC=test", "%s.%s is no DN", path, key)
	}
	return text, nil
}
