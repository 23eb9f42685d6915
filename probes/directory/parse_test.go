package directory

import (
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"

	"logindoctor.example/probes"
)

func ref[T any](v T) *T { return &v }

func TestFiletime(t *testing.T) {
	when := func(text string) *time.Time {
		v, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return &v
	}
	for text, want := range map[string]*time.Time{
		"0": nil, "9223372036854775807": nil, "-1": nil, "9223372036854775806": nil,
		"116444736000000000": when("1970-01-01T00:00:00Z"), "134397979360000000": ref(time.Unix(1795324336, 0)), "134397979023568330": when("2026-11-22T05:11:42.356833Z"),
		"1": when("1601-01-01T00:00:00.0000001Z"),
	} {
		got, ok := filetime(text)
		if !ok || (got == nil) != (want == nil) || got != nil && !got.Equal(*want) {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
	if _, ok := filetime(""); ok {
		t.Error("nothing is no time")
	}
}

func TestInterval(t *testing.T) {
	for text, want := range map[string]int64{"-18000000000": 1800_000, "-36288000000000": 42 * 24 * 3600_000, "0": 0, "-9223372036854775808": 0} {
		if got, ok := interval(text); !ok || got != want {
			t.Errorf("%s: %d %v", text, got, ok)
		}
	}
	if _, ok := interval("soon"); ok {
		t.Error("a word is no duration")
	}
}

func TestGeneralizedTime(t *testing.T) {
	for text, want := range map[string]string{
		"20261122043211Z": "2026-11-22T04:32:11Z", "20261122043210.885243Z": "2026-11-22T04:32:10.885243Z", "000001010000Z": "0000-01-01T00:00:00Z",
		"20261122043211.0Z": "2026-11-22T04:32:11Z", "202611220432Z": "2026-11-22T04:32:00Z", "2026112204Z": "2026-11-22T04:00:00Z",
		"20261122043211+0130": "2026-11-22T03:02:11Z", "20261122043211-01": "2026-11-22T05:32:11Z", "2026112204,5Z": "2026-11-22T04:30:00Z", "20261231235960Z": "2026-12-31T23:59:59Z",
	} {
		if got, ok := generalizedTime(text); !ok || got.Format(time.RFC3339Nano) != want {
			t.Errorf("%s: got %v %v, want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "Z", "20261122043211", "20261322043211Z", "20261122043211.Z", "20261122043211ZZ", "x", "20261122043211+1", "00000101000000+2359"} {
		if got, ok := generalizedTime(text); ok {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestSubcode(t *testing.T) {
	const text = "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data "
	for words, want := range map[string]probes.ADSubcode{text + "52e, v1db1": 0x52e, text + "775, v4563\x00": 0x775, text + "0, v1db1": 0, text + "80090346, v1": 0, text: 0,
		"something else, data 52e": 0, "": 0, text + "701": 0x701} {
		if got := subcode(words); got != want {
			t.Errorf("%q: %x, want %x", words, got, want)
		}
	}
}

func TestPPolicy(t *testing.T) {
	for value, want := range map[string]probes.PPolicy{
		"3000": {}, "3003810101": {Error: probes.PPolicyLocked}, "3003810100": {Error: probes.PPolicyExpired}, "3003810102": {Error: probes.PPolicyChangeAfterReset},
		"3005a003810102": {Grace: ref(2)}, "3007a005800303f47f": {ExpiresIn: ref(259199)}, "3003810106": {Error: probes.PPolicyOther}, "3008a003810100810100": {Grace: ref(0), Error: probes.PPolicyExpired},
		"": {}, "ff": {}, "3005a0038101": {}, "30038101": {}, "3004820100": {}, "3003810105ff": {Error: probes.PPolicyOther},
	} {
		raw, err := hex.DecodeString(value)
		if err != nil {
			t.Fatal(err)
		}
		if got := ppolicy(raw); !reflect.DeepEqual(*got, want) {
			t.Errorf("%s: got %+v, want %+v", value, got, want)
		}
	}
}

func TestNumbersOfAPlist(t *testing.T) {
	const head = `<plist version="1.0"><dict><key>isDisabled</key>`
	for value, want := range map[string]int{"<true/>": 1, "<false/>": 0, "<integer>1</integer>": 1, "<integer>0</integer>": 0, "<string>1</string>": 1, "<string>true</string>": 1,
		"<string>0</string>": 0, "<integer>-4</integer>": 0, "<real>2.0</real>": 2, "<string>no</string>": 0, "<date>2026-11-22T00:00:00Z</date>": 0, "<array/>": 0} {
		if got := number(readPlist([]byte(head + value + "</dict></plist>"))["isDisabled"]); got != want {
			t.Errorf("%s: %d, want %d", value, got, want)
		}
	}
	for _, raw := range []string{"", "<plist>", "bplist00", "no plist", head + strings.Repeat("<array>", 5000)} {
		if p := applePlist([]byte(raw)); p != nil {
			t.Errorf("%.20q: %+v", raw, p)
		}
	}
}

func TestDomainRoot(t *testing.T) {
	for dn, want := range map[string]string{"DC=example,DC=test": "DC=example,DC=test", "OU=Staff,OU=x,dc=example,dc=test": "dc=example,dc=test", "OU=Staff": "", "": "", "x": "",
		"DC=odd,OU=x,DC=example,DC=test": "DC=example,DC=test"} {
		if got := domainRoot(dn); !strings.EqualFold(got, want) {
			t.Errorf("%q: %q, want %q", dn, got, want)
		}
	}
}

func TestPolicyWithoutItsDecidingAttributesIsHidden(t *testing.T) {
	for name, row := range map[string]struct {
		has       map[string]string
		origin    probes.PolicyOrigin
		threshold int
	}{
		"neither":         {map[string]string{attrPolicyWindow: "60"}, probes.PolicyHidden, 0},
		"off":             {map[string]string{attrPolicyLockout: "FALSE", attrPolicyMax: "5"}, 0, 0},
		"on":              {map[string]string{attrPolicyLockout: "TRUE", attrPolicyMax: "5"}, 0, 5},
		"only the number": {map[string]string{attrPolicyMax: "5"}, 0, 5},
	} {
		p := odPolicy(entryOf("cn=p", row.has))
		if p.Origin != row.origin || p.Threshold != row.threshold {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func FuzzSubcode(f *testing.F) {
	f.Add("80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1\x00")
	f.Add("LdapErr:, data ffff")
	f.Fuzz(func(t *testing.T, words string) {
		if subcode(words) != 0 && !strings.Contains(words, "data ") {
			t.Errorf("a code out of %q", words)
		}
	})
}

func FuzzGeneralizedTime(f *testing.F) {
	for _, s := range []string{"20261122043211Z", "20261122043210.885243Z", "000001010000Z", "2026112204,5+0130"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, ok := generalizedTime(text); ok {
			if _, err := json.Marshal(got); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}

func FuzzFiletime(f *testing.F) {
	f.Add("134397979360000000")
	f.Add("9223372036854775807")
	f.Fuzz(func(t *testing.T, text string) {
		if got, _ := filetime(text); got != nil {
			if _, err := json.Marshal(got); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}

func FuzzPlist(f *testing.F) {
	f.Add([]byte(`<plist version="1.0"><dict><key>isDisabled</key><integer>1</integer></dict></plist>`))
	f.Add([]byte("bplist00\xd1\x01\x02"))
	f.Add([]byte(`{isDisabled=1;}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if p := applePlist(raw); p != nil && (p.MaxFailed < 0 || p.DisableReason < 0) {
			t.Errorf("%+v", p)
		}
	})
}

func FuzzBindOutcome(f *testing.F) {
	f.Add([]byte("\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x31\x04\x00\x04\x00"), "secret")
	f.Add([]byte("\x30\x84\x00\x00\x00\x10\x02\x01\x01\x61\x84\x00\x00\x00\x07\x0a\x01\x31\x04\x00\x04\x00"), "x")
	f.Fuzz(func(t *testing.T, answer []byte, password string) {
		out, ok := bindOutcome(answer, password)
		if _, err := json.Marshal(out); ok && err != nil {
			t.Error(err)
		}
		// A secret that the mark itself holds, or that the cleaning makes anew, cannot be told from the mark.
		if len(password) > len("[redacted]") && !strings.ContainsRune(password, '\ufffd') && strings.Contains(out.Words, password) {
			t.Errorf("%q stands in %q", password, out.Words)
		}
	})
}

func FuzzPPolicy(f *testing.F) {
	f.Add([]byte("\x30\x07\xa0\x05\x80\x03\x03\xf4\x7f"))
	f.Fuzz(func(t *testing.T, value []byte) {
		if _, err := json.Marshal(ppolicy(value)); err != nil {
			t.Error(err)
		}
	})
}

// FuzzMessage: what is let through is one whole message that asn1-ber reads to its end, in bounds.
func FuzzMessage(f *testing.F) {
	f.Add([]byte("\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x31\x04\x00\x04\x00rest"))
	f.Add([]byte("\x30\x84\x7f\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := message(b)
		if err != nil || n == 0 {
			return
		}
		if n > len(b) || n > maxMessage+6 {
			t.Fatalf("%d of %d bytes", n, len(b))
		}
		if p, err := ber.DecodePacketErr(b[:n]); err == nil && depth(p) > maxDepth+1 {
			t.Errorf("%d deep", depth(p))
		}
		_, _ = parseReply(b[:n])
	})
}

func depth(p *ber.Packet) int {
	deepest := 0
	for _, c := range p.Children {
		deepest = max(deepest, depth(c))
	}
	return deepest + 1
}
