package directory

// What this package assumes of the wire: names, numbers and formats, each with its source.

// The controls and extended operations.
const (
	oidPasswordPolicy = "1.3.6.1.4.1.42.2.27.8.5.1" // draft-behera-ldap-password-policy-10 §6.1
	oidStartTLS       = "1.3.6.1.4.1.1466.20037"    // RFC 4511 §4.14.1
	oidActiveDir      = "1.2.840.113556.1.4.800"    // LDAP_CAP_ACTIVE_DIRECTORY_OID, MS-ADTS 3.1.1.3.4.3.1
)

// The identifier octets of the elements that are read by hand (RFC 4511 appendix B, X.690 §8.1.2).
const (
	idInteger       = 0x02
	idOctetString   = 0x04
	idEnumerated    = 0x0a
	idSequence      = 0x30
	idBindResponse  = 0x61 // [APPLICATION 1]
	idExtendedReply = 0x78 // [APPLICATION 24]
	idControls      = 0xa0 // [0] of an LDAPMessage

	idPolicyWarning = 0xa0 // [0] of a PasswordPolicyResponseValue
	idPolicyError   = 0x81 // [1]
	idPolicyExpires = 0x80 // [0] of the warning: timeBeforeExpiration
	idPolicyGrace   = 0x81 // [1] of the warning: graceAuthNsRemaining
)

// The attributes of the root DSE (RFC 4512 §5.1; MS-ADTS 3.1.1.3.2).
const (
	attrNow            = "currentTime"
	attrVendor         = "vendorName"
	attrHost           = "dnsHostName"
	attrCapabilities   = "supportedCapabilities"
	attrControls       = "supportedControl"
	attrDefaultContext = "defaultNamingContext"
	attrContexts       = "namingContexts"
)

var rootAttributes = []string{attrNow, attrVendor, attrHost, attrCapabilities, attrControls, attrDefaultContext, attrContexts}

// The attributes of an account that are the same everywhere (RFC 4519, RFC 4524).
const (
	attrClass = "objectClass"
	attrMail  = "mail"
	attrUID   = "uid"
)

// The attributes of a user in Active Directory (MS-ADA1 to 3). The msDS- ones with Computed and Resultant in their names
// are constructed: a server gives them only to those who ask for them by name (MS-ADTS 3.1.1.4.5).
const (
	attrLogin           = "sAMAccountName"
	attrUPN             = "userPrincipalName"
	attrProxies         = "proxyAddresses" // "smtp:" or, for the primary one, "SMTP:" before the address
	attrControl         = "userAccountControl"
	attrControlComputed = "msDS-User-Account-Control-Computed"
	attrLockoutTime     = "lockoutTime"
	attrBadPwdCount     = "badPwdCount"
	attrBadPwdTime      = "badPasswordTime"
	attrPwdLastSet      = "pwdLastSet"
	attrPwdExpires      = "msDS-UserPasswordExpiryTimeComputed"
	attrAccountExpires  = "accountExpires"
	attrLogonHours      = "logonHours"
	attrWorkstations    = "userWorkstations"
	attrLastLogon       = "lastLogon"          // of this domain controller
	attrLastLogonSent   = "lastLogonTimestamp" // replicated, up to a fortnight late
	attrResultantPSO    = "msDS-ResultantPSO"
)

var adAttributes = []string{attrClass, attrLogin, attrUPN, attrMail, attrProxies, attrControl, attrControlComputed, attrLockoutTime, attrBadPwdCount,
	attrBadPwdTime, attrPwdLastSet, attrPwdExpires, attrAccountExpires, attrLogonHours, attrWorkstations, attrLastLogon, attrLastLogonSent, attrResultantPSO}

// adAlways are attributes that every user object has. One that does not come was withheld: Active Directory leaves out
// what the reader may not see, and says nothing of it (MS-ADTS 3.1.1.4.3).
var adAlways = []string{attrLogin, attrControl, attrControlComputed, attrBadPwdCount, attrBadPwdTime, attrPwdLastSet, attrPwdExpires, attrAccountExpires}

var adCounters = []string{attrBadPwdCount, attrBadPwdTime, attrLockoutTime}

