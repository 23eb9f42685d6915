package checks

import (
	"strings"

	"logindoctor.example/probes"
)

// ADStrongAuthRequired is a domain controller that takes no password in the clear.
var ADStrongAuthRequired = &Check{
	ID: "ad-strong-auth-required", Group: GroupDirectory, Title: "The domain controller refuses binds without TLS",
	Doc: Doc{
		Says:  "No user of the domain can log in to mail since the domain controllers were updated.",
		Tells: "Result 8 (strongerAuthRequired) of any bind that was seen, or Kerio Connect's test of its directory bind in the words that Active Directory uses for it; in Stalwart's log code = 8 within the last hour.",
		Mistaken: []string{
			"A stale password of the mail server (directory-bind-stale): that is result 49. Here the password was not even looked at, and nothing was counted.",
			"A certificate that is refused (directory-certificate): that is the step after this one.",
		},
	},
	Source: []Source{{"LDAP signing", "https://ldapwiki.com/wiki/Wiki.jsp?page=LDAP+Signing&skin=raw"},
		{"Result 8, \"BindSimple: Transport encryption required.\"; observed on Samba 4.17", ""}},
	Needs: []*Need{MailDirectory}, Uses: with(mapping, with(ldapLooks, DirectoryBind, BindTest)...),
	Owner: OwnerMailAdmin, Scope: ScopeDomain,
	Remedy: Remedy{
		Do: "Have the mail server use a secure connection to the directory",
		Steps: []string{"In Kerio's administration open Domains > Edit > Directory Service and tick the secure connection (LDAPS).",
			"On another mail server set ldaps:// or StartTLS where its directory is set up.",
			"See that the mail server trusts the domain controllers' certificate, and names them as the certificate does.",
			"Have one user log in."},
		Disruption: "none",
		DoNot: []string{"Do not lower the domain controllers' requirement: passwords would cross the network in the clear.",
			"Do not reset the users' passwords: they were not checked."},
	},
	Letter: Letter{
		Wrong: "The mail server cannot check passwords: your company's directory asks it for a secure connection.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, IMAPUnavailable, WrongPassword},
	Run:      adStrongAuthRequired,
}

func adStrongAuthRequired(s *probes.Snapshot) Finding {
	if s.Target.Directory != nil && s.Target.Directory.Kind != probes.ActiveDirectory || s.Target.Directory == nil && !kerioOnAD(s) {
		return Finding{Verdict: NotApplicable, Summary: "No Active Directory is known to check logins here."}
	}
	t := kerioTest(s)
	evidence := strongerAuthSeen(s)
	if t != nil && speaksOfStrongAuth(t) {
		evidence = append(evidence, kerioTestSaid(t))
	}
	if lines := strongAuthLogged(s); len(lines) > 0 {
		f := Finding{Verdict: Problem, Confidence: Certain, Evidence: append(lines, evidence...),
			Summary: "Stalwart's directory refuses its bind because it lacks TLS, before it looks at the password."}
		return forStalwart(s, f)
	}
	if len(evidence) > 0 {
		return aboutDirectory(s, Finding{Verdict: Problem, Confidence: Certain, Evidence: evidence,
			Summary: "Active Directory refuses a bind because it lacks TLS, before it looks at the password."})
	}
	if t != nil && len(t.Value.Errors) > 0 && t.Value.Reason == probes.BindFaultUnclear && kerioInClear(s) {
		return aboutDirectory(s, Finding{Verdict: Notice, Confidence: Possible,
			Evidence: []Evidence{kerioTestSaid(t), {Fact: "isSecure", Observed: "false", Expected: "true", Source: s.Kerio.Domain.Source, At: s.Kerio.Domain.At}},
			Summary:  "Kerio Connect's test of its directory fails, and it binds without TLS: the domain controller may refuse that."})
	}
	return whereChecked(s, noStrongAuth(s, t))
}

func noStrongAuth(s *probes.Snapshot, t *probes.Observation[probes.KerioBindTest]) Finding {
	if t != nil && len(t.Value.Errors) == 0 {
		return Finding{Verdict: OK, Summary: "Active Directory takes Kerio Connect's bind.", Evidence: []Evidence{kerioTestSaid(t)}}
	}
	if s.Target.Directory == nil {
		look := kerioLook(s)
		if s.Kerio != nil && s.Kerio.BindTest != nil {
			look = &probes.Look{What: s.Kerio.BindTest.What, Why: s.Kerio.BindTest.Why, Words: s.Kerio.BindTest.Words, Source: s.Kerio.BindTest.Source, At: s.Kerio.BindTest.At}
		}
		return undetermined(look, "whether Active Directory takes Kerio Connect's bind is not known")
	}
	var evidence []Evidence
	for _, d := range s.Directory {
		if !d.Bind.OK() || d.Bind.Value.Result != probes.LDAPSuccess {
			look := lookOf(d.Bind)
			if look == nil {
				look = &probes.Look{What: "bind", Why: d.Reach.Why(), Source: d.URL}
			}
			return undetermined(look, "whether the domain controllers take binds is not known of every one")
		}
		evidence = append(evidence, Evidence{Fact: "bind of logindoctor's reader", Observed: bindWords(&d.Bind.Value), Source: d.Bind.Source, At: d.Bind.At})
	}
	if len(evidence) == 0 {
		return undetermined(&probes.Look{What: "bind", Why: probes.Unclear}, "whether the domain controllers take binds is not known")
	}
	if failing := saysUnavailable(s); len(failing) > 0 {
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: append(evidence, failing...),
			Summary: "Whether the mail server binds without TLS, and is refused for that, is not known: it cannot check logins now, and its own log has to say why."}
	}
	return Finding{Verdict: OK, Summary: "The domain controllers take binds over TLS, and nothing speaks of one without it.", Evidence: evidence}
}

