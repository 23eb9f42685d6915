package probes

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"testing"
	"time"
)

func TestStalwartMask(t *testing.T) {
	for _, c := range []struct {
		mask, address string
		want          StalwartAnswer
	}{
		{"192.0.2.7", "192.0.2.7", StalwartYes}, {"192.0.2.7", "192.0.2.8", StalwartNo}, {"192.0.2.0/24", "192.0.2.200", StalwartYes}, {"192.0.2.99/24", "192.0.2.200", StalwartYes},
		{"192.0.2.0/24", "192.0.3.1", StalwartNo}, {"192.0.2.0/24", "::ffff:192.0.2.1", StalwartYes}, {"::ffff:192.0.2.0/120", "192.0.2.1", StalwartYes},
		{"::ffff:192.0.2.7", "192.0.2.7", StalwartYes}, {"2001:db8::/32", "2001:db8:1::1", StalwartYes}, {"2001:db8::/32", "192.0.2.1", StalwartNo}, {"fe80::/10", "fe80::1%eth0", StalwartYes},
		{" 192.0.2.7 ", "192.0.2.7", StalwartYes}, {"", "192.0.2.7", StalwartUnknown}, {"192.0.2.0/33", "192.0.2.7", StalwartUnknown}, {"office", "192.0.2.7", StalwartUnknown}, {"192.0.2.7", "", StalwartUnknown},
	} {
		a, _ := netip.ParseAddr(c.address)
		if got := StalwartMask(c.mask).Covers(a); got != c.want {
			t.Errorf("%q covers %q: %v, want %v", c.mask, c.address, got, c.want)
		}
	}
}

func FuzzStalwartMask(f *testing.F) {
	f.Add("192.0.2.0/24", "192.0.2.7")
	f.Add("::ffff:1.2.3.4/100", "::1%x")
	f.Fuzz(func(t *testing.T, mask, address string) {
		a, err := netip.ParseAddr(address)
		if got := StalwartMask(mask).Covers(a); err != nil && got != StalwartUnknown {
			t.Errorf("%q covers what is no address: %v", mask, got)
		}
	})
}

