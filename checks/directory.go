package checks

import (
	"fmt"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// What the checks on a directory of either kind share.

// reading is what one entry shows of one question. unknown: the attribute that answers it was not returned.
type reading struct {
	holds answerOf
	facts []Evidence // whoever read the entry puts in source and time
	why   probes.Why // of an unknown one; zero: the reader may not see it
}

// question is one that every directory server is asked about the account.
type question struct {
	whether string // the clause that is not known where nothing was read: "whether the account is locked"
	product string
	read    func(*probes.DirectoryEntry, time.Time) reading
	said    func(*probes.BindOutcome) bool // a bind as the user that shows the problem
	bad     string
	good    string
}

// saying puts the summaries of the problem and of its absence to a question.
func (q question) saying(bad, good string) question {
	q.bad, q.good = bad, good
	return q
}

// judge takes one server's word for the problem, and all servers' for its absence.
func (q question) judge(s *probes.Snapshot) Finding {
	shows, clean, unread := q.ask(s)
	if a := s.Login.Attempt(probes.AttemptUser, probes.ServiceDirectory); a != nil && a.Bind != nil && q.said(a.Bind) {
		shows = append(shows, Evidence{Fact: "simple bind as the user", Observed: bindWords(a.Bind), Expected: "0", Source: a.Server, At: a.At})
	}
	switch {
	case len(shows) > 0:
		return byMapping(s, Finding{Verdict: Problem, Confidence: Certain, Evidence: shows, Summary: q.bad})
	case unread != nil:
		return whereChecked(s, *unread)
	}
	return Finding{Verdict: OK, Summary: q.good, Evidence: clean}
}

// ask reads every server's entry: what shows the problem, what shows its absence, and the answer for the first that tells neither.
func (q question) ask(s *probes.Snapshot) (shows, clean []Evidence, unread *Finding) {
	if len(s.Account.Directory) == 0 {
		f := undetermined(&probes.Look{What: "search for the account", Why: probes.Unclear}, q.whether+" is not known: no directory server was asked")
		return nil, nil, &f
	}
	for _, d := range s.Account.Directory {
		f := q.oneEntry(d)
		if f == nil {
			r := q.read(&d.Entry.Value, seenAt(s, d.Entry.At))
			facts := sourced(r.facts, d.Server, d.Entry.At)
			switch r.holds {
			case yes:
				shows = append(shows, facts...)
				continue
			case no:
				clean = append(clean, facts...)
				continue
			}
			f = q.notTold(d, r)
		}
		if unread == nil {
			unread = f
		}
	}
	return shows, clean, unread
}

// oneEntry is the undetermined answer where this server did not give exactly one entry; nil where it did.
func (q question) oneEntry(d probes.DirectoryAccount) *Finding {
	look := probes.Look{What: "search for the account", Why: probes.Unclear, Source: d.Server}
	var f Finding
	switch {
	case !d.Entry.OK():
		if l := lookOf(d.Entry); l != nil {
			look = *l
		}
		f = undetermined(&look, q.whether+" is not known: "+d.Server+" could not be asked")
	case len(d.Entry.Value.Matches) == 0:
		look.Words, look.At = "no entry", d.Entry.At
		f = undetermined(&look, q.whether+" is not known: "+q.product+" holds no such user")
	case len(d.Entry.Value.Matches) > 1:
		look.Words, look.At = strings.Join(d.Entry.Value.Matches, "; "), d.Entry.At
		f = undetermined(&look, fmt.Sprintf("%s is not known: %d entries fit this name", q.whether, len(d.Entry.Value.Matches)))
	default:
		return nil
	}
	return &f
}

func (q question) notTold(d probes.DirectoryAccount, r reading) *Finding {
	look := probes.Look{What: "read the account's attributes", Why: r.why, Source: d.Server, At: d.Entry.At}
	says := q.whether + " is not known: the attributes do not tell"
	if r.why == probes.Seen {
		look.Why = probes.NotPermitted
		says = q.whether + " is not known: the reader may not see the attribute"
	}
	f := undetermined(&look, says)
	f.Evidence = append(f.Evidence, sourced(r.facts, d.Server, d.Entry.At)...)
	return &f
}

// whereChecked is an undetermined answer about a directory, or none at all where another place checks this account's password.
func whereChecked(s *probes.Snapshot, f Finding) Finding {
	if f.Verdict == Undetermined && directoryChecks(s) == no {
		return Finding{Verdict: NotApplicable, Summary: noPart(s), Evidence: f.Evidence}
	}
	return f
}

// aboutDirectory makes an answer about the directory as a whole what it is for this account.
func aboutDirectory(s *probes.Snapshot, f Finding) Finding { return whereChecked(s, byMapping(s, f)) }

func sourced(facts []Evidence, source string, at time.Time) []Evidence {
	out := make([]Evidence, len(facts))
	for i, e := range facts {
		e.Source, e.At = source, at
		out[i] = e
	}
	return out
}

// seenAt is when something was seen; the end of the run where the look does not say.
func seenAt(s *probes.Snapshot, at time.Time) time.Time {
	if at.IsZero() {
		return s.FinishedAt
	}
	return at
}

// answers is a Need of the account's entry, or of a bind as the user, which tells some things by itself. A search that failed
// is handed on too: question says then what is not known, and that it does not matter where another place checks the password.
func answers(entry *Need, name string) *Need {
	return &Need{Name: name, Missing: entry.Missing, configured: entry.configured,
		looks: func(s *probes.Snapshot) []*probes.Look {
			var all []*probes.Look
			for _, l := range entry.looks(s) {
				if l != nil {
					all = append(all, &probes.Look{Probe: l.Probe, What: l.What, Source: l.Source, At: l.At})
				}
			}
			if a := s.Login.Attempt(probes.AttemptUser, probes.ServiceDirectory); a != nil && a.Bind != nil {
				all = append(all, &probes.Look{Probe: probes.ProbeLogin, What: "bind as the user", Source: a.Server, At: a.At})
			}
			return all
		},
		hand: func(to, from *probes.Snapshot) { entry.hand(to, from); Attempts.hand(to, from) }}
}

// The directory as a whole. A connection that failed was seen to fail: what a check of connections needs is that one was tried.
var (
	DirectoryTried = &Need{Name: "how far a connection to the directory comes", Missing: noDirectory, configured: hasDirectory,
		looks: tried, hand: DirectoryReach.hand}
	// MailDirectory is the mail server's directory: as Kerio sees it, as we see it, or both.
	MailDirectory = &Need{Name: "the mail server's directory, as Kerio Connect or logindoctor sees it", Missing: "neither Kerio Connect nor a directory in the profile",
		configured: func(t *probes.Target) bool { return hasKerio(t) || hasDirectory(t) },
		looks:      func(s *probes.Snapshot) []*probes.Look { return append(tried(s), kerioBindLooks(s)...) },
		hand:       handAll(DirectoryReach, KerioBindTest, KerioDomain, KerioSession)}
	// MailServerBind is the bind that the mail server makes: Kerio's own test of it, or ours with the profile's password.
	MailServerBind = &Need{Name: "the mail server's bind to its directory", Missing: "neither Kerio Connect nor Stalwart nor a mail_server_bind in the profile",
		configured: hasMailBind,
		looks: func(s *probes.Snapshot) []*probes.Look {
			return append(append(append(BindTest.looks(s), kerioBindLooks(s)...), BindAccount.looks(s)...), stalwartDirectoryLooks(s)...)
		},
		hand: handAll(BindTest, BindAccount, KerioBindTest, KerioDomain, KerioSession, stalwartDirectory)}
	// stalwartDirectory is Stalwart's directory as Stalwart sees it: whether it has one, and what its log says of it.
	stalwartDirectory = &Need{Name: "Stalwart's directory, as Stalwart sees it", Missing: noStalwart, configured: hasStalwart,
		looks: stalwartDirectoryLooks, hand: handAll(StalwartAuthentication, StalwartDirectories, StalwartDirectoryLog)}
)

func stalwartDirectoryLooks(s *probes.Snapshot) []*probes.Look {
	return append(append(StalwartAuthentication.looks(s), StalwartDirectories.looks(s)...), StalwartDirectoryLog.looks(s)...)
}

func tried(s *probes.Snapshot) []*probes.Look {
	var all []*probes.Look
	for _, d := range s.Directory {
		if d.Reach != nil {
			all = append(all, &probes.Look{Probe: probes.ProbeDirectory, What: "connect", Source: d.Reach.Address, At: d.Reach.At})
		}
	}
	return all
}

func kerioBindLooks(s *probes.Snapshot) []*probes.Look {
	return append(append(KerioBindTest.looks(s), KerioDomain.looks(s)...), KerioSession.looks(s)...)
}

func handAll(needs ...*Need) func(to, from *probes.Snapshot) {
	return func(to, from *probes.Snapshot) {
		for _, n := range needs {
			n.hand(to, from)
		}
	}
}

// kerioTest is Kerio's own test of its directory bind; nil where there is no answer to it.
func kerioTest(s *probes.Snapshot) *probes.Observation[probes.KerioBindTest] {
	if s.Kerio == nil || !s.Kerio.BindTest.OK() {
		return nil
	}
	return s.Kerio.BindTest
}

// kerioWithout says that Kerio's own settings name no directory for the account's domain.
func kerioWithout(s *probes.Snapshot) bool {
	return s.Kerio != nil && s.Kerio.Domain.OK() && !s.Kerio.Domain.Value.DirectoryOn
}

func kerioTestSaid(t *probes.Observation[probes.KerioBindTest]) Evidence {
	observed := "no errors"
	if len(t.Value.Errors) > 0 {
		var words []string
		for _, e := range t.Value.Errors {
			words = append(words, fmt.Sprintf("%d %s", e.Code, e.Message))
		}
		observed = strings.Join(words, "; ")
	}
	return Evidence{Fact: "Domains.testDomainController", Observed: observed, Expected: "no errors", Source: t.Source, At: t.At}
}

// saysUnavailable is the mail server's word, to the user or the canary, that it cannot check logins now.
func saysUnavailable(s *probes.Snapshot) []Evidence {
	if onStalwart(&s.Target) {
		return stalwartUnavailable(s)
	}
	var out []Evidence
	for _, who := range []probes.Who{probes.AttemptUser, probes.AttemptCanary} {
		if a := s.Login.Attempt(who, probes.ServiceIMAP); a != nil && a.IMAP != nil && !a.IMAP.Accepted() && unavailableCode(a.IMAP.Code) {
			out = append(out, saidBy(a))
		}
	}
	return out
}

// mailServerReaches is what shows that the mail server itself gets an answer from its directory, whatever we see from here.
func mailServerReaches(s *probes.Snapshot) []Evidence {
	var out []Evidence
	if t := kerioTest(s); t != nil && (len(t.Value.Errors) == 0 || t.Value.Reason == probes.BindFaultCredentials) {
		out = append(out, kerioTestSaid(t))
	}
	if onStalwart(&s.Target) {
		return tookOwnPassword(s)
	}
	for _, service := range []probes.Service{probes.ServiceIMAP, probes.ServiceAPI} {
		if a := s.Login.Attempt(probes.AttemptUser, service); a != nil && a.Outcome == probes.Accepted {
			out = append(out, Evidence{Fact: "login of the user over " + service.String(), Observed: a.Outcome.String(), Source: a.Server, At: a.At})
		}
	}
	return out
}

// reachSaid is how a connection ended.
func reachSaid(r *probes.Reach) Evidence {
	observed := "connected"
	if r.Failure != probes.FailureNone {
		observed = r.Failure.String() + " at " + r.Stage.String()
		if r.Words != "" {
			observed += ": " + r.Words
		}
	}
	return Evidence{Fact: "connection", Observed: observed, Expected: "connected", Source: r.Address, At: r.At}
}

// noEntry is whether the directory has the account at all. That one server of several has it suffices: whether the others
// have it too is directory-replicas-differ's question.
func noEntry(s *probes.Snapshot, product string) Finding {
	q := question{whether: "whether " + product + " has this user", product: product}
	var there, none []Evidence
	var open *Finding
	f := Finding{Verdict: Problem, Confidence: Certain}
	if len(s.Account.Directory) == 0 {
		_, _, open = q.ask(s)
	}
	for i, d := range s.Account.Directory {
		e := Evidence{Fact: "search for the account", Observed: "no entry", Expected: "one entry", Source: d.Server}
		if d.Entry.OK() && len(d.Entry.Value.Matches) == 1 {
			e.Observed, e.At = d.Entry.Value.Matches[0], d.Entry.At
			there = append(there, e)
			continue
		}
		if !d.Entry.OK() || len(d.Entry.Value.Matches) > 1 {
			open = q.oneEntry(d)
			continue
		}
		e.At = d.Entry.At
		if t := s.Target.Directory; t.BaseDN != "" {
			e.Observed += " below " + t.BaseDN
		}
		none = append(none, e)
		if f.Confidence = min(f.Confidence, sight(s, i)); f.Confidence < Likely {
			blind := undetermined(&probes.Look{What: e.Fact, Why: probes.NotPermitted, Words: e.Observed, Source: e.Source, At: e.At},
				q.whether+" is not known: nothing shows that the reader may see anybody's entry")
			open = &blind
		}
	}
	switch {
	case len(there) > 0 && len(none) > 0:
		return Finding{Verdict: OK, Evidence: append(there, none...), Summary: product + " has this user, though not on every server."}
	case len(there) > 0:
		return Finding{Verdict: OK, Evidence: there, Summary: product + " has this user."}
	case open != nil:
		return whereChecked(s, *open)
	}
	f.Evidence = none
	return noUser(s, product, f)
}

// sight is how sure it is that this reader would have been shown the account: it was shown the mail server's own one, or the
// domain's policy at least. A directory leaves out what a reader may not see, and says nothing of it (MS-ADTS 3.1.1.4.3).
func sight(s *probes.Snapshot, i int) Confidence {
	switch {
	case i >= len(s.Directory):
		return Possible
	case s.Directory[i].BindAccount.OK() && len(s.Directory[i].BindAccount.Value.Matches) > 0:
		return Certain
	case s.Directory[i].Policy.OK():
		return Likely
	}
	return Possible
}

// noUser is what it means that no server has the account.
func noUser(s *probes.Snapshot, product string, f Finding) Finding {
	f.Summary = fmt.Sprintf("%s has no user by the name %s.", product, s.Target.User)
	if k := s.Account.Kerio; k != nil && k.User.OK() && k.User.Value.Found && !strings.EqualFold(localPart(k.User.Value.LoginName), localPart(s.Target.User)) {
		look := k.User.Look
		look.Words = "loginName " + k.User.Value.LoginName
		u := undetermined(&look, fmt.Sprintf("whether %s has this user is not known: it was asked for %s, and the mail server calls the account otherwise", product, s.Target.User))
		u.Evidence = append(u.Evidence, f.Evidence...)
		return whereChecked(s, u)
	}
	if directoryChecks(s) == no {
		return Finding{Verdict: NotApplicable, Evidence: f.Evidence, Summary: checkedBy(s) + "; the directory need not have it."}
	}
	if a := acceptedHere(s); a != nil {
		f.Verdict, f.Confidence, f.Evidence = Notice, Likely, append(f.Evidence, said(a))
		f.Summary = fmt.Sprintf("%s has no user by the name %s, and the mail server accepts the login all the same.", product, s.Target.User)
		return f
	}
	return byMapping(s, f)
}

func localPart(name string) string {
	local, _, _ := strings.Cut(name, "@")
	return local
}
