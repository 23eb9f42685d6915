package checks

import (
	"fmt"
	"time"

	"logindoctor.example/probes"
)

// Finding is a check's answer for one account.
type Finding struct {
	Verdict    Verdict
	Why        probes.Why // of an undetermined one
	Summary    string     // one sentence about this user
	Confidence Confidence // of a problem or a notice
	Owner      Owner      // zero: the check's
	Scope      Scope      // zero: the check's
	Evidence   []Evidence
	Remedy     *Remedy // nil: the check's
	Impact     []BluntFix
}

// Evidence is one fact in the server's own words.
type Evidence struct {
	Fact     string    `json:"fact" class:"personal"`
	Observed string    `json:"observed" class:"personal"`
	Expected string    `json:"expected,omitempty" class:"public"`
	Source   string    `json:"source,omitempty" class:"internal"`
	At       time.Time `json:"at,omitzero" class:"public"`
}

// Remedy is what to do. Its texts may hold {user} (the address as typed), {login} (the login name in the directory or mail
// server, else the address) and {server} (the mail server's host); Evaluate fills them in, quoted for the shell in commands.
type Remedy struct {
	Do         string    `json:"do" class:"personal"` // begins with a verb
	Steps      []string  `json:"steps" class:"personal"`
	Commands   []Command `json:"commands" class:"parts"`
	Disruption string    `json:"disruption" class:"public"` // "none", or who is cut off and for how long
	DoNot      []string  `json:"do_not" class:"personal"`
	Verify     string    `json:"verify" class:"personal"` // empty: run logindoctor again
}

// Command is one that somebody may run.
type Command struct {
	Shell Shell  `json:"shell" class:"public"`
	Run   string `json:"run" class:"personal"`
	Who   Owner  `json:"who" class:"public"`
}

// Shell is what a command is written for.
type Shell uint8

// The shells.
const (
	_ Shell = iota
	PowerShell
	POSIX
)

var shellNames = [...]string{"", "powershell", "sh"}

func (s Shell) String() string                { return shellNames[s] }
func (s Shell) MarshalText() ([]byte, error)  { return text(shellNames[:], uint8(s)) }
func (s *Shell) UnmarshalText(b []byte) error { return parse(shellNames[:], (*uint8)(s), b) }

// Verdict is a check's answer. The zero value is none at all.
type Verdict uint8

// The verdicts.
const (
	_ Verdict = iota
	OK
	Problem
	Notice // worth telling, not the cause
	NotApplicable
	Undetermined // never to be drawn as good
)

var verdictNames = [...]string{"", "ok", "problem", "notice", "not-applicable", "undetermined"}

func (v Verdict) String() string                { return verdictNames[v] }
func (v Verdict) MarshalText() ([]byte, error)  { return text(verdictNames[:], uint8(v)) }
func (v *Verdict) UnmarshalText(b []byte) error { return parse(verdictNames[:], (*uint8)(v), b) }

// Confidence is how sure a finding is.
type Confidence uint8

// The degrees. Possible is a question to ask, never a finding to act on: always a Notice.
const (
	_ Confidence = iota
	Possible
	Likely  // inferred
	Certain // a server said so, or a field shows it
)

var confidenceNames = [...]string{"", "possible", "likely", "certain"}

func (c Confidence) String() string                { return confidenceNames[c] }
func (c Confidence) MarshalText() ([]byte, error)  { return text(confidenceNames[:], uint8(c)) }
func (c *Confidence) UnmarshalText(b []byte) error { return parse(confidenceNames[:], (*uint8)(c), b) }

// Scope is whom a problem concerns, from narrow to wide.
type Scope uint8

// The scopes.
const (
	_             Scope = iota
	ScopeUser           // this user
	ScopeNetwork        // everyone behind one address
	ScopeDomain         // everyone of a domain or directory
	ScopeEveryone       // everyone
)

var scopeNames = [...]string{"", "user", "network", "domain", "everyone"}

func (s Scope) String() string                { return scopeNames[s] }
func (s Scope) MarshalText() ([]byte, error)  { return text(scopeNames[:], uint8(s)) }
func (s *Scope) UnmarshalText(b []byte) error { return parse(scopeNames[:], (*uint8)(s), b) }

// Owner is who has to act.
type Owner uint8

// The owners.
const (
	_ Owner = iota
	OwnerUser
	OwnerHelpdesk
	OwnerMailAdmin
	OwnerDirectoryAdmin
	OwnerNetworkAdmin
)

var ownerNames = [...]string{"", "user", "helpdesk", "mail-admin", "directory-admin", "network-admin"}

func (o Owner) String() string                { return ownerNames[o] }
func (o Owner) MarshalText() ([]byte, error)  { return text(ownerNames[:], uint8(o)) }
func (o *Owner) UnmarshalText(b []byte) error { return parse(ownerNames[:], (*uint8)(o), b) }

func text(names []string, v uint8) ([]byte, error) {
	if int(v) >= len(names) {
		return nil, fmt.Errorf("checks: no word for value %d", v)
	}
	return []byte(names[v]), nil
}

func parse(names []string, v *uint8, b []byte) error {
	for i, n := range names {
		if n == string(b) {
			*v = uint8(i)
			return nil
		}
	}
	return fmt.Errorf("checks: unknown word %q", b)
}
