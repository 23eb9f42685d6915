package probes

// IMAPServer is what an IMAP server shows before anyone logs in.
type IMAPServer struct {
	Reach        *Reach                     `json:"reach,omitempty" class:"parts"`
	Greeting     *Observation[IMAPGreeting] `json:"greeting,omitempty" class:"parts"`
	Capabilities *Observation[[]string]     `json:"capabilities,omitempty" class:"parts"` // what a login here would find: after TLS, or in clear text where the target has none
	// PlainCapabilities is the list before TLS (security starttls and none): whether LOGINDISABLED guards clear text.
	PlainCapabilities *Observation[[]string] `json:"plain_capabilities,omitempty" class:"parts"`
}

// IMAPGreeting is the first line of the server.
type IMAPGreeting struct {
	Status IMAPStatus `json:"status" class:"public"`
	Code   IMAPCode   `json:"code,omitempty" class:"public"`
	Words  string     `json:"words" class:"internal"`
}

// IMAPOutcome is the answer to one login, in the server's own words.
type IMAPOutcome struct {
	Mechanism string      `json:"mechanism" class:"public"` // LOGIN or AUTHENTICATE PLAIN
	Status    IMAPStatus  `json:"status" class:"public"`    // how the command ended
	Code      IMAPCode    `json:"code,omitempty" class:"public"`
	Arguments string      `json:"arguments,omitempty" class:"personal"` // of the code: the URL of a REFERRAL
	Words     string      `json:"words,omitempty" class:"personal"`
	Untagged  []IMAPLine  `json:"untagged,omitempty" class:"parts"` // untagged NO, BAD, BYE and OK with words, in order
	TookMS    int64       `json:"took_ms" class:"public"`
	Select    *IMAPSelect `json:"select,omitempty" class:"parts"` // EXAMINE INBOX after an accepted login
	// NoTag says that the NO came untagged, and the command's own reply never: Stalwart's way to refuse an app password
	// (stalwartlabs/stalwart issue 3241).
	NoTag bool `json:"no_tag,omitempty" class:"public"`
	// SecretUnsent says that the command ended before the secret's turn came (a refused or unanswered continuation): nothing was spent.
	SecretUnsent bool `json:"secret_unsent,omitempty" class:"public"`
}

// Accepted says that the server accepted the login, whatever came after.
func (o *IMAPOutcome) Accepted() bool { return o != nil && o.Status == IMAPOK }

// IMAPSelect is how EXAMINE INBOX ended.
type IMAPSelect struct {
	Status IMAPStatus `json:"status" class:"public"`
	Code   IMAPCode   `json:"code,omitempty" class:"public"`
	Words  string     `json:"words,omitempty" class:"personal"`
}

// IMAPLine is one untagged status response.
type IMAPLine struct {
	Status IMAPStatus `json:"status" class:"public"`
	Code   IMAPCode   `json:"code,omitempty" class:"public"`
	Words  string     `json:"words" class:"personal"`
}

// IMAPStatus is how a server ended something.
type IMAPStatus uint8

// The ways. OK, NO, BAD, BYE and PREAUTH are RFC 9051 §7.1; the others are what it did instead of answering.
const (
	_            IMAPStatus = iota
	IMAPOK                  // OK
	IMAPNO                  // NO
	IMAPBAD                 // BAD
	IMAPBYE                 // BYE instead of a tagged reply
	IMAPPREAUTH             // PREAUTH
	IMAPClosed              // closed without a word
	IMAPNoAnswer            // nothing in time
	IMAPGarbage             // bytes that are not IMAP, or too many of them
)

var imapStatusNames = [...]string{"", "OK", "NO", "BAD", "BYE", "PREAUTH", "closed", "no-answer", "garbage"}

func (s IMAPStatus) String() string               { return name(imapStatusNames[:], uint8(s)) }
func (s IMAPStatus) MarshalText() ([]byte, error) { return marshal(imapStatusNames[:], uint8(s)) }
func (s *IMAPStatus) UnmarshalText(b []byte) error {
	return unmarshal(imapStatusNames[:], (*uint8)(s), b)
}

// IMAPCode is a response code in upper case, without its arguments. Any server may send others than these.
type IMAPCode string

// RFC 5530 §3, LOGINDISABLED and PRIVACYREQUIRED among them; REFERRAL is RFC 2221, ALERT RFC 9051 §7.1.
const (
	CodeUnavailable          IMAPCode = "UNAVAILABLE"
	CodeAuthenticationFailed IMAPCode = "AUTHENTICATIONFAILED"
	CodeAuthorizationFailed  IMAPCode = "AUTHORIZATIONFAILED"
	CodeExpired              IMAPCode = "EXPIRED"
	CodePrivacyRequired      IMAPCode = "PRIVACYREQUIRED"
	CodeContactAdmin         IMAPCode = "CONTACTADMIN"
	CodeNoPerm               IMAPCode = "NOPERM"
	CodeInUse                IMAPCode = "INUSE"
	CodeServerBug            IMAPCode = "SERVERBUG"
	CodeLimit                IMAPCode = "LIMIT"
	CodeOverQuota            IMAPCode = "OVERQUOTA"
	CodeNonExistent          IMAPCode = "NONEXISTENT"
	CodeReferral             IMAPCode = "REFERRAL"
	CodeAlert                IMAPCode = "ALERT"
)

// Said is the reply as a person would quote it: `NO [UNAVAILABLE] Temporary authentication failure.`
func (o *IMAPOutcome) Said() string {
	s := o.Status.String()
	if o.Code != "" {
		s += " [" + string(o.Code) + "]"
	}
	if o.Words != "" {
		s += " " + o.Words
	}
	return s
}
