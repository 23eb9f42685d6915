package checks

import (
	"strings"

	"logindoctor.example/probes"
)

// DirectoryBindStale is a mail server that holds an old password of its own directory account.
var DirectoryBindStale = &Check{
	ID: "directory-bind-stale", Group: GroupBind, Title: "The mail server's password for the directory is no longer right",
	Doc: Doc{
		Says:  "Nobody from the office domain can log in to mail since the admin changed some password.",
		Tells: "Kerio Connect's own test of its directory bind, which uses the stored password; a refusal of its bind in Stalwart's log (store.ldap-error with code 49, which a user's wrong password never leaves); or a bind of ours with the password that the profile holds for the mail server. Ours refused is certain only where the mail server is shown failing too: the profile may be the stale one.",
		Mistaken: []string{
			"A wrong password of the user: all users of the directory fail at once here, and cannot all be wrong.",
			"A healthy bind because one login went through: some mail servers keep their connection, and the next login after the change still works.",
			"The bind account itself being locked or disabled (directory-bind-account): there the password may be right.",
			"A directory that does not answer (directory-unreachable), or one that wants TLS (ad-strong-auth-required): there the password was not even checked.",
		},
	},
	Source: []Source{{"Connecting Kerio Connect to directory services (GFI 360015200539)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015200539-Connecting-Kerio-Connect-to-Directory-Services"},
		{"Domains.testDomainController uses the stored password where none is given (IDL in igiant/connect, domains.go)", "https://github.com/igiant/connect"},
		{"What a stale bind breaks; observed on Samba 4.17 and Dovecot 2.3", ""},
		{"Stalwart's source at d72608f3 (0.16.19-dev), crates/directory/src/backend/ldap/pool.rs and crates/directory/src/lib.rs; read, not run", "https://github.com/stalwartlabs/stalwart"},
		{"Directory (Stalwart's documentation)", "https://stalw.art/docs/ref/object/directory"}},
	Needs: []*Need{MailServerBind}, Uses: with(mapping, with(ldapLooks, DirectoryReach)...),
	Owner: OwnerMailAdmin, Scope: ScopeDomain,
	Remedy: bindStaleRemedy("In Kerio's administration open Domains > Edit > Directory Service, enter it, and press Test connection once."),
	Letter: Letter{
		Wrong: "The mail server cannot look up passwords in your company's directory: its own password there is not right.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, IMAPUnavailable, WrongPassword},
	Run:      directoryBindStale,
}

// bindStaleRemedy differs in where the mail server has the password.
func bindStaleRemedy(enter string) Remedy {
	return Remedy{
		Do: "Enter the present password of the directory account on the mail server",
		Steps: []string{"Find out who changed the password of the account that the mail server binds with, and get the present one.",
			enter,
			"Enter it in logindoctor's profile too.",
			"Have one user log in."},
		Disruption: "none",
		DoNot: []string{"Do not reset the users' passwords: they are not at fault.",
			"Do not test the old password again and again: each failed bind may count towards a lock of that account."},
	}
}

var staleElsewhere = bindStaleRemedy("Enter it where the mail server's directory is set up.")

func directoryBindStale(s *probes.Snapshot) Finding {
	if onStalwart(&s.Target) {
		return forStalwart(s, staleAtStalwart(s, mailServerAccount(s), bindTests(s)))
	}
	f := aboutDirectory(s, bindStale(s))
	if s.Target.Kerio == nil && (f.Verdict == Problem || f.Verdict == Notice) {
		f.Remedy = &staleElsewhere
	}
	return f
}

func bindStale(s *probes.Snapshot) Finding {
	account, ours := mailServerAccount(s), bindTests(s)
	kerio := kerioTest(s)
	switch {
	case kerio != nil && len(kerio.Value.Errors) == 0:
		return Finding{Verdict: OK, Summary: "Kerio Connect's own test of its directory bind is clean.", Evidence: []Evidence{kerioTestSaid(kerio)}}
	case kerio != nil:
		return staleByKerio(s, kerio, account, ours)
	case ours.refused != nil:
		return staleByOurs(s, account, ours)
	case ours.right != nil:
		return Finding{Verdict: OK, Evidence: []Evidence{*ours.right},
			Summary: "The directory takes the profile's password for the mail server's account for right, though it refuses the account for another reason."}
	case ours.accepted != nil:
		return acceptedOurs(s, ours)
	}
	return bindNotTested(s, account)
}

// staleByKerio reads a failed test of Kerio's. The texts are not documented, so only those that speak of credentials are
// certain, and only where the account was read and is in order.
func staleByKerio(s *probes.Snapshot, t *probes.Observation[probes.KerioBindTest], account bindAccount, ours ourBinds) Finding {
	f := Finding{Verdict: Problem, Confidence: Certain, Evidence: []Evidence{kerioTestSaid(t)},
		Summary: "Kerio Connect cannot log in to its directory with the password it holds, so that no user of the directory gets in."}
	look := t.Look
	look.Words = f.Evidence[0].Observed
	switch {
	case t.Value.Reason == probes.BindFaultUnreachable:
		look.Why = probes.Unreachable
		return undetermined(&look, "whether Kerio's password for the directory is right is not known: its test does not reach the directory")
	case speaksOfStrongAuth(t):
		return undetermined(&look, "whether Kerio's password for the directory is right is not known: the directory refuses its bind for lack of TLS")
	case len(account.faults) > 0:
		return accountExplains(account, f.Evidence[0])
	case t.Value.Reason == probes.BindFaultCredentials || ours.refused != nil:
		if ours.refused != nil {
			f.Evidence = append(f.Evidence, *ours.refused)
		}
		if len(s.Directory) == 0 || account.unread != nil {
			f.Confidence = Likely // a locked account is refused in the same words
		}
		return f
	case len(s.Directory) > 0 && !anyUp(s):
		return undetermined(&look, "whether Kerio's password for the directory is right is not known: its test fails, and from here the directory is not usable either")
	}
	f.Confidence = Likely
	f.Summary = "Kerio Connect's own test of its directory bind fails; most often its password for the directory is no longer right."
	return f
}

// staleByOurs: the profile's password is refused. That the mail server holds the same is shown only by its failing too.
func staleByOurs(s *probes.Snapshot, account bindAccount, ours ourBinds) Finding {
	if len(account.faults) > 0 {
		return accountExplains(account, *ours.refused)
	}
	if s.Target.Directory != nil && s.Target.Directory.Kind == probes.OpenDirectory && account.unread != nil {
		// Open Directory answers alike for a lock, an expiry and a wrong password.
		f := *account.unread
		f.Summary, f.Evidence = "Whether the mail server's password is right is not known: the directory refuses it, which it does for a locked account too.", append(f.Evidence, *ours.refused)
		return f
	}
	f := Finding{Verdict: Problem, Confidence: Likely, Evidence: []Evidence{*ours.refused},
		Summary: "The directory refuses the password that the profile holds for the mail server's account; the mail server may hold the same."}
	if failing := saysUnavailable(s); len(failing) > 0 {
		f.Confidence, f.Evidence = Certain, append(f.Evidence, failing...)
		f.Summary = "The directory refuses the mail server's password, and the mail server cannot check logins."
	}
	return f
}

func acceptedOurs(s *probes.Snapshot, ours ourBinds) Finding {
	if failing := saysUnavailable(s); len(failing) > 0 {
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: append([]Evidence{*ours.accepted}, failing...),
			Summary: "The directory accepts the password in the profile, and yet the mail server cannot check logins: whether it holds the same password is not known."}
	}
	return Finding{Verdict: OK, Evidence: []Evidence{*ours.accepted},
		Summary: "The directory accepts the password that the profile holds for the mail server's bind account."}
}

