package login

import (
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/ledger"
)

// Stalwart locks no account: it bans addresses, by a counter of the address and one of the login name. Whoever fails next on a
// name that is over its rate has their address banned, by default for ever (S: common/src/network/security.rs,
// is_auth_fail2banned). So what an attempt may cost is this computer's address, and everyone's behind it.

// stalwartBudget: the rate of x:Security, and what the log shows of this login name. A failure itself is written at a level that
// is not logged by default; the ban that it brings is. So a name without a ban in the rate's time is not over its rate.
func stalwartBudget(s *probes.Snapshot, recent []ledger.Entry, now time.Time) probes.Budget {
	b := probes.Budget{System: "stalwart", Reserve: reserve}
	theirs := s.Stalwart.Now(now)
	if here := s.Here(); s.HereSeen() && s.Stalwart.Exempt(here, theirs) == probes.StalwartYes {
		b.Known, b.Note = true, "failures from this computer's address, "+here.String()+", ban nobody: it is exempt"
		return b
	}
	if s.Stalwart == nil || !s.Stalwart.Security.OK() {
		b.Why, b.Note = probes.Unclear, "when it bans an address could not be read"
		if s.Stalwart != nil && s.Stalwart.Security != nil {
			b.Why = s.Stalwart.Security.Why
		}
		return b
	}
	rate := s.Stalwart.Security.Value.Auth
	switch rate.On {
	case probes.StalwartNo:
		b.Known, b.Note = true, "failed logins ban no address"
		return b
	case probes.StalwartUnknown:
		b.Why, b.Note = probes.Unclear, "when it bans an address could not be read"
		return b
	}
	b.Threshold, b.WindowMS = rate.Count, rate.PeriodMS
	acc := s.Account.Stalwart
	if acc == nil || !acc.Log.OK() || !acc.Bans.OK() {
		b.Why, b.Note = probes.Unclear, "its log could not be read, so whether this login name is over its rate is not known; allow logindoctor's address (x:AllowedIp) to have logins tried all the same"
		if acc != nil && acc.Log != nil && !acc.Log.OK() {
			b.Why = acc.Log.Why
		}
		return b
	}
	from := theirs.Add(-time.Duration(rate.PeriodMS) * time.Millisecond)
	var newest time.Time
	b.Used, newest = countFailures(acc, from)
	if at := bannedSince(acc, from); !at.IsZero() {
		b.Used = max(b.Used, b.Threshold)
		b.Note = "this login name is over its rate: a failure at " + at.UTC().Format("15:04 UTC") + " had its address banned"
	} else if note := bansUnknown(s.Stalwart, acc, from); note != "" {
		b.Why, b.Note = probes.Unclear, note+", so whether this login name is over its rate is not known"
		return b
	}
	b.Known = true
	b.Used += younger(recent, newest, now.Add(from.Sub(theirs)), theirs.Sub(now))
	if b.Note == "" && s.Stalwart.Writes("auth.failed") != probes.StalwartYes {
		b.Note = "failures are not logged, only the bans that they bring: there was none"
	}
	return b
}

// countFailures are those on the account since a time, so far as they are logged, and the newest of them.
func countFailures(acc *probes.StalwartAccount, from time.Time) (n int, newest time.Time) {
	for _, e := range acc.Log.Value.Events {
		counts := e.Kind == probes.StalwartLogFailed || e.Kind == probes.StalwartLogIPUnauthorized
		if counts && e.At.After(from) {
			n++
			if e.At.After(newest) {
				newest = e.At
			}
		}
	}
	return n, newest
}

// bannedSince is the newest ban that a failure on this login brought since a time. Among the bans of all it may be hidden behind
// younger ones of others; the account's own lines hold it as well.
func bannedSince(acc *probes.StalwartAccount, from time.Time) (newest time.Time) {
	for _, log := range []probes.StalwartLog{acc.Bans.Value, acc.Log.Value} {
		for _, e := range log.Events {
			if e.Kind == probes.StalwartLogBanned && e.At.After(from) && e.At.After(newest) {
				newest = e.At
			}
		}
	}
	return newest
}

// bansUnknown is why a log without a ban on this login does not show that there was none; empty where it does.
func bansUnknown(server *probes.StalwartServer, acc *probes.StalwartAccount, from time.Time) string {
	if server.Levels.OK() {
		for _, l := range server.Levels.Value {
			if l.Event == banEvent && server.Writes(banEvent) != probes.StalwartYes {
				return "bans are not logged (" + banEvent + " is at level " + l.Level + ")"
			}
		}
	}
	if !acc.Bans.Value.Reaches(from) && !acc.Log.Value.Reaches(from) {
		return "its log holds more lines than were read of the time in which failures count"
	}
	return ""
}

