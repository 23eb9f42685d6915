package report

import (
	"archive/zip"
	"bytes"
	"slices"
	"strings"
	"testing"

	"logindoctor.example/probes"
)

// crowded is a case with people, machines and directory names in every corner, server words included.
func crowded(t *testing.T) *Report {
	t.Helper()
	return judged(t, "kerio-ad+two-dcs+ad-locked+one-device-fails+kerio-folders+kerio-stale+tried-refused", map[string]any{
		"target": map[string]any{"profile": "acme", "client_address": "2001:db8::44"},
		"account": map[string]any{"kerio": map[string]any{
			"user":  map[string]any{"value": map[string]any{"full_name": "Jane Doe-Miller"}},
			"audit": map[string]any{"value": map[string]any{"events": []any{map[string]any{"at": "2026-11-22T03:00:00Z", "kind": "authenticated", "protocol": "IMAP", "address": "192.0.2.44", "words": "IMAP: User jdoe@example.test authenticated  from IP address 192.0.2.44; Jane Doe-Miller's phone, for colleague@other.example"}}}},
		}},
	})
}

var crowd = []string{"jdoe", "Jane", "Miller", "J Doe", "example.test", "dc1", "mail.example", "svc-kerio", "192.0.2.44", "198.51.100.7", "2001:db8", "colleague", "other.example", "OU=Staff", "acme"}

// crowdedStalwart is the same of Stalwart, its loud protocols' words included.
func crowdedStalwart(t *testing.T) *Report {
	t.Helper()
	line := func(over map[string]any) map[string]any {
		e := ban("2026-11-22T07:10:00Z", "auth.failed", "failed")
		for k, v := range over {
			e[k] = v
		}
		return e
	}
	value := func(v any) map[string]any { return map[string]any{"value": v} }
	said := "for jdoe@example.test of coworker@other.example at 192.0.2.77, CN=J Doe,OU=Staff,DC=example,DC=test"
	return judged(t, "stalwart+stalwart-ldap+client-at-home", map[string]any{
		"target": map[string]any{"profile": "acme"},
		"stalwart": map[string]any{
			"session":     value(map[string]any{"user": "svc-doctor@tools.example"}),
			"domain":      value(map[string]any{"aliases": []any{"example-alias.test"}}),
			"roles":       value(map[string]any{"rows": []any{map[string]any{"id": "u", "name": "Staff of Miller", "enabled": []any{"authenticate", "imapAuthenticate"}}}}),
			"blocked":     value(map[string]any{"rows": []any{map[string]any{"id": "x", "mask": "203.0.113.0/24", "reason": "authFailure", "words": "Miller office", "created_at": "2026-11-22T08:00:00Z"}}, "total": 1}),
			"allowed":     value(map[string]any{"rows": []any{map[string]any{"id": "y", "mask": "2001:db8:9::/48", "words": "Jane at home"}}}),
			"system":      value(map[string]any{"host_name": "mx7.inside.example", "proxy_networks": []any{"198.51.100.64/26"}}),
			"directories": value([]any{map[string]any{"id": "d", "name": "Miller AD"}}),
			"address_log": value(map[string]any{"events": []any{ban("2026-11-22T08:00:00Z", "security.authentication-ban", "banned")}}),
		},
		"account": map[string]any{"stalwart": map[string]any{
			"user": value(map[string]any{"aliases": []any{"jane.miller@example-alias.test"}, "permissions": map[string]any{"mode": "merge", "disabled": []any{"imapAuthenticate"}}, "credentials": []any{
				map[string]any{"id": "b", "description": "Jane's \"best\" phone", "created_at": "2026-05-01T10:00:00Z", "expires_at": "2026-11-20T00:00:00Z", "allowed_ips": []any{"192.0.2.128/25"}}}}),
			"log":    value(map[string]any{"events": []any{line(map[string]any{"reason": said, "credential_id": "b"})}}),
			"bans":   value(map[string]any{"events": []any{ban("2026-11-22T08:00:00Z", "security.authentication-ban", "banned")}}),
			"secret": map[string]any{"shape": "app-password", "credential_id": "b"},
		}},
		"login": map[string]any{"secret_given": true, "max_failures": 1, "attempts": []any{
			map[string]any{"at": "2026-11-22T09:14:01Z", "who": "user", "service": "imap", "server": "mail.example.test:993", "outcome": "unanswered", "why": "unreachable", "reason": "closed", "imap": map[string]any{"mechanism": "LOGIN", "status": "closed"}},
			map[string]any{"at": "2026-11-22T09:14:01Z", "who": "user", "service": "managesieve", "server": "mail.example.test:4190", "outcome": "refused", "sieve": map[string]any{"status": "NO", "words": "no sieve " + said}},
			map[string]any{"at": "2026-11-22T09:14:02Z", "who": "user", "service": "api", "server": "https://mail.example.test", "outcome": "refused", "http": map[string]any{"refusal": "forbidden", "http": 403, "user": "jdoe@example.test", "words": "HTTP 403: no session " + said}}}},
	})
}