func accountExplains(account bindAccount, refused Evidence) Finding {
	return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: append([]Evidence{refused}, account.evidence...),
		Summary: "Whether the mail server's password for the directory is right is not known: its account " + strings.Join(account.faults, " and ") + ", which comes first."}
}

// bindNotTested: nobody answered. Why stands where the test was withheld or failed.
func bindNotTested(s *probes.Snapshot, account bindAccount) Finding {
	const whether = "whether the mail server's password for the directory is right is not known"
	if len(account.faults) > 0 {
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: account.evidence,
			Summary: sentence(whether + ": its account " + strings.Join(account.faults, " and "))}
	}
	if look := failedTest(s); look != nil {
		return undetermined(look, whether+": the bind was not tested")
	}
	switch {
	case kerioWithout(s):
		return Finding{Verdict: NotApplicable, Summary: "Kerio Connect's domain is not connected to a directory."}
	case s.Target.Directory == nil || s.Target.Directory.MailServerBind == "":
		if s.Kerio != nil && s.Kerio.Domain.OK() {
			return undetermined(&probes.Look{What: "Domains.testDomainController", Why: probes.Unclear}, whether+": Kerio's own test was not made")
		}
		return undetermined(kerioLook(s), whether+": Kerio Connect could not be asked")
	}
	return undetermined(&probes.Look{What: "bind with the profile's password for the mail server", Why: probes.Unclear}, whether+": no bind was made")
}

