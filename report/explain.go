package report

import (
	"slices"
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
	asked := wordsOf(words)
	if found, others := byID(asked, catalogue); len(found) > 0 && !others {
		return found
	}
	var out []Entry
	for _, t := range matching(asked) {
		out = append(out, t.entry(catalogue))
	}
	if len(out) == 0 {
		if found, _ := byID(asked, catalogue); len(found) > 0 {
			return found
		}
		return nearID(asked, catalogue)
	}
	// Words that stand for one cause alone are answered with all that is known about it.
	if len(out) == 1 && len(out[0].Causes) == 1 {
		found, _ := byID([]string{out[0].Causes[0].ID}, catalogue)
		return append(out, found...)
	}
	for i := range out {
		complete(&out[i], catalogue)
	}
	return out
}

// complete gives an entry with one cause, beside other entries, what only the cause's check says.
func complete(e *Entry, catalogue []*checks.Check) {
	if len(e.Causes) != 1 {
		return
	}
	found, _ := byID([]string{e.Causes[0].ID}, catalogue)
	for _, c := range found {
		if len(e.Tells) == 0 {
			e.Tells = c.Tells[:1]
		}
		if len(e.Do) == 0 {
			e.Do = c.Do[:1]
		}
		if len(e.DoNot) == 0 {
			e.DoNot = c.DoNot
		}
	}
}

// byID explains the ids among words, and tells whether there are other words too.
func byID(asked []string, catalogue []*checks.Check) (out []Entry, others bool) {
	seen := map[string]bool{}
	for _, w := range asked {
		w = strings.TrimPrefix(w, "[")
		i := slices.IndexFunc(catalogue, func(c *checks.Check) bool { return c.ID == w })
		if i < 0 {
			others = true
		} else if !seen[w] {
			out = append(out, checkEntry(catalogue[i]))
			seen[w] = true
		}
	}
	return out, others
}

// nearID takes a misspelt id for the one that was meant.
func nearID(asked []string, catalogue []*checks.Check) []Entry {
	best, least, id := (*checks.Check)(nil), 3, strings.Join(asked, "-")
	for _, c := range catalogue {
		if d := distance(id, c.ID); d < least && d*4 < len(c.ID) {
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
