package report

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/rivo/uniseg"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

// Options are how text is drawn.
type Options struct {
	Location *time.Location // of the reader; nil: UTC
	Colour   bool
	Width    int  // columns; 0: 80
	Quiet    bool // only the headline and the causes
}

// Text writes what a person reads: the headline, each cause with what to do, then every question with its answers, what
// was spent, what could not be looked at, and when. Times are local with their zone; evidence is in UTC, as in the document.
func Text(w io.Writer, r *Report, o Options) error {
	p := newPage(o, r.FinishedAt)
	p.headline(r)
	for i := range r.Diagnosis {
		p.cause(r, i)
	}
	p.open(r)
	if !o.Quiet {
		p.groups(r)
		p.plan(r)
		p.unseen(r)
		p.timeline(r)
		p.seen(r)
	}
	p.foot(r)
	_, err := io.WriteString(w, p.out.String())
	return err
}

// page collects lines. Only its own methods write to out. Each part that is not our own passes through Clean before it is
// put into a line; the line as a whole passes through visible, so that nothing that was forgotten can do harm.
type page struct {
	Options
	out strings.Builder
	day string // the run's local day: a time on it needs no date
}

// The colours, as terminals name them; only ours, never a server's.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

const (
	leastWidth = 40
	usualWidth = 80
)

func newPage(o Options, day time.Time) *page {
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Width == 0 {
		o.Width = usualWidth
	}
	o.Width = max(o.Width, leastWidth)
	return &page{Options: o, day: day.In(o.Location).Format(time.DateOnly)}
}

func (p *page) paint(colour, s string) string {
	if !p.Colour || colour == "" {
		return s
	}
	return "\x1b[" + colour + "m" + s + "\x1b[0m"
}

func (p *page) blank() { p.out.WriteByte('\n') }

// text writes wrapped lines: the first begins with lead, the others below its text. Lead is ours, s need not be.
func (p *page) text(lead, s string) { p.painted("", lead, s) }

func (p *page) painted(colour, lead, s string) {
	indent := uniseg.StringWidth(lead)
	for i, line := range wrap(p.local(visible(s)), p.Width-indent) {
		if i > 0 {
			lead = strings.Repeat(" ", indent)
		}
		p.out.WriteString(strings.TrimRight(lead+p.paint(colour, line), " ") + "\n")
	}
}

// row writes a label in a column of its own, and text beside it; a label that is too long gets a line for itself.
func (p *page) row(indent, column int, colour, label, s string) {
	lead := strings.Repeat(" ", indent)
	pad := column - indent - uniseg.StringWidth(label)
	if pad < 1 {
		p.out.WriteString(lead + p.paint(colour, label) + "\n")
		p.text(strings.Repeat(" ", column), s)
		return
	}
	lines := wrap(p.local(visible(s)), p.Width-column)
	p.out.WriteString(strings.TrimRight(lead+p.paint(colour, label)+strings.Repeat(" ", pad)+lines[0], " ") + "\n")
	for _, l := range lines[1:] {
		p.out.WriteString(strings.Repeat(" ", column) + l + "\n")
	}
}

func (p *page) title(s string) {
	p.blank()
	p.out.WriteString(p.paint(bold, s) + "\n")
}

func (p *page) headline(r *Report) {
	colour := map[Verdict]string{CauseFound: red, Healthy: green, Inconclusive: yellow}[r.Verdict]
	p.painted(bold, "", Clean(r.Headline))
	p.out.WriteString(p.paint(colour, VerdictWords(r.Verdict)))
	if n := len(r.Diagnosis); n > 1 {
		fmt.Fprintf(&p.out, ": %d causes", n)
	}
	p.blank()
	if p.Quiet {
		return
	}
	for _, step := range r.NextSteps() {
		p.text("  NEXT  ", step)
	}
}

// stamps are times as the checks write them into a summary.
var stamps = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d UTC`)

// local shows the times in a summary as the reader's; on the day of the run without the date.
func (p *page) local(s string) string {
	return stamps.ReplaceAllStringFunc(s, func(m string) string {
		t, err := time.Parse("2006-01-02 15:04 MST", m)
		if err != nil {
			return m
		}
		return p.clock(t, "15:04 MST")
	})
}

// clock is a time on the reader's clock.
func (p *page) clock(t time.Time, layout string) string {
	t = t.In(p.Location)
	if t.Format(time.DateOnly) != p.day {
		layout = "2006-01-02 " + layout
	}
	return t.Format(layout)
}

func (p *page) foot(r *Report) {
	p.blank()
	for _, line := range p.footWords(r) {
		p.text("", line)
	}
}

// footWords say when, for whom, how long, and with what.
func (p *page) footWords(r *Report) [2]string {
	at := r.FinishedAt.In(p.Location).Format("2006-01-02 15:04:05 MST (UTC-07:00)")
	if p.Location == time.UTC {
		at = r.FinishedAt.UTC().Format("2006-01-02 15:04:05 MST")
	}
	user := "for " + Clean(r.Subject.User)
	if r.Subject.Profile != "" {
		user += ", profile " + Clean(r.Subject.Profile)
	}
	tool := Clean(r.Tool.Name + " " + r.Tool.Version)
	if r.Tool.Commit != "" {
		tool += " (" + Clean(r.Tool.Commit) + ")"
	}
	if r.RunID != "" {
		tool += ", run " + Clean(r.RunID)
	}
	return [2]string{fmt.Sprintf("Checked %s %s, in %s.", at, user, short(r.DurationMS)), tool}
}

// short is a duration for people.
func short(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d%time.Hour == 0 && d >= 24*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d%time.Minute == 0:
		return number(int(d/time.Minute), "minute", "minutes")
	}
	return d.Round(time.Second).String()
}

func colourOf(v checks.Verdict) string {
	switch v {
	case checks.OK:
		return green
	case checks.Problem:
		return red
	case checks.Notice, checks.Undetermined:
		return yellow
	}
	return dim
}

func label(v checks.Verdict, why probes.Why) string {
	symbol, word := Mark(v, why)
	return symbol + " " + word
}
