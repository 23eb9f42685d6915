package checks

import (
	"fmt"
	"time"

	"logindoctor.example/probes"
)

// What the checks on Open Directory share.

// ODAnswer is what Open Directory says of the account: its record, or the response control of a bind as the user.
var ODAnswer = answers(ODEntry, "the user's record in Open Directory, or its answer to a bind as the user")

// odQuestion asks every server of Open Directory. said reads a bind's response control; what a bind's result alone says
// (49, or 50 on a Mac) stands for every reason alike.
func odQuestion(whether string, read func(*probes.ODAccount, time.Time) reading, said func(*probes.PPolicy) bool) question {
	return question{whether: whether, product: "Open Directory",
		read: func(e *probes.DirectoryEntry, now time.Time) reading {
			if e.OD == nil {
				return reading{}
			}
			return read(e.OD, now)
		},
		said: func(b *probes.BindOutcome) bool { return b.PPolicy != nil && said(b.PPolicy) }}
}

// odEntry is the one record that one server holds for the account; nil where it could not be read or is not one.
func odEntry(d probes.DirectoryAccount) *probes.ODAccount {
	if !d.Entry.OK() || len(d.Entry.Value.Matches) != 1 {
		return nil
	}
	return d.Entry.Value.OD
}

// odPolicy is the policy that applies; nil where it could not be read.
func odPolicy(od *probes.ODAccount) *probes.LockoutPolicy {
	if od.Lockout == nil || od.Lockout.Origin == probes.PolicyHidden {
		return nil
	}
	return od.Lockout
}

// odDates is a record outside its pwdStartTime and pwdEndTime: the response control calls that locked too (observed on slapd 2.5).
func odDates(od *probes.ODAccount, now time.Time) reading {
	switch {
	case od.StartTime != nil && od.StartTime.After(now):
		return reading{holds: yes, facts: []Evidence{{Fact: "pwdStartTime", Observed: stamp(*od.StartTime), Expected: "past"}}}
	case od.EndTime != nil && !od.EndTime.After(now):
		return reading{holds: yes, facts: []Evidence{{Fact: "pwdEndTime", Observed: stamp(*od.EndTime), Expected: "to come"}}}
	case !od.PolicySeen:
		return reading{}
	}
	return reading{holds: no}
}

// appleSaid is Apple's effective policy as evidence.
func appleSaid(p *probes.ApplePolicy) Evidence {
	return Evidence{Fact: "apple-user-passwordpolicy-effective", Expected: "isDisabled false",
		Observed: fmt.Sprintf("isDisabled %t, effectiveDisableReason %d, newPasswordRequired %t", p.IsDisabled, p.DisableReason, p.NewPasswordRequired)}
}

// appleDisabled answers whether Apple's policy disabled the account for this reason.
func appleDisabled(p *probes.ApplePolicy, reason int) reading {
	r := reading{holds: no, facts: []Evidence{appleSaid(p)}}
	switch {
	case p.IsDisabled && p.DisableReason == reason:
		r.holds = yes
	case p.IsDisabled && (p.DisableReason < probes.ODDisabledByAdmin || p.DisableReason > probes.ODNewPasswordRequired):
		r.holds, r.why = unknown, probes.Unclear
	}
	return r
}

// odBarred says that some server of Open Directory holds a state of the account that keeps the right password out.
func odBarred(s *probes.Snapshot) bool {
	for _, d := range s.Account.Directory {
		od := odEntry(d)
		if od == nil {
			continue
		}
		for _, read := range []func(*probes.ODAccount, time.Time) reading{odLocked, odExpired, odMustChange, odDisabled} {
			if read(od, seenAt(s, d.Entry.At)).holds == yes {
				return true
			}
		}
	}
	return false
}
