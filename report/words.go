package report

import (
	"fmt"
	"time"
)

// Verdict is what a report says as a whole. The zero value is none at all.
type Verdict uint8

// The verdicts.
const (
	_            Verdict = iota
	Healthy              // every applicable check looked, and none found a cause
	CauseFound           // at least one cause
	Inconclusive         // no cause, and something could not be looked at
)

var verdictNames = [...]string{"", "healthy", "cause-found", "inconclusive"}

func (v Verdict) String() string                { return verdictNames[v] }
func (v Verdict) MarshalText() ([]byte, error)  { return marshal(verdictNames[:], uint8(v)) }
func (v *Verdict) UnmarshalText(b []byte) error { return unmarshal(verdictNames[:], (*uint8)(v), b) }

// EventKind is what happened at a time. The zero value is none.
type EventKind uint8

// The kinds. Those of a policy (expiry, the end of a lock or a ban, a certificate's end) may lie in the future.
const (
	_ EventKind = iota
	EventPasswordSet
	EventPasswordExpires
	EventAccountExpires
	EventFailure
	EventLocked
	EventLockEnds
	EventBlocked // an address, not the account
	EventLogin
	EventCertificateStarts
	EventCertificateEnds
	EventAttempt // of this run
	EventLog     // another line of a log
	EventBlockEnds
	EventAppPasswordMade
	EventAppPasswordExpires
)

var eventNames = [...]string{"", "password-set", "password-expires", "account-expires", "failure", "locked", "lock-ends",
	"address-blocked", "login", "certificate-starts", "certificate-ends", "attempt", "log",
	"block-ends", "app-password-made", "app-password-expires"}

func (k EventKind) String() string                { return eventNames[k] }
func (k EventKind) MarshalText() ([]byte, error)  { return marshal(eventNames[:], uint8(k)) }
func (k *EventKind) UnmarshalText(b []byte) error { return unmarshal(eventNames[:], (*uint8)(k), b) }

func marshal(names []string, v uint8) ([]byte, error) {
	if int(v) >= len(names) {
		return nil, fmt.Errorf("report: no word for value %d", v)
	}
	return []byte(names[v]), nil
}

func unmarshal(names []string, v *uint8, b []byte) error {
	for i, n := range names {
		if n == string(b) {
			*v = uint8(i)
			return nil
		}
	}
	return fmt.Errorf("report: unknown word %q", b)
}

// Local shows the times in a sentence of the document as the reader's; those on the day of the run without the date.
func Local(s string, run time.Time, reader *time.Location) string {
	return newPage(Options{Location: reader}, run).local(s)
}

// Clock is a moment on the reader's clock, with its zone; on the day of the run without the date.
func Clock(t, run time.Time, reader *time.Location) string {
	return newPage(Options{Location: reader}, run).clock(t, "15:04:05 MST")
}

// Pasteable gives a command as it may be pasted; false for one that holds what cannot be seen, or is too long.
func Pasteable(run string) (string, bool) { return command(run) }
