package login

import (
	"strings"
	"testing"
	"time"

	"logindoctor.example/probes"
)

const localhost, outside = "127.0.0.1", "198.51.100.20"

func seen[T any](v T) *probes.Observation[T] {
	return &probes.Observation[T]{Look: at(probes.Seen), Value: v}
}

// inStalwart is a Stalwart that bans after 100 failures a day, seen from an address that it may ban, and a user in good health.
func inStalwart(change ...func(*probes.Snapshot)) *probes.Snapshot {
	none := probes.StalwartAddresses{Considered: []string{localhost, outside}, Complete: true}
	s := &probes.Snapshot{Target: probes.Target{User: "jdoe@example.test", Stalwart: &probes.StalwartTarget{}, IMAP: &probes.IMAPTarget{}},
		IMAP: &probes.IMAPServer{Reach: &probes.Reach{Local: outside}},
		Stalwart: &probes.StalwartServer{Allowed: seen(none), Blocked: seen(none), Domain: seen(probes.StalwartDomain{Found: probes.StalwartYes, Asked: "example.test"}),
			Security:       seen(probes.StalwartSecurity{Auth: probes.StalwartRate{On: probes.StalwartYes, Count: 100, PeriodMS: 86400000}}),
			Authentication: seen(probes.StalwartAuthentication{UserRoleIDs: []string{"u"}}),
			Roles:          seen(probes.StalwartRoles{Complete: true, Rows: []probes.StalwartRole{{ID: "u", Enabled: []string{"authenticate", "imapAuthenticate", "sieveAuthenticate"}}}})}}
	s.Account.Stalwart = &probes.StalwartAccount{Log: seen(probes.StalwartLog{}), Bans: seen(probes.StalwartLog{}), User: seen(probes.StalwartUser{Found: probes.StalwartYes,
		Kind: probes.StalwartPerson, CredsKnown: true, Permissions: probes.StalwartPermissions{Mode: probes.StalwartInherit}, Roles: probes.StalwartRoleChoice{Kind: probes.StalwartRolesUser},
		Credentials: []probes.StalwartCredential{{ID: "a", Kind: probes.StalwartPassword, Mode: probes.StalwartInherit, OTP: probes.StalwartNo},
			{ID: "b", Kind: probes.StalwartAppPassword, Mode: probes.StalwartInherit}}})}
	for _, c := range change {
		c(s)
	}
	return s
}

func logs(kind probes.StalwartLogKind, n int, age time.Duration) probes.StalwartLog {
	var l probes.StalwartLog
	for range n {
		l.Events = append(l.Events, probes.StalwartLogEvent{At: now.Add(-age), Kind: kind})
	}
	return l
}

