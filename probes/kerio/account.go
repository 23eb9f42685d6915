package kerio

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// everything is a SearchQuery for all rows: conditions are matched on this side (their case and wildcard rules are not settled).
func everything(start, limit int) map[string]any {
	return map[string]any{"fields": []string{}, "conditions": []any{}, "combining": "And", "start": start, "limit": limit, "orderBy": []any{}}
}

// domainRow is the part of a Domains.get row that is read.
type domainRow struct {
	ID         words           `json:"id"`
	Name       words           `json:"name"`
	Primary    flag            `json:"isPrimary"`
	Aliases    []words         `json:"aliasList"`
	Expiry     flag            `json:"passwordExpirationEnabled"`
	ExpiryDays number          `json:"passwordExpirationDays"`
	Service    json.RawMessage `json:"service"`
}

// serviceRow is a domain's directory service.
type serviceRow struct {
	Enabled flag  `json:"isEnabled"`
	Type    words `json:"serviceType"`
	Auth    struct {
		User   words `json:"username"`
		Secure flag  `json:"isSecure"`
	} `json:"authentication"`
	Host   words `json:"hostname"`
	Backup words `json:"backupHostname"`
	Name   words `json:"directoryName"`
	Suffix words `json:"ldapSuffix"`
}

// readDomain finds the mail domain of the address: by name or alias, and the primary one where the address names none.
func (c *Client) readDomain(ctx context.Context, user string) *probes.Observation[probes.KerioDomain] {
	var list []json.RawMessage
	_, at, whole := strings.Cut(user, "@")
	o := get(ctx, c, domainsGet, map[string]any{"query": everything(0, -1)}, map[string]any{"list": &list}, func(*probes.KerioDomain) {})
	if !o.OK() {
		return o
	}
	for _, raw := range list {
		d, service := readDomainRow(raw)
		if whole && sameDomain(at, &d) || !whole && d.Primary {
			o.Value = d
			c.mu.Lock()
			c.domain, c.test = &d, service
			c.mu.Unlock()
			return o
		}
	}
	o.Why, o.Words = probes.Unclear, "Kerio serves no such domain"
	return o
}

func readDomainRow(raw json.RawMessage) (probes.KerioDomain, json.RawMessage) {
	var r domainRow
	var service serviceRow
	_ = json.Unmarshal(raw, &r) // a row that cannot be read has no name and fits nobody
	_ = json.Unmarshal(r.Service, &service)
	d := probes.KerioDomain{ID: string(r.ID), Name: string(r.Name), Primary: r.Primary.value, DirectoryOn: service.Enabled.value,
		DirectoryType: string(service.Type), DirectoryUser: string(service.Auth.User), DirectorySecure: service.Auth.Secure.value}
	for _, a := range r.Aliases {
		d.Aliases = append(d.Aliases, string(a))
	}
	for _, h := range []words{service.Host, service.Backup} {
		if h != "" {
			d.DirectoryHosts = append(d.DirectoryHosts, string(h))
		}
	}
	if r.Expiry.value {
		d.PasswordExpiry = int(r.ExpiryDays)
	}
	d.TwoFactor, d.TwoFactorForced, d.TwoFactorField = twoFactor(raw)
	return d, r.Service
}

// No public client names the field of two-factor authentication (added in 9.4): whatever looks like its switch is taken.
var (
	twoFactorKey = regexp.MustCompile(`(?i)2fa|two_?factor|totp|mfa`)
	forcedKey    = regexp.MustCompile(`(?i)forc|enforc|mandator|require`)
	switchKey    = regexp.MustCompile(`(?i)enabl|active|is_?on|^(is)?_?(2fa|two_?factor|totp|mfa)(auth\w*)?$`)
)

// twoFactor looks for booleans under such names, one level deep. A forced one is on.
func twoFactor(raw json.RawMessage) (on, forced probes.KerioSetting, field string) {
	var keys map[string]json.RawMessage
	_ = json.Unmarshal(raw, &keys)
	for k, v := range keys {
		if !twoFactorKey.MatchString(k) {
			continue
		}
		var inner map[string]json.RawMessage
		if json.Unmarshal(v, &inner) != nil {
			inner = map[string]json.RawMessage{k: v}
		}
		for name, value := range inner {
			var f flag
			_ = json.Unmarshal(value, &f)
			switch {
			case !f.given:
			case forcedKey.MatchString(name):
				forced, field = setting(f), k
			case switchKey.MatchString(name):
				on, field = setting(f), k
			}
		}
	}
	if forced == probes.SettingOn {
		on = probes.SettingOn
	}
	return on, forced, field
}

