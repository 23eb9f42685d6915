package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

// askedOf are facts of a run with an address, where the caller's secret was tried at a service; zero: no secret.
func askedOf(address string, service probes.Service, outcome probes.Outcome) *probes.Snapshot {
	s := facts()
	s.Target.ClientAddress = address
	s.Login = &probes.Login{}
	if service != 0 {
		s.Login = &probes.Login{SecretGiven: true, UsedOn: service, Attempts: []probes.Attempt{{Who: probes.AttemptUser, Service: service, Outcome: outcome}}}
	}
	return s
}

// TestTheNextRunAsksTheSame: the command behind THEN keeps what decided, and no secret.
func TestTheNextRunAsksTheSame(t *testing.T) {
	profile := askedOf("192.0.2.44", 0, 0)
	profile.Target.ProfileGiven = "./jane's profiles/acme.yaml"
	known := facts()
	known.Account.Stalwart = &probes.StalwartAccount{Secret: &probes.StalwartSecret{Shape: probes.StalwartShapeAppPassword}}
	for want, s := range map[string]*probes.Snapshot{
		"logindoctor check jdoe@example.test": facts(),
		`logindoctor check jdoe@example.test --profile './jane'\''s profiles/acme.yaml' --client-address 192.0.2.44`: profile,
		"logindoctor check jdoe@example.test --client-address 2001:db8::7":                                           askedOf("2001:db8::7", probes.ServiceIMAP, probes.Withheld),
		"logindoctor check jdoe@example.test --secret-prompt --secret-used-on imap":                                  askedOf("", probes.ServiceIMAP, probes.Refused),
		"logindoctor check jdoe@example.test --secret-prompt":                                                        known,
	} {
		r := New([]*checks.Check{problem("a"), made("b", checks.Finding{Verdict: checks.Notice})}, s, Meta{})
		for _, got := range []string{r.Diagnosis[0].Remedy.Verify, r.Checks[0].Remedy.Verify, r.Checks[1].Remedy.Verify} {
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}
	}
	r := New([]*checks.Check{problem("a")}, profile, Meta{})
	if again := Rejudge(r, []*checks.Check{problem("a")}); again.Diagnosis[0].Remedy.Verify != r.Diagnosis[0].Remedy.Verify {
		t.Errorf("judged again: %s", again.Diagnosis[0].Remedy.Verify)
	}
	if _, replaced := New([]*checks.Check{problem("a")}, facts(), Meta{}).Private(PrivacyVendor); slices.ContainsFunc(replaced, func(d Replaced) bool { return d.Value == "''" }) {
		t.Errorf("no profile was given: %v", replaced)
	}
	vendor, _ := r.Private(PrivacyVendor)
	if v := vendor.Diagnosis[0].Remedy.Verify; strings.Contains(v, "jane") || strings.Contains(v, "192.0.2.44") {
		t.Errorf("to the vendor: %s", v)
	}
}

// TestCompareAskedOtherwise: what was not looked for again is not mended.
func TestCompareAskedOtherwise(t *testing.T) {
	other := askedOf("192.0.2.44", 0, 0)
	other.Target.Profile = "other"
	const unknown = "not known whether it is mended"
	for name, c := range map[string]struct {
		before, after *probes.Snapshot
		skip          []string
		privacy       Privacy
		words, says   string
	}{
		"the same":             {askedOf("192.0.2.44", probes.ServiceIMAP, probes.Refused), askedOf("192.0.2.44", probes.ServiceIMAP, probes.Accepted), nil, 0, "mended", ""},
		"written otherwise":    {askedOf("::ffff:192.0.2.44", 0, 0), askedOf("192.0.2.44", 0, 0), nil, 0, "mended", ""},
		"no address":           {askedOf("192.0.2.44", 0, 0), askedOf("", 0, 0), nil, 0, unknown, "The client's address: 192.0.2.44 before, none given after."},
		"another address":      {askedOf("192.0.2.44", 0, 0), askedOf("192.0.2.45", 0, 0), nil, 0, unknown, "192.0.2.44 before, 192.0.2.45 after."},
		"pseudonyms":           {askedOf("192.0.2.44", 0, 0), askedOf("192.0.2.45", 0, 0), nil, PrivacyVendor, "mended", ""},
		"a pseudonym, none":    {askedOf("192.0.2.44", 0, 0), askedOf("", 0, 0), nil, PrivacyVendor, unknown, "address-1 before, none given after."},
		"no secret":            {askedOf("", probes.ServiceIMAP, probes.Refused), askedOf("", 0, 0), nil, 0, unknown, "The caller's secret: used before, not after."},
		"secret withheld":      {askedOf("", probes.ServiceIMAP, probes.Refused), askedOf("", probes.ServiceIMAP, probes.Withheld), nil, 0, unknown, "The caller's secret: used before, not after."},
		"withheld before":      {askedOf("", probes.ServiceIMAP, probes.Withheld), askedOf("", 0, 0), nil, 0, "mended", ""},
		"a secret more":        {askedOf("", 0, 0), askedOf("", probes.ServiceIMAP, probes.Accepted), nil, 0, "mended", ""},
		"used elsewhere":       {askedOf("", probes.ServiceIMAP, probes.Refused), askedOf("", probes.ServiceAPI, probes.Accepted), nil, 0, unknown, "Where the secret is used: imap before, api after."},
		"another profile":      {askedOf("192.0.2.44", 0, 0), other, nil, 0, unknown, "The profile: acme before, other after."},
		"the check left out":   {facts(), facts(), []string{"a"}, 0, unknown, "The check a: left out after."},
		"another one left out": {facts(), facts(), []string{"b"}, 0, "mended", ""},
	} {
		t.Run(name, func(t *testing.T) {
			before := New([]*checks.Check{problem("a"), fine("b")}, c.before, Meta{})
			after := New([]*checks.Check{fine("a"), fine("b")}, c.after, Meta{Skip: c.skip})
			before, _ = before.Private(c.privacy)
			after, _ = after.Private(c.privacy)
			got, err := Compare(before, after)
			if err != nil {
				t.Fatal(err)
			}
			if w := changeWords(got); !strings.HasPrefix(w, c.words) || strings.Join(got.Otherwise, " ") != c.says && !strings.HasSuffix(strings.Join(got.Otherwise, " "), c.says) {
				t.Errorf("%s; %q", w, got.Otherwise)
			}
			var text bytes.Buffer
			if err := CompareText(&text, got, Options{}); err != nil || strings.Contains(text.String(), c.says) != true {
				t.Errorf("%v\n%s", err, text.String())
			}
			if run := "To ask the same: " + before.Diagnosis[0].Remedy.Verify; strings.Contains(text.String(), run) != (c.says != "" && c.privacy != PrivacyVendor) {
				t.Errorf("the command:\n%s", text.String())
			}
		})
	}
}