// TestBans: a ban hits this computer's address, so an attempt is made where it cannot come, or where the login name is known not
// to be over its rate.
func TestBans(t *testing.T) {
	from := func(address string) func(*probes.Snapshot) {
		return func(s *probes.Snapshot) { s.IMAP.Reach.Local = address }
	}
	exempt := func(mask string) func(*probes.Snapshot) {
		return func(s *probes.Snapshot) {
			s.Stalwart.Allowed.Value.Rows = []probes.StalwartAddress{{Mask: probes.StalwartMask(mask)}}
		}
	}
	bans := func(n int, age time.Duration) func(*probes.Snapshot) {
		return func(s *probes.Snapshot) { s.Account.Stalwart.Bans = seen(logs(probes.StalwartLogBanned, n, age)) }
	}
	failures := func(kind probes.StalwartLogKind, n int, age time.Duration) func(*probes.Snapshot) {
		return func(s *probes.Snapshot) { s.Account.Stalwart.Log = seen(logs(kind, n, age)) }
	}
	// cut are the newest bans of others, back to so long ago, where there are older ones; own are lines about the account.
	cut := func(since time.Duration, own ...probes.StalwartLogEvent) func(*probes.Snapshot) {
		return func(s *probes.Snapshot) {
			s.Account.Stalwart.Bans = seen(probes.StalwartLog{Cut: true, Since: now.Add(-since), Lines: 25, Others: 25})
			s.Account.Stalwart.Log = seen(probes.StalwartLog{Events: own})
		}
	}
	busy := func(since time.Duration) func(*probes.Snapshot) {
		return func(s *probes.Snapshot) {
			s.Account.Stalwart.Log.Value.Cut, s.Account.Stalwart.Log.Value.Since = true, now.Add(-since)
		}
	}
	level := func(of string) func(*probes.Snapshot) {
		return func(s *probes.Snapshot) {
			s.Stalwart.Levels = seen([]probes.StalwartLevel{{Event: "security.authentication-ban", Level: of}})
		}
	}
	few := func(s *probes.Snapshot) { s.Stalwart.Security.Value.Auth.Count = 4 }
	for name, c := range map[string]struct {
		s       *probes.Snapshot
		earlier []time.Duration
		refused string // empty: it may be made
	}{
		"nothing in the log":                       {inStalwart(), nil, ""},
		"from the loopback":                        {inStalwart(from(localhost)), nil, ""},
		"over its rate, from the loopback":         {inStalwart(from(localhost), bans(1, time.Hour)), nil, "banned"}, // the server may see a gateway
		"log unread, from the loopback":            {inStalwart(from(localhost), func(s *probes.Snapshot) { s.Account.Stalwart.Log.Why = probes.Timeout }), nil, "AllowedIp"},
		"the name is over its rate":                {inStalwart(bans(1, time.Hour)), nil, "banned"},
		"it was, two days ago":                     {inStalwart(bans(1, 48*time.Hour)), nil, ""},
		"over its rate, and we are exempt":         {inStalwart(bans(1, time.Hour), exempt("198.51.100.0/24")), nil, ""},
		"over its rate, another network is exempt": {inStalwart(bans(1, time.Hour), exempt("192.0.2.0/24")), nil, "banned"},
		"exempt by a private address": {inStalwart(bans(1, time.Hour), from("10.1.2.3"), exempt("10.0.0.0/8"), func(s *probes.Snapshot) {
			s.Stalwart.Allowed.Value.Considered = []string{"10.1.2.3"}
		}), nil, "banned"}, // the server sees another one
		"exempt by a private address, of a private server": {inStalwart(bans(1, time.Hour), from("10.1.2.3"), exempt("10.0.0.0/8"), func(s *probes.Snapshot) {
			s.IMAP.Reach.Remote, s.Stalwart.Allowed.Value.Considered = "10.9.9.9", []string{"10.1.2.3"}
		}), nil, ""},
		"as a trusted proxy": {inStalwart(bans(1, time.Hour), func(s *probes.Snapshot) {
			s.Stalwart.System = seen(probes.StalwartSystem{ProxyNetworks: []probes.StalwartMask{outside}})
		}), nil, ""},
		"no ban of failures":                   {inStalwart(bans(1, time.Hour), func(s *probes.Snapshot) { s.Stalwart.Security.Value.Auth.On = probes.StalwartNo }), nil, ""},
		"the rate is unread":                   {inStalwart(func(s *probes.Snapshot) { s.Stalwart.Security.Why = probes.NotPermitted }), nil, "not known"},
		"the rate is of another form":          {inStalwart(func(s *probes.Snapshot) { s.Stalwart.Security.Value.Auth.On = 0 }), nil, "not known"},
		"the log is unread":                    {inStalwart(func(s *probes.Snapshot) { s.Account.Stalwart.Log.Why = probes.NotPermitted }), nil, "AllowedIp"},
		"the bans in it are unread":            {inStalwart(func(s *probes.Snapshot) { s.Account.Stalwart.Bans.Why = probes.Timeout }), nil, "AllowedIp"},
		"unread, and we are exempt":            {inStalwart(exempt(outside), func(s *probes.Snapshot) { s.Account.Stalwart.Log.Why = probes.Timeout }), nil, ""},
		"over its rate, behind bans of others": {inStalwart(cut(time.Hour, probes.StalwartLogEvent{At: now.Add(-3 * time.Hour), Kind: probes.StalwartLogBanned})), nil, "banned"},
		"bans cut within the rate's time, and all of the account's lines": {inStalwart(cut(time.Hour)), nil, ""},
		"both cut within the rate's time":                                 {inStalwart(cut(time.Hour), busy(2*time.Hour)), nil, "not known"},
		"bans cut, the account's not, before it":                          {inStalwart(cut(25*time.Hour), busy(2*time.Hour)), nil, ""},
		"both cut, the account's before it":                               {inStalwart(cut(time.Hour), busy(25*time.Hour)), nil, ""},
		"both cut, how far is not known": {inStalwart(cut(time.Hour), busy(2*time.Hour), func(s *probes.Snapshot) {
			s.Account.Stalwart.Bans.Value.Since, s.Account.Stalwart.Log.Value.Since = time.Time{}, time.Time{}
		}), nil, "not known"},
		"bans are not logged":                    {inStalwart(level("debug")), nil, "not logged"},
		"bans are not logged at all":             {inStalwart(level("disable")), nil, "not logged"},
		"bans are logged above the usual":        {inStalwart(level("warn")), nil, ""},
		"bans are not logged, and one was":       {inStalwart(level("debug"), bans(1, time.Hour)), nil, "are known"},
		"bans are not logged, and we are exempt": {inStalwart(level("debug"), exempt(outside)), nil, ""},
		"nothing was looked at":                  {inStalwart(func(s *probes.Snapshot) { s.Stalwart, s.Account.Stalwart = nil, nil }), nil, "not known"},
		"one of four, logged":                    {inStalwart(few, failures(probes.StalwartLogFailed, 1, time.Hour)), nil, ""},
		"two of four, logged":                    {inStalwart(few, failures(probes.StalwartLogFailed, 2, time.Hour)), nil, "bans after 4 failures and 2 are known"},
		"two of four, by address":                {inStalwart(few, failures(probes.StalwartLogIPUnauthorized, 2, time.Hour)), nil, "2 are known"},
		"expired ones do not count":              {inStalwart(few, failures(probes.StalwartLogExpired, 3, time.Hour)), nil, ""},
		"old ones by a clock that is a day ahead": {inStalwart(few, failures(probes.StalwartLogFailed, 3, -time.Hour), func(s *probes.Snapshot) {
			s.Stalwart.Clock = &probes.StalwartClock{Time: now.Add(26 * time.Hour), At: now}
		}), nil, ""},
		"old ones do not count":         {inStalwart(few, failures(probes.StalwartLogFailed, 3, 25*time.Hour)), nil, ""},
		"our own of this morning count": {inStalwart(few), []time.Duration{time.Hour, 2 * time.Hour}, "2 are known"},
	} {
		err := Afford(Budgets(c.s, earlier(c.earlier...), now))
		switch {
		case c.refused == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)):
			t.Errorf("%s: %v, want %q", name, err, c.refused)
		}
	}
}

