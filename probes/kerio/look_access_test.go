package kerio

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

func TestAddresses(t *testing.T) {
	for row, want := range map[string]probes.KerioAddressRange{
		`{"type":"Host","host":"192.0.2.7"}`:                               {From: "192.0.2.7", To: "192.0.2.7"},
		`{"type":"Host","host":"::ffff:192.0.2.7"}`:                        {From: "192.0.2.7", To: "192.0.2.7"},
		`{"type":"Host","host":"mail.example.test"}`:                       {Unread: "Host mail.example.test"},
		`{"type":"Host","host":""}`:                                        {Unread: "Host"},
		`{"type":"Network","addr1":"192.0.2.9","addr2":"255.255.255.128"}`: {From: "192.0.2.0", To: "192.0.2.127"},
		`{"type":"Network","addr1":"10.0.0.0","addr2":"0.0.0.0"}`:          {From: "0.0.0.0", To: "255.255.255.255"},
		`{"type":"Network","addr1":"192.0.2.9","addr2":"255.255.255.255"}`: {From: "192.0.2.9", To: "192.0.2.9"},
		`{"type":"Network","addr1":"192.0.2.0","addr2":"26"}`:              {From: "192.0.2.0", To: "192.0.2.63"},
		`{"type":"Network","addr1":"192.0.2.0","addr2":"255.0.255.0"}`:     {Unread: "Network 192.0.2.0 255.0.255.0"},
		`{"type":"Network","addr1":"192.0.2.0","addr2":""}`:                {Unread: "Network 192.0.2.0"},
		`{"type":"Network","addr1":"2001:db8::1","addr2":"32"}`:            {From: "2001:db8::", To: "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
		`{"type":"IpPrefix","host":"2001:db8:1::/63"}`:                     {From: "2001:db8:1::", To: "2001:db8:1:1:ffff:ffff:ffff:ffff"},
		`{"type":"IpPrefix","host":"2001:db8:1"}`:                          {Unread: "IpPrefix 2001:db8:1"},
		`{"type":"Range","addr1":"192.0.2.9","addr2":"192.0.2.20"}`:        {From: "192.0.2.9", To: "192.0.2.20"},
		`{"type":"Range","addr1":"192.0.2.20","addr2":"192.0.2.9"}`:        {Unread: "Range 192.0.2.20 192.0.2.9"},
		`{"type":"Range","addr1":"192.0.2.20","addr2":"2001:db8::1"}`:      {Unread: "Range 192.0.2.20 2001:db8::1"},
		`{"type":"ThisMachine"}`:                                           {Unread: "ThisMachine"},
		`{"type":"Moon","host":"192.0.2.1"}`:                               {Unread: "Moon 192.0.2.1"},
	} {
		var e addressEntry
		if err := json.Unmarshal([]byte(row), &e); err != nil {
			t.Fatal(err)
		}
		if got := e.addresses(); got != want {
			t.Errorf("%s: %+v, want %+v", row, got, want)
		}
	}
}

func TestNestedGroups(t *testing.T) {
	off := flag{value: false, given: true}
	members := map[words][]addressEntry{
		"a": {{Type: "Host", Host: "192.0.2.1"}, {Type: "ChildGroup", Child: "b"}, {Type: "Host", Host: "192.0.2.9", Enabled: off}},
		"b": {{Type: "Host", Host: "192.0.2.2"}, {Type: "ChildGroup", Child: "a"}, {Type: "ChildGroup", Child: "c"}, {Type: "ChildGroup", Child: "c"}, {Type: "ChildGroup", Child: "gone", Called: "Home"}},
		"c": {{Type: "ChildGroup", Child: "c"}, {Type: "Host", Host: "192.0.2.3"}, {Type: "ChildGroup", Child: "gone", Enabled: off}},
	}
	var g probes.KerioAddressGroup
	collect(&g, members, "a", map[words]bool{})
	got, _ := json.Marshal(g.Members)
	want := `[{"from":"192.0.2.1","to":"192.0.2.1"},{"from":"192.0.2.2","to":"192.0.2.2"},{"from":"192.0.2.3","to":"192.0.2.3"},{"unread":"group Home, which is not told"}]`
	if string(got) != want {
		t.Errorf("%s", got)
	}
	// One that grows beyond all bounds says that it is not whole.
	for i := range maxMembers + 500 {
		members["big"] = append(members["big"], addressEntry{Type: "Host", Host: words(fmt.Sprintf("10.0.%d.%d", i/256, i%256))})
	}
	g = probes.KerioAddressGroup{}
	collect(&g, members, "big", map[words]bool{})
	if n := len(g.Members); n != maxMembers+1 || g.Members[n-1].Unread == "" {
		t.Errorf("%d members, the last %+v", n, g.Members[n-1])
	}
}

func TestBytes(t *testing.T) {
	for text, want := range map[string]int64{
		`{"value":5,"units":"Bytes"}`: 5, `{"value":"5","units":"KiloBytes"}`: 5 << 10, `{"value":5,"units":"MegaBytes"}`: 5 << 20, `{"value":5,"units":"GigaBytes"}`: 5 << 30,
		`{"value":5,"units":"TeraBytes"}`: 5 << 40, `{"value":5,"units":"PetaBytes"}`: 5 << 50, `{"value":9000000,"units":"PetaBytes"}`: math.MaxInt64 >> 50 << 50,
		`{"value":5,"units":"Furlongs"}`: 0, `{"value":-5,"units":"Bytes"}`: 0, `{}`: 0,
	} {
		var s size
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		if got := s.bytes(); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

func FuzzAddresses(f *testing.F) {
	f.Add("Network", "192.0.2.1", "192.0.2.0", "255.255.255.0")
	f.Add("IpPrefix", "2001:db8::/32", "", "")
	f.Fuzz(func(t *testing.T, kind, host, first, second string) {
		r := addressEntry{Type: words(kind), Host: words(host), First: words(first), Second: words(second)}.addresses()
		if r.From == "" && r.To != "" || len(r.Unread) > secret.MostKept {
			t.Errorf("%+v", r)
		}
	})
}
