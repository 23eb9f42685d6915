package kerio

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
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
	o := get(ctx, c, domainsGet, map[string]any{"query": everything(0, -1)}, "list", map[string]any{"list": &list}, func(*probes.KerioDomain) {})
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
		Enabled flag  `json:"enabled"`
		ID      words `json:"id"`
		Name    words `json:"name"`
	} `json:"migration"`
	Home struct {
		ID   words `json:"id"`
		Name words `json:"name"`
	} `json:"homeServer"`
	SizeLimit struct {
		Active flag `json:"isActive"`
		Limit  size `json:"limit"`
	} `json:"diskSizeLimit"`
	Size      size `json:"consumedSize"`
	ItemLimit struct {
		Active flag   `json:"isActive"`
		Limit  number `json:"limit"`
	} `json:"itemLimit"`
	Items number `json:"consumedItems"`
}

// readUser finds the account's row: by its login name, else by an e-mail alias, without regard to case.
func (c *Client) readUser(ctx context.Context, user string, domain *probes.Observation[probes.KerioDomain]) *probes.Observation[probes.KerioUser] {
	if !domain.OK() {
		look := domain.Look
		look.What = usersGet
		return &probes.Observation[probes.KerioUser]{Look: look}
	}
	f := &search{c: c, user: user, domain: &domain.Value}
	f.restart()
	f.local, _, _ = strings.Cut(user, "@")
	// QUICKSEARCH covers loginName, fullName and description, and finds most users with one call whatever the domain's size.
	o, _ := f.page(ctx, quick(f.local))
	if o.OK() && len(f.byLogin) > 0 || o.Why == probes.NotPermitted {
		f.choose(o)
		return o
	}
	// Aliases it does not cover, and whether it wants a wildcard is not settled: the whole list, then.
	f.restart()
	rows := 0
	for range userPages {
		o, total := f.page(ctx, everything(rows, userPage))
		if !o.OK() {
			return o
		}
		more := f.rows - rows // a server that begins anew with each page brings nothing new
		rows = f.rows
		if more > 0 && (rows < total || total == 0 && more >= userPage) {
			continue
		}
		if rows < total {
			f.lacks = fmt.Sprintf("Users.get gave %d of %d rows", rows, total)
		}
		f.choose(o)
		return o
	}
	f.lacks = "more users than are looked through"
	o = &probes.Observation[probes.KerioUser]{Look: o.Look}
	f.choose(o)
	return o
}

// search is the look for one account's rows.
type search struct {
	c                *Client
	user, local      string
	domain           *probes.KerioDomain
	seen             map[words]bool // ids: the same row may stand in several replies
	rows             int            // how many different ones were read
	byLogin, byAlias []userRow
	lacks            string // why the account may be there although no row fits
}

func (f *search) restart() {
	f.seen, f.rows, f.byLogin, f.byAlias, f.lacks = map[words]bool{}, 0, nil, nil, ""
}

// quick is a SearchQuery for part of a name.
func quick(text string) map[string]any {
	q := everything(0, userPage)
	q["conditions"] = []any{map[string]string{"fieldName": "QUICKSEARCH", "comparator": "Like", "value": text}}
	return q
}

// page reads one reply. total is 0 where it is not told.
func (f *search) page(ctx context.Context, query map[string]any) (o *probes.Observation[probes.KerioUser], total int) {
	o = shaped(ctx, f.c, usersGet, map[string]any{"query": query, "domainId": f.domain.ID}, "list", func(raw []json.RawMessage, n int) (probes.KerioUser, string) {
		total = n
		for _, b := range raw {
			var r userRow
			_ = json.Unmarshal(b, &r) // a detail of another shape spoils only itself
			if r.Login == "" {
				f.lacks = "Users.get with a row that has no loginName"
			}
			if r.ID != "" && f.seen[r.ID] {
				continue
			}
			f.seen[r.ID] = true
			f.rows++
			switch {
			case r.Login == "":
			case isLogin(string(r.Login), f.user, f.domain):
				f.byLogin = append(f.byLogin, r)
			case r.hasAlias(f.local, f.user, f.domain):
				f.byAlias = append(f.byAlias, r)
			}
		}
		return probes.KerioUser{}, ""
	})
	return o, total
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

func (f *search) choose(o *probes.Observation[probes.KerioUser]) {
	rows := f.byLogin
	if len(rows) == 0 {
		rows = f.byAlias
	}
	if len(rows) == 0 && o.OK() && f.lacks != "" {
		o.Why, o.Words = probes.Unclear, f.lacks
	}
	if len(rows) == 0 || !o.OK() {
		return
	}
	r := rows[0]
	o.Value = probes.KerioUser{Found: true, ID: string(r.ID), LoginName: string(r.Login), FullName: string(r.FullName), ByAlias: len(f.byLogin) == 0,
		Enabled: r.Enabled.value, Source: string(r.Source), AuthType: string(r.Auth), PolicyID: string(r.Policy.ID), Policy: string(r.Policy.Name),
		LastProto: string(r.Last.Protocol), Migrating: r.Migration.Enabled.value, Others: len(rows) - 1,
		HomeServerID: string(r.Home.ID), HomeServer: secret.Kept(string(r.Home.Name)), SizeUsed: r.Size.bytes(), ItemsUsed: max(0, int64(r.Items))}
	if r.Migration.Enabled.value {
		o.Value.Migration = secret.Kept(string(cmp.Or(r.Migration.Name, r.Migration.ID)))
	}
	if r.SizeLimit.Active.value {
		o.Value.SizeLimit = r.SizeLimit.Limit.bytes()
	}
	if r.ItemLimit.Active.value {
		o.Value.ItemLimit = max(0, int64(r.ItemLimit.Limit))
	}
	o.Value.LastLogin = unix(r.Last.Time)
	if !r.Enabled.given {
		// isEnabled left out must not read as disabled.
		o.Why, o.Words = probes.Unclear, "Users.get without isEnabled"
	}
	f.c.mu.Lock()
	found := o.Value
	f.c.found = &found
	f.c.mu.Unlock()
}
