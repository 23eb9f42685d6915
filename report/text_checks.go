package report

import (
	"fmt"
	"strings"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

const checkColumn = 24

// groups writes every question with its checks and their answers, the good ones too.
func (p *page) groups(r *Report) {
	p.title("What was asked")
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
		p.text("  ", g.Question())
		p.rows(rows)
	}
	s := r.Summary
	p.blank()
	p.text("  ", number(len(r.Checks), "check", "checks")+": "+countWords(s)+".")
}

func countWords(s Summary) string {
	return fmt.Sprintf("%d ok, %s, %s, %d not applicable, %d unknown", s.OK, number(s.Problem, "problem", "problems"),
		number(s.Notice, "notice", "notices"), s.NotApplicable, s.Undetermined)
}

// rows writes one group's answers. Those that do not apply for the same reason share a line.
func (p *page) rows(rows []Answer) {
	idle := map[string][]string{}
	for _, a := range rows {
		if a.Verdict == checks.NotApplicable {
			idle[a.Summary] = append(idle[a.Summary], a.ID)
		}
	}
	for _, a := range rows {
		ids := []string{a.ID}
		if a.Verdict == checks.NotApplicable {
			if ids = idle[a.Summary]; ids[0] != a.ID {
				continue
			}
		}
		p.row(4, checkColumn, colourOf(a.Verdict), label(a.Verdict, a.Why), Clean(a.Summary)+" ("+strings.Join(ids, ", ")+")")
		p.rest(a)
	}
}

// rest writes what a row has besides its sentence: a cause's stands with the cause, an ok one's at the end.
func (p *page) rest(a Answer) {
	indent := strings.Repeat(" ", checkColumn)
	if len(a.ExplainedBy) > 0 {
		p.text(indent, "Explained by "+strings.Join(a.ExplainedBy, ", ")+".")
	}
	if a.Verdict == checks.Notice && a.Remedy != nil {
		p.text(indent, "For "+OwnerWords(a.Owner)+": "+Clean(a.Remedy.Do)+".")
		for _, s := range a.Remedy.DoNot {
			p.text(indent, Clean(s))
		}
	}
	if isCause(a) || a.Verdict == checks.OK || a.Verdict == checks.NotApplicable {
		return
	}
	for _, e := range a.Evidence {
		p.evidence(indent, e)
	}
}

// seen writes what the good answers rest on.
func (p *page) seen(r *Report) {
	var rows []Answer
	for _, a := range r.Checks {
		if a.Verdict == checks.OK && len(a.Evidence) > 0 {
			rows = append(rows, a)
		}
	}
	if len(rows) == 0 {
		return
	}
	p.title("What the good answers rest on")
	for _, a := range rows {
		p.text("  ", a.ID)
		for _, e := range a.Evidence {
			p.evidence("    ", e)
		}
	}
}

// plan writes the arithmetic of the attempts and what was spent.
func (p *page) plan(r *Report) {
	p.planned(r, allowedWords(r))
	for _, a := range r.Attempts.Log {
		if a.Outcome == probes.Withheld {
			continue // the plan's line says so
		}
		words := a.Words
		if words == "" {
			words = a.Reason
		}
		if words != "" {
			words = ": " + Clean(words)
		}
		p.text("    ", fmt.Sprintf("%s %s %s%s", p.clock(a.At, "15:04:05 MST"), whoWords(a.Who, a.Service), a.Outcome, words))
	}
}

// planned writes the plan's policies and steps; may says what the run may cost, or has.
func (p *page) planned(r *Report, may string) {
	p.title("The user's login attempts")
	p.text("  ", may)
	for _, b := range r.Plan.Budgets {
		p.text("  ", budgetWords(b))
	}
	for _, s := range r.Plan.Steps {
		p.text("  ", stepWords(s))
	}
}

// allowedWords say what the run might cost the user, and did.
func allowedWords(r *Report) string {
	if !r.Plan.SecretGiven {
		return noSecretWords
	}
	return fmt.Sprintf("This run was allowed at most %s; it spent %d.", number(r.Attempts.Allowed, "refused login", "refused logins"), r.Attempts.Spent)
}

const noSecretWords = "No secret was given, so none was submitted for the user."

// stepWords are one line of the plan, with how it ended where it was made.
func stepWords(s Step) string {
	what := s.Do.String()
	if s.Do != 0 {
		what = decisionWords(s.Do)
	}
	if s.Outcome != 0 && s.Outcome != probes.Withheld {
		what = "tried, " + s.Outcome.String()
	}
	line := whoWords(s.Who, s.Service) + ": " + what
	if s.Reason != "" {
		line += " (" + Clean(s.Reason) + ")"
	}
	return capital(line) + "."
}

