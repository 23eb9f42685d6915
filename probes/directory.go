package probes

import "time"

// DirectoryServer is what one directory server told of itself: one domain controller, or one Open Directory replica.
type DirectoryServer struct {
	URL         string                       `json:"url" class:"internal"`
	Reach       *Reach                       `json:"reach,omitempty" class:"parts"`
	Bind        *Observation[BindOutcome]    `json:"bind,omitempty" class:"parts"` // as logindoctor's reader
	Root        *Observation[RootDSE]        `json:"root,omitempty" class:"parts"`
	Policy      *Observation[LockoutPolicy]  `json:"policy,omitempty" class:"parts"`       // what the domain sets for everyone
	BindAccount *Observation[DirectoryEntry] `json:"bind_account,omitempty" class:"parts"` // the mail server's bind account
	BindTest    *Observation[BindOutcome]    `json:"bind_test,omitempty" class:"parts"`    // our bind with mail_server_bind; an attempt
}

// RootDSE is what the server says of itself to anyone (RFC 4512 §5.1).
type RootDSE struct {
	Time         time.Time `json:"time,omitzero" class:"public"` // currentTime (AD)
	Vendor       string    `json:"vendor,omitempty" class:"public"`
	HostName     string    `json:"host_name,omitempty" class:"internal"`
	IsAD         bool      `json:"is_ad" class:"public"` // supportedCapabilities holds 1.2.840.113556.1.4.800
	DefaultBase  string    `json:"default_base,omitempty" class:"internal"`
	ControlsSeen []string  `json:"controls,omitempty" class:"public"` // supportedControl
}

// LockoutPolicy is after how many failures an account is locked, and for how long.
type LockoutPolicy struct {
	Threshold  int          `json:"threshold" class:"public"`            // 0: never locks
	DurationMS int64        `json:"duration_ms" class:"public"`          // 0: until an administrator unlocks it
	WindowMS   int64        `json:"window_ms" class:"public"`            // failures older than this do not count; 0: they count until a success
	MaxAgeMS   int64        `json:"max_age_ms,omitempty" class:"public"` // of a password; 0: never expires
	Origin     PolicyOrigin `json:"origin" class:"public"`
	DN         string       `json:"dn,omitempty" class:"internal"`
	Grace      int          `json:"grace,omitempty" class:"public"` // logins granted after expiry; each bind uses one up
}

// PolicyOrigin is where a lockout policy comes from.
type PolicyOrigin uint8

// The origins. Hidden: a fine-grained policy applies that the reader may not read.
const (
	_ PolicyOrigin = iota
	PolicyDomain
	PolicyFineGrained
	PolicyHidden
)

var policyOriginNames = [...]string{"", "domain", "fine-grained", "hidden"}

func (o PolicyOrigin) String() string               { return name(policyOriginNames[:], uint8(o)) }
func (o PolicyOrigin) MarshalText() ([]byte, error) { return marshal(policyOriginNames[:], uint8(o)) }
func (o *PolicyOrigin) UnmarshalText(b []byte) error {
	return unmarshal(policyOriginNames[:], (*uint8)(o), b)
}

// DirectoryAccount is what one directory server holds about the account.
type DirectoryAccount struct {
	Server string                          `json:"server" class:"internal"`
	Entry  *Observation[DirectoryEntry]    `json:"entry,omitempty" class:"parts"`
	After  *Observation[DirectoryCounters] `json:"after,omitempty" class:"parts"` // read again after a refused attempt
}

// DirectoryEntry is one entry, or the fact that there is none or more than one.
type DirectoryEntry struct {
	Matches []string   `json:"matches" class:"personal"` // the DNs found; exactly one: AD or OD is set
	AD      *ADAccount `json:"ad,omitempty" class:"parts"`
	OD      *ODAccount `json:"od,omitempty" class:"parts"`
}

// DirectoryCounters are the few attributes that an attempt moves.
type DirectoryCounters struct {
	BadPwdCount     *int       `json:"bad_pwd_count,omitempty" class:"public"`
	BadPasswordTime *time.Time `json:"bad_password_time,omitempty" class:"public"`
	LockoutTime     *time.Time `json:"lockout_time,omitempty" class:"public"`
	LockedForGood   bool       `json:"locked_for_good,omitempty" class:"public"` // Open Directory: until an administrator resets it; LockoutTime is nil then
}

