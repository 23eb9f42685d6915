package checks

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// jargon are words that a caller need not know: protocols, products, and what logindoctor calls things.
var jargon = regexp.MustCompile(`\b(LDAPS?|DN|[Bb]inds?|[Bb]ound|IMAPS?|POP3|AD|OD|UPN|SMTP|DNS|API|KDC|NTP|Kerberos|TLS certificate|STARTTLS|Kerio|Dovecot|Stalwart|Active Directory|Open Directory|` +
	`[Ss]ub-?codes?|[Aa]ttributes?|[Pp]olic(y|ies)|[Cc]anary|[Rr]eplicas?|[Dd]omains?|[Cc]ontrollers?|[Ss]ecurity log|[Ee]vidence|[Vv]erdict|[Uu]ndetermined|[Pp]rofile|[Aa]uthenticat\w+|[Cc]redentials?|logindoctor|caller|user's)\b`)

// blame and promises: neither belongs in a letter.
var (
	blame    = regexp.MustCompile(`(?i)\b(your fault|you forgot|you mistyped|you typed|you have typed|you entered|you failed|unfortunately|simply|just)\b`)
	promises = regexp.MustCompile(`(?i)\b(soon|shortly|tomorrow|today|immediately|within|minutes? from|hours?|days?|in \d+)\b`)
	american = regexp.MustCompile(`\b(licenses?|color|behavior|recogniz\w+|organiz\w+|centers?|canceled)\b`)
)

// timeless are phrases with a word of time that promise none.
var timeless = strings.NewReplacer("this hour", "", "on this day", "")

func TestLetters(t *testing.T) {
	for _, c := range All {
		t.Run(c.ID, func(t *testing.T) {
			l := c.Letter
			if l.Wrong == "" || len(l.Do)+len(l.Leave) == 0 {
				t.Fatal("no letter, or nothing to do or to leave alone")
			}
			if n := strings.Count(l.Wrong+" ", ". "); n > 2 {
				t.Errorf("%d sentences: %s", n, l.Wrong)
			}
			for _, s := range append(slices.Clone(l.Do), l.Leave...) {
				if strings.Count(s+" ", ". ") != 1 {
					t.Errorf("not one sentence: %s", s)
				}
			}
			for _, s := range l.Leave {
				if !strings.HasPrefix(s, "Do not ") && !strings.HasPrefix(s, "Leave ") {
					t.Errorf("this is nothing to leave alone: %s", s)
				}
			}
			if c.Owner == OwnerUser && len(l.Do) == 0 {
				t.Error("the caller has to act, and is not told how")
			}
			for _, s := range slices.Concat([]string{l.Wrong}, l.Do, l.Leave) {
				plain(t, s)
			}
		})
	}
}

// plain checks one text of a letter.
func plain(t *testing.T, s string) {
	t.Helper()
	if strings.ToUpper(s[:1]) != s[:1] || !strings.HasSuffix(s, ".") || len(s) > 160 || strings.ContainsAny(s, "{}\n") {
		t.Errorf("no plain short sentence: %s", s)
	}
	for name, form := range map[string]*regexp.Regexp{"jargon": jargon, "blame": blame, "not British": american} {
		if got := form.FindString(s); got != "" {
			t.Errorf("%s: %q in: %s", name, got, s)
		}
	}
	if got := promises.FindString(timeless.Replace(s)); got != "" {
		t.Errorf("a promise: %q in: %s", got, s)
	}
	for _, c := range All {
		if strings.Contains(s, c.ID) {
			t.Errorf("the id %s in: %s", c.ID, s)
		}
	}
}

// TestLettersAgreeWithRemedies: where the helpdesk is told not to reset the password, the caller is told to keep it, or to
// ask for no other one; and nobody is told to keep and to change it.
func TestLettersAgreeWithRemedies(t *testing.T) {
	for _, c := range All {
		keep := slices.Contains(c.Letter.Leave, KeepPassword) || slices.Contains(c.Letter.Leave, noOtherNew)
		reset := slices.ContainsFunc(c.Remedy.DoNot, func(s string) bool { return strings.HasPrefix(s, "Do not reset ") })
		if reset && !keep {
			t.Errorf("%s: the remedy leaves the password alone, the letter does not", c.ID)
		}
		renew := slices.ContainsFunc(c.Letter.Do, func(s string) bool {
			return s == newEverywhere || strings.HasPrefix(s, "Choose a new password") || strings.Contains(s, "ask the helpdesk for a new one")
		})
		if renew && slices.Contains(c.Letter.Leave, KeepPassword) {
			t.Errorf("%s: to keep the password, and to change it", c.ID)
		}
	}
}

// TestSharedWordsArePlain: what the report adds of its own is held to the same.
func TestSharedWordsArePlain(t *testing.T) {
	for _, s := range []string{KeepPassword, NoFurtherTries, NoteWords} {
		plain(t, s)
	}
	for _, q := range Questions {
		if got := jargon.FindString(q.Ask); got != "" {
			t.Errorf("the question %s goes into letters: %q in: %s", q.ID, got, q.Ask)
		}
	}
}
