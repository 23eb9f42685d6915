package checks

import (
	"fmt"
	"net/netip"

	"logindoctor.example/probes"
)

// StalwartIPBanned is Stalwart's answer to failed logins: it bans the address they come from, and never locks an account.
var StalwartIPBanned = &Check{
	ID: "stalwart-ip-banned", Group: GroupLocked, Title: "Stalwart bans the address",
	Doc: Doc{
		Says:  "Nothing loads, neither mail nor webmail; over mobile data it works. Or: the whole office lost its mail at once.",
		Tells: "A banned address (x:BlockedIp) covers the client's (--client-address), and no exemption does; else one from which this user logs in or was banned, or this computer's, here. Stalwart's 403 or 429 to logindoctor itself says so of here, and its log of the address that it turned away. A connection that is taken and closed before any greeting fits, and proves nothing: so does one over the limit, or a dead server behind a proxy.",
		Mistaken: []string{
			"A locked account: Stalwart has none; from another address the same login works.",
			"A firewall: there the connection does not come about at all.",
			"A ban that has ended, of another address, or of one that is exempt: neither stands in this user's way.",
			"A proxy, router or container gateway that was banned: Stalwart sees its address for everybody, and nobody gets in.",
			"A network among the trusted proxies that sends no PROXY header: it is cut off without any ban.",
			"A connection that is closed after the login: the greeting shows that the address is not banned.",
		},
	},
	Source: []Source{{"Automatic banning (Stalwart documentation)", "https://stalw.art/docs/server/auto-ban"},
		{"BlockedIp (Stalwart documentation)", "https://stalw.art/docs/ref/object/blocked-ip"},
		{"Stalwart's source at d72608f3 (0.16.19-dev), crates/common/src/network/security.rs and listen.rs; read, not run", "https://github.com/stalwartlabs/stalwart"},
		{"Deleting a ban without effect until a restart (stalwartlabs/stalwart issue 3190)", "https://github.com/stalwartlabs/stalwart/issues/3190"}},
	Needs: []*Need{stalwartBanFacts}, Uses: []*Need{StalwartAllowed, StalwartSystem, StalwartSecurity, StalwartAddressLog, StalwartUserLog, StalwartBans, IMAPReach, IMAPGreeting, Attempts},
	Owner: OwnerMailAdmin, Scope: ScopeNetwork,
	Remedy: stalwartBanRemedy,
	Letter: Letter{
		Wrong: "The mail server blocks the network from which you connect, as it does after failed logins.",
		Do: []string{"If a phone, tablet or computer of yours may have an old password, switch off mail on it.",
			"If you need your mail now, connect over another network."},
		Leave: []string{KeepPassword,
			"Do not keep trying while the network is blocked."},
	},
	Explains: []*Check{IMAPLogin},
	Run:      stalwartIPBanned,
}

var stalwartBanRemedy = Remedy{
	Do: "Find out what brought the ban, then take it back and reload the bans",
	Steps: []string{"If the reason is authFailure, look in Stalwart's log for what failed from that address, and correct or switch off that device: the next failures ban the address again.",
		"If the reason is manual, ask who banned the address, and why.",
		"Delete the entry among the blocked addresses.",
		"Run the action ReloadBlockedIps: an entry that is deleted by hand goes on blocking until then, or until a restart.",
		"If the address is the office's, add it to the allowed addresses.",
		"Set authBanPeriod: without it a ban has no end."},
	Disruption: "none",
	DoNot: []string{"Do not reset the password: everybody behind the same address is banned.",
		"Do not try further logins from there, nor switch the bans off for everyone."},
}

// stalwartBanFacts: whatever became of the list of bans, how connections went and what was said to logindoctor may tell.
var stalwartBanFacts = &Need{Name: "the banned addresses (x:BlockedIp), and what becomes of logindoctor's own connections", Missing: noStalwart, configured: hasStalwart,
	looks: func(s *probes.Snapshot) []*probes.Look {
		if s.Stalwart == nil || s.Account.Stalwart == nil {
			return nil
		}
		return []*probes.Look{{Probe: probes.ProbeStalwart, What: "x:BlockedIp/get"}}
	},
	hand: handAll(StalwartBlocked, StalwartSession, StalwartReach)}

