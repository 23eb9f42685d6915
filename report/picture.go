package report

import (
	"fmt"
	"html"
	"html/template"
	"strings"
	"time"
)

// pictureEvents is the most that a picture shows.
const pictureEvents = 40

// What both forms have in common: the distance of two lines of text, and of a moment from the one before it.
const (
	pictureLine = 17
	pictureRow  = 24
)

// drawing is one form of the picture of the timeline, in the units of its view box: about pixels of the screen it is for.
type drawing struct {
	class              string
	width, axis        int // the dots stand on the axis
	timeX, words       int // where times and words begin
	timeDown, wordDown int // how far below its dot a time and the first line of words stand
	runes, lines       int // the most of an event's words
}

// On a phone the time stands above the words, so that letters keep their size.
var (
	pictureWide   = drawing{class: "wide", width: 640, axis: 172, timeX: 8, words: 186, timeDown: 4, wordDown: 4, runes: 62, lines: 1}
	pictureNarrow = drawing{class: "narrow", width: 300, axis: 8, timeX: 22, words: 22, timeDown: 4, wordDown: 22, runes: 40, lines: 2}
)

// moment is one dot of the picture.
type moment struct {
	at    time.Time
	words string
	class string
}

// picture draws what has a date as dots on a line, in order and evenly spaced: they lie minutes and years apart. Between two
// dots stands how long it was from one to the other. It is drawn twice, for wide and for narrow windows, of which the page shows
// one. It is not the only form of the facts: the list below it has them all.
func (p *page) picture(r *Report) template.HTML {
	moments := p.moments(r)
	var b strings.Builder
	for _, d := range []drawing{pictureWide, pictureNarrow} {
		p.draw(&b, d, moments)
	}
	return template.HTML(b.String()) // our own elements; draw escapes every word in them
}

func (p *page) draw(b *strings.Builder, d drawing, moments []moment) {
	var dots strings.Builder
	text := func(class string, x, y int, words string) {
		fmt.Fprintf(&dots, `<text class="%s" x="%d" y="%d">%s</text>`, class, x, y, html.EscapeString(words))
	}
	y, last := 16, 16
	for i, m := range moments {
		if i > 0 {
			if gap := m.at.Sub(moments[i-1].at); gap >= time.Minute {
				text("dim", d.words, y, gapWords(gap)+" later")
				y += pictureRow - d.timeDown
			}
		}
		last = y
		fmt.Fprintf(&dots, `<circle class="%s" cx="%d" cy="%d" r="5"/>`, m.class, d.axis, y)
		text("time", d.timeX, y+d.timeDown, m.at.In(p.Location).Format("2006-01-02 15:04 MST"))
		y += d.wordDown - pictureLine
		for _, l := range wrap(cut(m.words, d.runes*d.lines), d.runes) {
			y += pictureLine
			text("words", d.words, y, l)
		}
		y += pictureRow
	}
	fmt.Fprintf(b, `<svg class="%s" viewBox="0 0 %d %d" role="img" aria-label="Timeline with %d dates; the list below has them in words">`, d.class, d.width, y-pictureRow+12, len(moments))
	fmt.Fprintf(b, `<line class="axis" x1="%d" y1="16" x2="%d" y2="%d"/>%s</svg>`, d.axis, d.axis, last, dots.String())
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
	case EventLogin, EventPasswordSet, EventAppPasswordMade:
		return "good"
	}
	return "other"
}
