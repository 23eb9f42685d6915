package directory

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/go-ldap/ldap/v3"
	"howett.net/plist"

	"logindoctor.example/probes"
)

// maxPlist is the most that is parsed: Apple's have some twenty keys.
const maxPlist = 16 << 10

// applePolicy reads Apple's effective policy of one user. Apple's server computes it only for a base search of the user's
// entry that asks for it first; elsewhere it may stand in the entry. Nil: the server is not Apple's, or shows none.
func (c *Client) applePolicy(ctx context.Context, e *ldap.Entry) *probes.ApplePolicy {
	raw := e.GetEqualFoldRawAttributeValue(attrApplePolicy)
	_, hasSlot := slot(e)
	if len(raw) == 0 && len(e.GetEqualFoldAttributeValues(attrAuthority)) == 0 {
		return nil
	}
	var all sync.WaitGroup
	var failed int
	var failedSeen bool
	if hasSlot {
		all.Go(func() { failed, failedSeen = c.appleFailed(ctx, e) })
	}
	if len(raw) == 0 {
		if one := c.search(ctx, base(e.DN, []string{attrApplePolicy})).one(); one != nil {
			raw = one.GetEqualFoldRawAttributeValue(attrApplePolicy)
		}
	}
	all.Wait()
	p := applePlist(raw)
	if p != nil {
		p.Failed, p.FailedSeen = failed, failedSeen
	}
	return p
}

// appleFailed reads the counter, which stands in a record of its own that few may read.
func (c *Client) appleFailed(ctx context.Context, e *ldap.Entry) (n int, ok bool) {
	id, ok := slot(e)
	if !ok {
		return 0, false
	}
	record := c.search(ctx, base(fmt.Sprintf(appleRecord, id), []string{attrClass, attrAppleFailed})).one()
	if record == nil {
		return 0, false
	}
	failed, ok := count(record, attrAppleFailed)
	if !ok {
		return 0, false
	}
	return *failed, true
}

// slot is the id of the user's record with the password server, as a UUID.
func slot(e *ldap.Entry) (string, bool) {
	for _, authority := range values(e, attrAuthority) {
		_, rest, found := strings.Cut(authority, passwordServer)
		if !found || len(rest) < passwordSlotSize {
			continue
		}
		h := rest[:passwordSlotSize]
		if strings.IndexFunc(h, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }) >= 0 {
			continue
		}
		return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-"), true
	}
	return "", false
}

// appleGlobal reads Apple's policy for everyone; nil where there is none.
func (c *Client) appleGlobal(ctx context.Context, dn string) *probes.LockoutPolicy {
	e := c.search(ctx, base(appleGlobalEntry+dn, []string{attrAppleGlobal})).one()
	if e == nil {
		return nil
	}
	keys := readPlist(e.GetEqualFoldRawAttributeValue(attrAppleGlobal))
	if keys == nil {
		return nil
	}
	// Apple's lock is a disabled account: it neither runs out nor forgets failures (applehelpers.c, odusers_isdisabled).
	return &probes.LockoutPolicy{Threshold: number(keys[keyMaxFailed]), MaxAgeMS: int64(number(keys[keyMaxMinutes])) * appleMinute,
		Origin: probes.PolicyDomain, DN: clean(e.DN)}
}

// applePlist reads the effective policy; nil where it is none.
func applePlist(raw []byte) *probes.ApplePolicy {
	keys := readPlist(raw)
	if keys == nil {
		return nil
	}
	return &probes.ApplePolicy{IsDisabled: number(keys[keyDisabled]) != 0, NewPasswordRequired: number(keys[keyNewPassword]) != 0,
		MaxFailed: number(keys[keyMaxFailed]), DisableReason: number(keys[keyReason])}
}

// readPlist reads a dictionary; nil where it is none. The library panics where its own assumptions fail.
func readPlist(raw []byte) (keys map[string]any) {
	if len(raw) == 0 || len(raw) > maxPlist {
		return nil
	}
	defer func() {
		if recover() != nil {
			keys = nil
		}
	}()
	if _, err := plist.Unmarshal(raw, &keys); err != nil {
		return nil
	}
	return keys
}

// number reads what Apple's tools have written in the course of the years: booleans, integers, strings. Else 0.
func number(v any) int {
	switch v := v.(type) {
	case bool:
		if v {
			return 1
		}
	case uint64:
		return int(min(v, 1<<31-1))
	case int64:
		return int(max(min(v, 1<<31-1), 0))
	case float64:
		if v > 0 && v < 1<<31 {
			return int(v)
		}
	case string:
		switch n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 32); {
		case err == nil:
			return int(max(n, 0))
		case strings.EqualFold(v, "true"), strings.EqualFold(v, "yes"):
			return 1
		}
	}
	return 0
}
