package directory

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/go-ldap/ldap/v3"

	"logindoctor.example/probes"
)

// maxMatches is how many entries are named where several fit.
const maxMatches = 10

// searchTime is the server's limit where the dialer has none.
const searchTime = 20 * time.Second

// base asks for one entry by its name.
func base(dn string, attributes []string) *ldap.SearchRequest {
	return &ldap.SearchRequest{BaseDN: dn, Scope: ldap.ScopeBaseObject, SizeLimit: 1, Filter: "(objectClass=*)", Attributes: attributes}
}

// below asks for the entries under a base.
func below(dn, filter string, attributes []string) *ldap.SearchRequest {
	return &ldap.SearchRequest{BaseDN: dn, Scope: ldap.ScopeWholeSubtree, SizeLimit: maxMatches, Filter: filter, Attributes: attributes}
}

// found is the answer to one search. References to other servers are passed over: a domain controller names partitions
// that nobody asked for, at hosts that need not resolve (observed on Samba 4.17).
type found struct {
	entries []*ldap.Entry
	more    bool // than are named here
	absent  bool // result 32: no such entry, or none that may be seen
	why     probes.Why
	words   string
}

// search makes one search. It waits for a bind that is under way.
func (c *Client) search(ctx context.Context, q *ldap.SearchRequest) (f found) {
	if c.line == nil {
		return found{why: c.reach.Why(), words: c.reach.Words}
	}
	c.turn.RLock()
	defer c.turn.RUnlock()
	var look probes.Look
	if ctx.Err() != nil || c.broken(ctx, &look) {
		f.why = c.lost(ctx, &look)
		f.words = look.Words
		return f
	}
	defer c.line.begin(ctx)()
	limit := c.timeout
	if limit <= 0 {
		limit = searchTime
	}
	q.TimeLimit = int(math.Ceil(limit.Seconds()))
	q.EnforceSizeLimit = true
	result, err := c.ldap.Search(q)
	if result != nil {
		f.entries = result.Entries
	}
	if f.more = errors.Is(err, ldap.ErrSizeLimitExceeded); err == nil || f.more {
		return f
	}
	var answer *ldap.Error
	if errors.As(err, &answer) && answer.Packet != nil && answer.ResultCode < ldap.ErrorNetwork {
		f.refused(answer)
		return f
	}
	f.entries = nil
	f.why = c.lost(ctx, &look)
	f.words = look.Words
	return f
}

// refused reads a search's result code as the reason for which nothing was seen.
func (f *found) refused(e *ldap.Error) {
	if e.ResultCode == ldap.LDAPResultSizeLimitExceeded {
		f.more = true // what came is kept
		return
	}
	f.entries = nil
	f.words = fmt.Sprintf("result %d (%s)", e.ResultCode, ldap.LDAPResultCodeMap[e.ResultCode])
	if text := e.Err.Error(); text != "" {
		f.words = clean(f.words + ": " + text)
	}
	switch e.ResultCode {
	case ldap.LDAPResultNoSuchObject:
		f.absent = true
	case ldap.LDAPResultTimeLimitExceeded:
		f.why = probes.Timeout
	case ldap.LDAPResultBusy, ldap.LDAPResultUnavailable:
		f.why = probes.Unreachable
	case ldap.LDAPResultInsufficientAccessRights, ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultInvalidCredentials,
		ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultConfidentialityRequired, ldap.LDAPResultAdminLimitExceeded,
		ldap.LDAPResultOperationsError: // AD's to a search before any bind: "Operation unavailable without authentication"
		f.why = probes.NotPermitted
	default:
		f.why = probes.Unclear
	}
}

// one gives the single entry of a base search; nil: there is none, or none that may be seen.
func (f found) one() *ldap.Entry {
	if len(f.entries) == 0 {
		return nil
	}
	return f.entries[0]
}

// broken says that the connection is of no more use.
func (c *Client) broken(ctx context.Context, look *probes.Look) bool {
	f, words, _ := c.line.trouble(ctx)
	look.Words = clean(words)
	return f != probes.FailureNone
}

// lost gives the reason for which no answer came. A server that never answered at all is noted in the Reach too.
func (c *Client) lost(ctx context.Context, look *probes.Look) probes.Why {
	f, words, answered := c.line.trouble(ctx)
	look.Words = clean(words)
	switch {
	case f != probes.FailureNone:
	case errors.Is(ctx.Err(), context.Canceled):
		return probes.Canceled
	case ctx.Err() != nil:
		return probes.Timeout
	default: // well-formed, and no answer to what was asked
		look.Words = errGarbage.Error()
		return probes.Unclear
	}
	if !answered {
		c.mu.Lock()
		if c.reach.Failure == probes.FailureNone {
			c.reach.Failure, c.reach.Words = f, look.Words
		}
		c.mu.Unlock()
	}
	return (&probes.Reach{Failure: f}).Why()
}
