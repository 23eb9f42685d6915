package checks

import (
	"fmt"
	"strings"

	"logindoctor.example/probes"
)

// DirectoryUnreachable is a directory that the mail server cannot ask.
var DirectoryUnreachable = &Check{
	ID: "directory-unreachable", Group: GroupDirectory, Title: "The mail server's directory does not answer",
	Doc: Doc{
		Says:  "The whole company cannot log in to mail, webmail included.",
		Tells: "A connection to every directory server of the profile fails before any password is sent: the name does not resolve, the port is closed, or there is no way. Kerio Connect's own test of its directory, or an IMAP server that says UNAVAILABLE at the same time, makes it certain. So do the newest lines of Stalwart's log, where they say that no connection to its directory came about.",
		Mistaken: []string{
			"A wrong password: all users of the directory fail at once here.",
			"A stale password of the mail server (directory-bind-stale): there the directory answers.",
			"A firewall between this computer and the directory: the mail server may well reach it. Where it shows that it does, this is a notice.",
			"A short outage that is over: Stalwart's log keeps its lines, and has nothing of the kind since.",
			"An app password of Stalwart's: it is taken while the directory is down.",
			"A certificate that is refused (directory-certificate): there the directory answers too.",
		},
	},
	Source: []Source{{"Connecting Kerio Connect to directory services (GFI 360015200539)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015200539-Connecting-Kerio-Connect-to-Directory-Services"},
		{"A directory that is down makes Dovecot 2.3 say UNAVAILABLE; observed", ""},
		{"Stalwart's source at d72608f3 (0.16.19-dev), crates/directory/src/lib.rs; read, not run", "https://github.com/stalwartlabs/stalwart"}},
	Needs: []*Need{directoryAsked}, Uses: with(mapping, ldapLooks...),
	Owner: OwnerDirectoryAdmin, Scope: ScopeDomain,
	Remedy: unreachableRemedy,
	Letter: Letter{
		Wrong: "The mail server cannot check passwords: your company's directory does not answer.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, IMAPUnavailable},
	Run:      directoryUnreachable,
}

var unreachableRemedy = Remedy{
	Do: "Bring the directory server back, or point the mail server at one that answers",
	Steps: []string{"See whether the directory servers of the evidence run, and whether their names resolve on the mail server.",
		"See whether a firewall stands between the mail server and their LDAP ports.",
		"Until then enter a working one as backup in the mail server's directory settings."},
	Disruption: "none",
	DoNot:      []string{"Do not reset the users' passwords: they were not checked."},
}

func directoryUnreachable(s *probes.Snapshot) Finding {
	if onStalwart(&s.Target) {
		return unreachedByStalwart(s)
	}
	r := reaches(s)
	if t := kerioTest(s); t != nil && len(t.Value.Errors) > 0 && t.Value.Reason == probes.BindFaultUnreachable {
		return aboutDirectory(s, Finding{Verdict: Problem, Confidence: Certain, Evidence: append([]Evidence{kerioTestSaid(t)}, r.downSaid...),
			Summary: "Kerio Connect does not reach its directory, so that no user of the directory can log in."})
	}
	if s.Target.Directory == nil {
		return whereChecked(s, reachedByKerio(s))
	}
	return aboutDirectory(s, r.judge(s))
}

// reachedByKerio is the answer where only Kerio can tell.
func reachedByKerio(s *probes.Snapshot) Finding {
	t := kerioTest(s)
	switch {
	case t != nil && len(t.Value.Errors) == 0:
		return Finding{Verdict: OK, Summary: "Kerio Connect reaches its directory.", Evidence: []Evidence{kerioTestSaid(t)}}
	case t != nil && t.Value.Reason == probes.BindFaultCredentials:
		return Finding{Verdict: OK, Summary: "The directory answers Kerio Connect: it refuses the password.", Evidence: []Evidence{kerioTestSaid(t)}}
	case t != nil:
		return undetermined(&probes.Look{What: t.What, Why: probes.Unclear, Words: kerioTestSaid(t).Observed, Source: t.Source, At: t.At},
			"whether Kerio Connect reaches its directory is not known: its test fails in words that do not tell")
	case kerioWithout(s):
		return Finding{Verdict: NotApplicable, Summary: "Kerio Connect's domain is not connected to a directory."}
	}
	look := kerioLook(s)
	if s.Kerio != nil && s.Kerio.BindTest != nil {
		look = &s.Kerio.BindTest.Look
	}
	return undetermined(look, "whether Kerio Connect reaches its directory is not known: it was not tested")
}

// directoryReaches are the configured servers by how far a connection came.
type directoryReaches struct {
	up       int
	down     []string // nothing answers at the address
	downSaid []Evidence
	stuck    *probes.Look // something answers, and it is not usable; or it was not tried
	ourEnd   bool         // and that lies on this side
	said     []Evidence
}

func reaches(s *probes.Snapshot) directoryReaches {
	var out directoryReaches
	for _, d := range s.Directory {
		r := d.Reach
		switch {
		case r == nil:
			out.stuck = &probes.Look{What: "connect", Why: probes.Unclear, Source: d.URL}
			continue
		case r.OK():
			out.up++
		case nothingThere(r):
			out.down = append(out.down, r.Address)
			out.downSaid = append(out.downSaid, reachSaid(r))
		default:
			out.stuck, out.ourEnd = reachLook(probes.ProbeDirectory, r), out.ourEnd || r.OurEnd()
		}
		out.said = append(out.said, reachSaid(r))
	}
	if t := s.Target.Directory; t != nil && len(t.Servers) > len(s.Directory) && out.stuck == nil {
		out.stuck = &probes.Look{What: "connect", Why: probes.Unclear, Source: t.Servers[len(s.Directory)]}
	}
	return out
}

// anyUp says that one directory server at least can be used from here.
func anyUp(s *probes.Snapshot) bool { return reaches(s).up > 0 }

// nothingThere: the name leads nowhere, or nobody answers at the address.
func nothingThere(r *probes.Reach) bool {
	return (r.Stage == probes.StageResolve || r.Stage == probes.StageConnect) && r.Failure != probes.FailureNone && !r.OurEnd()
}

func (r directoryReaches) judge(s *probes.Snapshot) Finding {
	unavailable := saysUnavailable(s)
	f := Finding{Verdict: Problem, Confidence: Likely, Evidence: append(r.said, unavailable...),
		Summary: "No directory server answers, so that no user of the directory can log in."}
	switch {
	case r.up == 0 && r.stuck == nil:
		if works := mailServerReaches(s); len(works) > 0 {
			f.Verdict, f.Evidence = Notice, append(f.Evidence, works...)
			f.Summary = "No directory server answers here, but the mail server shows that it reaches its directory."
		} else if len(unavailable) > 0 {
			f.Confidence = Certain
		}
		return f
	case r.up == 0 && len(unavailable) > 0 && !r.ourEnd:
		f.Summary = "The directory does not answer as it should, and the mail server cannot check logins."
		return f
	case r.stuck != nil:
		says := "whether the directory answers is not known of every server"
		if r.ourEnd {
			says = "whether the directory answers is not known: " + ourEndWords
		}
		u := undetermined(r.stuck, says)
		u.Evidence = append(u.Evidence, r.downSaid...)
		return u
	case len(r.down) > 0:
		f.Verdict, f.Evidence = Notice, r.said
		f.Summary = fmt.Sprintf("Not every directory server answers: nothing at %s.", strings.Join(r.down, ", "))
		return f
	}
	return Finding{Verdict: OK, Summary: "Every directory server answers.", Evidence: r.said}
}
