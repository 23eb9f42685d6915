package probes

import "time"

// Stalwart 0.16, as its JMAP objects (`x:Account`, `x:BlockedIp`, …) and its refusals show it. How the parts fit together:
//
//   - What is true of the server stands in StalwartServer, what is true of the account in StalwartAccount; each object was
//     asked for by itself and is an Observation of its own, since a permission of our key may be missing for any of them.
//   - Stalwart never locks an account. It bans addresses: StalwartAddresses answers for one address (Covering).
//   - Who may do what is spread over the account, its roles and the credential that was used: Right puts it together.
//   - An answer that may be missing is a StalwartAnswer: unknown is not no.
//   - What is stored is not always what runs: a change of settings counts after a reload, and a reload with an error anywhere
//     changes nothing. BlockedIp that was edited by hand counts after a reload too.
//
// "S:" in the sources below is a path in stalwartlabs/stalwart at d72608f3 (0.16.19-dev), "W:" one of its documentation.

// StalwartServer is what Stalwart told of itself, read only. Each object may have failed alone.
type StalwartServer struct {
	API            *Reach                               `json:"api,omitempty" class:"parts"` // the connection to url
	Clock          *StalwartClock                       `json:"clock,omitempty" class:"parts"`
	Session        *Observation[StalwartSession]        `json:"session,omitempty" class:"parts"`
	Requests       int                                  `json:"requests" class:"public"`          // HTTP requests that were made
	Domain         *Observation[StalwartDomain]         `json:"domain,omitempty" class:"parts"`   // the account's mail domain
	Roles          *Observation[StalwartRoles]          `json:"roles,omitempty" class:"parts"`    // all of them
	Blocked        *Observation[StalwartAddresses]      `json:"blocked,omitempty" class:"parts"`  // banned addresses
	Allowed        *Observation[StalwartAddresses]      `json:"allowed,omitempty" class:"parts"`  // addresses that no ban and no HTTP rate limit touches
	Security       *Observation[StalwartSecurity]       `json:"security,omitempty" class:"parts"` // when an address is banned
	Authentication *Observation[StalwartAuthentication] `json:"authentication,omitempty" class:"parts"`
	Directories    *Observation[[]StalwartDirectory]    `json:"directories,omitempty" class:"parts"`
	IMAP           *Observation[StalwartIMAP]           `json:"imap,omitempty" class:"parts"`
	HTTP           *Observation[StalwartHTTP]           `json:"http,omitempty" class:"parts"`
	Listeners      *Observation[[]StalwartListener]     `json:"listeners,omitempty" class:"parts"`
	System         *Observation[StalwartSystem]         `json:"system,omitempty" class:"parts"`
	Levels         *Observation[[]StalwartLevel]        `json:"levels,omitempty" class:"parts"`        // events whose log level was changed
	DirectoryLog   *Observation[StalwartLog]            `json:"directory_log,omitempty" class:"parts"` // store.ldap-error and store.pool-error lines, nobody's name in them
	AddressLog     *Observation[StalwartLog]            `json:"address_log,omitempty" class:"parts"`   // bans of the addresses that matter here
	ManageSieve    *SieveServer                         `json:"managesieve,omitempty" class:"parts"`
	Missing        *Observation[[]string]               `json:"missing,omitempty" class:"parts"` // permissions that our key lacks; asked for where a profile is tested
}

// StalwartClock is the server's clock when its session came: the reply's Date (RFC 9110 §6.6.1), which is of whole seconds.
type StalwartClock struct {
	Time time.Time `json:"time" class:"public"`
	At   time.Time `json:"at" class:"public"` // by this computer's
}

// Now is the server's time at a moment of this computer's: what ends, and how old a line of its log is, is judged by its clock.
func (s *StalwartServer) Now(at time.Time) time.Time {
	if s == nil || s.Clock == nil {
		return at
	}
	return at.Add(s.Clock.Time.Sub(s.Clock.At))
}

// StalwartSession is our own session: whose the API key is, and what one request may hold (RFC 8620 §2).
type StalwartSession struct {
	User       string          `json:"user" class:"internal"`
	AccountID  string          `json:"account_id,omitempty" class:"internal"`
	MaxCalls   int             `json:"max_calls" class:"public"`   // maxCallsInRequest; 16 by default
	MaxObjects int             `json:"max_objects" class:"public"` // maxObjectsInGet: a get of all ends there without a word; 500 by default
	Refusal    StalwartRefusal `json:"refusal,omitempty" class:"public"`
}

// StalwartAnswer is yes or no where it may also be unknown, which is the zero value.
type StalwartAnswer uint8

