package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// KerioAccessPolicy is a rule of the user's access policy that keeps the user from a service.
var KerioAccessPolicy = &Check{
	ID: "kerio-access-policy", Group: GroupAccess, Title: "The user's access policy denies the service",
	Doc: Doc{
		Says:  "Outlook never works, webmail does. Or: it works in the office, and not at home.",
		Tells: "AccessPolicy.get: the rule of the user's policy for the service that the user logs in to. A rule about addresses is held against the client's address (--client-address). The security log says it too: \"login denied: Access Policy rule\", for an address of the user's, within a day and with no success since.",
		Mistaken: []string{
			"A blocked address (kerio-ip-blocked): that goes away by itself, and failures stand before it.",
			"A mail program that needs an app password (app-password-needed): there webmail works and mail programs do not, too.",
			"A rule for a service that the user does not use: it keeps nobody from anything.",
		},
	},
	Source: []Source{{"Access policies as the comments of Kerio's API word them (igiant/connect, accessPolicy.go)", "https://github.com/igiant/connect"},
		{"Services in Kerio Connect (GFI manual)", "https://manuals.gfi.com/en/kerio/connect/content/server-configuration/services/services-in-kerio-connect-1153.html"}},
	Needs: []*Need{accessFacts}, Uses: []*Need{KerioUser, KerioAddressGroups, KerioAuditLog, KerioClock, KerioReach, IMAPReach, Attempts},
	Owner: OwnerMailAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Ask whether the user is meant to have this access, and give the user another policy if so",
		Steps: []string{"Tell the caller that it is a rule, and not the password.",
			"Ask whoever is responsible for the rule whether it is meant for this user.",
			"If it is not, change the policy of {login} in Kerio's administration under Accounts > Users, or the rule itself under Configuration > Definitions > User Access Policies."},
		Disruption: "none; a changed rule concerns everyone who has the policy",
		DoNot:      []string{"Do not reset the password: it was not at fault."},
	},
	Letter: Letter{
		Wrong: "A rule on the mail server does not allow this way to your mail.",
		Do:    []string{"If you need your mail this way, tell the helpdesk with which program and from where."},
		Leave: []string{KeepPassword},
	},
	// One secret that webmail takes and IMAP refuses, or the reverse, comes from the rule then, not from the kind of password.
	Explains: []*Check{IMAPLogin, WrongPassword, AppPasswordNeeded, AppPasswordOnAPI},
	Run:      kerioAccessPolicy,
}

// accessFacts: the rules decide, and Kerio's log may say it where they could not be read.
var accessFacts = &Need{Name: "the user's access policy (AccessPolicy.get), or Kerio's security log", Missing: noKerio, configured: hasKerio,
	looks: func(s *probes.Snapshot) []*probes.Look {
		return append(append(KerioAccess.looks(s), KerioSecurityLog.looks(s)...), letInLook(s))
	},
	hand: handAll(KerioAccess, KerioSecurityLog)}

func kerioAccessPolicy(s *probes.Snapshot) Finding {
	list := userServices(s)
	f := policyOf(s, list[0])
	if !list[0].used {
		if f.Verdict == OK {
			f = policyOf(s, list[1])
		}
		if f.Verdict == Problem {
			f.Verdict = Notice // what the user uses is not known
		}
	}
	if other, ok := policyLogged(s, func(p string) bool { return p != "" && !list[0].logs(p) }, true); ok && f.Verdict == OK && list[0].used && other.Verdict != Undetermined {
		other.Verdict, other.Confidence = Notice, Possible
		other.Summary = fmt.Sprintf("A rule keeps %s from another service than %s, and something tried it within the last day.", LoginName(s), list[0].name)
		return other
	}
	return f
}

// accessRule is what the policy says of one service.
type accessRule struct {
	kind      probes.KerioAccessKind
	groupID   string
	policy    string
	byAddress bool
	evidence  []Evidence
}

