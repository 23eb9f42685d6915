package tui

import (
	"fmt"
	"strings"
	"time"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
	"logindoctor.example/report"
)

// state is how far a check is. A check whose facts are not all there is never drawn as answered.
type state uint8

const (
	waiting state = iota
	asking
	answered
)

// row is one line of the list: a group's question, or a check. Checks of a group that do not apply for the same reason
// share one.
type row struct {
	title  string // of a group
	id     string // of the check; of several, the first one's
	more   int    // further checks that share the row
	state  state
	since  time.Time // of one that is being asked
	answer *report.Answer
}

// list is the place in the list. The cursor is a check, not a number: rows come and go under it.
type list struct {
	cursor string
	offset int
}

// rows are what the list shows now.
func (m *Model) rows() []row {
	r := m.shown()
	if r == nil {
		return nil
	}
	want := strings.ToLower(strings.TrimSpace(m.filter.Value()))
	groups := map[checks.Group][]row{}
	idle := map[string]int{} // group and reason → index
	for i := range r.Checks {
		a := &r.Checks[i]
		w := m.row(a)
		if !m.matches(w, a, want) {
			continue
		}
		if w.state == answered && a.Verdict == checks.NotApplicable && want == "" {
			key := a.Group.String() + "\x00" + a.Summary
			if at, ok := idle[key]; ok {
				groups[a.Group][at].more++
				continue
			}
			idle[key] = len(groups[a.Group])
		}
		groups[a.Group] = append(groups[a.Group], w)
	}
	var out []row
	for _, g := range checks.Groups() {
		if len(groups[g]) > 0 {
			out = append(append(out, row{title: g.Question()}), groups[g]...)
		}
	}
	return out
}

// row says how far a check is: answered once all that it reads is there, or the profile does not have it.
func (m *Model) row(a *report.Answer) row {
	w := row{id: a.ID, state: answered, answer: a}
	if m.run == nil {
		return w
	}
	if !m.run.applies[a.ID] {
		return w
	}
	for _, p := range m.reads[a.ID].probes {
		if m.run.finished(p) {
			continue
		}
		if x := m.run.parts[p]; x.begun == 0 {
			w.state = min(w.state, waiting)
		} else if w.state = min(w.state, asking); w.since.IsZero() || x.since.Before(w.since) {
			w.since = x.since
		}
	}
	if w.state == waiting && !w.since.IsZero() {
		w.state = asking
	}
	return w
}

func (m *Model) matches(w row, a *report.Answer, want string) bool {
	if want == "" {
		return true
	}
	symbol, word := report.Mark(a.Verdict, a.Why)
	if w.state != answered {
		symbol, word = "", "waiting asking"
	}
	return strings.Contains(strings.ToLower(strings.Join([]string{a.ID, a.Group.String(), a.Group.Question(), a.Title, a.Summary, symbol, word}, " ")), want)
}

// index is the cursor's place among the rows; -1 where it is not there.
func (l *list) index(rows []row) int {
	for i, r := range rows {
		if r.id != "" && r.id == l.cursor {
			return i
		}
	}
	return -1
}

// move goes by n checks; groups are passed over.
func (l *list) move(rows []row, n int) {
	at := l.index(rows)
	if at < 0 {
		l.first(rows)
		return
	}
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for i := at + step; i >= 0 && i < len(rows) && n > 0; i += step {
		if rows[i].id != "" {
			l.cursor = rows[i].id
			n--
		}
	}
}

// first puts the cursor on what matters most: a cause, else what is not known, else the first check.
func (l *list) first(rows []row) {
	l.cursor, l.offset = "", len(rows) // its group then stands at the top
	best := 0
	for _, r := range rows {
		if r.id == "" {
			continue
		}
		rank := 1
		if r.state == answered {
			switch {
			case r.answer.Verdict == checks.Problem && len(r.answer.ExplainedBy) == 0:
				rank = 5
			case r.answer.Verdict == checks.Problem:
				rank = 4
			case r.answer.Verdict == checks.Undetermined:
				rank = 3
			case r.answer.Verdict == checks.Notice:
				rank = 2
			}
		}
		if rank > best {
			best, l.cursor = rank, r.id
		}
	}
}

// keep leaves the cursor where it is, unless its row is gone.
func (l *list) keep(rows []row) {
	if l.index(rows) < 0 {
		l.first(rows)
	}
}

// window scrolls as little as needed for the cursor to be seen, with its group's question where there is room for both.
func (l *list) window(rows []row, height int) (from int) {
	at := max(l.index(rows), 0)
	top := at
	for top > 0 && rows[top].id != "" {
		top--
	}
	if at-top >= height {
		top = at
	}
	if top < l.offset {
		l.offset = top
	}
	if at >= l.offset+height {
		l.offset = at - height + 1
	}
	l.offset = max(0, min(l.offset, len(rows)-height))
	return l.offset
}

const (
	rowIndent  = 4
	labelWidth = 16
)

var spinner = []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}

// line draws a row in width cells.
func (m *Model) line(r row, width int) string {
	if r.id == "" {
		return "  " + m.style.bold.Render(fit(r.title, width-2))
	}
	label, text, style := "", r.answer.Title+"?", m.style.dim
	switch r.state {
	case answered:
		symbol, word := report.Mark(r.answer.Verdict, r.answer.Why)
		label, text, style = symbol+" "+word, r.answer.Summary, m.style.of(r.answer.Verdict)
		if r.more > 0 {
			text += fmt.Sprintf(" (%d checks)", r.more+1)
		}
	case asking:
		label = spinner[m.frames%len(spinner)] + " asking " + seconds(m.now.Sub(r.since))
		if m.plan != nil && has(m.reads[r.id].probes, probes.ProbeLogin) {
			label = "? asks you"
		}
	default:
		label = "· waiting"
		if m.plan != nil {
			label = "? asks you"
		}
	}
	lead := "    "
	if r.id == m.list.cursor {
		lead = m.style.accent.Render("  ▸ ")
	}
	label = padded(label, labelWidth)
	rest := fit(m.say(text), width-rowIndent-cells(label)-2)
	if r.state != answered || r.answer.Verdict == checks.NotApplicable {
		rest = m.style.dim.Render(rest)
	} else if r.id == m.list.cursor {
		rest = m.style.selected.Render(rest)
	}
	return fit(lead+style.Render(label)+"  "+rest, width)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%d s", int(max(d, 0).Seconds())) }