// TestStalwartRight: what is disabled anywhere is disabled, what was not seen is unknown, and a credential adds nothing.
func TestStalwartRight(t *testing.T) {
	seen := func(rows ...StalwartRole) *StalwartServer {
		return &StalwartServer{Roles: &Observation[StalwartRoles]{Value: StalwartRoles{Rows: rows, Complete: true}},
			Authentication: &Observation[StalwartAuthentication]{Value: StalwartAuthentication{UserRoleIDs: []string{"u"}, AdminRoleIDs: []string{"x"}, GroupRoleIDs: []string{"g"}, TenantRoleIDs: []string{"t"}}}}
	}
	user := StalwartRole{ID: "u", Enabled: []string{"p", "q"}}
	off := StalwartRole{ID: "o", Disabled: []string{"p"}}
	loop := StalwartRole{ID: "u", Enabled: []string{"q"}, Extends: []string{"l"}}
	loop2 := StalwartRole{ID: "l", Enabled: []string{"p"}, Extends: []string{"u"}}
	inherit := func(kind StalwartRoleKind, ids ...string) StalwartUser {
		return StalwartUser{Permissions: StalwartPermissions{Mode: StalwartInherit}, Roles: StalwartRoleChoice{Kind: kind, IDs: ids}}
	}
	list := func(mode StalwartGrant, on, disabled []string) StalwartUser {
		u := inherit(StalwartRolesUser)
		u.Permissions = StalwartPermissions{mode, on, disabled}
		return u
	}
	tenant := inherit(StalwartRolesUser)
	tenant.TenantID = "t"
	p := []string{"p"}
	yes, no := StalwartYes, StalwartNo
	for name, c := range map[string]struct {
		s    *StalwartServer
		u    StalwartUser
		c    *StalwartCredential
		want StalwartRight
	}{
		"by role":                   {seen(user), inherit(StalwartRolesUser), nil, StalwartRight{Answer: yes, By: StalwartByRole, RoleID: "u"}},
		"by nothing":                {seen(StalwartRole{ID: "u"}), inherit(StalwartRolesUser), nil, StalwartRight{Answer: no}},
		"two roles, one disables":   {seen(user, off), inherit(StalwartRolesCustom, "u", "o"), nil, StalwartRight{Answer: no, By: StalwartByRole, RoleID: "o"}},
		"roles in a ring":           {seen(loop, loop2), inherit(StalwartRolesUser), nil, StalwartRight{Answer: yes, By: StalwartByRole, RoleID: "l"}},
		"a role not seen":           {seen(user), inherit(StalwartRolesCustom, "u", "z"), nil, StalwartRight{Why: "the role z"}},
		"not seen, and disabled":    {seen(off), inherit(StalwartRolesCustom, "z", "o"), nil, StalwartRight{Answer: no, By: StalwartByRole, RoleID: "o"}},
		"no roles":                  {seen(user), inherit(StalwartRolesCustom), nil, StalwartRight{Answer: no}},
		"roles of an unknown kind":  {seen(user), inherit(StalwartRolesUnknown), nil, StalwartRight{Why: "the roles of the account"}},
		"nothing seen":              {&StalwartServer{}, inherit(StalwartRolesUser), nil, StalwartRight{Why: "the default roles"}},
		"no server":                 {nil, inherit(StalwartRolesUser), nil, StalwartRight{Why: "the default roles"}},
		"merge disables":            {seen(user), list(StalwartMerge, p, p), nil, StalwartRight{Answer: no, By: StalwartByAccount}},
		"merge enables":             {seen(StalwartRole{ID: "u"}), list(StalwartMerge, p, nil), nil, StalwartRight{Answer: yes, By: StalwartByAccount}},
		"merge, a role disables":    {seen(StalwartRole{ID: "u", Disabled: p}), list(StalwartMerge, p, nil), nil, StalwartRight{Answer: no, By: StalwartByRole, RoleID: "u"}},
		"merge, roles not seen":     {&StalwartServer{}, list(StalwartMerge, p, nil), nil, StalwartRight{Why: "the default roles"}},
		"merge disables, none seen": {&StalwartServer{}, list(StalwartMerge, nil, p), nil, StalwartRight{Answer: no, By: StalwartByAccount}},
		"replace forgets the roles": {seen(user), list(StalwartReplace, nil, nil), nil, StalwartRight{Answer: no}},
		"replace enables":           {&StalwartServer{}, list(StalwartReplace, p, nil), nil, StalwartRight{Answer: yes, By: StalwartByAccount}},
		"not told":                  {seen(user), StalwartUser{}, nil, StalwartRight{Why: "the permissions of the account"}},
		"a tenant":                  {seen(user), tenant, nil, StalwartRight{Why: "the permissions of the tenant"}},
		"admin of none":             {seen(StalwartRole{ID: "x", Enabled: p}), inherit(StalwartRolesAdmin), nil, StalwartRight{Answer: yes, By: StalwartByRole, RoleID: "x"}},
		"own password":              {seen(user), inherit(StalwartRolesUser), &StalwartCredential{Kind: StalwartPassword}, StalwartRight{Answer: yes, By: StalwartByRole, RoleID: "u"}},
		"inherits":                  {seen(user), inherit(StalwartRolesUser), &StalwartCredential{Kind: StalwartAppPassword, Mode: StalwartInherit}, StalwartRight{Answer: yes, By: StalwartByRole, RoleID: "u"}},
		"disabled there":            {seen(user), inherit(StalwartRolesUser), &StalwartCredential{Kind: StalwartAppPassword, Mode: StalwartDisable, List: p}, StalwartRight{Answer: no, By: StalwartByCredential}},
		"not in its list":           {seen(user), inherit(StalwartRolesUser), &StalwartCredential{Kind: StalwartAppPassword, Mode: StalwartReplace}, StalwartRight{Answer: no, By: StalwartByCredential}},
		"in its list alone":         {seen(StalwartRole{ID: "u"}), inherit(StalwartRolesUser), &StalwartCredential{Kind: StalwartAppPassword, Mode: StalwartReplace, List: p}, StalwartRight{Answer: no}},
		"its list not told":         {seen(user), inherit(StalwartRolesUser), &StalwartCredential{Kind: StalwartAppPassword}, StalwartRight{Why: "the permissions of the credential"}},
		"its list not readable":     {seen(user), inherit(StalwartRolesUser), &StalwartCredential{Kind: StalwartAppPassword, Mode: StalwartDisable, Unread: []string{"permissions"}}, StalwartRight{Why: "the permissions of the credential"}},
	} {
		if got := c.s.Right(c.u, c.c, "p"); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestStalwartCredential(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		c    *StalwartCredential
		want StalwartAnswer
	}{{nil, StalwartUnknown}, {&StalwartCredential{}, StalwartNo}, {&StalwartCredential{ExpiresAt: now}, StalwartYes}, {&StalwartCredential{ExpiresAt: now.Add(time.Second)}, StalwartNo},
		{&StalwartCredential{Unread: []string{"expiresAt"}}, StalwartUnknown}} {
		if got := c.c.Expired(now); got != c.want {
			t.Errorf("%+v: %v", c.c, got)
		}
	}
	a := netip.MustParseAddr("10.0.0.2")
	for _, c := range []struct {
		masks []StalwartMask
		want  StalwartAnswer
	}{{nil, StalwartYes}, {[]StalwartMask{"192.0.2.1", "10.0.0.0/8"}, StalwartYes}, {[]StalwartMask{"192.0.2.1"}, StalwartNo}, {[]StalwartMask{"?", "192.0.2.1"}, StalwartUnknown}, {[]StalwartMask{"?", "10.0.0.2"}, StalwartYes}} {
		if got := (&StalwartCredential{AllowedIPs: c.masks}).AllowsFrom(a); got != c.want {
			t.Errorf("%q: %v", c.masks, got)
		}
	}
}

func TestStalwartBanned(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	a := netip.MustParseAddr("192.0.2.7")
	none := StalwartAddresses{Considered: []string{"192.0.2.7"}, Complete: true}
	ban := StalwartAddresses{Rows: []StalwartAddress{{Mask: "192.0.2.0/24"}}, Considered: []string{"192.0.2.7"}, Complete: true}
	seen := func(l StalwartAddresses) *Observation[StalwartAddresses] {
		return &Observation[StalwartAddresses]{Value: l}
	}
	for name, c := range map[string]struct {
		s    *StalwartServer
		a    netip.Addr
		want StalwartAnswer
	}{
		"none":             {&StalwartServer{Blocked: seen(none), Allowed: seen(none)}, a, StalwartNo},
		"banned":           {&StalwartServer{Blocked: seen(ban), Allowed: seen(none)}, a, StalwartYes},
		"exempt":           {&StalwartServer{Blocked: seen(ban), Allowed: seen(ban)}, a, StalwartNo},
		"exemption unseen": {&StalwartServer{Blocked: seen(ban)}, a, StalwartUnknown},
		"bans unseen":      {&StalwartServer{Allowed: seen(none)}, a, StalwartUnknown},
		"loopback":         {&StalwartServer{}, netip.MustParseAddr("127.0.0.1"), StalwartNo},
		"its neighbour":    {&StalwartServer{}, netip.MustParseAddr("127.0.0.2"), StalwartUnknown},
		"no server":        {nil, a, StalwartUnknown},
		"no address":       {&StalwartServer{Blocked: seen(none), Allowed: seen(none)}, netip.Addr{}, StalwartUnknown},
	} {
		if _, got := c.s.Banned(c.a, now); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestStalwartWords: every word of every vocabulary goes through JSON and comes back.
func TestStalwartWords(t *testing.T) {
	for _, names := range []struct {
		value any
		n     int
	}{{new(StalwartAnswer), len(stalwartAnswerNames)}, {new(StalwartSecretSource), len(stalwartSecretSourceNames)}, {new(StalwartBanReason), len(stalwartBanNames)}, {new(StalwartKind), len(stalwartKindNames)},
		{new(StalwartAlias), len(stalwartAliasNames)}, {new(StalwartCredentialKind), len(stalwartCredentialNames)}, {new(StalwartGrant), len(stalwartGrantNames)}, {new(StalwartRoleKind), len(stalwartRoleKindNames)},
		{new(StalwartShape), len(stalwartShapeNames)}, {new(StalwartFault), len(stalwartFaultNames)}, {new(StalwartRefusal), len(stalwartRefusalNames)}, {new(SieveStatus), len(sieveStatusNames)}, {new(StalwartLogKind), len(stalwartLogNames)}} {
		v := reflect.ValueOf(names.value).Elem()
		for i := range names.n {
			v.SetUint(uint64(i))
			text, err := json.Marshal(names.value)
			back := reflect.New(v.Type())
			if err != nil || json.Unmarshal(text, back.Interface()) != nil || back.Elem().Uint() != uint64(i) {
				t.Errorf("%v %d: %s %v", v.Type(), i, text, err)
			}
		}
		if v.SetUint(uint64(names.n)); names.n == 0 {
			t.Error("no words")
		} else if _, err := json.Marshal(names.value); err == nil {
			t.Errorf("%v: a value without a word is written", v.Type())
		}
	}
	if StalwartFaultCharacter != StalwartFault(len(stalwartFaultNames)-1) || StalwartLogConcurrent != StalwartLogKind(len(stalwartLogNames)-1) || StalwartStrange != StalwartRefusal(len(stalwartRefusalNames)-1) {
		t.Error("a vocabulary and its words have different lengths")
	}
}

// TestStalwartClasses: the outcomes stand in no Snapshot yet; their fields have a class and a name all the same.
func TestStalwartClasses(t *testing.T) {
	for _, typ := range []reflect.Type{reflect.TypeFor[StalwartOutcome](), reflect.TypeFor[SieveOutcome](), reflect.TypeFor[StalwartSecret]()} {
		for i := range typ.NumField() {
			f := typ.Field(i)
			if c := f.Tag.Get("class"); f.Tag.Get("json") == "" || c != "public" && c != "internal" && c != "personal" {
				t.Errorf("%s.%s: class %q", typ.Name(), f.Name, c)
			}
		}
	}
}
