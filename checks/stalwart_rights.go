package checks

import (
	"fmt"
	"slices"
	"strings"

	"logindoctor.example/probes"
)

// What an account may do at Stalwart, as the checks on its permissions see it.

// stalwartWord is the account, or Stalwart's own word to this run's login: it names the permission that is missing.
var stalwartWord = &Need{Name: "the account (x:Account), or what ManageSieve says to a login", Missing: noStalwart, configured: hasStalwart,
	looks: func(s *probes.Snapshot) []*probes.Look {
		all := StalwartUser.looks(s)
		if words, e := loudRefusal(s); words != "" {
			all = append(all, &probes.Look{Probe: probes.ProbeLogin, What: e.Fact, Source: e.Source, At: e.At})
		}
		return all
	},
	hand: handAll(StalwartUser, Attempts)}

// personFound is stalwartFound for what concerns people only: nobody logs in as a group.
func personFound(s *probes.Snapshot, whether string) (u probes.StalwartUser, f Finding, ok bool) {
	if u, f, ok = stalwartFound(s, whether); ok && u.Kind == probes.StalwartGroup {
		return u, Finding{Verdict: NotApplicable, Summary: "The name is a group's, as which nobody logs in."}, false
	}
	return u, f, ok
}

// roleName is a role as administrators know it.
func roleName(s *probes.Snapshot, id string) string {
	if s.Stalwart != nil && s.Stalwart.Roles.OK() {
		for _, r := range s.Stalwart.Roles.Value.Rows {
			if r.ID == id && r.Name != "" {
				return fmt.Sprintf("%q", r.Name)
			}
		}
	}
	return id
}

// rightSaid is what decides about a permission of the account, as the objects show it.
func rightSaid(s *probes.Snapshot, u probes.StalwartUser, r probes.StalwartRight, permission string) Evidence {
	e := userSaid(s, "permission "+permission, r.Answer.String(), "yes")
	switch {
	case r.By == probes.StalwartByAccount && r.Answer == probes.StalwartNo:
		e.Observed = "in disabledPermissions of the account"
	case r.By == probes.StalwartByRole:
		e.Observed = "in enabledPermissions of the role " + roleName(s, r.RoleID)
		if r.Answer == probes.StalwartNo {
			e.Observed = "in disabledPermissions of the role " + roleName(s, r.RoleID)
		}
		e.Source, e.At = s.Stalwart.Roles.Source, s.Stalwart.Roles.At
	case r.Answer == probes.StalwartNo && u.Permissions.Mode == probes.StalwartReplace:
		e.Observed = "the account's own list (Replace) does not hold it"
	case r.Answer == probes.StalwartNo:
		e.Observed = "no role of the account grants it"
	case r.Why != "":
		e.Observed = "not seen: " + r.Why
	}
	return e
}

// takenBy is the same in a summary.
func takenBy(s *probes.Snapshot, r probes.StalwartRight) string {
	switch r.By {
	case probes.StalwartByAccount:
		return "the account's own settings take it away"
	case probes.StalwartByRole:
		return fmt.Sprintf("the role %s takes it away, from everyone who has that role", roleName(s, r.RoleID))
	}
	return "nothing grants it to the account"
}

// listsTake names the account's app passwords and API keys whose own lists leave a permission out; all says that every list is known.
func listsTake(s *probes.Snapshot, u probes.StalwartUser, permission string) (names []string, all bool) {
	all = u.CredsKnown
	for i := range u.Credentials {
		c := &u.Credentials[i]
		switch {
		case c.Kind == probes.StalwartPassword:
		case s.Stalwart.Right(u, c, permission).By == probes.StalwartByCredential:
			names = append(names, credentialName(c))
		case c.Mode == probes.StalwartGrantUnknown || slices.Contains(c.Unread, "permissions"):
			all = false
		}
	}
	return names, all
}

// lacked are the lines of the log that refuse the account for want of a permission.
func lacked(s *probes.Snapshot, permission string) (out []probes.StalwartLogEvent) {
	for _, e := range stalwartRecent(s, probes.StalwartLogUnauthorized) {
		if strings.EqualFold(e.Details, permission) {
			out = append(out, e)
		}
	}
	return out
}

// lackedByAccount are those lines where nothing but the account's own rights can be meant: no list of an app password leaves the
// permission out, and the own password has not expired, which takes all but authenticate away.
func lackedByAccount(s *probes.Snapshot, u probes.StalwartUser, permission string) []probes.StalwartLogEvent {
	names, all := listsTake(s, u, permission)
	reduced := permission != probes.StalwartMayLogin && u.Password() != nil && u.Password().Expired(judgedAt(s)) != probes.StalwartNo
	if len(names) > 0 || !all || reduced {
		return nil
	}
	return lacked(s, permission)
}

// rightUnknown is the answer where a part of what decides was not seen. A connection that just closed fits, and proves nothing.
func rightUnknown(s *probes.Snapshot, r probes.StalwartRight, e Evidence, whether string) Finding {
	f := undetermined(rightLook(s, r), whether+" is not known: "+r.Why+" could not be seen")
	f.Evidence = append(f.Evidence, e)
	if a := closedMute(s); a != nil {
		f.Evidence = append(f.Evidence, said(a))
	}
	return f
}

// rightLook is the look at the object behind an unknown permission.
func rightLook(s *probes.Snapshot, r probes.StalwartRight) *probes.Look {
	if s.Stalwart != nil {
		look := lookOf(s.Stalwart.Roles)
		if r.Why == "the default roles" {
			look = lookOf(s.Stalwart.Authentication)
		}
		if look != nil && look.Why != probes.Seen {
			return look
		}
	}
	look := s.Account.Stalwart.User.Look
	look.Why, look.Words = probes.Unclear, "not seen: "+r.Why
	return &look
}

// seeAccount shows what decides about the account's permissions.
func seeAccount(s *probes.Snapshot) Command {
	id := "ID"
	if _, ok := userRead(s); ok && s.Account.Stalwart.User.Value.ID != "" {
		id = quote(POSIX, s.Account.Stalwart.User.Value.ID)
	}
	return Command{POSIX, "stalwart-cli get Account " + id + " --fields permissions,roles,credentials --json", OwnerMailAdmin}
}

// remedyWith is the check's remedy with a command for this account.
func remedyWith(r Remedy, commands ...Command) *Remedy {
	r.Commands = commands
	return &r
}