var crowdAtStalwart = []string{"jdoe", "Jane", "Miller", "J Doe", "example.test", "example-alias", "mail.example", "dc1", "mx7", "inside.example", "svc-doctor", "tools.example", "svc-stalwart",
	"203.0.113", "198.51.100", "192.0.2", "2001:db8", "coworker", "other.example", "OU=Staff", "acme"}

func TestVendorNamesNobody(t *testing.T) {
	t.Run("Kerio", func(t *testing.T) { namesNobody(t, crowded(t), crowd) })
	t.Run("Stalwart", func(t *testing.T) {
		whole := crowdedStalwart(t)
		namesNobody(t, whole, crowdAtStalwart)
		r, _ := whole.Private(PrivacyVendor)
		text := written(t, "text", r)
		for _, kept := range []string{"no sieve for person-", "no session for person-", `app password "name-`} {
			if !strings.Contains(strings.Join(strings.Fields(text), " "), kept) {
				t.Errorf("%q is gone:\n%s", kept, text)
			}
		}
	})
}

// namesNobody writes the report at the level vendor in every format and as a bundle, and looks for each word of the crowd.
func namesNobody(t *testing.T, whole *Report, crowd []string) {
	t.Helper()
	plain := written(t, "json", whole)
	for _, word := range crowd {
		if !strings.Contains(plain, word) {
			t.Fatalf("the case does not hold %q", word)
		}
	}
	r, replaced := whole.Private(PrivacyVendor)
	texts := map[string]string{}
	for _, f := range Formats {
		texts[f.Name] = written(t, f.Name, r)
	}
	data := bundled(t, r)
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		member, err := member(f)
		if err != nil {
			t.Fatal(err)
		}
		texts["bundle "+f.Name] = f.Name + string(member)
	}
	for name, text := range texts {
		for _, word := range crowd {
			if i := strings.Index(strings.ToLower(text), strings.ToLower(word)); i >= 0 {
				t.Errorf("%s holds %q: …%s…", name, word, text[max(0, i-40):min(len(text), i+60)])
			}
		}
	}
	if !strings.Contains(written(t, "text", r), "person-1@domain-1") || len(replaced) < 10 {
		t.Errorf("%d pseudonyms", len(replaced))
	}
	if s := compiled(t); s.Validate(document(t, r)) != nil {
		t.Errorf("the document does not fit the schema: %v", s.Validate(document(t, r)))
	}
	if r.Subject.User == whole.Subject.User || r.Verdict != whole.Verdict || len(r.Diagnosis) != len(whole.Diagnosis) {
		t.Error("the diagnosis is another, or is not masked")
	}
}

