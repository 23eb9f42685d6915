package report

import (
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rivo/uniseg"

	"logindoctor.example/checks"
	"logindoctor.example/fixtures/cases"
	"logindoctor.example/probes"
)

// lettered gives checks of a made-up catalogue their letters, and how to find them.
func lettered(catalogue []*checks.Check) letterOf {
	made := map[string]checks.Letter{
		"lock":   {Wrong: "Your account is locked.", Do: []string{"Switch off the old phone.", "Switch it on again when we tell you."}, Leave: []string{checks.KeepPassword, "Do not keep trying."}},
		"outage": {Wrong: "The mail server turns everyone away.", Leave: []string{checks.KeepPassword}},
		"old":    {Wrong: "Your password has run out.", Do: []string{"Choose a new one."}, Leave: []string{checks.NoFurtherTries}},
		"phone":  {Wrong: "Your phone has an old password.", Do: []string{"Enter the new one there."}, Leave: []string{checks.KeepPassword}},
	}
	for _, c := range catalogue {
		c.Letter = made[c.ID]
	}
	return func(id string) checks.Letter {
		for _, c := range catalogue {
			if c.ID == id {
				return c.Letter
			}
		}
		return checks.Letter{}
	}
}

func letterFrom(t *testing.T, r *Report, of letterOf) string {
	t.Helper()
	var b strings.Builder
	if err := writeLetter(&b, r, of); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// unwrapped is a letter's text as one line.
func unwrapped(s string) string { return strings.Join(strings.Fields(s), " ") }

// likely is a cause that is inferred.
func likely(id string, owner checks.Owner) *checks.Check {
	c := made(id, checks.Finding{Verdict: checks.Problem, Confidence: checks.Likely})
	c.Owner = owner
	return c
}

func TestLetterGoldens(t *testing.T) {
	outage := made("outage", checks.Finding{Verdict: checks.Problem, Scope: checks.ScopeEveryone})
	outage.Owner = checks.OwnerMailAdmin
	broken := everyCase()["inconclusive"]
	broken.NextQuestion = &Question{ID: "webmail", Ask: "Not the document's words?"}
	for name, one := range map[string]struct {
		catalogue []*checks.Check
		report    *Report
	}{
		"cause":        {catalogue: lockedCatalogue()},
		"likely":       {catalogue: []*checks.Check{likely("phone", checks.OwnerUser)}},
		"two-causes":   {catalogue: []*checks.Check{outage, likely("old", checks.OwnerHelpdesk)}},
		"three-causes": {catalogue: []*checks.Check{outage, problem("lock"), likely("old", checks.OwnerHelpdesk)}},
		"likely-wide":  {catalogue: []*checks.Check{made("outage", checks.Finding{Verdict: checks.Problem, Confidence: checks.Likely, Scope: checks.ScopeNetwork})}},
		"inconclusive": {report: broken},
		"healthy":      {report: everyCase()["healthy"]},
		"not-tried":    {report: New([]*checks.Check{fine("account")}, facts(), Meta{})},
		"skipped":      {report: everyCase()["skipped"]},
	} {
		of := lettered(one.catalogue)
		if one.report == nil {
			one.report = New(one.catalogue, lockedFacts(), Meta{})
		}
		golden(t, "letter-"+name+".txt", letterFrom(t, one.report, of))
	}
}

// TestLetterOfUnknownCheck: a report of another version may name a check that this one does not have.
func TestLetterOfUnknownCheck(t *testing.T) {
	for _, owner := range []checks.Owner{checks.OwnerUser, checks.OwnerNetworkAdmin} {
		got := unwrapped(letterFrom(t, New([]*checks.Check{likely("of-the-future", owner)}, facts(), Meta{}), catalogueLetter))
		if !strings.Contains(got, "the helpdesk can tell you more") || strings.Contains(got, "of-the-future") || strings.Contains(got, "yourself") || !strings.Contains(got, "takes care of this. There is nothing") {
			t.Errorf("%s:\n%s", owner, got)
		}
	}
}

// TestLetterKeepsThePassword: not beside a cause that ends in a new one, be it named or not.
func TestLetterKeepsThePassword(t *testing.T) {
	old, one, two := problem("old"), problem("lock"), problem("phone")
	for _, c := range []struct {
		catalogue []*checks.Check
		keep      bool
	}{{[]*checks.Check{one}, true}, {[]*checks.Check{one, two}, true}, {[]*checks.Check{one, old}, false}, {[]*checks.Check{one, two, old}, false}} {
		of := lettered(c.catalogue)
		got := letterFrom(t, New(c.catalogue, facts(), Meta{}), of)
		if strings.Contains(got, checks.KeepPassword) != c.keep || strings.Count(got, checks.KeepPassword) > 1 {
			t.Errorf("%d causes, keep %t:\n%s", len(c.catalogue), c.keep, got)
		}
	}
}

// TestLetterTellsOfAFullMailbox: callers take it for trouble with the login.
func TestLetterTellsOfAFullMailbox(t *testing.T) {
	if got := unwrapped(written(t, "letter", judged(t, "kerio+kerio-full+tried-accepted", nil))); !strings.Contains(got, checks.MailboxFull.Letter.Wrong) || !strings.Contains(got, "Sent Items") {
		t.Errorf("the mailbox is full, and nobody says so:\n%s", got)
	}
	if got := unwrapped(written(t, "letter", judged(t, "kerio+tried-accepted", nil))); strings.Contains(got, "full") {
		t.Errorf("it is not full:\n%s", got)
	}
}

// letterCase is one case of the library; what it wants is of no matter here.
type letterCase struct {
	Case  string         `yaml:"case"`
	Base  string         `yaml:"base"`
	Facts map[string]any `yaml:"facts"`
	Want  any            `yaml:"want"`
}

// eachScenario judges every case of the library.
func eachScenario(t *testing.T, look func(t *testing.T, r *Report)) {
	files, err := filepath.Glob("../fixtures/scenarios/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, f := range files {
		all, err := cases.Read[letterCase](f)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range all {
			t.Run(filepath.Base(f)+"/"+c.Case, func(t *testing.T) { look(t, judged(t, c.Base, c.Facts)) })
		}
	}
}

var (
	addresses = regexp.MustCompile(`\d+\.\d+\.\d+\.\d+|[0-9a-fA-F]*:[0-9a-fA-F]*:|[^ ]@|@[^ .,]`)
	hostNames = regexp.MustCompile(`[A-Za-z0-9-]+\.[a-z]{2,}\b`)
	apart     = regexp.MustCompile(`[^\pL\pN._-]+`)
)

// TestLetterNamesNobody: whatever the case, no letter holds the user's name, a host's name, an address or a check's id.
func TestLetterNamesNobody(t *testing.T) {
	eachScenario(t, func(t *testing.T, r *Report) {
		text := written(t, "letter", r)
		words := apart.Split(strings.ToLower(text), -1)
		for _, name := range namesIn(r.Facts) {
			if slices.Contains(words, name) {
				t.Errorf("%q is named:\n%s", name, text)
			}
		}
		for _, c := range checks.All {
			if strings.Contains(text, c.ID) {
				t.Errorf("the id %s:\n%s", c.ID, text)
			}
		}
		for _, form := range []*regexp.Regexp{addresses, hostNames} {
			if got := form.FindString(text); got != "" {
				t.Errorf("%q looks like an address:\n%s", got, text)
			}
		}
	})
}

// namesIn are the words of the user's names and of the servers' that stand in the facts, in small letters.
func namesIn(s *probes.Snapshot) (names []string) {
	whole := []string{s.Target.User, checks.LoginName(s), s.Target.ClientAddress}
	if k := s.Account.Kerio; k != nil && k.User.OK() {
		whole = append(whole, k.User.Value.FullName, k.User.Value.LoginName)
	}
	if k := s.Target.Kerio; k != nil {
		whole = append(whole, k.AdminURL, k.UserURL)
	}
	if i := s.Target.IMAP; i != nil {
		whole = append(whole, i.Address, i.Canary)
	}
	if d := s.Target.Directory; d != nil {
		whole = append(whole, d.Servers...)
	}
	ours := []string{"mail", "webmail", "server"} // common words as well
	for _, w := range whole {
		for _, part := range append(regexp.MustCompile(`[@:/ .]+`).Split(w, -1), w) {
			if part = strings.ToLower(part); !slices.Contains(ours, part) && len(part) > 2 && strings.Trim(part, "0123456789") != "" {
				names = append(names, part)
			}
		}
	}
	return names
}

// TestLetterSaysNothingOfTheDocument: with every free text of the report taken away the letter is the same one.
func TestLetterSaysNothingOfTheDocument(t *testing.T) {
	eachScenario(t, func(t *testing.T, r *Report) {
		before := written(t, "letter", r)
		r.Facts = &probes.Snapshot{}
		ids := map[string]bool{}
		for _, c := range checks.All {
			ids[c.ID] = true
		}
		for _, q := range checks.Questions {
			ids[q.ID] = true
		}
		strangely(reflect.ValueOf(r).Elem(), ids)
		if r.Headline != "strange" {
			t.Fatal("the texts were not replaced")
		}
		if after := written(t, "letter", r); after != before {
			t.Errorf("a text of the report comes through:\n%s\n%s", before, after)
		}
	})
}

// strangely replaces every text but the ids of checks and questions.
func strangely(v reflect.Value, ids map[string]bool) {
	switch v.Kind() {
	case reflect.String:
		if !ids[v.String()] {
			v.SetString("strange")
		}
	case reflect.Pointer:
		if !v.IsNil() {
			strangely(v.Elem(), ids)
		}
	case reflect.Slice:
		for i := range v.Len() {
			strangely(v.Index(i), ids)
		}
	case reflect.Struct:
		if v.Type() != reflect.TypeFor[time.Time]() {
			for i := range v.NumField() {
				strangely(v.Field(i), ids)
			}
		}
	}
}

// TestLetterForm: lines fit a mail's body, nothing trails, and a letter greets and ends.
func TestLetterForm(t *testing.T) {
	eachScenario(t, func(t *testing.T, r *Report) {
		text := written(t, "letter", r)
		for line := range strings.SplitSeq(text, "\n") {
			if uniseg.StringWidth(line) > letterWidth || line != strings.TrimRight(line, " ") {
				t.Errorf("%q", line)
			}
		}
		if !strings.HasPrefix(text, "Hello,\n\n") || !strings.HasSuffix(text, "\n\nYour helpdesk\n") || strings.Contains(text, "\n\n\n") {
			t.Errorf("%q", text)
		}
		for i, c := range r.Diagnosis {
			if in := strings.Contains(unwrapped(text), checks.Find(c.Cause).Letter.Wrong); i < mostCauses && !in {
				t.Errorf("nothing of %s:\n%s", c.Cause, text)
			}
		}
		sure := !slices.ContainsFunc(r.Diagnosis[:min(len(r.Diagnosis), mostCauses)], func(c Cause) bool { return c.Confidence != checks.Certain })
		if strings.Contains(strings.ToLower(unwrapped(text)), "most likely") == sure {
			t.Errorf("certain %t:\n%s", sure, text)
		}
	})
}
