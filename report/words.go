package report

import "fmt"

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

// The kinds. Those of a policy (expiry, the end of a lock, a certificate's end) may lie in the future.
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
)

var eventNames = [...]string{"", "password-set", "password-expires", "account-expires", "failure", "locked", "lock-ends",
	"address-blocked", "login", "certificate-starts", "certificate-ends", "attempt", "log"}

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
