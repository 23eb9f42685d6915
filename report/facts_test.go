package report

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"logindoctor.example/probes"
)

func TestCoverage(t *testing.T) {
	s := facts()
	s.Kerio = &probes.KerioServer{
		Admin:   &probes.Reach{Address: "mail:4040", Stage: probes.StageConnect, Failure: probes.FailureRefused, Words: "refused"},
		User:    &probes.Reach{Address: "mail:443", Stage: probes.StageTalk},
		Session: &probes.Observation[probes.KerioSession]{Look: probes.Look{Probe: probes.ProbeKerio, What: "Session.login", Why: probes.Bug, Source: "mail:4040"}},
		Version: &probes.Observation[probes.KerioVersion]{Look: probes.Look{Probe: probes.ProbeKerio, What: "Server.getVersion", Source: "mail:4040"}},
	}
	s.Stalwart = &probes.StalwartServer{API: &probes.Reach{Address: "mail:443", Stage: probes.StageTalk},
		Security:    &probes.Observation[probes.StalwartSecurity]{Look: probes.Look{Probe: probes.ProbeStalwart, What: "x:Security/get", Why: probes.NotPermitted, Source: "mail:443", Words: "forbidden"}},
		ManageSieve: &probes.SieveServer{Reach: &probes.Reach{Address: "mail:4190", Stage: probes.StageConnect, Failure: probes.FailureRefused}}}
	s.Account.Stalwart = &probes.StalwartAccount{Log: &probes.Observation[probes.StalwartLog]{Look: probes.Look{Probe: probes.ProbeStalwart, What: "x:Log/query", Why: probes.Unclear, Source: "mail:443"}}}
	s.Directory = []probes.DirectoryServer{{Reach: &probes.Reach{Address: "dc1:636", Stage: probes.StageTLS, Failure: probes.FailureTimeout}}}
	s.Account.Directory = []probes.DirectoryAccount{{After: &probes.Observation[probes.DirectoryCounters]{Look: probes.Look{Probe: probes.ProbeDirectory, What: "search", Why: probes.Canceled}}}}
	s.IMAP = &probes.IMAPServer{Capabilities: &probes.Observation[[]string]{Look: probes.Look{Probe: probes.ProbeIMAP, What: "CAPABILITY", Why: probes.Unclear}}}
	s.Login = &probes.Login{Attempts: []probes.Attempt{
		{Who: probes.AttemptUser, Service: probes.ServiceIMAP, Outcome: probes.Withheld, Why: probes.AttemptWithheld, Reason: "reserve"},
		{Who: probes.AttemptCanary, Service: probes.ServiceIMAP, Outcome: probes.Accepted}}}
	var got []string
	for _, u := range couldNotLook(s) {
		got = append(got, fmt.Sprintf("%s|%s|%s|%s|%s", u.Probe, u.What, u.Why, u.Source, u.Words))
	}
	want := []string{"kerio|connection, stage connect|unreachable|mail:4040|refused", "kerio|Session.login|bug|mail:4040|",
		"stalwart|x:Security/get|not-permitted|mail:443|forbidden", "stalwart|connection, stage connect|unreachable|mail:4190|", "directory|connection, stage tls|timeout|dc1:636|",
		"imap|CAPABILITY|unclear||", "stalwart|x:Log/query|unclear|mail:443|", "directory|search|canceled||", "login|log in as the user over IMAP|attempt-withheld||reserve"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestTimeline(t *testing.T) {
	s := lockedFacts()
	s.Account.Kerio.User = &probes.Observation[probes.KerioUser]{Look: probes.Look{Source: "mail.example.test:4040"}, Value: probes.KerioUser{LastLogin: noon.AddDate(0, 0, -1), LastProto: "IMAP"}}
	s.Account.Kerio.Log.Value.Events = append(s.Account.Kerio.Log.Value.Events, probes.KerioLogEvent{At: noon, Kind: probes.LogInvalidPassword, Ours: true},
		probes.KerioLogEvent{At: noon, Kind: probes.LogAddressBlocked, Address: "192.0.2.44"})
	s.Login.Attempts = append(s.Login.Attempts, probes.Attempt{At: noon, Who: probes.AttemptCanary, Service: probes.ServiceIMAP, Server: "mail.example.test:993", Outcome: probes.Accepted})
	var got []string
	for _, e := range timeline(s) {
		line := fmt.Sprintf("%s %s %d %s [%s]", e.At.UTC().Format("01-02 15:04"), e.Kind, e.Count, e.What, e.Source)
		if e.Count > 1 {
			line += " since " + e.Since.UTC().Format("15:04")
		}
		got = append(got, line)
	}
	want := []string{
		"11-21 09:14 login 1 Kerio Connect: last good login over IMAP [mail.example.test:4040]",
		"11-22 07:50 password-set 1 Active Directory: password set, the user [dc1.example.test:636, dc2.example.test:636]",
		"11-22 09:09 failure 3 Kerio Connect: wrong password over IMAP from 192.0.2.44 [mail.example.test:4040] since 09:01",
		"11-22 09:12 locked 1 Active Directory: account locked, the user [dc1.example.test:636, dc2.example.test:636]",
		"11-22 09:12 failure 1 Active Directory: last wrong password, the user (count 5) [dc1.example.test:636, dc2.example.test:636]",
		"11-22 09:14 address-blocked 1 Kerio Connect: address blocked from 192.0.2.44 [mail.example.test:4040]",
		"11-22 09:14 attempt 1 logindoctor logged in as the canary over IMAP: accepted [mail.example.test:993]",
		"11-22 09:42 lock-ends 1 Active Directory: lock ends, the user [dc1.example.test:636, dc2.example.test:636]",
		"12-01 09:14 certificate-ends 1 the certificate ends [mail.example.test:993]",
	}
	if !slices.Equal(got, want) {
		for i := range max(len(got), len(want)) {
			t.Errorf("%d\n got %q\nwant %q", i, at(got, i), at(want, i))
		}
	}
}

func at(l []string, i int) string {
	if i < len(l) {
		return l[i]
	}
	return ""
}

func TestTimelineOfOpenDirectory(t *testing.T) {
	s := facts()
	s.Account.Directory = []probes.DirectoryAccount{{Server: "od", Entry: &probes.Observation[probes.DirectoryEntry]{Value: probes.DirectoryEntry{OD: &probes.ODAccount{
		Changed: ptr(noon.Add(-time.Hour)), LockedTime: ptr(noon), FailureTimes: []time.Time{noon.Add(-2 * time.Minute), noon.Add(-time.Minute)}, Lockout: &probes.LockoutPolicy{DurationMS: 60000}}}}}}
	var got []EventKind
	for _, e := range timeline(s) {
		got = append(got, e.Kind)
	}
	if want := []EventKind{EventPasswordSet, EventFailure, EventLocked, EventLockEnds}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	// A policy that could not be read says nothing of when a lock ends.
	s.Account.Directory[0].Entry.Value.OD.Lockout.Origin = probes.PolicyHidden
	if got := timeline(s); got[len(got)-1].Kind != EventLocked {
		t.Errorf("hidden policy: %v", got)
	}
}

func TestPlan(t *testing.T) {
	l := lockedFacts().Login
	l.Budgets = append(l.Budgets, probes.Budget{System: "open-directory", Known: true, Threshold: 0}, probes.Budget{System: "kerio", Threshold: 3}, probes.Budget{System: "kerio", Known: true, Threshold: 3, Used: 1, Reserve: 2})
	p := plan(l)
	for i, want := range []*int{ptr(0), nil, nil, nil, ptr(2)} {
		if got := p.Budgets[i].Left; (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("budget %d: left %v", i, got)
		}
	}
	if s := p.Steps[0]; s.Do != probes.DoHold || s.Outcome != probes.Withheld {
		t.Errorf("step %+v", s)
	}
	l.SecretGiven = false
	if a := attempts(l); a.Allowed != 0 {
		t.Errorf("without a secret nothing may be spent: %+v", a)
	}
}
