package kerio

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/ledger"
)

// SignIn logs in to the admin endpoint with logindoctor's own account, once. A refusal has Why NotPermitted and the code.
func (c *Client) SignIn(ctx context.Context, permit *ledger.Permit) *probes.Observation[probes.KerioSession] {
	start := time.Now()
	a, accepted := c.admin.login(ctx, permit)
	o := &probes.Observation[probes.KerioSession]{Look: c.admin.look(ctx, sessionLogin, start, c.now, a)}
	o.Value.LoginName = permit.User()
	if a.fault != nil {
		o.Why, o.Value.Code = whyRefused(a.fault), probes.KerioCode(a.fault.Code)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.own = o
	if accepted {
		c.signed = c.now()
	}
	return o
}

// session is our own session with the role that whoAmI told.
func (c *Client) session(role string) *probes.Observation[probes.KerioSession] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own != nil {
		c.own.Value.Role = role
	}
	return c.own
}

// Look does all the read-only calls on the server and on the account, in lanes side by side. The account's row has to wait
// for its domain's id; behind the other calls stand only those whose loss would hurt least, should the first one hang.
func (c *Client) Look(ctx context.Context, user string) (*probes.KerioServer, *probes.KerioAccount) {
	s, acc := c.Reached(), &probes.KerioAccount{}
	logs := map[string]*rawLog{}
	for _, name := range logNames {
		logs[name] = &rawLog{name: name}
	}
	var folders folderAnswer
	var role string
	var all sync.WaitGroup
	for _, lane := range [lanes]func(){
		func() {
			s.Domain = c.readDomain(ctx, user)
			acc.User = c.readUser(ctx, user, s.Domain)
		},
		func() { logs["security"].fetch(ctx, c); logs["warning"].fetch(ctx, c) },
		func() { logs["audit"].fetch(ctx, c); logs["debug"].fetch(ctx, c) },
		func() { s.Clock = c.readClock(ctx) },
		func() { folders.fetch(ctx, c) },
		func() { s.SecurityPolicy = c.policy(ctx) },
		func() { s.Services = c.services(ctx) },
		func() { s.Version = c.version(ctx); role = c.role(ctx) },
	} {
		all.Go(lane)
	}
	all.Wait()
	who := c.names(user)
	acc.Folders = folders.observe(who)
	c.settle(s.Clock, logs["audit"])
	acc.Log, acc.Audit = logs["security"].observe(c, who), logs["audit"].observe(c, who)
	acc.Warning, acc.Debug = logs["warning"].observe(c, who), debugOnly(logs["debug"].observe(c, who))
	s.Session = c.session(role)
	return s, acc
}

func (c *Client) names(user string) names {
	c.mu.Lock()
	defer c.mu.Unlock()
	return namesOf(user, c.found, c.domain)
}

// get makes one read-only call and unpacks its result; read fills the value from the keys. A result without the key need is
// no answer: an empty one must not read as "none there".
func get[T any](ctx context.Context, c *Client, method string, params any, need string, keys map[string]any, read func(*T)) *probes.Observation[T] {
	start := time.Now()
	a := c.admin.call(ctx, method, params)
	o := &probes.Observation[T]{Look: c.admin.look(ctx, method, start, c.now, a)}
	if o.Why != probes.Seen {
		return o
	}
	var there json.RawMessage
	var partial []rpcError
	_ = unpack(a.result, map[string]any{need: &there})
	if there == nil || string(there) == "null" {
		o.Why, o.Words = probes.Unclear, "a reply to "+method+" without "+need
		if unpack(a.result, map[string]any{"errors": &partial}) == nil && len(partial) > 0 {
			o.Why, o.Words = whyOf(&partial[0]), c.admin.clean(partial[0].words())
		}
		return o
	}
	if err := unpack(a.result, keys); err != nil {
		o.Why, o.Words = probes.Unclear, c.admin.clean(err.Error())
		return o
	}
	read(&o.Value)
	return o
}

func (c *Client) role(ctx context.Context) string {
	var details struct {
		Effective struct {
			Role words `json:"userRole"`
		} `json:"effectiveRole"`
	}
	o := get(ctx, c, sessionWhoAmI, nil, "userDetails", map[string]any{"userDetails": &details}, func(r *string) { *r = string(details.Effective.Role) })
	return o.Value
}

func (c *Client) version(ctx context.Context) *probes.Observation[probes.KerioVersion] {
	var product, version words
	return get(ctx, c, getVersion, nil, "version", map[string]any{"product": &product, "version": &version}, func(v *probes.KerioVersion) {
		v.Product, v.Version = string(product), string(version)
	})
}

