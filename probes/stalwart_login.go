package probes

import (
	"strconv"
	"time"
)

// StalwartSecret is what a secret looks like, told from its text alone. The text stands nowhere in it, nor how long it is.
type StalwartSecret struct {
	Shape StalwartShape `json:"shape" class:"public"`
	// Like is, of a mangled secret, what it seems to have been.
	Like StalwartShape `json:"like,omitempty" class:"public"`
	// Faults are what is wrong with it, or unusual about it.
	Faults []StalwartFault `json:"faults,omitempty" class:"public"`
	// CredentialID is the credential that the secret names, as an id of x:Account.credentials; empty where none can be read. Of
	// a mangled one it is a guess.
	CredentialID string `json:"credential_id,omitempty" class:"internal"`
	AccountID    string `json:"account_id,omitempty" class:"internal"` // whose API key it is
}

// AppPassword says that the server takes the secret for an app password. It is false for nil.
func (s *StalwartSecret) AppPassword() bool {
	return s != nil && (s.Shape == StalwartShapeAppPassword || s.Shape == StalwartShapeOlder)
}

// StalwartShape is the kind of a secret. The parser's view: what the server takes for an app password is one, and is then
// checked as nothing else: never against the own password, and never by a directory (S: common/src/auth/credential.rs).
type StalwartShape uint8

// The shapes. The zero value was not looked at.
const (
	_                        StalwartShape = iota
	StalwartShapeAppPassword               // `app_…`, 0.16.3 and later
	StalwartShapeOlder                     // `app …`, with a space: made by 0.16.0 to 0.16.2, and still good
	StalwartShapeAPIKey                    // `API_…`: a bearer token, never a password
	StalwartShapeMangled                   // nearly one of those: the server takes it for an own password
	StalwartShapeOther                     // nothing like them: an own password, as far as one can tell
)

var stalwartShapeNames = [...]string{"", "app-password", "app-password-older", "api-key", "mangled", "other"}

func (s StalwartShape) String() string               { return name(stalwartShapeNames[:], uint8(s)) }
func (s StalwartShape) MarshalText() ([]byte, error) { return marshal(stalwartShapeNames[:], uint8(s)) }
func (s *StalwartShape) UnmarshalText(b []byte) error {
	return unmarshal(stalwartShapeNames[:], (*uint8)(s), b)
}

// StalwartFault is what is wrong with a secret that is, or nearly is, one that Stalwart made.
type StalwartFault uint8

// The faults. The first four do not keep the server from taking it.
const (
	_                        StalwartFault = iota
	StalwartFaultTail                      // something behind it, a space or a line's end
	StalwartFaultCase                      // capitals behind the prefix: taken, but never issued so
	StalwartFaultSeparator                 // neither `_` nor a space behind `app`
	StalwartFaultNeverIssued               // its last character is one that no issued one ends in: mistyped
	StalwartFaultLead                      // something before it, a space
	StalwartFaultPrefixCase                // `App_`: the prefix has to be as it is, and phones put capitals there
	StalwartFaultPrefix                    // no prefix
	StalwartFaultSpaces                    // spaces, hyphens or line ends within
	StalwartFaultShort                     // characters are missing
	StalwartFaultLong                      // there are too many
	StalwartFaultCharacter                 // a character that none of them holds (4, 5, 6 and 8 among them)
)

var stalwartFaultNames = [...]string{"", "tail", "case", "separator", "never-issued", "lead", "prefix-case", "prefix", "spaces", "short", "long", "character"}

func (f StalwartFault) String() string               { return name(stalwartFaultNames[:], uint8(f)) }
func (f StalwartFault) MarshalText() ([]byte, error) { return marshal(stalwartFaultNames[:], uint8(f)) }
func (f *StalwartFault) UnmarshalText(b []byte) error {
	return unmarshal(stalwartFaultNames[:], (*uint8)(f), b)
}

// StalwartRefusal is how an HTTP request with a secret ended, in what decides: status, challenge and title. S:
// http/src/api/mod.rs, jmap/src/api/mod.rs; of these 402 alone was seen live.
type StalwartRefusal uint8

