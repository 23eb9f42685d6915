package probes

import "slices"

// The permissions that decide about a login (W: ref/permissions.md; which protocol asks for which:
// S: imap/src/op/authenticate.rs, managesieve/src/op/authenticate.rs, smtp/src/inbound/auth.rs, pop3/src/op/authenticate.rs).
const (
	StalwartMayLogin = "authenticate"          // asked first, by every protocol; without it an account is what is called disabled
	StalwartMayAlias = "authenticateWithAlias" // to log in with an alias
	StalwartMayIMAP  = "imapAuthenticate"
	StalwartMaySieve = "sieveAuthenticate"
	StalwartMayPOP3  = "pop3Authenticate"
	StalwartMaySMTP  = "emailSend"
)

// StalwartRight says whether a login has a permission, and what decided.
type StalwartRight struct {
	Answer StalwartAnswer
	By     StalwartDecider
	RoleID string // of a role that disables it
	Why    string // of an unknown one: what could not be seen
}

// StalwartDecider is what grants or takes a permission.
type StalwartDecider uint8

// The deciders. The zero value: nothing grants it.
const (
	StalwartByNothing    StalwartDecider = iota
	StalwartByAccount                    // the account's own list
	StalwartByRole                       // one of its roles
	StalwartByCredential                 // the list of the credential that is used
)

var stalwartDeciderNames = [...]string{"nothing", "account", "role", "credential"}

func (d StalwartDecider) String() string { return name(stalwartDeciderNames[:], uint8(d)) }

// Right says whether this account may do what the permission names, with the credential c; nil: with its own password, or
// whichever. What is disabled anywhere is disabled, whatever enables it. S: common/src/auth/permissions.rs
// (effective_permissions, add_role_permissions), common/src/auth/access_token.rs (a credential's list).
func (s *StalwartServer) Right(u StalwartUser, c *StalwartCredential, permission string) StalwartRight {
	r := s.account(u, permission)
	if c == nil || c.Kind == StalwartPassword {
		return r // an own password has no list
	}
	excludes := c.Excludes(permission)
	switch {
	case r.Answer == StalwartNo:
		return r // a credential's list adds nothing to the account's
	case excludes == StalwartUnknown:
		return StalwartRight{Answer: StalwartUnknown, Why: "the permissions of the credential"}
	case excludes == StalwartYes:
		return StalwartRight{Answer: StalwartNo, By: StalwartByCredential}
	}
	return r
}

// Excludes says whether the credential's own list takes the permission away, whatever the account has.
func (c *StalwartCredential) Excludes(permission string) StalwartAnswer {
	switch {
	case c == nil || !c.read("permissions") || c.Mode == StalwartGrantUnknown:
		return StalwartUnknown
	case c.Mode == StalwartDisable && slices.Contains(c.List, permission), c.Mode == StalwartReplace && !slices.Contains(c.List, permission):
		return StalwartYes
	}
	return StalwartNo
}

// account is Right for the account itself.
func (s *StalwartServer) account(u StalwartUser, permission string) StalwartRight {
	p := u.Permissions
	if p.Mode == StalwartGrantUnknown || p.Mode == StalwartDisable {
		return StalwartRight{Why: "the permissions of the account"}
	}
	own := p.Mode != StalwartInherit
	if own && slices.Contains(p.Disabled, permission) {
		return StalwartRight{Answer: StalwartNo, By: StalwartByAccount}
	}
	granted := StalwartRight{Answer: StalwartNo}
	if own && slices.Contains(p.Enabled, permission) {
		granted = StalwartRight{Answer: StalwartYes, By: StalwartByAccount}
	}
	missing := ""
	if p.Mode != StalwartReplace {
		var by StalwartRight
		if by, missing = s.roles(u, permission); by.By == StalwartByRole && by.Answer == StalwartNo {
			return by
		} else if granted.Answer != StalwartYes {
			granted = by
		}
	}
	switch {
	case missing != "": // a role that was not seen may disable, or enable
		return StalwartRight{Why: missing}
	case u.TenantID != "" && granted.Answer == StalwartYes:
		return StalwartRight{Why: "the permissions of the tenant"}
	}
	return granted
}

// roles walks the account's roles and those that they extend. missing names what could not be seen of them.
func (s *StalwartServer) roles(u StalwartUser, permission string) (r StalwartRight, missing string) {
	r = StalwartRight{Answer: StalwartNo}
	ids, missing := s.roleIDs(u)
	if missing != "" {
		return r, missing
	}
	if len(ids) == 0 {
		return r, ""
	}
	if s == nil || !s.Roles.OK() {
		return r, "the roles"
	}
	seen := map[string]bool{}
	for len(ids) > 0 {
		id := ids[0]
		ids = ids[1:]
		if seen[id] {
			continue
		}
		seen[id] = true
		role := s.Roles.Value.role(id)
		switch {
		case role == nil:
			missing = "the role " + id
			continue
		case slices.Contains(role.Disabled, permission):
			return StalwartRight{Answer: StalwartNo, By: StalwartByRole, RoleID: id}, ""
		case slices.Contains(role.Enabled, permission):
			r = StalwartRight{Answer: StalwartYes, By: StalwartByRole, RoleID: id}
		}
		ids = append(ids, role.Extends...)
	}
	return r, missing
}

func (s *StalwartServer) roleIDs(u StalwartUser) (ids []string, missing string) {
	if u.Roles.Kind == StalwartRolesCustom {
		return slices.Clone(u.Roles.IDs), ""
	}
	if u.Roles.Kind == StalwartRolesUnknown {
		return nil, "the roles of the account"
	}
	if s == nil || !s.Authentication.OK() {
		return nil, "the default roles"
	}
	a := s.Authentication.Value
	switch {
	case u.Roles.Kind == StalwartRolesUser:
		ids = a.UserRoleIDs
	case u.Roles.Kind == StalwartRolesDefault:
		ids = a.GroupRoleIDs
	case u.TenantID != "":
		ids = a.TenantRoleIDs
	default:
		ids = a.AdminRoleIDs
	}
	return slices.Clone(ids), ""
}

func (r StalwartRoles) role(id string) *StalwartRole {
	for i := range r.Rows {
		if r.Rows[i].ID == id {
			return &r.Rows[i]
		}
	}
	return nil
}

// Checks says which directory checks this account's own password: its id, or empty for the internal one; known is false where
// it was not seen. App passwords are checked by none: they are the server's own. A domain's own directory counts in the
// Enterprise edition alone, which nothing here tells: where one is named that differs, it is not known.
func (s *StalwartServer) Checks() (directoryID string, known bool) {
	if s == nil || !s.Authentication.OK() {
		return "", false
	}
	id := s.Authentication.Value.DirectoryID
	if s.Domain.OK() && s.Domain.Value.DirectoryID != "" && s.Domain.Value.DirectoryID != id {
		return "", false
	}
	return id, true
}

// Directory is the one that Checks names; nil where there is none, or it was not seen.
func (s *StalwartServer) Directory() *StalwartDirectory {
	id, known := s.Checks()
	if !known || id == "" || !s.Directories.OK() {
		return nil
	}
	for i := range s.Directories.Value {
		if s.Directories.Value[i].ID == id {
			return &s.Directories.Value[i]
		}
	}
	return nil
}