// The answers.
const (
	StalwartUnknown StalwartAnswer = iota
	StalwartNo
	StalwartYes
)

var stalwartAnswerNames = [...]string{"unknown", "no", "yes"}

func (a StalwartAnswer) String() string { return name(stalwartAnswerNames[:], uint8(a)) }
func (a StalwartAnswer) MarshalText() ([]byte, error) {
	return marshal(stalwartAnswerNames[:], uint8(a))
}
func (a *StalwartAnswer) UnmarshalText(b []byte) error {
	return unmarshal(stalwartAnswerNames[:], (*uint8)(a), b)
}

// StalwartDomain is the x:Domain of the account. Found no: the server does not serve it, and answers a login with the bare
// domain as its words. Found unknown: it is not among those that were seen, and there are more than one answer holds, or all are
// of one tenant, as our key may be.
type StalwartDomain struct {
	Asked       string         `json:"asked" class:"internal"` // the domain that was looked for; empty: the login names none
	Found       StalwartAnswer `json:"found" class:"public"`
	ID          string         `json:"id,omitempty" class:"internal"`
	Name        string         `json:"name,omitempty" class:"internal"`
	Aliases     []string       `json:"aliases,omitempty" class:"internal"`
	ByAlias     bool           `json:"by_alias,omitempty" class:"public"`       // Asked is one of Aliases
	Enabled     StalwartAnswer `json:"enabled" class:"public"`                  // isEnabled; no login looks at it (S: common/src/cache/principals.rs)
	DirectoryID string         `json:"directory_id,omitempty" class:"internal"` // counts in the Enterprise edition alone
	Seen        int            `json:"seen" class:"public"`                     // how many domains were seen
}

// StalwartRoles are the x:Role objects.
type StalwartRoles struct {
	Rows     []StalwartRole `json:"rows" class:"parts"`
	Complete bool           `json:"complete" class:"public"` // no role is missing from Rows
}

// StalwartRole is a named set of permissions. It also has what the roles that it extends have.
type StalwartRole struct {
	ID       string   `json:"id" class:"internal"`
	Name     string   `json:"name" class:"internal"` // description
	Extends  []string `json:"extends,omitempty" class:"internal"`
	Enabled  []string `json:"enabled,omitempty" class:"public"`
	Disabled []string `json:"disabled,omitempty" class:"public"`
}

// StalwartSecurity is x:Security: what makes an address banned. W: ref/object/security.md.
type StalwartSecurity struct {
	Auth      StalwartRate `json:"auth" class:"parts"` // auth.failed and security.ip-unauthorized, per address and per login name
	Loiter    StalwartRate `json:"loiter" class:"parts"`
	Scan      StalwartRate `json:"scan" class:"parts"`
	Abuse     StalwartRate `json:"abuse" class:"parts"`
	ScanPaths []string     `json:"scan_paths,omitempty" class:"public"` // globs: one request for such a path bans
}

// StalwartRate is how many failures in which time ban, and for how long. The login name has a counter of its own beside the
// address's: once it is over the rate, whoever fails next on that name has their address banned (S: common/src/network/security.rs).
type StalwartRate struct {
	On       StalwartAnswer `json:"on" class:"public"`
	Count    int            `json:"count" class:"public"`
	PeriodMS int64          `json:"period_ms" class:"public"`
	BanMS    int64          `json:"ban_ms" class:"public"` // 0: for ever, the default
}

// StalwartAuthentication is x:Authentication.
type StalwartAuthentication struct {
	DirectoryID     string   `json:"directory_id,omitempty" class:"internal"` // empty: the internal directory
	UserRoleIDs     []string `json:"user_role_ids,omitempty" class:"internal"`
	AdminRoleIDs    []string `json:"admin_role_ids,omitempty" class:"internal"`
	GroupRoleIDs    []string `json:"group_role_ids,omitempty" class:"internal"`
	TenantRoleIDs   []string `json:"tenant_role_ids,omitempty" class:"internal"`
	ExpiryMS        int64    `json:"expiry_ms" class:"public"` // passwordDefaultExpiry; 0: none
	MaxAppPasswords int      `json:"max_app_passwords" class:"public"`
}

// StalwartIMAP is x:Imap. ManageSieve shares it.
type StalwartIMAP struct {
	PlainText     StalwartAnswer `json:"plain_text" class:"public"`     // allowPlainTextAuth: LOGIN without TLS
	MaxFailures   int            `json:"max_failures" class:"public"`   // of one connection
	MaxConcurrent int            `json:"max_concurrent" class:"public"` // of one user; 0: no limit
}

