package checks

import (
	"strings"

	"logindoctor.example/probes"
)

// Stalwart's side of app-password-needed. A second factor belongs to the account's own password, where Stalwart itself checks it: no
// directory asks for one, and no app password does (S: crates/common/src/auth/authentication.rs).

const whetherNeeded = "whether a mail program needs an app password"

func stalwartAppPasswordNeeded(s *probes.Snapshot) Finding {
	if a := wantsSecondFactor(s); a != nil {
		return secondFactorSaid(s, a)
	}
	if f, ok := whateverTheAccount(s); ok {
		return f
	}
	u, f, ok := accountRead(s, whetherNeeded)
	if !ok {
		return f
	}
	own, factor := u.Password(), probes.StalwartUnknown
	if own != nil {
		factor = own.OTP
	} else if u.CredsKnown {
		factor = probes.StalwartNo
	}
	id, known := s.Stalwart.Checks()
	switch {
	case factor == probes.StalwartNo:
		return Finding{Verdict: OK, Summary: "The account has no second factor, so no app password is needed.", Evidence: []Evidence{userSaid(s, "otpAuth", "none", "")}}
	case known && id != "":
		return Finding{Verdict: OK, Summary: "A directory checks the account's password, so Stalwart asks for no second factor.", Evidence: []Evidence{whoChecks("the directory of Stalwart", s)}}
	case factor == probes.StalwartUnknown:
		return unreadCredential(s, "whether the account has a second factor", whetherNeeded)
	case !known:
		return undetermined(authenticationLook(s), whetherNeeded+" is not known: which directory checks the password was not seen")
	case secretOf(s) == nil:
		return secondFactorUntried(s, u)
	}
	return ownPasswordOnly(s)
}

// wantsSecondFactor is this run's login that Stalwart took for right, and asked for more; nil where there was none.
func wantsSecondFactor(s *probes.Snapshot) *probes.Attempt {
	return either(refusedSaying(s, appWords), refusedHTTP(s, probes.StalwartMFA))
}

func secondFactorSaid(s *probes.Snapshot, a *probes.Attempt) Finding {
	f := Finding{Verdict: Problem, Confidence: Certain, Evidence: []Evidence{said(a)},
		Summary: "Stalwart takes the password for right and wants a second factor, which a mail program cannot give: it needs an app password."}
	if s.Login.UsedOn == probes.ServiceWebmail {
		f.Verdict = Notice
		f.Summary = "Stalwart takes the password for right and wants a second factor besides, which webmail asks for; a mail program needs an app password."
	}
	return f
}

// whateverTheAccount is what this run's login, the kind of the secret and the place of it say by themselves.
func whateverTheAccount(s *probes.Snapshot) (Finding, bool) {
	secret := secretOf(s)
	switch a := acceptedHere(s); {
	case a != nil:
		return Finding{Verdict: OK, Summary: "Stalwart accepts the secret.", Evidence: []Evidence{said(a)}}, true
	case secret == nil:
	case secret.AppPassword():
		return Finding{Verdict: OK, Summary: "The secret is an app password, for which Stalwart asks for no second factor.", Evidence: []Evidence{formSaid(secret)}}, true
	case secret.Shape != probes.StalwartShapeOther:
		return Finding{Verdict: NotApplicable, Summary: "The secret is not the account's own password."}, true
	case s.Login != nil && s.Login.UsedOn == probes.ServiceWebmail:
		return Finding{Verdict: OK, Summary: "The secret is used in webmail, which asks for a second factor where there is one.", Evidence: []Evidence{formSaid(secret)}}, true
	}
	return Finding{}, false
}

// ownPasswordOnly: right or wrong, a password that is no app password is refused without the code.
func ownPasswordOnly(s *probes.Snapshot) Finding {
	f := Finding{Verdict: Problem, Confidence: Likely, Evidence: []Evidence{otpSaid(s), formSaid(secretOf(s))},
		Summary: "The account has a second factor, and the secret is no app password: a mail program is refused with it, right or wrong."}
	if overIMAP(s) {
		f.Confidence = Certain
	}
	return f
}

// secondFactorUntried: whoever has no app password may use webmail alone, and be in good health. The log tells of a mail program
// where the level of auth.mfa-required was raised; by default it is trace.
func secondFactorUntried(s *probes.Snapshot, u probes.StalwartUser) Finding {
	if look := stalwartLogLook(s); look != nil {
		return undetermined(look, whetherNeeded+" is not known: the log could not be read")
	}
	lines, elsewhere := deviceLines(s, probes.StalwartLogMFA, func(e probes.StalwartLogEvent) bool { return !strings.HasPrefix(e.Listener, "http") })
	switch {
	case len(lines) > 0:
		return device(s, Finding{Evidence: append(stalwartLogged(s.Account.Stalwart.Log, lines), otpSaid(s)),
			Summary: "A mail program of this user has the account's own password, and Stalwart wants a second factor with it: it needs an app password."}, elsewhere)
	case u.CredsKnown && len(appPasswordsOf(u, nil)) == 0:
		return Finding{Verdict: Notice, Confidence: Possible, Evidence: []Evidence{otpSaid(s), userSaid(s, "app passwords of the account", "none", "")},
			Summary: "The account has a second factor and no app password: whoever uses webmail alone needs none, a mail program does."}
	}
	return Finding{Verdict: OK, Summary: "The account has a second factor, and app passwords for mail programs.", Evidence: []Evidence{otpSaid(s)}}
}

func otpSaid(s *probes.Snapshot) Evidence {
	return userSaid(s, "otpAuth of the account's own password", "set", "")
}

func authenticationLook(s *probes.Snapshot) *probes.Look {
	look := probes.Look{Probe: probes.ProbeStalwart, What: "x:Authentication/get", Words: "which directory checks this account is not known"}
	if s.Stalwart != nil && s.Stalwart.Authentication != nil {
		look = s.Stalwart.Authentication.Look
	}
	return &look
}
