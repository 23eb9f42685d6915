package checks

import "logindoctor.example/probes"

// Stalwart's own view of its directory's certificate, for directory-certificate.

// directoryHandshakes is how TLS with the directory goes: logindoctor's own, and Stalwart's by its log.
var directoryHandshakes = &Need{Name: "TLS with the directory, as logindoctor or Stalwart sees it", Missing: "no directory and no Stalwart in the profile",
	configured: func(t *probes.Target) bool { return hasDirectory(t) || onStalwart(t) },
	looks:      func(s *probes.Snapshot) []*probes.Look { return append(tried(s), stalwartDirectoryLooks(s)...) },
	hand:       handAll(DirectoryReach, stalwartDirectory)}

// distrust is the word in which rustls ends a handshake over a certificate ("invalid peer certificate: …"), which Stalwart logs as the
// reason of store.ldap-error without a code (S: directory/src/lib.rs; the words are the library's, and were not seen in a log).
var distrust = []string{"certificate"}

// certificateAtStalwart is what Stalwart's log says of its directory's certificate; ok is false where it says nothing and the
// profile names a directory that was looked at.
func certificateAtStalwart(s *probes.Snapshot) (f Finding, ok bool) {
	d, inUse := ldapInUse(s)
	log := ldapLogOf(s)
	last := log.newest()
	if last != nil && inUse != no && last.Code == 0 && containsAny(last.Reason, distrust) {
		return forStalwart(s, distrusted(s, d, log)), true
	}
	switch {
	case s.Target.Directory != nil:
		return Finding{}, false
	case inUse == no:
		return noLDAP(d), true
	case log.unread != nil:
		return forStalwart(s, undetermined(log.unread, "whether Stalwart trusts its directory's certificate is not known: its log could not be read, and the profile names no directory")), true
	}
	return Finding{Verdict: OK, Summary: "Stalwart's log does not speak of its directory's certificate.", Evidence: []Evidence{log.clean("no such line at its end")}}, true
}

// distrusted: the newest line of the log is about a certificate.
func distrusted(s *probes.Snapshot, d *probes.StalwartDirectory, log ldapLog) Finding {
	last := *log.newest()
	f := Finding{Verdict: Problem, Confidence: Likely, Evidence: stalwartLogged(log.seen, []probes.StalwartLogEvent{last}),
		Summary: "Stalwart does not take its directory's certificate, so that it cannot ask the directory."}
	if d != nil {
		f.Evidence = append(f.Evidence, directorySaid(s, d))
	}
	since, _ := answeredSince(s, last.At)
	failing := stalwartUnavailable(s)
	f.Evidence = append(f.Evidence, failing...)
	switch {
	case len(since) > 0:
		f.Verdict, f.Evidence = Notice, append(f.Evidence, since...)
		f.Summary = "Stalwart did not take its directory's certificate at " + clock(last.At) + ", and has let a user of it in since."
	case len(failing) > 0 && log.within(last, fresh):
		f.Confidence = Certain
	case !log.within(last, fresh):
		f.Verdict = Notice
		f.Summary = "Stalwart did not take its directory's certificate at " + clock(last.At) + ", and its log has nothing of the kind since."
	}
	return f
}
