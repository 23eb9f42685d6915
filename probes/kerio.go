package probes

import "time"

// KerioServer is what Kerio Connect told of itself, read only. Each call may have failed alone.
type KerioServer struct {
	Admin          *Reach                            `json:"admin,omitempty" class:"parts"` // the connection to admin_url
	User           *Reach                            `json:"user,omitempty" class:"parts"`  // the connection to user_url
	Session        *Observation[KerioSession]        `json:"session,omitempty" class:"parts"`
	Version        *Observation[KerioVersion]        `json:"version,omitempty" class:"parts"`
	Clock          *Observation[KerioClock]          `json:"clock,omitempty" class:"parts"`
	SecurityPolicy *Observation[KerioSecurityPolicy] `json:"security_policy,omitempty" class:"parts"`
	Services       *Observation[[]KerioService]      `json:"services,omitempty" class:"parts"`
	Domain         *Observation[KerioDomain]         `json:"domain,omitempty" class:"parts"`    // the account's mail domain
	BindTest       *Observation[KerioBindTest]       `json:"bind_test,omitempty" class:"parts"` // Domains.testDomainController; an attempt on the bind account
	Alerts         *Observation[[]KerioAlert]        `json:"alerts,omitempty" class:"parts"`
	License        *Observation[KerioLicense]        `json:"license,omitempty" class:"parts"`
	Mailboxes      *Observation[KerioMailboxes]      `json:"mailboxes,omitempty" class:"parts"`
	Connections    *Observation[KerioConnections]    `json:"connections,omitempty" class:"parts"`
	Settings       *Observation[KerioSettings]       `json:"settings,omitempty" class:"parts"`
	AddressGroups  *Observation[[]KerioAddressGroup] `json:"address_groups,omitempty" class:"parts"`
}

// KerioSession is logindoctor's own session: Session.login, then whoAmI.
type KerioSession struct {
	LoginName string    `json:"login_name" class:"internal"`
	Role      string    `json:"role" class:"public"`           // effectiveRole.userRole: Auditor, FullAdmin, …; empty: not told
	Code      KerioCode `json:"code,omitempty" class:"public"` // the error code of a refusal
}

// KerioVersion is Server.getVersion.
type KerioVersion struct {
	Product string `json:"product" class:"public"`
	Version string `json:"version" class:"public"`
}

// KerioClock is Server.getServerTime, and how the server's local log times become UTC.
type KerioClock struct {
	Time          time.Time `json:"time" class:"public"`           // the server's clock
	OffsetMinutes int       `json:"offset_minutes" class:"public"` // minutes to subtract from a log line's time to get UTC
	Guess         bool      `json:"guess,omitempty" class:"public"`
	GuessWhy      string    `json:"guess_why,omitempty" class:"public"`
}

// KerioSecurityPolicy is SecurityPolicy.get. Its account lockout and its blocking of addresses are two mechanisms.
type KerioSecurityPolicy struct {
	Mode            string `json:"mode" class:"public"` // SPNoRestrictions, SPAuthenticationRequired, SPEncryptionRequired
	EnableLockout   bool   `json:"enable_lockout" class:"public"`
	FailedToLock    int    `json:"failed_logins_to_lock" class:"public"`
	MinutesToUnlock int    `json:"minutes_to_unlock" class:"public"`
	AntiHammering   bool   `json:"anti_hammering" class:"public"`
	FailedToBlock   int    `json:"failed_logins_to_block" class:"public"` // from one address to one service within a minute
	MinutesToBlock  int    `json:"minutes_to_block" class:"public"`
}

// KerioService is one row of Services.get.
type KerioService struct {
	Name            string `json:"name" class:"public"` // IMAP, Secure IMAP, HTTP, Secure HTTP, …
	Running         bool   `json:"running" class:"public"`
	HowToStart      string `json:"how_to_start,omitempty" class:"public"`
	Ports           []int  `json:"ports,omitempty" class:"public"`
	ConnectionLimit int    `json:"connection_limit,omitempty" class:"public"` // 0: none set
	AddressGroup    string `json:"address_group,omitempty" class:"internal"`  // answers only this group of addresses; empty: everyone
	AddressGroupID  string `json:"address_group_id,omitempty" class:"internal"`
}

