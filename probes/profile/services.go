package profile

import (
	"net/mail"

	"logindoctor.example/probes/secret"
)

// Stalwart is the section of that name.
type Stalwart struct {
	URL         string
	APIKey      *secret.Source
	ManageSieve string // host:port; empty: not asked
}

// Ticket is the section of that name. Exactly one of the two is set.
type Ticket struct {
	RT   *RT
	Mail *Mail
}

// RT is a Request Tracker.
type RT struct {
	URL   string
	Token *secret.Source
}

// Mail is a ticket system that takes mail.
type Mail struct {
	Address, From string
	Submission    string // host:port
	User          string // empty: the submission server asks for no login; Password is nil then
	Password      *secret.Source
}

func (p *Profile) tls(r reader, t tree) error {
	if err := r.section(t, "tls", "ca_file"); err != nil {
		return err
	}
	file, err := r.str(t, "tls", "ca_file", true)
	p.CAFile = p.relative(file)
	return err
}

func (p *Profile) stalwart(r reader, t tree) (err error) {
	if err := r.section(t, "stalwart", stalwartKeys...); err != nil {
		return err
	}
	s := &Stalwart{}
	if s.URL, err = r.mustHTTPS(t, "stalwart"); err != nil {
		return err
	}
	// With a path every request would be answered 404, which reads like a server that is no Stalwart.
	if u, ok := plainURL(s.URL, "https"); !ok || u.Path != "" && u.Path != "/" {
		return r.fail(t.keys["url"].line, "for example url: https://mail.example.test; logindoctor adds /jmap by itself", "stalwart.url must be https://HOST or https://HOST:PORT, without a path")
	}
	if s.APIKey, err = p.source(r, t, "stalwart", "api_key", true); err != nil {
		return err
	}
	if s.ManageSieve, err = r.hostPort(t, "stalwart", "managesieve", false); err != nil {
		return err
	}
	p.Stalwart = s
	return nil
}

func (r reader) mustHTTPS(t tree, path string) (string, error) {
	text, err := r.https(t, path, "url")
	if err == nil && text == "" {
		err = r.fail(t.line, "for example url: https://mail.example.test", "%s.url is missing", path)
	}
	return text, err
}

func (p *Profile) ticket(r reader, t tree) (err error) {
	if err := r.section(t, "ticket", "rt", "mail"); err != nil {
		return err
	}
	if len(t.keys) != 1 {
		return r.fail(t.line, "", "ticket must name exactly one of rt and mail")
	}
	p.Ticket = &Ticket{}
	if rt, ok := t.keys["rt"]; ok {
		p.Ticket.RT, err = p.rt(r, rt)
		return err
	}
	p.Ticket.Mail, err = p.mail(r, t.keys["mail"])
	return err
}

func (p *Profile) rt(r reader, t tree) (rt *RT, err error) {
	if err := r.section(t, "ticket.rt", rtKeys...); err != nil {
		return nil, err
	}
	rt = &RT{}
	if rt.URL, err = r.mustHTTPS(t, "ticket.rt"); err != nil {
		return nil, err
	}
	rt.Token, err = p.source(r, t, "ticket.rt", "token", true)
	return rt, err
}

func (p *Profile) mail(r reader, t tree) (m *Mail, err error) {
	if err := r.section(t, "ticket.mail", mailKeys...); err != nil {
		return nil, err
	}
	m = &Mail{}
	if m.Address, err = r.address(t, "address"); err != nil {
		return nil, err
	}
	if m.From, err = r.address(t, "from"); err != nil {
		return nil, err
	}
	if m.Submission, err = r.hostPort(t, "ticket.mail", "submission", true); err != nil {
		return nil, err
	}
	_, named := t.keys["user"]
	_, kept := t.keys["password"]
	if m.User, err = r.str(t, "ticket.mail", "user", kept); err != nil {
		return nil, err
	}
	m.Password, err = p.source(r, t, "ticket.mail", "password", named)
	return m, err
}

func (r reader) address(t tree, key string) (string, error) {
	text, err := r.str(t, "ticket.mail", key, true)
	if err != nil {
		return "", err
	}
	if a, err := mail.ParseAddress(text); err != nil || a.Address != text {
		return "", r.fail(t.keys[key].line, "for example helpdesk@example.test", "ticket.mail.%s is no mail address", key)
	}
	return text, nil
}
