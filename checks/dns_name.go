package checks

import (
	"fmt"
	"net/netip"

	"logindoctor.example/probes"
)

// DNSName is a server whose name leads nowhere.
var DNSName = &Check{
	ID: "dns-name", Group: GroupNetwork, Title: "A server's name does not resolve",
	Doc: Doc{
		Says:  "It says that the server cannot be found. In the office it works.",
		Tells: "The resolver of this computer says that a name of the profile does not exist, while it resolves another one. Where none of the names resolves, or the resolver itself fails, it is not known whose fault it is.",
		Mistaken: []string{
			"A server that is down (mail-server-unreachable, directory-unreachable): its name resolves.",
			"A broken resolver here, or a name that exists inside the company only: other names tell the first, another network the second.",
			"A typing mistake in the profile: compare the name in the evidence with the server's.",
		},
	},
	Source: []Source{{"RFC 8499 §3, NXDOMAIN: the name does not exist", "https://www.rfc-editor.org/rfc/rfc8499#section-3"},
		{"Connecting Kerio Connect to directory services (GFI 360015200539)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015200539-Connecting-Kerio-Connect-to-Directory-Services"}},
	Needs: []*Need{NamesTried}, Uses: with(mapping, KerioBindTest),
	Owner: OwnerNetworkAdmin, Scope: ScopeEveryone,
	Remedy: dnsRemedy,
	Letter: Letter{
		Wrong: "A server that mail needs cannot be found by its name.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{MailServerUnreachable, DirectoryUnreachable, IMAPLogin},
	Run:      dnsName,
}

var dnsRemedy = Remedy{
	Do: "Correct the name, in DNS or where it is written wrongly",
	Steps: []string{"Compare the name in the evidence with what the server is really called, in the profile and in the mail program.",
		"Look the name up at the office and from outside: it may be published on one side only.",
		"Enter or correct its record in DNS; others see the change when the old answer's time has run out."},
	Disruption: "none",
	DoNot:      []string{"Do not reset the password: no login can be tried."},
}

// NamesTried is how far connections to the profile's servers came: whether their names resolve stands at the beginning.
var NamesTried = &Need{Name: "how far connections to the profile's servers come", Missing: "no server in the profile",
	configured: func(t *probes.Target) bool { return MailTried.configured(t) || hasDirectory(t) },
	looks:      func(s *probes.Snapshot) []*probes.Look { return append(MailTried.looks(s), tried(s)...) },
	hand:       handAll(MailTried, DirectoryReach)}

// whose server a name is.
type whose uint8

const (
	usersMail   whose = iota // where the users log in
	asideOfMail              // where nobody's mail goes: administration, mail filters
	directory
)

// serverName is the name of one server of the profile.
type serverName struct {
	of      whose
	host    string
	missing answerOf // yes: the resolver says that it does not exist
	look    *probes.Look
	said    Evidence
}

// serverNames are the names that the profile has for its servers: one that has an address has no name to resolve.
func serverNames(s *probes.Snapshot) (all []serverName, directories int) {
	add := func(of whose, r *probes.Reach, look *probes.Look) {
		n := serverName{of: of, look: look}
		if r != nil {
			n.host, n.said = hostOf(r.Address), reachSaid(r)
			switch {
			case r.Stage > probes.StageResolve:
				n.missing = no
				n.said.Fact, n.said.Observed, n.said.Expected = "name", n.host+" resolves", ""
			case r.Stage == probes.StageResolve && r.Failure == probes.FailureName:
				n.missing = yes
			}
		}
		if _, err := netip.ParseAddr(n.host); err != nil {
			all = append(all, n)
		}
	}
	for _, m := range mailServices(s) {
		of := usersMail
		if m.aside != "" {
			of = asideOfMail
		}
		add(of, m.reach, m.look())
	}
	for _, d := range s.Directory {
		look := reachLook(probes.ProbeDirectory, d.Reach)
		if look == nil {
			look = &probes.Look{Probe: probes.ProbeDirectory, What: "connect", Why: probes.Unclear, Source: d.URL}
		}
		add(directory, d.Reach, look)
	}
	return all, len(s.Directory)
}

func dnsName(s *probes.Snapshot) Finding {
	all, directories := serverNames(s)
	var missing, resolved []Evidence
	var absent, open *serverName
	lacking := map[whose]int{}
	for i := range all {
		switch n := &all[i]; n.missing {
		case yes:
			lacking[n.of]++
			missing = append(missing, n.said)
			if absent == nil {
				absent = n
			}
		case no:
			resolved = append(resolved, n.said)
		default:
			open = n
		}
	}
	switch {
	case len(all) == 0:
		return Finding{Verdict: NotApplicable, Summary: "The profile names its servers by address, so there is no name to resolve."}
	case absent == nil && open != nil:
		return undetermined(open.look, "whether every name of the profile resolves is not known")
	case absent == nil:
		return Finding{Verdict: OK, Summary: "Every name of the profile resolves.", Evidence: resolved}
	case len(resolved) == 0:
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: missing,
			Summary: "No name of the profile resolves; whether they are wrong, or this computer's own resolver, is not known."}
	}
	f := Finding{Verdict: Notice, Confidence: Certain, Evidence: append(missing, resolved[0]), Remedy: lookUp(absent.host),
		Summary: fmt.Sprintf("The name %s does not resolve from here, and other names do.", absent.host)}
	switch {
	case lacking[usersMail] > 0 && acceptedHere(s) == nil:
		f.Verdict = Problem
	case directories > 0 && lacking[directory] == directories:
		f.Scope = ScopeDomain
		return directoryName(s, f)
	}
	return f
}

// directoryName: no server of the directory has a name that resolves from here. Whether the mail server fares alike is
// inferred, unless it says so itself.
func directoryName(s *probes.Snapshot, f Finding) Finding {
	answers := len(mailServices(s)) == 0
	for _, m := range mailServices(s) {
		answers = answers || m.reach != nil && mailAnswers(m.reach)
	}
	works, unavailable := mailServerReaches(s), saysUnavailable(s)
	if len(works) > 0 || !answers {
		f.Evidence = append(f.Evidence, works...)
		return f
	}
	f.Verdict, f.Confidence, f.Evidence = Problem, Likely, append(f.Evidence, unavailable...)
	if t := kerioTest(s); t != nil && t.Value.Reason == probes.BindFaultUnreachable {
		f.Confidence, f.Evidence = Certain, append(f.Evidence, kerioTestSaid(t))
	}
	if len(unavailable) > 0 {
		f.Confidence = Certain
	}
	return aboutDirectory(s, f)
}

// lookUp is the remedy with the name in its command.
func lookUp(host string) *Remedy {
	r := dnsRemedy
	r.Commands = []Command{{POSIX, "nslookup " + quote(POSIX, host), OwnerNetworkAdmin}}
	return &r
}
