package report

import (
	"cmp"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"logindoctor.example/probes"
)

// Privacy is how much of people and machines a report tells. The words are the contract's --privacy.
type Privacy uint8

// The levels. Full keeps all (no report holds a secret). Ticket leaves out what a ticket does not need: full names, directory
// names and other people. Vendor replaces people, addresses, hosts and directory names by pseudonyms, wherever they stand.
const (
	PrivacyFull Privacy = iota
	PrivacyTicket
	PrivacyVendor
)

var privacyNames = [...]string{"full", "ticket", "vendor"}

func (p Privacy) String() string                { return privacyNames[p] }
func (p Privacy) MarshalText() ([]byte, error)  { return marshal(privacyNames[:], uint8(p)) }
func (p *Privacy) UnmarshalText(b []byte) error { return unmarshal(privacyNames[:], (*uint8)(p), b) }

// Replaced is one datum that was taken out, and what stands in its place. A list of them is the map back: it is as private as
// what it replaces.
type Replaced struct {
	Value string `json:"value"`
	Kind  string `json:"kind"` // person, address, host, domain, name
	By    string `json:"by"`
}

// Private gives a copy of the report at this level, and what was replaced in it. The facts are masked like the rest: what
// a vendor report says was judged before.
func (r *Report) Private(level Privacy) (*Report, []Replaced) {
	c := deepCopy(reflect.ValueOf(r)).Interface().(*Report)
	c.Privacy = max(r.Privacy, level)
	if level == PrivacyFull {
		return c, nil
	}
	m := &masker{level: level, by: map[string]*Replaced{}}
	m.learn(r)
	m.prepare()
	// Once to learn what stands only in texts, and once, from the beginning, to replace it everywhere.
	m.mask(deepCopy(reflect.ValueOf(c).Elem()), "")
	m.prepare()
	m.mask(reflect.ValueOf(c).Elem(), "")
	return c, m.list
}

// masker replaces the data that it has learnt, the longest first, and whatever else has the form of an address.
type masker struct {
	level Privacy
	own   []string // the subject's own names: a ticket keeps them
	list  []Replaced
	by    map[string]*Replaced // by the datum in lower case
	count map[string]int
	terms *regexp.Regexp
}

// learn collects the data from the fields that hold them as such.
func (m *masker) learn(r *Report) {
	m.count = map[string]int{}
	s := r.Facts
	m.own = []string{strings.ToLower(r.Subject.User), strings.ToLower(localOf(r.Subject.User))}
	m.person(r.Subject.User)
	if s == nil {
		return
	}
	m.person(s.Target.User)
	m.address(s.Target.ClientAddress)
	if k := s.Account.Kerio; k != nil && k.User.OK() {
		m.own = append(m.own, strings.ToLower(k.User.Value.LoginName))
		m.person(k.User.Value.LoginName)
		m.name(k.User.Value.FullName, "person")
	}
	for _, d := range s.Account.Directory {
		if !d.Entry.OK() {
			continue
		}
		for _, dn := range d.Entry.Value.Matches {
			m.dn(dn)
		}
		if ad := d.Entry.Value.AD; ad != nil {
			m.own = append(m.own, strings.ToLower(ad.Login))
			m.dn(ad.DN)
			for _, n := range append([]string{ad.Login, ad.UPN}, ad.Mail...) {
				m.person(n)
			}
		}
		if od := d.Entry.Value.OD; od != nil {
			m.own = append(m.own, strings.ToLower(od.UID))
			m.dn(od.DN)
			for _, n := range append([]string{od.UID}, od.Mail...) {
				m.person(n)
			}
		}
	}
	m.stalwart(s)
	m.learnServers(s)
}

// learnServers collects the machines and the service accounts.
func (m *masker) learnServers(s *probes.Snapshot) {
	if t := s.Target.Directory; t != nil {
		for _, u := range t.Servers {
			m.url(u)
		}
		m.dn(t.BaseDN)
		m.dn(t.ReaderDN)
		m.dn(t.MailServerBind)
	}
	if t := s.Target.Kerio; t != nil {
		m.url(t.AdminURL)
		m.url(t.UserURL)
		m.person(t.Admin)
	}
	if t := s.Target.IMAP; t != nil {
		m.host(hostOf(t.Address))
		m.person(t.Canary)
	}
	for _, d := range s.Directory {
		if d.Root.OK() {
			m.host(d.Root.Value.HostName)
			m.dn(d.Root.Value.DefaultBase)
		}
		if d.BindAccount.OK() {
			for _, dn := range d.BindAccount.Value.Matches {
				m.dn(dn)
			}
		}
	}
	if s.Kerio != nil && s.Kerio.Domain.OK() {
		d := s.Kerio.Domain.Value
		m.domain(d.Name)
		for _, a := range append(append([]string{}, d.Aliases...), d.DirectoryHosts...) {
			m.host(a)
		}
		m.person(d.DirectoryUser)
	}
	if m.level == PrivacyVendor {
		m.name(s.Target.Profile, "name")
		if p := s.Target.ProfileGiven; p != "" {
			m.name(p, "name")
			m.name(shellWord(p), "name") // as it stands in a command
		}
	}
}

// person learns a login name or a mail address: its local part and its domain.
func (m *masker) person(v string) {
	if v == "" {
		return
	}
	if strings.Contains(v, "=") {
		m.dn(v)
		return
	}
	local, domain, whole := strings.Cut(v, "@")
	if whole {
		m.domain(domain)
	}
	m.name(local, "person")
}

func (m *masker) domain(v string) { m.name(v, "domain") }

