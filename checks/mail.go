package checks

import (
	"strings"

	"logindoctor.example/probes"
)

// What the checks on the mail server as a whole share, whichever protocol it speaks.

// MailTried is that a connection to a mail service was tried: how it went is the matter itself.
var MailTried = &Need{Name: "how far a connection to the mail server comes", Missing: "no mail server in the profile",
	configured: func(t *probes.Target) bool { return hasIMAP(t) || hasKerio(t) || hasKerioUser(t) || hasStalwart(t) },
	looks: func(s *probes.Snapshot) []*probes.Look {
		var all []*probes.Look
		for _, m := range mailServices(s) {
			if m.reach != nil {
				all = append(all, &probes.Look{Probe: probes.ProbeIMAP, What: "connect", Source: m.reach.Address, At: m.reach.At})
			}
		}
		return all
	},
	hand: handAll(KerioReach, StalwartReach, IMAPReach, IMAPGreeting)}

// mailService is one address of the profile at which the mail server answers.
type mailService struct {
	name  string
	reach *probes.Reach // nil: not tried
	aside string        // that it is no way for a user's mail, as a clause; empty: it is one
}

const serviceIMAP = "IMAP"

// mailServices are those that the profile names.
func mailServices(s *probes.Snapshot) (all []mailService) {
	if hasIMAP(&s.Target) {
		all = append(all, mailService{serviceIMAP, imapReachOf(s), ""})
	}
	if hasKerioUser(&s.Target) {
		all = append(all, mailService{"webmail", kerioReachOf(s, false), ""})
	}
	if hasKerio(&s.Target) {
		all = append(all, mailService{"administration", kerioReachOf(s, true), "that keeps logindoctor out, not the user"})
	}
	if hasStalwart(&s.Target) {
		all = append(all, mailService{"webmail and JMAP", stalwartReachOf(s), ""})
	}
	if hasSieve(&s.Target) {
		all = append(all, mailService{"mail filters (ManageSieve)", sieveReachOf(s), "nobody's mail goes that way"})
	}
	return all
}

func imapReachOf(s *probes.Snapshot) *probes.Reach {
	if s.IMAP == nil {
		return nil
	}
	return s.IMAP.Reach
}

// kerioReachOf is the connection to admin_url or to user_url.
func kerioReachOf(s *probes.Snapshot, admin bool) *probes.Reach {
	switch {
	case s.Kerio == nil:
		return nil
	case admin:
		return s.Kerio.Admin
	}
	return s.Kerio.User
}

// look is why nothing was learned at this service.
func (m mailService) look() *probes.Look {
	if l := reachLook(probes.ProbeIMAP, m.reach); l != nil {
		return l
	}
	return &probes.Look{Probe: probes.ProbeIMAP, What: "connect to " + m.name, Why: probes.Unclear, Words: "not tried"}
}

// hostOf is the host of host:port, an IPv6 address without its brackets.
func hostOf(address string) string {
	if i := strings.LastIndexByte(address, ':'); i >= 0 && !strings.HasSuffix(address, "]") {
		address = address[:i]
	}
	return strings.Trim(address, "[]")
}

// refusedPassword is this run's login as the user that the mail server refused in words that speak of the user or the
// password; nil where there was none, or where another place of the mail server accepted it.
func refusedPassword(s *probes.Snapshot) *probes.Attempt {
	if acceptedHere(s) != nil || secretOf(s).AppPassword() {
		return nil
	}
	for _, service := range []probes.Service{probes.ServiceIMAP, probes.ServiceManageSieve, probes.ServiceAPI} {
		if a := s.Login.Attempt(probes.AttemptUser, service); a != nil && a.Outcome == probes.Refused && ofThePassword(s, a) {
			return a
		}
	}
	return nil
}
