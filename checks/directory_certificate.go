package checks

import (
	"fmt"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// DirectoryCertificate is a directory server whose certificate does not hold.
var DirectoryCertificate = &Check{
	ID: "directory-certificate", Group: GroupDirectory, Title: "A directory server's certificate is not valid",
	Doc: Doc{
		Says:  "Since Monday night no user of the domain can log in to mail; or: every second try fails.",
		Tells: "The TLS handshake with each directory server of the profile: a certificate that is expired, not yet valid or for other names is wrong for everyone; one signed by nobody we trust is likely so, for the mail server may trust more than the profile does. Or Stalwart's log says that it did not take its directory's certificate.",
		Mistaken: []string{
			"A stale password of the mail server (directory-bind-stale): with a bad certificate the password is never sent.",
			"A directory that is down (directory-unreachable): here it answers.",
			"The mail server's own certificate (mail-certificate): that one the mail programs see.",
		},
	},
	Source: []Source{{"Troubleshooting LDAP over SSL (Microsoft)", "https://techcommunity.microsoft.com/t5/ask-the-directory-services-team/troubleshooting-ldap-over-ssl/ba-p/395096"},
		{"A certificate that is not trusted makes Dovecot 2.3 say UNAVAILABLE; observed", ""}},
	Needs: []*Need{directoryHandshakes}, Uses: with(mapping, append(ldapLooks, KerioBindTest)...),
	Owner: OwnerDirectoryAdmin, Scope: ScopeDomain,
	Remedy: Remedy{
		Do: "Give the directory server a certificate that holds",
		Steps: []string{"Look in the evidence for which server it is and what is wrong.",
			"Renew its certificate, for the full name that the mail server calls it by.",
			"See that the mail server, and tls.ca_file of logindoctor's profile, trust whoever signed it.",
			"Do the same on every other directory server: each has its own."},
		Disruption: "none",
		DoNot: []string{"Do not turn off the verification of certificates: the mail server sends every user's password over this connection.",
			"Do not reset the users' passwords: they were not checked."},
	},
	Letter: Letter{
		Wrong: "The mail server cannot check passwords: your company's directory cannot prove that it is the right one.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{DirectoryUnreachable, IMAPLogin, IMAPUnavailable, WrongPassword},
	Run:      directoryCertificate,
}

// certificateSoon is when the end of a certificate is worth a word.
const certificateSoon = 14 * 24 * time.Hour

func directoryCertificate(s *probes.Snapshot) Finding {
	if onStalwart(&s.Target) {
		if f, ok := certificateAtStalwart(s); ok {
			return f
		}
	}
	f := Finding{Verdict: Problem, Confidence: Likely}
	var bad []string
	var soon, fine []Evidence
	var unread *probes.Look
	for _, d := range s.Directory {
		r := d.Reach
		switch {
		case r == nil:
			unread = &probes.Look{What: "connect", Why: probes.Unclear, Source: d.URL}
		case r.Failure.Certificate():
			bad = append(bad, r.Address)
			f.Evidence = append(f.Evidence, certificateSaid(r))
			if r.Failure != probes.FailureCertUntrust {
				f.Confidence = Certain
			}
		case !r.OK():
			unread = reachLook(probes.ProbeDirectory, r)
		case r.Certificate != nil && r.Certificate.NotAfter.Sub(seenAt(s, r.At)) < certificateSoon:
			soon = append(soon, certificateSaid(r))
		default:
			fine = append(fine, certificateSaid(r))
		}
	}
	switch {
	case len(bad) > 0:
		return certificateBad(s, f, bad)
	case unread != nil:
		return whereChecked(s, undetermined(unread, "whether the certificate of every directory server holds is not known"))
	case len(soon) > 0:
		return Finding{Verdict: Notice, Confidence: Certain, Evidence: soon, Summary: "A directory server's certificate ends within two weeks."}
	case s.Target.Directory.Security == probes.SecurityNone:
		return Finding{Verdict: NotApplicable, Summary: "The profile asks the directory without TLS."}
	}
	return Finding{Verdict: OK, Summary: "The certificate of every directory server holds.", Evidence: fine}
}

// certificateBad: an untrusted one is no cause where the mail server shows that it gets along with it.
func certificateBad(s *probes.Snapshot, f Finding, bad []string) Finding {
	f.Summary = fmt.Sprintf("The certificate of %s does not hold, so that the mail server cannot safely ask the directory.", strings.Join(bad, ", "))
	if works := mailServerReaches(s); f.Confidence == Likely && len(works) > 0 {
		f.Verdict, f.Evidence = Notice, append(f.Evidence, works...)
		f.Summary = fmt.Sprintf("The certificate of %s is not trusted here, but the mail server shows that it reaches its directory.", strings.Join(bad, ", "))
	} else if len(bad) < len(s.Directory) {
		f.Summary = fmt.Sprintf("The certificate of %s does not hold; logins fail whenever the mail server asks there.", strings.Join(bad, ", "))
	}
	return aboutDirectory(s, f)
}

func certificateSaid(r *probes.Reach) Evidence {
	e := Evidence{Fact: "certificate", Observed: "accepted", Expected: "valid now, for this server, from an authority that is trusted", Source: r.Address, At: r.At}
	if r.Failure != probes.FailureNone {
		e.Observed = r.Failure.String()
		if r.Words != "" {
			e.Observed += ": " + r.Words
		}
	}
	if c := r.Certificate; c != nil {
		e.Observed += fmt.Sprintf("; valid from %s to %s, for %s", stamp(c.NotBefore), stamp(c.NotAfter), strings.Join(c.Names, ", "))
	}
	return e
}