// TestPseudonymsAreStable: the same datum has the same name in every run of the same case, and the original is untouched.
func TestPseudonymsAreStable(t *testing.T) {
	r := crowded(t)
	before := written(t, "json", r)
	a, first := r.Private(PrivacyVendor)
	b, second := r.Private(PrivacyVendor)
	if written(t, "json", a) != written(t, "json", b) || !slices.Equal(first, second) {
		t.Error("two maskings differ")
	}
	if written(t, "json", r) != before {
		t.Error("masking changed the report itself")
	}
	again, _ := a.Private(PrivacyTicket)
	if again.Privacy != PrivacyVendor {
		t.Error("a masked report became less masked")
	}
}

func TestTicketKeepsTheCase(t *testing.T) {
	t.Run("Kerio", func(t *testing.T) {
		ticketKeeps(t, crowded(t), []string{"jdoe@example.test", "dc1.example.test", "192.0.2.44", "mail.example.test"}, []string{"Jane", "Miller", "OU=Staff", "colleague"})
	})
	t.Run("Stalwart", func(t *testing.T) {
		// A device's name that names nobody is how the user knows the app password.
		ticketKeeps(t, crowdedStalwart(t), []string{"jdoe@example.test", "dc1.example.test", "203.0.113.9", "203.0.113.0/24", "mail.example.test:4190", `"Phone"`},
			[]string{"Jane", "Miller", "jane.miller", "OU=Service", "coworker", "svc-doctor"})
	})
}

func ticketKeeps(t *testing.T, whole *Report, needed, surplus []string) {
	t.Helper()
	r, replaced := whole.Private(PrivacyTicket)
	text := written(t, "json", r) + written(t, "text", r)
	for _, kept := range needed {
		if !strings.Contains(text, kept) {
			t.Errorf("%q is needed and gone", kept)
		}
	}
	for _, word := range surplus {
		if strings.Contains(text, word) {
			t.Errorf("%q is left", word)
		}
	}
	if len(replaced) == 0 {
		t.Error("nothing was replaced")
	}
}

func TestFullKeepsAll(t *testing.T) {
	r := crowded(t)
	full, replaced := r.Private(PrivacyFull)
	var a, b bytes.Buffer
	if JSON(&a, r) != nil || JSON(&b, full) != nil || a.String() != b.String() || len(replaced) != 0 {
		t.Error("something is masked")
	}
}

// TestMaskedIsNotJudgedAgain: what a check would read are pseudonyms.
func TestMaskedIsNotJudgedAgain(t *testing.T) {
	r, _ := crowded(t).Private(PrivacyVendor)
	if again := Rejudge(r, nil); again.Headline != r.Headline || len(again.Checks) != len(r.Checks) {
		t.Errorf("judged again: %s", again.Headline)
	}
}

// TestAddressesInWords: an address that stands only in a server's words is taken out whole, however it is written.
func TestAddressesInWords(t *testing.T) {
	for _, address := range []string{"203.0.113.9", "2001:db8::9", "::ffff:203.0.113.9", "64:ff9b::203.0.113.9", "fe80::1%eth0", "::1"} {
		r := lockedReport()
		r.Headline = "turned away " + address + " at the door"
		masked, _ := r.Private(PrivacyVendor)
		if got := masked.Headline; !strings.HasPrefix(got, "turned away address-") || !strings.HasSuffix(got, " at the door") || strings.ContainsAny(got, ".:%") {
			t.Errorf("%s: %q", address, got)
		}
	}
}

func FuzzMaskText(f *testing.F) {
	f.Add("jdoe@example.test and CN=J Doe,OU=Staff,DC=example,DC=test from 192.0.2.44")
	f.Fuzz(func(t *testing.T, words string) {
		r := lockedReport()
		r.Facts = &probes.Snapshot{Target: probes.Target{User: "jdoe@example.test"}}
		r.Headline = words
		masked, _ := r.Private(PrivacyVendor)
		for _, m := range mailForm.FindAllString(masked.Headline, -1) {
			if !strings.HasPrefix(m, "person-") && !strings.Contains(m, "@domain-") {
				t.Errorf("%q is left of %q", m, words)
			}
		}
	})
}
