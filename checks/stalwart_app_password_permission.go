package checks

import (
	"fmt"
	"strings"

	"logindoctor.example/probes"
)

// StalwartAppPasswordPermission is an app password whose own list takes away what its place asks for. What the account itself
// lacks is another matter: nothing is wrong with the app password then.
var StalwartAppPasswordPermission = &Check{
	ID: "stalwart-app-password-permission", Group: GroupAppPassword, Title: "The app password may not be used for this",
	Doc: Doc{
		Says:  "The app password that I made for the calendar does not work in my mail program.",
		Tells: "The app password's own list of permissions (Disable: those that it lacks; Replace: all that it has) against what the place asks for: authenticate everywhere, imapAuthenticate besides over IMAP. Without a secret, the log line security.unauthorized, which is written by default, names the permission that a device lacked.",
		Mistaken: []string{
			"A permission that the account or its role lacks: a new app password lacks it too.",
			"The account's own password past its date: that one keeps authenticate, and loses imapAuthenticate in the same words.",
			"An address that is not allowed: over IMAP that closes the connection without a word as well.",
		},
	},
	Source: []Source{{stalwartAtAuth, ""}, {appPasswordDocs, appPasswordPage},
		{"Stalwart's source at d72608f3 (0.16.19-dev), crates/imap/src/op/authenticate.rs; read, not run", ""}},
	Needs: []*Need{AppPasswords}, Uses: append(stalwartRights[:len(stalwartRights):len(stalwartRights)], StalwartUserLog),
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Have the caller make an app password for this device that may be used for mail",
		Steps: []string{makeAnother[0], "Make a new one for this device, with the permissions inherited from the account.",
			"Enter it on the device in place of the old one."},
		Disruption: "none",
		DoNot: []string{"Do not reset the account's password: this device uses an app password.",
			"Do not widen the old one if another program uses it: it was limited on purpose."},
	},
	Letter: Letter{
		Wrong: "The app password on your device was made for something else, and may not be used for this.",
		Do:    letterAnother,
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      stalwartAppPasswordPermission,
}

const whetherPermission = "whether the app password may be used for this"

func stalwartAppPasswordPermission(s *probes.Snapshot) Finding {
	u, f, ok := accountRead(s, whetherPermission)
	if !ok {
		return f
	}
	used, given := appPasswordGiven(s, u)
	switch {
	case secretOf(s) == nil:
		return permissionOfAny(s, u)
	case used != nil:
		return permissionOfUsed(s, u, used)
	case given && !u.CredsKnown:
		return unreadCredential(s, "the list of credentials", whetherPermission)
	}
	return Finding{Verdict: NotApplicable, Summary: "The secret that was given is none of the account's app passwords."}
}

func permissionOfUsed(s *probes.Snapshot, u probes.StalwartUser, used *probes.StalwartCredential) Finding {
	name, list := credentialName(used), []Evidence{grantSaid(s, used)}
	login, mail := used.Excludes(probes.StalwartMayLogin), used.Excludes(probes.StalwartMayIMAP)
	imap := s.Login.Attempt(probes.AttemptUser, probes.ServiceIMAP)
	words, loud := loudRefusal(s)
	switch in := acceptedHere(s); {
	case imap != nil && accepted(imap), !usedOverMail(s) && in != nil:
		return Finding{Verdict: OK, Summary: "Stalwart accepts the app password where it is used.", Evidence: append(list, said(in))}
	case login == probes.StalwartYes:
		return Finding{Verdict: Problem, Confidence: Certain, Evidence: list, Summary: sentence(name + " may not log in anywhere: its own list leaves out " + probes.StalwartMayLogin)}
	case mail == probes.StalwartYes && usedOverMail(s):
		f := Finding{Verdict: Problem, Confidence: Likely, Evidence: list, Summary: sentence(name + " may not log in over IMAP: its own list leaves out " + probes.StalwartMayIMAP)}
		if overIMAP(s) || closedMute(s) != nil {
			f.Confidence = Certain
		}
		return f
	case login == probes.StalwartUnknown && words == probes.StalwartMayLogin && s.Stalwart.Right(u, nil, probes.StalwartMayLogin).Answer == probes.StalwartYes:
		return Finding{Verdict: Problem, Confidence: Likely, Evidence: append(list, loud),
			Summary: "Stalwart says that the app password may not log in, and the account itself may."}
	case login == probes.StalwartUnknown:
		return unreadCredential(s, "the permissions of "+name, whetherPermission)
	}
	return Finding{Verdict: OK, Summary: sentence(name + "'s own list takes nothing away that its place asks for"), Evidence: list}
}

// permissionOfAny: the log names the permission that a device lacked, and not with which credential. It is an app password's
// doing only where the list of one takes that away.
func permissionOfAny(s *probes.Snapshot, u probes.StalwartUser) Finding {
	f := Finding{Confidence: Certain, Verdict: Notice}
	look := stalwartLogLook(s)
	var dead []*probes.StalwartCredential
	unread := !u.CredsKnown
	limited := false
	for _, permission := range []string{probes.StalwartMayLogin, probes.StalwartMayIMAP, probes.StalwartMayPOP3} {
		lines, elsewhere := deviceLines(s, probes.StalwartLogUnauthorized, func(e probes.StalwartLogEvent) bool { return e.Details == permission })
		for _, c := range appPasswordsOf(u, nil) {
			excludes := c.Excludes(permission)
			unread = unread || excludes == probes.StalwartUnknown
			limited = limited || excludes == probes.StalwartYes
			switch {
			case excludes != probes.StalwartYes:
			case len(lines) > 0:
				return permissionInUse(s, u, c, permission, lines, elsewhere)
			case permission == probes.StalwartMayLogin:
				dead = append(dead, c)
				f.Evidence = append(f.Evidence, grantSaid(s, c))
			}
		}
	}
	switch {
	case unread:
		return unreadCredential(s, "the permissions of an app password", whetherPermission)
	case limited && look != nil:
		return undetermined(look, "whether a device uses an app password that is limited is not known: the log could not be read")
	case len(dead) > 0:
		f.Summary = fmt.Sprintf("Of no use, since they may not log in anywhere, and not seen in use: %s.", credentialNames(dead))
		return f
	}
	return Finding{Verdict: OK, Summary: "No app password is seen to be used for what it may not be used for."}
}

func permissionInUse(s *probes.Snapshot, u probes.StalwartUser, c *probes.StalwartCredential, permission string, lines []probes.StalwartLogEvent, elsewhere bool) Finding {
	f := device(s, Finding{Evidence: append(stalwartLogged(s.Account.Stalwart.Log, lines), grantSaid(s, c)),
		Summary: fmt.Sprintf("Stalwart turned a device of this user away for want of %s, which the list of %s leaves out.", permission, credentialName(c))}, elsewhere)
	if permission != probes.StalwartMayLogin && u.Password().Expired(judgedAt(s)) == probes.StalwartYes {
		f.Verdict, f.Confidence = Notice, Possible // the own password past its date lacks it too
	}
	return f
}

func grantSaid(s *probes.Snapshot, c *probes.StalwartCredential) Evidence {
	const most = 8 // a list may hold hundreds
	observed := c.Mode.String()
	if len(c.List) > 0 {
		observed += ": " + strings.Join(c.List[:min(most, len(c.List))], ", ")
	}
	if more := len(c.List) - most; more > 0 {
		observed += fmt.Sprintf(" and %d more", more)
	}
	return credentialSaid(s, c, "permissions", observed, "")
}
