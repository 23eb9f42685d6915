package checks

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"logindoctor.example/probes"
)

// What the checks on Kerio Connect's services, and on who may use them from where, share.

// userService is a service that a user logs in to, as the parts of Kerio Connect name it.
type userService struct {
	name   string         // within a sentence
	family string         // a part of its names in Services.get and in the warning log
	usual  []string       // its names in Services.get, where no row has its port
	policy string         // in an access policy
	login  probes.Service // of an attempt
	port   int            // by the profile; 0: the profile does not name it
	used   bool           // the user is known or taken to log in here: only then is a fault of it a cause
	reach  *probes.Reach  // nil: not tried
}

// logs says whether a log line of this protocol is about the service.
func (v userService) logs(protocol string) bool {
	if v.login == probes.ServiceIMAP {
		return strings.HasPrefix(protocol, "IMAP")
	}
	return isWeb(protocol)
}

// userServices are IMAP and webmail, that of the user first: where the caller types the secret, else IMAP where the profile
// names it. Where it names neither nobody said what the user uses.
func userServices(s *probes.Snapshot) []userService {
	imap := userService{name: "IMAP", family: "IMAP", usual: []string{"Secure IMAP", "IMAP"}, policy: "ServiceIMAP", login: probes.ServiceIMAP, reach: imapReachOf(s)}
	if t := s.Target.IMAP; t != nil {
		imap.port, imap.usual = portOf(t.Address), []string{"IMAP"}
		if t.Security == probes.SecurityTLS {
			imap.usual = []string{"Secure IMAP"}
		}
	}
	web := userService{name: "webmail", family: "HTTP", usual: []string{"Secure HTTP", "HTTP"}, policy: "ServiceWebMail", login: probes.ServiceAPI, reach: kerioReachOf(s, false)}
	if hasKerioUser(&s.Target) {
		web.port, web.usual = webPort(s.Target.Kerio.UserURL)
	}
	switch {
	case s.Login != nil && elsewhere(s):
		web.used = true
		return []userService{web, imap}
	case overIMAP(s) || hasIMAP(&s.Target):
		imap.used = true
	case hasKerioUser(&s.Target):
		web.used = true
		return []userService{web, imap}
	}
	return []userService{imap, web}
}

func portOf(address string) int {
	port, _ := strconv.Atoi(address[strings.LastIndex(address, ":")+1:])
	return port
}

func webPort(address string) (port int, usual []string) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return 0, []string{"Secure HTTP", "HTTP"}
	case u.Scheme == "http":
		port, usual = 80, []string{"HTTP"}
	default:
		port, usual = 443, []string{"Secure HTTP"}
	}
	if p, err := strconv.Atoi(u.Port()); err == nil {
		port = p
	}
	return port, usual
}

// row is the service's row of Services.get: by the profile's port, else by its usual name, since a firewall may carry another
// port to it. Nil where Kerio names none.
func (v userService) row(services []probes.KerioService) *probes.KerioService {
	for i, r := range services {
		for _, p := range r.Ports {
			if p == v.port {
				return &services[i]
			}
		}
	}
	for _, name := range v.usual {
		for i, r := range services {
			if r.Name == name {
				return &services[i]
			}
		}
	}
	return nil
}

// noRow is the undetermined answer where Kerio names no such service.
func (v userService) noRow(s *probes.Snapshot, whether string) Finding {
	look := s.Kerio.Services.Look
	look.Why, look.Words = probes.Unclear, fmt.Sprintf("no %s and no service at port %d", strings.Join(v.usual, " or "), v.port)
	return undetermined(&look, whether+" is not known: Kerio Connect names no such service")
}

// letIn is this run's own accepted login of the user at the service; nil if there was none.
func (v userService) letIn(s *probes.Snapshot) *probes.Attempt {
	if a := s.Login.Attempt(probes.AttemptUser, v.login); a != nil && a.Outcome == probes.Accepted {
		return a
	}
	return nil
}

// letInLook is that this run's own login was accepted by the mail server: it answers whether something keeps the user out.
func letInLook(s *probes.Snapshot) *probes.Look {
	a := acceptedHere(s)
	if a == nil {
		return nil
	}
	return &probes.Look{Probe: probes.ProbeLogin, What: "login", Source: a.Server, At: a.At}
}

