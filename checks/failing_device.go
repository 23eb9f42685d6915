package checks

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"logindoctor.example/probes"
)

// FailingDevice is why an account locks again: something keeps sending a password that is not right. It is a notice beside the
// lock, never a cause.
var FailingDevice = &Check{
	ID: "failing-device", Group: GroupLocked, Title: "Something keeps sending a password that is not right",
	Doc: Doc{
		Says:  "It was unlocked this morning, and it is locked again.",
		Tells: "The refusals of this user in Kerio's security log, by address and protocol, since the directory last saw the password change, where a directory checks it. Three from one address are the least, or refusals from five addresses, the newest within a day. An address and protocol that has got in since is in order again. Five addresses from which the user never got in, or one that fails for three or more other people as well, look like guessing. Stalwart's log is read alike, by address and listener; it holds failed logins only where auth.failed was given a level that is logged.",
		Mistaken: []string{
			"A person who mistypes: that ends, or ends in a login that is accepted.",
			"A right password from an address that Stalwart does not allow it (security.ip-unauthorized): that is no wrong password.",
			"Somebody who guesses passwords: no device of the user's is to be looked for then.",
			"A phone in a mobile network, which changes its address: it fails for this one user only.",
		},
	},
	Source: []Source{{"Unlocking accounts for locked out users (GFI 360015198319)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015198319-Unlocking-Accounts-for-Locked-Out-Users-in-Kerio-Connect"},
		{"Protecting against password guessing attacks (GFI 114548)", "https://support.kerioconnect.gfi.com/article/114548-protecting-against-password-guessing-attacks"},
		{"Active Directory bad passwords and account lockout", "https://social.technet.microsoft.com/wiki/contents/articles/32490.active-directory-bad-passwords-and-account-lockout.aspx"},
		{"Events and their levels (Stalwart's documentation)", "https://stalw.art/docs/ref/events"}},
	Needs: []*Need{refusals}, Uses: with(mapping, KerioAuditLog, KerioClock, StalwartUser, StalwartLevels),
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Find the device behind the address in the evidence, and correct the password there before the account is unlocked",
		Steps: []string{"Ask the caller which phones, tablets, computers and printers have this mailbox, also old ones.",
			"Look up the address: the office's, the caller's home, a phone network.",
			"Switch mail off on that device, or enter the right password there.",
			"Then unlock the account, or wait until the lock has run out."},
		Disruption: "none",
		DoNot:      []string{"Do not only unlock the account: it locks again with the next attempts.", "Do not reset the password for this: one more device would have an old one."},
	},
	Letter: Letter{
		Wrong: "Something keeps trying to log in to your mail with a password that is not right.",
		Do: []string{"Tell the helpdesk which phones, tablets, computers and printers have your mail, also old ones.",
			"If one of them may have an old password, switch off mail on it or enter the right password there."},
		Leave: []string{KeepPassword},
	},
	Run: failingDevice,
}

// guessingRemedy: there is no device of the user's to be found.
var guessingRemedy = Remedy{
	Do: "Have the addresses in the evidence blocked where the network begins, and leave the user's devices in the office alone",
	Steps: []string{"If they fail for this one user only, ask first whether a phone in a mobile network has an old password.",
		"Hand the addresses and times to whoever looks after the network.",
		"See that Kerio's login guessing protection is on, under Configuration > Security.",
		"Ask whether IMAP, POP3 and SMTP logins have to be open to the whole internet."},
	Disruption: "none, as long as no address of the users' own is blocked",
	DoNot: []string{"Do not look for the user's phone: these addresses are most likely not the user's.",
		"Do not reset the password for this: it was not guessed as far as is seen, and the guessing goes on."},
}

const (
	deviceFailures   = 3 // the least from one address: a person mistypes twice
	guessedAddresses = 5 // from as many strangers' addresses no single device comes
	guessedUsers     = 3 // other people who fail from the same address
)

// sender is one address and protocol from which refusals come, and the program where the lines name one.
type sender struct {
	address, protocol, client string
	failed                    []time.Time // oldest first
	line                      Evidence    // the newest
}

func (d sender) newest() time.Time { return d.failed[len(d.failed)-1] }

// refusals is the log that holds the user's failed logins.
var refusals = &Need{Name: "the log of failed logins (Logs.get security, x:Log)", Missing: "neither Kerio Connect nor Stalwart in the profile",
	configured: func(t *probes.Target) bool { return hasKerio(t) || onStalwart(t) },
	looks: func(s *probes.Snapshot) []*probes.Look {
		if onStalwart(&s.Target) {
			return StalwartUserLog.looks(s)
		}
		return KerioSecurityLog.looks(s)
	},
	hand: handAll(KerioSecurityLog, StalwartUserLog)}

