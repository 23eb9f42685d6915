package report

import (
	"time"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

// Tool is who made the report.
type Tool struct {
	Name    string `json:"name" class:"public"`
	Version string `json:"version" class:"public"`
	Commit  string `json:"commit" class:"public"`
}

// Subject is whom the report is about.
type Subject struct {
	User    string `json:"user" class:"personal"` // as typed
	Profile string `json:"profile" class:"internal"`
}

// Selection is what --only and --skip named; both empty: every check ran.
type Selection struct {
	Only []string `json:"only" class:"public"`
	Skip []string `json:"skip" class:"public"`
}

// Cause is one root cause: a problem that no other found problem explains.
type Cause struct {
	Cause        string            `json:"cause" class:"public"` // the check's id
	Title        string            `json:"title" class:"public"`
	Confidence   checks.Confidence `json:"confidence" class:"public"`
	Scope        checks.Scope      `json:"scope" class:"public"`
	Owner        checks.Owner      `json:"owner" class:"public"`
	Explains     []string          `json:"explains" class:"public"`      // checks that are a problem because of this
	WouldExplain []string          `json:"would_explain" class:"public"` // checks that were not tried, and would be one
	Summary      string            `json:"summary" class:"personal"`
	Evidence     []checks.Evidence `json:"evidence" class:"parts"`
	Remedy       checks.Remedy     `json:"remedy" class:"parts"`
	Links        []string          `json:"links" class:"public"`
}

// Answer is one check's answer.
type Answer struct {
	ID          string            `json:"id" class:"public"`
	Group       checks.Group      `json:"group" class:"public"`
	Title       string            `json:"title" class:"public"`
	Verdict     checks.Verdict    `json:"verdict" class:"public"`
	Why         probes.Why        `json:"why,omitempty" class:"public"` // of an undetermined one
	Confidence  checks.Confidence `json:"confidence,omitempty" class:"public"`
	Scope       checks.Scope      `json:"scope,omitempty" class:"public"`
	Owner       checks.Owner      `json:"owner,omitempty" class:"public"`
	Summary     string            `json:"summary" class:"personal"`
	Evidence    []checks.Evidence `json:"evidence" class:"parts"`
	Remedy      *checks.Remedy    `json:"remedy,omitempty" class:"parts"` // of a problem or a notice
	ExplainedBy []string          `json:"explained_by" class:"public"`    // the causes in the diagnosis that explain this problem
	Links       []string          `json:"links" class:"public"`           // the sources' addresses
	DurationMS  int64             `json:"duration_ms" class:"public"`
}

// Summary counts the checks by verdict.
type Summary struct {
	OK            int `json:"ok" class:"public"`
	Problem       int `json:"problem" class:"public"`
	Notice        int `json:"notice" class:"public"`
	NotApplicable int `json:"not_applicable" class:"public"`
	Undetermined  int `json:"undetermined" class:"public"`
}

// Attempts is what this run might spend of the user's login attempts, and did.
type Attempts struct {
	Allowed int       `json:"allowed" class:"public"` // the most refusals it might cost the user
	Spent   int       `json:"spent" class:"public"`   // refusals that it cost the user
	Log     []Attempt `json:"log" class:"parts"`      // every account's, the canary's and our own included
}

// Attempt is one secret that was submitted or withheld.
type Attempt struct {
	At      time.Time      `json:"at" class:"public"`
	Who     probes.Who     `json:"who" class:"public"`
	Service probes.Service `json:"service" class:"public"`
	Server  string         `json:"server" class:"internal"`
	Outcome probes.Outcome `json:"outcome" class:"public"`
	Why     probes.Why     `json:"why,omitempty" class:"public"` // of a withheld or unanswered one
	Reason  string         `json:"reason,omitempty" class:"internal"`
	Words   string         `json:"words,omitempty" class:"personal"` // the server's reply
}

// Coverage is what could not be looked at.
type Coverage struct {
	CouldNotLook []Unseen `json:"could_not_look" class:"parts"`
}

// Unseen is one look that saw nothing.
type Unseen struct {
	Probe  probes.Probe `json:"probe" class:"public"`
	What   string       `json:"what" class:"internal"` // in the protocol's words: "Logs.get security"
	Why    probes.Why   `json:"why" class:"public"`
	Source string       `json:"source" class:"internal"` // who was asked: host or host:port
	Words  string       `json:"words,omitempty" class:"personal"`
	At     time.Time    `json:"at,omitzero" class:"public"`
}

// Plan is what would be or was tried, and the arithmetic behind it.
type Plan struct {
	SecretGiven bool           `json:"secret_given" class:"public"`
	UsedOn      probes.Service `json:"used_on,omitempty" class:"public"` // where the user types the secret
	MaxFailures int            `json:"max_failures" class:"public"`
	Budgets     []Budget       `json:"budgets" class:"parts"`
	Steps       []Step         `json:"steps" class:"parts"`
}

// Budget is one system's lockout arithmetic for the user's account; of Stalwart, which locks none, that of the ban of an
// address. Left is nil where the system never locks, or where its policy or counter is not known.
type Budget struct {
	System    string     `json:"system" class:"public"`
	Known     bool       `json:"known" class:"public"`
	Why       probes.Why `json:"why,omitempty" class:"public"`
	Threshold int        `json:"threshold" class:"public"` // 0 and known: never locks
	Used      int        `json:"used" class:"public"`
	Left      *int       `json:"left" class:"public"`    // failures up to the lock
	Reserve   int        `json:"reserve" class:"public"` // what must be left after a refusal
	WindowMS  int64      `json:"window_ms" class:"public"`
	Locked    bool       `json:"locked" class:"public"`
	Note      string     `json:"note,omitempty" class:"internal"`
}

// Step is one line of the plan, with how it ended where it was made.
type Step struct {
	Who     probes.Who      `json:"who" class:"public"`
	Service probes.Service  `json:"service" class:"public"`
	Do      probes.Decision `json:"do" class:"public"`
	Reason  string          `json:"reason" class:"internal"`
	Outcome probes.Outcome  `json:"outcome,omitempty" class:"public"`
}

// Event is something with a date: in the past, or (an expiry) still to come.
type Event struct {
	At     time.Time `json:"at" class:"public"` // the latest, where Count is above one
	Kind   EventKind `json:"kind" class:"public"`
	What   string    `json:"what" class:"personal"`
	Count  int       `json:"count" class:"public"`          // how often
	Since  time.Time `json:"since,omitzero" class:"public"` // the first, where Count is above one
	Source string    `json:"source" class:"internal"`
}

// Impact is whom a blunt fix would hit.
type Impact struct {
	Fixes []BluntFix `json:"fixes" class:"parts"`
}

// BluntFix is a mend that hits more people than the user.
type BluntFix struct {
	Do      string       `json:"do" class:"public"`
	Scope   checks.Scope `json:"scope" class:"public"`
	Counted bool         `json:"counted" class:"public"` // Count was seen
	Count   int          `json:"count" class:"public"`
	Of      string       `json:"of" class:"public"`                  // what is counted: "open sessions"
	Cause   string       `json:"cause" class:"public"`               // whose mend it is
	Instead string       `json:"instead,omitempty" class:"personal"` // the smallest fix that may do
	Source  string       `json:"source,omitempty" class:"internal"`
	At      time.Time    `json:"at,omitzero" class:"public"`
}

// Remaining is a cause that is still possible where it stays open, and what would tell.
type Remaining struct {
	Cause string   `json:"cause" class:"public"`
	Title string   `json:"title" class:"public"`
	Why   string   `json:"why" class:"personal"` // why it is still possible
	Tells []string `json:"tells" class:"personal"`
}

// Question is what to ask the caller next. Each option says which causes an answer speaks for.
type Question struct {
	ID      string   `json:"id" class:"public"`
	Ask     string   `json:"ask" class:"public"`
	Options []Option `json:"options" class:"parts"`
}

// Option is one answer that a caller may give.
type Option struct {
	Say    string   `json:"say" class:"public"`
	Causes []string `json:"causes" class:"public"`
}

// Said is what the caller answered to a question.
type Said struct {
	Question string    `json:"question" class:"public"`
	Said     string    `json:"said" class:"personal"`
	At       time.Time `json:"at,omitzero" class:"public"`
}
