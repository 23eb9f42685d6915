package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"logindoctor.example/probes"
)

// TestBanWords: Stalwart locks nobody; what a refusal may cost is said as what it is.
func TestBanWords(t *testing.T) {
	for want, b := range map[string]Budget{
		"Stalwart locks no account, it bans addresses after 100 failed logins from one address, or on one login name, in 24 h; known on this name 3, left 97; 2 must be left after a refusal, or whoever fails next on the name has the address banned, with all who share it (failures are not logged).": {
			System: "stalwart", Known: true, Threshold: 100, Used: 3, Left: ptr(97), Reserve: 2, WindowMS: 86400000, Note: "failures are not logged"},
		"Stalwart locks no account, it bans addresses; a refusal bans nothing here (it is exempt).":                                                         {System: "stalwart", Known: true, Note: "it is exempt"},
		"Stalwart locks no account, it bans addresses; whether a refusal would have this computer's banned is not known (not-permitted) (its log, unread).": {System: "stalwart", Why: probes.NotPermitted, Threshold: 100, Note: "its log, unread"},
	} {
		if got := budgetWords(b); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		for _, lock := range []string{"wrong password", "never locks"} {
			if strings.Contains(budgetWords(b), lock) {
				t.Errorf("it speaks of %q: %s", lock, budgetWords(b))
			}
		}
	}
	var out strings.Builder
	l := &probes.Login{SecretGiven: true, MaxFailures: 1, Budgets: []probes.Budget{{System: "stalwart", Known: true, Threshold: 100, Reserve: 2, WindowMS: 86400000}},
		Steps: []probes.Step{{Who: probes.AttemptUser, Service: probes.ServiceIMAP, Do: probes.DoTry, Reason: "x"}, {Who: probes.AttemptUser, Service: probes.ServiceManageSieve, Do: probes.DoIf, Reason: "y"}}}
	if err := PlanText(&out, l, Options{}); err != nil || !strings.Contains(strings.Join(strings.Fields(out.String()), " "), "The user over ManageSieve: only if needed") || !strings.Contains(out.String(), "bans addresses") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// TestStalwartsRepliesAreShown: what ManageSieve and HTTP said stands in the log of attempts, as a server writes it.
func TestStalwartsRepliesAreShown(t *testing.T) {
	l := &probes.Login{Attempts: []probes.Attempt{
		{Service: probes.ServiceManageSieve, Outcome: probes.Refused, Sieve: &probes.SieveOutcome{Status: probes.SieveNO, Code: "TRYLATER", Words: "LDAP error"}},
		{Service: probes.ServiceManageSieve, Outcome: probes.Unanswered, Sieve: &probes.SieveOutcome{Status: probes.SieveClosed}},
		{Service: probes.ServiceAPI, Outcome: probes.Refused, HTTP: &probes.StalwartOutcome{Refusal: probes.StalwartMFA, Words: "HTTP 402: MFA code required"}}}}
	for i, want := range []string{`NO (TRYLATER) "LDAP error"`, "closed", "HTTP 402: MFA code required"} {
		if got := attempts(l).Log[i].Words; got != want {
			t.Errorf("%d: %q, want %q", i, got, want)
		}
	}
	doc := document(t, crowdedStalwart(t))
	log := doc["attempts"].(map[string]any)["log"].([]any)
	if a := log[1].(map[string]any); a["service"] != "managesieve" || !strings.HasPrefix(a["words"].(string), `NO "no sieve for `) {
		t.Errorf("in the document: %v", a)
	}
}

// stalwartFacts are those of a user of Stalwart with a ban, a log, and credentials with dates.
func stalwartFacts(t *testing.T, over map[string]any) *Report {
	t.Helper()
	facts := map[string]any{
		"target": map[string]any{"client_address": "203.0.113.9"},
		"stalwart": map[string]any{
			"blocked": map[string]any{"value": map[string]any{"rows": []any{
				map[string]any{"id": "x", "mask": "203.0.113.0/24", "reason": "authFailure", "created_at": "2026-11-22T08:00:00Z", "expires_at": "2026-11-23T08:00:00Z"}},
				"considered": []any{"203.0.113.9"}, "total": 1, "complete": true}},
			"address_log":   map[string]any{"value": map[string]any{"events": []any{ban("2026-11-22T08:00:00Z", "security.authentication-ban", "banned"), ban("2026-11-22T08:05:00Z", "security.ip-blocked", "blocked")}}},
			"directory_log": map[string]any{"value": map[string]any{"events": []any{map[string]any{"at": "2026-11-22T07:00:00Z", "kind": "ldap-error", "event": "store.ldap-error", "code": 49}}}},
		},
		"account": map[string]any{"stalwart": map[string]any{
			"user": map[string]any{"value": map[string]any{"credentials": []any{
				map[string]any{"id": "a", "kind": "password", "expires_at": "2026-12-24T00:00:00Z"},
				map[string]any{"id": "b", "kind": "app-password", "description": "Thunderbird", "created_at": "2026-05-01T10:00:00Z", "expires_at": "2026-11-20T00:00:00Z"}}}},
			"log": map[string]any{"value": map[string]any{"events": []any{
				map[string]any{"at": "2026-11-22T07:10:00Z", "kind": "failed", "event": "auth.failed", "listener": "imaps", "address": "203.0.113.9", "reason": "Authentication failed", "credential_id": "b"},
				map[string]any{"at": "2026-11-22T07:20:00Z", "kind": "failed", "event": "auth.failed", "listener": "imaps", "address": "203.0.113.9", "reason": "Authentication failed", "credential_id": "b"},
				map[string]any{"at": "2026-11-22T07:25:00Z", "kind": "unauthorized", "event": "security.unauthorized", "listener": "imaps", "address": "203.0.113.9", "details": "imapAuthenticate"},
				map[string]any{"at": "2026-11-22T07:30:00Z", "kind": "success", "event": "auth.success", "listener": "https", "address": "203.0.113.9"},
				ban("2026-11-22T08:00:00Z", "security.authentication-ban", "banned")}}},
			"bans": map[string]any{"value": map[string]any{"events": []any{ban("2026-11-22T08:00:00Z", "security.authentication-ban", "banned")}}},
		}},
	}
	for k, v := range over {
		facts[k] = v
	}
	return judged(t, "stalwart+client-at-home", facts)
}

func ban(at, event, kind string) map[string]any {
	return map[string]any{"at": at, "kind": kind, "event": event, "listener": "imaps", "address": "203.0.113.9"}
}

func TestTimelineOfStalwart(t *testing.T) {
	var got []string
	for _, e := range stalwartFacts(t, nil).Timeline {
		got = append(got, fmt.Sprintf("%s %s %d %s", e.At.UTC().Format("01-02 15:04"), e.Kind, e.Count, e.What))
	}
	want := []string{
		`05-01 10:00 app-password-made 1 Stalwart: app password "Thunderbird" made`,
		`06-01 10:00 app-password-made 1 Stalwart: app password "Phone" made`,
		`11-20 00:00 app-password-expires 1 Stalwart: app password "Thunderbird" expires`,
		`11-22 07:00 log 1 Stalwart: its directory failed (code 49)`,
		`11-22 07:20 failure 2 Stalwart: login refused at imaps from 203.0.113.9, app password "Thunderbird"`,
		`11-22 07:25 failure 1 Stalwart: a permission was missing (imapAuthenticate) at imaps from 203.0.113.9`,
		`11-22 07:30 login 1 Stalwart: logged in at https from 203.0.113.9`,
		`11-22 08:00 address-blocked 1 Stalwart: ban of 203.0.113.0/24 (authFailure)`,
		`11-22 08:00 address-blocked 1 Stalwart: a failure had its address banned at imaps from 203.0.113.9`,
		`11-22 08:05 address-blocked 1 Stalwart: turned away: the address is banned at imaps from 203.0.113.9`,
		`11-23 08:00 block-ends 1 Stalwart: the ban of 203.0.113.0/24 ends`,
		`12-24 00:00 password-expires 1 Stalwart: the account's own password expires`,
	}
	if !slices.Equal(got, want) {
		for i := range max(len(got), len(want)) {
			t.Errorf("%d\n got %q\nwant %q", i, at(got, i), at(want, i))
		}
	}
}