func failingDevice(s *probes.Snapshot) Finding {
	if onStalwart(&s.Target) {
		return failingAtStalwart(s)
	}
	log, audit := kerioLogs(s)
	t := timeOf(s, log)
	changed, evidence := passwordSet(s)
	if t.slack > 0 {
		changed, evidence = time.Time{}, nil // before and after cannot be told
	}
	senders := failingSenders(log, audit, changed, t.now.Add(-lineRecent-t.slack))
	attack := guessing(log, audit, senders)
	if len(senders) == 0 || fromAddress(senders, senders[0].address) < deviceFailures && attack.strangers < guessedAddresses {
		return noDevice(log, t, senders)
	}
	f := Finding{Verdict: Notice, Confidence: Likely, Evidence: append(senderEvidence(log.Look, senders), evidence...)}
	if !audit.OK() || t.slack > 0 {
		f.Confidence = Possible
	}
	if attack.evidence != nil {
		remedy := guessingRemedy
		f.Remedy, f.Owner, f.Evidence = &remedy, OwnerMailAdmin, append(f.Evidence, attack.evidence...)
		f.Summary = fmt.Sprintf("It looks as if somebody guesses %s's password: %s.", LoginName(s), allFailuresWords(senders))
		if !attack.others {
			f.Confidence = Possible // a phone in a mobile network changes its address, too
		}
		return f
	}
	f.Summary = fmt.Sprintf("Something keeps sending a wrong password for %s: %s%s.", LoginName(s), failuresWords(senders[0]), sinceChange(senders[0], log, t, changed))
	if !audit.OK() {
		f.Evidence = append(f.Evidence, Evidence{Fact: "audit log", Observed: "not read, so that it is not known whether it has got in since"})
	}
	return f
}

// noDevice: a mail program that is refused tries again within minutes, so the log has to reach back a while only.
func noDevice(log *probes.Observation[probes.KerioLog], t logTime, senders []sender) Finding {
	if look, ok := t.reaches(log, t.now.Add(-appPasswordSince)); !ok {
		return undetermined(look, "whether a device keeps sending a wrong password is not known: the part of the security log that was read is short")
	}
	n := 0
	for _, d := range senders {
		n += len(d.failed)
	}
	return Finding{Verdict: OK, Summary: "Nothing is seen to send a wrong password again and again.",
		Evidence: []Evidence{{Fact: "refusals with no success since from there", Observed: fmt.Sprintf("%d, senders: %d", n, len(senders)), Source: log.Source, At: log.At}}}
}

// failingSenders are those that were refused after the change, still are (their newest refusal is younger than since), and have
// not got in, most noise first.
func failingSenders(log, audit *probes.Observation[probes.KerioLog], changed, since time.Time) []sender {
	var all []sender
	for _, e := range log.Value.Events {
		if e.Ours || e.Address == "" || e.Kind != probes.LogInvalidPassword && e.Kind != probes.LogOnlyAppPasswords || !e.At.After(changed) {
			continue
		}
		i := slices.IndexFunc(all, func(d sender) bool {
			return d.address == e.Address && d.protocol == e.Protocol && d.client == e.Client
		})
		if i < 0 {
			i, all = len(all), append(all, sender{address: e.Address, protocol: e.Protocol, client: e.Client})
		}
		all[i].failed, all[i].line = append(all[i].failed, e.At), logged(log, []probes.KerioLogEvent{e})[0]
	}
	all = slices.DeleteFunc(all, func(d sender) bool { return d.newest().Before(since) || d.gotIn(audit) })
	for i := range all {
		all[i].client = all[i].program(audit)
	}
	return byNoise(all)
}

// byNoise puts those first from whose address most comes.
func byNoise(all []sender) []sender {
	noise := map[string]int{}
	for _, d := range all {
		noise[d.address] += len(d.failed)
	}
	slices.SortStableFunc(all, func(a, b sender) int {
		return cmp.Or(noise[b.address]-noise[a.address], len(b.failed)-len(a.failed))
	})
	return all
}

// gotIn says that this sender was let in after its newest refusal. Where both lines name a program, it has to be the same.
func (d sender) gotIn(audit *probes.Observation[probes.KerioLog]) bool {
	return audit.OK() && slices.ContainsFunc(audit.Value.Events, func(e probes.KerioLogEvent) bool {
		return e.Kind == probes.LogAuthenticated && !e.Ours && sameAddress(e.Address, d.address) && e.Protocol == d.protocol &&
			(e.Client == "" || d.client == "" || e.Client == d.client) && e.At.After(d.newest())
	})
}

func fromAddress(senders []sender, address string) (n int) {
	for _, d := range senders {
		if d.address == address {
			n += len(d.failed)
		}
	}
	return n
}

// guess is what tells an attack from a forgotten phone.
type guess struct {
	strangers int        // addresses from which the user never got in
	others    bool       // other people are tried from one of them as well
	evidence  []Evidence // nil: nothing tells of an attack
}