// The endings. The zero value: it was accepted, or it did not come to an answer.
const (
	StalwartNoRefusal    StalwartRefusal = iota
	StalwartUnauthorized                 // 401 with a challenge: the secret, the name, or the domain is not right
	StalwartExpired                      // 401 without one: the credential is right, and past its end
	StalwartMFA                          // 402: the password is right, and a code is wanted besides
	StalwartForbidden                    // 403: right, and not from this address, or without the permission to log in
	StalwartBlocked                      // 403 whose detail is `Forbidden`: this address is banned
	StalwartBanned                       // 429, too many authentication attempts: this failure has banned the address
	StalwartLimited                      // 429 or 400, too many requests: nothing is said of the secret
	StalwartTrouble                      // 5xx: the server cannot tell, its directory or store is in trouble
	StalwartNobody                       // 200 with a session that is nobody's: it took the request for an anonymous one
	StalwartStrange                      // anything else: a redirect, a page, another server
)

var stalwartRefusalNames = [...]string{"", "unauthorized", "expired", "mfa", "forbidden", "blocked", "banned", "limited", "trouble", "nobody", "strange"}

func (r StalwartRefusal) String() string { return name(stalwartRefusalNames[:], uint8(r)) }
func (r StalwartRefusal) MarshalText() ([]byte, error) {
	return marshal(stalwartRefusalNames[:], uint8(r))
}
func (r *StalwartRefusal) UnmarshalText(b []byte) error {
	return unmarshal(stalwartRefusalNames[:], (*uint8)(r), b)
}

// Decides says that no other answer is to be had by asking again: the secret, or the address it came from, was turned away.
func (r StalwartRefusal) Decides() bool { return r >= StalwartUnauthorized && r <= StalwartBanned }

// StalwartOutcome is the answer to one GET of the session with the user's name and secret (HTTP Basic). The server keeps
// accepted ones for a while: an acceptance may be older than a change of the password (S: http/src/auth/authenticate.rs).
type StalwartOutcome struct {
	Accepted bool            `json:"accepted" class:"public"` // 200, and the session is somebody's
	Refusal  StalwartRefusal `json:"refusal,omitempty" class:"public"`
	HTTP     int             `json:"http,omitempty" class:"public"`    // status; 0: no answer
	User     string          `json:"user,omitempty" class:"personal"`  // the session's username
	Mail     StalwartAnswer  `json:"mail" class:"public"`              // of an accepted one: it may use mail; no: it came in with reduced rights
	RetryS   int             `json:"retry_s,omitempty" class:"public"` // Retry-After
	Words    string          `json:"words,omitempty" class:"personal"` // title and detail
	Why      Why             `json:"why,omitempty" class:"public"`     // of one that ended without an answer; attempt-withheld: nothing was sent
	TookMS   int64           `json:"took_ms" class:"public"`
}

// SieveServer is what a ManageSieve server shows before anyone logs in (RFC 5804).
type SieveServer struct {
	Reach        *Reach                          `json:"reach,omitempty" class:"parts"`
	Capabilities *Observation[SieveCapabilities] `json:"capabilities,omitempty" class:"parts"` // what a login here would find: after STARTTLS, where that was done
}

// SieveCapabilities is the greeting.
type SieveCapabilities struct {
	Implementation string   `json:"implementation,omitempty" class:"internal"`
	SASL           []string `json:"sasl,omitempty" class:"public"`
	StartTLS       bool     `json:"starttls" class:"public"` // offered, and not yet done
	TLS            bool     `json:"tls" class:"public"`      // the connection is
	Words          string   `json:"words,omitempty" class:"internal"`
}

// SieveStatus is how a ManageSieve server ended something: OK, NO and BYE are RFC 5804 §1.2; the rest is what it did instead.
type SieveStatus uint8

// The ways.
const (
	_ SieveStatus = iota
	SieveOK
	SieveNO
	SieveBYE
	SieveClosed
	SieveNoAnswer
	SieveGarbage
)

var sieveStatusNames = [...]string{"", "OK", "NO", "BYE", "closed", "no-answer", "garbage"}

func (s SieveStatus) String() string               { return name(sieveStatusNames[:], uint8(s)) }
func (s SieveStatus) MarshalText() ([]byte, error) { return marshal(sieveStatusNames[:], uint8(s)) }
func (s *SieveStatus) UnmarshalText(b []byte) error {
	return unmarshal(sieveStatusNames[:], (*uint8)(s), b)
}

