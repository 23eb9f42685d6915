package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// KerioOpenedFolders is the first thing that the vendor's page has people look at.
var KerioOpenedFolders = &Check{
	ID: "kerio-opened-folders", Group: GroupFolders, Title: "Opened folders have a reference count of 10 or more",
	Doc: Doc{
		Says:  "Logging in hangs for ever and then fails. Since this morning, and only for me.",
		Tells: "Server.getOpenedFoldersInfo: a folder in the user's own mailbox with a reference count of 10 or more. In good health a folder that many people share may have that too, so one whose users are mostly others is only a notice.",
		Mistaken: []string{
			"A locked account: that is refused at once; here the login is slow, or hangs.",
			"A damaged index: there the login works and the folder is empty.",
			"Too many users for the licence: a restart makes that vanish for a while too.",
		},
	},
	Source: []Source{{"User cannot login to their email account (MAN-1051): 10 or higher", "https://manuals.gfi.com/en/kerio/connect/content/troubleshooting/kerio-connect-user-cannot-login-to-their-email-account-1051.html"}},
	Needs:  []*Need{KerioFolders}, Uses: []*Need{KerioUser, KerioConnections},
	Owner: OwnerMailAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Close this user's mail programs first; only if the counts stay, stop and start Kerio Connect out of hours",
		Steps: []string{"Have the caller close mail on every device, and wait a few minutes.",
			"Look at Status > Opened Folders again: if the counts have fallen, log in once.",
			"If not, agree on a time with everyone, then stop and start Kerio Connect: the vendor names no other way to reset the counts.",
			"If it comes back, hand the case to GFI support with this report."},
		Disruption: "closing this user's programs disturbs nobody else; stopping and starting Kerio Connect cuts everyone off until it runs again",
		DoNot:      []string{"Do not restart Kerio Connect in working hours for one user.", "Do not reset the password: it was not at fault."},
	},
	Letter: Letter{
		Wrong: "The mail server holds too many connections to your folders, and new logins get stuck.",
		Do: []string{"Close mail on every phone, tablet and computer, and tell the helpdesk when that is done.",
			"Log in again once the helpdesk asks you to."},
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword, IMAPMailboxUnavailable},
	Run:      kerioOpenedFolders,
}

func kerioOpenedFolders(s *probes.Snapshot) Finding {
	folders := s.Account.Kerio.Folders
	var own, shared, foreign []Evidence
	var worst, highest probes.KerioFolder
	for _, r := range folders.Value.Rows {
		if highest.Name == "" || r.References > highest.References {
			highest = r
		}
		if r.References < probes.KerioFolderThreshold {
			continue
		}
		e := Evidence{Fact: "referenceCount of " + r.Name, Observed: fmt.Sprintf("%d, open by %d users", r.References, r.Users),
			Expected: fmt.Sprintf("under %d", probes.KerioFolderThreshold), Source: folders.Source, At: folders.At}
		switch {
		case !r.Own:
			foreign = append(foreign, e)
		case mostlyOthers(r):
			shared = append(shared, e)
		default:
			own = append(own, e)
			if r.References > worst.References {
				worst = r
			}
		}
	}
	f := Finding{Verdict: Notice, Confidence: Possible, Evidence: append(append(own, shared...), foreign...)}
	switch {
	case len(own) > 0:
		f.Verdict, f.Confidence, f.Impact = Problem, Likely, kerioRestart(s, closeOwn(s))
		f.Summary = fmt.Sprintf("%s has %d references; from %d on logins hang or fail.", worst.Name, worst.References, probes.KerioFolderThreshold)
	case len(shared) > 0:
		f.Summary = fmt.Sprintf("A folder of %s is held open %d times or more, mostly by others who share it; many readers alone may make that.", LoginName(s), probes.KerioFolderThreshold)
	case len(foreign) > 0:
		f.Summary = fmt.Sprintf("A folder of somebody else that %s has open is held open %d times or more.", LoginName(s), probes.KerioFolderThreshold)
	default:
		return noOpenedFolders(folders, highest)
	}
	return f
}

func noOpenedFolders(folders *probes.Observation[probes.KerioFolders], highest probes.KerioFolder) Finding {
	f := Finding{Verdict: OK, Summary: "No folder of this user is open.",
		Evidence: []Evidence{{Fact: "opened folders of all users", Observed: fmt.Sprintf("%d", folders.Value.Total), Source: folders.Source, At: folders.At}}}
	if highest.Name != "" {
		f.Summary = fmt.Sprintf("The highest reference count is %d (%s).", highest.References, highest.Name)
	}
	return f
}

// mostlyOthers says that more than half of those who have the folder open are other people.
func mostlyOthers(r probes.KerioFolder) bool {
	others := r.Users
	if r.OpenByUser {
		others--
	}
	return 2*others > r.Users
}