// guessing looks for an attack. An address from which the user got in at any time is the user's, whoever else fails there: an
// office has one address for many.
func guessing(log, audit *probes.Observation[probes.KerioLog], senders []sender) (g guess) {
	strangers := slices.DeleteFunc(addresses(senders), func(address string) bool {
		return audit.OK() && slices.ContainsFunc(audit.Value.Events, func(e probes.KerioLogEvent) bool {
			return e.Kind == probes.LogAuthenticated && !e.Ours && sameAddress(e.Address, address)
		})
	})
	if g.strangers = len(strangers); g.strangers >= guessedAddresses {
		g.evidence = append(g.evidence, Evidence{Fact: "addresses that fail for this user and never got in", Observed: fmt.Sprintf("%d", g.strangers), Source: log.Source, At: log.At})
	}
	for _, n := range log.Value.Neighbours {
		if n.Users >= guessedUsers && containsWord(strangers, n.Address) {
			g.others = true
			g.evidence = append(g.evidence, Evidence{Fact: n.Address, Observed: fmt.Sprintf("fails for %d other people as well, %d times", n.Users, n.Lines), Source: log.Source, At: log.At})
		}
	}
	return g
}

// addresses are the different ones among the senders.
func addresses(senders []sender) (all []string) {
	for _, d := range senders {
		if !containsWord(all, d.address) {
			all = append(all, d.address)
		}
	}
	return all
}

// senderEvidence tells each sender, the noisiest five, and the newest line of the first.
func senderEvidence(log probes.Look, senders []sender) (out []Evidence) {
	const most = 5
	for i, d := range senders {
		if i == most {
			out = append(out, Evidence{Fact: log.What, Observed: fmt.Sprintf("%d further senders", len(senders)-most), Source: log.Source, At: log.At})
			break
		}
		e := Evidence{Fact: "refusals from " + d.address, Observed: failuresWords(d), Source: log.Source, At: d.newest()}
		if d.client != "" {
			e.Observed += ", " + d.client
		}
		out = append(out, e)
	}
	return append(out, senders[0].line)
}

// program is what the sender called itself: with the refusals, or when it last got in.
func (d sender) program(audit *probes.Observation[probes.KerioLog]) string {
	if d.client != "" || !audit.OK() {
		return d.client
	}
	found := ""
	for _, e := range audit.Value.Events {
		if e.Kind == probes.LogAuthenticated && !e.Ours && sameAddress(e.Address, d.address) && e.Protocol == d.protocol && e.Client != "" {
			found = e.Client + " got in from there once"
		}
	}
	return found
}

// failuresWords: "192.0.2.44 over IMAP, 41 failures since …".
func failuresWords(d sender) string {
	words := d.address
	if d.protocol != "" {
		words += " over " + d.protocol
	}
	if len(d.failed) == 1 {
		return words + ", 1 failure at " + clock(d.newest())
	}
	return fmt.Sprintf("%s, %d failures since %s", words, len(d.failed), clock(d.failed[0]))
}

// allFailuresWords sums up what comes from several addresses.
func allFailuresWords(senders []sender) string {
	from := addresses(senders)
	if len(from) == 1 {
		return failuresWords(senders[0])
	}
	n, first := 0, senders[0].failed[0]
	for _, d := range senders {
		n += len(d.failed)
		if d.failed[0].Before(first) {
			first = d.failed[0]
		}
	}
	return fmt.Sprintf("%d failures from %d addresses since %s", n, len(from), clock(first))
}

// sinceChange says how soon after the change of password the failures began, where that is near and the log goes back so far.
func sinceChange(d sender, log *probes.Observation[probes.KerioLog], t logTime, changed time.Time) string {
	after := d.failed[0].Sub(changed)
	if _, ok := t.reaches(log, changed); changed.IsZero() || !ok || after > lately {
		return ""
	}
	switch {
	case after < 2*time.Minute:
		return ", at once after the password was changed"
	case after < 2*time.Hour:
		return fmt.Sprintf(", %d minutes after the password was changed", after/time.Minute)
	}
	return fmt.Sprintf(", %d hours after the password was changed", after/time.Hour)
}

// passwordSet is when the directory that checks this account's password last saw it change, by the server that knows of the
// latest change; zero where none tells.
func passwordSet(s *probes.Snapshot) (changed time.Time, evidence []Evidence) {
	if directoryChecks(s) != yes {
		return time.Time{}, nil
	}
	for _, d := range s.Account.Directory {
		fact, at := "pwdLastSet", (*time.Time)(nil)
		if ad := adEntry(d); ad != nil {
			at = ad.PwdLastSet
		} else if od := odEntry(d); od != nil {
			fact, at = "pwdChangedTime", od.Changed
		}
		if at != nil && at.After(changed) {
			changed, evidence = *at, []Evidence{{Fact: fact, Observed: stamp(*at), Source: d.Server, At: d.Entry.At}}
		}
	}
	return changed, evidence
}