func (c *Client) policy(ctx context.Context) *probes.Observation[probes.KerioSecurityPolicy] {
	var options struct {
		Mode          words  `json:"mode"`
		EnableLockout flag   `json:"enableLockout"`
		FailedToLock  number `json:"failedLoginsToLock"`
		Minutes       number `json:"minutesToUnlock"`
		Hammering     struct {
			On      flag   `json:"isEnabled"`
			Failed  number `json:"failedLoginsToBlock"`
			Minutes number `json:"minutesToBlock"`
		} `json:"antiHammering"`
	}
	o := get(ctx, c, securityPolicy, nil, "options", map[string]any{"options": &options}, func(p *probes.KerioSecurityPolicy) {
		*p = probes.KerioSecurityPolicy{Mode: string(options.Mode), EnableLockout: options.EnableLockout.value, FailedToLock: int(options.FailedToLock),
			MinutesToUnlock: int(options.Minutes), AntiHammering: options.Hammering.On.value, FailedToBlock: int(options.Hammering.Failed), MinutesToBlock: int(options.Hammering.Minutes)}
	})
	// A policy without its switch, or one that locks after no failure or for no time, must not read as "never locks".
	if o.OK() && (!options.EnableLockout.given || options.EnableLockout.value && (options.FailedToLock <= 0 || options.Minutes <= 0)) {
		o.Why, o.Words = probes.Unclear, "SecurityPolicy.get without a usable lockout setting"
	}
	return o
}

func (c *Client) services(ctx context.Context) *probes.Observation[[]probes.KerioService] {
	var rows []struct {
		Name      words `json:"name"`
		Running   flag  `json:"isRunning"`
		Start     words `json:"howToStart"`
		Listeners []struct {
			Port number `json:"port"`
		} `json:"listeners"`
		Limit struct {
			Set   flag   `json:"isSet"`
			Value number `json:"value"`
		} `json:"connectionLimit"`
		Group struct {
			Used flag `json:"isUsed"`
			IP   struct {
				Name words `json:"name"`
			} `json:"ipGroup"`
		} `json:"group"`
	}
	return get(ctx, c, servicesGet, nil, "services", map[string]any{"services": &rows}, func(out *[]probes.KerioService) {
		for _, r := range rows {
			s := probes.KerioService{Name: string(r.Name), Running: r.Running.value, HowToStart: string(r.Start)}
			for _, l := range r.Listeners {
				s.Ports = append(s.Ports, int(l.Port))
			}
			if r.Limit.Set.value {
				s.ConnectionLimit = int(r.Limit.Value)
			}
			if r.Group.Used.value {
				s.AddressGroup = string(r.Group.IP.Name)
			}
			*out = append(*out, s)
		}
	})
}

// folderAnswer is Server.getOpenedFoldersInfo as it came: whose folders they are is decided once the names are known.
type folderAnswer struct {
	rows []struct {
		Name       words   `json:"folderName"`
		References number  `json:"referenceCount"`
		Users      []words `json:"users"`
	}
	look  probes.Look
	found bool
}

func (f *folderAnswer) fetch(ctx context.Context, c *Client) {
	var list json.RawMessage
	o := get(ctx, c, getOpenedFolders, map[string]any{"query": map[string]any{"orderBy": []map[string]any{{"columnName": "referenceCount", "direction": "Desc"}}}},
		"list", map[string]any{"list": &list}, func(*struct{}) {})
	f.look = o.Look
	if o.OK() && (list == nil || json.Unmarshal(list, &f.rows) != nil) {
		f.look.Why, f.look.Words = probes.Unclear, "Server.getOpenedFoldersInfo without a readable list"
	}
}

func (f *folderAnswer) observe(who names) *probes.Observation[probes.KerioFolders] {
	o := &probes.Observation[probes.KerioFolders]{Look: f.look}
	o.Value = probes.KerioFolders{Rows: []probes.KerioFolder{}, Total: len(f.rows)}
	for _, r := range f.rows {
		row := probes.KerioFolder{Name: short(string(r.Name)), References: int(r.References), Own: who.owns(string(r.Name)), Users: len(r.Users)}
		for _, u := range r.Users {
			row.OpenByUser = row.OpenByUser || who.are(strings.TrimSpace(string(u)))
		}
		switch {
		case row.Own || row.OpenByUser:
			o.Value.Rows = append(o.Value.Rows, row)
		case row.References >= probes.KerioFolderThreshold:
			o.Value.OthersAtTen++
		}
	}
	return o
}

// Unasked is what a run holds of Kerio where our own session could not be had: nothing was asked, for the session's reason.
func (c *Client) Unasked(session probes.Look) (*probes.KerioServer, *probes.KerioAccount) {
	s := c.Reached()
	s.Version, s.Clock = unasked[probes.KerioVersion](session, getVersion), unasked[probes.KerioClock](session, getServerTime)
	s.SecurityPolicy, s.Services = unasked[probes.KerioSecurityPolicy](session, securityPolicy), unasked[[]probes.KerioService](session, servicesGet)
	s.Domain = unasked[probes.KerioDomain](session, domainsGet)
	log := func(name string) *probes.Observation[probes.KerioLog] {
		return unasked[probes.KerioLog](session, logsGet+" "+name)
	}
	return s, &probes.KerioAccount{User: unasked[probes.KerioUser](session, usersGet), Folders: unasked[probes.KerioFolders](session, getOpenedFolders),
		Log: log("security"), Audit: log("audit")}
}

func unasked[T any](session probes.Look, what string) *probes.Observation[T] {
	session.What = what
	return &probes.Observation[T]{Look: session}
}
