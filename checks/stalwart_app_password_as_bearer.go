package checks

import (
	"logindoctor.example/probes"
)

// StalwartAppPasswordAsBearer is one of the two kinds of secret in the place of the other: an app password is a password, an API
// key is a bearer token, and neither is taken for the other.
var StalwartAppPasswordAsBearer = &Check{
	ID: "stalwart-app-password-as-bearer", Group: GroupAppPassword, Title: "An app password as a bearer token, or an API key as a password",
	Doc: Doc{
		Says:  "Our script is refused with the same app password that works in my mail program. Or: I have a key that begins with API_, and the mail program refuses it.",
		Tells: "The form of the secret, which is looked at and sent nowhere, and where it is used. An API key in a mail program or in webmail is a problem. An app password on the API works with Basic authentication and not as a bearer token: how the program sends it cannot be seen, so that is a notice.",
		Mistaken: []string{
			"A deleted or expired app password: that one is refused everywhere.",
			"Kerio Connect's app passwords (app-password-on-api): its API takes none of them at all.",
		},
	},
	Source: append(appPasswordSource[:len(appPasswordSource):len(appPasswordSource)],
		Source{"Stalwart's documentation, API keys", "https://stalw.art/docs/auth/authentication/api-key"}),
	Needs: []*Need{AppPasswords}, Uses: []*Need{StalwartSecret},
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Use an app password where a password is asked for, and an API key where a bearer token is sent",
		Steps: []string{"Ask where the secret is entered: in a mail program, or in a script.",
			"For a mail program have the caller make an app password at /account.",
			"For a script send an app password with Basic authentication, or make an API key and send that as a bearer token."},
		Disruption: "none",
		DoNot:      []string{"Do not reset the account's password: neither kind of secret depends on it."},
	},
	Letter: Letter{
		Wrong: "The secret that is used there is a key for programs, and where it is used a password is asked for.",
		Do:    []string{"Make an app password on the page of your mail account, and enter it in place of the key."},
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      stalwartAppPasswordAsBearer,
}

func stalwartAppPasswordAsBearer(s *probes.Snapshot) Finding {
	secret, onAPI := secretOf(s), s.Login != nil && s.Login.UsedOn == probes.ServiceAPI
	switch {
	case secret == nil:
		return Finding{Verdict: NotApplicable, Summary: "No secret was given, so that its kind is not known."}
	case secret.AppPassword() && onAPI:
		return Finding{Verdict: Notice, Confidence: Possible, Evidence: []Evidence{formSaid(secret)},
			Summary: "The secret is an app password: on the API it works with Basic authentication, and not as a bearer token."}
	case secret.AppPassword():
		return Finding{Verdict: OK, Summary: "The secret is an app password, which Stalwart takes wherever a password is asked for.", Evidence: []Evidence{formSaid(secret)}}
	case secret.Shape == probes.StalwartShapeAPIKey && onAPI:
		return keyOnAPI(s, secret)
	case secret.Shape == probes.StalwartShapeAPIKey, secret.Like == probes.StalwartShapeAPIKey:
		return keyAsPassword(s, secret)
	}
	return Finding{Verdict: OK, Summary: "The secret is no app password and no API key.", Evidence: []Evidence{formSaid(secret)}}
}

// keyAsPassword: nobody said where it is used, or where a password is asked for.
func keyAsPassword(s *probes.Snapshot, secret *probes.StalwartSecret) Finding {
	f := Finding{Verdict: Problem, Confidence: Likely, Evidence: []Evidence{formSaid(secret)},
		Summary: "The secret is an API key, which Stalwart takes as a bearer token and never as a password."}
	switch a := acceptedHere(s); {
	case a != nil:
		return Finding{Verdict: OK, Summary: "The secret looks like an API key, and Stalwart accepts it as a password.", Evidence: append(f.Evidence, said(a))}
	case secret.Shape != probes.StalwartShapeAPIKey:
		f.Summary = "The secret looks like an API key that did not come whole, and Stalwart takes none as a password" + faultClause(secret.Faults) + "."
	case s.Login != nil && s.Login.UsedOn != 0:
		f.Confidence = Certain
	}
	return f
}

// keyOnAPI: the right kind of secret. Whether it is a good one is seen from the account's list, where it is this account's.
func keyOnAPI(s *probes.Snapshot, secret *probes.StalwartSecret) Finding {
	right := Finding{Verdict: OK, Summary: "The secret is an API key, the right kind for the API, where it is sent as a bearer token.", Evidence: []Evidence{formSaid(secret)}}
	u, unread, ok := accountRead(s, "whether the API key is a good one")
	if !ok {
		return unread
	}
	key := u.Credential(secret.CredentialID)
	f := Finding{Verdict: Notice, Confidence: Certain, Evidence: right.Evidence}
	switch {
	case secret.AccountID != u.ID:
		f.Evidence = append(f.Evidence, userSaid(s, "id of the account", u.ID, secret.AccountID))
		f.Summary = "The secret is an API key of another account than this one."
	case key == nil && u.CredsKnown:
		f.Evidence = append(f.Evidence, userSaid(s, "credentials", "without "+secret.CredentialID, ""))
		f.Summary = "The secret is an API key that is not, or no longer, one of this account's."
	case key == nil:
		return unreadCredential(s, "the list of credentials", "whether the API key is a good one")
	case key.Expired(judgedAt(s)) == probes.StalwartYes:
		f.Evidence = append(f.Evidence, expirySaid(s, key))
		f.Summary = "The secret is an API key that has expired."
	default:
		return right
	}
	return f
}
