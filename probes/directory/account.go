package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/go-ldap/ldap/v3"

	"logindoctor.example/probes"
)

// Account finds the user by mail, userPrincipalName or proxyAddresses, or by the local part as sAMAccountName or uid, and
// reads what the server holds about it. An entry that bears the whole address outranks one that bears the local part
// alone. No entry: Matches is empty; several: Matches names them, and nothing else is filled in.
func (c *Client) Account(ctx context.Context, user string) *probes.Observation[probes.DirectoryEntry] {
	return observe(c, "search for the account", func(look *probes.Look) probes.DirectoryEntry {
		return c.find(ctx, user, look)
	})
}

func (c *Client) find(ctx context.Context, user string, look *probes.Look) (none probes.DirectoryEntry) {
	none.Matches = []string{}
	if user == "" {
		look.Why, look.Words = probes.Unclear, "no user is named"
		return none
	}
	dn, f := c.baseDN(ctx)
	if f.why == probes.Seen {
		// The policy is needed for the entry: asked side by side, it costs no time.
		var policy sync.WaitGroup
		policy.Go(func() { c.readPolicies(ctx, false) })
		f = c.search(ctx, below(dn, c.filter(user), c.attributes()))
		policy.Wait()
	}
	look.Why, look.Words = f.why, f.words
	if f.absent { // the base itself: a search below a base that is there never says so
		look.Why = probes.Unclear
		if c.target.Kind == probes.OpenDirectory {
			look.Why = probes.NotPermitted // OpenLDAP says so too where the reader may not see the base
		}
	}
	if look.Why != probes.Seen {
		return none
	}
	entries := f.entries
	if !f.more {
		entries = choose(entries, user)
	}
	return c.entry(ctx, entries, look)
}

func (c *Client) attributes() []string {
	if c.target.Kind == probes.OpenDirectory {
		return odAttributes
	}
	return adAttributes
}

// entry reads the one entry, or names the several.
func (c *Client) entry(ctx context.Context, entries []*ldap.Entry, look *probes.Look) probes.DirectoryEntry {
	out := probes.DirectoryEntry{Matches: []string{}}
	for _, e := range entries {
		out.Matches = append(out.Matches, clean(e.DN))
	}
	if look.Why != probes.Seen || len(entries) != 1 {
		return out
	}
	if c.target.Kind == probes.OpenDirectory {
		out.OD = c.readOD(ctx, entries[0])
	} else {
		out.AD = c.readAD(ctx, entries[0])
	}
	return out
}

// filter fits every name that the user may go by; nothing in the name can change its shape (RFC 4515 §3).
func (c *Client) filter(user string) string {
	address, local := ldap.EscapeFilter(user), ldap.EscapeFilter(localPart(user))
	if c.target.Kind == probes.OpenDirectory {
		names := fmt.Sprintf("(%s=%s)(%s=%s)", attrMail, address, attrUID, address)
		if local != "" && local != address {
			names += fmt.Sprintf("(%s=%s)", attrUID, local)
		}
		return fmt.Sprintf("(&(|(%[1]s=person)(%[1]s=posixAccount)(%[1]s=apple-user))(|%[2]s))", attrClass, names)
	}
	names := fmt.Sprintf("(%s=%s)(%s=%s)(%s=smtp:%s)", attrMail, address, attrUPN, address, attrProxies, address)
	if local != "" {
		names += fmt.Sprintf("(%s=%s)", attrLogin, local)
	}
	return fmt.Sprintf("(&(%[1]s=user)(!(%[1]s=computer))(|%[2]s))", attrClass, names)
}

func localPart(user string) string {
	if i := strings.LastIndexByte(user, '@'); i >= 0 {
		return user[:i]
	}
	return user
}

// choose prefers the entries that bear the whole address. A directory compares more loosely than we do (accents, widths):
// an entry that came for neither reason that we can see came for its address.
func choose(entries []*ldap.Entry, user string) []*ldap.Entry {
	var whole []*ldap.Entry
	for _, e := range entries {
		local := slices.ContainsFunc(append(values(e, attrLogin), values(e, attrUID)...), func(v string) bool { return strings.EqualFold(v, localPart(user)) })
		if !local || slices.ContainsFunc(addresses(e), func(v string) bool { return strings.EqualFold(v, user) }) {
			whole = append(whole, e)
		}
	}
	if len(whole) > 0 {
		return whole
	}
	return entries
}

// addresses are the whole addresses that an entry bears.
func addresses(e *ldap.Entry) []string {
	return append(append(mails(e), values(e, attrUPN)...), values(e, attrUID)...)
}

// mails are the mail addresses of an entry, each once.
func mails(e *ldap.Entry) []string {
	all := values(e, attrMail)
	for _, p := range values(e, attrProxies) {
		if kind, address, ok := strings.Cut(p, ":"); ok && strings.EqualFold(kind, "smtp") {
			all = append(all, address)
		}
	}
	var out []string
	for _, a := range all {
		if !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, a) }) {
			out = append(out, a)
		}
	}
	return out
}

// maxValues is how many values of one attribute are kept.
const maxValues = 256

// values gives an attribute's values, fit to be kept. Names of attributes know no case (RFC 4512 §2.5).
func values(e *ldap.Entry, name string) []string {
	var out []string
	for _, v := range e.GetEqualFoldAttributeValues(name) {
		if len(out) == maxValues {
			break
		}
		out = append(out, clean(v))
	}
	return out
}

func value(e *ldap.Entry, name string) string {
	if all := values(e, name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// Counters reads again, for one entry, what an attempt moves.
func (c *Client) Counters(ctx context.Context, dn string) *probes.Observation[probes.DirectoryCounters] {
	return observe(c, "read the counters again", func(look *probes.Look) (out probes.DirectoryCounters) {
		wanted := adCounters
		if c.target.Kind == probes.OpenDirectory {
			wanted = odCounters
		}
		f := c.search(ctx, base(dn, wanted))
		look.Why, look.Words = f.why, f.words
		e := f.one()
		switch {
		case look.Why != probes.Seen:
		case e == nil:
			look.Why = probes.NotPermitted
		case c.target.Kind == probes.OpenDirectory:
			out = c.odCounted(ctx, e)
		default:
			out = adCounted(e)
		}
		return out
	})
}
