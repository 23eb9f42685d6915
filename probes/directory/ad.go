package directory

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"logindoctor.example/probes"
)

// weekHours is the size of logonHours: a bit for each hour of a week (MS-ADA1 logonHours).
const weekHours = 21

// readAD reads a user object, and which lockout policy applies to it.
func (c *Client) readAD(ctx context.Context, e *ldap.Entry) *probes.ADAccount {
	a := adAccount(e)
	a.Lockout = c.adLockout(ctx, a, c.readPolicies(ctx, false).Value)
	return a
}

func adAccount(e *ldap.Entry) *probes.ADAccount {
	a := &probes.ADAccount{DN: clean(e.DN), Login: value(e, attrLogin), UPN: value(e, attrUPN), Mail: mails(e),
		Workstations: value(e, attrWorkstations), ResultantPSO: value(e, attrResultantPSO)}
	seen := map[string]bool{attrLogin: a.Login != ""}
	a.Control, seen[attrControl] = flags(e, attrControl)
	a.ControlComputed, seen[attrControlComputed] = flags(e, attrControlComputed)
	a.BadPwdCount, seen[attrBadPwdCount] = count(e, attrBadPwdCount)
	a.BadPasswordTime, seen[attrBadPwdTime] = filetime(value(e, attrBadPwdTime))
	a.PwdLastSet, seen[attrPwdLastSet] = filetime(value(e, attrPwdLastSet))
	a.MustChange = value(e, attrPwdLastSet) == "0"
	a.PasswordExpires, seen[attrPwdExpires] = filetime(value(e, attrPwdExpires))
	a.AccountExpires, seen[attrAccountExpires] = filetime(value(e, attrAccountExpires))
	a.LockoutTime, _ = filetime(value(e, attrLockoutTime))
	a.LastLogon = lastLogon(e)
	if raw := e.GetEqualFoldRawAttributeValue(attrLogonHours); len(raw) == weekHours {
		a.LogonHours = slices.Clone(raw)
	}
	for _, name := range adAlways {
		if !seen[name] {
			a.Unread = append(a.Unread, name)
		}
	}
	return a
}

func lastLogon(e *ldap.Entry) *time.Time {
	here, _ := filetime(value(e, attrLastLogon))
	sent, _ := filetime(value(e, attrLastLogonSent))
	if here == nil || sent != nil && sent.After(*here) {
		return sent
	}
	return here
}

// flags reads a bit field, which LDAP writes as a signed number.
func flags(e *ldap.Entry, name string) (*uint32, bool) {
	v, err := strconv.ParseInt(value(e, name), 10, 64)
	if err != nil {
		return nil, false
	}
	u := uint32(v)
	return &u, true
}

func count(e *ldap.Entry, name string) (*int, bool) {
	v, err := strconv.ParseInt(value(e, name), 10, 32)
	if err != nil || v < 0 {
		return nil, false
	}
	n := int(v)
	return &n, true
}

func adCounted(e *ldap.Entry) (out probes.DirectoryCounters) {
	out.BadPwdCount, _ = count(e, attrBadPwdCount)
	out.BadPasswordTime, _ = filetime(value(e, attrBadPwdTime))
	out.LockoutTime, _ = filetime(value(e, attrLockoutTime))
	return out
}

// adPolicy reads the domain object, which is where the DC= components of the base begin.
func (c *Client) adPolicy(ctx context.Context, dn string, look *probes.Look) (out policies) {
	domain := domainRoot(dn)
	if domain == "" {
		domain = dn
		if root := c.readRoot(ctx, false); root.OK() && root.Value.DefaultBase != "" {
			domain = root.Value.DefaultBase
		}
	}
	f := c.search(ctx, base(domain, domainAttributes))
	look.Why, look.Words = f.why, f.words
	e := f.one()
	if look.Why != probes.Seen {
		return out
	}
	if e == nil {
		look.Why = probes.Unclear // there is no such domain here
		return out
	}
	p, ok := lockoutPolicy(e, attrThreshold, attrDuration, attrWindow, attrMaxAge)
	if !ok {
		look.Why = probes.NotPermitted
		return out
	}
	p.Origin, p.DN = probes.PolicyDomain, clean(e.DN)
	_, out.ageSeen = interval(value(e, attrMaxAge))
	out.standard = p
	return out
}

// domainRoot is the part of a DN that names the domain (RFC 2247 §2); empty where none does.
func domainRoot(dn string) string {
	parsed, err := ldap.ParseDN(dn)
	if err != nil {
		return ""
	}
	n := len(parsed.RDNs)
	for n > 0 && len(parsed.RDNs[n-1].Attributes) == 1 && strings.EqualFold(parsed.RDNs[n-1].Attributes[0].Type, "DC") {
		n--
	}
	return (&ldap.DN{RDNs: parsed.RDNs[n:]}).String()
}

// lockoutPolicy reads the four attributes; ok is false where the threshold is not to be had. A duration that is not to be
// had counts as none, which is the strictest.
func lockoutPolicy(e *ldap.Entry, threshold, duration, window, age string) (*probes.LockoutPolicy, bool) {
	n, ok := count(e, threshold)
	if !ok {
		return nil, false
	}
	p := &probes.LockoutPolicy{Threshold: *n}
	p.DurationMS, _ = interval(value(e, duration))
	p.WindowMS, _ = interval(value(e, window))
	p.MaxAgeMS, _ = interval(value(e, age))
	return p, true
}

// adLockout finds the policy that applies: the password settings object that the account points to, else the domain's.
// Nil: nothing is known.
func (c *Client) adLockout(ctx context.Context, a *probes.ADAccount, domain policies) *probes.LockoutPolicy {
	age, aged := passwordAge(a)
	if a.ResultantPSO != "" {
		hidden := &probes.LockoutPolicy{Origin: probes.PolicyHidden, DN: a.ResultantPSO, MaxAgeMS: age}
		e := c.search(ctx, base(a.ResultantPSO, psoAttributes)).one()
		if e == nil {
			return hidden
		}
		p, ok := lockoutPolicy(e, attrPSOThreshold, attrPSODuration, attrPSOWindow, attrPSOMaxAge)
		if !ok {
			return hidden
		}
		p.Origin, p.DN = probes.PolicyFineGrained, a.ResultantPSO
		return p
	}
	if domain.standard == nil {
		return nil
	}
	// The account's own expiry is computed from the policy that applies (MS-ADTS 3.1.1.4.5.26), seen or not: one that
	// does not fit the domain's comes from a policy that this reader is not shown.
	if aged && domain.ageSeen && max(age-domain.standard.MaxAgeMS, domain.standard.MaxAgeMS-age) > time.Second.Milliseconds() {
		return &probes.LockoutPolicy{Origin: probes.PolicyHidden, MaxAgeMS: age}
	}
	p := *domain.standard
	return &p
}

// passwordAge is how long the account's password lives, 0 for ever; ok is false where that is not the policy's doing, or
// cannot be told.
func passwordAge(a *probes.ADAccount) (ms int64, ok bool) {
	if a.PwdLastSet == nil || slices.Contains(a.Unread, attrPwdExpires) {
		return 0, false
	}
	if a.PasswordExpires != nil {
		return a.PasswordExpires.Sub(*a.PwdLastSet).Milliseconds(), true
	}
	if a.Control == nil || *a.Control&(probes.ADPasswordNoExpiry|probes.ADSmartcardRequired|adTrustAccount) != 0 {
		return 0, false
	}
	return 0, true
}
