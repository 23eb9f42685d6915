package directory

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/go-ldap/ldap/v3"

	"logindoctor.example/probes"
)

// Server reads what is true of the server: its root DSE, the lockout policy that it sets for everyone, and the entry of
// the account that the mail server binds with (nil where the target names none). All three questions are sent at once.
func (c *Client) Server(ctx context.Context) (*probes.Observation[probes.RootDSE], *probes.Observation[probes.LockoutPolicy], *probes.Observation[probes.DirectoryEntry]) {
	var root *probes.Observation[probes.RootDSE]
	var policy *probes.Observation[probes.LockoutPolicy]
	var account *probes.Observation[probes.DirectoryEntry]
	var all sync.WaitGroup
	all.Go(func() { root = c.readRoot(ctx, true) })
	all.Go(func() { policy = standard(c.readPolicies(ctx, true)) })
	if c.target.MailServerBind != "" {
		all.Go(func() { account = c.bindAccount(ctx) })
	}
	all.Wait()
	return root, policy, account
}

func (c *Client) readRoot(ctx context.Context, fresh bool) *probes.Observation[probes.RootDSE] {
	return c.root.get(fresh, func() *probes.Observation[probes.RootDSE] {
		return observe(c, "root DSE", func(look *probes.Look) (root probes.RootDSE) {
			f := c.search(ctx, base("", rootAttributes))
			look.Why, look.Words = f.why, f.words
			e := f.one()
			if e == nil {
				if look.Why == probes.Seen {
					look.Why = probes.NotPermitted
				}
				return root
			}
			return rootDSE(e)
		})
	})
}

func rootDSE(e *ldap.Entry) probes.RootDSE {
	root := probes.RootDSE{Vendor: value(e, attrVendor), HostName: value(e, attrHost), ControlsSeen: values(e, attrControls)}
	slices.Sort(root.ControlsSeen)
	root.ControlsSeen = slices.Compact(root.ControlsSeen) // Samba names some several times
	if t, ok := generalizedTime(value(e, attrNow)); ok {
		root.Time = t
	}
	root.IsAD = slices.Contains(values(e, attrCapabilities), oidActiveDir)
	root.DefaultBase = value(e, attrDefaultContext)
	if root.DefaultBase != "" {
		return root
	}
	// OpenLDAP names no default: the first context that is a domain's, else the first that is not Apple's own store.
	contexts := values(e, attrContexts)
	for _, prefix := range []string{"dc=", ""} {
		for _, context := range contexts {
			if root.DefaultBase == "" && strings.HasPrefix(strings.ToLower(context), prefix) && !strings.EqualFold(context, "cn=authdata") {
				root.DefaultBase = context
			}
		}
	}
	return root
}

// baseDN is where to search: what the profile says, else what the server says of itself.
func (c *Client) baseDN(ctx context.Context) (string, found) {
	if c.target.BaseDN != "" {
		return c.target.BaseDN, found{}
	}
	root := c.readRoot(ctx, false)
	if !root.OK() {
		return "", found{why: root.Why, words: root.Words}
	}
	if root.Value.DefaultBase == "" {
		return "", found{why: probes.Unclear, words: "the profile names no base_dn, and the server names none itself"}
	}
	return root.Value.DefaultBase, found{}
}

// policies are those that a server shows: the one for everyone, and those that entries can point to.
type policies struct {
	standard *probes.LockoutPolicy
	ageSeen  bool // the standard one's MaxAgeMS was read
	named    map[string]*probes.LockoutPolicy
}

func (c *Client) readPolicies(ctx context.Context, fresh bool) *probes.Observation[policies] {
	return c.policies.get(fresh, func() *probes.Observation[policies] {
		return observe(c, "lockout policy", func(look *probes.Look) policies {
			dn, f := c.baseDN(ctx)
			if f.why != probes.Seen {
				look.Why, look.Words = f.why, f.words
				return policies{}
			}
			if c.target.Kind == probes.OpenDirectory {
				return c.odPolicies(ctx, dn, look)
			}
			return c.adPolicy(ctx, dn, look)
		})
	})
}

// standard shows the policy for everyone, or says that there is none to be seen.
func standard(o *probes.Observation[policies]) *probes.Observation[probes.LockoutPolicy] {
	out := &probes.Observation[probes.LockoutPolicy]{Look: o.Look}
	switch {
	case o.Value.standard != nil:
		out.Value = *o.Value.standard
	case out.Why == probes.Seen:
		out.Why = probes.NotPermitted
	}
	return out
}

// bindAccount reads the entry that the mail server binds as. Active Directory takes other names than a DN for that.
func (c *Client) bindAccount(ctx context.Context) *probes.Observation[probes.DirectoryEntry] {
	return observe(c, "read the mail server's bind account", func(look *probes.Look) probes.DirectoryEntry {
		name := c.target.MailServerBind
		if _, err := ldap.ParseDN(name); err != nil {
			if _, login, netbios := strings.Cut(name, `\`); netbios {
				name = login
			}
			return c.find(ctx, name, look)
		}
		f := c.search(ctx, base(name, c.attributes()))
		look.Why, look.Words = f.why, f.words
		return c.entry(ctx, f.entries, look)
	})
}
