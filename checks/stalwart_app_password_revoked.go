package checks

import (
	"strings"

	"logindoctor.example/probes"
)

// StalwartAppPasswordRevoked is an app password that names none of the account's credentials.
var StalwartAppPasswordRevoked = &Check{
	ID: "stalwart-app-password-revoked", Group: GroupAppPassword, Title: "The app password is none of the account's: deleted, or another account's",
	Doc: Doc{
		Says:  "I tidied up my app passwords yesterday, and now the tablet cannot log in.",
		Tells: "An app password of Stalwart's bears the number of its credential. That number is read from its text, which is sent nowhere, and looked up in the account's list: it is not there. Without a secret, the log's \"Credential not found for account\" tells the same of a device, where that is logged.",
		Mistaken: []string{
			"A wrong password: to an app password the own one is not looked at, and no reset changes that.",
			"A mistyped app password that names an existing one (stalwart-app-password-mangled).",
			"An app password of another account: its number may by chance be that of one of this account's, and then it reads as mistyped.",
		},
	},
	Source: appPasswordSource,
	Needs:  []*Need{AppPasswords}, Uses: []*Need{StalwartSecret, StalwartUserLog},
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Have the caller make a new app password for this device",
		Steps: append([]string{"Ask whether the app password was made for this mail account, and not for another one of the caller's; if the caller still has it, compare its first characters."},
			makeAnother...),
		Disruption: "none",
		DoNot: []string{"Do not reset the account's password: this device uses an app password.",
			"Do not try it again: each try counts towards a ban of the address."},
	},
	Letter: Letter{
		Wrong: "The app password that your device uses is not, or no longer, one of this mail account's.",
		Do:    letterAnother,
		Leave: []string{KeepPassword, "Do not keep trying the old one."},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      stalwartAppPasswordRevoked,
}

const whetherRevoked = "whether the app password is one of the account's"

func stalwartAppPasswordRevoked(s *probes.Snapshot) Finding {
	if secret := secretOf(s); secret != nil && !secret.AppPassword() {
		return Finding{Verdict: NotApplicable, Summary: "The secret that was given is no app password."}
	}
	u, f, ok := accountRead(s, whetherRevoked)
	if !ok {
		return f
	}
	used, given := appPasswordGiven(s, u)
	switch a := acceptedHere(s); {
	case !given:
		return revokedInUse(s, u)
	case used != nil:
		return Finding{Verdict: OK, Summary: sentence(credentialName(used) + " is one of the account's"),
			Evidence: []Evidence{userSaid(s, "credentials", "hold "+used.ID, "")}}
	case a != nil:
		return Finding{Verdict: OK, Summary: "Stalwart accepts the app password, which was made after the look.", Evidence: []Evidence{said(a)}}
	case !u.CredsKnown:
		return unreadCredential(s, "the list of credentials", whetherRevoked)
	}
	return Finding{Verdict: Problem, Confidence: Certain, Evidence: []Evidence{idsSaid(s, u, secretOf(s).CredentialID)},
		Summary: "The app password is none of this account's: it was deleted, belongs to another account, or is mistyped in its first characters."}
}

// idsSaid are the app passwords that there are, beside the one that was looked for.
func idsSaid(s *probes.Snapshot, u probes.StalwartUser, id string) Evidence {
	var ids []string
	for _, c := range appPasswordsOf(u, nil) {
		ids = append(ids, c.ID)
	}
	if len(ids) == 0 {
		return userSaid(s, "app passwords of the account", "none", id)
	}
	return userSaid(s, "app passwords of the account", strings.Join(ids, ", "), id)
}

// revokedInUse is what the log tells of a device, where no secret was given. A refusal by the HTTP cache is written by default,
// the plain one is not.
func revokedInUse(s *probes.Snapshot, u probes.StalwartUser) Finding {
	if look := stalwartLogLook(s); look != nil {
		return undetermined(look, "whether a device uses a deleted app password is not known: the log could not be read")
	}
	gone := func(e probes.StalwartLogEvent) bool {
		absent := e.CredentialID != "" && u.Credential(e.CredentialID) == nil
		return absent && containsAny(e.Reason, []string{"credential not found for account", "credential expired or removed"})
	}
	for _, kind := range []probes.StalwartLogKind{probes.StalwartLogFailed, probes.StalwartLogUnauthorized} {
		lines, elsewhere := deviceLines(s, kind, gone)
		switch {
		case len(lines) == 0:
		case !u.CredsKnown:
			return unreadCredential(s, "the list of credentials", whetherRevoked)
		default:
			return device(s, Finding{Summary: "A device uses an app password that is none of this account's: it was deleted, or is another account's.",
				Evidence: append(stalwartLogged(s.Account.Stalwart.Log, lines), idsSaid(s, u, lines[len(lines)-1].CredentialID))}, elsewhere)
		}
	}
	return Finding{Verdict: NotApplicable, Summary: "No app password was given, and the log shows no device with a deleted one."}
}
