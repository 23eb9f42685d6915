package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

// Markdown writes what a ticket system shows: a short note first, everything else folded behind it (GitHub's dialect, with
// HTML's details). What servers said stands in code spans, where nothing of it is markup, a link or a mention.
func Markdown(w io.Writer, r *Report, o Options) error {
	m := &markdown{page: newPage(o, r.FinishedAt)}
	m.line("# " + m.plain(r.Headline))
	m.line("")
	m.line("**" + VerdictWords(r.Verdict) + "**")
	for i := range r.Diagnosis {
		m.cause(r, i)
	}
	m.open(r)
	m.fold("What was asked: "+countWords(r.Summary), func() { m.groups(r) })
	m.fold("The user's login attempts", func() { m.plan(r) })
	m.fold("What could not be looked at", func() { m.unseen(r) })
	if len(r.Timeline) > 0 {
		m.fold("When", func() { m.timeline(r) })
	}
	m.line("")
	for _, l := range m.footWords(r) {
		m.line(m.plain(l) + "  ")
	}
	_, err := io.WriteString(w, m.out.String())
	return err
}

type markdown struct{ *page }

func (m *markdown) line(s string) { m.out.WriteString(s + "\n") }

// plain is text of which nothing is markup. The characters are those that CommonMark lets a backslash escape; those of
// elements, links and mentions are written as entities.
func (m *markdown) plain(s string) string {
	var b strings.Builder
	for _, r := range m.local(Clean(s)) {
		switch {
		case strings.ContainsRune("\\`*_{}[]()#+!|~$^=", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '<', r == '>', r == '&', r == '@':
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return strings.ReplaceAll(b.String(), "://", "&#58;//")
}

// span is text as it came, in a code span whose fence is longer than any run of backticks in it.
func span(s string) string {
	s = Clean(s)
	if s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 || s[0] == '`' || s[len(s)-1] == '`' || strings.TrimSpace(s) != s {
		s = " " + s + " "
	}
	return fence + s + fence
}

func (m *markdown) fold(title string, body func()) {
	m.line("")
	m.line("<details><summary>" + title + "</summary>")
	m.line("")
	body()
	m.line("")
	m.line("</details>")
}

func (m *markdown) cause(r *Report, i int) {
	c := &r.Diagnosis[i]
	m.line("")
	m.line("## " + m.plain(c.Title))
	m.line("")
	m.line(fmt.Sprintf("**%s** · concerns %s · for %s · %s", c.Confidence, ScopeWords(c.Scope), OwnerWords(c.Owner), m.plain(DisruptionWords(c.Remedy.Disruption))))
	if i > 0 {
		m.line("")
		m.line(m.plain(c.Summary))
	}
	for _, s := range r.ImpactWords(c.Cause) {
		m.line("")
		m.line("**Blunt:** " + m.plain(s))
	}
	m.remedy(&c.Remedy)
	if len(c.Explains) > 0 {
		m.line("")
		m.line("This explains: " + m.plain(titles(r, c.Explains)) + ".")
	}
	if len(c.WouldExplain) > 0 {
		m.line("")
		m.line("It would also explain, had it been tried: " + m.plain(titles(r, c.WouldExplain)) + ".")
	}
	m.fold("Evidence", func() {
		m.evidence(c.Evidence)
		m.line("")
		m.line(span(c.Cause) + linked(c.Links))
	})
}

func (m *markdown) remedy(d *checks.Remedy) {
	m.line("")
	m.line("**Do:** " + m.plain(d.Do) + ".")
	m.line("")
	for i, s := range d.Steps {
		m.line(strconv.Itoa(i+1) + ". " + m.plain(s))
	}
	for _, c := range d.Commands {
		m.line("")
		m.line(fmt.Sprintf("For %s, %s:", OwnerWords(c.Who), ShellWords(c.Shell)))
		m.command(c.Run)
	}
	for _, s := range d.DoNot {
		m.line("")
		m.line("**Not:** " + m.plain(s))
	}
	if d.Verify != "" {
		m.line("")
		m.line("**Then:**")
		m.command(d.Verify)
	}
}

// command is a block of its own: it is selected in one go. A command has no line breaks, or it is not fit to be pasted.
func (m *markdown) command(s string) {
	run, ok := command(s)
	if !ok {
		m.line("")
		m.line("(not shown: a name in it holds what cannot be seen)")
		return
	}
	m.line("")
	m.line("    " + run)
}

func (m *markdown) evidence(list []checks.Evidence) {
	for _, e := range list {
		s := "- " + m.plain(e.Fact) + ": " + span(e.Observed)
		if e.Expected != "" {
			s += " (expected: " + m.plain(e.Expected) + ")"
		}
		if e.Source != "" {
			s += " · " + span(e.Source)
		}
		if !e.At.IsZero() {
			s += ", " + e.At.UTC().Format(time.RFC3339)
		}
		m.line(s)
	}
}

func linked(links []string) string {
	var out string
	for _, l := range links {
		out += " · <" + l + ">"
	}
	return out
}

func (m *markdown) open(r *Report) {
	if len(r.Remaining) == 0 && r.NextQuestion == nil && len(r.Answers) == 0 {
		return
	}
	m.line("")
	m.line("## What is still open")
	m.line("")
	for _, a := range r.Answers {
		m.line("- The caller said (" + m.plain(a.Question) + "): " + m.plain(a.Said) + ".")
	}
	for _, c := range r.Remaining {
		m.line("- It may be: " + m.plain(c.Title) + " (" + span(c.Cause) + "). " + m.plain(c.Why))
		for _, t := range c.Tells {
			m.line("  - " + m.plain(t))
		}
	}
	if q := r.NextQuestion; q != nil {
		m.line("- Ask next: " + m.plain(q.Ask) + " (" + m.plain(optionWords(q)) + ")")
	}
}

func (m *markdown) groups(r *Report) {
	for _, g := range checks.Groups() {
		var rows []Answer
		for _, a := range r.Checks {
			if a.Group == g {
				rows = append(rows, a)
			}
		}
		if len(rows) == 0 {
			continue
		}
		m.line("### " + g.Question())
		m.line("")
		m.line("| | answer | check |")
		m.line("|---|---|---|")
		for _, a := range rows {
			m.line("| " + label(a.Verdict, a.Why) + " | " + m.plain(a.Summary) + m.explained(a) + " | " + span(a.ID) + linked(a.Links) + " |")
		}
		m.line("")
		for _, a := range rows {
			m.rest(a)
		}
	}
}

func (m *markdown) explained(a Answer) string {
	if len(a.ExplainedBy) == 0 {
		return ""
	}
	return " Explained by " + strings.Join(a.ExplainedBy, ", ") + "."
}

// rest is what an answer rests on, and what a notice or an explained problem would have done; a cause's stands with the cause.
func (m *markdown) rest(a Answer) {
	if isCause(a) || len(a.Evidence) == 0 && a.Remedy == nil {
		return
	}
	m.line(span(a.ID))
	m.line("")
	m.evidence(a.Evidence)
	if a.Remedy != nil {
		m.line("")
		m.line("For " + OwnerWords(a.Owner) + ":")
		m.remedy(a.Remedy)
	}
	m.line("")
}

func (m *markdown) plan(r *Report) {
	m.line("- " + m.plain(allowedWords(r)))
	for _, b := range r.Plan.Budgets {
		m.line("- " + m.plain(budgetWords(b)))
	}
	for _, s := range r.Plan.Steps {
		m.line("- " + m.plain(stepWords(s)))
	}
	for _, a := range r.Attempts.Log {
		if a.Outcome != probes.Withheld {
			m.line("- " + a.At.UTC().Format(time.RFC3339) + " " + whoWords(a.Who, a.Service) + " " + a.Outcome.String() + " " + span(a.Words+a.Reason))
		}
	}
}

func (m *markdown) unseen(r *Report) {
	if len(r.Coverage.CouldNotLook) == 0 {
		m.line(allSeenWords(r))
	}
	for _, u := range r.Coverage.CouldNotLook {
		m.line("- " + capital(ProbeWords(u.Probe)) + ": " + span(u.What) + ": " + u.Why.String() + " · " + span(u.Source) + " " + span(u.Words))
	}
}

func (m *markdown) timeline(r *Report) {
	for _, e := range r.Timeline {
		m.line("- " + e.At.UTC().Format(time.RFC3339) + " " + m.plain(m.eventWords(e)) + " · " + span(e.Source))
	}
}
