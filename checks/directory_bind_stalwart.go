package checks

import (
	"fmt"
	"strings"

	"logindoctor.example/probes"
)

// Stalwart's own bind, for directory-bind-stale and directory-bind-account.

// stalwartStaleRemedy: what is stored counts after a reload, and a reload with any error changes nothing (S: common/src/cache/reload.rs).
func stalwartStaleRemedy(d *probes.StalwartDirectory) *Remedy {
	r := staleElsewhere
	r.Steps = []string{"Find out who changed the password of the account that Stalwart binds with, and get the present one.",
		"Enter it as bindSecret of the directory in Stalwart's settings; where it is a file or a variable of the environment, change it there.",
		"Reload the settings, and read the reload's answer: with an error anywhere in them nothing is changed.",
		"Enter it in logindoctor's profile too.",
		"Have one user log in."}
	r.Commands = []Command{{POSIX, `stalwart-cli update Directory ` + directoryID(d) + ` --field 'bindSecret={"@type":"Value","secret":"…"}'`, OwnerMailAdmin},
		{POSIX, "stalwart-cli create Action/ReloadSettings", OwnerMailAdmin}}
	return &r
}

// directoryID is the directory's id as a word for the shell.
func directoryID(d *probes.StalwartDirectory) string {
	if d == nil || d.ID == "" {
		return "ID"
	}
	return quote(POSIX, d.ID)
}

// forStalwart makes an answer about Stalwart's own directory what it is for this login.
func forStalwart(s *probes.Snapshot, f Finding) Finding {
	return whereStalwartAsks(s, byStalwart(s, f))
}

// staleAtStalwart: Stalwart's log says in so many words that its bind was refused; without it there is our bind with the
// profile's copy of the password.
func staleAtStalwart(s *probes.Snapshot, account bindAccount, ours ourBinds) Finding {
	d, inUse := ldapInUse(s)
	log := ldapLogOf(s)
	if sameBindAccount(s) == no {
		account, ours = bindAccount{}, ourBinds{} // of another account than Stalwart's
	}
	refused := log.refusals()
	switch {
	case inUse == no:
		return noLDAP(d)
	case len(refused) > 0:
		return refusedLog(s, log, account, ours)
	case d != nil && d.BindDN != "" && d.BindSecret == probes.StalwartSecretNone:
		return noSecret(s, d)
	}
	if a := fellBack(s); a != nil {
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: []Evidence{said(a)},
			Summary: "Stalwart compares with the mark of a directory's user instead of asking the directory: it was not built at the last start or reload, and why is known to a reload of the settings only."}
	}
	if ours.refused != nil {
		f := staleByOurs(s, account, ours)
		f.Confidence = min(f.Confidence, Likely) // Stalwart's directory may fail it for another reason
		f.Remedy = stalwartStaleRemedy(d)
		return f
	}
	return boundAtStalwart(s, d, log, ours)
}

// refusedLog: code 49 within a day. A login that went through since may have used a connection from before the change, so where a
// refusal is of just now, or the directory fails a login of this run, it takes nothing but the certainty.
func refusedLog(s *probes.Snapshot, log ldapLog, account bindAccount, ours ourBinds) Finding {
	d, _ := ldapInUse(s)
	refused := log.refusals()
	last := refused[len(refused)-1]
	f := Finding{Verdict: Problem, Confidence: Certain, Remedy: stalwartStaleRemedy(d), Evidence: stalwartLogged(log.seen, refused),
		Summary: "Stalwart cannot log in to its directory with the password it holds: its users do not get in where a new connection has to be made."}
	if d != nil {
		f.Evidence = append(f.Evidence, directorySaid(s, d))
	}
	since, unread := anybodySince(s, last.At)
	now, failing := log.within(last, justNow), stalwartUnavailable(s)
	state := toldBy(last)
	switch {
	case state != nil && sameBindAccount(s) == yes && account.unread == nil && len(account.faults) == 0:
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: f.Evidence,
			Summary: "Whether Stalwart's password for the directory is right is not known: at " + clock(last.At) + " it was refused since the account " + state.is + ", which it no longer is."}
	case state != nil:
		return accountExplains(bindAccount{faults: []string{state.is}, evidence: f.Evidence[1:]}, f.Evidence[0])
	case len(account.faults) > 0 && !saidWrong(last):
		return accountExplains(account, f.Evidence[0])
	case !log.within(last, fresh) && unread != nil:
		u := undetermined(unread, "whether Stalwart's password for the directory is right is not known: it was refused, and whether anybody got in since is not known")
		u.Evidence = append(f.Evidence, u.Evidence...)
		return u
	case !now && len(since) > 0 && len(failing) == 0:
		f.Verdict, f.Confidence, f.Evidence = Notice, Likely, append(f.Evidence, since...)
		f.Summary = "Stalwart's directory refused its password at " + clock(last.At) + ", and has let a user in since: see that the password is mended, and not just an old connection in use."
		return f
	case !now, len(since) > 0, unread != nil, account.unread != nil && !saidWrong(last):
		f.Confidence = Likely
		f.Evidence = append(append(f.Evidence, failing...), since...)
	}
	if ours.accepted != nil {
		f.Evidence = append(f.Evidence, *ours.accepted)
	}
	if ours.refused != nil {
		f.Evidence = append(f.Evidence, *ours.refused)
	}
	return f
}

