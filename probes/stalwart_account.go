package probes

import (
	"net/netip"
	"slices"
	"time"
)

// StalwartAccount is what Stalwart holds about the account under diagnosis.
type StalwartAccount struct {
	User *Observation[StalwartUser] `json:"user,omitempty" class:"parts"`
	Log  *Observation[StalwartLog]  `json:"log,omitempty" class:"parts"` // the lines that name this account
	// Bans are the addresses that failures on this login name had banned: by the name's counter, or by the address's own. While there
	// are none within the rate's time, the name is not over it.
	Bans *Observation[StalwartLog] `json:"bans,omitempty" class:"parts"`
	// Secret is what the caller's secret looks like: told without submitting it anywhere. Nil: no secret was given.
	Secret *StalwartSecret `json:"secret,omitempty" class:"parts"`
}

// StalwartUser is the account's x:Account. Found no: no account of that name, and no alias that a search finds.
type StalwartUser struct {
	Found   StalwartAnswer `json:"found" class:"public"`
	ID      string         `json:"id,omitempty" class:"internal"`
	Kind    StalwartKind   `json:"kind,omitempty" class:"public"`
	Name    string         `json:"name,omitempty" class:"personal"` // the local part
	Email   string         `json:"email,omitempty" class:"personal"`
	Aliases []string       `json:"aliases,omitempty" class:"personal"` // enabled ones, as addresses
	// Alias is set where the login is not the account's own address, but one of its aliases.
	Alias       StalwartAlias        `json:"alias,omitempty" class:"public"`
	Credentials []StalwartCredential `json:"credentials,omitempty" class:"parts"`
	CredsKnown  bool                 `json:"credentials_known" class:"public"` // the list came whole: an id that is not in it is deleted
	Permissions StalwartPermissions  `json:"permissions" class:"parts"`
	Roles       StalwartRoleChoice   `json:"roles" class:"parts"`
	GroupIDs    []string             `json:"group_ids,omitempty" class:"internal"` // groups share mailboxes; they give no permissions (S: common/src/auth/access_token.rs)
	TenantID    string               `json:"tenant_id,omitempty" class:"internal"` // Enterprise: may take permissions away that nothing here shows
	DiskUsed    int64                `json:"disk_used" class:"public"`             // bytes
	DiskLimit   int64                `json:"disk_limit" class:"public"`            // bytes; 0: none
	Others      int                  `json:"other_matches,omitempty" class:"public"`
}

// Credential finds a credential by its id; nil if there is none.
func (u StalwartUser) Credential(id string) *StalwartCredential {
	for i := range u.Credentials {
		if u.Credentials[i].ID == id {
			return &u.Credentials[i]
		}
	}
	return nil
}

// Password is the account's own password; nil if it has none (an account of an external directory may have none).
func (u StalwartUser) Password() *StalwartCredential {
	for i := range u.Credentials {
		if u.Credentials[i].Kind == StalwartPassword {
			return &u.Credentials[i]
		}
	}
	return nil
}

// StalwartKind is the account's @type. A group cannot log in.
type StalwartKind uint8

// The kinds. The zero value: one that is not known.
const (
	_ StalwartKind = iota
	StalwartPerson
	StalwartGroup
)

var stalwartKindNames = [...]string{"", "user", "group"}

func (k StalwartKind) String() string               { return name(stalwartKindNames[:], uint8(k)) }
func (k StalwartKind) MarshalText() ([]byte, error) { return marshal(stalwartKindNames[:], uint8(k)) }
func (k *StalwartKind) UnmarshalText(b []byte) error {
	return unmarshal(stalwartKindNames[:], (*uint8)(k), b)
}

// StalwartAlias is how a login that is an alias stands.
type StalwartAlias uint8

// The ways. The zero value: the login is the account's own address.
const (
	StalwartNoAlias StalwartAlias = iota
	// StalwartAliasLogin needs the permission authenticateWithAlias, but with an app password, for which it is not looked at.
	StalwartAliasLogin
	// StalwartAliasDomain is the same local part in another domain: with internal accounts the server compares local parts
	// alone, and wants no permission (S: common/src/auth/authentication.rs, `account.name != auth_as_local`).
	StalwartAliasDomain
	// StalwartAliasOff is an alias that is switched off: to a login it does not exist.
	StalwartAliasOff
)

var stalwartAliasNames = [...]string{"", "alias", "domain-alias", "disabled-alias"}

func (a StalwartAlias) String() string               { return name(stalwartAliasNames[:], uint8(a)) }
func (a StalwartAlias) MarshalText() ([]byte, error) { return marshal(stalwartAliasNames[:], uint8(a)) }
func (a *StalwartAlias) UnmarshalText(b []byte) error {
	return unmarshal(stalwartAliasNames[:], (*uint8)(a), b)
}

