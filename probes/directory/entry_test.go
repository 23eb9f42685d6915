package directory

import (
	"encoding/json"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

// entryOf makes an entry with one value for each attribute.
func entryOf(dn string, has map[string]string) *ldap.Entry {
	all := map[string][]string{}
	for name, v := range has {
		all[name] = []string{v}
	}
	return ldap.NewEntry(dn, all)
}

func TestAttributesThatMakeNoSense(t *testing.T) {
	a := adAccount(entryOf("CN=x", map[string]string{attrLogin: "x", attrControl: "many", attrControlComputed: "-2147483136", attrBadPwdCount: "-3",
		attrPwdLastSet: "yesterday", attrAccountExpires: "9223372036854775806", attrLogonHours: "short", attrLockoutTime: "1e9"}))
	if a.Control != nil || a.BadPwdCount != nil || a.PwdLastSet != nil || a.MustChange || a.AccountExpires != nil || a.LogonHours != nil || a.LockoutTime != nil {
		t.Errorf("%+v", a)
	}
	if a.ControlComputed == nil || *a.ControlComputed != 0x80000200 {
		t.Errorf("a signed bit field: %v", a.ControlComputed)
	}
	want := map[string]bool{attrControl: true, attrBadPwdCount: true, attrBadPwdTime: true, attrPwdLastSet: true, attrPwdExpires: true}
	for _, name := range a.Unread {
		if !want[name] {
			t.Errorf("%s was read", name)
		}
	}
	if len(a.Unread) != len(want) {
		t.Errorf("unread: %v", a.Unread)
	}
}

func TestDefaultBase(t *testing.T) {
	for want, contexts := range map[string][]string{"dc=example,dc=test": {"cn=authdata", "o=x", "dc=example,dc=test"}, "o=x": {"cn=authdata", "o=x"}, "": {"cn=authdata"}} {
		if got := rootDSE(ldap.NewEntry("", map[string][]string{attrContexts: contexts})).DefaultBase; got != want {
			t.Errorf("%v: %q", contexts, got)
		}
	}
}

func FuzzEntry(f *testing.F) {
	f.Add("CN=x,DC=example,DC=test", "134397979360000000", ";DisabledUser;;ApplePasswordServer;0x0123456789abcdef0123456789abcdef,1024")
	f.Fuzz(func(t *testing.T, dn, v, w string) {
		has := map[string]string{}
		for i, name := range append(append([]string{}, adAttributes...), odAttributes...) {
			has[name] = v
			if i%2 == 0 {
				has[name] = w
			}
		}
		e := entryOf(dn, has)
		marshals(t, adAccount(e))
		marshals(t, odAccount(e))
		marshals(t, rootDSE(e))
		marshals(t, odPolicy(e))
		slot(e)
		choose([]*ldap.Entry{e}, w)
		domainRoot(dn)
		normal(dn)
	})
}

func marshals(t *testing.T, v any) {
	t.Helper()
	if _, err := json.Marshal(v); err != nil {
		t.Error(err)
	}
}