// The lockout policy of a domain (on the domain object) and of a password settings object. Durations are negative counts
// of 100 ns (MS-ADA1 lockoutDuration, MS-ADA3 msDS-LockoutDuration).
const (
	attrThreshold = "lockoutThreshold"
	attrDuration  = "lockoutDuration"
	attrWindow    = "lockOutObservationWindow"
	attrMaxAge    = "maxPwdAge"

	attrPSOThreshold = "msDS-LockoutThreshold"
	attrPSODuration  = "msDS-LockoutDuration"
	attrPSOWindow    = "msDS-LockoutObservationWindow"
	attrPSOMaxAge    = "msDS-MaximumPasswordAge"
)

var (
	domainAttributes = []string{attrThreshold, attrDuration, attrWindow, attrMaxAge}
	psoAttributes    = []string{attrPSOThreshold, attrPSODuration, attrPSOWindow, attrPSOMaxAge}
)

// The bits of userAccountControl with which a password never expires, besides those of package probes
// (MS-ADTS 3.1.1.4.5.26: interdomain, workstation and server trust accounts).
const adTrustAccount uint32 = 0x800 | 0x1000 | 0x2000

// The state that the ppolicy overlay keeps in a user's entry; operational, so it is asked for by name
// (draft-behera-ldap-password-policy-10 §5.3; slapo-ppolicy(5); observed on slapd 2.5.13).
const (
	attrPwdChanged   = "pwdChangedTime"
	attrPwdLocked    = "pwdAccountLockedTime"
	attrPwdFailure   = "pwdFailureTime"
	attrPwdReset     = "pwdReset"
	attrPwdGrace     = "pwdGraceUseTime"
	attrPwdSubentry  = "pwdPolicySubentry"
	attrPwdStart     = "pwdStartTime"
	attrPwdEnd       = "pwdEndTime"
	attrAuthority    = "authAuthority" // Apple's; ";DisabledUser;" in front of the rest disables
	lockedForGood    = "000001010000Z" // pwdAccountLockedTime: until an administrator resets the password
	disabledUser     = ";DisabledUser;"
	passwordServer   = ";ApplePasswordServer;0x" // then 32 hexadecimal digits: the slot, which names the authdata record
	passwordSlotSize = 32
)

// odAttributes begins with objectClass on purpose: Apple's server looks at the first attribute alone, and answers a search
// that begins with one of its policy attributes (or a prefix of one) in a way of its own (Apple OpenLDAP b8e7dab,
// overlays/odusers.c, odusers_search).
var odAttributes = []string{attrClass, attrUID, attrMail, attrAuthority, attrPwdChanged, attrPwdLocked, attrPwdFailure, attrPwdReset, attrPwdGrace,
	attrPwdSubentry, attrPwdStart, attrPwdEnd, attrApplePolicy}

var odCounters = []string{attrClass, attrUID, attrAuthority, attrPwdChanged, attrPwdLocked, attrPwdFailure}

// The attributes of a ppolicy entry (draft-behera-ldap-password-policy-10 §5.2).
const (
	attrPolicyLockout  = "pwdLockout"
	attrPolicyMax      = "pwdMaxFailure"
	attrPolicyDuration = "pwdLockoutDuration"
	attrPolicyWindow   = "pwdFailureCountInterval"
	attrPolicyMaxAge   = "pwdMaxAge"
	attrPolicyGrace    = "pwdGraceAuthNLimit"
)

var policyAttributes = []string{attrPolicyLockout, attrPolicyMax, attrPolicyDuration, attrPolicyWindow, attrPolicyMaxAge, attrPolicyGrace}

// Apple's own policy. The effective one is computed for a base search of the user's entry that asks for it first and
// alone; the counter stands in a record beside (same source; applehelpers.c). Not observed on a Mac.
const (
	attrApplePolicy  = "apple-user-passwordpolicy-effective"
	attrAppleGlobal  = "apple-user-passwordpolicy"
	attrAppleFailed  = "loginFailedAttempts"
	appleGlobalEntry = "cn=dirserv,cn=config,"            // and the base
	appleRecord      = "authGUID=%s,cn=users,cn=authdata" // the slot as a UUID
	appleMinute      = 60_000                             // milliseconds; maxMinutesUntilChangePassword
	keyDisabled      = "isDisabled"                       // the keys of the property list
	keyNewPassword   = "newPasswordRequired"
	keyMaxFailed     = "maxFailedLoginAttempts"
	keyReason        = "effectiveDisableReason"
	keyMaxMinutes    = "maxMinutesUntilChangePassword"
)
