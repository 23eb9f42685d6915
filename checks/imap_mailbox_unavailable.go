package checks

import (
	"logindoctor.example/probes"
)

// IMAPMailboxUnavailable is a login that works and a mailbox that does not.
var IMAPMailboxUnavailable = &Check{
	ID: "imap-mailbox-unavailable", Group: GroupMail, Title: "The login succeeds and the mailbox cannot be opened",
	Doc: Doc{
		Says:  "It accepts my password, but then there is an error and no mail.",
		Tells: "The login is accepted, and opening INBOX read-only (EXAMINE) right after it is refused or breaks off.",
		Mistaken: []string{
			"A refused login (imap-login): the password is right here.",
			"A full mailbox: it can still be opened and read.",
		},
	},
	Source: []Source{{"RFC 5530 §3, SERVERBUG", "https://www.rfc-editor.org/rfc/rfc5530#section-3"},
		{"Dovecot 2.3 with an unreadable store, Cyrus 3.6 without a mailbox, Courier 5 without a store; observed", ""}},
	Needs: []*Need{IMAPReach}, Uses: []*Need{Attempts},
	Owner: OwnerMailAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Have the mail administrator look at the user's mailbox on the server",
		Steps: []string{"Hand on the server's words and the time from the evidence: the mail server's log says more at that moment.",
			"Look there for missing rights, a full disk, or a mailbox that was never made."},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password: it was accepted."},
	},
	Letter: Letter{
		Wrong: "The mail server accepts the login, but cannot open the mailbox.",
		Leave: []string{KeepPassword},
	},
	Run: imapMailboxUnavailable,
}

func imapMailboxUnavailable(s *probes.Snapshot) Finding {
	broken, canaryToo := brokenMailbox(s, probes.AttemptUser), brokenMailbox(s, probes.AttemptCanary)
	switch {
	case broken != nil && canaryToo != nil:
		return Finding{Verdict: Problem, Confidence: Certain, Scope: ScopeEveryone, Evidence: []Evidence{mailboxSaid(broken), mailboxSaid(canaryToo)},
			Summary: "The server accepts logins and opens no mailbox, the canary's included."}
	case broken != nil:
		return Finding{Verdict: Problem, Confidence: Certain, Evidence: []Evidence{saidBy(broken), mailboxSaid(broken)},
			Summary: "The server accepts the password and then cannot open the mailbox."}
	case canaryToo != nil && opened(s):
		return Finding{Verdict: Notice, Confidence: Likely, Evidence: []Evidence{mailboxSaid(canaryToo)},
			Summary: "The canary's mailbox cannot be opened; this user's can."}
	case canaryToo != nil:
		return Finding{Verdict: Problem, Confidence: Likely, Scope: ScopeEveryone, Evidence: []Evidence{mailboxSaid(canaryToo)},
			Summary: "The canary's login is accepted and its mailbox, which is known to be healthy, cannot be opened."}
	}
	user, canary := s.Login.Attempt(probes.AttemptUser, probes.ServiceIMAP), s.Login.Attempt(probes.AttemptCanary, probes.ServiceIMAP)
	switch {
	case user != nil && user.IMAP.Accepted() && byeAfterOK(user):
		return Finding{Verdict: NotApplicable, Summary: "The server ended the connection right after the login, so no mailbox was opened."}
	case user != nil && user.IMAP.Accepted():
		return mailboxOpened(user, "The mailbox can be opened.")
	case user != nil && user.Outcome != probes.Refused:
		return undetermined(&probes.Look{What: "IMAP login", Why: user.Why, Words: user.Reason, Source: user.Server, At: user.At}, "whether the mailbox can be opened is not known: no login was answered")
	case canary != nil && canary.IMAP.Accepted() && !byeAfterOK(canary):
		return mailboxOpened(canary, "The canary's mailbox can be opened; this user's was not tried.")
	}
	return Finding{Verdict: NotApplicable, Summary: "No login was accepted, so no mailbox was opened."}
}

// opened says that the user's own mailbox was opened.
func opened(s *probes.Snapshot) bool {
	a := s.Login.Attempt(probes.AttemptUser, probes.ServiceIMAP)
	return a != nil && a.IMAP.Accepted() && a.IMAP.Select != nil && a.IMAP.Select.Status == probes.IMAPOK
}

// mailboxOpened is the answer after an accepted login whose mailbox is not known to be broken.
func mailboxOpened(a *probes.Attempt, summary string) Finding {
	look := &probes.Look{What: "EXAMINE INBOX", Why: probes.Unclear, Source: a.Server, At: a.At}
	switch sel := a.IMAP.Select; {
	case sel == nil:
		return undetermined(look, "the login is accepted, and the mailbox was not opened")
	case sel.Status == probes.IMAPOK:
		return Finding{Verdict: OK, Summary: summary, Evidence: []Evidence{mailboxSaid(a)}}
	case sel.Status == probes.IMAPNoAnswer:
		look.Why = probes.Timeout
	}
	return undetermined(look, "opening the mailbox was not answered, or not in IMAP")
}

// storeTrouble says that the server's last words after the login are about the mailbox.
func storeTrouble(a *probes.Attempt) bool { return byeAfterOK(a) && says(a.IMAP, storeWords) }

// brokenMailbox is the accepted login of who after which INBOX could not be opened. A server that closes with words of
// its own right after the login refuses the login, and not the mailbox.
func brokenMailbox(s *probes.Snapshot, who probes.Who) *probes.Attempt {
	a := s.Login.Attempt(who, probes.ServiceIMAP)
	if a == nil || !a.IMAP.Accepted() || a.IMAP.Select == nil || byeAfterOK(a) && !storeTrouble(a) {
		return nil
	}
	switch a.IMAP.Select.Status {
	case probes.IMAPNO, probes.IMAPBAD, probes.IMAPClosed, probes.IMAPBYE:
		return a
	}
	return nil
}

func mailboxSaid(a *probes.Attempt) Evidence {
	fact := "EXAMINE INBOX"
	if a.Who == probes.AttemptCanary {
		fact += " of the canary"
	}
	sel := probes.IMAPOutcome{Status: a.IMAP.Select.Status, Code: a.IMAP.Select.Code, Words: a.IMAP.Select.Words}
	return Evidence{Fact: fact, Observed: sel.Said(), Expected: "OK", Source: a.Server, At: a.At}
}