// TestDirectoryBehindStalwart: what Stalwart checks itself, no directory counts.
func TestDirectoryBehindStalwart(t *testing.T) {
	for name, c := range map[string]struct {
		directory string
		secret    probes.StalwartShape
		counts    bool
	}{
		"own password, internal":     {"", probes.StalwartShapeOther, false},
		"own password, directory":    {"d", probes.StalwartShapeOther, true},
		"app password, directory":    {"d", probes.StalwartShapeAppPassword, false},
		"older, directory":           {"d", probes.StalwartShapeOlder, false},
		"mangled ones go to it, too": {"d", probes.StalwartShapeMangled, true},
	} {
		s := inAD(dc(4, ago(time.Minute)))
		w := inStalwart()
		s.Target.Stalwart, s.Stalwart, s.Account.Stalwart = w.Target.Stalwart, w.Stalwart, w.Account.Stalwart
		s.IMAP = w.IMAP
		s.Stalwart.Authentication.Value.DirectoryID = c.directory
		s.Account.Stalwart.Secret = &probes.StalwartSecret{Shape: c.secret}
		if err := Afford(Budgets(s, nil, now)); (err != nil) != c.counts {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestForetold: what the facts tell of a secret is not tried, and what they do not tell is.
func TestForetold(t *testing.T) {
	day := 24 * time.Hour
	shape := func(s probes.StalwartShape, id string) func(*probes.Snapshot) {
		return func(x *probes.Snapshot) {
			x.Account.Stalwart.Secret = &probes.StalwartSecret{Shape: s, CredentialID: id}
		}
	}
	user := func(edit func(*probes.StalwartUser)) func(*probes.Snapshot) {
		return func(s *probes.Snapshot) { edit(&s.Account.Stalwart.User.Value) }
	}
	credential := func(i int, edit func(*probes.StalwartCredential)) func(*probes.Snapshot) {
		return user(func(u *probes.StalwartUser) { edit(&u.Credentials[i]) })
	}
	own, app := shape(probes.StalwartShapeOther, ""), shape(probes.StalwartShapeAppPassword, "b")
	ldap := func(s *probes.Snapshot) { s.Stalwart.Authentication.Value.DirectoryID = "d" }
	expired := func(c *probes.StalwartCredential) { c.ExpiresAt = now.Add(-day) }
	elsewhere := func(c *probes.StalwartCredential) { c.AllowedIPs = []probes.StalwartMask{"10.0.0.0/8"} }
	lacks := func(p string) func(*probes.Snapshot) {
		return user(func(u *probes.StalwartUser) {
			u.Permissions = probes.StalwartPermissions{Mode: probes.StalwartMerge, Disabled: []string{p}}
		})
	}
	imap, sieve, http := probes.ServiceIMAP, probes.ServiceManageSieve, probes.ServiceAPI
	for name, c := range map[string]struct {
		s       *probes.Snapshot
		service probes.Service
		says    string // empty: it is to be tried
	}{
		"own password":            {inStalwart(own), imap, ""},
		"app password":            {inStalwart(app), imap, ""},
		"nothing was seen":        {inStalwart(own, func(s *probes.Snapshot) { s.Stalwart = nil; s.Account.Stalwart.User = nil }), imap, ""},
		"API key":                 {inStalwart(shape(probes.StalwartShapeAPIKey, "")), imap, "API key"},
		"mangled":                 {inStalwart(shape(probes.StalwartShapeMangled, "b")), imap, "cut short"},
		"deleted":                 {inStalwart(shape(probes.StalwartShapeAppPassword, "z")), imap, "not among"},
		"deleted, list not whole": {inStalwart(shape(probes.StalwartShapeAppPassword, "z"), user(func(u *probes.StalwartUser) { u.CredsKnown = false })), imap, ""},
		"app password expired":    {inStalwart(app, credential(1, expired)), imap, "expired"},
		"expired by our clock alone": {inStalwart(app, credential(1, expired), func(s *probes.Snapshot) {
			s.Stalwart.Clock = &probes.StalwartClock{Time: now.Add(-2 * day), At: now}
		}), imap, ""},
		"another one expired":         {inStalwart(own, credential(1, expired)), imap, ""},
		"app password, not from here": {inStalwart(app, credential(1, elsewhere)), imap, "towards a ban"},
		"own password, not from here": {inStalwart(own, credential(0, elsewhere)), imap, "towards a ban"},
		"app password without IMAP": {inStalwart(app, credential(1, func(c *probes.StalwartCredential) {
			c.Mode, c.List = probes.StalwartDisable, []string{"imapAuthenticate"}
		})), imap, "imapAuthenticate"},
		"the same at ManageSieve": {inStalwart(app, credential(1, func(c *probes.StalwartCredential) {
			c.Mode, c.List = probes.StalwartDisable, []string{"imapAuthenticate"}
		})), sieve, ""},
		"own password expired":               {inStalwart(own, credential(0, expired)), imap, "expired"},
		"own password expired, over HTTP":    {inStalwart(own, credential(0, expired)), http, ""}, // accepted with reduced rights: costs nothing
		"own password expired, directory":    {inStalwart(own, ldap, credential(0, expired)), imap, ""},
		"own password expired, app password": {inStalwart(app, credential(0, expired)), imap, ""},
		"second factor":                      {inStalwart(own, credential(0, func(c *probes.StalwartCredential) { c.OTP = probes.StalwartYes })), imap, "second factor"},
		"second factor, app password":        {inStalwart(app, credential(0, func(c *probes.StalwartCredential) { c.OTP = probes.StalwartYes })), imap, ""},
		"may not log in":                     {inStalwart(own, lacks("authenticate")), imap, "authenticate"},
		"may not use IMAP":                   {inStalwart(own, lacks("imapAuthenticate")), imap, "imapAuthenticate"},
		"may not use IMAP, over HTTP":        {inStalwart(own, lacks("imapAuthenticate")), http, ""},
		"roles unread":                       {inStalwart(own, func(s *probes.Snapshot) { s.Stalwart.Roles.Why = probes.NotPermitted }), imap, ""},
		"no such account":                    {inStalwart(own, user(func(u *probes.StalwartUser) { *u = probes.StalwartUser{Found: probes.StalwartNo} })), imap, "no such account"},
		"not yet made from the directory":    {inStalwart(own, ldap, user(func(u *probes.StalwartUser) { *u = probes.StalwartUser{Found: probes.StalwartNo} })), imap, ""},
		"app password, not made yet":         {inStalwart(app, ldap, user(func(u *probes.StalwartUser) { *u = probes.StalwartUser{Found: probes.StalwartNo} })), imap, "no such account"},
		"not found, not all searched":        {inStalwart(own, user(func(u *probes.StalwartUser) { *u = probes.StalwartUser{} })), imap, ""},
		"domain not served":                  {inStalwart(own, func(s *probes.Snapshot) { s.Stalwart.Domain.Value.Found = probes.StalwartNo }), imap, "domain"},
		"group":                              {inStalwart(own, user(func(u *probes.StalwartUser) { u.Kind = probes.StalwartGroup })), imap, "group"},
		"alias without the permission":       {inStalwart(own, user(func(u *probes.StalwartUser) { u.Alias = probes.StalwartAliasLogin })), imap, "alias"},
		"alias, app password":                {inStalwart(app, user(func(u *probes.StalwartUser) { u.Alias = probes.StalwartAliasLogin })), imap, ""},
		"alias of the domain":                {inStalwart(own, user(func(u *probes.StalwartUser) { u.Alias = probes.StalwartAliasDomain })), imap, ""},
		"a profile without Stalwart":         {inAD(dc(0, nil)), imap, ""},
	} {
		got := foretold(c.s, c.service)
		if (got == "") != (c.says == "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: %q, want %q", name, got, c.says)
		}
	}
}