// StalwartHTTP is x:Http.
type StalwartHTTP struct {
	XForwarded StalwartAnswer `json:"x_forwarded" class:"public"` // useXForwarded: the address that counts is the header's
	Anonymous  StalwartRate   `json:"anonymous" class:"parts"`    // requests of one address
	User       StalwartRate   `json:"user" class:"parts"`         // requests of one account
}

// StalwartSystem is x:SystemSettings.
type StalwartSystem struct {
	DefaultDomainID string         `json:"default_domain_id,omitempty" class:"internal"` // put behind a login that names no domain
	HostName        string         `json:"host_name,omitempty" class:"internal"`
	ProxyNetworks   []StalwartMask `json:"proxy_networks,omitempty" class:"internal"` // proxyTrustedNetworks: must send the PROXY header, and are exempt from bans
}

// StalwartListener is one row of x:NetworkListener. A change of it counts after a restart.
type StalwartListener struct {
	Name           string         `json:"name" class:"internal"`
	Protocol       string         `json:"protocol" class:"public"` // imap, manageSieve, http, smtp, pop3, lmtp
	Bind           []string       `json:"bind,omitempty" class:"internal"`
	TLS            StalwartAnswer `json:"tls" class:"public"`             // useTls
	Implicit       StalwartAnswer `json:"implicit" class:"public"`        // tlsImplicit: TLS from the first byte
	MaxConnections int            `json:"max_connections" class:"public"` // at it a connection is closed without a greeting, as for a ban; 0: no limit
	ProxyNetworks  []StalwartMask `json:"proxy_networks,omitempty" class:"internal"`
}

// StalwartLevel is one row of x:EventTracingLevel. Without one, auth.failed and auth.credential-expired are debug and
// auth.mfa-required is trace: a log at its default level, info, is silent about them (W: ref/events.md).
type StalwartLevel struct {
	Event string `json:"event" class:"public"`
	Level string `json:"level" class:"public"`
}

// Writes says whether an event that is below info by itself stands in the log all the same, since its level was raised.
func (s *StalwartServer) Writes(event string) StalwartAnswer {
	if s == nil || !s.Levels.OK() {
		return StalwartUnknown
	}
	for _, l := range s.Levels.Value {
		if l.Event == event && (l.Level == "info" || l.Level == "warn" || l.Level == "error") {
			return StalwartYes
		}
	}
	return StalwartNo
}

// StalwartDirectory is one x:Directory. The fields of LDAP are empty for another type. W: ref/object/directory.md.
type StalwartDirectory struct {
	ID           string               `json:"id" class:"internal"`
	Name         string               `json:"name,omitempty" class:"internal"` // description
	Type         string               `json:"type" class:"public"`             // @type: Ldap, Sql, Oidc
	Used         bool                 `json:"used" class:"public"`             // Authentication.directoryId names it
	URL          string               `json:"url,omitempty" class:"internal"`  // without what stands before an @
	StartTLS     StalwartAnswer       `json:"starttls" class:"public"`         // useTls means StartTLS on an ldap:// address
	AnyCert      StalwartAnswer       `json:"any_certificate" class:"public"`  // allowInvalidCerts
	TimeoutMS    int64                `json:"timeout_ms" class:"public"`
	BaseDN       string               `json:"base_dn,omitempty" class:"internal"`
	BindDN       string               `json:"bind_dn,omitempty" class:"internal"`
	BindSecret   StalwartSecretSource `json:"bind_secret,omitempty" class:"public"`
	BindUsers    StalwartAnswer       `json:"bind_users" class:"public"` // bindAuthentication: binds as the user; no: compares attrSecret
	LoginFilter  string               `json:"login_filter,omitempty" class:"internal"`
	PoolSize     int                  `json:"pool_size" class:"public"`
	PoolCreateMS int64                `json:"pool_create_ms" class:"public"`
}

// StalwartSecretSource is where the server keeps a secret. File and environment are read when the directory is opened: at
// start and reload, not at a login.
type StalwartSecretSource uint8

// The sources. The zero value was not told.
const (
	_ StalwartSecretSource = iota
	StalwartSecretNone
	StalwartSecretValue
	StalwartSecretEnvironment
	StalwartSecretFile
)

var stalwartSecretSourceNames = [...]string{"", "none", "value", "environment", "file"}

func (s StalwartSecretSource) String() string { return name(stalwartSecretSourceNames[:], uint8(s)) }
func (s StalwartSecretSource) MarshalText() ([]byte, error) {
	return marshal(stalwartSecretSourceNames[:], uint8(s))
}
func (s *StalwartSecretSource) UnmarshalText(b []byte) error {
	return unmarshal(stalwartSecretSourceNames[:], (*uint8)(s), b)
}
