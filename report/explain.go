package report

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"logindoctor.example/checks"
)

// Entry is what is known about some words: the id of a check, or what a server or a log says.
type Entry struct {
	Heading string       `json:"heading"`
	Note    string       `json:"note,omitempty"` // how the words led here, where they did not do so exactly
	Says    string       `json:"says,omitempty"` // in the caller's words
	Means   string       `json:"means"`          // what it stands for
	Causes  []CauseRef   `json:"causes"`         // what it may come from
	Tells   []string     `json:"tells"`          // how to tell
	Do      []string     `json:"do"`             // what to do, in order
	DoNot   []string     `json:"do_not"`         // what harms
	Sources []SourceLine `json:"sources"`
}

// CauseRef names a check, and says how it is told.
type CauseRef struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Tells string `json:"tells"`
}

// SourceLine is a citation.
type SourceLine struct {
	Title string `json:"title"`
	URL   string `json:"url,omitempty"`
}

// Explain says what words mean: ids, Active Directory's sub-codes, LDAP results, IMAP response codes, and the texts of mail
// servers and their logs, pasted whole or in part. It is nil where nothing is known; Nearest then has suggestions.
func Explain(words string, catalogue []*checks.Check) []Entry {
	asked := fold(words)
	if asked == "" {
		return nil
	}
	if found := byID(asked, catalogue); len(found) > 0 {
		return found
	}
	var out []Entry
	for _, t := range matching(asked) {
		out = append(out, t.entry(catalogue))
	}
	if len(out) == 0 {
		return nearID(asked, catalogue)
	}
	// Words that stand for one cause alone are answered with all that is known about it.
	if len(out) == 1 && len(out[0].Causes) == 1 {
		out = append(out, byID(out[0].Causes[0].ID, catalogue)...)
	}
	return out
}

// byID explains ids, if the words are nothing else.
func byID(asked string, catalogue []*checks.Check) []Entry {
	var out []Entry
	for w := range strings.FieldsSeq(asked) {
		i := slices.IndexFunc(catalogue, func(c *checks.Check) bool { return c.ID == w })
		if i < 0 {
			return nil
		}
		out = append(out, checkEntry(catalogue[i]))
	}
	return out
}

// nearID takes a misspelt id for the one that was meant.
func nearID(asked string, catalogue []*checks.Check) []Entry {
	best, least := (*checks.Check)(nil), 3
	for _, c := range catalogue {
		if d := distance(strings.ReplaceAll(asked, " ", "-"), c.ID); d < least && d*4 < len(c.ID) {
			best, least = c, d
		}
	}
	if best == nil {
		return nil
	}
	e := checkEntry(best)
	e.Note = "No check is named so; this one is nearest."
	return []Entry{e}
}

// checkEntry renders a check: its own prose is the only place where it stands.
func checkEntry(c *checks.Check) Entry {
	c = forAnyone(c)
	e := Entry{Heading: c.Title + " (" + c.ID + ")", Says: c.Doc.Says, Means: c.Title + ".", Causes: []CauseRef{},
		Tells: append([]string{c.Doc.Tells}, c.Doc.Mistaken...), Do: append([]string{c.Remedy.Do}, c.Remedy.Steps...), DoNot: list(c.Remedy.DoNot), Sources: []SourceLine{}}
	for _, cmd := range c.Remedy.Commands {
		e.Do = append(e.Do, capital(OwnerWords(cmd.Who))+" runs ("+ShellWords(cmd.Shell)+"): "+cmd.Run)
	}
	for _, x := range c.Explains {
		e.Causes = append(e.Causes, CauseRef{x.ID, x.Title, x.Doc.Tells})
	}
	for _, s := range c.Source {
		e.Sources = append(e.Sources, SourceLine{s.Title, s.URL})
	}
	return e
}

