package checks

import (
	"strings"
	"time"

	"logindoctor.example/probes"
)

// What the checks on Active Directory share.

// ADAnswer is what Active Directory says of the account: its object, or the sub-code of a bind as the user.
var ADAnswer = answers(ADEntry, "the user's object in Active Directory, or its answer to a bind as the user")

// adEntry is the one object that one domain controller holds for the account; nil where it could not be read or is not one.
func adEntry(d probes.DirectoryAccount) *probes.ADAccount {
	if !d.Entry.OK() || len(d.Entry.Value.Matches) != 1 {
		return nil
	}
	return d.Entry.Value.AD
}

// adQuestion asks every domain controller. code is the sub-code that says the same; zero: there is none.
func adQuestion(whether string, code probes.ADSubcode, read func(*probes.ADAccount, time.Time) reading) question {
	return question{whether: whether, product: "Active Directory",
		read: func(e *probes.DirectoryEntry, now time.Time) reading {
			if e.AD == nil {
				return reading{}
			}
			return read(e.AD, now)
		},
		said: func(b *probes.BindOutcome) bool { return code != 0 && b.Subcode == code }}
}

// adUnread says that an attribute which every user object has was not returned.
func adUnread(ad *probes.ADAccount, attribute string) bool {
	for _, a := range ad.Unread {
		if strings.EqualFold(a, attribute) {
			return true
		}
	}
	return false
}

// adState is one way for Active Directory to refuse the right password.
type adState struct {
	is      string
	code    probes.ADSubcode // zero: none says it
	read    func(*probes.ADAccount, time.Time) reading
	command string // PowerShell, with the account's name for %s
}

var adStates = []adState{
	{"is disabled", probes.SubcodeDisabled, adDisabled, "Enable-ADAccount -Identity %s"},
	{"has expired", probes.SubcodeAccountExpired, adExpired, "Clear-ADAccountExpiration -Identity %s"},
	{"is locked", probes.SubcodeLocked, adLocked, "Unlock-ADAccount -Identity %s"},
	{"has to change its password", probes.SubcodeMustChange, adMustChange, "Set-ADUser -Identity %s -ChangePasswordAtLogon $false"},
	{"has an expired password", probes.SubcodePasswordExpired, adPasswordOld, "Set-ADAccountPassword -Identity %s -Reset"},
	{"may not log in at this hour", probes.SubcodeLogonHours, adHours, "Set-ADUser -Identity %s -Clear logonHours"},
	{"may log in with a smart card only", 0, adSmartcard, "Set-ADUser -Identity %s -SmartcardLogonRequired $false"},
	{"may log in from named computers only", probes.SubcodeWorkstation, adWorkstations, "Set-ADUser -Identity %s -LogonWorkstations $null"},
}

// adWorkstations: whether the mail server counts among the named computers, the list alone does not tell. Most accounts have
// none; only a reader who does not see userAccountControl either is taken for one who may not see it.
func adWorkstations(ad *probes.ADAccount, _ time.Time) reading {
	switch {
	case ad.Workstations == "" && ad.Control == nil:
		return reading{}
	case ad.Workstations == "":
		return reading{holds: no, facts: []Evidence{{Fact: "userWorkstations", Observed: "not set (any computer)"}}}
	}
	return reading{why: probes.Unclear, facts: []Evidence{{Fact: "userWorkstations", Observed: ad.Workstations}}}
}

// adBarred says that some domain controller holds a state of the account that keeps the right password out from anywhere.
func adBarred(s *probes.Snapshot) bool {
	for _, d := range s.Account.Directory {
		ad := adEntry(d)
		if ad == nil {
			continue
		}
		for _, k := range adStates {
			if k.code != probes.SubcodeWorkstation && k.read(ad, seenAt(s, d.Entry.At)).holds == yes {
				return true
			}
		}
	}
	return false
}

// unexplainedByAD is this run's refused login at the mail server, where Active Directory neither counted the password as a
// wrong one, nor answered a bind itself, nor holds another state of the account that refuses it.
func unexplainedByAD(s *probes.Snapshot) *probes.Attempt {
	moved, _ := counterMoved(s)
	if bound := s.Login.Attempt(probes.AttemptUser, probes.ServiceDirectory); moved || bound != nil && bound.Bind != nil || adBarred(s) {
		return nil
	}
	return refusedPassword(s)
}

// stamp is a time as evidence shows it: UTC.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// clock is a time in a summary. The writers show it in local time where they can; the form is fixed so that they find it.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
