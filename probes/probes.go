// Package probes holds what one run asks about (Target) and what it saw (Snapshot).
//
// It is data only: it dials nothing and judges nothing. The packages below it fill a Snapshot, the checks read it, and
// its JSON form is at once the report's facts, the fixture format and the bug report. No type in it can hold a secret.
//
// Every field carries its privacy class as the struct tag `class`: public, internal (hosts, directory names), personal
// (people, their addresses, what a server said of them), secret (never stored here), or parts (the class stands on the
// fields inside). A test fails on a field without one.
package probes

import (
	"fmt"
	"time"
)

// FactsVersion is the version of the Snapshot's shape. It is no part of the outside promise.
const FactsVersion = 1

// Snapshot is all that one run learned. A nil pointer was not looked at.
// What is true of a server stands in Kerio, Directory and IMAP; what is true of the account under diagnosis in Account.
type Snapshot struct {
	FactsVersion int               `json:"facts_version" class:"public"`
	Target       Target            `json:"target" class:"parts"`
	StartedAt    time.Time         `json:"started_at" class:"public"`
	FinishedAt   time.Time         `json:"finished_at" class:"public"`
	Kerio        *KerioServer      `json:"kerio,omitempty" class:"parts"`
	Stalwart     *StalwartServer   `json:"stalwart,omitempty" class:"parts"`
	Directory    []DirectoryServer `json:"directory,omitempty" class:"parts"` // one per configured server, in the profile's order
	IMAP         *IMAPServer       `json:"imap,omitempty" class:"parts"`
	Account      Account           `json:"account" class:"parts"`
	Login        *Login            `json:"login,omitempty" class:"parts"`
	Said         []Said            `json:"said,omitempty" class:"parts"` // what the caller answered
}

// Said is the caller's answer to one question of package checks.
type Said struct {
	Question string    `json:"question" class:"public"`
	Say      string    `json:"say" class:"personal"`
	At       time.Time `json:"at,omitzero" class:"public"`
}

// Account is what the servers hold about the account under diagnosis.
type Account struct {
	Kerio     *KerioAccount      `json:"kerio,omitempty" class:"parts"`
	Stalwart  *StalwartAccount   `json:"stalwart,omitempty" class:"parts"`
	Directory []DirectoryAccount `json:"directory,omitempty" class:"parts"` // parallel to Snapshot.Directory
}

// Look says how one look at one thing went.
type Look struct {
	Probe  Probe     `json:"probe" class:"public"`
	What   string    `json:"what" class:"internal"` // what was asked, in the protocol's words: "Logs.get security"
	Why    Why       `json:"why,omitempty" class:"public"`
	Words  string    `json:"words,omitempty" class:"personal"` // the server's own words, if it said any
	Source string    `json:"source" class:"internal"`          // who was asked: host or host:port
	At     time.Time `json:"at" class:"public"`                // when the answer (or its absence) was certain
	TookMS int64     `json:"took_ms" class:"public"`
}

// Observation is what was seen, or why it was not. Value counts only where Why is Seen.
type Observation[T any] struct {
	Look  `class:"parts"`
	Value T `json:"value" class:"parts"`
}

// OK says that the thing was looked at and seen. It is false for nil.
func (o *Observation[T]) OK() bool { return o != nil && o.Why == Seen }

// Probe names the part of the run that looked.
type Probe uint8

// The probes. The zero value is none.
const (
	_ Probe = iota
	ProbeKerio
	ProbeDirectory
	ProbeIMAP
	ProbeLogin
	ProbeStalwart
)

var probeNames = [...]string{"", "kerio", "directory", "imap", "login", "stalwart"}

func (p Probe) String() string                { return name(probeNames[:], uint8(p)) }
func (p Probe) MarshalText() ([]byte, error)  { return marshal(probeNames[:], uint8(p)) }
func (p *Probe) UnmarshalText(b []byte) error { return unmarshal(probeNames[:], (*uint8)(p), b) }

// Why says why something was not seen. The words are the contract's `why` of an undetermined check.
type Why uint8

// The reasons. The zero value, Seen, is no reason: it was seen.
const (
	Seen Why = iota
	Timeout
	Unreachable
	NotPermitted
	AttemptWithheld
	Unclear
	Canceled
	Bug
)

var whyNames = [...]string{"", "timeout", "unreachable", "not-permitted", "attempt-withheld", "unclear", "canceled", "bug"}

func (w Why) String() string                { return name(whyNames[:], uint8(w)) }
func (w Why) MarshalText() ([]byte, error)  { return marshal(whyNames[:], uint8(w)) }
func (w *Why) UnmarshalText(b []byte) error { return unmarshal(whyNames[:], (*uint8)(w), b) }

// name, marshal and unmarshal are the text form that all closed vocabularies of this package share.

func name(names []string, v uint8) string {
	if int(v) < len(names) {
		return names[v]
	}
	return fmt.Sprintf("unknown(%d)", v)
}

func marshal(names []string, v uint8) ([]byte, error) {
	if int(v) >= len(names) {
		return nil, fmt.Errorf("probes: no name for value %d", v)
	}
	return []byte(names[v]), nil
}

func unmarshal(names []string, v *uint8, text []byte) error {
	for i, n := range names {
		if n == string(text) {
			*v = uint8(i)
			return nil
		}
	}
	return fmt.Errorf("probes: unknown word %q", text)
}
