package stalwart

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// group is some method calls that belong together: a query, and the get that refers back to it. Its first is what it asks.
type group []ask

// bundle is one request's answers, found by the ids of their calls.
type bundle struct {
	look    probes.Look       // of the request as a whole
	results map[string]result // nil: there was none
	left    map[string]bool   // calls that were not sent, since the request holds no more
}

// Look asks all of the server and the account in two requests. The second is for what depends on the account, and for the
// log, whose search may read all of it: it holds back nothing else. client is the address that the user's client comes from;
// empty: not said.
func (c *Client) Look(ctx context.Context, user, client string) (*probes.StalwartServer, *probes.StalwartAccount) {
	c.mu.Lock()
	session := c.session
	c.mu.Unlock()
	if !session.OK() {
		look := probes.Look{Probe: probes.ProbeStalwart, Source: c.source, Why: probes.AttemptWithheld, Words: "our API key was not tried", At: c.now().UTC()}
		if session != nil {
			look = session.Look
		}
		return c.Unasked(look)
	}
	s, acc := c.Reached(), &probes.StalwartAccount{}
	s.Session = session
	l := newLooker(c, user)
	if l.objects = session.Value.MaxObjects; l.objects <= 0 {
		l.objects = usualObjects
	}
	first := c.ask(ctx, l.first())
	l.server(first, s)
	s.Domain, acc.User = l.account(first, s)
	l.places(client, c.reach.Local)
	second := c.ask(ctx, l.second(acc.User))
	l.rest(second, s)
	l.logs(second, s, acc)
	l.lists(first, second, s)
	s.Requests = c.Requests()
	return s, acc
}

// Logs reads the log again, in one request: what a login of this run left there about the account, and about the directory.
func (c *Client) Logs(ctx context.Context, user string, account *probes.Observation[probes.StalwartUser]) (own, bans, directory *probes.Observation[probes.StalwartLog]) {
	s, acc := c.Reached(), &probes.StalwartAccount{User: account}
	l := newLooker(c, user)
	l.logs(c.ask(ctx, l.searches(account)), s, acc)
	return acc.Log, acc.Bans, s.DirectoryLog
}

func newLooker(c *Client, user string) *looker {
	return &looker{c: c, user: strings.ToLower(strings.TrimSpace(user))}
}

// looker is one Look.
type looker struct {
	c       *Client
	user    string // in small letters, as the server takes it
	objects int
	domains []domainRow // those that were seen
	tenant  bool        // and they are all of one tenant
	asked   []netip.Addr
	exact   []netip.Addr // of asked: those that the server was asked for
}

// places are the addresses that matter: the client's, or else ours as far as we know it.
func (l *looker) places(client, local string) {
	for _, text := range []string{client, local} {
		if a, err := netip.ParseAddr(text); err == nil {
			l.consider(a)
		}
	}
	l.exact = slices.Clone(l.asked)
}

// consider adds an address to those that rows are kept for.
func (l *looker) consider(a netip.Addr) {
	if a = a.Unmap().WithZone(""); !slices.Contains(l.asked, a) && len(l.asked) < 12 {
		l.asked = append(l.asked, a)
	}
}

// parts splits the login as the server does: the last @ counts, and without one the default domain is meant (S:
// common/src/auth/authentication.rs, UsernameParts).
func (l *looker) parts() (local, domain string) {
	if i := strings.LastIndexByte(l.user, '@'); i >= 0 {
		return l.user[:i], l.user[i+1:]
	}
	return l.user, ""
}

func byIDs(id, method, from string, properties ...string) ask {
	args := map[string]any{"#ids": map[string]string{"resultOf": from, "name": strings.TrimSuffix(method, "/get") + "/query", "path": "/ids"}}
	if properties != nil {
		args["properties"] = properties
	}
	return ask{id, method, args}
}

func find(id, method string, filter map[string]any, limit int) ask {
	return ask{id, method, map[string]any{"filter": filter, "limit": limit}}
}

func every(id, method string, properties ...string) group {
	args := map[string]any{"ids": nil}
	if properties != nil {
		args["properties"] = properties
	}
	return group{{id, method, args}}
}

func one(id, method string) group {
	return group{{id, method, map[string]any{"ids": []string{singleton}}}}
}

// Properties are always named: of an account and a domain the rest is costly for the server, or nobody's business.
var (
	accountProperties = []string{"@type", "name", "domainId", "emailAddress", "credentials", "permissions", "roles", "memberGroupIds", "memberTenantId", "aliases", "usedDiskQuota", "quotas"}
	domainProperties  = []string{"name", "aliases", "isEnabled", "directoryId", "memberTenantId"}
)

// first is sixteen calls, the most that Stalwart's default lets one request hold: the dearest first, should it hold fewer.
// There is no filter for an address: an account is searched by its local part in all domains, and matched on this side.
func (l *looker) first() []group {
	local, domain := l.parts()
	groups := []group{
		{find("account", accountQuery, map[string]any{"name": local}, textMatches), byIDs("account-rows", accountGet, "account", accountProperties...)},
		every("domains", domainGet, domainProperties...),
		one("authentication", authGet),
		every("blocked", blockedGet),
		every("allowed", allowedGet),
		every("roles", roleGet, "description", "roleIds", "enabledPermissions", "disabledPermissions"),
		one("security", securityGet),
		every("directories", directoryGet),
		{find("alias", accountQuery, map[string]any{"text": local}, textMatches), byIDs("alias-rows", accountGet, "alias", accountProperties...)},
		one("imap", imapGet),
		every("listeners", listenerGet, "name", "protocol", "bind", "useTls", "tlsImplicit", "maxConnections", "overrideProxyTrustedNetworks"),
		one("system", systemGet),
	}
	if domain != "" {
		groups = append(groups, group{find("domain", domainQuery, map[string]any{"name": domain}, 1), byIDs("domain-rows", domainGet, "domain", domainProperties...)})
	}
	return groups
}

