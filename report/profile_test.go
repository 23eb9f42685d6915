package report

import (
	"strings"
	"testing"

	"logindoctor.example/probes"
)

// TestProfileTextRefusedReader: a bind that was answered with a refusal was looked at, and is nothing to tick off.
func TestProfileTextRefusedReader(t *testing.T) {
	for result, want := range map[probes.LDAPResult]string{probes.LDAPSuccess: "✓ seen", probes.LDAPInvalidCredentials: "✗ refused"} {
		s := refusedReader(result)
		s.Directory[0].Bind.What, s.Directory[0].Bind.Source, s.Directory[0].Bind.Value.Words = "bind", "dc1:636", "data 52e"
		var out strings.Builder
		all, refused, err := ProfileText(&out, s, Options{})
		if err != nil || all != (result == probes.LDAPSuccess) || refused == all || !strings.Contains(out.String(), want) {
			t.Errorf("result %d: all %t, refused %t, %v\n%s", result, all, refused, err, out.String())
		}
		if !all && !strings.Contains(out.String(), "49 data 52e") {
			t.Errorf("the server's words are missing:\n%s", out.String())
		}
	}
}

// TestProfileTextOfStalwart: the certificates of both its services, and what the API key lacks.
func TestProfileTextOfStalwart(t *testing.T) {
	missing := func(o *probes.Observation[[]string]) (string, bool) {
		s := facts()
		reach := func(address string) *probes.Reach {
			return &probes.Reach{Address: address, Stage: probes.StageTalk, Certificate: &probes.Certificate{NotAfter: noon}}
		}
		s.Stalwart = &probes.StalwartServer{API: reach("mail:443"), ManageSieve: &probes.SieveServer{Reach: reach("mail:4190")}, Missing: o}
		var out strings.Builder
		all, refused, err := ProfileText(&out, s, Options{})
		if err != nil || refused {
			t.Errorf("refused %t, %v", refused, err)
		}
		for _, want := range []string{"mail:443: until 2026-11-22", "mail:4190: until 2026-11-22"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q is missing:\n%s", want, out.String())
			}
		}
		return out.String(), all
	}
	for name, c := range map[string]struct {
		o    *probes.Observation[[]string]
		all  bool
		says string
	}{
		"nothing is missing": {&probes.Observation[[]string]{Value: []string{}}, true, "It has all permissions that it needs."},
		"two are missing":    {&probes.Observation[[]string]{Value: []string{"sysLogGet", "sysLogQuery"}}, false, "? missing       sysLogGet"},
		"not told":           {&probes.Observation[[]string]{Look: probes.Look{Probe: probes.ProbeStalwart, What: "GET /api/account", Why: probes.Timeout}}, false, "? timeout"},
	} {
		text, all := missing(c.o)
		if all != c.all || !strings.Contains(text, c.says) {
			t.Errorf("%s: all %t\n%s", name, all, text)
		}
		if name != "nothing is missing" && strings.Contains(text, "It has all") {
			t.Errorf("%s: it is said to have all\n%s", name, text)
		}
	}
}
