package tui

import (
	"fmt"
	"slices"
	"strings"

	"logindoctor.example/report"
)

// remedyParts is what stands below a cause's DO, each part as whole lines.
type remedyParts struct {
	steps, commands, nots [][]string
	then, explains, open  []string
}

func (m *Model) partsOf(r *report.Report, c *report.Cause, width int) remedyParts {
	write := func(draw func(*paper)) []string {
		p := &paper{m: m, width: width}
		draw(p)
		return p.lines
	}
	var all remedyParts
	for i := range c.Remedy.Steps {
		all.steps = append(all.steps, write(func(p *paper) { p.step(&c.Remedy, i) }))
	}
	for _, x := range c.Remedy.Commands {
		all.commands = append(all.commands, write(func(p *paper) { p.command(x) }))
	}
	for _, s := range c.Remedy.DoNot {
		all.nots = append(all.nots, write(func(p *paper) { p.label("NOT", m.say(s)) }))
	}
	all.then = write(func(p *paper) { p.then(&c.Remedy) })
	if len(c.Explains) > 0 {
		all.explains = write(func(p *paper) { p.text("This explains: ", m.titles(r, c.Explains)+".", nil) })
	}
	all.open = write(func(p *paper) { m.openEnds(p, r) })
	return all
}

// block is the diagnosis in at most so many lines: the headline, how sure, what to do and what not, what it explains; or what
// is still open, and what to ask the caller. What does not fit stands in the detail; more says so, and what comes after.
func (m *Model) block(width, most int) (lines []string, more string) {
	r := m.shown()
	if m.run != nil || r == nil {
		return nil, ""
	}
	top := &paper{m: m, width: width}
	top.text("", m.say(r.Headline), m.style.bold.Render)
	if len(r.Diagnosis) == 0 {
		style := m.style.good
		if r.Verdict != report.Healthy {
			style = m.style.warn
		}
		top.text("", report.VerdictWords(r.Verdict), style.Render)
		m.openEnds(top, r)
		if len(top.lines) > most {
			return top.lines[:max(most, 0)], "t shows all of it"
		}
		return top.lines, ""
	}
	c := &r.Diagnosis[0]
	if len(r.Diagnosis) > 1 {
		var also []string
		for _, o := range r.Diagnosis[1:] {
			also = append(also, m.say(o.Title)+".")
		}
		top.text("", fmt.Sprintf("%d causes. Also: ", len(r.Diagnosis))+strings.Join(also, " "), m.style.bad.Render)
	}
	top.text("", m.standing(c.Confidence, c.Scope, c.Owner, &c.Remedy), m.style.dim.Render)
	top.label("DO", m.say(c.Remedy.Do))
	if len(top.lines) > most {
		return top.lines[:max(most, 0)], "enter shows the rest"
	}
	all := m.partsOf(r, c, width)
	some := all.within(most-len(top.lines), m.style.dim.Render("      … enter shows every step"))
	return append(top.lines, some.lines()...), m.left(&all, &some)
}

// left names what the block has no room for: the key that shows it, and the one that comes after the remedy.
func (m *Model) left(all, some *remedyParts) string {
	var say []string
	whole := *all
	whole.then = some.then
	if len(some.lines()) < len(whole.lines()) {
		say = append(say, "enter shows the rest")
	}
	if len(some.then) < len(all.then) && m.session != nil {
		say = append(say, "THEN r runs the check again")
	}
	return strings.Join(say, " · ")
}

func (p *remedyParts) lines() []string {
	return slices.Concat(slices.Concat(p.steps...), slices.Concat(p.commands...), slices.Concat(p.nots...), p.then, p.explains, p.open)
}

// within leaves what there is room for, in whole parts: half a step is worse than none. What not to do comes before all else,
// for it is done in a hurry. A command comes last of what to do, and not at all where a step before it is missing: a step may
// be what to find out before a trace is deleted.
func (p *remedyParts) within(room int, steps string) (some remedyParts) {
	if len(p.lines()) <= room {
		return *p
	}
	take := func(from [][]string, reserve int) [][]string {
		n := 0
		for n < len(from) && len(from[n]) <= room-reserve {
			room -= len(from[n])
			n++
		}
		return from[:n:n]
	}
	some.nots = take(p.nots[:min(1, len(p.nots))], 0)
	first := 0
	if len(p.steps) > 0 {
		first = len(p.steps[0]) + 1
	}
	if len(p.open) <= room-first {
		some.open = p.open
		room -= len(p.open)
	}
	if len(slices.Concat(p.steps...)) <= room {
		some.steps = take(p.steps, 0)
		some.commands = take(p.commands, 0)
	} else if room > 0 {
		some.steps = append(take(p.steps, 1), []string{steps})
		room--
	}
	if len(some.nots) > 0 {
		some.nots = append(some.nots, take(p.nots[1:], 0)...)
	}
	if len(p.then) <= room {
		some.then = p.then
		room -= len(p.then)
	}
	if len(p.explains) <= room {
		some.explains = p.explains
	}
	return some
}

// openEnds is what to ask the caller next, what was answered, and what it may be.
func (m *Model) openEnds(p *paper, r *report.Report) {
	if q := r.NextQuestion; q != nil {
		var says []string
		for i, o := range q.Options {
			says = append(says, fmt.Sprintf("[%d] %s", i+1, m.say(o.Say)))
		}
		p.label("ASK", m.say(q.Ask)+" "+strings.Join(says, " "))
	}
	for _, a := range r.Answers {
		p.text("The caller said ("+m.say(a.Question)+"): ", m.say(a.Said)+".", nil)
	}
	for _, c := range r.Remaining {
		p.text("It may be: ", m.say(c.Title)+".", nil)
	}
}