// ADAccount is a user object of Active Directory. A nil pointer: the attribute was not returned.
// Attribute names are MS-ADA1..3's; FILETIMEs are made times in UTC, with never and not-set as nil.
type ADAccount struct {
	DN              string         `json:"dn" class:"personal"`
	Login           string         `json:"login" class:"personal"` // sAMAccountName
	UPN             string         `json:"upn,omitempty" class:"personal"`
	Mail            []string       `json:"mail,omitempty" class:"personal"`
	Control         *uint32        `json:"control,omitempty" class:"public"`          // userAccountControl
	ControlComputed *uint32        `json:"control_computed,omitempty" class:"public"` // msDS-User-Account-Control-Computed
	LockoutTime     *time.Time     `json:"lockout_time,omitempty" class:"public"`     // nil: never locked, or unlocked
	BadPwdCount     *int           `json:"bad_pwd_count,omitempty" class:"public"`    // of this domain controller alone
	BadPasswordTime *time.Time     `json:"bad_password_time,omitempty" class:"public"`
	PwdLastSet      *time.Time     `json:"pwd_last_set,omitempty" class:"public"`
	MustChange      bool           `json:"must_change,omitempty" class:"public"`      // pwdLastSet is 0
	PasswordExpires *time.Time     `json:"password_expires,omitempty" class:"public"` // msDS-UserPasswordExpiryTimeComputed; nil: never, or not returned
	AccountExpires  *time.Time     `json:"account_expires,omitempty" class:"public"`  // nil: never
	LogonHours      HexBytes       `json:"logon_hours,omitempty" class:"public"`      // 21 bytes, UTC, from Sunday 00:00, bit 0 first; nil: always
	Workstations    string         `json:"workstations,omitempty" class:"internal"`
	LastLogon       *time.Time     `json:"last_logon,omitempty" class:"public"`
	Lockout         *LockoutPolicy `json:"lockout,omitempty" class:"parts"` // the policy that applies to this account, fine-grained ones included
	ResultantPSO    string         `json:"resultant_pso,omitempty" class:"internal"`
	Unread          []string       `json:"unread,omitempty" class:"public"` // attributes that every user object has and that were not returned
}

// The bits of userAccountControl (MS-ADTS 2.2.16) and of msDS-User-Account-Control-Computed.
const (
	ADDisabled          uint32 = 0x2
	ADLockedOut         uint32 = 0x10 // computed only
	ADNormalAccount     uint32 = 0x200
	ADPasswordNoExpiry  uint32 = 0x10000
	ADSmartcardRequired uint32 = 0x40000
	ADPasswordExpired   uint32 = 0x800000 // computed only; also set for must-change
)

// ODAccount is a user record of Open Directory, or of an OpenLDAP with the ppolicy overlay that stands in for it.
type ODAccount struct {
	DN               string         `json:"dn" class:"personal"`
	UID              string         `json:"uid" class:"personal"`
	Mail             []string       `json:"mail,omitempty" class:"personal"`
	LockedTime       *time.Time     `json:"locked_time,omitempty" class:"public"`        // pwdAccountLockedTime
	LockedUntilReset bool           `json:"locked_until_reset,omitempty" class:"public"` // pwdAccountLockedTime 000001010000Z
	FailureTimes     []time.Time    `json:"failure_times,omitempty" class:"public"`      // pwdFailureTime
	Changed          *time.Time     `json:"changed,omitempty" class:"public"`            // pwdChangedTime
	Reset            bool           `json:"reset,omitempty" class:"public"`              // pwdReset TRUE
	GraceUsed        int            `json:"grace_used,omitempty" class:"public"`         // values of pwdGraceUseTime
	StartTime        *time.Time     `json:"start_time,omitempty" class:"public"`
	EndTime          *time.Time     `json:"end_time,omitempty" class:"public"`
	Lockout          *LockoutPolicy `json:"lockout,omitempty" class:"parts"`        // the ppolicy entry that applies; nil: none could be read
	Apple            *ApplePolicy   `json:"apple,omitempty" class:"parts"`          // apple-user-passwordpolicy-effective
	DisabledUser     bool           `json:"disabled_user,omitempty" class:"public"` // authAuthority holds ;DisabledUser;
	PolicySeen       bool           `json:"policy_seen" class:"public"`             // any policy attribute could be read; false: nothing can be said of locks
}

