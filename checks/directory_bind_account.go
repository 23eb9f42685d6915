package checks

import (
	"fmt"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// DirectoryBindAccount is the account itself that the mail server binds with.
var DirectoryBindAccount = &Check{
	ID: "directory-bind-account", Group: GroupBind, Title: "The mail server's own account in the directory is not in order",
	Doc: Doc{
		Says:  "Since this morning nobody of the office domain can log in to mail; the PCs are fine.",
		Tells: "The attributes of the account that the mail server binds with, on every directory server: locked, disabled, past its date, password expired or to be changed; or the sub-code of a bind with the profile's password. With Stalwart also the sub-code of a refused bind in its log; the attributes count only where the profile names the account that Stalwart binds as.",
		Mistaken: []string{
			"A stale password (directory-bind-stale): there the account is in order. A stale password that is tried again and again may lock the account, so look for both.",
			"A directory that does not answer (directory-unreachable).",
		},
	},
	Source: []Source{{"Connecting Kerio Connect to directory services (GFI 360015200539)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015200539-Connecting-Kerio-Connect-to-Directory-Services"},
		{"Ordinary logins lock the bind account after several changes of its password; observed on Samba 4.17 and Dovecot 2.3", ""},
		{"Stalwart's source at d72608f3 (0.16.19-dev), crates/directory/src/backend/ldap/pool.rs; read, not run", "https://github.com/stalwartlabs/stalwart"}},
	Needs: []*Need{bindAccountTold}, Uses: with(mapping, with(ldapLooks, BindAccount, BindTest)...),
	Owner: OwnerDirectoryAdmin, Scope: ScopeDomain,
	Remedy: bindAccountRemedy,
	Letter: Letter{
		Wrong: "The mail server cannot look up passwords in your company's directory: its own account there is not in order.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, IMAPUnavailable, WrongPassword},
	Outlasts: []*Check{DirectoryBindStale},
	Run:      directoryBindAccount,
}

// bindAccountTold is the directory, or what Stalwart's own log says of its account there.
var bindAccountTold = &Need{Name: "the directory, or Stalwart's word of it", Missing: noDirectory,
	configured: func(t *probes.Target) bool { return hasDirectory(t) || onStalwart(t) },
	looks:      func(s *probes.Snapshot) []*probes.Look { return append(tried(s), stalwartDirectoryLooks(s)...) },
	hand:       handAll(DirectoryReach, stalwartDirectory)}

var bindAccountRemedy = Remedy{
	Do: "Put the mail server's account in the directory in order",
	Steps: []string{"Look in the evidence for what is wrong with the account, and undo it.",
		"Compare the password that the mail server holds for the account with the present one.",
		"Have one user log in."},
	Disruption: "none",
	DoNot: []string{"Do not reset the users' passwords: they are not at fault.",
		"Do not let the account's password expire without somebody who enters the new one on the mail server."},
}

func directoryBindAccount(s *probes.Snapshot) Finding {
	if onStalwart(&s.Target) {
		if f, settled := accountAtStalwart(s); settled {
			return forStalwart(s, f)
		}
	}
	b := mailServerAccount(s)
	onlyMissing := b.missing && len(b.faults) == 1
	switch {
	case len(b.faults) > 0 && !(onlyMissing && b.accepted != nil):
		f := Finding{Verdict: Problem, Confidence: Certain, Evidence: b.evidence, Remedy: b.remedy(),
			Summary: fmt.Sprintf("The account that the mail server uses in the directory (%s) %s.", b.name, strings.Join(b.faults, " and "))}
		if onlyMissing {
			f.Confidence = Likely
		}
		return aboutDirectory(s, f)
	case b.accepted != nil:
		return Finding{Verdict: OK, Summary: "The directory accepts the account that the mail server uses.", Evidence: []Evidence{*b.accepted}}
	case b.unnamed:
		return Finding{Verdict: NotApplicable, Summary: "The profile does not name the account that the mail server binds with."}
	case b.unread != nil:
		return whereChecked(s, *b.unread)
	}
	return Finding{Verdict: OK, Summary: "The account that the mail server uses in the directory is in order.", Evidence: b.evidence}
}

// bindAccount is what all servers together show of the mail server's account.
type bindAccount struct {
	name     string
	unnamed  bool // nobody says which account it is
	missing  bool // the fault is that there is no such entry
	faults   []string
	commands []string
	evidence []Evidence
	accepted *Evidence // our bind as the account was accepted
	unread   *Finding  // the answer where no fault was seen
}

func mailServerAccount(s *probes.Snapshot) bindAccount {
	b := bindAccount{name: bindName(s)}
	b.unnamed = b.name == ""
	for i := range s.Directory {
		d := &s.Directory[i]
		b.readEntry(s, d)
		b.readBind(d)
	}
	return b
}

func (b *bindAccount) readEntry(s *probes.Snapshot, d *probes.DirectoryServer) {
	const whether = "whether the mail server's account in the directory is in order"
	o := d.BindAccount
	if !o.OK() {
		look := lookOf(o)
		if look == nil {
			look = &probes.Look{What: "read the bind account", Why: probes.Unclear, Source: d.URL}
			if l := reachLook(probes.ProbeDirectory, d.Reach); l != nil && l.Why != probes.Seen {
				look = l
			}
		}
		b.notRead(undetermined(look, whether+" is not known of every directory server"))
		return
	}
	b.unnamed = false
	now, look := seenAt(s, o.At), o.Look
	switch {
	case len(o.Value.Matches) == 0:
		b.fault("does not exist", "", Evidence{Fact: "bind account", Observed: "no entry " + b.name, Source: o.Source, At: o.At})
		b.missing = true
	case o.Value.AD != nil:
		for _, k := range adStates {
			b.take(k.is, k.command, k.read(o.Value.AD, now), look, whether)
		}
	case o.Value.OD != nil:
		for _, k := range []struct {
			is   string
			read func(*probes.ODAccount, time.Time) reading
		}{{"is locked", odLocked}, {"has an expired password", odExpired}, {"has to change its password", odMustChange}, {"is outside its dates", odDates}, {"is disabled", odDisabledByPolicy}} {
			b.take(k.is, "", k.read(o.Value.OD, now), look, whether)
		}
	default:
		look.Why = probes.NotPermitted
		b.notRead(undetermined(&look, whether+" is not known: the reader may not see its attributes"))
	}
}

// odDisabledByPolicy is a record that Apple's policy disabled for a reason that no other question here asks for.
func odDisabledByPolicy(od *probes.ODAccount, _ time.Time) reading {
	if od.Apple == nil || !od.Apple.IsDisabled {
		return reading{holds: no}
	}
	switch od.Apple.DisableReason {
	case probes.ODDisabledByFailures, probes.ODDisabledExpired, probes.ODNewPasswordRequired:
		return reading{holds: no}
	}
	return reading{holds: yes, facts: []Evidence{appleSaid(od.Apple)}}
}

func (b *bindAccount) take(is, command string, r reading, look probes.Look, whether string) {
	facts := sourced(r.facts, look.Source, look.At)
	switch r.holds {
	case yes:
		b.fault(is, command, facts...)
	case unknown:
		if look.Why = r.why; r.why == probes.Seen {
			look.Why = probes.NotPermitted
		}
		b.notRead(undetermined(&look, whether+" is not known: the reader may not see all of its attributes"))
	}
}

// readBind takes the word of our own bind with the account: some answers name the fault.
func (b *bindAccount) readBind(d *probes.DirectoryServer) {
	if !d.BindTest.OK() {
		return
	}
	o := d.BindTest.Value
	e := Evidence{Fact: "bind with the profile's password for the mail server", Observed: bindWords(&o), Expected: "0", Source: d.BindTest.Source, At: d.BindTest.At}
	if o.Result == probes.LDAPSuccess && (o.PPolicy == nil || o.PPolicy.Error == probes.PPolicyNone) {
		b.accepted = &e
	}
	for _, k := range adStates {
		if k.code != 0 && o.Subcode == k.code {
			b.fault(k.is, k.command, e)
		}
	}
	if o.Subcode == probes.SubcodeUnknownUser {
		b.fault("does not exist", "", e)
		b.missing = true
	}
	if o.PPolicy != nil {
		if is := map[probes.PPolicyError]string{probes.PPolicyLocked: "is locked", probes.PPolicyExpired: "has an expired password",
			probes.PPolicyChangeAfterReset: "has to change its password"}[o.PPolicy.Error]; is != "" {
			e.Observed += " (" + o.PPolicy.Error.String() + ")"
			b.fault(is, "", e)
		}
	}
}

func (b *bindAccount) fault(is, command string, evidence ...Evidence) {
	if len(b.faults) == 0 {
		b.evidence = nil
	}
	b.evidence = append(b.evidence, evidence...)
	for _, f := range b.faults {
		if f == is {
			return
		}
	}
	b.faults = append(b.faults, is)
	if command != "" {
		b.commands = append(b.commands, fmt.Sprintf(command, quote(PowerShell, b.name)))
	}
}

func (b *bindAccount) notRead(f Finding) {
	if b.unread == nil {
		b.unread = &f
	}
}

// remedy names the account: a command's {login} is the user.
func (b *bindAccount) remedy() *Remedy {
	r := bindAccountRemedy
	for _, c := range b.commands {
		r.Commands = append(r.Commands, Command{PowerShell, c, OwnerDirectoryAdmin})
	}
	return &r
}

// bindName is what people call the account: its login name where that was read, else the name in the profile.
func bindName(s *probes.Snapshot) string {
	for _, d := range s.Directory {
		if d.BindAccount.OK() && d.BindAccount.Value.AD != nil && d.BindAccount.Value.AD.Login != "" {
			return d.BindAccount.Value.AD.Login
		}
	}
	if s.Target.Directory == nil {
		return ""
	}
	return s.Target.Directory.MailServerBind
}
