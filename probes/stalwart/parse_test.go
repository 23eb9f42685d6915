package stalwart

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

func TestIDs(t *testing.T) {
	// S: crates/types/src/id.rs has these among its tests.
	for n, id := range map[uint64]string{0: "a", 1: "b", 31: "3", 32: "ba", 33: "bb", 1023: "33", 1024: "baa", 1 << 60: "baaaaaaaaaaaa", 1<<64 - 1: "p333333333333", 20080258862541: singleton} {
		if got := idOf(n); got != id {
			t.Errorf("%d: %s, want %s", n, got, id)
		}
		if got, ok := numberOf(id); !ok || got != n {
			t.Errorf("%s: %d %v", id, got, ok)
		}
	}
	for _, id := range []string{"", "A", "4", "p3333333333333", "zzzzzzzzzzzzzzzz", "é"} {
		if n, ok := numberOf(id); ok {
			t.Errorf("%q is %d", id, n)
		}
	}
}

// TestAllowed: what is not on the list is not sent, whoever asks, and the list only reads.
func TestAllowed(t *testing.T) {
	for _, method := range []string{"x:Account/set", "x:Action/set", "x:AppPassword/get", "Email/query"} {
		c := &Client{now: at}
		if a := c.send(t.Context(), nil, callPath, "", []ask{{"a", accountGet, nil}, {"b", method, nil}}); a.held == "" || c.Requests() != 0 {
			t.Errorf("%s is sent", method)
		}
	}
	for method, permission := range allowed {
		if verb := method[strings.LastIndexByte(method, '/')+1:]; !strings.HasSuffix(permission, map[string]string{"get": "Get", "query": "Query"}[verb]) || permission == "" {
			t.Errorf("%s wants %s", method, permission)
		}
		if verb := method[strings.LastIndexByte(method, '/')+1:]; verb != "get" && verb != "query" {
			t.Errorf("%s does not only read", method)
		}
	}
	for _, path := range []string{sessionPath, callPath, rightsPath} {
		if bans(path) {
			t.Errorf("a request for %s bans", path)
		}
	}
}

func TestRecognise(t *testing.T) {
	for text, want := range map[string]*probes.StalwartSecret{
		"": nil,
		"app_aaaaaajxsu3llwdgaw2tml0ktyistavj7nhq":   {Shape: probes.StalwartShapeAppPassword, CredentialID: "b"},
		"app aaaaaajxsu3llwdgaw2tml0ktyistavj7nhq":   {Shape: probes.StalwartShapeOlder, CredentialID: "b"},
		"app_aaaaaajxsu3llwdgaw2tml0ktyistavj7nh":    {Shape: probes.StalwartShapeMangled, Like: probes.StalwartShapeAppPassword, Faults: []probes.StalwartFault{probes.StalwartFaultShort}, CredentialID: "b"},
		"API_AAAAAwAAAAIAAQIDBAUGBwgJCgsMDQ4PEBESEw": {Shape: probes.StalwartShapeAPIKey, AccountID: "d", CredentialID: "c"},
		"own password": {Shape: probes.StalwartShapeOther},
	} {
		if got := Recognise(secret.New(text)); !reflect.DeepEqual(got, want) {
			t.Errorf("%d bytes: %+v, want %+v", len(text), got, want)
		}
	}
	// Each word of the one vocabulary has its word in the other.
	for f := secret.Tail; f <= secret.Character; f++ {
		if faults[f] != probes.StalwartFault(f) {
			t.Errorf("flaw %d is %v", f, faults[f])
		}
	}
	for f := secret.AppPassword; f <= secret.Other; f++ {
		if shapes[f] != probes.StalwartShape(f) {
			t.Errorf("form %d is %v", f, shapes[f])
		}
	}
}

