package kerio

import (
	"context"
	"encoding/json"
	"fmt"
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
// for its domain's id; behind the other calls stand only those whose loss would hurt least, should the first one hang. Two
// calls a lane fill the time of those two: what is needed in some cases only is asked in those, behind what shows them.
func (c *Client) Look(ctx context.Context, user string) (*probes.KerioServer, *probes.KerioAccount) {
	s, acc := c.Reached(), &probes.KerioAccount{}
	logs := map[string]*rawLog{}
	for _, name := range logNames {
		logs[name] = &rawLog{name: name}
	}
	var folders folderAnswer
	var connections *probes.Observation[[]connectionRow]
	policy := &policyAnswer{rulesRead: make(chan struct{}), servicesRead: make(chan struct{})}
	counted, enough := c.count(ctx, policy.servicesRead)
	var all sync.WaitGroup
	for _, lane := range [lanes]func(){
		func() {
			s.Domain = c.readDomain(ctx, user)
			acc.User = c.readUser(ctx, user, s.Domain)
			c.follow(ctx, user, s, acc, policy)
		},
		func() { logs["security"].fetch(ctx, c); logs["warning"].fetch(ctx, c) },
		func() { logs["audit"].fetch(ctx, c); logs["debug"].fetch(ctx, c) },
		func() { s.Clock = c.readClock(ctx); s.Alerts = c.alerts(ctx) },
		func() { folders.fetch(ctx, c); connections = c.connections(ctx) },
		func() { s.SecurityPolicy = c.policy(ctx); s.License = c.license(ctx) },
		func() { s.Services = c.services(ctx); close(policy.servicesRead) },
		func() { s.Version = c.version(ctx); policy.rules = c.accessRules(ctx); close(policy.rulesRead) },
	} {
		all.Go(lane)
	}
	all.Wait()
	defer time.AfterFunc(patience, enough).Stop()
	s.Mailboxes = <-counted
	who := c.names(user)
	acc.Folders, s.Connections = folders.observe(who), connectionsOf(connections, who)
	c.settle(s.Clock, logs["audit"])
	acc.Log, acc.Audit = logs["security"].observe(c, who, logs["audit"]), logs["audit"].observe(c, who, nil)
	acc.Warning, acc.Debug = logs["warning"].observe(c, who, nil), debugOnly(logs["debug"].observe(c, who, nil))
	s.Session = c.session(c.role(ctx))
	return s, acc
}

// follow asks what only some accounts need, side by side, once the account's row is known.
func (c *Client) follow(ctx context.Context, user string, s *probes.KerioServer, acc *probes.KerioAccount, policy *policyAnswer) {
	var all sync.WaitGroup
	all.Go(func() {
		acc.Access = c.access(ctx, acc.User, policy)
		<-policy.servicesRead
		s.AddressGroups = c.groups(ctx, s.Services, acc)
	})
	all.Go(func() { s.Settings = c.settings(ctx, acc.User) })
	all.Go(func() { acc.Pending = c.pending(ctx, user, s.Domain, acc.User) })
	all.Wait()
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
	defer func() {
		if o.Why == probes.NotPermitted {
			c.denied.Store(true)
		}
	}()
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

// shaped is get for a value that must have the shape of V: one of another shape is no answer. read gives what is seen, or
// says what it lacks; total is totalItems, 0 where none is told.
func shaped[V, T any](ctx context.Context, c *Client, method string, params any, need string, read func(v V, total int) (value T, lacks string)) *probes.Observation[T] {
	var raw json.RawMessage
	var total number
	o := get(ctx, c, method, params, need, map[string]any{need: &raw, "totalItems": &total}, func(*T) {})
	if !o.OK() {
		return o
	}
	var v V
	lacks := "a readable " + need
	if json.Unmarshal(raw, &v) == nil {
		o.Value, lacks = read(v, int(total))
	}
	if lacks != "" {
		var nothing T
		o.Why, o.Words, o.Value = probes.Unclear, method+" without "+lacks, nothing
	}
	return o
}

// listed is shaped for a list. One that was cut short is no answer: what is missing from it may be what is looked for.
func listed[V, T any](ctx context.Context, c *Client, method string, params any, need string, read func([]V) (value T, lacks string)) *probes.Observation[T] {
	return shaped(ctx, c, method, params, need, func(rows []V, total int) (value T, lacks string) {
		if len(rows) < total {
			return value, fmt.Sprintf("all of its rows: %d of %d", len(rows), total)
		}
		return read(rows)
	})
}

// role asks what logindoctor's own account is where something was refused to it; elsewhere nobody needs to know.
func (c *Client) role(ctx context.Context) string {
	if !c.denied.Load() {
		return ""
	}
	type details struct {
		Effective struct {
			Role words `json:"userRole"`
		} `json:"effectiveRole"`
	}
	return shaped(ctx, c, sessionWhoAmI, nil, "userDetails", func(d details, _ int) (string, string) { return string(d.Effective.Role), "" }).Value
}

// Unasked is what a run holds of Kerio where our own session could not be had: nothing was asked, for the session's reason.
func (c *Client) Unasked(session probes.Look) (*probes.KerioServer, *probes.KerioAccount) {
	s := c.Reached()
	s.Version, s.Clock = unasked[probes.KerioVersion](session, getVersion), unasked[probes.KerioClock](session, getServerTime)
	s.SecurityPolicy, s.Services = unasked[probes.KerioSecurityPolicy](session, securityPolicy), unasked[[]probes.KerioService](session, servicesGet)
	s.Domain, s.Alerts = unasked[probes.KerioDomain](session, domainsGet), unasked[[]probes.KerioAlert](session, getAlerts)
	s.License, s.Mailboxes = unasked[probes.KerioLicense](session, fullStatus), unasked[probes.KerioMailboxes](session, mailboxCount)
	s.Connections, s.Settings = unasked[probes.KerioConnections](session, getConnections), unasked[probes.KerioSettings](session, domainSettings)
	s.AddressGroups = unasked[[]probes.KerioAddressGroup](session, addressGroups)
	log := func(name string) *probes.Observation[probes.KerioLog] {
		return unasked[probes.KerioLog](session, logsGet+" "+name)
	}
	return s, &probes.KerioAccount{User: unasked[probes.KerioUser](session, usersGet), Folders: unasked[probes.KerioFolders](session, getOpenedFolders),
		Log: log("security"), Audit: log("audit"), Warning: log("warning"), Debug: log("debug"),
		Access: unasked[probes.KerioAccess](session, accessPolicy), Pending: unasked[probes.KerioPending](session, notActivated)}
}

func unasked[T any](session probes.Look, what string) *probes.Observation[T] {
	session.What = what
	return &probes.Observation[T]{Look: session}
}
