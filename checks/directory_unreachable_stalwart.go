package checks

import (
	"time"

	"logindoctor.example/probes"
)

// directoryAsked is the mail server's directory, as the mail server or logindoctor sees it.
var directoryAsked = &Need{Name: "the mail server's directory, as Kerio Connect, Stalwart or logindoctor sees it", Missing: "no Kerio Connect, no Stalwart and no directory in the profile",
	configured: func(t *probes.Target) bool { return MailDirectory.configured(t) || onStalwart(t) },
	looks: func(s *probes.Snapshot) []*probes.Look {
		return append(MailDirectory.looks(s), stalwartDirectoryLooks(s)...)
	},
	hand: handAll(MailDirectory, stalwartDirectory)}

// justNow is how young a line is that was written while this run was asked for: then it is certain that it still holds.
const justNow = 10 * time.Minute

// unreachedByStalwart: Stalwart's log says how it fares itself. What answers here may not answer it, and the reverse.
func unreachedByStalwart(s *probes.Snapshot) Finding {
	d, inUse := ldapInUse(s)
	log, r := ldapLogOf(s), reaches(s)
	last := log.newest()
	if last != nil && unreachedBy(*last) && inUse != no {
		return forStalwart(s, unreachedLog(s, d, log, r))
	}
	if s.Target.Directory == nil {
		return forStalwart(s, reachedByStalwart(s, d, inUse, log))
	}
	f := aboutDirectory(s, r.judge(s))
	failing := stalwartUnavailable(s)
	answers := last != nil && last.Code != 0 && log.within(*last, fresh)
	switch {
	case f.Verdict == OK && len(failing) > 0 && !answers:
		return forStalwart(s, Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: append(f.Evidence, failing...),
			Summary: "The directory answers here, and fails Stalwart: whether it does not reach it, or its bind is refused, its own log has to say."})
	case f.Verdict == Problem && answers:
		f.Verdict, f.Evidence = Notice, append(f.Evidence, stalwartLogged(log.seen, log.events[len(log.events)-1:])...)
		f.Summary = "No directory server answers here, but Stalwart's log shows that its directory answers it."
	}
	return f
}

// stalwartReach: a directory of Stalwart's has one address, and what is stored counts after a reload.
func stalwartReach(d *probes.StalwartDirectory) *Remedy {
	r := unreachableRemedy
	r.Steps = []string{r.Steps[0], r.Steps[1],
		"Until then enter the url of one that answers in Stalwart's directory, and reload the settings; with an error anywhere in them nothing is changed."}
	r.Commands = []Command{{POSIX, "stalwart-cli update Directory " + directoryID(d) + " --field url=ldaps://…", OwnerMailAdmin},
		{POSIX, "stalwart-cli create Action/ReloadSettings", OwnerMailAdmin}}
	return &r
}

// unreachedLog: the newest line of the log says that no connection came about.
func unreachedLog(s *probes.Snapshot, d *probes.StalwartDirectory, log ldapLog, r directoryReaches) Finding {
	var lines []probes.StalwartLogEvent
	for _, e := range log.events {
		if unreachedBy(e) {
			lines = append(lines, e)
		}
	}
	last := lines[len(lines)-1]
	f := Finding{Verdict: Problem, Confidence: Likely, Remedy: stalwartReach(d), Evidence: stalwartLogged(log.seen, lines), Summary: "Stalwart does not reach its directory, so that no user of the directory can log in."}
	if d != nil {
		f.Evidence = append(f.Evidence, directorySaid(s, d))
	}
	since, _ := answeredSince(s, last.At)
	canary, _ := anybodySince(s, last.At)
	failing := stalwartUnavailable(s)
	f.Evidence = append(append(f.Evidence, r.downSaid...), failing...)
	switch {
	case len(since) > 0:
		f.Verdict, f.Evidence = Notice, append(f.Evidence, since...)
		f.Summary = "Stalwart did not reach its directory at " + clock(last.At) + ", and has let a user of it in since."
	case len(failing) > 0:
		f.Confidence = Certain
	case len(canary) > 0:
		f.Verdict, f.Evidence = Notice, append(f.Evidence, canary...)
		f.Summary = "Stalwart did not reach its directory at " + clock(last.At) + ", and has let the canary in since: unless that one has an app password, it reaches it again."
	case log.within(last, justNow) && last.Kind == probes.StalwartLogLDAP:
		f.Confidence = Certain
	case log.within(last, fresh), s.Target.Directory != nil && r.up == 0 && r.stuck == nil:
	default:
		f.Verdict = Notice
		f.Summary = "Stalwart did not reach its directory at " + clock(last.At) + ", and its log has nothing of the kind since."
	}
	return f
}

// reachedByStalwart is the answer where only Stalwart can tell.
func reachedByStalwart(s *probes.Snapshot, d *probes.StalwartDirectory, inUse answerOf, log ldapLog) Finding {
	const whether = "whether Stalwart reaches its directory is not known"
	failing := stalwartUnavailable(s)
	switch {
	case inUse == no:
		return noLDAP(d)
	case len(failing) > 0:
		return Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: failing, Summary: sentence(whether + ": its directory fails it, and its log said nothing of why before")}
	case len(tookOwnPassword(s)) > 0:
		return Finding{Verdict: OK, Evidence: tookOwnPassword(s), Summary: "Stalwart reaches its directory: it took this user's password."}
	case log.unread != nil:
		return undetermined(log.unread, whether+": its log could not be read, and the profile names no directory")
	}
	return Finding{Verdict: OK, Summary: "Stalwart's log does not say that its directory cannot be reached.", Evidence: []Evidence{log.clean("no failure to connect at its end")}}
}