// forAnyone puts words for a case's names into a check's texts.
func forAnyone(c *checks.Check) *checks.Check {
	names := strings.NewReplacer("{user}", "USER", "{login}", "LOGIN", "{server}", "SERVER")
	all := func(l []string) []string {
		out := make([]string, len(l))
		for i, s := range l {
			out[i] = names.Replace(s)
		}
		return out
	}
	n := *c
	n.Doc.Says, n.Doc.Tells, n.Doc.Mistaken = names.Replace(c.Doc.Says), names.Replace(c.Doc.Tells), all(c.Doc.Mistaken)
	n.Remedy.Do, n.Remedy.Disruption, n.Remedy.Verify = names.Replace(c.Remedy.Do), names.Replace(c.Remedy.Disruption), names.Replace(c.Remedy.Verify)
	n.Remedy.Steps, n.Remedy.DoNot = all(c.Remedy.Steps), all(c.Remedy.DoNot)
	n.Remedy.Commands = slices.Clone(c.Remedy.Commands)
	for i, cmd := range n.Remedy.Commands {
		n.Remedy.Commands[i].Run = names.Replace(cmd.Run)
	}
	return &n
}

// term is one thing that servers say.
type term struct {
	heading string
	alone   []string // the words, if nothing else was asked; folded
	within  []string // words anywhere in what was asked; folded
	vague   bool     // says little beside another term
	means   string
	causes  []string // ids
	tells   []string
	do      []string
	doNot   []string
	sources []SourceLine
}

// entry renders a term. What a cause's check says for itself is not said again here.
func (t *term) entry(catalogue []*checks.Check) Entry {
	e := Entry{Heading: t.heading, Means: t.means, Causes: []CauseRef{}, Tells: list(t.tells), Do: list(t.do), DoNot: list(t.doNot), Sources: list(t.sources)}
	for _, c := range catalogue {
		if slices.Contains(t.causes, c.ID) {
			e.Causes = append(e.Causes, CauseRef{c.ID, c.Title, forAnyone(c).Doc.Tells})
		}
	}
	return e
}

// terms is all that Explain knows beside the catalogue, the most telling first.
func terms() []*term {
	return slices.Concat(subcodeTerms, kerioTerms, imapCodeTerms, imapTextTerms, ldapTerms, networkTerms)
}

func matching(asked string) []*term {
	var plain, vague []*term
	for _, t := range terms() {
		if !t.fits(asked) {
			continue
		}
		if t.vague {
			vague = append(vague, t)
		} else {
			plain = append(plain, t)
		}
	}
	if len(plain) > 0 {
		return plain
	}
	if m := dataCode.FindStringSubmatch(asked); m != nil {
		return []*term{strangeSubcode(m[1])}
	}
	return vague
}

func (t *term) fits(asked string) bool {
	bare := strings.Trim(asked, "(){}<>\"'.,:;* ")
	if slices.Contains(t.alone, bare) {
		return true
	}
	return slices.ContainsFunc(t.within, func(w string) bool { return contains(asked, w) })
}

// contains finds words that are not part of longer ones: "result 8" is not in "result 80".
func contains(text, words string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], words)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(words)
		if !(i > 0 && letter(words[0]) && letter(text[i-1])) && !(end < len(text) && letter(words[len(words)-1]) && letter(text[end])) {
			return true
		}
		from = i + 1
	}
}

func letter(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b >= 0x80 }

var dataCode = regexp.MustCompile(`\bdata ([0-9a-f]{1,8})\b`)

// strangeSubcode says what can be said of a sub-code that is in no list.
func strangeSubcode(code string) *term {
	t := &term{heading: "Active Directory: data " + code,
		means:   "A refused bind, with a sub-code that is not one of those known here. It is a Win32 error code in hexadecimal.",
		tells:   []string{"Read the account's attributes in the directory: they say what the code may hide."},
		doNot:   []string{"Do not reset the password on the strength of this code."},
		sources: []SourceLine{win32Source}}
	if n, err := strconv.ParseUint(code, 16, 32); err == nil {
		t.tells = append(t.tells, "In decimal it is "+strconv.FormatUint(n, 10)+": look that up among the system error codes.")
	}
	return t
}

// fold makes words comparable: lower case, straight quotes, single spaces.
func fold(s string) string {
	s = strings.NewReplacer("\u2018", "'", "\u2019", "'", "\u201c", `"`, "\u201d", `"`, "\u2011", "-", "\u00a0", " ").Replace(visible(s))
	s = strings.Join(strings.Fields(strings.ToLower(s)), " ")
	if len(s) > maxAsked {
		s = s[:maxAsked]
	}
	return s
}

// maxAsked bounds what is looked through: more than any log line has.
const maxAsked = 8192