// noSecret: such a directory is not built, and Stalwart then checks passwords itself without a word (S:
// directory/src/backend/ldap/config.rs, "LDAP bind password is required when bind DN is set"). What runs may be older than what is stored.
func noSecret(s *probes.Snapshot, d *probes.StalwartDirectory) Finding {
	o := s.Stalwart.Directories
	f := Finding{Verdict: Problem, Confidence: Likely, Remedy: stalwartStaleRemedy(d),
		Evidence: []Evidence{{Fact: "bindSecret of x:Directory " + d.ID, Observed: "None, with bindDn " + d.BindDN, Expected: "a password", Source: o.Source, At: o.At}},
		Summary:  "Stalwart's directory has a bindDn and no password for it: at its next start it does without the directory, and checks passwords itself."}
	if a := fellBack(s); a != nil {
		f.Evidence = append(f.Evidence, said(a))
		f.Summary = "Stalwart's directory has a bindDn and no password for it, so that Stalwart does without the directory and takes no password of its users."
	} else if since, _ := answeredSince(s, s.Stalwart.Now(o.At).Add(-fresh)); len(since) > 0 {
		f.Verdict, f.Evidence = Notice, append(f.Evidence, since...)
	}
	return f
}

// boundAtStalwart: nothing says that the bind is refused.
func boundAtStalwart(s *probes.Snapshot, d *probes.StalwartDirectory, log ldapLog, ours ourBinds) Finding {
	const whether = "whether Stalwart's password for the directory is right is not known"
	u := Finding{Verdict: Undetermined, Why: probes.Unclear}
	failing := stalwartUnavailable(s)
	last, answered := log.newest(), tookOwnPassword(s)
	if last != nil {
		answered, _ = anybodySince(s, last.At)
	}
	switch {
	case last != nil && unreachedBy(*last) && log.within(*last, fresh) && len(answered) == 0:
		u = undetermined(&probes.Look{Probe: probes.ProbeStalwart, What: log.seen.What, Why: probes.Unreachable, Words: last.Reason, Source: log.seen.Source, At: last.At}, whether+": it does not reach it")
	case len(failing) > 0:
		u.Evidence, u.Summary = failing, sentence(whether+": its directory fails it, and its log said nothing of why before")
	case log.unread == nil:
		f := Finding{Verdict: OK, Summary: "Stalwart's log holds no refusal of its own bind.", Evidence: []Evidence{log.clean("no store.ldap-error with code = 49 within a day")}}
		if ours.accepted != nil {
			f.Evidence = append(f.Evidence, *ours.accepted)
		}
		return f
	case d != nil && d.BindDN == "":
		return Finding{Verdict: NotApplicable, Summary: "Stalwart binds to its directory without a name, so it needs no password."}
	case ours.right != nil:
		return Finding{Verdict: OK, Evidence: []Evidence{*ours.right},
			Summary: "The directory takes the profile's password for the mail server's account for right, though it refuses the account for another reason."}
	case ours.accepted != nil:
		return acceptedOurs(s, ours)
	default:
		u = undetermined(log.unread, whether+": its log could not be read, and no bind was made with the profile's")
	}
	return u
}

