package checks

import (
	"fmt"
	"time"

	"logindoctor.example/probes"
)

// ODMustChangePassword is a new password that is right and not yet of use.
var ODMustChangePassword = &Check{
	ID: "od-must-change-password", Group: GroupPassword, Title: "The password must be changed before Open Directory takes it",
	Doc: Doc{
		Says:  "I am new here; the password on my note opens the PC, but mail refuses it.",
		Tells: "On each server: newPasswordRequired in Apple's effective policy, or pwdReset TRUE; or a bind's response control says changeAfterReset.",
		Mistaken: []string{
			"A wrong password (wrong-password): here the password is right, it only has to be changed first.",
			"An expired password (od-password-expired): there it is an old one.",
		},
	},
	Source: []Source{{"pwpolicy(8), newPasswordRequired", "https://man.cameronkatri.com/pwpolicy.8"},
		{"Mac OS X Server, Open Directory administration: users cannot change passwords when authenticating for IMAP", ""},
		{"pwdReset and changeAfterReset; observed on slapd 2.5.13 with ppolicy", ""}},
	Needs: []*Need{ODAnswer}, Uses: mapping,
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Have the caller change the password where that is possible, before mail",
		Steps: []string{"Have the caller log in at a Mac's login window with the present password, and choose a new one there: mail programs cannot change it.",
			"Have the new password entered on every phone and computer."},
		Commands:   []Command{{POSIX, `pwpolicy -u {login} -setpolicy "newPasswordRequired=0"`, OwnerDirectoryAdmin}},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password again: the present one is right, and a new one would have to be changed again."},
	},
	Letter: Letter{
		Wrong: "Your company password has to be changed once before mail takes it.",
		Do: []string{"Log in at the login window of a company Mac with it, and choose a new password there; a mail program cannot change it.",
			newEverywhere},
		Leave: []string{noOtherNew},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      odMustChangePassword,
}

func odMustChangePassword(s *probes.Snapshot) Finding {
	return odQuestion("whether the password must be changed first", odMustChange, func(c *probes.PPolicy) bool { return c.Error == probes.PPolicyChangeAfterReset }).
		saying(LoginName(s)+" has to choose a new password before Open Directory lets the account in.", "The password need not be changed before it works.").judge(s)
}

func odMustChange(od *probes.ODAccount, _ time.Time) reading {
	if od.Apple != nil && !od.Reset {
		r := reading{holds: no, facts: []Evidence{appleSaid(od.Apple)}}
		r.facts[0].Expected = "newPasswordRequired false"
		if od.Apple.NewPasswordRequired || od.Apple.IsDisabled && od.Apple.DisableReason == probes.ODNewPasswordRequired {
			r.holds = yes
		}
		return r
	}
	if !od.Reset && !od.PolicySeen {
		return reading{}
	}
	r := reading{holds: no, facts: []Evidence{{Fact: "pwdReset", Observed: fmt.Sprint(od.Reset), Expected: "false"}}}
	if od.Reset {
		r.holds = yes
	}
	return r
}