// KerioDomain is the row of Domains.get that holds the account.
type KerioDomain struct {
	ID              string       `json:"id" class:"internal"`
	Name            string       `json:"name" class:"internal"`
	Primary         bool         `json:"primary" class:"public"`
	Aliases         []string     `json:"aliases,omitempty" class:"internal"`
	DirectoryOn     bool         `json:"directory_on" class:"public"`                   // service.isEnabled
	DirectoryType   string       `json:"directory_type,omitempty" class:"public"`       // WindowsActiveDirectory, AppleDirectoryKerberos, …
	DirectoryHosts  []string     `json:"directory_hosts,omitempty" class:"internal"`    // hostname, backupHostname
	DirectoryUser   string       `json:"directory_user,omitempty" class:"internal"`     // whom Kerio binds as
	DirectorySecure bool         `json:"directory_secure" class:"public"`               // LDAPS
	PasswordExpiry  int          `json:"password_expiry_days,omitempty" class:"public"` // 0: off
	TwoFactor       KerioSetting `json:"two_factor" class:"public"`                     // unknown where no field tells (no public client names it)
	TwoFactorField  string       `json:"two_factor_field,omitempty" class:"public"`     // the field that told
	TwoFactorForced KerioSetting `json:"two_factor_forced,omitempty" class:"public"`    // forced for all users
}

// KerioSetting is a switch that may be unreadable. The zero value is unknown.
type KerioSetting uint8

// The states of a switch.
const (
	SettingUnknown KerioSetting = iota
	SettingOff
	SettingOn
)

var kerioSettingNames = [...]string{"unknown", "off", "on"}

func (s KerioSetting) String() string               { return name(kerioSettingNames[:], uint8(s)) }
func (s KerioSetting) MarshalText() ([]byte, error) { return marshal(kerioSettingNames[:], uint8(s)) }
func (s *KerioSetting) UnmarshalText(b []byte) error {
	return unmarshal(kerioSettingNames[:], (*uint8)(s), b)
}

// KerioBindTest is the answer of Domains.testDomainController: no errors means that Kerio's own bind works.
type KerioBindTest struct {
	Errors []KerioError   `json:"errors" class:"parts"`
	Reason KerioBindFault `json:"reason,omitempty" class:"public"` // read from the texts, as far as they tell
}

// KerioError is an error as Kerio words it, its positional parameters put in.
type KerioError struct {
	Code    KerioCode `json:"code" class:"public"`
	Message string    `json:"message" class:"personal"`
}

// KerioBindFault is what the text of a failed bind test speaks of. The texts are not documented.
type KerioBindFault uint8

// The readings. The zero value: the texts do not tell, or there is no error.
const (
	BindFaultUnclear     KerioBindFault = iota
	BindFaultCredentials                // speaks of the password or user name
	BindFaultUnreachable                // speaks of the host, a connection, a time-out
)

var kerioBindFaultNames = [...]string{"", "credentials", "unreachable"}

func (f KerioBindFault) String() string { return name(kerioBindFaultNames[:], uint8(f)) }
func (f KerioBindFault) MarshalText() ([]byte, error) {
	return marshal(kerioBindFaultNames[:], uint8(f))
}
func (f *KerioBindFault) UnmarshalText(b []byte) error {
	return unmarshal(kerioBindFaultNames[:], (*uint8)(f), b)
}

// KerioAccount is what Kerio holds about the account under diagnosis. Other people's rows are counts.
type KerioAccount struct {
	User    *Observation[KerioUser]    `json:"user,omitempty" class:"parts"`
	Folders *Observation[KerioFolders] `json:"folders,omitempty" class:"parts"`
	Log     *Observation[KerioLog]     `json:"log,omitempty" class:"parts"`     // the security log: what was refused
	Audit   *Observation[KerioLog]     `json:"audit,omitempty" class:"parts"`   // the audit log: what was accepted
	Warning *Observation[KerioLog]     `json:"warning,omitempty" class:"parts"` // connections turned away
	Debug   *Observation[KerioLog]     `json:"debug,omitempty" class:"parts"`   // written only where debugging of user authentication is on
	Access  *Observation[KerioAccess]  `json:"access,omitempty" class:"parts"`  // the rules of the user's access policy
	Pending *Observation[KerioPending] `json:"pending,omitempty" class:"parts"` // directory users that were never activated
}