// kerioServer is what Kerio Connect told of itself, nothing at all where it was not asked.
func kerioServer(s *probes.Snapshot) *probes.KerioServer {
	if s.Kerio == nil {
		return &probes.KerioServer{}
	}
	return s.Kerio
}

// answers says that a server spoke to this run at the service.
func (v userService) answers(s *probes.Snapshot) bool {
	return v.letIn(s) != nil || v.reach != nil && mailAnswers(v.reach)
}

// addressGroup is one of Kerio's groups of addresses, with what can be said of an address in it.
type addressGroup struct {
	name     string
	evidence Evidence
	members  []probes.KerioAddressRange
	look     *probes.Look // why it is not known in whole; nil: it is
}

// groupOf finds a group by its id, else by its name.
func groupOf(s *probes.Snapshot, id, name string) addressGroup {
	g := addressGroup{name: name}
	groups := kerioServer(s).AddressGroups
	if !groups.OK() {
		if g.look = lookOf(groups); g.look == nil {
			g.look = &probes.Look{Probe: probes.ProbeKerio, What: "IpAddressGroups.get", Why: probes.Unclear, Words: "not looked at"}
		}
		return g
	}
	look := groups.Look
	look.Why = probes.Unclear
	for _, found := range groups.Value {
		if id == "" && found.Name != name || id != "" && found.ID != id {
			continue
		}
		g.name, g.members = found.Name, found.Members
		g.evidence = Evidence{Fact: "addresses of the group " + found.Name, Observed: membersWords(found.Members), Source: groups.Source, At: groups.At}
		for _, m := range found.Members {
			if _, _, ok := bounds(m); !ok {
				look.Words = "a member that cannot be read as addresses: " + m.Unread
				g.look = &look
			}
		}
		return g
	}
	look.Words = "no such group"
	g.look = &look
	return g
}

func membersWords(members []probes.KerioAddressRange) string {
	const most = 5
	var out []string
	for _, m := range members {
		switch {
		case len(out) == most:
			return strings.Join(append(out, fmt.Sprintf("%d more", len(members)-most)), "; ")
		case m.Unread != "":
			out = append(out, m.Unread)
		case m.From == m.To:
			out = append(out, m.From)
		default:
			out = append(out, m.From+" to "+m.To)
		}
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, "; ")
}

func bounds(m probes.KerioAddressRange) (from, to netip.Addr, ok bool) {
	from, err := netip.ParseAddr(m.From)
	to, err2 := netip.ParseAddr(m.To)
	return from.Unmap(), to.Unmap(), m.Unread == "" && err == nil && err2 == nil
}

// holds: an address is in the group by any member that could be read, and outside only where all could.
func (g addressGroup) holds(address string) answerOf {
	a, err := netip.ParseAddr(strings.TrimSpace(address))
	if err != nil {
		return unknown
	}
	a = a.Unmap().WithZone("")
	for _, m := range g.members {
		if from, to, ok := bounds(m); ok && a.Is4() == from.Is4() && a.Compare(from) >= 0 && a.Compare(to) <= 0 {
			return yes
		}
	}
	if g.look != nil {
		return unknown
	}
	return no
}

// notTold is the undetermined answer where it is not known whether an address is in the group.
func (g addressGroup) notTold(address, whether string) Finding {
	if g.look == nil {
		return undetermined(&probes.Look{What: "the client's address", Why: probes.Unclear, Words: address}, whether+" is not known: the client's address cannot be read")
	}
	return undetermined(g.look, fmt.Sprintf("%s is not known: which addresses belong to the group %s could not be read", whether, g.name))
}

// ownAddresses are those that this run's connections to the mail server came from, as far as they are known.
func ownAddresses(s *probes.Snapshot) (all []string) {
	for _, r := range []*probes.Reach{imapReachOf(s), kerioReachOf(s, false), kerioReachOf(s, true)} {
		if r != nil && r.Local != "" && !containsWord(all, r.Local) {
			all = append(all, r.Local)
		}
	}
	return all
}
