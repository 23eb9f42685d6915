package report

import (
	"reflect"
	"slices"
	"testing"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

func causes(r *Report) []string {
	var out []string
	for _, c := range r.Diagnosis {
		out = append(out, c.Cause)
	}
	return out
}

func as(c *checks.Check, confidence checks.Confidence, scope checks.Scope) *checks.Check {
	f := c.Run(nil)
	f.Confidence, f.Scope = confidence, scope
	c.Run = func(*probes.Snapshot) checks.Finding { return f }
	return c
}

func TestOrder(t *testing.T) {
	symptom := as(problem("symptom"), checks.Certain, checks.ScopeUser)
	outlasting := func(c *checks.Check, over ...*checks.Check) *checks.Check {
		c.Outlasts = over
		return c
	}
	locked := as(problem("locked"), checks.Certain, checks.ScopeUser)
	everyone := as(problem("everyone"), checks.Likely, checks.ScopeEveryone)
	soft := as(problem("soft"), checks.Likely, checks.ScopeUser)
	for name, c := range map[string]struct {
		catalogue []*checks.Check
		want      []string
	}{
		"everyone before certain":   {[]*checks.Check{as(problem("user"), checks.Certain, checks.ScopeUser), everyone}, []string{"everyone", "user"}},
		"certain before wider":      {[]*checks.Check{as(problem("domain"), checks.Likely, checks.ScopeDomain), as(problem("user"), checks.Certain, checks.ScopeUser)}, []string{"user", "domain"}},
		"wider before narrower":     {[]*checks.Check{as(problem("user"), checks.Likely, checks.ScopeUser), as(problem("network"), checks.Likely, checks.ScopeNetwork), as(problem("domain"), checks.Likely, checks.ScopeDomain)}, []string{"domain", "network", "user"}},
		"explaining more":           {[]*checks.Check{problem("a"), problem("b", symptom), symptom}, []string{"b", "a"}},
		"catalogue order":           {[]*checks.Check{problem("b"), problem("a")}, []string{"b", "a"}},
		"outlasting first":          {[]*checks.Check{locked, outlasting(as(problem("disabled"), checks.Certain, checks.ScopeUser), locked)}, []string{"disabled", "locked"}},
		"outlasting though likely":  {[]*checks.Check{locked, outlasting(as(problem("disabled"), checks.Likely, checks.ScopeUser), locked)}, []string{"disabled", "locked"}},
		"outlasting in a chain":     {[]*checks.Check{locked, soft, outlasting(as(problem("top"), checks.Likely, checks.ScopeUser), outlasting(soft, locked))}, []string{"top", "soft", "locked"}},
		"not over everyone's fault": {[]*checks.Check{everyone, outlasting(as(problem("disabled"), checks.Certain, checks.ScopeUser), everyone)}, []string{"everyone", "disabled"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := causes(New(c.catalogue, facts(), Meta{})); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestOutlastingEachOther(t *testing.T) {
	a, b := problem("a"), problem("b")
	a.Outlasts, b.Outlasts = []*checks.Check{b}, []*checks.Check{a}
	if got := causes(New([]*checks.Check{a, b}, facts(), Meta{})); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %v", got)
	}
}

func TestExplained(t *testing.T) {
	last := problem("last")
	middle := problem("middle", last)
	root := problem("root", middle)
	r := New([]*checks.Check{last, middle, root}, facts(), Meta{})
	if !slices.Equal(causes(r), []string{"root"}) || !slices.Equal(r.Diagnosis[0].Explains, []string{"last", "middle"}) {
		t.Fatalf("transitively: causes %v, explains %v", causes(r), r.Diagnosis[0].Explains)
	}
	for i, want := range [][]string{{"root"}, {"root"}, {}} {
		if a := r.Checks[i]; a.Verdict != checks.Problem || !reflect.DeepEqual(a.ExplainedBy, want) {
			t.Errorf("%s: %s, explained by %v, want %v", a.ID, a.Verdict, a.ExplainedBy, want)
		}
	}
	if r.Summary.Problem != 3 {
		t.Errorf("explained problems stay problems: %+v", r.Summary)
	}
}

// What is in order carries no explanation further.
func TestExplainedThroughProblemsOnly(t *testing.T) {
	last := problem("last")
	middle := made("middle", checks.Finding{Verdict: checks.OK}, last)
	r := New([]*checks.Check{as(problem("root", middle), checks.Certain, checks.ScopeDomain), middle, last}, facts(), Meta{})
	if !slices.Equal(causes(r), []string{"root", "last"}) {
		t.Errorf("causes %v", causes(r))
	}
}

// One account's fault does not explain that everyone is refused; a domain's does.
func TestScopeOfExplanation(t *testing.T) {
	refused := as(login(checks.Finding{Verdict: checks.Problem}), checks.Certain, checks.ScopeEveryone)
	if got := causes(New([]*checks.Check{as(problem("locked", refused), checks.Certain, checks.ScopeUser), refused}, facts(), Meta{})); !slices.Equal(got, []string{"login", "locked"}) {
		t.Errorf("user: %v", got)
	}
	if got := causes(New([]*checks.Check{as(problem("stale", refused), checks.Certain, checks.ScopeDomain), refused}, facts(), Meta{})); !slices.Equal(got, []string{"stale"}) {
		t.Errorf("domain: %v", got)
	}
}

func TestWouldExplain(t *testing.T) {
	withheld := checks.Finding{Verdict: checks.Undetermined, Why: probes.AttemptWithheld}
	untriedFinding := checks.Finding{Verdict: checks.NotApplicable, Summary: "No login was tried."}
	through := func(f checks.Finding) *checks.Check {
		return problem("root", made("between", checks.Finding{Verdict: checks.OK}, login(f)))
	}
	residual := login(withheld)
	residual.Residual = true
	needy := login(untriedFinding)
	needy.Needs = []*checks.Need{checks.IMAPReach}
	unread := login(untriedFinding)
	unread.Uses = nil
	tried := facts()
	tried.Login = &probes.Login{Attempts: []probes.Attempt{{Who: probes.AttemptUser, Service: probes.ServiceIMAP, Outcome: probes.Accepted}}}
	for name, c := range map[string]struct {
		root *checks.Check
		s    *probes.Snapshot
		want []string
	}{
		"withheld":               {problem("root", login(withheld)), facts(), []string{"login"}},
		"not tried":              {problem("root", login(untriedFinding)), facts(), []string{"login"}},
		"through what is fine":   {through(withheld), facts(), []string{"login"}},
		"tried":                  {problem("root", login(untriedFinding)), tried, []string{}},
		"what remains":           {problem("root", residual), facts(), []string{}},
		"not in the profile":     {problem("root", needy), facts(), []string{}},
		"does not read attempts": {problem("root", unread), facts(), []string{}},
		"another reason":         {problem("root", login(checks.Finding{Verdict: checks.Undetermined, Why: probes.Timeout})), facts(), []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			catalogue := []*checks.Check{c.root}
			for e := c.root.Explains; len(e) > 0; e = e[0].Explains {
				catalogue = append(catalogue, e[0])
			}
			if got := New(catalogue, c.s, Meta{}).Diagnosis[0].WouldExplain; !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