// TestCredential: what has another form than expected is named, and never reads as "never ends" or "from everywhere".
func TestCredential(t *testing.T) {
	for text, want := range map[string][]string{
		`{"credentialId":"b","@type":"AppPassword","expiresAt":null,"allowedIps":{},"permissions":{"@type":"Inherit"}}`:               nil,
		`{"credentialId":"b","@type":"AppPassword","expiresAt":"soon","allowedIps":7,"createdAt":1,"permissions":{"permissions":8}}`:  {"createdAt", "expiresAt", "allowedIps", "permissions"},
		`{"id":"b","@type":"AppPassword","allowedIps":["10.0.0.1"],"permissions":{"@type":"Replace","permissions":["authenticate"]}}`: nil,
	} {
		var o object
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			t.Fatal(err)
		}
		c := credentialOf(o)
		if !reflect.DeepEqual(c.Unread, want) || c.ID != "b" || c.Kind != probes.StalwartAppPassword {
			t.Errorf("%s: %+v", text, c)
		}
		if want != nil && (c.Expired(at()) != probes.StalwartUnknown || c.AllowsFrom(here()) != probes.StalwartUnknown) {
			t.Errorf("%s: %v %v", text, c.Expired(at()), c.AllowsFrom(here()))
		}
	}
	var o object
	for _, text := range []string{`{"credentials":{"0":{"credentialId":"a","@type":"Password"},"1":null}}`, `{"credentials":{"0":{"@type":"Password"}}}`, `{}`, `{"credentials":7}`} {
		o = nil
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			t.Fatal(err)
		}
		if userOf(o).CredsKnown {
			t.Errorf("%s reads as a whole list", text)
		}
	}
}

func TestDetails(t *testing.T) {
	for _, c := range []struct {
		line  string
		want  map[string]detail
		clear bool
	}{
		{`listenerId = "imaps", remoteIp = 10.0.0.3, accountId = 5, id = 1, id = "7", reason = "a \\ b"`, map[string]detail{"listenerid": {"imaps", true}, "remoteip": {"10.0.0.3", false},
			"accountid": {"5", false}, "id": {"1", false}, "reason": {`a \ b`, true}}, true},
		{`code = 49, reason = "rc=49 (invalidCredentials), dn: "", text: "x, y = z""`, map[string]detail{"code": {"49", false}, "reason": {`rc=49 (invalidCredentials), dn: "", text: "x, y = z"`, true}}, true},
		{`accountName = "a", accountId = 5, reason = "b", reason = "Account not found"`, map[string]detail{"accountname": {"a", true}, "accountid": {"5", false}, "reason": {"b", true}}, false},
		{`accountName = "a", x y = 5`, map[string]detail{"accountname": {`a", x y = 5`, true}}, false},
		{`accountId = 5, and more`, map[string]detail{"accountid": {"5", false}}, false},
		{`empty = , last = "open`, map[string]detail{"empty": {"", false}, "last": {"open", true}}, false},
		{``, map[string]detail{}, true},
	} {
		if got, clear := details(c.line); !reflect.DeepEqual(got, c.want) || clear != c.clear {
			t.Errorf("%s: %+v, %v", c.line, got, clear)
		}
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]int64{`{"d":86400000}`: 86400000, `{"d":"1d"}`: 86400000, `{"d":"30s"}`: 30000, `{"d":"250ms"}`: 250, `{"d":null}`: 0, `{}`: 0, `{"d":-5}`: 0, `{"d":"soon"}`: 0, `{"d":"5000"}`: 5000} {
		var o object
		_ = json.Unmarshal([]byte(text), &o)
		if got := o.duration("d"); got != want {
			t.Errorf("%s: %d", text, got)
		}
	}
}

// TestLongLine: a line of quotes that nobody writes costs nothing and tells nothing.
func TestLongLine(t *testing.T) {
	if got, clear := details(`accountId = 5, reason = "` + strings.Repeat(`"`, maxDetail) + strings.Repeat(" ", 4<<20) + `"`); clear {
		t.Errorf("%d pairs, clear", len(got))
	}
}