func stalwartIPBanned(s *probes.Snapshot) Finding {
	o, known := originOf(s)
	f := Finding{}
	switch {
	case known && o.address == s.Here() && bannedByThisRun(s) != nil:
		return banByThisRun(s, o)
	case o.client:
		f = banOf(s, o)
	case known:
		f = banHere(s, o)
	case o.hidden.IsValid():
		f = hiddenFrom(s, o, "whether Stalwart bans the client", nil)
	default:
		f = undetermined(blockedLook(s), "whether Stalwart bans the address is not known: no address is known, neither the user's nor this computer's")
	}
	if f.Verdict == Problem && o.client {
		return f
	}
	if proxy, ok := proxyBanned(s, o); ok && (proxy.Verdict == Problem || f.Verdict == OK || f.Verdict == Undetermined) {
		return proxy
	}
	if f.Verdict == Problem {
		return f
	}
	if own, ok := banOfUsers(s, o); ok && (own.Verdict == Problem || f.Verdict != Undetermined) {
		return own
	}
	if f.Verdict == OK {
		if over, ok := nameOverRate(s); ok {
			over.Evidence = append(over.Evidence, f.Evidence...)
			return over
		}
	}
	return f
}

// banOf judges the client's address: the list decides, and where it could not be read, the log's word that it was turned away.
func banOf(s *probes.Snapshot, o origin) Finding {
	at := bannedAt(s)
	rows, answer := s.Stalwart.Banned(o.address, at)
	turned := turnedAway(s, o.address)
	f := banned(s, rows, fmt.Sprintf("Stalwart bans %s.", o), Certain)
	f.Evidence = append(f.Evidence, stalwartAddressLogged(s, turned)...)
	answers := answersHere(s)
	since := successSince(s, o.address, rows)
	switch {
	case answer == probes.StalwartYes && since != nil && len(turned) == 0:
		return notInForce(s, f, o, *since)
	case answer == probes.StalwartYes && o.address == s.Here() && answers != nil:
		f.Verdict, f.Confidence, f.Evidence = Notice, Likely, append(f.Evidence, reachSaid(answers))
		f.Summary = fmt.Sprintf("Stalwart's list bans %s, and yet it answers there: the list is not the one that runs, or it sees another address.", o)
		return f
	case answer == probes.StalwartYes && !s.Stalwart.System.OK() && len(turned) == 0:
		f.Confidence, f.Evidence = Likely, append(f.Evidence, Evidence{Fact: "trusted proxies", Observed: "not read: they are exempt"})
		return f
	case answer == probes.StalwartYes:
		return f
	case len(turned) > 0 && (answer == probes.StalwartUnknown || turnedAwayLately(s, turned) && !exemptedSince(s, o.address, turned)):
		f.Confidence, f.Summary = Likely, turnedSummary(s, o, answer)
		return f
	case answer == probes.StalwartNo && s.Stalwart.Exempt(o.address, at) == probes.StalwartYes:
		return Finding{Verdict: OK, Summary: fmt.Sprintf("Stalwart never bans %s.", o), Evidence: []Evidence{exemptSaid(s, o.address)}}
	case answer == probes.StalwartUnknown:
		u := undetermined(banUnseen(s, rows), fmt.Sprintf("whether Stalwart bans %s, is not known", o))
		if len(rows) > 0 {
			u = undetermined(banUnseen(s, rows), fmt.Sprintf("a ban covers %s, and whether it is exempt could not be read", o))
		}
		u.Evidence = append(append(u.Evidence, f.Evidence...), shutOut(s)...)
		return u
	}
	return Finding{Verdict: OK, Summary: fmt.Sprintf("Stalwart does not ban %s.", o), Evidence: []Evidence{blockedSaid(s)}}
}

// banHere: where the user comes from was not said, so that only here can be judged. Whoever shares its address is banned too.
func banHere(s *probes.Snapshot, o origin) Finding {
	rows, answer := s.Stalwart.Banned(o.address, bannedAt(s))
	if r := answersHere(s); r != nil {
		if answer == probes.StalwartYes {
			f := banned(s, rows, fmt.Sprintf("Stalwart's list bans %s, and yet it answers there: the list is not the one that runs, or it sees another address.", o), Likely)
			f.Verdict, f.Evidence = Notice, append(f.Evidence, reachSaid(r))
			return f
		}
		return Finding{Verdict: OK, Summary: fmt.Sprintf("Stalwart answers %s, so it does not ban it.", o), Evidence: []Evidence{reachSaid(r)}}
	}
	if session := s.Stalwart.Session; session != nil && session.Value.Refusal == probes.StalwartBlocked {
		return Finding{Verdict: Problem, Confidence: Likely, Remedy: remedyWith(stalwartBanRemedy, seeBans(), reloadBans), Summary: fmt.Sprintf("Stalwart bans %s: it says so to logindoctor itself.", o),
			Evidence: append([]Evidence{{Fact: "JMAP session of logindoctor", Observed: session.Words, Expected: "200", Source: session.Source, At: session.At}}, shutOut(s)...)}
	}
	shut, turned := shutOut(s), turnedAway(s, o.address)
	switch {
	case answer == probes.StalwartYes:
		f := banned(s, rows, fmt.Sprintf("Stalwart bans %s, and everyone who shares it.", o), Likely)
		f.Evidence = append(f.Evidence, shut...)
		return f
	case len(turned) > 0 && (answer == probes.StalwartUnknown || turnedAwayLately(s, turned) && !exemptedSince(s, o.address, turned)):
		f := banned(s, rows, turnedSummary(s, o, answer), Likely)
		f.Evidence = append(append(f.Evidence, stalwartAddressLogged(s, turned)...), shut...)
		return f
	case answer == probes.StalwartNo && (len(shut) == 0 || s.HereSeen() && s.Stalwart.AddressLog.OK()):
		return Finding{Verdict: OK, Summary: fmt.Sprintf("Stalwart does not ban %s.", o), Evidence: []Evidence{blockedSaid(s)}}
	}
	says := fmt.Sprintf("whether Stalwart bans %s, is not known", o)
	if len(shut) > 0 {
		says = fmt.Sprintf("connections from %s, are taken and closed before any greeting: a ban does that, and so do a connection limit and a proxy whose server is down", o)
	}
	look := banUnseen(s, rows)
	if answer == probes.StalwartNo {
		look = hereUnseen(s)
	}
	u := undetermined(look, says)
	u.Evidence = append(u.Evidence, shut...)
	return u
}