// strongAuthLogged is result 8 as the newest line of Stalwart's log, within the hour and with no user of the directory let in since.
func strongAuthLogged(s *probes.Snapshot) []Evidence {
	log := ldapLogOf(s)
	last := log.newest()
	if !onStalwart(&s.Target) || last == nil || last.Code != int(probes.LDAPStrongerAuthRequired) || !log.within(*last, fresh) {
		return nil
	}
	if since, unread := answeredSince(s, last.At); len(since) > 0 || unread != nil {
		return nil
	}
	return stalwartLogged(log.seen, []probes.StalwartLogEvent{*last})
}

// kerioOnAD says that Kerio's own settings name an Active Directory, or do not tell.
func kerioOnAD(s *probes.Snapshot) bool {
	if s.Kerio == nil || !s.Kerio.Domain.OK() {
		return true
	}
	d := s.Kerio.Domain.Value
	return d.DirectoryOn && strings.HasPrefix(d.DirectoryType, "Windows")
}

func kerioInClear(s *probes.Snapshot) bool {
	return s.Kerio.Domain.OK() && kerioOnAD(s) && !s.Kerio.Domain.Value.DirectorySecure
}

func strongerAuthSeen(s *probes.Snapshot) []Evidence {
	var out []Evidence
	for _, d := range s.Directory {
		for _, o := range []*probes.Observation[probes.BindOutcome]{d.Bind, d.BindTest} {
			if o.OK() && o.Value.Result == probes.LDAPStrongerAuthRequired {
				out = append(out, Evidence{Fact: o.What, Observed: bindWords(&o.Value), Expected: "0", Source: o.Source, At: o.At})
			}
		}
	}
	if a := s.Login.Attempt(probes.AttemptUser, probes.ServiceDirectory); a != nil && a.Bind != nil && a.Bind.Result == probes.LDAPStrongerAuthRequired {
		out = append(out, Evidence{Fact: "simple bind as the user", Observed: bindWords(a.Bind), Expected: "0", Source: a.Server, At: a.At})
	}
	return out
}

// strongAuthWords: Windows "00002028: … The server requires binds to turn on integrity checking if SSL\\TLS are not already
// active"; Samba 4.17 "BindSimple: Transport encryption required."; OpenLDAP's name of result 8 "Strong(er) authentication required".
var strongAuthWords = []string{"strong", "00002028", "integrity checking", "transport encryption required"}

func speaksOfStrongAuth(t *probes.Observation[probes.KerioBindTest]) bool {
	for _, e := range t.Value.Errors {
		text := strings.ToLower(e.Message)
		for _, w := range strongAuthWords {
			if strings.Contains(text, w) {
				return true
			}
		}
	}
	return false
}
