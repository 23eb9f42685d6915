package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"

	"logindoctor.example/report"
)

// frame is one screen, and where on it things are.
type frame struct {
	lines               []string
	listTop, listHeight int // of the list: its first line, and how many
	listFrom, listWidth int // the first row that is shown
	pageTop, pageHeight int // of the text in front
	pageLines, pageLeft int
	buttons             []hit
}

// hit is a button: where it is, and which one.
type hit struct{ y, from, to, button int }

// View draws the screen: as many lines as it has, none wider than it is.
func (m *Model) View() (screen string) {
	defer m.survive(nil)
	if m.width == 0 || m.quitting || m.crash != nil {
		return ""
	}
	return strings.Join(m.frame().lines, "\n")
}

const around = 4 // lines that are always there: head and foot, with a rule each

func (m *Model) frame() *frame {
	f := &frame{}
	status := m.statusLines()
	height := max(m.height-around+1-len(status), 1)
	var body []string
	switch {
	case m.dialog != noDialog:
		body = m.drawDialog(f, height)
	case m.place == atForm:
		body = m.drawForm(height)
	case m.place == atWatch:
		body = m.drawWatch(f, height)
	case m.detail && !m.wide():
		body = m.drawPage(f, m.details(m.width-4), 2, height)
	default:
		body = m.drawCase(f, height)
	}
	for len(body) < height {
		body = append(body, "")
	}
	lines := append([]string{m.head(), m.rule("")}, body[:height]...)
	for _, say := range status {
		lines = append(lines, m.rule(say))
	}
	lines = append(lines, m.foot())
	if len(lines) > m.height {
		lines = append(lines[:0:0], lines[len(lines)-m.height:]...)
	}
	for i := range lines {
		if cells(lines[i]) > m.width {
			lines[i] = fit(lines[i], m.width)
		}
	}
	f.lines = lines
	return f
}

func (m *Model) wide() bool { return m.width >= paneWidth }

// head says whom it is about, where, and how long it has taken or may still take.
func (m *Model) head() string {
	left := " " + m.style.bold.Render("logindoctor")
	user, profile, clock := m.hide(m.asked.User), m.hide(m.asked.Profile), ""
	if r := m.shown(); r != nil && m.place != atForm {
		user, profile, clock = r.Subject.User, r.Subject.Profile, decimal(r.DurationMS)
	}
	switch {
	case m.place == atForm && !m.starting:
		user, profile = "", ""
	case m.run != nil:
		clock = m.progressBar()
	case m.place == atWatch:
		clock = "watching"
	}
	if m.private {
		clock = strings.TrimSpace("names hidden  " + clock)
	}
	right := strings.TrimSpace(clean(profile)+"   "+clock) + " "
	if room := m.width - cells(left) - cells(right) - 4; user != "" && room > 0 {
		left += "   " + fit(clean(user), room)
	}
	return padded(left, m.width-cells(right)) + right
}

// decimal is a run's time with one decimal.
func decimal(ms int64) string {
	return fmt.Sprintf("%.1f s", (time.Duration(ms) * time.Millisecond).Seconds())
}

// progressBar is the run's time against its deadline.
func (m *Model) progressBar() string {
	const width = 10
	took := m.now.Sub(m.run.started)
	left := max(m.cfg.Deadline-took, 0)
	done := width
	if m.cfg.Deadline > 0 {
		done = min(int(took*width/m.cfg.Deadline), width)
	}
	return strings.Repeat("▰", done) + strings.Repeat("▱", width-done) + " " + seconds(took) + ", at most " + seconds(left) + " more"
}

// rule is a line across the screen, with what there is to say in it.
func (m *Model) rule(say string) string {
	if say == "" {
		return m.style.dim.Render(strings.Repeat("─", m.width))
	}
	say = fit(say, m.width-6)
	return m.style.dim.Render("── ") + m.style.accent.Render(say) + m.style.dim.Render(" "+strings.Repeat("─", max(m.width-cells(say)-4, 0)))
}

// statusLines is the status in as many lines as it takes, and the screen can spare: its end may be the next step, or a path's.
func (m *Model) statusLines() []string {
	say, most := m.statusLine(), max(m.height/6, 1)
	lines := wrap(say, m.width-6)
	if len(lines) < 2 {
		return []string{say}
	}
	if len(lines) > most {
		lines = append(lines[:most-1:most-1], strings.Join(lines[most-1:], " ")) // the rule cuts it
	}
	return lines
}

func (m *Model) statusLine() string {
	switch {
	case m.starting:
		return "Reading the profile…"
	case m.status != "":
		return m.status
	case m.typing, m.filter.Value() != "" && m.place == atCase:
		return "filter: " + clean(m.filter.Value())
	case m.width < leastWidth || m.height < leastHeight:
		return fmt.Sprintf("Make the window %d×%d or larger to see all of it.", leastWidth, leastHeight)
	case !m.mouse:
		return "The mouse is off: text can be selected. m switches it on."
	}
	return ""
}

// foot names the keys of the moment. What does not fit is left out from the end, but for help and quit.
func (m *Model) foot() string {
	if m.typing {
		m.filter.Width = max(m.width-40, 10)
		return " " + fit(m.filter.View(), m.width-36) + "  " + m.keyNames(m.footer(), 34)
	}
	return " " + m.keyNames(m.footer(), m.width-2)
}

func (m *Model) keyNames(keys []key.Binding, width int) string {
	name := func(b key.Binding) string { return b.Help().Key + " " + b.Help().Desc }
	for len(keys) > 1 {
		total := 0
		for _, k := range keys {
			total += cells(name(k)) + 2
		}
		if total-2 <= width {
			break
		}
		drop := len(keys) - 1
		for drop > 0 && (keys[drop].Help().Key == m.keys.help.Help().Key || keys[drop].Help().Key == m.keys.quit.Help().Key) {
			drop--
		}
		keys = append(append([]key.Binding(nil), keys[:drop]...), keys[drop+1:]...)
	}
	var out []string
	for _, k := range keys {
		out = append(out, m.style.key.Render(k.Help().Key)+" "+m.style.dim.Render(k.Help().Desc))
	}
	return strings.Join(out, "  ")
}

