package stalwart

import (
	"slices"
	"strings"
	"unicode"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

// domainRow is one x:Domain, of those that were seen.
type domainRow struct {
	probes.StalwartDomain
}

func (d domainRow) is(name string) bool {
	return strings.EqualFold(d.Name, name) || d.alias(name)
}

func (d domainRow) alias(name string) bool {
	return !strings.EqualFold(d.Name, name) && slices.ContainsFunc(d.Aliases, func(a string) bool { return strings.EqualFold(a, name) })
}

// account reads the domain and the account's row. Rows of other people are looked at here, and dropped.
func (l *looker) account(b *bundle, s *probes.StalwartServer) (*probes.Observation[probes.StalwartDomain], *probes.Observation[probes.StalwartUser]) {
	if strings.Contains(l.user, "%") {
		return l.master(b)
	}
	domain := l.domain(b, s)
	look, rows, cut := b.found(l.c, "account", accountQuery, accountGet, textMatches)
	byText, more, _ := b.found(l.c, "alias", accountQuery, accountGet, textMatches)
	if look.Why != probes.Seen {
		return domain, observe(look, probes.StalwartUser{})
	}
	rows = append(rows, more...)
	var fit []probes.StalwartUser
	ids := map[string]bool{}
	for _, r := range rows {
		if id := r.text("id"); !ids[id] {
			ids[id] = true
			if u, ok := l.match(r, domain); ok {
				fit = append(fit, u)
			}
		}
	}
	switch {
	case !domain.OK() && !strings.Contains(l.user, "@"), domain.OK() && domain.Value.Asked == "":
		look.Why, look.Words = probes.Unclear, "the login names no domain, and which one the server puts there was not seen"
		return domain, observe(look, probes.StalwartUser{})
	case len(fit) > 0:
		// An alias that is off is nobody's; the account's own address comes before all.
		slices.SortStableFunc(fit, func(a, b probes.StalwartUser) int { return rank(a) - rank(b) })
		u := fit[0]
		u.Others = len(fit) - 1
		return domain, observe(look, u)
	}
	u := probes.StalwartUser{Found: probes.StalwartNo}
	elsewhere := domain.OK() && domain.Value.Found == probes.StalwartNo
	here := domain.OK() && domain.Value.Found == probes.StalwartYes
	if local, _ := l.parts(); !elsewhere && (!here || l.tenant || cut || byText.Why != probes.Seen || !searchable(local)) {
		// It may be an alias, and those could not be searched; its domain may be another name of one that was not seen; and an
		// account without a tenant, in a tenant's domain, is kept from the tenant's key.
		u.Found = probes.StalwartUnknown
	}
	return domain, observe(look, u)
}

// searchable says that a search by text can find the name: it is one for words, and passes over those of one byte (S:
// store/src/registry/query.rs).
func searchable(name string) bool {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	return slices.ContainsFunc(words, func(w string) bool { return len(w) > 1 })
}

// master is the answer where the login is account%master: two accounts stand in it, either may have another domain, and the secret is
// the master's (S: common/src/auth/authentication.rs, UsernameParts).
func (l *looker) master(b *bundle) (*probes.Observation[probes.StalwartDomain], *probes.Observation[probes.StalwartUser]) {
	domain, _ := b.see(l.c, "domains", domainGet)
	user, _ := b.see(l.c, "account", accountQuery)
	for _, look := range []*probes.Look{&domain, &user} {
		if look.Why == probes.Seen {
			look.Why, look.Words = probes.Unclear, "a login with % is a master user's in the name of another, and is not looked up"
		}
	}
	return observe(domain, probes.StalwartDomain{}), observe(user, probes.StalwartUser{})
}

func rank(u probes.StalwartUser) int {
	return map[probes.StalwartAlias]int{probes.StalwartNoAlias: 0, probes.StalwartAliasDomain: 1, probes.StalwartAliasLogin: 2, probes.StalwartAliasOff: 3}[u.Alias]
}

// domain finds the login's domain among those seen, by its name or an alias, or else the default one.
func (l *looker) domain(b *bundle, s *probes.StalwartServer) *probes.Observation[probes.StalwartDomain] {
	look, rows := b.rows(l.c, "domains", domainGet)
	whole := look.Why == probes.Seen && len(rows) < l.objects
	_, asked := l.parts()
	if asked != "" {
		exact, more, _ := b.found(l.c, "domain", domainQuery, domainGet, 1)
		if rows = append(rows, more...); look.Why != probes.Seen && len(more) > 0 {
			look = exact
		}
	}
	l.tenant = ofOneTenant(rows)
	seen := map[string]bool{}
	for _, r := range rows {
		if d := domainOf(r); !seen[d.ID] {
			seen[d.ID] = true
			l.domains = append(l.domains, domainRow{d})
		}
	}
	out := probes.StalwartDomain{Asked: asked, Seen: len(l.domains)}
	i := -1
	if asked != "" {
		i = slices.IndexFunc(l.domains, func(d domainRow) bool { return d.is(asked) })
	} else if s.System.OK() && s.System.Value.DefaultDomainID != "" {
		i = slices.IndexFunc(l.domains, func(d domainRow) bool { return d.ID == s.System.Value.DefaultDomainID })
	}
	switch {
	case i >= 0:
		d := l.domains[i]
		out.Found, out.ID, out.Name, out.Aliases, out.Enabled, out.DirectoryID = probes.StalwartYes, d.ID, d.Name, d.Aliases, d.Enabled, d.DirectoryID
		out.ByAlias = asked != "" && d.alias(asked)
		if asked == "" {
			out.Asked = d.Name
		}
	case whole && asked != "" && !l.tenant:
		out.Found = probes.StalwartNo
	}
	return observe(look, out)
}

// ofOneTenant says that our key may be that of a tenant's administrator, to whom the server shows the tenant's domains, accounts and
// roles alone (S: jmap/src/registry/get.rs, OBJ_FILTER_TENANT): nothing in a reply tells whether there are others.
func ofOneTenant(rows []object) bool {
	return !slices.ContainsFunc(rows, func(r object) bool {
		t := r.text("memberTenantId")
		return t == "" || t != rows[0].text("memberTenantId")
	})
}

func domainOf(r object) probes.StalwartDomain {
	d := probes.StalwartDomain{ID: r.text("id"), Name: secret.Kept(r.text("name")), Enabled: r.answer("isEnabled"), DirectoryID: r.text("directoryId")}
	for _, a := range r.members("aliases") {
		d.Aliases = append(d.Aliases, secret.Kept(a))
	}
	return d
}

// match says whether the login means this account, and how.
func (l *looker) match(r object, domain *probes.Observation[probes.StalwartDomain]) (probes.StalwartUser, bool) {
	u := userOf(r)
	local, asked := l.parts()
	id := ""
	if domain.OK() {
		id = domain.Value.ID
		if asked == "" {
			asked = domain.Value.Asked
		}
	}
	here := func(domainID string) bool { return id != "" && domainID == id }
	own := strings.EqualFold(u.Name, local)
	switch {
	case asked != "" && strings.EqualFold(u.Email, local+"@"+asked):
	case own && here(r.text("domainId")) && domain.Value.ByAlias:
		u.Alias = probes.StalwartAliasDomain
	case own && here(r.text("domainId")):
	default:
		ok := false
		if u.Alias, ok = l.alias(r, local, own, here); !ok {
			return u, false
		}
	}
	u.Aliases = l.aliases(r)
	return u, true
}

// alias looks for the login among the account's aliases. The server compares local parts alone.
func (l *looker) alias(r object, local string, own bool, here func(string) bool) (kind probes.StalwartAlias, ok bool) {
	entries, _ := r.list("aliases")
	for _, a := range entries {
		if !strings.EqualFold(a.text("name"), local) || !here(a.text("domainId")) {
			continue
		}
		switch {
		case a.answer("enabled") == probes.StalwartNo:
			kind, ok = probes.StalwartAliasOff, true
			continue
		case own:
			return probes.StalwartAliasDomain, true
		}
		return probes.StalwartAliasLogin, true
	}
	return kind, ok
}

// aliases are the account's other addresses, those that are on and whose domain was seen.
func (l *looker) aliases(r object) (all []string) {
	entries, _ := r.list("aliases")
	for _, a := range entries {
		i := slices.IndexFunc(l.domains, func(d domainRow) bool { return d.ID == a.text("domainId") })
		if a.answer("enabled") != probes.StalwartNo && i >= 0 {
			all = append(all, secret.Kept(a.text("name")+"@"+l.domains[i].Name))
		}
	}
	return all
}

var (
	accountKinds    = map[string]probes.StalwartKind{"User": probes.StalwartPerson, "Group": probes.StalwartGroup}
	credentialKinds = map[string]probes.StalwartCredentialKind{"Password": probes.StalwartPassword, "AppPassword": probes.StalwartAppPassword, "ApiKey": probes.StalwartAPIKey}
	grants          = map[string]probes.StalwartGrant{"Inherit": probes.StalwartInherit, "Disable": probes.StalwartDisable, "Merge": probes.StalwartMerge, "Replace": probes.StalwartReplace}
	roleKinds       = map[string]probes.StalwartRoleKind{"User": probes.StalwartRolesUser, "Admin": probes.StalwartRolesAdmin, "TenantAdmin": probes.StalwartRolesAdmin,
		"Default": probes.StalwartRolesDefault, "Custom": probes.StalwartRolesCustom}
)

// userOf reads an x:Account.
func userOf(r object) probes.StalwartUser {
	permissions, roles := r.object("permissions"), r.object("roles")
	enabled, okOn := permissions.whole("enabledPermissions")
	disabled, okOff := permissions.whole("disabledPermissions")
	u := probes.StalwartUser{Found: probes.StalwartYes, ID: r.text("id"), Kind: accountKinds[r.text("@type")], Name: secret.Kept(r.text("name")), Email: secret.Kept(r.text("emailAddress")),
		Permissions: probes.StalwartPermissions{Mode: grants[permissions.text("@type")], Enabled: enabled, Disabled: disabled},
		Roles:       probes.StalwartRoleChoice{Kind: roleKinds[roles.text("@type")]},
		GroupIDs:    r.members("memberGroupIds"), TenantID: r.text("memberTenantId"), DiskUsed: r.number("usedDiskQuota"), DiskLimit: r.object("quotas").number("maxDiskQuota")}
	if (!okOn || !okOff) && u.Permissions.Mode != probes.StalwartInherit { // which has no lists
		u.Permissions = probes.StalwartPermissions{}
	}
	ok := true
	if u.Roles.IDs, ok = roles.whole("roleIds"); !ok && u.Roles.Kind == probes.StalwartRolesCustom { // no other has a list
		u.Roles.Kind = probes.StalwartRolesUnknown
	}
	entries, whole := r.list("credentials")
	u.CredsKnown = whole
	for _, e := range entries {
		if e == nil {
			continue
		}
		c := credentialOf(e)
		u.CredsKnown = u.CredsKnown && c.ID != ""
		u.Credentials = append(u.Credentials, c)
	}
	return u
}

// credentialOf reads one entry. Its secret comes masked, and is not read. What has another form than expected is named, so that
// it does not read as "never ends" or "from everywhere".
func credentialOf(e object) probes.StalwartCredential {
	c := probes.StalwartCredential{ID: e.text("credentialId"), Kind: credentialKinds[e.text("@type")], Description: secret.Kept(e.text("description"))}
	if c.ID == "" {
		c.ID = e.text("id") // as x:AppPassword has it
	}
	ok := make([]bool, 4)
	c.CreatedAt, ok[0] = e.time("createdAt")
	c.ExpiresAt, ok[1] = e.time("expiresAt")
	c.AllowedIPs, ok[2] = e.masks("allowedIps")
	permissions := e.object("permissions")
	c.Mode = grants[permissions.text("@type")]
	c.List, ok[3] = permissions.set("permissions")
	for i, field := range []string{"createdAt", "expiresAt", "allowedIps", "permissions"} {
		if !ok[i] {
			c.Unread = append(c.Unread, field)
		}
	}
	if c.Kind == probes.StalwartPassword {
		c.Mode = probes.StalwartInherit // an own password has no list
		if c.OTP = probes.StalwartNo; e.has("otpAuth") {
			c.OTP = probes.StalwartYes
		}
	}
	return c
}