// SieveOutcome is the answer to one AUTHENTICATE PLAIN. Stalwart says here what IMAP keeps to itself: NO with the permission
// that is missing, or `Unauthorized IP address`.
type SieveOutcome struct {
	Status       SieveStatus `json:"status" class:"public"`
	Code         string      `json:"code,omitempty" class:"personal"` // in upper case: TRYLATER, ENCRYPT-NEEDED, …
	Words        string      `json:"words,omitempty" class:"personal"`
	SecretUnsent bool        `json:"secret_unsent,omitempty" class:"public"` // it ended before the secret's turn came: nothing was spent
	TookMS       int64       `json:"took_ms" class:"public"`
}

// StalwartLog is what x:Log holds about one question, newest last. It is searched by text in whole files: a level that is not
// written leaves no trace (StalwartLevel).
type StalwartLog struct {
	Events []StalwartLogEvent `json:"events" class:"parts"`
	Cut    bool               `json:"cut,omitempty" class:"public"`  // there are older ones that were not read
	Since  time.Time          `json:"since,omitzero" class:"public"` // of a cut one: back to here all were read
	Lines  int                `json:"lines" class:"public"`          // lines that were read
	Others int                `json:"others" class:"public"`         // lines of other people, left out
}

// Reaches says that what the log holds since a time was read.
func (l StalwartLog) Reaches(from time.Time) bool {
	return !l.Cut || !l.Since.IsZero() && l.Since.Before(from)
}

// StalwartLogEvent is one line.
type StalwartLogEvent struct {
	At           time.Time       `json:"at" class:"public"`
	Level        string          `json:"level,omitempty" class:"public"`
	Kind         StalwartLogKind `json:"kind" class:"public"`
	Event        string          `json:"event" class:"internal"`                   // security.ip-unauthorized, …
	Listener     string          `json:"listener,omitempty" class:"internal"`      // imaps, https, …
	Address      string          `json:"address,omitempty" class:"personal"`       // remoteIp
	Reason       string          `json:"reason,omitempty" class:"personal"`        // in the server's words
	Details      string          `json:"details,omitempty" class:"personal"`       // of a missing permission: its name
	CredentialID string          `json:"credential_id,omitempty" class:"internal"` // of an app password or an API key
	Code         int             `json:"code,omitempty" class:"public"`            // of store.ldap-error: the LDAP result
	Ours         bool            `json:"ours,omitempty" class:"public"`            // it came while this run tried a login
}

// Said is the line, so far as it was kept.
func (e StalwartLogEvent) Said() string {
	words := e.Event
	for _, part := range []struct{ key, value string }{{"listenerId", e.Listener}, {"remoteIp", e.Address}, {"details", e.Details}, {"reason", e.Reason}} {
		if part.value != "" {
			words += ", " + part.key + " = " + part.value
		}
	}
	if e.CredentialID != "" {
		words += ", credential " + e.CredentialID
	}
	if e.Code != 0 {
		words += ", code = " + strconv.Itoa(e.Code)
	}
	return words
}

// StalwartLogKind is what a line reports (W: ref/events.md). Its default level stands behind it.
type StalwartLogKind uint8

// The kinds. The zero value: any other event.
const (
	StalwartLogOther          StalwartLogKind = iota
	StalwartLogFailed                         // auth.failed, debug
	StalwartLogSuccess                        // auth.success, info
	StalwartLogExpired                        // auth.credential-expired, debug
	StalwartLogMFA                            // auth.mfa-required, trace
	StalwartLogError                          // auth.error, error
	StalwartLogTooMany                        // auth.too-many-attempts, warn
	StalwartLogIPUnauthorized                 // security.ip-unauthorized, info
	StalwartLogUnauthorized                   // security.unauthorized, info
	StalwartLogBanned                         // security.authentication-ban, info: banned by this failure
	StalwartLogBlocked                        // security.ip-blocked, info: turned away
	StalwartLogLDAP                           // store.ldap-error, error
	StalwartLogPool                           // store.pool-error, error
	StalwartLogConcurrent                     // limit.concurrent-request
)

var stalwartLogNames = [...]string{"other", "failed", "success", "expired", "mfa", "error", "too-many", "ip-unauthorized", "unauthorized", "banned", "blocked",
	"ldap-error", "pool-error", "concurrent"}

func (k StalwartLogKind) String() string               { return name(stalwartLogNames[:], uint8(k)) }
func (k StalwartLogKind) MarshalText() ([]byte, error) { return marshal(stalwartLogNames[:], uint8(k)) }
func (k *StalwartLogKind) UnmarshalText(b []byte) error {
	return unmarshal(stalwartLogNames[:], (*uint8)(k), b)
}
