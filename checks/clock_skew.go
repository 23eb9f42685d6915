package checks

import (
	"time"

	"logindoctor.example/probes"
)

// ClockSkew is clocks that lie further apart than Kerberos allows.
var ClockSkew = &Check{
	ID: "clock-skew", Group: GroupDirectory, Title: "The servers' clocks differ by more than Kerberos allows",
	Doc: Doc{
		Says:  "Nobody of the domain can log in, and the mail server's test of its directory is green.",
		Tells: "Kerio Connect's clock against that of each domain controller, and theirs against each other: more than 300 seconds apart, Kerberos refuses a right password. It is a likely cause only for a user whom Kerio checks by Kerberos, and where no domain controller is near enough; else a notice.",
		Mistaken: []string{
			"A wrong password: here all users of the domain fail at once.",
			"A stale password of the mail server (directory-bind-stale): there its test fails. A simple bind asks for no clock.",
			"A wrong time zone: clocks are compared in UTC.",
		},
	},
	Source: []Source{{"Clock Skew (MIT Kerberos): 300 seconds unless set otherwise", "http://web.mit.edu/kerberos/krb5-1.4/krb5-1.4.4/doc/krb5-admin/Clock-Skew.html"},
		{"Time synchronisation (AD Bridge): the domain controller's limit rules", "https://www.beyondtrust.com/docs/ad-bridge/getting-started/installation/agent/time-sync.htm"},
		{"Server.getServerTime (igiant/connect, server.go)", "https://github.com/igiant/connect"}},
	Needs: []*Need{DirectoryTried}, Uses: with(mapping, DirectoryRoot, KerioClock),
	Owner: OwnerMailAdmin, Scope: ScopeDomain,
	Remedy: Remedy{
		Do: "Set the clock that is wrong, and have it follow the domain",
		Steps: []string{"Look in the evidence which clock differs from all others.",
			"On a mail server let NTP follow the domain controllers; in a virtual machine switch off the host's own setting of the time if that is wrong.",
			"On a domain controller look whom it takes its time from.",
			"Have one user log in."},
		Disruption: "none",
		DoNot:      []string{"Do not reset the users' passwords: they are not at fault."},
	},
	Letter: Letter{
		Wrong: "The clocks of your company's servers differ too much, so that logins are refused.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      clockSkew,
}

// kerberosSkew is how far clocks may lie apart: MIT's default, and Active Directory's.
const kerberosSkew = 300 * time.Second

// clockSeen is one server's clock against ours. Ours may be wrong as well: only the difference of two of these is used, in
// which it cancels out.
type clockSeen struct {
	of    string        // whose
	from  string        // the server's address
	ahead time.Duration // of our own clock
	slack time.Duration // the answer took so long, and counts whole seconds
	at    time.Time
}

func clockOf(s *probes.Snapshot, of string, l probes.Look, t time.Time) clockSeen {
	at := seenAt(s, l.At)
	return clockSeen{of, l.Source, t.Sub(at), time.Duration(l.TookMS)*time.Millisecond + time.Second, at}
}

// against compares two clocks: whether they are too far apart, and the evidence.
func (c clockSeen) against(d clockSeen) (answerOf, Evidence) {
	apart, slack := (c.ahead - d.ahead).Round(time.Second), c.slack+d.slack
	e := Evidence{Fact: c.of + "'s clock against " + d.of + "'s", Observed: apart.Abs().String() + " ahead", Expected: "within " + kerberosSkew.String(), Source: c.from, At: c.at}
	if apart < 0 {
		e.Observed = apart.Abs().String() + " behind"
	}
	switch {
	case apart.Abs() > kerberosSkew+slack:
		return yes, e
	case apart.Abs() > kerberosSkew-slack:
		return unknown, e
	}
	return no, e
}

func clockSkew(s *probes.Snapshot) Finding {
	switch {
	case s.Target.Directory.Kind != probes.ActiveDirectory:
		return Finding{Verdict: NotApplicable, Summary: "Open Directory does not tell its clock."}
	case !hasKerio(&s.Target) && len(s.Target.Directory.Servers) < 2:
		return Finding{Verdict: NotApplicable, Summary: "The profile names one server that tells its clock, so there is nothing to compare."}
	}
	controllers, unread := controllerClocks(s)
	f := Finding{Verdict: Notice, Confidence: Certain}
	var near []Evidence
	for i, c := range controllers {
		for _, d := range controllers[i+1:] {
			f.compare(c, d, &near, &unread)
		}
	}
	between := len(f.Evidence)
	mail, far := mailClock(s, &unread), 0
	if mail != nil {
		for _, d := range controllers {
			if f.compare(*mail, d, &near, &unread) == yes {
				far++
			}
		}
	}
	switch {
	case far > 0 && far == len(controllers):
		f.Summary = "Kerio Connect's clock and the domain controllers' lie further apart than Kerberos allows."
		return forKerberos(s, f)
	case far > 0:
		f.Summary = "Kerio Connect's clock and that of some domain controllers lie further apart than Kerberos allows."
		return f
	case between > 0:
		f.Summary, f.Owner = "The domain controllers' clocks lie further apart than Kerberos allows.", OwnerDirectoryAdmin
		return f
	case unread != nil:
		return whereChecked(s, *unread)
	}
	return Finding{Verdict: OK, Evidence: near, Summary: "The servers' clocks are near enough to each other."}
}

func (f *Finding) compare(c, d clockSeen, near *[]Evidence, unread **Finding) answerOf {
	apart, e := c.against(d)
	switch apart {
	case yes:
		f.Evidence = append(f.Evidence, e)
	case no:
		*near = append(*near, e)
	default:
		u := undetermined(&probes.Look{What: e.Fact, Why: probes.Unclear, Words: e.Observed, Source: e.Source, At: e.At}, "whether the servers' clocks are near enough is not known: the answers took too long to tell")
		*unread = &u
	}
	return apart
}

// forKerberos makes skew what it is for this user: only Kerberos asks for clocks.
func forKerberos(s *probes.Snapshot, f Finding) Finding {
	k := s.Account.Kerio
	if k == nil || !k.User.OK() || k.User.Value.AuthType != "UKerberosAuth" {
		return f
	}
	if a := acceptedHere(s); a != nil {
		f.Evidence = append(f.Evidence, said(a))
		return f
	}
	f.Verdict, f.Confidence = Problem, Likely
	f.Summary = "Kerio Connect's clock and the domain controllers' lie further apart than Kerberos allows, so that no user whom Kerio checks by Kerberos gets in."
	return byMapping(s, f)
}

// controllerClocks are the domain controllers' clocks; unread is the answer where one could not be read.
func controllerClocks(s *probes.Snapshot) (clocks []clockSeen, unread *Finding) {
	for _, d := range s.Directory {
		if d.Root.OK() && !d.Root.Value.Time.IsZero() {
			clocks = append(clocks, clockOf(s, d.Root.Source, d.Root.Look, d.Root.Value.Time))
			continue
		}
		look := lookOf(d.Root)
		if look == nil {
			look = reachLook(probes.ProbeDirectory, d.Reach)
		}
		if look == nil || look.Why == probes.Seen {
			look = &probes.Look{What: "root DSE", Why: probes.Unclear, Source: d.URL}
		}
		unread = unreadClock(look, "a domain controller's clock could not be read")
	}
	return clocks, unread
}

// mailClock is Kerio's clock; nil where there is none in the profile, or none could be read.
func mailClock(s *probes.Snapshot, unread **Finding) *clockSeen {
	if !hasKerio(&s.Target) {
		return nil
	}
	if s.Kerio == nil || !s.Kerio.Clock.OK() || s.Kerio.Clock.Value.Time.IsZero() {
		look := &probes.Look{What: "Server.getServerTime", Why: probes.Unclear}
		if s.Kerio != nil && s.Kerio.Clock != nil && s.Kerio.Clock.Why != probes.Seen {
			look = &s.Kerio.Clock.Look
		}
		*unread = unreadClock(look, "Kerio Connect's clock could not be read")
		return nil
	}
	c := clockOf(s, "Kerio Connect", s.Kerio.Clock.Look, s.Kerio.Clock.Value.Time)
	return &c
}

func unreadClock(look *probes.Look, says string) *Finding {
	f := undetermined(look, "whether the servers' clocks are near enough is not known: "+says)
	return &f
}