// failedTest is why a test that was wanted gave no answer.
func failedTest(s *probes.Snapshot) *probes.Look {
	var looks []*probes.Look
	for _, d := range s.Directory {
		looks = append(looks, lookOf(d.BindTest))
	}
	if s.Kerio != nil {
		looks = append(looks, lookOf(s.Kerio.BindTest))
	}
	for _, service := range []probes.Service{probes.ServiceDirectory, probes.ServiceAdmin} {
		if a := s.Login.Attempt(probes.AttemptMailServer, service); a != nil && a.Why != probes.Seen {
			looks = append(looks, &probes.Look{What: "test of the mail server's bind", Why: a.Why, Words: a.Reason, Source: a.Server, At: a.At})
		}
	}
	for _, l := range looks {
		if l != nil && l.Why != probes.Seen {
			return l
		}
	}
	for _, d := range s.Directory {
		if d.BindTest.OK() {
			return &probes.Look{What: d.BindTest.What, Why: probes.Unclear, Words: bindWords(&d.BindTest.Value), Source: d.BindTest.Source, At: d.BindTest.At}
		}
	}
	return nil
}

func kerioLook(s *probes.Snapshot) *probes.Look {
	if s.Kerio != nil {
		for _, l := range []*probes.Look{lookOf(s.Kerio.Domain), lookOf(s.Kerio.Session)} {
			if l != nil && l.Why != probes.Seen {
				return l
			}
		}
	}
	return &probes.Look{What: "Domains.get", Why: probes.Unclear}
}

// ourBinds are the binds with the profile's password for the mail server. Results that do not speak of the password are neither.
type ourBinds struct {
	accepted, refused *Evidence
	right             *Evidence // refused in words that come only with the right password
}

func bindTests(s *probes.Snapshot) ourBinds {
	var out ourBinds
	for _, d := range s.Directory {
		if !d.BindTest.OK() {
			continue
		}
		o := d.BindTest.Value
		e := &Evidence{Fact: "bind with the profile's password for the mail server", Observed: bindWords(&o), Expected: "0", Source: d.BindTest.Source, At: d.BindTest.At}
		switch {
		case o.Result == probes.LDAPSuccess:
			out.accepted = e
		case o.Subcode.ProvesPassword(), o.PPolicy != nil && o.PPolicy.Error == probes.PPolicyExpired:
			out.right = e
		case o.Result == probes.LDAPInvalidCredentials, o.Result == probes.LDAPInsufficientAccess && s.Target.Directory.Kind == probes.OpenDirectory:
			out.refused = e
		}
	}
	return out
}
