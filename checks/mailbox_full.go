package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// MailboxFull is a mailbox at its quota. It stops mail, and no login.
var MailboxFull = &Check{
	ID: "mailbox-full", Group: GroupMail, Title: "The mailbox is full: new mail is refused",
	Doc: Doc{
		Says:  "Nothing new arrives any more; I think that my login is broken.",
		Tells: "Kerio's row of the user: the consumed size or the number of items has reached the user's own limit. Stalwart's account: usedDiskQuota has reached maxDiskQuota. A quota of the whole mail domain or tenant is not read. It keeps nobody from logging in, so that it is never more than a notice.",
		Mistaken: []string{
			"Any trouble with the login: a full mailbox can still be opened and read.",
			"A mailbox that cannot be opened (imap-mailbox-unavailable).",
		},
	},
	Source: []Source{{"User accounts: quota (Kerio MailServer, administrator's guide)", "https://yumpu.com/en/document/view/42899372/administrators-guide-kerio-software-archive/112"},
		{"Managing your online disk space and messages (Kerio Connect)", "http://centralit-helpdesk.co.uk/index.php?pg=kb.page&id=22"},
		{"Account: quotas (Stalwart's documentation)", "https://stalw.art/docs/ref/object/account"}},
	Needs: []*Need{mailbox},
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Have the caller make room in the mailbox",
		Steps: []string{"Have the caller delete what is not needed from Sent Items and Deleted Items, large attachments first, and then empty Deleted Items.",
			"If that is not enough, ask a mail administrator to raise the user's quota under Accounts > Users > {login} > Quota."},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password: a full mailbox refuses mail, and no login."},
	},
	Letter: Letter{
		Wrong: "Your mailbox is full: it takes no new mail.",
		Do: []string{"Delete what you do not need from Sent Items and Deleted Items, large attachments first, and then empty Deleted Items.",
			"If that is not enough, ask the helpdesk for more space."},
		Leave: []string{KeepPassword},
	},
	Run: mailboxFull,
}

// mailbox is what the mail server keeps of the mailbox's size.
var mailbox = &Need{Name: "the mailbox's size and limit (Users.get, x:Account)", Missing: "neither Kerio Connect nor Stalwart in the profile",
	configured: func(t *probes.Target) bool { return hasKerio(t) || onStalwart(t) },
	looks: func(s *probes.Snapshot) []*probes.Look {
		if onStalwart(&s.Target) {
			return StalwartUser.looks(s)
		}
		return KerioUser.looks(s)
	},
	hand: handAll(KerioUser, StalwartUser)}

func mailboxFull(s *probes.Snapshot) Finding {
	if onStalwart(&s.Target) {
		return fullAtStalwart(s)
	}
	user := s.Account.Kerio.User
	if f, ok := kerioFound(user); !ok {
		return f
	}
	u := user.Value
	evidence := []Evidence{
		{Fact: "consumedSize", Observed: bytesWords(u.SizeUsed), Expected: below(u.SizeLimit, bytesWords), Source: user.Source, At: user.At},
		{Fact: "consumedItems", Observed: fmt.Sprint(u.ItemsUsed), Expected: below(u.ItemLimit, func(n int64) string { return fmt.Sprint(n) }), Source: user.Source, At: user.At}}
	bySize, byItems := u.SizeLimit > 0 && u.SizeUsed >= u.SizeLimit, u.ItemLimit > 0 && u.ItemsUsed >= u.ItemLimit
	switch {
	case bySize || byItems:
		if !bySize {
			evidence = evidence[1:]
		} else if !byItems {
			evidence = evidence[:1]
		}
		return Finding{Verdict: Notice, Confidence: Certain, Evidence: evidence,
			Summary: fmt.Sprintf("%s's mailbox is full, so that new mail is refused; logins are not.", LoginName(s))}
	case u.SizeLimit <= 0 && u.ItemLimit <= 0:
		return Finding{Verdict: OK, Summary: "The mailbox has no quota of its own.", Evidence: evidence}
	}
	return Finding{Verdict: OK, Summary: "The mailbox is below its quota.", Evidence: evidence}
}

var stalwartRoom = Remedy{
	Do: "Have the caller make room in the mailbox",
	Steps: []string{"Have the caller delete what is not needed, large attachments first, and empty the trash.",
		"If that is not enough, ask a mail administrator to raise maxDiskQuota of the account."},
	Disruption: "none",
	DoNot:      []string{"Do not reset the password: a full mailbox refuses mail, and no login."},
}

func fullAtStalwart(s *probes.Snapshot) Finding {
	u, f, ok := stalwartFound(s, "whether the mailbox is full")
	if !ok {
		return f
	}
	evidence := []Evidence{userSaid(s, "usedDiskQuota", bytesWords(u.DiskUsed), below(u.DiskLimit, bytesWords))}
	switch {
	case u.DiskLimit > 0 && u.DiskUsed >= u.DiskLimit:
		return Finding{Verdict: Notice, Confidence: Certain, Evidence: evidence, Remedy: &stalwartRoom,
			Summary: fmt.Sprintf("%s's mailbox is full, so that new mail is refused; logins are not.", LoginName(s))}
	case u.DiskLimit <= 0:
		return Finding{Verdict: OK, Summary: "The mailbox has no quota of its own.", Evidence: evidence}
	}
	return Finding{Verdict: OK, Summary: "The mailbox is below its quota.", Evidence: evidence}
}

// below says what a count should stay under.
func below(limit int64, words func(int64) string) string {
	if limit <= 0 {
		return "no limit"
	}
	return "below " + words(limit)
}

// bytesWords gives a size as Kerio does, in steps of 1024.
func bytesWords(n int64) string {
	const step = 1024
	if n < step {
		return fmt.Sprintf("%d bytes", n)
	}
	units, size := []string{"KB", "MB", "GB", "TB", "PB", "EB"}, float64(n)/step
	for size >= step && len(units) > 1 {
		size, units = size/step, units[1:]
	}
	return fmt.Sprintf("%.1f %s", size, units[0])
}