// StalwartCredential is one entry of x:Account.credentials. The server never shows its secret.
type StalwartCredential struct {
	ID          string                 `json:"id" class:"internal"` // credentialId; an app password bears it in its text
	Kind        StalwartCredentialKind `json:"kind" class:"public"`
	Description string                 `json:"description,omitempty" class:"personal"`
	CreatedAt   time.Time              `json:"created_at,omitzero" class:"public"`
	ExpiresAt   time.Time              `json:"expires_at,omitzero" class:"public"` // zero: never
	AllowedIPs  []StalwartMask         `json:"allowed_ips,omitempty" class:"personal"`
	Mode        StalwartGrant          `json:"mode" class:"public"`
	List        []string               `json:"list,omitempty" class:"public"` // of Mode
	OTP         StalwartAnswer         `json:"otp" class:"public"`            // of a password: a second factor is set up
	Unread      []string               `json:"unread,omitempty" class:"public"`
}

// read says that a field of the credential came in a form that is known, or was rightly absent.
func (c *StalwartCredential) read(field string) bool { return !slices.Contains(c.Unread, field) }

// Expired says whether the credential is past its end: an app password is refused then, an own password logs in and may
// do nothing but change itself.
func (c *StalwartCredential) Expired(at time.Time) StalwartAnswer {
	switch {
	case c == nil || !c.read("expiresAt"):
		return StalwartUnknown
	case !c.ExpiresAt.IsZero() && !c.ExpiresAt.After(at):
		return StalwartYes
	}
	return StalwartNo
}

// AllowsFrom says whether the credential may be used from the address. No list allows every address.
func (c *StalwartCredential) AllowsFrom(a netip.Addr) StalwartAnswer {
	switch {
	case c == nil || !c.read("allowedIps"):
		return StalwartUnknown
	case len(c.AllowedIPs) == 0:
		return StalwartYes
	}
	return anyCovers(c.AllowedIPs, a)
}

// StalwartCredentialKind is what a credential is.
type StalwartCredentialKind uint8

// The kinds. The zero value: one that is not known.
const (
	_ StalwartCredentialKind = iota
	StalwartPassword
	StalwartAppPassword
	StalwartAPIKey
)

var stalwartCredentialNames = [...]string{"", "password", "app-password", "api-key"}

func (k StalwartCredentialKind) String() string { return name(stalwartCredentialNames[:], uint8(k)) }
func (k StalwartCredentialKind) MarshalText() ([]byte, error) {
	return marshal(stalwartCredentialNames[:], uint8(k))
}
func (k *StalwartCredentialKind) UnmarshalText(b []byte) error {
	return unmarshal(stalwartCredentialNames[:], (*uint8)(k), b)
}

// StalwartGrant is how a list of permissions relates to those that were there before. Credentials have Inherit, Disable and
// Replace, accounts Inherit, Merge and Replace (S: registry/src/schema/structs.rs).
type StalwartGrant uint8

// The ways. The zero value: one that is not known, or was not told.
const (
	StalwartGrantUnknown StalwartGrant = iota
	StalwartInherit
	StalwartDisable
	StalwartMerge
	StalwartReplace
)

var stalwartGrantNames = [...]string{"unknown", "inherit", "disable", "merge", "replace"}

func (g StalwartGrant) String() string               { return name(stalwartGrantNames[:], uint8(g)) }
func (g StalwartGrant) MarshalText() ([]byte, error) { return marshal(stalwartGrantNames[:], uint8(g)) }
func (g *StalwartGrant) UnmarshalText(b []byte) error {
	return unmarshal(stalwartGrantNames[:], (*uint8)(g), b)
}

// StalwartPermissions is x:Account.permissions.
type StalwartPermissions struct {
	Mode     StalwartGrant `json:"mode" class:"public"`
	Enabled  []string      `json:"enabled,omitempty" class:"public"`
	Disabled []string      `json:"disabled,omitempty" class:"public"`
}

// StalwartRoleChoice is x:Account.roles.
type StalwartRoleChoice struct {
	Kind StalwartRoleKind `json:"kind" class:"public"`
	IDs  []string         `json:"ids,omitempty" class:"internal"` // of custom ones
}

// StalwartRoleKind says which roles an account has.
type StalwartRoleKind uint8

// The kinds. The zero value: one that is not known, or was not told.
const (
	StalwartRolesUnknown StalwartRoleKind = iota
	StalwartRolesUser                     // those of x:Authentication.defaultUserRoleIds
	StalwartRolesAdmin                    // defaultAdminRoleIds, and with a tenant defaultTenantRoleIds
	StalwartRolesDefault                  // of a group: defaultGroupRoleIds
	StalwartRolesCustom                   // those named
)

var stalwartRoleKindNames = [...]string{"unknown", "user", "admin", "default", "custom"}

func (k StalwartRoleKind) String() string { return name(stalwartRoleKindNames[:], uint8(k)) }
func (k StalwartRoleKind) MarshalText() ([]byte, error) {
	return marshal(stalwartRoleKindNames[:], uint8(k))
}
func (k *StalwartRoleKind) UnmarshalText(b []byte) error {
	return unmarshal(stalwartRoleKindNames[:], (*uint8)(k), b)
}