// ruleOf finds the rule for a service. A policy has rules for what it restricts: without one the service is allowed (rules are
// created one by one; igiant/connect, accessPolicy.go).
func ruleOf(access *probes.Observation[probes.KerioAccess], service string) accessRule {
	r := accessRule{kind: probes.AccessAllowed, policy: access.Value.Policy}
	e := Evidence{Fact: fmt.Sprintf("rule of the access policy %s for %s", r.policy, service), Observed: "none", Source: access.Source, At: access.At}
	for _, rule := range access.Value.Rules {
		if rule.Service == service {
			r.kind, r.groupID, e.Observed = rule.Rule, rule.GroupID, rule.Rule.String()
			break
		}
	}
	r.byAddress = r.kind == probes.AccessIPAllowed || r.kind == probes.AccessIPDenied
	r.evidence = []Evidence{e}
	return r
}

// policyOf judges one service.
func policyOf(s *probes.Snapshot, v userService) Finding {
	a, access := v.letIn(s), accessOf(s)
	if !access.OK() {
		return policyUnread(s, v, a)
	}
	r := ruleOf(access, v.policy)
	if a != nil && (!r.byAddress || s.Target.ClientAddress == "") {
		return Finding{Verdict: OK, Summary: fmt.Sprintf("A login of this user over %s was accepted in this run.", v.name), Evidence: append(r.evidence, said(a))}
	}
	logged, found := policyLogged(s, v.logs, r.byAddress)
	switch {
	case r.kind == probes.AccessDenied:
		f := Finding{Verdict: Problem, Confidence: Certain, Evidence: r.evidence, Summary: fmt.Sprintf("The access policy %s denies %s to %s.", r.policy, v.name, LoginName(s))}
		if found {
			f.Evidence = append(f.Evidence, logged.Evidence...)
		}
		if e := lastLetIn(s, v); e != nil {
			f.Confidence, f.Evidence = Likely, append(f.Evidence, e...)
		}
		return f
	case r.byAddress:
		return policyByAddress(s, v, r)
	case found && logged.Verdict == Problem && logged.Confidence == Likely && r.kind == probes.AccessAllowed:
		logged.Verdict, logged.Evidence = Notice, append(logged.Evidence, r.evidence...)
		logged.Summary = fmt.Sprintf("Kerio Connect refused %s over %s by an access policy within the last day; the rules now allow it.", LoginName(s), v.name)
		return logged
	case found && logged.Verdict == Problem:
		logged.Evidence = append(logged.Evidence, r.evidence...)
		return logged
	case r.kind == probes.AccessUnknown:
		look := access.Look
		look.Why, look.Words = probes.Unclear, "a rule of a kind that is not known"
		return undetermined(&look, "whether the access policy denies "+v.name+" is not known")
	}
	return Finding{Verdict: OK, Summary: fmt.Sprintf("The access policy %s allows %s.", r.policy, v.name), Evidence: r.evidence}
}

func accessOf(s *probes.Snapshot) *probes.Observation[probes.KerioAccess] {
	if s.Account.Kerio == nil {
		return nil
	}
	return s.Account.Kerio.Access
}

// policyUnread: only Kerio's log can tell, and a login that was accepted, unless the client comes from elsewhere.
func policyUnread(s *probes.Snapshot, v userService, a *probes.Attempt) Finding {
	if a != nil && s.Target.ClientAddress == "" {
		return Finding{Verdict: OK, Summary: fmt.Sprintf("A login of this user over %s was accepted in this run.", v.name), Evidence: []Evidence{said(a)}}
	}
	if f, ok := policyLogged(s, v.logs, true); ok {
		return f
	}
	look := lookOf(accessOf(s))
	if look == nil {
		look = &probes.Look{Probe: probes.ProbeKerio, What: "AccessPolicy.get", Why: probes.Unclear, Words: "not looked at"}
	}
	return undetermined(look, "the user's access policy could not be read")
}

func policyByAddress(s *probes.Snapshot, v userService, r accessRule) Finding {
	g := groupOf(s, r.groupID, r.groupID)
	only := r.kind == probes.AccessIPAllowed
	evidence := r.evidence
	if g.evidence.Fact != "" {
		evidence = append(evidence, g.evidence)
	}
	client := s.Target.ClientAddress
	if client == "" {
		return policyFromHere(s, v, r, evidence)
	}
	in := g.holds(client)
	switch {
	case in == unknown:
		return g.notTold(client, "whether the access policy denies "+v.name+" to the client's address")
	case (in == yes) == only:
		return Finding{Verdict: OK, Summary: fmt.Sprintf("The access policy %s allows %s from %s.", r.policy, v.name, client), Evidence: evidence}
	}
	evidence = append(evidence, Evidence{Fact: "the client's address", Observed: client})
	return Finding{Verdict: Problem, Confidence: Certain, Evidence: evidence, Summary: fmt.Sprintf("The access policy %s denies %s to %s from the client's address %s.", r.policy, v.name, LoginName(s), client)}
}

