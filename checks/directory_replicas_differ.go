package checks

import (
	"fmt"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// DirectoryReplicasDiffer is a change that has not come to every server of the directory.
var DirectoryReplicasDiffer = &Check{
	ID: "directory-replicas-differ", Group: GroupDirectory, Title: "The directory's servers disagree about this account",
	Doc: Doc{
		Says:  "My new password works on the PC, and mail refuses it.",
		Tells: "What is replicated is read on every server of the profile and compared: whether there is such an entry, when the password was set, whether the account is locked, disabled or past its date. Where the password's date or the entry itself differs and a login was refused that no other state of the account explains, that is likely the reason; everything else is told as a notice.",
		Mistaken: []string{
			"Counters that differ (badPwdCount, badPasswordTime, lastLogon): they are not replicated, and no fault.",
			"A wrong password (wrong-password): here the right one is refused by the server that has the old one.",
			"A lock or a disabled account on one server: that check names the cause, and this one that the others do not know of it.",
			"A change of a moment ago: between sites it may take hours, as the site links are set.",
		},
	},
	Source: []Source{{"MS-ADTS 3.1.1.5.1.7, urgent replication: lockoutTime, pwdLastSet and userAccountControl", "https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-adts/2613d001-9c92-4190-8493-70748d33c2c0"},
		{"badPwdCount is not replicated (MS-ADA1)", "https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-ada1/16b90560-0dc4-4e36-be2f-f97f5e764a6c"},
		{"ppolicy keeps a consumer's failures and locks to itself: slapo-ppolicy(5), ppolicy_forward_updates", "https://www.openldap.org/software/man.cgi?query=slapo-ppolicy"}},
	Needs: []*Need{DirectoryCopies}, Uses: mapping,
	Owner: OwnerDirectoryAdmin, Scope: ScopeUser,
	Remedy: replicasRemedy,
	Letter: Letter{
		Wrong: "Not every server of your company's directory knows the present state of your account.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      directoryReplicasDiffer,
}

var replicasRemedy = Remedy{
	Do: "Have the directory's servers replicate, and look why they have not",
	Steps: []string{"Look in the evidence which server has the older state.",
		"Wait for as long as replication takes between these servers, and run logindoctor again.",
		"If they still differ, look for errors of replication, and start it by hand.",
		"Until then the mail server may ask the server that has the present state."},
	Commands:   []Command{{PowerShell, "repadmin /replsummary", OwnerDirectoryAdmin}, {PowerShell, "repadmin /syncall /AdeP", OwnerDirectoryAdmin}},
	Disruption: "none",
	DoNot:      []string{"Do not reset the password again: the new one would have to travel the same way."},
}

// DirectoryCopies is the account's entry on each server.
var DirectoryCopies = answers(DirectoryEntry, "the user's entry on each server of the directory")

// copied is one thing that every server has to hold alike. read gives it as text; false: it is not shown.
type copied struct {
	fact, differs string
	read          func(*probes.DirectoryEntry, time.Time) (string, bool)
	password      bool // where it differs, one server refuses what another accepts, and no state of the account says so
}

var copiedFacts = []copied{
	{"entry", "whether there is such an entry", func(e *probes.DirectoryEntry, _ time.Time) (string, bool) {
		if len(e.Matches) == 0 {
			return "none", true
		}
		return "there is one", true
	}, true},
	{"date of the password", "when the password was set", func(e *probes.DirectoryEntry, _ time.Time) (string, bool) {
		switch {
		case e.AD != nil && e.AD.MustChange:
			return "to be changed at the next login", true
		case e.AD != nil:
			return shown(e.AD.PwdLastSet, "", e.AD.PwdLastSet != nil)
		}
		return shown(e.OD.Changed, "not kept", e.OD.Changed != nil || e.OD.PolicySeen)
	}, true},
	{"disabled", "whether the account is disabled", asked(adDisabled, odSwitchedOff), false},
	// A lock of Open Directory is each server's own (slapo-ppolicy(5)).
	{"locked", "whether the account is locked", asked(adLocked, func(*probes.ODAccount, time.Time) reading { return reading{holds: no} }), false},
	{"end of the account", "when the account ends", func(e *probes.DirectoryEntry, _ time.Time) (string, bool) {
		if e.AD != nil {
			return shown(e.AD.AccountExpires, "never", e.AD.AccountExpires != nil || !adUnread(e.AD, "accountExpires"))
		}
		return shown(e.OD.EndTime, "never", true)
	}, false},
}

// shown is a time with all that the directory holds of it: what was replicated is equal to the last digit.
func shown(t *time.Time, without string, seen bool) (string, bool) {
	if t == nil {
		return without, seen
	}
	return t.UTC().Format(time.RFC3339Nano), seen
}

// asked makes yes or no of a question that a check of its own asks.
func asked(ad func(*probes.ADAccount, time.Time) reading, od func(*probes.ODAccount, time.Time) reading) func(*probes.DirectoryEntry, time.Time) (string, bool) {
	return func(e *probes.DirectoryEntry, now time.Time) (string, bool) {
		var r reading
		if e.AD != nil {
			r = ad(e.AD, now)
		} else {
			r = od(e.OD, now)
		}
		return map[answerOf]string{yes: "yes", no: "no"}[r.holds], r.holds != unknown
	}
}

// odSwitchedOff is a record that somebody disabled.
func odSwitchedOff(od *probes.ODAccount, _ time.Time) reading {
	switch {
	case od.DisabledUser || od.Apple != nil && od.Apple.IsDisabled && od.Apple.DisableReason == probes.ODDisabledByAdmin:
		return reading{holds: yes}
	case od.Apple == nil && !od.PolicySeen:
		return reading{}
	}
	return reading{holds: no}
}

func directoryReplicasDiffer(s *probes.Snapshot) Finding {
	if max(len(s.Target.Directory.Servers), len(s.Account.Directory)) < 2 {
		return Finding{Verdict: NotApplicable, Summary: "The profile names one server of the directory, so there is nothing to compare."}
	}
	f := Finding{Verdict: Notice, Confidence: Certain}
	var differs []string
	password := false
	open := copiesUnread(s)
	for _, c := range copiedFacts {
		said, alike, hidden := c.compare(s)
		if open == nil && hidden != nil {
			open = hidden
		}
		if !alike {
			f.Evidence, differs, password = append(f.Evidence, said...), append(differs, c.differs), password || c.password
		}
	}
	if s.Target.Directory.Kind == probes.OpenDirectory {
		r := replicasRemedy
		r.Commands = nil // they are Active Directory's
		f.Remedy = &r
	}
	refused := refusedPassword(s)
	f.Summary = fmt.Sprintf("The directory's servers disagree about %s: %s.", LoginName(s), strings.Join(differs, ", "))
	switch {
	case len(differs) == 0 && open != nil:
		return whereChecked(s, *open)
	case len(differs) == 0:
		return Finding{Verdict: OK, Summary: "Every server of the directory holds the same of this account."}
	case password && refused != nil && !adBarred(s) && !odBarred(s):
		f.Verdict, f.Confidence, f.Evidence = Problem, Likely, append(f.Evidence, said(refused))
		f.Summary = strings.TrimSuffix(f.Summary, ".") + "; the one that the mail server asks may not know the present password."
		return byMapping(s, f)
	}
	return f
}

// compare holds the servers that were read against each other.
func (c copied) compare(s *probes.Snapshot) (said []Evidence, alike bool, hidden *Finding) {
	alike = true
	for _, d := range s.Account.Directory {
		if !d.Entry.OK() || len(d.Entry.Value.Matches) > 1 || c.fact != "entry" && d.Entry.Value.AD == nil && d.Entry.Value.OD == nil {
			continue
		}
		v, seen := c.read(&d.Entry.Value, seenAt(s, d.Entry.At))
		if !seen {
			f := undetermined(&probes.Look{What: c.fact, Why: probes.NotPermitted, Source: d.Server, At: d.Entry.At}, "whether the directory's servers hold the same is not known: the reader may not see "+c.differs)
			hidden = &f
			continue
		}
		said = append(said, Evidence{Fact: c.fact, Observed: v, Expected: "the same on every server", Source: d.Server, At: d.Entry.At})
		alike = alike && v == said[0].Observed
	}
	return said, alike, hidden
}

// copiesUnread is the answer where a server gave neither one entry nor the word that there is none.
func copiesUnread(s *probes.Snapshot) *Finding {
	q := question{whether: "whether the directory's servers hold the same of this account", product: "the directory"}
	for _, d := range s.Account.Directory {
		if !d.Entry.OK() || len(d.Entry.Value.Matches) > 1 {
			return q.oneEntry(d)
		}
	}
	if len(s.Account.Directory) < len(s.Target.Directory.Servers) {
		f := undetermined(&probes.Look{What: "search for the account", Why: probes.Unclear, Source: s.Target.Directory.Servers[len(s.Account.Directory)]}, q.whether+" is not known: not every server was asked")
		return &f
	}
	return nil
}