func (m *masker) host(v string) {
	switch _, err := netip.ParseAddr(v); {
	case err == nil:
		m.address(v)
	case strings.Contains(v, "."):
		m.name(v, "host")
	}
}

func (m *masker) url(v string) {
	if u, err := url.Parse(v); err == nil {
		m.host(u.Hostname())
	}
}

func (m *masker) address(v string) { m.name(v, "address") }

// dn learns a directory name as a whole, and its values, so that a part of it is not left over elsewhere.
func (m *masker) dn(v string) {
	if v == "" {
		return
	}
	kind := "domain"
	for _, part := range strings.Split(v, ",") {
		if !strings.HasPrefix(strings.ToLower(strings.TrimSpace(part)), "dc=") {
			kind = "name"
		}
	}
	m.name(v, kind)
	for _, part := range strings.Split(v, ",") {
		if kind, value, ok := strings.Cut(strings.TrimSpace(part), "="); ok && !strings.EqualFold(kind, "dc") && len(value) > 2 {
			m.name(value, "name")
		}
	}
}

// name learns one datum, unless this level keeps it.
func (m *masker) name(v, kind string) {
	v = strings.TrimSpace(strings.ToValidUTF8(v, "\uFFFD"))
	key := strings.ToLower(v)
	if len(v) < 2 || m.by[key] != nil || slices.Contains(ownWords, key) || m.keeps(key, kind) {
		return
	}
	m.count[kind]++
	r := &Replaced{Value: v, Kind: kind, By: kind + "-" + strconv.Itoa(m.count[kind])}
	m.by[key] = r
	m.list = append(m.list, *r)
}

// ownWords name nobody: our own words and those of the products, which stand in many a sentence and method.
var ownWords = strings.Fields("logindoctor canary auditor admin administrator postmaster users computers builtin service")

// keeps: a ticket needs the user, the machines and where the failures come from.
func (m *masker) keeps(key, kind string) bool {
	if m.level == PrivacyVendor {
		return false
	}
	return kind == "host" || kind == "domain" || kind == "address" || slices.Contains(m.own, key)
}

// The forms that are replaced even where nothing taught them: other people's addresses in a server's words, and machines.
var (
	mailForm    = regexp.MustCompile(`[\pL\pN._%+'-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)+`)
	addressForm = regexp.MustCompile(`(?:\b\d{1,3}(?:\.\d{1,3}){3}\b)|(?:[0-9A-Fa-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4})(?:%\w+)?`)
	dnForm      = regexp.MustCompile(`(?i)\b(?:cn|ou|uid|dc)=[^,;]+(?:,\s*(?:cn|ou|uid|dc|o|c)=[^,;"')\]]+)+`)
)

func (m *masker) prepare() {
	var words []string
	for _, r := range m.list {
		words = append(words, regexp.QuoteMeta(r.Value))
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) })
	if len(words) > 0 {
		m.terms = regexp.MustCompile(`(?i)` + strings.Join(words, "|"))
	}
}

// text replaces in one text. A datum counts as a word of its own only: a login "al" does not eat into "also".
func (m *masker) text(s string) string {
	if s = strings.ToValidUTF8(s, "\uFFFD"); s == "" {
		return s
	}
	if m.level == PrivacyVendor {
		s = dnForm.ReplaceAllStringFunc(s, func(v string) string { return m.learned(v, "name") })
	}
	s = mailForm.ReplaceAllStringFunc(s, m.mail)
	if m.level == PrivacyVendor {
		s = addressForm.ReplaceAllStringFunc(s, func(v string) string {
			if _, err := netip.ParseAddr(strings.Trim(v, "[]")); err != nil {
				return v
			}
			return m.learned(v, "address")
		})
	}
	if m.terms == nil {
		return s
	}
	var out strings.Builder
	last := 0
	for _, at := range m.terms.FindAllStringIndex(s, -1) {
		r := m.by[strings.ToLower(s[at[0]:at[1]])]
		if r == nil || !wholeWord(s, at[0], at[1]) {
			continue
		}
		out.WriteString(s[last:at[0]])
		out.WriteString(r.By)
		last = at[1]
	}
	return out.String() + s[last:]
}

// learned gives the pseudonym of a datum that was met in a text.
func (m *masker) learned(v, kind string) string {
	m.name(v, kind)
	if r := m.by[strings.ToLower(strings.TrimSpace(v))]; r != nil {
		return r.By
	}
	return v
}

// mail replaces an address by its parts, each with its own pseudonym.
func (m *masker) mail(v string) string {
	local, domain, _ := strings.Cut(v, "@")
	return m.learned(local, "person") + "@" + m.learned(domain, "domain")
}

// wholeWord says that s[i:j] is not part of a longer word.
func wholeWord(s string, i, j int) bool {
	part := func(b byte) bool {
		return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
	}
	return (i == 0 || !part(s[i-1])) && (j == len(s) || !part(s[j]))
}

// mask goes through every field that may hold more than public words.
func (m *masker) mask(v reflect.Value, class string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			m.mask(v.Elem(), class)
		}
	case reflect.Slice:
		for i := range v.Len() {
			m.mask(v.Index(i), class)
		}
	case reflect.Struct:
		if v.Type() == timeType {
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				m.mask(v.Field(i), f.Tag.Get("class"))
			}
		}
	case reflect.String:
		if class != "public" {
			v.SetString(m.text(v.String()))
		}
	}
}

func localOf(address string) string {
	local, _, _ := strings.Cut(address, "@")
	return local
}

// hostOf is the host of host:port.
func hostOf(address string) string {
	if i := strings.LastIndexByte(address, ':'); i >= 0 {
		address = address[:i]
	}
	return strings.Trim(address, "[]")
}
