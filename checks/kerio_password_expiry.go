package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// KerioPasswordExpiry is the question whether a local user's password has run out. No field of the API tells.
var KerioPasswordExpiry = &Check{
	ID: "kerio-password-expiry", Group: GroupPassword, Title: "Kerio Connect's own password expiry is on: the password may have run out",
	Doc: Doc{
		Says:  "I had mails about my password, and now I cannot log in any more.",
		Tells: "The mail domain has passwords expire after so many days, and Kerio itself checks this user's password. Kerio tells no date for a user, so that this is never more than a question; it is asked only where the user is refused in words that may mean it.",
		Mistaken: []string{
			"A password that expired in the directory (ad-password-expired, od-password-expired): Kerio's expiry does not concern users whose password a directory checks.",
			"A wrong password (wrong-password): the caller had no mails about an expiry, and the password was not set lately.",
		},
	},
	Source: []Source{{"Enabling password expiry for local users (GFI 360015191460)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015191460-Enabling-password-expiry-for-Local-Users"},
		{"Password policy in Kerio Connect (GFI manual)", "https://manuals.gfi.com/en/kerio/connect/content/server-configuration/security/password-policy-in-kerio-connect-1440.html"}},
	Needs: []*Need{KerioDomain}, Uses: []*Need{KerioUser, KerioSecurityLog, KerioAuditLog, KerioClock, Attempts},
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Ask the caller whether mails came that the password is about to expire",
		Steps: []string{"Ask for mails about the password: Kerio sends them 21, 14 and 7 days before, and then every day.",
			"If they came, have a mail administrator set a new password in the user's settings: the user can no longer do it.",
			"Have the new password entered on every device."},
		Disruption: "none",
		DoNot:      []string{"Do not switch the expiry off and on again: that starts the count anew for everyone in the domain."},
	},
	Letter: Letter{
		Wrong: "Your mail password may have run out.",
		Do: []string{"Tell the helpdesk whether you got mails that your password is about to expire.",
			"If the helpdesk gives you a new password, enter it on every device."},
		Leave: []string{NoFurtherTries},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      kerioPasswordExpiry,
}

func kerioPasswordExpiry(s *probes.Snapshot) Finding {
	domain := s.Kerio.Domain
	rule := Evidence{Fact: "password expiry of the mail domain", Observed: "off", Source: domain.Source, At: domain.At}
	if domain.Value.PasswordExpiry <= 0 {
		return Finding{Verdict: OK, Summary: "Passwords do not expire in the user's mail domain.", Evidence: []Evidence{rule}}
	}
	rule.Observed = fmt.Sprintf("after %d days", domain.Value.PasswordExpiry)
	var user *probes.Observation[probes.KerioUser]
	if s.Account.Kerio != nil {
		user = s.Account.Kerio.User
	}
	switch {
	case user == nil:
		return undetermined(&probes.Look{Probe: probes.ProbeKerio, What: "Users.get", Why: probes.Unclear, Words: "not looked at"}, "whether the domain's password expiry concerns this user is not known")
	case !user.OK():
		return undetermined(&user.Look, "whether the domain's password expiry concerns this user is not known")
	}
	if f, ok := kerioFound(user); !ok {
		return f
	}
	switch u := user.Value; {
	case u.Source == "DSLDAPSource", u.AuthType != "" && u.AuthType != "UInternalAuth":
		return Finding{Verdict: NotApplicable, Summary: "Kerio's password expiry is for local users; this one's password is checked elsewhere.", Evidence: []Evidence{whoChecks("not Kerio Connect itself", s)}}
	case !u.Enabled:
		return Finding{Verdict: OK, Summary: "The account is disabled, so the age of its password is not what keeps the user out.", Evidence: []Evidence{rule}}
	}
	return mayHaveExpired(s, rule)
}

// mayHaveExpired asks only where the user is refused: else every healthy user of such a domain would be asked.
func mayHaveExpired(s *probes.Snapshot, rule Evidence) Finding {
	ask := Finding{Verdict: Notice, Confidence: Possible,
		Summary: fmt.Sprintf("Passwords expire after %d days in this mail domain, and %s is refused: did mails come that the password runs out?", s.Kerio.Domain.Value.PasswordExpiry, LoginName(s))}
	if a := acceptedHere(s); a != nil {
		return Finding{Verdict: OK, Summary: "The mail server accepted the password, so it has not run out.", Evidence: []Evidence{rule, said(a)}}
	}
	var otherwise []Evidence
	for _, service := range []probes.Service{probes.ServiceIMAP, probes.ServiceAPI} {
		a := s.Login.Attempt(probes.AttemptUser, service)
		if a == nil || a.Outcome != probes.Refused {
			continue
		}
		_, other := loggedOurs(s, a)
		if len(other) == 0 && mayMeanExpiry(a) {
			ask.Evidence = []Evidence{rule, said(a)}
			return ask
		}
		otherwise = append(append(otherwise, said(a)), other...)
	}
	if len(otherwise) > 0 {
		return Finding{Verdict: OK, Summary: "The login was refused for another reason than the age of the password.", Evidence: append([]Evidence{rule}, otherwise...)}
	}
	lines, unread := refusedLately(s)
	switch {
	case unread != nil:
		return undetermined(unread, "passwords expire in this mail domain; whether the user is refused could not be read")
	case len(lines) > 0:
		ask.Evidence = append([]Evidence{rule}, lines...)
		return ask
	}
	return Finding{Verdict: OK, Summary: "Passwords expire in this mail domain, and nothing speaks for it that this one has.", Evidence: []Evidence{rule}}
}

// mayMeanExpiry: Kerio's words for an expired password are not known. A reply that speaks of the credentials may be it.
func mayMeanExpiry(a *probes.Attempt) bool {
	switch {
	case a.IMAP != nil:
		return speaksOfCredentials(a.IMAP) || a.IMAP.Code == probes.CodeExpired
	case a.API != nil:
		return a.API.Code == probes.KerioOperationFailed
	}
	return false
}