// KerioUser is the account's row of Users.get. Found false: no login name and no alias fits.
type KerioUser struct {
	Found     bool      `json:"found" class:"public"`
	ID        string    `json:"id,omitempty" class:"internal"`
	LoginName string    `json:"login_name,omitempty" class:"personal"`
	FullName  string    `json:"full_name,omitempty" class:"personal"`
	ByAlias   bool      `json:"by_alias,omitempty" class:"public"` // found by an e-mail alias, not by login name
	Enabled   bool      `json:"enabled" class:"public"`            // isEnabled
	Source    string    `json:"source,omitempty" class:"public"`   // itemSource: DSInternalSource, DSLDAPSource
	AuthType  string    `json:"auth_type,omitempty" class:"public"`
	PolicyID  string    `json:"access_policy_id,omitempty" class:"internal"`
	Policy    string    `json:"access_policy,omitempty" class:"internal"`
	LastLogin time.Time `json:"last_login,omitzero" class:"personal"`
	LastProto string    `json:"last_login_protocol,omitempty" class:"public"`
	Migrating bool      `json:"migrating,omitempty" class:"public"`
	Others    int       `json:"other_matches,omitempty" class:"public"` // further rows that fit: then it is unclear who is meant

	Migration    string `json:"migration,omitempty" class:"internal"` // the name of the migration's task, where one is on
	HomeServerID string `json:"home_server_id,omitempty" class:"internal"`
	HomeServer   string `json:"home_server,omitempty" class:"internal"` // of a distributed domain; empty: not told
	SizeLimit    int64  `json:"size_limit,omitempty" class:"public"`    // diskSizeLimit in bytes; 0: none
	SizeUsed     int64  `json:"size_used,omitempty" class:"public"`     // consumedSize in bytes
	ItemLimit    int64  `json:"item_limit,omitempty" class:"public"`    // 0: none
	ItemsUsed    int64  `json:"items_used,omitempty" class:"public"`
}

// KerioFolderThreshold is the reference count of an opened folder from which on the vendor sees the cause of a failing
// login (MAN-1051, "Kerio Connect user cannot login to their email account").
const KerioFolderThreshold = 10

// KerioFolders is Server.getOpenedFoldersInfo, reduced to the folders this user owns or has open.
type KerioFolders struct {
	Rows        []KerioFolder `json:"rows" class:"parts"`
	Total       int           `json:"total" class:"public"`         // rows of all users
	OthersAtTen int           `json:"others_at_ten" class:"public"` // other people's folders at the threshold or above
}

// KerioFolder is one opened folder.
type KerioFolder struct {
	Name       string `json:"name" class:"personal"` // ~user@domain/INBOX
	References int    `json:"references" class:"public"`
	Own        bool   `json:"own" class:"public"`          // in this user's own mailbox
	OpenByUser bool   `json:"open_by_user" class:"public"` // this user is among those who have it open
	Users      int    `json:"users" class:"public"`        // how many have it open
}

// KerioLog is the tail of one log, reduced to this user's lines and to those about addresses.
type KerioLog struct {
	Events      []KerioLogEvent `json:"events" class:"parts"`                 // oldest first
	Since       time.Time       `json:"since,omitzero" class:"public"`        // the oldest line that was read: before it nothing is known
	WholeLog    bool            `json:"whole_log" class:"public"`             // the log was read from its first line
	Lines       int             `json:"lines" class:"public"`                 // lines read
	OthersLines int             `json:"others_lines" class:"public"`          // lines of other people, left out
	OthersUsers int             `json:"others_users" class:"public"`          // how many other people failed (or logged in)
	TimesGuess  string          `json:"times_guess,omitempty" class:"public"` // why the times are uncertain; empty: they are established
	Strange     int             `json:"strange" class:"public"`               // lines without a readable time
	// Neighbours are the addresses of this user's refusals, with how much of other people's trouble comes from each.
	Neighbours []KerioNeighbour `json:"neighbours,omitempty" class:"parts"`
	// OthersRefused has one row for each other person that was refused since a success, without a name; at most 1,000.
	OthersRefused []KerioOther `json:"others_refused,omitempty" class:"parts"`
}