func budgetWords(b Budget) string {
	if b.System == stalwartSystem {
		return banWords(b)
	}
	s := Clean(systemWords(b.System))
	switch {
	case !b.Known && b.Why != probes.Seen:
		s += ": the policy or its counter is not known (" + b.Why.String() + ")"
	case !b.Known:
		s += ": how many wrong passwords it allows is not known"
	case b.Threshold == 0:
		s += " never locks an account"
	default:
		s += " allows " + number(b.Threshold, "wrong password", "wrong passwords")
		if b.WindowMS > 0 {
			s += " in " + short(b.WindowMS)
		}
		s += fmt.Sprintf("; used so far %d", b.Used)
		if b.Left != nil {
			s += fmt.Sprintf(", left %d", *b.Left)
		}
		s += fmt.Sprintf("; %d must be left after a refusal", b.Reserve)
	}
	if b.Locked {
		s += "; it is locked now"
	}
	if b.Note != "" {
		s += " (" + Clean(b.Note) + ")"
	}
	return s + "."
}

// banWords are the arithmetic of a system that locks no account: what a refusal may cost is an address, for all behind it.
func banWords(b Budget) string {
	s := Clean(systemWords(b.System)) + " locks no account, it bans addresses"
	switch {
	case !b.Known:
		s += "; whether a refusal would have this computer's banned is not known"
		if b.Why != probes.Seen {
			s += " (" + b.Why.String() + ")"
		}
	case b.Threshold == 0:
		s += "; a refusal bans nothing here"
	default:
		s += " after " + number(b.Threshold, "failed login", "failed logins") + " from one address, or on one login name"
		if b.WindowMS > 0 {
			s += ", in " + short(b.WindowMS)
		}
		s += fmt.Sprintf("; known on this name %d", b.Used)
		if b.Left != nil {
			s += fmt.Sprintf(", left %d", *b.Left)
		}
		s += fmt.Sprintf("; %d must be left after a refusal, or whoever fails next on the name has the address banned, with all who share it", b.Reserve)
	}
	if b.Note != "" {
		s += " (" + Clean(b.Note) + ")"
	}
	return s + "."
}

// unseen writes what could not be looked at, each server's reason once.
func (p *page) unseen(r *Report) {
	p.title("What could not be looked at")
	if len(r.Coverage.CouldNotLook) == 0 {
		p.text("  ", allSeenWords(r))
		return
	}
	type key struct {
		probe  probes.Probe
		why    probes.Why
		source string
		words  string
	}
	what := map[key][]string{}
	var order []key
	for _, u := range r.Coverage.CouldNotLook {
		k := key{u.Probe, u.Why, u.Source, u.Words}
		if what[k] == nil {
			order = append(order, k)
		}
		what[k] = append(what[k], Clean(u.What))
	}
	for _, k := range order {
		line := capital(ProbeWords(k.probe))
		if k.source != "" {
			line += " (" + Clean(k.source) + ")"
		}
		line += ": " + strings.Join(what[k], ", ") + ": " + k.why.String()
		if k.words != "" {
			line += " (" + Clean(k.words) + ")"
		}
		p.long("  ", line)
	}
}

// allSeenWords are said where every look saw something.
func allSeenWords(r *Report) string {
	if r.Summary.Undetermined > 0 {
		return "Every look saw something; the unknown answers above say what they lack."
	}
	return "Nothing: whatever was looked at could be seen."
}

// long writes text whose parts were cleaned one by one, and may be long together.
func (p *page) long(lead, s string) {
	for i, line := range wrap(s, p.Width-len(lead)-2) {
		if i == 1 {
			lead += "  "
		}
		p.out.WriteString(lead + line + "\n")
	}
}

// timeline writes what has a date.
func (p *page) timeline(r *Report) {
	if len(r.Timeline) == 0 {
		return
	}
	p.title("When")
	for _, e := range r.Timeline {
		s := p.eventWords(e)
		if e.Source != "" {
			s += " · " + Clean(e.Source)
		}
		p.long("  ", e.At.In(p.Location).Format("2006-01-02 15:04:05 MST")+" "+s)
	}
}

// eventWords are what happened, and since when where it happened more than once.
func (p *page) eventWords(e Event) string {
	s := Clean(e.What)
	if e.Count > 1 {
		s += fmt.Sprintf(", %d times since %s", e.Count, p.clock(e.Since, "15:04:05 MST"))
	}
	return s
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
