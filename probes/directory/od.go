package directory

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-ldap/ldap/v3"

	"logindoctor.example/probes"
)

// maxPolicies is how many policy entries of a directory are read.
const maxPolicies = 100

// readOD reads a user record, the policy that it points to, and Apple's own where the server is Apple's.
func (c *Client) readOD(ctx context.Context, e *ldap.Entry) *probes.ODAccount {
	a := odAccount(e)
	var all sync.WaitGroup
	all.Go(func() { a.Lockout = c.odLockout(ctx, value(e, attrPwdSubentry)) })
	all.Go(func() { a.Apple = c.applePolicy(ctx, e) })
	all.Wait()
	a.PolicySeen = a.PolicySeen || a.Apple != nil
	return a
}

func odAccount(e *ldap.Entry) *probes.ODAccount {
	a := &probes.ODAccount{DN: clean(e.DN), UID: value(e, attrUID), Mail: mails(e), Reset: isTrue(value(e, attrPwdReset)),
		FailureTimes: times(e, attrPwdFailure), GraceUsed: len(values(e, attrPwdGrace)),
		Changed: moment(e, attrPwdChanged), StartTime: moment(e, attrPwdStart), EndTime: moment(e, attrPwdEnd)}
	a.LockedTime, a.LockedUntilReset = lockedTime(e)
	for _, authority := range values(e, attrAuthority) {
		a.DisabledUser = a.DisabledUser || strings.Contains(strings.ToLower(authority), strings.ToLower(disabledUser))
	}
	for _, name := range []string{attrPwdChanged, attrPwdLocked, attrPwdFailure, attrPwdReset, attrPwdGrace, attrPwdSubentry, attrPwdStart, attrPwdEnd} {
		a.PolicySeen = a.PolicySeen || len(e.GetEqualFoldAttributeValues(name)) > 0
	}
	return a
}

// lockedTime reads pwdAccountLockedTime. A value that cannot be read still says that the account was locked.
func lockedTime(e *ldap.Entry) (at *time.Time, forGood bool) {
	text := value(e, attrPwdLocked)
	if text == "" {
		return nil, false
	}
	at = moment(e, attrPwdLocked)
	if text == lockedForGood || at == nil || at.Year() == 0 {
		return nil, true
	}
	return at, false
}

func isTrue(text string) bool { return strings.EqualFold(text, "TRUE") }

func moment(e *ldap.Entry, name string) *time.Time {
	if all := times(e, name); len(all) > 0 {
		return &all[0]
	}
	return nil
}

func times(e *ldap.Entry, name string) (out []time.Time) {
	for _, text := range values(e, name) {
		if t, ok := generalizedTime(text); ok {
			out = append(out, t)
		}
	}
	return out
}

func (c *Client) odCounted(ctx context.Context, e *ldap.Entry) (out probes.DirectoryCounters) {
	a := odAccount(e)
	if a.PolicySeen {
		n := len(a.FailureTimes)
		out.BadPwdCount = &n
	}
	if n, ok := c.appleFailed(ctx, e); ok {
		out.BadPwdCount = &n
	}
	if len(a.FailureTimes) > 0 {
		last := slices.MaxFunc(a.FailureTimes, time.Time.Compare)
		out.BadPasswordTime = &last
	}
	out.LockoutTime, out.LockedForGood = a.LockedTime, a.LockedUntilReset
	return out
}

// odPolicies reads every policy entry, and takes for the default the only one, or the one of that name: which it is stands
// in the server's own configuration (slapo-ppolicy(5), ppolicy_default), which a reader is not shown.
func (c *Client) odPolicies(ctx context.Context, dn string, look *probes.Look) policies {
	if suffix := domainRoot(dn); suffix != "" {
		dn = suffix // a base below cn=users holds no policies
	}
	var global *probes.LockoutPolicy
	var all sync.WaitGroup
	all.Go(func() { global = c.appleGlobal(ctx, dn) })
	q := below(dn, "(objectClass=pwdPolicy)", append([]string{attrClass}, policyAttributes...))
	q.SizeLimit = maxPolicies
	f := c.search(ctx, q)
	all.Wait()
	out := policies{named: map[string]*probes.LockoutPolicy{}}
	for _, e := range f.entries {
		p := odPolicy(e)
		out.named[normal(e.DN)] = p
		if len(f.entries) == 1 || strings.HasPrefix(normal(e.DN), "cn=default,") {
			p.Origin = max(p.Origin, probes.PolicyDomain)
			out.standard = p
		}
	}
	if out.standard == nil {
		out.standard = global
	}
	if look.Why, look.Words = f.why, f.words; out.standard != nil {
		look.Why, look.Words = probes.Seen, ""
	}
	return out
}

// odPolicy reads one policy entry (draft-behera-ldap-password-policy-10 §5.2). Where neither of the two attributes that
// decide is shown, the policy is hidden: it must not pass for one that never locks.
func odPolicy(e *ldap.Entry) *probes.LockoutPolicy {
	p := &probes.LockoutPolicy{DN: clean(e.DN)}
	seconds := func(name string) int64 {
		n, err := strconv.ParseInt(value(e, name), 10, 32)
		if err != nil {
			return 0
		}
		return max(n, 0) * 1000
	}
	p.DurationMS, p.WindowMS, p.MaxAgeMS = seconds(attrPolicyDuration), seconds(attrPolicyWindow), seconds(attrPolicyMaxAge)
	if grace, ok := count(e, attrPolicyGrace); ok {
		p.Grace = *grace
	}
	lockout := value(e, attrPolicyLockout)
	most, ok := count(e, attrPolicyMax)
	if lockout == "" && !ok {
		p.Origin = probes.PolicyHidden
	}
	if ok && (lockout == "" || isTrue(lockout)) {
		p.Threshold = *most
	}
	return p
}

// odLockout finds the policy of one entry: the one that it points to, else the default. Nil: nothing is known.
func (c *Client) odLockout(ctx context.Context, dn string) *probes.LockoutPolicy {
	all := c.readPolicies(ctx, false).Value
	if dn == "" {
		if all.standard == nil {
			return nil
		}
		p := *all.standard
		return &p
	}
	var p probes.LockoutPolicy
	if named := all.named[normal(dn)]; named != nil {
		p = *named
	} else if e := c.search(ctx, base(dn, append([]string{attrClass}, policyAttributes...))).one(); e != nil {
		p = *odPolicy(e)
	} else {
		p = probes.LockoutPolicy{Origin: probes.PolicyHidden, DN: dn}
	}
	if p.Origin != probes.PolicyHidden && p.Origin != probes.PolicyDomain {
		p.Origin = probes.PolicyFineGrained
	}
	return &p
}

// normal makes DNs comparable.
func normal(dn string) string {
	if parsed, err := ldap.ParseDN(dn); err == nil {
		dn = parsed.String()
	}
	return strings.ToLower(dn)
}