// TestRate: a limit that cannot be read is not known, and never "no limit".
func TestRate(t *testing.T) {
	for text, want := range map[string]probes.StalwartAnswer{`{"r":{"count":100,"period":"1d"}}`: probes.StalwartYes, `{"r":null}`: probes.StalwartNo,
		`{"r":{"count":0,"period":"1d"}}`: probes.StalwartUnknown, `{"r":{"count":3}}`: probes.StalwartUnknown, `{"r":{"count":"many","period":"1d"}}`: probes.StalwartUnknown, `{}`: probes.StalwartUnknown} {
		var o object
		_ = json.Unmarshal([]byte(text), &o)
		if got := o.rate("r", "ban").On; got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// TestNumberOfAccount: an id that cannot be read is not account 0.
func TestNumberOfAccount(t *testing.T) {
	for id, want := range map[string]bool{"a": true, "": false, "?": false} {
		user := &probes.Observation[probes.StalwartUser]{Value: probes.StalwartUser{ID: id, Found: probes.StalwartYes}}
		if n, ok := numberOfAccount(user); ok != want || n != 0 {
			t.Errorf("%q: %d, %v", id, n, ok)
		}
	}
}

func FuzzResults(f *testing.F) {
	f.Add([]byte(`{"methodResponses":[["x:Account/get",{"list":[{"@type":"User","id":"c","credentials":{"0":{"@type":"Password","credentialId":"a","allowedIps":{"10.0.0.0/8":true}}},"aliases":{"0":{"name":"b","domainId":"b"}}}]},"account-rows"],["x:Account/query",{"ids":["c"]},"account"]]}`))
	f.Add([]byte(`{"methodResponses":[["error",{"type":"forbidden"},"blocked"],["x:Domain/get",{"list":[{"id":"b","name":"example.test","aliases":{"x":true}}]},"domains"]]}`))
	f.Add([]byte(`{"methodResponses":[["x:Log/get",{"list":[{"timestamp":"2026-01-01T00:00:00Z","details":"a = \"b"}]},"log-name-rows"],["x:Log/query",{"ids":["a"]},"log-name"]]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		all, ok := results(body)
		if !ok {
			return
		}
		c := &Client{now: at}
		l := &looker{c: c, user: "b@example.test", objects: 500}
		l.consider(here())
		l.exact = l.asked
		s, acc, b := &probes.StalwartServer{}, &probes.StalwartAccount{}, &bundle{results: all}
		l.server(b, s)
		s.Domain, acc.User = l.account(b, s)
		l.rest(b, s)
		l.logs(b, s, acc)
		l.lists(b, b, s)
		s.Right(acc.User.Value, nil, probes.StalwartMayIMAP)
		s.Banned(here(), at())
		if _, err := json.Marshal([]any{s, acc}); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzSession(f *testing.F) {
	f.Add(200, []byte(`{"capabilities":{"urn:ietf:params:jmap:core":{"maxCallsInRequest":16}},"accounts":{"b":{"accountCapabilities":{}}},"username":"a"}`))
	f.Add(403, []byte(`{"title":"Forbidden","detail":"Forbidden"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		s, r := sessionOf(body)
		if r == probes.StalwartNoRefusal && s.user == "" && s.mail == probes.StalwartUnknown {
			t.Fatal("nobody's session reads as somebody's")
		}
		refusal(status, nil, problemOf(body))
	})
}

func FuzzSieve(f *testing.F) {
	f.Add([]byte("\"IMPLEMENTATION\" \"x\"\r\n\"SASL\" \"PLAIN\"\r\nOK \"hello\"\r\n"))
	f.Add([]byte("NO (QUOTA {3}\r\na)b) {2}\r\nxy\r\n"))
	f.Add([]byte("BYE (\"\\\")\" x\r\n"))
	f.Fuzz(func(t *testing.T, have []byte) {
		for range 100 {
			words, status, used, err := parseSieve(have)
			if err != nil || used == 0 {
				return
			}
			if used > len(have) {
				t.Fatalf("%d of %d bytes", used, len(have))
			}
			r := sieveReply{status: status, lines: [][]string{words}}
			r.code, r.words = codeAndWords(words)
			if len(words) > 0 {
				capabilities(r)
			}
			_ = r.said()
			have = have[used:]
		}
	})
}

func FuzzDetails(f *testing.F) {
	f.Add(`a = "b\"", c = d, = , e`)
	f.Fuzz(func(t *testing.T, text string) {
		if got, _ := details(text); len(got) > maxDetails {
			t.Fatal(len(got))
		}
	})
}

func at() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

func here() netip.Addr { return netip.MustParseAddr("192.0.2.10") }
