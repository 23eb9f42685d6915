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

func TestVendorNamesNobody(t *testing.T) {
	whole := crowded(t)
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
	r, replaced := crowded(t).Private(PrivacyTicket)
	text := written(t, "json", r) + written(t, "text", r)
	for _, kept := range []string{"jdoe@example.test", "dc1.example.test", "192.0.2.44", "mail.example.test"} {
		if !strings.Contains(text, kept) {
			t.Errorf("%q is needed and gone", kept)
		}
	}
	for _, word := range []string{"Jane", "Miller", "OU=Staff", "colleague"} {
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
