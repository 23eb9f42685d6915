package checks

import (
	"fmt"
	"time"

	"logindoctor.example/probes"
)

// ODPasswordExpired is a password older than Open Directory permits.
var ODPasswordExpired = &Check{
	ID: "od-password-expired", Group: GroupPassword, Title: "The password has expired in Open Directory",
	Doc: Doc{
		Says:  "Since this morning neither mail nor the file server takes my password.",
		Tells: "On each server: Apple's effective policy says isDisabled with effectiveDisableReason 2; or the password is older than the policy that applies permits and no grace login is left; or a bind's response control says passwordExpired.",
		Mistaken: []string{
			"A password that has to be changed after a reset (od-must-change-password): there it is a new one.",
			"A lock (od-account-locked): the answer to a bind may be the same.",
			"Grace logins: an expired password may work a few more times, and every login of every device uses one up.",
		},
	},
	Source: []Source{{"pwpolicy(8)", "https://man.cameronkatri.com/pwpolicy.8"},
		{"pwdMaxAge, grace logins and the response control; observed on slapd 2.5.13 with ppolicy", ""}},
	Needs: []*Need{ODAnswer}, Uses: mapping,
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Have the caller choose a new password, then enter it on every device",
		Steps: []string{"Have the caller change the password at a Mac's login window or in the password service: mail programs cannot change it.",
			"If the caller can reach neither, set a new password the usual way.",
			"Have the new password entered on every phone and computer."},
		Disruption: "none",
		DoNot:      []string{"Do not leave old devices switched on after the change: they lock the account."},
	},
	Letter: Letter{
		Wrong: "Your company password has run out.",
		Do: []string{"Choose a new password at the login window of a company Mac or in the password service; a mail program cannot change it.",
			"If you can reach neither, ask the helpdesk for a new password.",
			newEverywhere},
		Leave: []string{noOldDevices},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      odPasswordExpired,
}

func odPasswordExpired(s *probes.Snapshot) Finding {
	f := odQuestion("whether the password has expired", odExpired, func(c *probes.PPolicy) bool {
		return c.Error == probes.PPolicyExpired || c.Grace != nil && *c.Grace == 0
	}).saying(LoginName(s)+"'s password has expired in Open Directory.", "The password is not past its age in Open Directory.").judge(s)
	if f.Verdict != OK {
		return f
	}
	return lastLogins(s, f)
}

func odExpired(od *probes.ODAccount, now time.Time) reading {
	if od.Apple != nil && (od.Apple.IsDisabled || od.Changed == nil) {
		return appleDisabled(od.Apple, probes.ODDisabledExpired)
	}
	p := odPolicy(od)
	switch {
	case !od.PolicySeen:
		return reading{}
	case od.Changed == nil: // slapo-ppolicy(5): without pwdChangedTime the password never expires
		return reading{holds: no, facts: []Evidence{{Fact: "pwdChangedTime", Observed: "not set"}}}
	case p == nil:
		return reading{facts: []Evidence{{Fact: "pwdChangedTime", Observed: stamp(*od.Changed)}}}
	}
	r := reading{holds: no, facts: []Evidence{{Fact: "pwdChangedTime", Observed: stamp(*od.Changed)}, {Fact: "pwdMaxAge", Observed: odAge(p).String()}}}
	if odPast(od, p, now) {
		r.facts = append(r.facts, Evidence{Fact: "pwdGraceUseTime", Observed: fmt.Sprintf("%d of %d logins used after the expiry", od.GraceUsed, p.Grace)})
		if od.GraceUsed >= p.Grace {
			r.holds = yes
		}
	}
	return r
}

func odAge(p *probes.LockoutPolicy) time.Duration {
	return time.Duration(p.MaxAgeMS) * time.Millisecond
}

func odPast(od *probes.ODAccount, p *probes.LockoutPolicy, now time.Time) bool {
	return p.MaxAgeMS > 0 && !od.Changed.Add(odAge(p)).After(now)
}

// lastLogins is a password that is past its age and still works a few times.
func lastLogins(s *probes.Snapshot, ok Finding) Finding {
	left := 0
	for _, d := range s.Account.Directory {
		if od := odEntry(d); od != nil && od.Changed != nil {
			if p := odPolicy(od); p != nil && odPast(od, p, seenAt(s, d.Entry.At)) {
				left = p.Grace - od.GraceUsed
			}
		}
	}
	evidence := ok.Evidence
	if a := s.Login.Attempt(probes.AttemptUser, probes.ServiceDirectory); a != nil && a.Bind != nil && a.Bind.PPolicy != nil && a.Bind.PPolicy.Grace != nil {
		left = *a.Bind.PPolicy.Grace
		evidence = append(evidence, Evidence{Fact: "simple bind as the user", Observed: fmt.Sprintf("graceAuthNsRemaining %d", left), Source: a.Server, At: a.At})
	}
	if left <= 0 {
		return ok
	}
	count := fmt.Sprintf("%d last logins are", left)
	if left == 1 {
		count = "one last login is"
	}
	return Finding{Verdict: Notice, Confidence: Likely, Evidence: evidence,
		Summary: fmt.Sprintf("%s's password has expired in Open Directory; %s left, and every device uses them up.", LoginName(s), count)}
}
