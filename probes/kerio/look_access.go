package kerio

import (
	"cmp"
	"context"
	"encoding/binary"
	"math/bits"
	"net/netip"
	"strings"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

// policyAnswer is the rules of every access policy as they came, to be joined with the user's own. The channels close once
// the rules, and the services, have been read.
type policyAnswer struct {
	rules                   *probes.Observation[[]ruleRow]
	rulesRead, servicesRead chan struct{}
}

type ruleRow struct {
	Policy  words `json:"groupId"`
	Service words `json:"service"`
	Rule    struct {
		Type  words `json:"type"`
		Group words `json:"groupId"` // of addresses
	} `json:"rule"`
}

func (c *Client) accessRules(ctx context.Context) *probes.Observation[[]ruleRow] {
	return listed(ctx, c, accessPolicy, map[string]any{"query": everything(0, -1)}, "list", func(rows []ruleRow) ([]ruleRow, string) {
		for _, r := range rows {
			if r.Policy == "" || r.Service == "" {
				return nil, "the policy or the service of a rule"
			}
		}
		return rows, ""
	})
}

// access gives the rules of the user's policy. A policy without rules denies nothing.
func (c *Client) access(ctx context.Context, user *probes.Observation[probes.KerioUser], policy *policyAnswer) *probes.Observation[probes.KerioAccess] {
	id, name, lacks := c.policyOf(ctx, user)
	<-policy.rulesRead
	o := &probes.Observation[probes.KerioAccess]{Look: policy.rules.Look}
	switch {
	case !o.OK():
		return o
	case lacks != nil:
		o.Look = *lacks
		o.What = accessPolicy
		return o
	}
	o.Value = probes.KerioAccess{Policy: secret.Kept(name), Rules: []probes.KerioAccessRule{}}
	for _, r := range policy.rules.Value {
		if string(r.Policy) == id {
			o.Value.Rules = append(o.Value.Rules, probes.KerioAccessRule{Service: secret.Kept(string(r.Service)), Rule: accessKind(string(r.Rule.Type)), GroupID: string(r.Rule.Group)})
		}
	}
	return o
}

// policyOf is the user's policy: the one of the user's row, or else the default one. lacks says why it is not known.
func (c *Client) policyOf(ctx context.Context, user *probes.Observation[probes.KerioUser]) (id, name string, lacks *probes.Look) {
	switch {
	case !user.OK():
		return "", "", &user.Look
	case !user.Value.Found:
		look := user.Look
		look.Why, look.Words = probes.Unclear, "Kerio has no such account, and so no policy of it"
		return "", "", &look
	case user.Value.PolicyID != "":
		return user.Value.PolicyID, cmp.Or(user.Value.Policy, user.Value.PolicyID), nil
	}
	type group struct {
		ID      words `json:"id"`
		Name    words `json:"name"`
		Default flag  `json:"isDefault"`
	}
	o := listed(ctx, c, accessGroups, nil, "groups", func(rows []group) (group, string) {
		for _, g := range rows {
			if g.Default.value && g.ID != "" {
				return g, ""
			}
		}
		return group{}, "a default policy"
	})
	if !o.OK() {
		return "", "", &o.Look
	}
	return string(o.Value.ID), string(o.Value.Name), nil
}

// accessKinds are the IDL's words, in lower case.
var accessKinds = map[string]probes.KerioAccessKind{"serviceallowed": probes.AccessAllowed, "servicedenied": probes.AccessDenied,
	"serviceipallowed": probes.AccessIPAllowed, "serviceipdenied": probes.AccessIPDenied}

func accessKind(text string) probes.KerioAccessKind { return accessKinds[strings.ToLower(text)] }

// pending looks for the account among the directory's people that were never activated. That makes Kerio search its
// directory: it is left alone where the account was found, or the domain has no directory, which is then the answer.
func (c *Client) pending(ctx context.Context, user string, domain *probes.Observation[probes.KerioDomain], row *probes.Observation[probes.KerioUser]) *probes.Observation[probes.KerioPending] {
	switch {
	case !domain.OK():
		look := domain.Look
		look.What = notActivated
		return &probes.Observation[probes.KerioPending]{Look: look}
	case row.OK() && row.Value.Found && !row.Value.ByAlias:
		return &probes.Observation[probes.KerioPending]{Look: row.Look}
	case !domain.Value.DirectoryOn:
		return &probes.Observation[probes.KerioPending]{Look: domain.Look}
	}
	type importee struct {
		User struct {
			Login words `json:"loginName"`
		} `json:"userItem"`
		Importable flag  `json:"isImportable"`
		Message    words `json:"message"`
	}
	return listed(ctx, c, notActivated, map[string]any{"domainId": domain.Value.ID}, "newUsers", func(rows []importee) (p probes.KerioPending, lacks string) {
		p.Total = len(rows)
		for _, r := range rows {
			if r.User.Login == "" {
				lacks = "the login name of a row"
			}
			if !p.Found && isLogin(string(r.User.Login), user, &domain.Value) {
				p.Found, p.Importable, p.Words = true, r.Importable.value, c.admin.clean(string(r.Message))
			}
		}
		if p.Found {
			lacks = ""
		}
		return p, lacks
	})
}

// isLogin says that a row's login name is what was typed, with the domain or without.
func isLogin(login, typed string, d *probes.KerioDomain) bool {
	local, _, _ := strings.Cut(typed, "@")
	name, at, whole := strings.Cut(login, "@")
	return strings.EqualFold(login, typed) || strings.EqualFold(name, local) && (!whole || sameDomain(at, d))
}

// addressEntry is one row of IpAddressGroups.get: a member, with the group that it is in.
type addressEntry struct {
	Group   words `json:"groupId"`
	Name    words `json:"groupName"`
	Type    words `json:"type"` // Host, Network, Range, ChildGroup, ThisMachine, IpPrefix
	Enabled flag  `json:"enabled"`
	Host    words `json:"host"`  // a name, an address or a prefix
	First   words `json:"addr1"` // the network, or where the range begins
	Second  words `json:"addr2"` // its mask, or where the range ends
	Child   words `json:"childGroupId"`
	Called  words `json:"childGroupName"`
}

// maxMembers bounds what one group may grow to with the groups in it.
const maxMembers = 10000

// groups reads the groups of addresses where a service or a rule of the user's policy names one, or where that is not known.
// Where none is named there are none to read, and the list of services is the answer.
func (c *Client) groups(ctx context.Context, services *probes.Observation[[]probes.KerioService], acc *probes.KerioAccount) *probes.Observation[[]probes.KerioAddressGroup] {
	named := !services.OK() || !acc.Access.OK() && !(acc.User.OK() && !acc.User.Value.Found)
	for _, s := range services.Value {
		named = named || s.AddressGroup != ""
	}
	for _, r := range acc.Access.Value.Rules {
		named = named || r.GroupID != ""
	}
	if !named {
		return &probes.Observation[[]probes.KerioAddressGroup]{Look: services.Look, Value: []probes.KerioAddressGroup{}}
	}
	return listed(ctx, c, addressGroups, map[string]any{"query": everything(0, -1)}, "list", func(rows []addressEntry) ([]probes.KerioAddressGroup, string) {
		members, order := map[words][]addressEntry{}, []words{}
		for _, r := range rows {
			if r.Group == "" {
				return nil, "the group of a member"
			}
			if members[r.Group] == nil {
				order = append(order, r.Group)
			}
			members[r.Group] = append(members[r.Group], r)
		}
		out := []probes.KerioAddressGroup{}
		for _, id := range order {
			g := probes.KerioAddressGroup{ID: string(id), Name: secret.Kept(string(members[id][0].Name)), Members: []probes.KerioAddressRange{}}
			collect(&g, members, id, map[words]bool{})
			out = append(out, g)
		}
		return out, ""
	})
}

// collect adds the enabled members of a group, and of the groups in it. Each group counts once: a ring ends where it began.
func collect(g *probes.KerioAddressGroup, members map[words][]addressEntry, id words, seen map[words]bool) {
	seen[id] = true
	for _, m := range members[id] {
		switch {
		case m.Enabled.given && !m.Enabled.value:
		case len(g.Members) > maxMembers:
			return
		case len(g.Members) == maxMembers:
			g.Members = append(g.Members, probes.KerioAddressRange{Unread: "more members than are read"})
		case m.Type != "ChildGroup":
			g.Members = append(g.Members, m.addresses())
		case members[m.Child] == nil:
			g.Members = append(g.Members, probes.KerioAddressRange{Unread: "group " + secret.Kept(string(cmp.Or(m.Called, m.Child))) + ", which is not told"})
		case !seen[m.Child]:
			collect(g, members, m.Child, seen)
		}
	}
}

// addresses reads one member; what it cannot read as addresses it gives in the words of the row.
func (e addressEntry) addresses() probes.KerioAddressRange {
	host, first, second := strings.TrimSpace(string(e.Host)), strings.TrimSpace(string(e.First)), strings.TrimSpace(string(e.Second))
	var from, to netip.Addr
	ok := false
	switch e.Type {
	case "Host", "IpPrefix":
		if a, err := netip.ParseAddr(host); err == nil && a.Zone() == "" {
			from, to, ok = a.Unmap(), a.Unmap(), true
		} else if p, err := netip.ParsePrefix(host); err == nil {
			from, to, ok = span(p)
		}
	case "Network":
		if n, length, fits := network(first, second); fits {
			from, to, ok = span(netip.PrefixFrom(n, length))
		}
	case "Range":
		a, errA := netip.ParseAddr(first)
		b, errB := netip.ParseAddr(second)
		from, to = a.Unmap(), b.Unmap()
		ok = errA == nil && errB == nil && a.Zone()+b.Zone() == "" && from.BitLen() == to.BitLen() && from.Compare(to) <= 0
	}
	if !ok {
		return probes.KerioAddressRange{Unread: secret.Kept(strings.Join(strings.Fields(strings.Join([]string{string(e.Type), host, first, second}, " ")), " "))}
	}
	return probes.KerioAddressRange{From: from.String(), To: to.String()}
}

// network reads an address with its mask: dotted, or a length.
func network(address, mask string) (n netip.Addr, length int, ok bool) {
	n, err := netip.ParseAddr(address)
	if err != nil || n.Zone() != "" {
		return n, 0, false
	}
	if p, err := netip.ParsePrefix(address + "/" + strings.TrimPrefix(mask, "/")); err == nil {
		return p.Addr(), p.Bits(), true
	}
	m, err := netip.ParseAddr(mask)
	if err != nil || !n.Is4() || !m.Is4() {
		return n, 0, false
	}
	four := m.As4()
	ones := binary.BigEndian.Uint32(four[:])
	length = bits.LeadingZeros32(^ones)
	return n, length, bits.OnesCount32(ones) == length // a mask with holes is no range
}

// span is the first and the last address of a prefix.
func span(p netip.Prefix) (from, to netip.Addr, ok bool) {
	if !p.IsValid() || p.Addr().Is4In6() {
		return from, to, false
	}
	from = p.Masked().Addr()
	last := from.AsSlice()
	for i := range last {
		if host := (i+1)*8 - p.Bits(); host >= 8 {
			last[i] = 0xff
		} else if host > 0 {
			last[i] |= 1<<host - 1
		}
	}
	to, ok = netip.AddrFromSlice(last)
	return from, to, ok
}