// banEvent is info by itself (W: ref/events.md).
const banEvent = "security.authentication-ban"

// checkedByStalwart: Stalwart itself checks an app password, and the own password of an account without a directory: then the
// directory counts nothing.
func checkedByStalwart(s *probes.Snapshot) bool {
	a := s.Account.Stalwart
	if a == nil {
		return false
	}
	if a.Secret.AppPassword() {
		return true
	}
	id, known := s.Stalwart.Checks()
	return known && id == ""
}

// foretold is why a login at Stalwart is known to be refused, so that it teaches nothing and is not to be paid for; empty where
// it is not known.
func foretold(s *probes.Snapshot, service probes.Service) string {
	a := s.Account.Stalwart
	if a == nil || s.Target.Stalwart == nil {
		return ""
	}
	if reason := foretoldByShape(a.Secret); reason != "" {
		return reason
	}
	if s.Stalwart != nil && s.Stalwart.Domain.OK() && s.Stalwart.Domain.Value.Found == probes.StalwartNo {
		return "Stalwart does not serve the login's domain"
	}
	if !a.User.OK() {
		return ""
	}
	u := a.User.Value
	id, known := s.Stalwart.Checks()
	internal := known && id == ""
	switch {
	case u.Found == probes.StalwartNo && (internal || a.Secret.AppPassword()):
		return "Stalwart has no such account"
	case u.Found != probes.StalwartYes:
		return ""
	case u.Kind == probes.StalwartGroup:
		return "the account is a group, as which nobody can log in"
	}
	var used *probes.StalwartCredential
	if a.Secret.AppPassword() {
		if used = u.Credential(a.Secret.CredentialID); used == nil {
			if u.CredsKnown {
				return "the app password is not among those of the account"
			}
			return ""
		}
	} else if used = u.Password(); used != nil && internal && u.CredsKnown {
		if reason := foretoldPassword(used, service, s.Stalwart.Now(a.User.At)); reason != "" {
			return reason
		}
	}
	return foretoldByCredential(s, u, used, service)
}

func foretoldByShape(secret *probes.StalwartSecret) string {
	switch {
	case secret == nil:
		return ""
	case secret.Shape == probes.StalwartShapeAPIKey:
		return "the secret is an API key, which is a bearer token and no password"
	case secret.Shape == probes.StalwartShapeMangled:
		return "the secret looks like an app password that was cut short or changed"
	}
	return ""
}

// foretoldPassword is what becomes of the account's own password, right or wrong.
func foretoldPassword(p *probes.StalwartCredential, service probes.Service, at time.Time) string {
	switch {
	case p.OTP == probes.StalwartYes:
		return "the account has a second factor: its own password alone is refused, right or wrong"
	case p.Expired(at) == probes.StalwartYes && service != probes.ServiceAPI:
		return "the account's own password has expired: it may change itself and nothing else"
	}
	return ""
}

// permissionOf is what a service asks of a login beside authenticate.
var permissionOf = map[probes.Service]string{probes.ServiceIMAP: probes.StalwartMayIMAP, probes.ServiceManageSieve: probes.StalwartMaySieve}

func foretoldByCredential(s *probes.Snapshot, u probes.StalwartUser, used *probes.StalwartCredential, service probes.Service) string {
	at := s.Stalwart.Now(s.Account.Stalwart.User.At)
	if used != nil {
		switch {
		case used.Kind != probes.StalwartPassword && used.Expired(at) == probes.StalwartYes:
			return "the app password has expired"
		case s.Here().IsValid() && used.AllowsFrom(s.Here()) == probes.StalwartNo:
			return "the secret may not be used from this computer's address, and a try counts towards a ban"
		}
	}
	for _, p := range []string{probes.StalwartMayLogin, permissionOf[service]} {
		if p != "" && s.Stalwart.Right(u, used, p).Answer == probes.StalwartNo {
			return "the permission " + p + " is missing"
		}
	}
	if u.Alias == probes.StalwartAliasLogin && !s.Account.Stalwart.Secret.AppPassword() && s.Stalwart.Right(u, used, probes.StalwartMayAlias).Answer == probes.StalwartNo {
		return "the login is an alias, and the account may not log in with one"
	}
	return ""
}