func setting(f flag) probes.KerioSetting {
	if f.value {
		return probes.SettingOn
	}
	return probes.SettingOff
}

// userRow is the part of a Users.get row that is read.
type userRow struct {
	ID       words   `json:"id"`
	Login    words   `json:"loginName"`
	FullName words   `json:"fullName"`
	Enabled  flag    `json:"isEnabled"`
	Source   words   `json:"itemSource"`
	Auth     words   `json:"authType"`
	Emails   []words `json:"emailAddresses"`
	Last     struct {
		Time     number `json:"dateTime"`
		Protocol words  `json:"protocol"`
	} `json:"lastLoginInfo"`
	Policy struct {
		ID   words `json:"id"`
		Name words `json:"name"`
	} `json:"accessPolicy"`
	Migration struct {
		Enabled flag `json:"enabled"`
	} `json:"migration"`
}

// readUser finds the account's row: by its login name, else by an e-mail alias, without regard to case.
func (c *Client) readUser(ctx context.Context, user string, domain *probes.Observation[probes.KerioDomain]) *probes.Observation[probes.KerioUser] {
	if !domain.OK() {
		look := domain.Look
		look.What = usersGet
		return &probes.Observation[probes.KerioUser]{Look: look}
	}
	local, _, _ := strings.Cut(user, "@")
	var byLogin, byAlias []userRow
	var o *probes.Observation[probes.KerioUser]
	for page := range userPages {
		var rows []userRow
		var raw []json.RawMessage
		var total number
		o = get(ctx, c, usersGet, map[string]any{"query": everything(page*userPage, userPage), "domainId": domain.Value.ID},
			map[string]any{"list": &raw, "totalItems": &total}, func(*probes.KerioUser) {})
		if !o.OK() {
			return o
		}
		for _, r := range raw {
			var row userRow
			_ = json.Unmarshal(r, &row)
			rows = append(rows, row)
		}
		for _, r := range rows {
			switch {
			case strings.EqualFold(string(r.Login), local), strings.EqualFold(string(r.Login), user):
				byLogin = append(byLogin, r)
			case r.hasAlias(local, user, &domain.Value):
				byAlias = append(byAlias, r)
			}
		}
		if len(rows) == 0 || (page+1)*userPage >= int(total) {
			c.choose(o, byLogin, byAlias)
			return o
		}
	}
	if len(byLogin)+len(byAlias) == 0 {
		o.Why, o.Words = probes.Unclear, "more users than are looked through"
		return o
	}
	c.choose(o, byLogin, byAlias)
	return o
}

// hasAlias: emailAddresses leaves out loginName@domain and holds the aliases, with the domain or without.
func (r userRow) hasAlias(local, user string, d *probes.KerioDomain) bool {
	for _, e := range r.Emails {
		name, at, whole := strings.Cut(string(e), "@")
		if strings.EqualFold(string(e), user) || strings.EqualFold(name, local) && (!whole || sameDomain(at, d)) {
			return true
		}
	}
	return false
}

func (c *Client) choose(o *probes.Observation[probes.KerioUser], byLogin, byAlias []userRow) {
	rows := byLogin
	if len(rows) == 0 {
		rows = byAlias
	}
	if len(rows) == 0 {
		return
	}
	r := rows[0]
	o.Value = probes.KerioUser{Found: true, ID: string(r.ID), LoginName: string(r.Login), FullName: string(r.FullName), ByAlias: len(byLogin) == 0,
		Enabled: r.Enabled.value, Source: string(r.Source), AuthType: string(r.Auth), PolicyID: string(r.Policy.ID), Policy: string(r.Policy.Name),
		LastProto: string(r.Last.Protocol), Migrating: r.Migration.Enabled.value, Others: len(rows) - 1}
	if r.Last.Time > 0 {
		o.Value.LastLogin = time.Unix(int64(r.Last.Time), 0).UTC()
	}
	if !r.Enabled.given {
		// isEnabled left out must not read as disabled.
		o.Why, o.Words = probes.Unclear, "Users.get without isEnabled"
	}
	c.mu.Lock()
	found := o.Value
	c.found = &found
	c.mu.Unlock()
}
