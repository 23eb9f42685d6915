package checks

import (
	"slices"
	"strings"

	"logindoctor.example/probes"
)

// StalwartAppPasswordMangled is an app password that was cut, wrapped or mistyped on its way.
var StalwartAppPasswordMangled = &Check{
	ID: "stalwart-app-password-mangled", Group: GroupAppPassword, Title: "The app password was cut short, wrapped or mistyped",
	Doc: Doc{
		Says:  "I copied the app password into the phone, and it says wrong password.",
		Tells: "The form of the secret, which is looked at and sent nowhere: nearly an app password, with what is wrong named. Stalwart takes such a text for the account's own password. Or a whole app password that names one of the account's, and to which Stalwart says \"Authentication failed\": a character inside is not right.",
		Mistaken: []string{
			"A wrong password: Stalwart says the same words, but no reset of the account's password mends a text that was cut.",
			"A deleted app password (stalwart-app-password-revoked): it is whole, and not in the account's list.",
			"The app password of another account that happens to have the same number: it reads as mistyped.",
		},
	},
	Source: []Source{{stalwartAtAuth, ""}, {"Stalwart's source at d72608f3 (0.16.19-dev), crates/utils/src/codec/base32_custom.rs; read, not run", ""},
		{"stalwartlabs/stalwart issue 3241, the untagged refusal of an app password", "https://github.com/stalwartlabs/stalwart/issues/3241"}},
	Needs: []*Need{AppPasswords}, Uses: []*Need{StalwartSecret, StalwartUserLog},
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Have the caller copy the whole app password again, or make a new one",
		Steps: []string{"Ask whether the caller still has the app password as it was shown; the server shows it only once.",
			"If so, have the caller copy it whole, without anything before, behind or within it.",
			"If not, have the caller sign in at /account, open App Passwords and make a new one for this device."},
		Disruption: "none",
		DoNot: []string{"Do not reset the account's password: this device uses an app password.",
			"Do not guess at what is missing: each try counts towards a ban of the address."},
	},
	Letter: Letter{
		Wrong: "The app password did not reach your device as it was made: something is missing, added or changed.",
		Do: []string{"If you still have the app password, copy it again as a whole, with nothing before or behind it.",
			"If you do not have it any more, make a new one on the page of your mail account and enter that."},
		Leave: []string{KeepPassword, "Do not keep trying the old one."},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      stalwartAppPasswordMangled,
}

const whetherMangled = "whether the app password is mistyped"

func stalwartAppPasswordMangled(s *probes.Snapshot) Finding {
	secret := secretOf(s)
	switch {
	case secret == nil:
		return mangledInUse(s)
	case secret.Shape == probes.StalwartShapeMangled && secret.Like != probes.StalwartShapeAPIKey:
		return mangledForm(s, secret)
	case secret.AppPassword():
		return mangledInside(s, secret)
	}
	return Finding{Verdict: NotApplicable, Summary: "The secret that was given is no app password, whole or not."}
}

func mangledForm(s *probes.Snapshot, secret *probes.StalwartSecret) Finding {
	f := Finding{Verdict: Problem, Confidence: Likely, Evidence: []Evidence{formSaid(secret)},
		Summary: "The secret looks like an app password that did not come whole" + faultClause(secret.Faults) + "."}
	if a := acceptedHere(s); a != nil {
		return Finding{Verdict: OK, Summary: "The secret looks like a damaged app password, and Stalwart accepts it as a password.", Evidence: append(f.Evidence, said(a))}
	}
	return f
}

// mangledInside: the text names a credential, and what follows its number is not that credential's.
func mangledInside(s *probes.Snapshot, secret *probes.StalwartSecret) Finding {
	if a := acceptedHere(s); a != nil {
		return Finding{Verdict: OK, Summary: "Stalwart accepts the app password.", Evidence: []Evidence{said(a)}}
	}
	failed := either(refusedSaying(s, failedWords), refusedHTTP(s, probes.StalwartUnauthorized))
	never := slices.Contains(secret.Faults, probes.StalwartFaultNeverIssued)
	if failed == nil && !never {
		return Finding{Verdict: OK, Summary: "The app password has the form in which they are made.", Evidence: []Evidence{formSaid(secret)}}
	}
	u, f, ok := accountRead(s, whetherMangled)
	used, _ := appPasswordGiven(s, u)
	switch {
	case failed == nil:
		return Finding{Verdict: Notice, Confidence: Possible, Evidence: []Evidence{formSaid(secret)},
			Summary: "The app password may be mistyped" + faultClause(secret.Faults) + "."}
	case !ok:
		f.Evidence = append(f.Evidence, said(failed))
		return f
	case used == nil && u.CredsKnown:
		return Finding{Verdict: NotApplicable, Summary: "The app password that was given is not among the account's.", Evidence: []Evidence{said(failed)}}
	case used == nil:
		return unreadCredential(s, "the list of credentials", whetherMangled)
	}
	return Finding{Verdict: Problem, Confidence: Likely,
		Evidence: []Evidence{said(failed), userSaid(s, "credentials", "hold "+used.ID, ""), formSaid(secret)},
		Summary:  sentence("the secret names " + credentialName(used) + ", and Stalwart does not know the rest: it is mistyped, or another account's")}
}

// mangledInUse is what the log tells of a device, where no secret was given.
func mangledInUse(s *probes.Snapshot) Finding {
	u, f, ok := accountRead(s, whetherMangled)
	if !ok {
		return f
	}
	if look := stalwartLogLook(s); look != nil {
		return undetermined(look, "whether a device has a mistyped app password is not known: the log could not be read")
	}
	lines, elsewhere := deviceLines(s, probes.StalwartLogFailed, func(e probes.StalwartLogEvent) bool {
		return u.Credential(e.CredentialID) != nil && containsAny(e.Reason, []string{"invalid credential secret"})
	})
	if len(lines) == 0 {
		return Finding{Verdict: NotApplicable, Summary: "No app password was given, and the log shows no device with a mistyped one."}
	}
	return device(s, Finding{Evidence: stalwartLogged(s.Account.Stalwart.Log, lines),
		Summary: "A device uses a text that names an app password of this account and is not it: mistyped, or another account's."}, elsewhere)
}

func formSaid(secret *probes.StalwartSecret) Evidence {
	return Evidence{Fact: "form of the secret", Observed: secret.Shape.String() + faultClause(secret.Faults)}
}

var faultSays = map[probes.StalwartFault]string{
	probes.StalwartFaultTail:        "something stands behind it",
	probes.StalwartFaultCase:        "it has capitals, which none is made with",
	probes.StalwartFaultSeparator:   "its beginning is followed by another character than the usual one",
	probes.StalwartFaultNeverIssued: "it ends in a character that none ends in",
	probes.StalwartFaultLead:        "something stands before it, a space for instance",
	probes.StalwartFaultPrefixCase:  "its beginning has a capital",
	probes.StalwartFaultPrefix:      "its beginning is missing",
	probes.StalwartFaultSpaces:      "there are spaces or hyphens within it",
	probes.StalwartFaultShort:       "characters are missing",
	probes.StalwartFaultLong:        "there are too many characters",
	probes.StalwartFaultCharacter:   "a character stands in it that none has",
}

// faultClause says what is wrong with a secret, and nothing of its text.
func faultClause(faults []probes.StalwartFault) string {
	if len(faults) == 0 {
		return ""
	}
	words := make([]string, len(faults))
	for i, f := range faults {
		words[i] = faultSays[f]
	}
	return ": " + strings.Join(words, "; ")
}
