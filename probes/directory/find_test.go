package directory_test

import (
	"slices"
	"strings"
	"testing"

	"logindoctor.example/fixtures/sim/ldapsim"
	"logindoctor.example/probes"
)

func TestFinding(t *testing.T) {
	b := adBench(t, domainPolicy,
		ldapsim.Account{Login: "jdoe", UPN: "someone@example.test", Mail: []string{"other@example.test"}, Password: right},
		ldapsim.Account{Login: "x1", UPN: "x1@example.test", Mail: []string{"jdoe@example.test"}, Password: right},
		ldapsim.Account{Login: "x2", Proxies: []string{"SMTP:mueller@example.test", "smtp:mm@example.test", "x500:/o=x"}, Password: right},
		ldapsim.Account{Login: "x3", Mail: []string{"twice@example.test"}, Password: right},
		ldapsim.Account{Login: "x4", UPN: "twice@example.test", Password: right},
		ldapsim.Account{Login: "twice", UPN: "third@example.test", Password: right},
	)
	c := b.reader()
	for user, want := range map[string][]string{
		"jdoe@example.test":    {"x1"},       // its address outranks the other's login name
		"JDoe@Example.Test":    {"x1"},       // whatever the case
		"jdoe":                 {"jdoe"},     // by the login name alone
		"jdoe@elsewhere.test":  {"jdoe"},     // likewise
		"someone@example.test": {"jdoe"},     // userPrincipalName
		"mm@example.test":      {"x2"},       // proxyAddresses
		"mueller@example.test": {"x2"},       // the primary one
		"twice@example.test":   {"x3", "x4"}, // two by address; the login name does not count beside them
		"nobody@example.test":  {},
	} {
		o := c.Account(b.ctx(), user)
		var want2 []string
		for _, login := range want {
			want2 = append(want2, cn(login))
		}
		if !o.OK() || !slices.Equal(o.Value.Matches, want2) || o.Value.Matches == nil || (o.Value.AD != nil) != (len(want) == 1) {
			t.Errorf("%s: %+v, want %v", user, o, want2)
		}
	}
	if got := c.Account(b.ctx(), "mm@example.test").Value.AD.Mail; !slices.Equal(got, []string{"mueller@example.test", "mm@example.test"}) {
		t.Errorf("mail: %v", got)
	}
}

func TestHostileNamesStayValues(t *testing.T) {
	for _, user := range []string{"*", "*)(uid=*", "*)(objectClass=*", "reader)(|(uid=*", "\x00", `\`, `\2a`, "reader*", "(", ")", "&", "\xff\xfe", strings.Repeat("(", 300)} {
		for kind, b := range map[string]*bench{"AD": adBench(t, domainPolicy), "OD": odBench(t, odPolicy)} {
			o := b.reader().Account(b.ctx(), user)
			if !o.OK() || len(o.Value.Matches) != 0 {
				t.Errorf("%s %q: %+v", kind, user, o)
			}
		}
	}
	b := adBench(t, domainPolicy, ldapsim.Account{Login: `a*b(c)\d`, DN: "CN=odd,CN=Users," + ldapsim.Base, Password: right})
	if got := b.ad(`a*b(c)\d@example.test`).Login; got != `a*b(c)\d` {
		t.Errorf("found %q", got)
	}
	o := b.reader().Account(b.ctx(), "")
	same(t, "nobody", o.Why, probes.Unclear)
}

func TestManyMatchesAreBounded(t *testing.T) {
	b := odBench(t, odPolicy)
	for i := range 30 {
		b.dir.Add(ldapsim.Account{Login: "n" + string(rune('a'+i)), Mail: []string{"all@example.test"}, Password: right})
	}
	e := b.entry("all@example.test")
	if len(e.Matches) != 10 || e.OD != nil {
		t.Errorf("%d matches", len(e.Matches))
	}
	// Cut short, the one that bears the whole address may not be the only one.
	for i := range 30 {
		b.dir.Add(ldapsim.Account{Login: "many", DN: uid("many" + string(rune('a'+i))), Password: right})
	}
	b.dir.Change("many", func(a *ldapsim.Account) { a.Mail = []string{"many@example.test"} })
	if e := b.entry("many@example.test"); len(e.Matches) != 10 || e.OD != nil {
		t.Errorf("%d matches, one of them preferred", len(e.Matches))
	}
}

func TestWrongBase(t *testing.T) {
	for kind, want := range map[probes.DirectoryKind]probes.Why{probes.ActiveDirectory: probes.Unclear, probes.OpenDirectory: probes.NotPermitted} {
		b := adBench(t, domainPolicy)
		if kind == probes.OpenDirectory {
			b = odBench(t, odPolicy)
		}
		b.target.BaseDN = "DC=elsewhere,DC=test"
		o := b.reader().Account(b.ctx(), "jdoe")
		same(t, kind.String(), o.Why, want)
		if !strings.Contains(o.Words, "result 32") {
			t.Errorf("%v: words %q", kind, o.Words)
		}
	}
}

func TestBaseBelowTheDomain(t *testing.T) {
	b := adBench(t, domainPolicy, ldapsim.Account{Login: "jdoe", Password: right})
	for _, base := range []string{"", "CN=Users," + ldapsim.Base} {
		b.target.BaseDN = base
		if a := b.ad("jdoe"); a.Lockout == nil || a.Lockout.Threshold != 3 {
			t.Errorf("base %q: %+v", base, a.Lockout)
		}
	}
}

func TestUnboundReaderIsShownNothing(t *testing.T) {
	ad := adBench(t, domainPolicy)
	o := ad.open().Account(ad.ctx(), "reader")
	same(t, "AD", o.Why, probes.NotPermitted)
	if !strings.Contains(o.Words, "00002020") {
		t.Errorf("words %q", o.Words)
	}
	od := odBench(t, odPolicy)
	same(t, "OD", od.open().Account(od.ctx(), "reader").Why, probes.NotPermitted)
}
