package probes

import "time"

// Login is what was submitted, what was not, and why.
type Login struct {
	SecretGiven bool      `json:"secret_given" class:"public"`
	UsedOn      Service   `json:"used_on,omitempty" class:"public"` // where the user types the secret; zero: not said
	MaxFailures int       `json:"max_failures" class:"public"`      // the most refusals this run may cost the user
	Budgets     []Budget  `json:"budgets" class:"parts"`            // the policies and counters read, the strictest decides
	Steps       []Step    `json:"steps" class:"parts"`              // the plan
	Attempts    []Attempt `json:"attempts" class:"parts"`           // in the order they were made or withheld
}

// Spent counts the refusals that this run cost the user (Who is AttemptUser).
func (l *Login) Spent() int {
	n := 0
	for _, a := range l.Attempts {
		if a.Who == AttemptUser && (a.Outcome == Refused || a.Outcome == Unanswered) {
			n++
		}
	}
	return n
}

// Attempt finds the first attempt of who at service; nil if there is none.
func (l *Login) Attempt(who Who, service Service) *Attempt {
	if l == nil {
		return nil
	}
	for i := range l.Attempts {
		if l.Attempts[i].Who == who && l.Attempts[i].Service == service {
			return &l.Attempts[i]
		}
	}
	return nil
}

// Budget is one system's lockout arithmetic for the user's account.
type Budget struct {
	System    string `json:"system" class:"public"` // active-directory, open-directory, kerio, stalwart, unknown
	Known     bool   `json:"known" class:"public"`  // the policy and the counter were read
	Why       Why    `json:"why,omitempty" class:"public"`
	Threshold int    `json:"threshold" class:"public"` // 0: never locks
	Used      int    `json:"used" class:"public"`      // failures that count now, this tool's ledger included
	Reserve   int    `json:"reserve" class:"public"`   // what must be left after a refusal
	WindowMS  int64  `json:"window_ms" class:"public"`
	Locked    bool   `json:"locked,omitempty" class:"public"`
	Note      string `json:"note,omitempty" class:"internal"` // what a reader must know: which server was not read, which policy
}

// Step is one line of the plan.
type Step struct {
	Who     Who      `json:"who" class:"public"`
	Service Service  `json:"service" class:"public"`
	Do      Decision `json:"do" class:"public"`
	Reason  string   `json:"reason" class:"internal"`
}

// Attempt is one secret that was submitted, or was withheld although a check wanted it.
type Attempt struct {
	At      time.Time        `json:"at" class:"public"`
	Who     Who              `json:"who" class:"public"`
	Service Service          `json:"service" class:"public"`
	Server  string           `json:"server,omitempty" class:"internal"`
	Outcome Outcome          `json:"outcome" class:"public"`
	Why     Why              `json:"why,omitempty" class:"public"` // of a withheld or unanswered one
	Reason  string           `json:"reason,omitempty" class:"internal"`
	IMAP    *IMAPOutcome     `json:"imap,omitempty" class:"parts"`
	API     *KerioOutcome    `json:"api,omitempty" class:"parts"`
	Bind    *BindOutcome     `json:"bind,omitempty" class:"parts"`
	HTTP    *StalwartOutcome `json:"http,omitempty" class:"parts"`  // of the API, where that is Stalwart's
	Sieve   *SieveOutcome    `json:"sieve,omitempty" class:"parts"` // of ManageSieve
	TookMS  int64            `json:"took_ms" class:"public"`
}

// Who is whose secret an attempt submits.
type Who uint8

// The accounts. The zero value is none.
const (
	_                 Who = iota
	AttemptUser           // the user under diagnosis
	AttemptCanary         // the mailbox known to be healthy
	AttemptMailServer     // the mail server's bind account
	AttemptOwn            // logindoctor's own account
)

var whoNames = [...]string{"", "user", "canary", "mail-server-bind", "own"}

func (w Who) String() string                { return name(whoNames[:], uint8(w)) }
func (w Who) MarshalText() ([]byte, error)  { return marshal(whoNames[:], uint8(w)) }
func (w *Who) UnmarshalText(b []byte) error { return unmarshal(whoNames[:], (*uint8)(w), b) }

// Service is where a secret is submitted. Webmail shares the API's rules.
type Service uint8

// The services. The zero value is not said.
const (
	_ Service = iota
	ServiceIMAP
	ServiceAPI       // Kerio's Session.login at user_url, or Stalwart's JMAP session with HTTP Basic
	ServiceWebmail   // only as an answer to "where is it used"
	ServiceDirectory // a simple bind
	ServiceAdmin     // Kerio's Session.login at admin_url, or Stalwart's JMAP session with the API key: only logindoctor's own account
	ServiceManageSieve
)

var serviceNames = [...]string{"", "imap", "api", "webmail", "directory", "admin", "managesieve"}

func (s Service) String() string                { return name(serviceNames[:], uint8(s)) }
func (s Service) MarshalText() ([]byte, error)  { return marshal(serviceNames[:], uint8(s)) }
func (s *Service) UnmarshalText(b []byte) error { return unmarshal(serviceNames[:], (*uint8)(s), b) }

// Outcome is how an attempt ended.
type Outcome uint8

// The outcomes. Unanswered: sent, and then nothing: it is spent.
const (
	_ Outcome = iota
	Accepted
	Refused
	Unanswered
	Withheld
)

var outcomeNames = [...]string{"", "accepted", "refused", "unanswered", "withheld"}

func (o Outcome) String() string                { return name(outcomeNames[:], uint8(o)) }
func (o Outcome) MarshalText() ([]byte, error)  { return marshal(outcomeNames[:], uint8(o)) }
func (o *Outcome) UnmarshalText(b []byte) error { return unmarshal(outcomeNames[:], (*uint8)(o), b) }

// Decision is what the plan does with a step.
type Decision uint8

// The decisions.
const (
	_      Decision = iota
	DoTry           // it is made
	DoIf            // it is made if an earlier step calls for it and the budget still affords it
	DoHold          // it is withheld
)

var decisionNames = [...]string{"", "try", "if-needed", "withhold"}

func (d Decision) String() string                { return name(decisionNames[:], uint8(d)) }
func (d Decision) MarshalText() ([]byte, error)  { return marshal(decisionNames[:], uint8(d)) }
func (d *Decision) UnmarshalText(b []byte) error { return unmarshal(decisionNames[:], (*uint8)(d), b) }
