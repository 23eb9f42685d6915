package report

import (
	"testing"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

func attempt(who probes.Who, o probes.Outcome) *probes.Snapshot {
	s := facts()
	s.Login = &probes.Login{SecretGiven: true, Attempts: []probes.Attempt{{Who: who, Service: probes.ServiceIMAP, Outcome: o, Why: probes.AttemptWithheld}}}
	return s
}

func unknown(why probes.Why) *checks.Check {
	return made("unknown", checks.Finding{Verdict: checks.Undetermined, Why: why, Summary: "The lock is not known."})
}

func refusedKerio() *probes.Snapshot {
	s := facts()
	s.Target.Kerio = &probes.KerioTarget{AdminURL: "https://mail.example.test:4040/"}
	s.Kerio = &probes.KerioServer{Session: &probes.Observation[probes.KerioSession]{Look: probes.Look{Probe: probes.ProbeKerio, What: "Session.login", Why: probes.NotPermitted}}}
	return s
}

func withheldKerio() *probes.Snapshot {
	s := refusedKerio()
	s.Kerio.Session.Why, s.Kerio.Session.Words = probes.AttemptWithheld, "ledger: /state: permission denied"
	return s
}

func stalwartSays(why probes.Why, refusal probes.StalwartRefusal) *probes.Snapshot {
	s := facts()
	s.Target.Stalwart = &probes.StalwartTarget{URL: "https://mail.example.test"}
	s.Stalwart = &probes.StalwartServer{Session: &probes.Observation[probes.StalwartSession]{Look: probes.Look{Probe: probes.ProbeStalwart, What: "session", Why: why},
		Value: probes.StalwartSession{Refusal: refusal}}}
	return s
}

func refusedReader(result probes.LDAPResult) *probes.Snapshot {
	s := facts()
	s.Directory = []probes.DirectoryServer{{Bind: &probes.Observation[probes.BindOutcome]{Look: probes.Look{Probe: probes.ProbeDirectory}, Value: probes.BindOutcome{Result: result}}}}
	return s
}

func TestVerdict(t *testing.T) {
	idle := made("idle", checks.Finding{Verdict: checks.NotApplicable})
	notice := made("notice", checks.Finding{Verdict: checks.Notice})
	for name, c := range map[string]struct {
		catalogue []*checks.Check
		s         *probes.Snapshot
		meta      Meta
		verdict   Verdict
		code      int
		headline  string
	}{
		"cause, untried":       {[]*checks.Check{problem("a"), fine("b")}, facts(), Meta{}, CauseFound, 1, "The summary of a; no login was tried."},
		"cause, withheld":      {[]*checks.Check{problem("a")}, attempt(probes.AttemptUser, probes.Withheld), Meta{}, CauseFound, 1, "The summary of a; no login was tried."},
		"cause, canary":        {[]*checks.Check{problem("a")}, attempt(probes.AttemptCanary, probes.Accepted), Meta{}, CauseFound, 1, "The summary of a; this user's login was not tried."},
		"cause, tried":         {[]*checks.Check{problem("a")}, attempt(probes.AttemptUser, probes.Refused), Meta{}, CauseFound, 1, "The summary of a."},
		"cause beside unknown": {[]*checks.Check{problem("a"), unknown(probes.Timeout)}, refusedKerio(), Meta{}, CauseFound, 1, "The summary of a; no login was tried."},
		"healthy, untried":     {[]*checks.Check{fine("a"), idle}, facts(), Meta{}, Healthy, 0, "Nothing was found that keeps jdoe@example.test from logging in; the login was not tried."},
		"healthy, canary":      {[]*checks.Check{fine("a")}, attempt(probes.AttemptCanary, probes.Accepted), Meta{}, Healthy, 0, "Nothing was found that keeps jdoe@example.test from logging in; this user's login was not tried."},
		"healthy, accepted":    {[]*checks.Check{fine("a"), notice}, attempt(probes.AttemptUser, probes.Accepted), Meta{}, Healthy, 0, "Nothing was found that keeps jdoe@example.test from logging in; the login was tried over IMAP and accepted."},
		"healthy, in part":     {[]*checks.Check{fine("a"), fine("b")}, facts(), Meta{Skip: []string{"b"}}, Healthy, 0, "Nothing was found that keeps jdoe@example.test from logging in; the login was not tried; 1 check was left out."},
		"all left out":         {[]*checks.Check{fine("a"), fine("b")}, facts(), Meta{Only: []string{"opened-folders"}}, Inconclusive, 2, "No check was run, so nothing is known."},
		"empty catalogue":      {nil, facts(), Meta{}, Inconclusive, 2, "No check was run, so nothing is known."},
		"nothing applies":      {[]*checks.Check{idle}, facts(), Meta{}, Inconclusive, 2, "No check applies to what the profile names, so nothing is known."},
		"unknown":              {[]*checks.Check{fine("a"), unknown(probes.Unclear)}, facts(), Meta{}, Inconclusive, 2, "No cause was found, but not everything could be looked at: The lock is not known."},
		"own refused in part":  {[]*checks.Check{fine("a"), unknown(probes.NotPermitted)}, refusedKerio(), Meta{}, Inconclusive, 2, "No cause was found, but not everything could be looked at: Kerio Connect refused logindoctor's own account (kerio.admin)."},
		"behind a refusal":     {[]*checks.Check{fine("a"), unknown(probes.Unclear)}, refusedKerio(), Meta{}, Inconclusive, 2, "No cause was found, but not everything could be looked at: Kerio Connect refused logindoctor's own account (kerio.admin)."},
		"withheld":             {[]*checks.Check{fine("a"), unknown(probes.AttemptWithheld)}, attempt(probes.AttemptUser, probes.Withheld), Meta{}, Inconclusive, 2, "No cause was found, but not everything could be looked at: The lock is not known."},
		"own login withheld":   {[]*checks.Check{fine("a"), unknown(probes.AttemptWithheld)}, withheldKerio(), Meta{}, Inconclusive, 2, "No cause was found, but not everything could be looked at: ledger: /state: permission denied."},
		"own refused":          {[]*checks.Check{idle, unknown(probes.NotPermitted)}, refusedKerio(), Meta{}, Inconclusive, 4, "Nothing could be looked at: Kerio Connect refused logindoctor's own account (kerio.admin)."},
		"key refused":          {[]*checks.Check{idle, unknown(probes.NotPermitted)}, stalwartSays(probes.NotPermitted, probes.StalwartUnauthorized), Meta{}, Inconclusive, 4, "Nothing could be looked at: Stalwart refused the API key (stalwart.api_key)."},
		"here is banned":       {[]*checks.Check{idle, unknown(probes.Unreachable)}, stalwartSays(probes.Unreachable, probes.StalwartBlocked), Meta{}, Inconclusive, 2, "No cause was found, but not everything could be looked at: Stalwart could not be reached."},
		"reader refused":       {[]*checks.Check{unknown(probes.NotPermitted)}, refusedReader(49), Meta{}, Inconclusive, 4, "Nothing could be looked at: the directory refused logindoctor's own account (directory.reader)."},
		"reader not refused":   {[]*checks.Check{unknown(probes.Timeout)}, refusedReader(8), Meta{}, Inconclusive, 2, "No cause was found, but not everything could be looked at: The lock is not known."},
		"a notice was seen":    {[]*checks.Check{notice, unknown(probes.NotPermitted)}, refusedReader(49), Meta{}, Inconclusive, 2, "No cause was found, but not everything could be looked at: The lock is not known."},
	} {
		t.Run(name, func(t *testing.T) {
			r := New(c.catalogue, c.s, c.meta)
			if r.Verdict != c.verdict || r.ExitCode() != c.code || r.Headline != c.headline {
				t.Errorf("got %s, exit %d, %q\nwant %s, exit %d, %q", r.Verdict, r.ExitCode(), r.Headline, c.verdict, c.code, c.headline)
			}
		})
	}
}

func TestHeadlineHasAnEnd(t *testing.T) {
	var many []*checks.Check
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		many = append(many, made(id, checks.Finding{Verdict: checks.Undetermined, Why: probes.Unclear}))
	}
	want := "No cause was found, but not everything could be looked at: The summary of a; The summary of b; The summary of c; 2 further reasons."
	if got := New(many, facts(), Meta{}).Headline; got != want {
		t.Errorf("got %q", got)
	}
}

// TestNextSteps: who was seen to get in needs none; whoever was not is told how to find out more.
func TestNextSteps(t *testing.T) {
	ok := made("fine", checks.Finding{Verdict: checks.OK, Summary: "Fine."})
	for _, c := range []struct {
		name  string
		facts *probes.Snapshot
		want  int
	}{
		{"no secret", facts(), 2},
		{"only the canary", attempt(probes.AttemptCanary, probes.Accepted), 1},
		{"withheld", attempt(probes.AttemptUser, probes.Withheld), 1},
		{"in", attempt(probes.AttemptUser, probes.Accepted), 0},
	} {
		if got := New([]*checks.Check{ok}, c.facts, Meta{}).NextSteps(); len(got) != c.want {
			t.Errorf("%s: %q, want %d steps", c.name, got, c.want)
		}
	}
	if got := New([]*checks.Check{unknown(probes.Timeout)}, facts(), Meta{}).NextSteps(); got != nil {
		t.Errorf("inconclusive, which has its own: %q", got)
	}
}
