package report

import (
	"fmt"
	"html"
	"html/template"
	"strings"
	"time"
)

// The picture of the timeline, in the units of its view box.
const (
	pictureWidth  = 640
	pictureRow    = 34
	pictureAxis   = 172 // where the line stands; times are left of it, words right
	pictureText   = 62  // runes of an event's words
	pictureEvents = 40
)

// moment is one dot of the picture.
type moment struct {
	at    time.Time
	words string
	class string
}

// picture draws what has a date as dots on a line, in order and evenly spaced: they lie minutes and years apart. Between two
// dots stands how long it was from one to the other. It is not the only form of the facts: the list below it has them all.
func (p *page) picture(r *Report) template.HTML {
	moments := p.moments(r)
	var b strings.Builder
	height := len(moments)*pictureRow + 8
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="Timeline with %d dates; the list below has them in words">`, pictureWidth, height, len(moments))
	fmt.Fprintf(&b, `<line class="axis" x1="%d" y1="8" x2="%d" y2="%d"/>`, pictureAxis, pictureAxis, height-8)
	for i, m := range moments {
		y := i*pictureRow + 20
		if i > 0 {
			if gap := m.at.Sub(moments[i-1].at); gap >= time.Minute {
				fmt.Fprintf(&b, `<text class="dim" x="%d" y="%d">%s</text>`, pictureAxis+12, y-pictureRow/2+4, gapWords(gap))
			}
		}
		fmt.Fprintf(&b, `<circle class="%s" cx="%d" cy="%d" r="5"/>`, m.class, pictureAxis, y)
		fmt.Fprintf(&b, `<text x="8" y="%d">%s</text>`, y+4, m.at.In(p.Location).Format("2006-01-02 15:04 MST"))
		fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text>`, pictureAxis+12, y+4, html.EscapeString(cut(m.words, pictureText)))
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) // our own elements; every word in them was escaped above
}

// moments are the events and the run itself; of too many, those nearest to the run.
func (p *page) moments(r *Report) []moment {
	var out []moment
	now := false
	mark := func() {
		out = append(out, moment{r.FinishedAt, "now: logindoctor looked", "now"})
		now = true
	}
	for _, e := range r.Timeline {
		if !now && e.At.After(r.FinishedAt) {
			mark()
		}
		out = append(out, moment{e.At, p.eventWords(e), eventClass(e.Kind)})
	}
	if !now {
		mark()
	}
	if len(out) <= pictureEvents {
		return out
	}
	at := 0
	for i, m := range out {
		if m.class == "now" {
			at = i
		}
	}
	from := max(0, min(at-pictureEvents/2, len(out)-pictureEvents))
	return out[from : from+pictureEvents]
}

// gapWords is a distance in its largest unit.
func gapWords(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return number(int(d.Minutes()), "minute", "minutes")
}

// eventClass is the colour of a dot; its words say the same.
func eventClass(k EventKind) string {
	switch k {
	case EventFailure, EventLocked, EventBlocked:
		return "bad"
	case EventLogin, EventPasswordSet:
		return "good"
	}
	return "other"
}