// KerioNeighbour counts other people's refusals from one address.
type KerioNeighbour struct {
	Address string `json:"address" class:"personal"`
	Users   int    `json:"users" class:"public"` // other people, those that do not exist included
	Lines   int    `json:"lines" class:"public"`
}

// KerioOther is one other person's refusals, the newest 20, oldest first.
type KerioOther struct {
	At []time.Time `json:"at" class:"public"`
}

// KerioLogEvent is one line, read.
type KerioLogEvent struct {
	At       time.Time    `json:"at" class:"public"` // UTC, by KerioClock
	Kind     KerioLogKind `json:"kind" class:"public"`
	Protocol string       `json:"protocol,omitempty" class:"public"` // IMAP, HTTP/WebMail, …
	Address  string       `json:"address,omitempty" class:"personal"`
	Ours     bool         `json:"ours,omitempty" class:"public"`     // left by this run's own attempt
	Client   string       `json:"client,omitempty" class:"personal"` // the program, where the line names one
	Words    string       `json:"words" class:"personal"`            // the line, without its time
}

// KerioLogKind is what a log line reports.
type KerioLogKind uint8

// The kinds of line. The zero value: about this user, of no known form.
const (
	LogOther              KerioLogKind = iota
	LogInvalidPassword                 // Invalid password for user …
	LogUserUnknown                     // User … doesn't exist
	LogPolicyDenied                    // login denied: Access Policy rule
	LogOnlyAppPasswords                // Only application passwords are allowed since 2FA is enabled
	LogTwoFactorDisabled               // Too many false 2FA attempts …, account is locked/disabled
	LogAuthenticated                   // User … authenticated
	LogAddressBlocked                  // AntiHammering: will be blocked / is blocked
	LogTooManyConnections              // rejected: too many connections
	LogMethodDisabled                  // authentication method … is disabled
)

var kerioLogKindNames = [...]string{"other", "invalid-password", "user-unknown", "policy-denied", "only-app-passwords",
	"two-factor-disabled", "authenticated", "address-blocked", "too-many-connections", "method-disabled"}

func (k KerioLogKind) String() string               { return name(kerioLogKindNames[:], uint8(k)) }
func (k KerioLogKind) MarshalText() ([]byte, error) { return marshal(kerioLogKindNames[:], uint8(k)) }
func (k *KerioLogKind) UnmarshalText(b []byte) error {
	return unmarshal(kerioLogKindNames[:], (*uint8)(k), b)
}

// KerioCode is an error code of Kerio's JSON-RPC. Negative: JSON-RPC's own; positive: the application's.
// Source: the API's IDL comments as two public clients carry them (igiant/connect, igiant/webmail).
type KerioCode int

// The codes that decide something here.
const (
	KerioSessionExpired  KerioCode = -32001 // also "not logged in" and "no administrator rights"
	KerioMethodNotFound  KerioCode = -32601
	KerioInvalidParams   KerioCode = -32602
	KerioOperationFailed KerioCode = 1000 // on Session.login: user name or password is not correct
	KerioNotPermitted    KerioCode = 1003
	KerioAccessDenied    KerioCode = 1004
)

// KerioOutcome is the answer to one Session.login at user_url.
type KerioOutcome struct {
	Accepted bool      `json:"accepted" class:"public"`
	Code     KerioCode `json:"code,omitempty" class:"public"`
	Words    string    `json:"words,omitempty" class:"personal"`
	HTTP     int       `json:"http,omitempty" class:"public"` // status; 0: no answer
	Why      Why       `json:"why,omitempty" class:"public"`  // of an answer that is neither; attempt-withheld: nothing was sent
}
