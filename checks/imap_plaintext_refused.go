package checks

import (
	"strings"

	"logindoctor.example/probes"
)

// IMAPPlaintextRefused is a client that does not use TLS.
var IMAPPlaintextRefused = &Check{
	ID: "imap-plaintext-refused", Group: GroupAccess, Title: "The mail program does not use TLS, and the server demands it",
	Doc: Doc{
		Says:  "I set up the account by hand, and it never worked; it is right in webmail.",
		Tells: "The server answers a login with PRIVACYREQUIRED or words to that effect; or Kerio's log says for this user that the authentication method is disabled, from an address of theirs. That the profile connects without TLS where the server says LOGINDISABLED is a notice: the mail program may do better.",
		Mistaken: []string{
			"A wrong password: no password was looked at.",
			"A blocked service: with TLS on the same account works.",
		},
	},
	Source: []Source{{"RFC 5530 §3, PRIVACYREQUIRED; RFC 9051 §6.2.3, LOGINDISABLED", "https://www.rfc-editor.org/rfc/rfc5530#section-3"},
		{"Dovecot 2.3, Cyrus 3.6 and Courier 5 without TLS; observed", ""}},
	Needs: []*Need{IMAPReach, IMAPCapabilities}, Uses: []*Need{Attempts, KerioSecurityLog, KerioAuditLog, KerioClock},
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Set the mail program to SSL/TLS on port 993, or to STARTTLS on port 143",
		Steps: []string{"Open the account's incoming server settings in the mail program.",
			"Choose SSL/TLS with port 993, and \"normal password\" as the method.", "Try again once."},
		Disruption: "none",
		DoNot:      []string{"Do not switch the demand for TLS off on the server: passwords would travel in the clear."},
	},
	Letter: Letter{
		Wrong: "Your mail program does not use the secure connection that the mail server asks for.",
		Do: []string{"In the mail program's settings for incoming mail choose \"SSL/TLS\" with port 993, and \"normal password\" as the method.",
			"Then try again once."},
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      imapPlaintextRefused,
}

func imapPlaintextRefused(s *probes.Snapshot) Finding {
	if a := refusal(s, probes.AttemptUser); a != nil && wantsTLS(a.IMAP) {
		return Finding{Verdict: Problem, Confidence: Certain, Evidence: []Evidence{saidBy(a)}, Summary: "The server takes this login only over TLS."}
	}
	if f, ok := methodRefused(s); ok {
		return f
	}
	if log, _ := kerioLogs(s); hasKerio(&s.Target) && !log.OK() {
		return undetermined(logLook(log, "Logs.get security"), "whether Kerio refuses the user's way to log in is not known: its security log could not be read")
	}
	caps := s.IMAP.Capabilities
	e := Evidence{Fact: "CAPABILITY", Observed: strings.Join(caps.Value, " "), Source: caps.Source, At: caps.At}
	if s.Target.IMAP.Security != probes.SecurityNone {
		return Finding{Verdict: OK, Summary: "The profile reaches the server over TLS, and no login is refused for want of it.", Evidence: []Evidence{e}}
	}
	for _, c := range caps.Value {
		if strings.EqualFold(c, "LOGINDISABLED") {
			return Finding{Verdict: Notice, Confidence: Possible, Evidence: []Evidence{e},
				Summary: "The profile reaches the server without TLS, and it takes no login so; whether the mail program does the same is not known."}
		}
	}
	return Finding{Verdict: OK, Summary: "The server does not demand TLS on this port.", Evidence: []Evidence{e}}
}

// methodRefused finds the newest line of Kerio's log that refuses this user a way to log in. Whoever tries out names
// leaves such lines too, so it counts where the user is known to come from that address.
func methodRefused(s *probes.Snapshot) (Finding, bool) {
	k := s.Account.Kerio
	if k == nil || !k.Log.OK() {
		return Finding{}, false
	}
	for i := len(k.Log.Value.Events) - 1; i >= 0; i-- {
		e := k.Log.Value.Events[i]
		if e.Kind != probes.LogMethodDisabled || e.Ours || !recentLine(s, e) || gotInSince(k, e) {
			continue
		}
		f := Finding{Verdict: Problem, Confidence: Likely, Evidence: logged(k.Log, []probes.KerioLogEvent{e}),
			Summary: "Kerio's log says that this user's mail program uses a way to log in that is switched off."}
		if !usersAddress(s, e.Address) {
			if !k.Audit.OK() {
				return whoseAddress(k.Audit, f), true
			}
			f.Verdict, f.Confidence = Notice, Possible
			f.Summary = "Kerio's log refuses a way to log in for this user's name, from an address that is not known to be the user's."
		}
		return f, true
	}
	return Finding{}, false
}