// ApplePolicy is the property list in apple-user-passwordpolicy-effective.
// Source: Apple's published OpenLDAP source (b8e7dab); not observed on a Mac.
type ApplePolicy struct {
	IsDisabled          bool `json:"is_disabled" class:"public"` // computed: also set where DisableReason is ODNewPasswordRequired
	NewPasswordRequired bool `json:"new_password_required" class:"public"`
	MaxFailed           int  `json:"max_failed_login_attempts" class:"public"`
	Failed              int  `json:"failed_login_attempts" class:"public"`      // counts only where FailedSeen
	FailedSeen          bool `json:"failed_login_attempts_seen" class:"public"` // loginFailedAttempts could be read; most readers may not
	DisableReason       int  `json:"effective_disable_reason" class:"public"`   // see the OD constants
}

// The values of effectiveDisableReason.
const (
	ODDisabledByAdmin    = 1
	ODDisabledExpired    = 2
	ODDisabledInactive   = 3
	ODDisabledByFailures = 4

	ODNewPasswordRequired = 5
)

// BindOutcome is the answer to one simple bind.
type BindOutcome struct {
	Result  LDAPResult `json:"result" class:"public"`
	Words   string     `json:"words,omitempty" class:"personal"` // diagnosticMessage
	Subcode ADSubcode  `json:"subcode,omitempty" class:"public"` // AD's "data NNN"; 0: none
	PPolicy *PPolicy   `json:"ppolicy,omitempty" class:"parts"`  // the response control, if one came
}

// PPolicy is the password-policy response control (draft-behera-ldap-password-policy-10 §6.2).
type PPolicy struct {
	Error     PPolicyError `json:"error,omitempty" class:"public"`
	Grace     *int         `json:"grace,omitempty" class:"public"`      // logins left after expiry
	ExpiresIn *int         `json:"expires_in,omitempty" class:"public"` // seconds
}

// PPolicyError is the control's error, plus one, so that zero is none.
type PPolicyError uint8

// The errors.
const (
	PPolicyNone PPolicyError = iota
	PPolicyExpired
	PPolicyLocked
	PPolicyChangeAfterReset
	PPolicyOther
)

var ppolicyNames = [...]string{"", "passwordExpired", "accountLocked", "changeAfterReset", "other"}

func (e PPolicyError) String() string               { return name(ppolicyNames[:], uint8(e)) }
func (e PPolicyError) MarshalText() ([]byte, error) { return marshal(ppolicyNames[:], uint8(e)) }
func (e *PPolicyError) UnmarshalText(b []byte) error {
	return unmarshal(ppolicyNames[:], (*uint8)(e), b)
}

// LDAPResult is a result code (RFC 4511 appendix A).
type LDAPResult uint16

// The results that decide something here.
const (
	LDAPSuccess              LDAPResult = 0
	LDAPOperationsError      LDAPResult = 1
	LDAPStrongerAuthRequired LDAPResult = 8
	LDAPConfidentiality      LDAPResult = 13
	LDAPConstraintViolation  LDAPResult = 19 // Open Directory's SASL bind: disabled, new password required, policy
	LDAPNoSuchObject         LDAPResult = 32
	LDAPInvalidDNSyntax      LDAPResult = 34
	LDAPInvalidCredentials   LDAPResult = 49
	LDAPInsufficientAccess   LDAPResult = 50 // Open Directory: any failure on an existing entry
	LDAPBusy                 LDAPResult = 51
	LDAPUnavailable          LDAPResult = 52
	LDAPUnwilling            LDAPResult = 53
)

// ADSubcode is the hexadecimal Win32 code behind "data" in AD's text of result 49.
type ADSubcode uint16

// MS-ADTS 3.1.1.3.4.1 and the Win32 error codes. 52e hides every state but the lock; the others, 775 apart, need the right password.
const (
	SubcodeUnknownUser     ADSubcode = 0x525
	SubcodeWrongPassword   ADSubcode = 0x52e
	SubcodeLogonHours      ADSubcode = 0x530
	SubcodeWorkstation     ADSubcode = 0x531
	SubcodePasswordExpired ADSubcode = 0x532
	SubcodeDisabled        ADSubcode = 0x533
	SubcodeAccountExpired  ADSubcode = 0x701
	SubcodeMustChange      ADSubcode = 0x773
	SubcodeLocked          ADSubcode = 0x775
)

// ProvesPassword says that the server sends this code only where the password was right.
func (s ADSubcode) ProvesPassword() bool {
	switch s {
	case SubcodeLogonHours, SubcodeWorkstation, SubcodePasswordExpired, SubcodeDisabled, SubcodeAccountExpired, SubcodeMustChange:
		return true
	}
	return false
}