// search is one search of the log, and the lines that it finds.
func search(id, text string, limit int) group {
	return group{find(id, logQuery, map[string]any{"text": text}, limit), byIDs(id+"-rows", logGet, id)}
}

// searches are those that a login may leave something for.
func (l *looker) searches(user *probes.Observation[probes.StalwartUser]) []group {
	groups := []group{search("log-name", l.user, logLines)}
	if number, numbered := numberOfAccount(user); numbered {
		groups = append(groups, search("log-id", fmt.Sprintf("%s%d,", logAccount, number), logLines))
	}
	return append(groups, search("log-bans", logBanned, logLines), search("log-directory", logDirectory, logLines))
}

// second is what depends on the first.
func (l *looker) second(user *probes.Observation[probes.StalwartUser]) []group {
	groups := []group{}
	for i, a := range l.exact {
		id := fmt.Sprintf("blocked-%d", i)
		groups = append(groups, group{find(id, blockedQuery, map[string]any{"address": a.String()}, 1), byIDs(id+"-rows", blockedGet, id)})
	}
	groups = append(groups, l.searches(user)...)
	if len(l.exact) > 0 {
		groups = append(groups, search("log-address", logAddress+l.exact[0].String(), logLines))
	}
	return append(groups, every("levels", levelGet), one("http", httpGet))
}

// ask sends as many of the groups, in order, as one request may hold.
func (c *Client) ask(ctx context.Context, groups []group) *bundle {
	c.mu.Lock()
	most, key := c.session.Value.MaxCalls, c.key
	c.mu.Unlock()
	if most <= 0 {
		most = usualCalls
	}
	var calls []ask
	b := &bundle{left: map[string]bool{}}
	for _, g := range groups {
		if len(calls)+len(g) > most {
			b.left[g[0].id] = true
			continue
		}
		calls = append(calls, g...)
	}
	start := time.Now()
	a := c.send(ctx, c.http, callPath, "Bearer "+key, calls)
	b.look = c.look("", start, a)
	if b.look.Why != probes.Seen {
		return b
	}
	ok := false
	if b.results, ok = results(a.body); !ok {
		b.look.Why, b.look.Words = probes.Unclear, c.clean("no JMAP reply: "+string(a.body[:min(len(a.body), keptBody)]))
		b.results = nil
	}
	return b
}

// see makes the Look of one call, and gives its answer where it is one.
func (b *bundle) see(c *Client, id, method string) (probes.Look, object) {
	l := b.look
	l.What = method
	r, there := b.results[id]
	kind := r.args.text("type")
	switch {
	case b.left[id]:
		l.Why, l.Words = probes.Unclear, "not asked: the server takes fewer calls in one request"
	case l.Why != probes.Seen:
	case !there:
		l.Why, l.Words = probes.Unclear, "no answer to "+method
	case r.name == "error":
		l.Why, l.Words = refused(kind), c.clean(strings.TrimPrefix(kind+": "+r.args.text("description"), ": "))
	case r.name != method || r.bad:
		l.Why, l.Words = probes.Unclear, "an answer of another form to "+method
	}
	return l, r.args
}

// rows gives the list of a get. A reply without one is no answer: it must not read as "none there".
func (b *bundle) rows(c *Client, id, method string) (probes.Look, []object) {
	l, args := b.see(c, id, method)
	if l.Why != probes.Seen {
		return l, nil
	}
	var rows []object
	if json.Unmarshal(args["list"], &rows) != nil || rows == nil || slices.ContainsFunc(rows, func(o object) bool { return o == nil }) {
		l.Why, l.Words = probes.Unclear, "an answer to "+method+" without a readable list"
		return l, nil
	}
	return l, rows
}

// found gives the rows behind a query: the query's failure is the failure of both. cut: there may be more.
func (b *bundle) found(c *Client, id, query, get string, limit int) (l probes.Look, rows []object, cut bool) {
	l, args := b.see(c, id, query)
	if l.Why != probes.Seen {
		return l, nil, false
	}
	var ids []string
	if json.Unmarshal(args["ids"], &ids) != nil || ids == nil {
		l.Why, l.Words = probes.Unclear, "an answer to "+query+" without ids"
		return l, nil, false
	}
	if len(ids) == 0 {
		return l, nil, false
	}
	l, rows = b.rows(c, id+"-rows", get)
	return l, rows, len(ids) >= limit
}

// single gives the one row of a singleton.
func (b *bundle) single(c *Client, id, method string) (probes.Look, object) {
	l, rows := b.rows(c, id, method)
	if l.Why == probes.Seen && len(rows) != 1 {
		l.Why, l.Words = probes.Unclear, fmt.Sprintf("%d rows of %s instead of one", len(rows), method)
		return l, nil
	}
	if l.Why != probes.Seen {
		return l, nil
	}
	return l, rows[0]
}

// Unasked is what a run holds of Stalwart where our own session could not be had: nothing was asked, for the session's reason.
func (c *Client) Unasked(session probes.Look) (*probes.StalwartServer, *probes.StalwartAccount) {
	s, acc := c.Reached(), &probes.StalwartAccount{}
	c.mu.Lock()
	s.Session = c.session
	c.mu.Unlock()
	l := &looker{c: c}
	nothing := &bundle{look: session}
	l.server(nothing, s)
	s.Domain, acc.User = l.account(nothing, s)
	l.rest(nothing, s)
	l.logs(nothing, s, acc)
	l.lists(nothing, nothing, s)
	return s, acc
}