func (m *Model) drawForm(height int) []string {
	lines := []string{""}
	if m.form.err != "" {
		for i, l := range strings.Split(m.form.err, "\n") {
			for _, w := range wrap(clean(l), m.width-4) {
				if i == 0 {
					w = m.style.bad.Render(w)
				}
				lines = append(lines, "  "+w)
			}
		}
		lines = append(lines, "")
	}
	if m.starting {
		return append(lines, "  "+spinner[m.frames%len(spinner)]+" Reading the profile…")
	}
	for _, l := range strings.Split(strings.TrimRight(m.form.huh.View(), "\n "), "\n") {
		lines = append(lines, "  "+l)
	}
	return lines
}

// drawCase is the diagnosis above the list; on a wide screen with the detail beside it.
func (m *Model) drawCase(f *frame, height int) []string {
	rows := m.rows()
	all := max(m.height-around, 1) // a status of several lines takes them from the list: the diagnosis stays as it is
	block, more := m.block(m.width-4, max(all-leastList, all/2))
	var lines []string
	if len(block) > 0 {
		for _, l := range block {
			lines = append(lines, "  "+l)
		}
		lines = append(lines, m.rule(more))
	}
	if len(lines) > height-1 {
		lines = lines[:max(height-1, 0)]
	}
	f.listTop, f.listHeight, f.listWidth = 2+len(lines), height-len(lines), m.width
	if m.wide() {
		f.listWidth = m.width * 9 / 20
	}
	f.listFrom = m.list.window(rows, f.listHeight)
	left := make([]string, f.listHeight)
	for i := range left {
		if at := f.listFrom + i; at < len(rows) {
			left[i] = m.line(rows[at], f.listWidth)
		}
	}
	if len(rows) == 0 {
		left[0] = "  " + m.style.dim.Render("Nothing in the list holds these words.")
	}
	if !m.wide() {
		return append(lines, left...)
	}
	right := m.drawPage(f, m.details(m.width-f.listWidth-4), 0, f.listHeight)
	f.pageTop, f.pageLeft = f.listTop, f.listWidth
	bar := m.style.dim.Render("│")
	if m.detail { // it has the keys
		bar = m.style.accent.Render("┃")
	}
	for i := range left {
		l := padded(left[i], f.listWidth) + bar + " "
		if i < len(right) {
			l += right[i]
		}
		lines = append(lines, l)
	}
	return lines
}

// leastList is how many lines the list keeps beside a long diagnosis.
const leastList = 7

// drawPage shows part of a text that may be longer than its place.
func (m *Model) drawPage(f *frame, text []string, indent, height int) []string {
	f.pageTop, f.pageHeight, f.pageLines = 2, height, len(text)
	from := max(0, min(m.scroll, len(text)-height))
	to := min(from+height, len(text))
	out := make([]string, 0, height)
	for _, l := range text[from:to] {
		out = append(out, strings.Repeat(" ", indent)+l)
	}
	if to < len(text) && len(out) > 0 {
		out[len(out)-1] = strings.Repeat(" ", indent) + m.style.dim.Render(fmt.Sprintf("↓ %d more lines", len(text)-to+1))
	}
	return out
}

func (m *Model) drawDialog(f *frame, height int) []string {
	switch m.dialog {
	case dialogPlan:
		return m.drawPlan(f, height)
	case dialogHelp:
		return m.drawPage(f, m.helpText(m.width-4), 2, height)
	case dialogSave:
		return m.drawSave()
	case dialogOpen:
		return m.drawOpen()
	case dialogLeave:
		return m.drawLeave(f)
	case dialogText:
		return m.drawPage(f, m.wholeText(m.width-4), 2, height)
	}
	return nil
}

// helpText is every key. The sections stand in two columns where there is room for them.
func (m *Model) helpText(width int) []string {
	const column = 38
	var halves [2][]string
	for i, s := range m.keys.sections() {
		half := &halves[i%2]
		if width < 2*column {
			half = &halves[0]
		}
		if len(*half) > 0 {
			*half = append(*half, "")
		}
		*half = append(*half, m.style.bold.Render(s.title))
		for _, k := range s.keys {
			for n, l := range wrap(k.Help().Desc, min(width, column)-12) {
				name := k.Help().Key
				if n > 0 {
					name = ""
				}
				*half = append(*half, "  "+m.style.key.Render(padded(name, 7))+" "+l)
			}
		}
	}
	var out []string
	for i := range max(len(halves[0]), len(halves[1])) {
		line := ""
		if i < len(halves[0]) {
			line = halves[0][i]
		}
		if i < len(halves[1]) {
			line = padded(line, column) + halves[1][i]
		}
		out = append(out, line)
	}
	return out
}

// whole is the report as text, for a width; it is made once for each.
type whole struct {
	of    *report.Report
	width int
	lines []string
}

// wholeText is the report as the text format writes it, with what the list has no place for: the attempts, what could not be
// looked at, and when things happened.
func (m *Model) wholeText(width int) []string {
	if r := m.shown(); m.whole.of != r || m.whole.width != width {
		var b strings.Builder
		if err := report.Text(&b, r, report.Options{Location: m.cfg.Location, Width: width}); err != nil {
			return nil
		}
		m.whole = whole{r, width, strings.Split(strings.TrimRight(b.String(), "\n"), "\n")}
	}
	return m.whole.lines
}
