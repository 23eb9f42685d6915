// Package checks judges what the probes saw. A check is a constant with one pure function; the catalogue, in report
// order, is All. Nothing here asks a server, the clock or the file system: the same facts always give the same answers.
package checks

import (
	"logindoctor.example/probes"
)

// Check is one cause, or one symptom, that a report can name.
type Check struct {
	ID     string // kebab-case; it never changes its meaning
	Group  Group
	Title  string // states the problem
	Doc    Doc
	Source []Source // what the check rests on: one without is an opinion
	Needs  []*Need  // without these there is no answer
	Uses   []*Need  // read where they were seen
	Owner  Owner    // who can mend it; a Finding may name another
	Scope  Scope    // whom it concerns; a Finding may name another
	Remedy Remedy   // placeholders as in Remedy's comment; a Finding may give another
	Letter Letter   // what the caller is told; it has to be true of every problem that Run may find

	// Explains are the checks that are a problem because of this one. It stands on the cause, so that a new cause edits no
	// symptom, and the compiler refuses a misspelling and a cycle.
	Explains []*Check
	// Outlasts are the causes that are named after this one where both stand: mending them alone would not help.
	Outlasts []*Check
	// Residual marks what remains when nothing else explains a refusal: it is no problem of its own beside a cause that explains it.
	Residual bool

	// Run answers for the account. It sees of the snapshot only what Needs and Uses declare, and the Target.
	Run func(*probes.Snapshot) Finding
}

// Doc is what a person reads of a check apart from a case. Each is a few plain sentences.
type Doc struct {
	Says     string   // the problem in the caller's words
	Tells    string   // how logindoctor tells it
	Mistaken []string // what it is often mistaken for, and how to tell them apart
}

// Letter is what the person who cannot log in is told: whole sentences to them, in words that they know. It names no people,
// servers or products, lays no blame, and promises no time.
type Letter struct {
	Wrong string   // what is the matter
	Do    []string // what the caller does, in order; empty where only others act
	Leave []string // what the caller leaves alone
}

// KeepPassword is for the causes that a new password does not mend: it would only have to be entered on every device.
const KeepPassword = "Do not change your password because of this."

// NoFurtherTries is for the cases in which a password may be wrong.
const NoFurtherTries = "Do not try other passwords: wrong ones can lock you out."

// NoteWords is for the cases that stay open.
const NoteWords = "Note the exact words that you see, and when, and tell them to the helpdesk."

// What the letters of several checks share.
const (
	noTriesWhileLocked = "Do not keep trying to log in while the account is locked."
	newEverywhere      = "Enter the new password on every phone, tablet and computer that has your mail."
	noOldDevices       = "Do not leave a device switched on that still has the old password: it could lock your account."
	noOtherNew         = "Do not ask for another new password: it would have to be changed again."
)

var (
	whenLocked = []string{"Switch off mail on every phone, tablet and computer that may have an old password.",
		"When the account is free again, switch mail on again on one device after the other, each with the password that is valid then."}
	askManager    = []string{"If you need this for your work, ask your manager to confirm it to the helpdesk."}
	unknownLetter = Letter{
		Wrong: "Your company's directory does not know the name with which the login is tried.",
		Do:    []string{"Spell that name out to the helpdesk, letter by letter, and say whether your own name has changed."},
		Leave: []string{KeepPassword},
	}
)

// Source is a citation.
type Source struct {
	Title string
	URL   string // empty where there is none to give
}

// Group is a question of the report.
type Group uint8

// The groups, in report order; the first five are what helpdesk staff ask for first.
const (
	_ Group = iota
	GroupLocked
	GroupFolders
	GroupAppPassword
	GroupBind
	GroupIMAP
	GroupAccount
	GroupPassword
	GroupAccess
	GroupMail
	GroupDirectory
	GroupNetwork
)

var groupNames = [...]string{"", "account-locked", "opened-folders", "app-password-on-api", "directory-bind", "imap-login",
	"account-state", "password-state", "access-rules", "mail-service", "directory-service", "network"}

var groupQuestions = [...]string{"", "Is the account locked?", "Are there opened folders with 10 or more references?",
	"Is an app password used where it does not work?", "Is the mail server's directory password stale?", "Do IMAP logins work?",
	"Is the account in order?", "Is the password in order?", "Do access rules stand in the way?", "Does the mail server work?",
	"Does the directory work?", "Does the network work?"}

// Question is what the group asks, in a helpdesk's words.
func (g Group) Question() string { return groupQuestions[g] }

func (g Group) String() string                { return groupNames[g] }
func (g Group) MarshalText() ([]byte, error)  { return text(groupNames[:], uint8(g)) }
func (g *Group) UnmarshalText(b []byte) error { return parse(groupNames[:], (*uint8)(g), b) }

// Groups lists the groups in report order.
func Groups() []Group {
	out := make([]Group, 0, len(groupNames)-1)
	for g := GroupLocked; g <= GroupNetwork; g++ {
		out = append(out, g)
	}
	return out
}