// policyFromHere: where the client comes from was not said, and no login from here was accepted.
func policyFromHere(s *probes.Snapshot, v userService, r accessRule, evidence []Evidence) Finding {
	if f, ok := policyLogged(s, v.logs, true); ok {
		f.Evidence = append(f.Evidence, evidence...)
		return f
	}
	log, audit := kerioLogs(s)
	if !log.OK() || !audit.OK() {
		look := logLook(log, "Logs.get security")
		if log.OK() {
			look = logLook(audit, "Logs.get audit")
		}
		return undetermined(look, "whether the access policy denies "+v.name+" is not known: it depends on the address, and a log could not be read")
	}
	if e := lastLetIn(s, v); e != nil {
		return Finding{Verdict: OK, Evidence: append(evidence, e...),
			Summary: fmt.Sprintf("The access policy %s goes by addresses, and let this user in over %s within the last day.", r.policy, v.name)}
	}
	return Finding{Verdict: Notice, Confidence: Possible, Evidence: evidence,
		Summary: fmt.Sprintf("The access policy %s allows %s to %s from some addresses only: where does the user's client come from?", r.policy, v.name, LoginName(s))}
}

// lastLetIn is the newest line of the audit log that lets the user in at the service, if it is not older than a day.
func lastLetIn(s *probes.Snapshot, v userService) []Evidence {
	_, audit := kerioLogs(s)
	if !audit.OK() {
		return nil
	}
	for i := len(audit.Value.Events) - 1; i >= 0; i-- {
		if e := audit.Value.Events[i]; e.Kind == probes.LogAuthenticated && v.logs(e.Protocol) && recentLine(s, e) {
			return logged(audit, []probes.KerioLogEvent{e})
		}
	}
	return nil
}

// policyLogged finds the newest line that refuses this user by an access policy, at a service that fits, within a day and with
// no success since. Anybody who knows the name leaves such a line: it counts from an address of the user's, or of this run's.
func policyLogged(s *probes.Snapshot, fits func(protocol string) bool, byAddress bool) (Finding, bool) {
	log, audit := kerioLogs(s)
	if !log.OK() {
		return Finding{}, false
	}
	t := timeOf(s, log)
	for i := len(log.Value.Events) - 1; i >= 0; i-- {
		e := log.Value.Events[i]
		if e.Kind != probes.LogPolicyDenied || !fits(e.Protocol) || t.now.Sub(e.At) > lineRecent+t.slack {
			continue
		}
		f := Finding{Verdict: Problem, Confidence: Likely, Evidence: logged(log, []probes.KerioLogEvent{e}),
			Summary: fmt.Sprintf("Kerio Connect refuses %s over %s by an access policy.", LoginName(s), e.Protocol)}
		apart := s.Target.ClientAddress != "" && !sameAddress(s.Target.ClientAddress, e.Address)
		switch {
		case e.Ours && !apart:
			f.Confidence = Certain
			return f, true
		case apart && byAddress: // it says nothing of the client's address
			continue
		case !audit.OK():
			return whoseAddress(audit, f), true
		case letInSince(audit, e, byAddress):
			continue
		case t.slack > 0:
			return undetermined(t.guessed(log), "an access policy refused this user, but how long ago is a guess"), true
		case !e.Ours && e.Address != "" && !usersAddress(s, e.Address):
			f.Verdict, f.Confidence = Notice, Possible
			f.Summary = fmt.Sprintf("Kerio Connect refused a login in this user's name over %s by an access policy; its address is not known to be the user's.", e.Protocol)
		}
		return f, true
	}
	return Finding{}, false
}

// letInSince says that the protocol let the user in after the line, where addresses matter from the same one.
func letInSince(audit *probes.Observation[probes.KerioLog], line probes.KerioLogEvent, byAddress bool) bool {
	for _, e := range audit.Value.Events {
		if e.Kind == probes.LogAuthenticated && e.Protocol == line.Protocol && e.At.After(line.At) && (!byAddress || sameAddress(e.Address, line.Address)) {
			return true
		}
	}
	return false
}
