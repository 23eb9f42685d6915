package stalwart

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

// observe makes an Observation of a Look and a value, which counts only where something was seen.
func observe[T any](l probes.Look, value T) *probes.Observation[T] {
	o := &probes.Observation[T]{Look: l}
	if l.Why == probes.Seen {
		o.Value = value
	}
	return o
}

// server reads the objects of the first request that are not the account's.
func (l *looker) server(b *bundle, s *probes.StalwartServer) {
	look, o := b.single(l.c, "authentication", authGet)
	s.Authentication = observe(look, probes.StalwartAuthentication{DirectoryID: o.text("directoryId"), UserRoleIDs: defaultRoles(o, "defaultUserRoleIds"),
		AdminRoleIDs: defaultRoles(o, "defaultAdminRoleIds"), GroupRoleIDs: defaultRoles(o, "defaultGroupRoleIds"), TenantRoleIDs: defaultRoles(o, "defaultTenantRoleIds"),
		ExpiryMS: o.duration("passwordDefaultExpiry"), MaxAppPasswords: int(o.number("maxAppPasswords"))})
	look, o = b.single(l.c, "security", securityGet)
	s.Security = observe(look, probes.StalwartSecurity{Auth: o.rate("authBanRate", "authBanPeriod"), Loiter: o.rate("loiterBanRate", "loiterBanPeriod"),
		Scan: o.rate("scanBanRate", "scanBanPeriod"), Abuse: o.rate("abuseBanRate", "abuseBanPeriod"), ScanPaths: o.members("scanBanPaths")})
	look, o = b.single(l.c, "imap", imapGet)
	s.IMAP = observe(look, probes.StalwartIMAP{PlainText: o.answer("allowPlainTextAuth"), MaxFailures: int(o.number("maxAuthFailures")), MaxConcurrent: int(o.number("maxConcurrent"))})
	look, o = b.single(l.c, "system", systemGet)
	networks, _ := o.masks("proxyTrustedNetworks")
	s.System = observe(look, probes.StalwartSystem{DefaultDomainID: o.text("defaultDomainId"), HostName: secret.Kept(o.text("defaultHostname")), ProxyNetworks: networks})
	look, rows := b.rows(l.c, "roles", roleGet)
	s.Roles = observe(look, l.roles(rows))
	l.topology(b, s)
}

// defaultRoles are those that an account has by itself. Of a list that is missing, or has another form, nobody knows what it holds:
// the name that stands for it is no role's id, so that what hangs on it is not known either.
func defaultRoles(o object, key string) []string {
	if ids, ok := o.whole(key); ok {
		return ids
	}
	return []string{"in " + key}
}

// roles leaves out a role whose lists did not come whole: an account that has it has one that was not seen.
func (l *looker) roles(rows []object) probes.StalwartRoles {
	roles := probes.StalwartRoles{Rows: []probes.StalwartRole{}, Complete: len(rows) < l.objects}
	for _, r := range rows {
		extends, ok := r.whole("roleIds")
		enabled, okOn := r.whole("enabledPermissions")
		disabled, okOff := r.whole("disabledPermissions")
		if !ok || !okOn || !okOff {
			roles.Complete = false
			continue
		}
		roles.Rows = append(roles.Rows, probes.StalwartRole{ID: r.text("id"), Name: secret.Kept(r.text("description")), Extends: extends, Enabled: enabled, Disabled: disabled})
	}
	return roles
}

// topology reads where the server listens, and whom it asks.
func (l *looker) topology(b *bundle, s *probes.StalwartServer) {
	look, rows := b.rows(l.c, "listeners", listenerGet)
	listeners := []probes.StalwartListener{}
	for _, r := range rows {
		networks, _ := r.masks("overrideProxyTrustedNetworks")
		listeners = append(listeners, probes.StalwartListener{Name: secret.Kept(r.text("name")), Protocol: secret.Kept(r.text("protocol")), Bind: r.members("bind"), TLS: r.answer("useTls"),
			Implicit: r.answer("tlsImplicit"), MaxConnections: int(r.number("maxConnections")), ProxyNetworks: networks})
	}
	s.Listeners = observe(look, listeners)
	look, rows = b.rows(l.c, "directories", directoryGet)
	directories := []probes.StalwartDirectory{}
	for _, r := range rows {
		d := directoryOf(r)
		d.Used = d.ID != "" && s.Authentication.OK() && s.Authentication.Value.DirectoryID == d.ID
		directories = append(directories, d)
	}
	s.Directories = observe(look, directories)
}

var secretSources = map[string]probes.StalwartSecretSource{"None": probes.StalwartSecretNone, "Value": probes.StalwartSecretValue,
	"EnvironmentVariable": probes.StalwartSecretEnvironment, "File": probes.StalwartSecretFile}

