package tui

import (
	"fmt"
	"strconv"
	"strings"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
	"logindoctor.example/report"
)

// paper collects lines of a width.
type paper struct {
	m     *Model
	width int
	lines []string
}

func (p *paper) blank() {
	if len(p.lines) > 0 && p.lines[len(p.lines)-1] != "" {
		p.lines = append(p.lines, "")
	}
}

// text adds wrapped text behind a lead; further lines stand under its first.
func (p *paper) text(lead, s string, paint func(...string) string) {
	n := cells(lead)
	for i, l := range wrap(s, p.width-n) {
		if paint != nil {
			l = paint(l)
		}
		if i == 0 {
			p.lines = append(p.lines, lead+l)
		} else {
			p.lines = append(p.lines, strings.Repeat(" ", n)+l)
		}
	}
}

// label adds wrapped text behind a word in bold.
func (p *paper) label(word, s string) {
	const column = 6
	for i, l := range wrap(s, p.width-column) {
		if i > 0 {
			word = ""
		}
		p.lines = append(p.lines, p.m.style.bold.Render(padded(word, column))+l)
	}
}

// steps are what to do, with the commands.
func (p *paper) steps(r *checks.Remedy) {
	for i := range r.Steps {
		p.step(r, i)
	}
	for _, c := range r.Commands {
		p.command(c)
	}
}

func (p *paper) step(r *checks.Remedy, i int) {
	p.text("      "+strconv.Itoa(i+1)+" ", p.m.say(r.Steps[i]), nil)
}

func (p *paper) command(c checks.Command) {
	who := fmt.Sprintf("For %s, %s%s:", report.OwnerWords(c.Who), report.ShellWords(c.Shell), p.m.copies())
	p.text("      ", who, p.m.style.dim.Render)
	run, ok := report.Pasteable(c.Run)
	if !ok {
		run = "(not shown: a name in it holds what cannot be seen)"
	}
	p.text("        ", run, p.m.style.accent.Render)
}

// copies names the key, where there are keys.
func (m *Model) copies() string {
	if m.lines {
		return ""
	}
	return " (c copies)"
}

func (p *paper) not(r *checks.Remedy) {
	for _, s := range r.DoNot {
		p.label("NOT", p.m.say(s))
	}
}

// then is how to see whether it helped.
func (p *paper) then(r *checks.Remedy) {
	if run, ok := report.Pasteable(r.Verify); ok && run != "" {
		p.label("THEN", run)
	}
}

// standing is how sure a cause is, whom it concerns, who has to act, and whom the mend disturbs.
func (m *Model) standing(c checks.Confidence, s checks.Scope, o checks.Owner, r *checks.Remedy) string {
	return fmt.Sprintf("%s · concerns %s · for %s · %s", c, report.ScopeWords(s), report.OwnerWords(o), m.say(report.DisruptionWords(r.Disruption)))
}

func (m *Model) titles(r *report.Report, ids []string) string {
	var out []string
	for _, id := range ids {
		for _, a := range r.Checks {
			if a.ID == id {
				out = append(out, m.say(a.Title))
			}
		}
	}
	return strings.Join(out, "; ")
}

// details are all that is known of the selected check.
func (m *Model) details(width int) []string {
	p := &paper{m: m, width: width}
	a := m.answer(m.list.cursor)
	if a == nil {
		return nil
	}
	w := m.row(a)
	if w.state != answered {
		p.text("", m.say(a.Title)+"?", m.style.bold.Render)
		p.text("", "Not answered yet: "+m.waitsFor(a.ID)+".", nil)
		return p.lines
	}
	symbol, word := report.Mark(a.Verdict, a.Why)
	p.text(m.style.of(a.Verdict).Render(symbol+" "+word)+"  ", m.say(a.Summary), m.style.bold.Render)
	m.finding(p, a)
	m.evidence(p, a)
	m.related(p, a)
	p.blank()
	p.text("", m.say(a.Title)+". ("+a.ID+")", m.style.dim.Render)
	for _, l := range a.Links {
		p.text("", clean(l), m.style.dim.Render)
	}
	return p.lines
}

// waitsFor names what a check's answer hangs on.
func (m *Model) waitsFor(id string) string {
	var on []string
	for _, p := range m.reads[id].probes {
		if !m.run.finished(p) {
			on = append(on, report.ProbeWords(p))
		}
	}
	if m.plan != nil && has(m.reads[id].probes, probes.ProbeLogin) {
		return "it waits for your answer"
	}
	return "it waits for " + strings.Join(on, ", ")
}

// finding is what a problem or a notice has besides its sentence.
func (m *Model) finding(p *paper, a *report.Answer) {
	if a.Remedy == nil {
		return
	}
	p.text("", m.standing(a.Confidence, a.Scope, a.Owner, a.Remedy), m.style.dim.Render)
	p.blank()
	p.label("DO", m.say(a.Remedy.Do))
	p.steps(a.Remedy)
	p.not(a.Remedy)
	if r := m.shown(); r != nil {
		for _, s := range r.ImpactWords(a.ID) {
			p.label("BLUNT", m.say(s))
		}
	}
	p.then(a.Remedy)
}

// evidence is what the answer rests on, in the servers' words.
func (m *Model) evidence(p *paper, a *report.Answer) {
	if len(a.Evidence) == 0 {
		return
	}
	p.blank()
	p.lines = append(p.lines, m.style.bold.Render("Evidence"))
	for _, e := range a.Evidence {
		s := m.say(e.Fact) + ": " + clean(e.Observed)
		if e.Expected != "" {
			s += " (expected: " + m.say(e.Expected) + ")"
		}
		p.text("  ", s, nil)
		from := clean(e.Source)
		if !e.At.IsZero() {
			from = strings.TrimPrefix(from+" · "+m.at(e.At), " · ")
		}
		p.text("    ", from, m.style.dim.Render)
	}
}

// related is what the answer has to do with other answers.
func (m *Model) related(p *paper, a *report.Answer) {
	r, c := m.shown(), m.cause(a.ID)
	if len(a.ExplainedBy) > 0 {
		p.blank()
		p.text("Explained by: ", m.titles(r, a.ExplainedBy)+".", nil)
	}
	if c != nil && len(c.Explains) > 0 {
		p.blank()
		p.text("This explains: ", m.titles(r, c.Explains)+".", nil)
	}
	if c != nil && len(c.WouldExplain) > 0 {
		p.blank()
		p.text("It would also explain, had it been tried: ", m.titles(r, c.WouldExplain)+".", nil)
	}
	for _, x := range r.Remaining {
		if x.Cause != a.ID {
			continue
		}
		p.blank()
		p.text("Still open: ", m.say(x.Why), nil)
		for _, t := range x.Tells {
			p.text("  ", m.say(t), nil)
		}
	}
	if a.Verdict == checks.NotApplicable {
		m.alike(p, a)
	}
}

// alike names the checks that do not apply for the same reason: they share a row.
func (m *Model) alike(p *paper, a *report.Answer) {
	p.blank()
	for _, x := range m.shown().Checks {
		if x.Group == a.Group && x.Verdict == a.Verdict && x.Summary == a.Summary {
			p.text("  ", m.say(x.Title)+". ("+x.ID+")", m.style.dim.Render)
		}
	}
}
