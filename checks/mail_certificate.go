package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// MailCertificate is a mail server whose certificate does not hold.
var MailCertificate = &Check{
	ID: "mail-certificate", Group: GroupNetwork, Title: "The mail server's certificate is not valid",
	Doc: Doc{
		Says:  "There is a certificate warning; or the phone simply stopped getting mail.",
		Tells: "The TLS handshake with the IMAP server and with the address of webmail, Kerio's or Stalwart's: expired, not yet valid or for other names is wrong for everyone; signed by nobody we trust is likely so, for the caller's device may trust more, or less, than this machine.",
		Mistaken: []string{
			"A wrong password: with a bad certificate no password is sent.",
			"A clock that is wrong on one device: then only that device complains.",
			"Kerio's own certificate from its installation: it signs itself, so that nobody trusts it unless told to.",
			"A bad certificate at the address for administration alone, or for mail filters (ManageSieve): nobody's mail goes that way.",
		},
	},
	Source: []Source{{"Configuring SSL certificates in Kerio Connect (GFI 360015188600)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015188600-Configuring-SSL-certificates-in-Kerio-Connect"},
		{"RFC 9525, names in certificates", "https://www.rfc-editor.org/rfc/rfc9525"}},
	Needs: []*Need{MailTried},
	Owner: OwnerMailAdmin, Scope: ScopeEveryone,
	Remedy: certificateRemedy("In Kerio Connect import it and delete the old one, or restart: it may go on showing the old one otherwise.",
		"Kerio may need a restart, which cuts everyone off for some minutes; deleting the old certificate first avoids it"),
	Letter: Letter{
		Wrong: "The certificate by which the mail server proves who it is does not hold.",
		Leave: []string{KeepPassword,
			"Do not accept a warning about it: your password could go to a stranger."},
	},
	Explains: []*Check{IMAPLogin},
	Run:      mailCertificate,
}

// certificateRemedy differs in how a mail server takes a new one.
func certificateRemedy(install, disruption string) Remedy {
	return Remedy{
		Do: "Give the mail server a certificate that holds",
		Steps: []string{"Look in the evidence for what is wrong with it.",
			"Get one for the name that the mail programs use, from an authority they trust, with its intermediate certificates.",
			install,
			"If it is your own authority's, name it as tls.ca_file in logindoctor's profile."},
		Disruption: disruption,
		DoNot:      []string{"Do not tell callers to accept the warning: their password would go to whoever answers."},
	}
}

var certificateElsewhere = certificateRemedy("Install it where the mail server has its certificates, and see that new connections are shown it.", "none for those who are connected")

func mailCertificate(s *probes.Snapshot) Finding {
	f := mailCertificateSeen(s)
	if s.Target.Kerio == nil && (f.Verdict == Problem || f.Verdict == Notice) {
		f.Remedy = &certificateElsewhere
	}
	return f
}

func mailCertificateSeen(s *probes.Snapshot) Finding {
	c := mailCertificates(s)
	switch {
	case c.worst != nil:
		f := Finding{Verdict: Problem, Confidence: Certain, Evidence: c.bad, Summary: fmt.Sprintf("The certificate at %s %s.", c.worst.Address, certificateWords(c.worst.Failure))}
		if c.worst.Failure == probes.FailureCertUntrust {
			f.Confidence = Likely
		}
		return f
	case c.unseen != nil:
		f := undetermined(c.unseen, "whether the mail server's certificate holds is not known: none was seen")
		f.Evidence = append(f.Evidence, c.aside...)
		return f
	case len(c.aside) > 0:
		return Finding{Verdict: Notice, Confidence: Certain, Evidence: c.aside,
			Summary: "The certificate at the address for " + c.asideWords}
	case len(c.soon) > 0:
		return Finding{Verdict: Notice, Confidence: Certain, Evidence: c.soon, Summary: "The mail server's certificate ends within two weeks."}
	case len(c.fine) == 0:
		return Finding{Verdict: NotApplicable, Summary: "The profile names no address that users reach over TLS."}
	}
	return Finding{Verdict: OK, Summary: "The mail server's certificate holds.", Evidence: c.fine}
}

// mailCertificateViews are the certificates that were shown, sorted.
type mailCertificateViews struct {
	bad, aside, soon, fine []Evidence
	asideWords             string        // of the last of those: for whom it is
	worst                  *probes.Reach // of those that users see; an untrusted one only where there is no worse
	unseen                 *probes.Look  // a service of the users' that showed none
}

func mailCertificates(s *probes.Snapshot) (c mailCertificateViews) {
	for _, m := range mailServices(s) {
		r := m.reach
		switch {
		case m.name == serviceIMAP && s.Target.IMAP.Security == probes.SecurityNone:
		case r != nil && r.Failure.Certificate() && m.aside != "":
			c.aside, c.asideWords = append(c.aside, certificateSaid(r)), fmt.Sprintf("%s does not hold; %s.", m.name, m.aside)
		case m.aside != "":
		case r == nil:
			c.unseen = m.look()
		case r.Failure.Certificate():
			c.bad = append(c.bad, certificateSaid(r))
			if c.worst == nil || c.worst.Failure == probes.FailureCertUntrust {
				c.worst = r
			}
		case !handshaken(r):
			c.unseen = m.look()
		case r.Certificate != nil && !r.Certificate.NotAfter.IsZero() && r.Certificate.NotAfter.Sub(seenAt(s, r.At)) < certificateSoon:
			c.soon = append(c.soon, certificateSaid(r))
		default:
			c.fine = append(c.fine, certificateSaid(r))
		}
	}
	return c
}

// handshaken says that TLS came about and the certificate was verified, whatever became of the connection later. Before
// STARTTLS the connection stands without one.
func handshaken(r *probes.Reach) bool {
	return r.Stage == probes.StageTalk && (r.Security == probes.SecurityTLS || r.Certificate != nil)
}

func certificateWords(f probes.Failure) string {
	switch f {
	case probes.FailureCertExpired:
		return "has expired"
	case probes.FailureCertNotYet:
		return "is not valid yet"
	case probes.FailureCertName:
		return "is for other names"
	}
	return "is signed by nobody that this machine trusts"
}