// directoryOf reads an x:Directory. Its bindSecret is masked by the server, and is not read here: only where it is kept.
func directoryOf(r object) probes.StalwartDirectory {
	return probes.StalwartDirectory{ID: r.text("id"), Name: secret.Kept(r.text("description")), Type: secret.Kept(r.text("@type")), URL: address(r.text("url")), StartTLS: r.answer("useTls"),
		AnyCert: r.answer("allowInvalidCerts"), TimeoutMS: r.duration("timeout"), BaseDN: secret.Kept(r.text("baseDn")), BindDN: secret.Kept(r.text("bindDn")),
		BindSecret: secretSources[r.object("bindSecret").text("@type")], BindUsers: r.answer("bindAuthentication"), LoginFilter: secret.Kept(r.text("filterLogin")),
		PoolSize: int(r.number("poolMaxConnections")), PoolCreateMS: r.duration("poolTimeoutCreate")}
}

// address is a URL without what may stand before an @: a name and a password.
func address(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	u.User = nil
	return secret.Kept(u.String())
}

// rest reads the objects of the second request.
func (l *looker) rest(b *bundle, s *probes.StalwartServer) {
	look, o := b.single(l.c, "http", httpGet)
	s.HTTP = observe(look, probes.StalwartHTTP{XForwarded: o.answer("useXForwarded"), Anonymous: o.rate("rateLimitAnonymous", ""), User: o.rate("rateLimitAuthenticated", "")})
	look, rows := b.rows(l.c, "levels", levelGet)
	levels := []probes.StalwartLevel{}
	for _, r := range rows {
		levels = append(levels, probes.StalwartLevel{Event: secret.Kept(r.text("event")), Level: secret.Kept(r.text("level"))})
	}
	s.Levels = observe(look, levels)
}

// lists reads the bans and the exemptions, and keeps the rows of the addresses that matter. The filter of a query finds an
// address as it is written and no network that covers it (S: jmap/src/registry/query.rs): so all are read, and the filter only
// makes sure of single addresses where there are more than one answer holds.
func (l *looker) lists(first, second *bundle, s *probes.StalwartServer) {
	look, rows := first.rows(l.c, "blocked", blockedGet)
	blocked := l.addresses(rows)
	for i, a := range l.exact {
		exact, more, _ := second.found(l.c, fmt.Sprintf("blocked-%d", i), blockedQuery, blockedGet, 1)
		if exact.Why != probes.Seen {
			continue
		}
		blocked.Exact = append(blocked.Exact, a.String())
		for _, r := range l.addresses(more).Rows {
			if !slices.ContainsFunc(blocked.Rows, func(have probes.StalwartAddress) bool { return have.ID == r.ID }) {
				blocked.Rows = append(blocked.Rows, r)
			}
		}
	}
	s.Blocked = observe(look, blocked)
	look, rows = first.rows(l.c, "allowed", allowedGet)
	s.Allowed = observe(look, l.addresses(rows))
}

var banReasons = map[string]probes.StalwartBanReason{"authFailure": probes.StalwartBanAuth, "rcptToFailure": probes.StalwartBanRcpt, "loitering": probes.StalwartBanLoiter,
	"portScanning": probes.StalwartBanScan, "manual": probes.StalwartBanManual, "other": probes.StalwartBanOther}

// addresses keeps the rows that cover an address that matters. One that cannot be read makes the list incomplete.
func (l *looker) addresses(rows []object) probes.StalwartAddresses {
	list := probes.StalwartAddresses{Rows: []probes.StalwartAddress{}, Considered: []string{}, Total: len(rows), Complete: len(rows) < l.objects}
	for _, a := range l.asked {
		list.Considered = append(list.Considered, a.String())
	}
	for _, r := range rows {
		expires, ok := r.time("expiresAt")
		row := probes.StalwartAddress{ID: r.text("id"), Mask: probes.StalwartMask(secret.Kept(strings.TrimSpace(r.text("address")))), Reason: banReasons[r.text("reason")],
			CreatedAt: r.when("createdAt"), ExpiresAt: expires}
		if row.Reason == probes.StalwartBanUnknown {
			row.Words = secret.Kept(r.text("reason"))
		}
		if row.Mask.Covers(netip.IPv6Unspecified()) == probes.StalwartUnknown || !ok {
			list.Complete = false
			continue
		}
		if slices.ContainsFunc(l.asked, func(a netip.Addr) bool { return row.Mask.Covers(a) == probes.StalwartYes }) {
			list.Rows = append(list.Rows, row)
		}
	}
	return list
}