// banOfUsers looks at the addresses that the log's lines about this account name, where the client's was not said.
func banOfUsers(s *probes.Snapshot, o origin) (Finding, bool) {
	log := s.Account.Stalwart.Log
	if o.client || !log.OK() {
		return Finding{}, false
	}
	seen, doubted, newest := map[string]bool{}, Finding{}, newestSuccess(s)
	for i := len(log.Value.Events) - 1; i >= 0; i-- {
		e := log.Value.Events[i]
		theirs := newest != nil && e.Address == newest.Address
		a, err := netip.ParseAddr(e.Address)
		if err != nil || seen[e.Address] || a.Unmap() == o.address || e.Kind == probes.StalwartLogSuccess && !theirs {
			continue
		}
		seen[e.Address] = true
		rows, answer := s.Stalwart.Banned(a, bannedAt(s))
		if answer != probes.StalwartYes {
			continue
		}
		f := banned(s, rows, fmt.Sprintf("Stalwart bans %s, from where this user logs in.", e.Address), Likely)
		f.Evidence = append(f.Evidence, stalwartLogged(log, []probes.StalwartLogEvent{e})...)
		if theirs {
			return banOfTheirs(s, f, rows, origin{address: a.Unmap(), client: true}), true
		}
		if doubted.Verdict == 0 {
			doubted = f
			doubted.Verdict, doubted.Confidence = Notice, Possible
			doubted.Summary = fmt.Sprintf("Stalwart bans %s, from where logins in this user's name failed: does the caller connect from there?", e.Address)
		}
	}
	return doubted, doubted.Verdict != 0
}

// banOfTheirs is less where the ban is not what runs, or where the secret was accepted from here all the same.
func banOfTheirs(s *probes.Snapshot, f Finding, rows []probes.StalwartAddress, o origin) Finding {
	if since := successSince(s, o.address, rows); since != nil {
		return notInForce(s, f, o, *since)
	}
	if a := acceptedByStalwart(s); a != nil {
		f.Verdict, f.Evidence = Notice, append(f.Evidence, said(a))
		f.Summary = fmt.Sprintf("Stalwart bans %s, from where this user logged in last; from here the secret was accepted.", o.address)
	}
	return f
}

// nameOverRate: a failure on this login name had its address banned within the rate's time. If it is the name that is over its
// rate, whoever fails next on it is banned as well, the user among them (S: common/src/network/security.rs, is_auth_fail2banned).
func nameOverRate(s *probes.Snapshot) (Finding, bool) {
	bans := s.Account.Stalwart.Bans
	if !bans.OK() {
		return Finding{}, false
	}
	recent := stalwartBansWithin(s, bans)
	if len(recent) == 0 {
		return Finding{}, false
	}
	last := recent[len(recent)-1]
	return Finding{Verdict: Notice, Confidence: Likely, Scope: ScopeUser, Evidence: append(stalwartLogged(bans, recent), rateSaid(s)...),
		Remedy: &Remedy{Do: "Find the device that keeps failing with this user's name, before the user's own addresses are banned",
			Steps: []string{"Look at the addresses in the evidence: a device with an old password, or a stranger who guesses.",
				"If it is the caller's own device, have it corrected or switched off.",
				"If the office's address may be hit, add it to the allowed addresses."},
			Disruption: "none", DoNot: []string{"Do not try logins with a doubtful password under this name: the next failure may have its address banned."}},
		Summary: fmt.Sprintf("A failed login in this user's name had its address, %s, banned at %s: while the name is over its rate, whoever fails next on it is banned too.", last.Address, clock(last.At))}, true
}
