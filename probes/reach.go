package probes

import "time"

// Reach is how far a connection to one address came, and what its certificate said.
type Reach struct {
	Address     string       `json:"address" class:"internal"` // host:port
	Security    Security     `json:"security" class:"public"`
	Stage       Stage        `json:"stage" class:"public"`             // the last stage that was begun
	Failure     Failure      `json:"failure,omitempty" class:"public"` // none: the connection is usable
	Words       string       `json:"words,omitempty" class:"internal"` // the error as the system or TLS worded it
	Certificate *Certificate `json:"certificate,omitempty" class:"parts"`
	Remote      string       `json:"remote,omitempty" class:"internal"` // the address that the name led to
	Local       string       `json:"local,omitempty" class:"internal"`  // the address the server saw us come from, as far as we know it
	RoundTrips  int          `json:"round_trips" class:"public"`        // flights from the server that this connection waited for
	At          time.Time    `json:"at" class:"public"`
	TookMS      int64        `json:"took_ms" class:"public"`
}

// OK says that the connection could be used. It is false for nil.
func (r *Reach) OK() bool { return r != nil && r.Stage == StageTalk && r.Failure == FailureNone }

// Why words the failure as the reason for which nothing was seen; Seen where there is none.
func (r *Reach) Why() Why {
	switch {
	case r == nil:
		return Unreachable
	case r.Failure == FailureNone:
		return Seen
	case r.Failure == FailureTimeout:
		return Timeout
	case r.Failure == FailureCanceled:
		return Canceled
	case r.Failure == FailureGarbage, r.Failure == FailureTooLong:
		return Unclear
	default:
		return Unreachable
	}
}

// Patience is how long a connection has to be waited for before silence says something of the server: three SYNs, at 0, 1
// and 3 seconds (RFC 6298 §2).
const Patience = 3 * time.Second

// OurEnd says that the failure lies on this side, or that it was not waited for long enough: nothing is known of the server.
func (r *Reach) OurEnd() bool {
	switch r.Failure {
	case FailureNoNetwork, FailureResolver, FailureCanceled:
		return true
	case FailureTimeout:
		return r.TookMS < Patience.Milliseconds()
	}
	return false
}

// Certificate is the leaf that a server showed, verified or not.
type Certificate struct {
	Subject   string    `json:"subject" class:"internal"`
	Issuer    string    `json:"issuer" class:"internal"`
	Names     []string  `json:"names,omitempty" class:"internal"` // DNS names and IP addresses it is valid for
	NotBefore time.Time `json:"not_before" class:"public"`
	NotAfter  time.Time `json:"not_after" class:"public"`
	SHA256    string    `json:"sha256" class:"internal"` // hex, of the DER form
}

// Stage is a step of reaching a server.
type Stage uint8

// The stages, in order. The zero value is not begun.
const (
	StageNone Stage = iota
	StageResolve
	StageConnect
	StageTLS
	StageTalk // the protocol above: the connection stands
)

var stageNames = [...]string{"", "resolve", "connect", "tls", "talk"}

func (s Stage) String() string                { return name(stageNames[:], uint8(s)) }
func (s Stage) MarshalText() ([]byte, error)  { return marshal(stageNames[:], uint8(s)) }
func (s *Stage) UnmarshalText(b []byte) error { return unmarshal(stageNames[:], (*uint8)(s), b) }

// Failure is what went wrong at a stage.
type Failure uint8

// The failures. The zero value is none.
const (
	FailureNone        Failure = iota
	FailureName                // the name does not resolve
	FailureRefused             // the port answers that nobody listens
	FailureNoRoute             // the network says that there is no way
	FailureTimeout             // no answer in time
	FailureClosed              // closed or reset in the middle
	FailureGarbage             // bytes that are not this protocol
	FailureTooLong             // more bytes than any honest server sends
	FailureCertExpired         // past NotAfter
	FailureCertNotYet          // before NotBefore
	FailureCertName            // valid, for other names
	FailureCertUntrust         // signed by nobody we trust
	FailureTLS                 // any other failure of the handshake
	FailureCanceled            // the run was ended
	FailureNoNetwork           // this computer has no way into the network
	FailureResolver            // the resolver failed: whether the name exists is not known
)

var failureNames = [...]string{"", "name", "refused", "no-route", "timeout", "closed", "garbage", "too-long",
	"certificate-expired", "certificate-not-yet-valid", "certificate-name", "certificate-untrusted", "tls", "canceled", "no-network", "resolver"}

func (f Failure) String() string                { return name(failureNames[:], uint8(f)) }
func (f Failure) MarshalText() ([]byte, error)  { return marshal(failureNames[:], uint8(f)) }
func (f *Failure) UnmarshalText(b []byte) error { return unmarshal(failureNames[:], (*uint8)(f), b) }

// Certificate says whether the failure is one of the certificate's.
func (f Failure) Certificate() bool { return f >= FailureCertExpired && f <= FailureCertUntrust }