// whereStalwartAsks is an undetermined answer about Stalwart's directory, or none where that has no part in this login.
func whereStalwartAsks(s *probes.Snapshot, f Finding) Finding {
	if _, inUse := ldapInUse(s); f.Verdict == Undetermined && (inUse == no || secretOf(s).AppPassword()) {
		return Finding{Verdict: NotApplicable, Summary: noPart(s), Evidence: f.Evidence}
	}
	return f
}

// accountAtStalwart: the account that Stalwart binds as is the one in x:Directory. Active Directory's sub-code in Stalwart's
// log speaks of it; its attributes are read only where the profile names it too.
func accountAtStalwart(s *probes.Snapshot) (f Finding, settled bool) {
	const whether = "whether the account that Stalwart binds as is in order"
	d, inUse := ldapInUse(s)
	log := ldapLogOf(s)
	refused := log.refusals()
	b := mailServerAccount(s)
	other := sameBindAccount(s) == no
	if n := len(refused); n > 0 {
		state := toldBy(refused[n-1])
		mended := sameBindAccount(s) == yes && b.unread == nil && len(b.faults) == 0
		if state != nil && !mended && log.within(refused[n-1], fresh) {
			return toldAtStalwart(s, log, refused, state, b, other), true
		}
	}
	switch {
	case inUse == no && s.Target.Directory == nil:
		return noLDAP(d), true
	case inUse == no, !other && !b.unnamed:
		return Finding{}, false // the profile's account is judged as for any mail server
	case other && len(b.faults) > 0:
		return Finding{Verdict: Notice, Confidence: Certain, Evidence: append(b.evidence, directorySaid(s, d)), Remedy: b.remedy(),
			Summary: fmt.Sprintf("The account that the profile names for the mail server (%s) %s; Stalwart binds as another one.", b.name, strings.Join(b.faults, " and "))}, true
	}
	name := "its own account"
	if d != nil && d.BindDN != "" {
		name = d.BindDN
	}
	switch {
	case len(refused) > 0:
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: stalwartLogged(log.seen, refused),
			Summary: sentence(whether + " is not known: its bind is refused, and the profile does not name " + name)}, true
	case log.unread != nil:
		return undetermined(log.unread, whether+" is not known: its log could not be read, and the profile does not name "+name), true
	case len(stalwartUnavailable(s)) > 0:
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: stalwartUnavailable(s),
			Summary: sentence(whether + " is not known: its directory fails it, and the profile does not name " + name)}, true
	}
	return Finding{Verdict: OK, Summary: "Stalwart's log holds no refusal of its own bind; the profile does not name " + name + ", so its attributes were not read.",
		Evidence: []Evidence{log.clean("no store.ldap-error with code = 49 within a day")}}, true
}

// toldAtStalwart: the directory's own word to Stalwart's bind.
func toldAtStalwart(s *probes.Snapshot, log ldapLog, refused []probes.StalwartLogEvent, state *adState, b bindAccount, other bool) Finding {
	d, _ := ldapInUse(s)
	told := bindAccount{name: b.name, faults: nil}
	if d != nil && d.BindDN != "" && (other || b.name == "") {
		told.name = d.BindDN
	}
	if told.name == "" {
		told.name = "not named"
	}
	told.fault(state.is, state.command, stalwartLogged(log.seen, refused)...)
	if !other && len(b.faults) > 0 {
		for _, is := range b.faults {
			told.fault(is, "")
		}
		told.evidence, told.commands = append(told.evidence, b.evidence...), b.commands
	}
	if d != nil {
		told.evidence = append(told.evidence, directorySaid(s, d))
	}
	f := Finding{Verdict: Problem, Confidence: Certain, Evidence: told.evidence, Remedy: told.remedy(),
		Summary: fmt.Sprintf("The account that Stalwart uses in its directory (%s) %s.", told.name, strings.Join(told.faults, " and "))}
	last := refused[len(refused)-1]
	if since, unread := anybodySince(s, last.At); len(since) > 0 || unread != nil || !log.within(last, justNow) {
		f.Confidence, f.Evidence = Likely, append(f.Evidence, since...)
	}
	return f
}
