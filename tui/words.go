package tui

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"logindoctor.example/report"
)

// Whatever did not come from this package passes through say, or clean, before it is drawn: it may hold what moves a
// terminal's cursor.

func clean(s string) string { return report.Clean(s) }

// say makes a text of the shown report fit for the screen: nothing that a terminal obeys, and local times.
func (m *Model) say(s string) string {
	s = clean(s)
	return report.Local(s, m.day(), m.cfg.Location)
}

// at is a moment on the reader's clock.
func (m *Model) at(t time.Time) string { return report.Clock(t, m.day(), m.cfg.Location) }

// day is the one that needs no date: that of the run.
func (m *Model) day() time.Time {
	if r := m.shown(); r != nil && !r.FinishedAt.IsZero() {
		return r.FinishedAt
	}
	return m.now
}

// masker is the shown report as a shared screen may show it: report's own level for people outside.
type masker struct {
	of, shown *report.Report
	names     *strings.Replacer
}

const hidden = "•••"

// masked gives the report as it is drawn while privacy is on. It is made once for each report.
func (m *Model) masked(r *report.Report) *report.Report {
	if !m.private || r == nil {
		return r
	}
	if m.mask.of != r {
		shown, replaced := r.Private(report.PrivacyVendor)
		slices.SortStableFunc(replaced, func(a, b report.Replaced) int { return len(b.Value) - len(a.Value) })
		var pairs []string
		for _, d := range replaced {
			if d.Value != "" {
				pairs = append(pairs, d.Value, d.By)
			}
		}
		m.mask = masker{r, shown, strings.NewReplacer(pairs...)}
	}
	return m.mask.shown
}

var addresses = regexp.MustCompile(`[^\s<>,;:()'"]+@[^\s<>,;:()'"]+|[0-9a-fA-F:.]*[:.][0-9a-fA-F:.]*[0-9a-fA-F]`)

// hide does the same to a text that is in no report: a plan, the form's answers.
func (m *Model) hide(s string) string {
	if !m.private {
		return s
	}
	if m.mask.names != nil {
		s = m.mask.names.Replace(s)
	}
	return addresses.ReplaceAllStringFunc(s, func(w string) string {
		bare := strings.TrimRight(w, ".:")
		if strings.Contains(w, "@") && !strings.HasSuffix(bare, ".invalid") {
			return hidden
		}
		if _, err := netip.ParseAddr(bare); err == nil {
			return hidden + w[len(bare):]
		}
		if _, err := netip.ParseAddrPort(bare); err == nil {
			return hidden + w[len(bare):]
		}
		return w
	})
}

// wrap breaks text at spaces into lines of at most width cells; a word that is longer is broken where it has to be. The text
// must not be painted yet: a colour would run into the next line.
func wrap(s string, width int) []string {
	var lines []string
	line, used := "", 0
	flush := func() {
		lines = append(lines, line)
		line, used = "", 0
	}
	width = max(width, 2) // a wide character has to fit
	for _, word := range strings.Fields(s) {
		n := cells(word)
		if used > 0 && used+1+n > width {
			flush()
		}
		if used > 0 {
			line, used = line+" ", used+1
		}
		for n > width-used {
			head := ansi.Truncate(word, width-used, "")
			if head == "" { // nothing of it has a width that fits
				break
			}
			line += head
			flush()
			word = word[len(head):]
			n = cells(word)
		}
		line, used = line+word, used+n
	}
	if line != "" {
		flush()
	}
	return lines
}

// fit cuts text to width cells.
func fit(s string, width int) string {
	if width <= 0 {
		return ""
	}
	return ansi.Truncate(s, width, "…")
}

// cells is how wide text is on the screen.
func cells(s string) int { return ansi.StringWidth(s) }

// padded fills text up to width cells.
func padded(s string, width int) string {
	if n := width - cells(s); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}
