package report

import (
	"io"
	"strconv"
	"strings"
	"time"
)

// ExplainText writes what Explain found. Where it found nothing it says so, with what is nearest.
func ExplainText(w io.Writer, words string, found []Entry, near []string, o Options) error {
	p := newPage(o, time.Time{})
	if len(found) == 0 {
		p.text("", "Nothing is known about \""+excerpt(words)+"\".")
		if len(near) > 0 {
			p.text("", "The nearest: "+strings.Join(near, "; ")+".")
		} else {
			p.text("", "Give the id of a check (logindoctor catalogue), a code, or a line from a server or its log.")
		}
	}
	for i, e := range found {
		if i > 0 {
			p.blank()
		}
		p.entry(e)
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

const (
	maxExcerpt = 60 // runes of what was asked
	maxWord    = 24 // runes of a word in it that are shown: what is longer may be a password or a token
)

// excerpt shows as much of what was asked as is needed to know it again: a pasted line may hold what is nobody's business.
func excerpt(words string) string {
	all := strings.Fields(Clean(words))
	for i, w := range all {
		if strings.Contains(w, "@") {
			all[i] = "…@…"
		} else if r := []rune(w); len(r) > maxWord {
			all[i] = string(r[:maxWord/2]) + "…"
		}
	}
	return cut(strings.Join(all, " "), maxExcerpt)
}

func (p *page) entry(e Entry) {
	p.painted(bold, "", e.Heading)
	if e.Note != "" {
		p.text("", e.Note)
	}
	if e.Says != "" {
		p.section("What the caller says", "\""+e.Says+"\"")
	} else {
		p.text("  ", e.Means)
	}
	p.causes(e)
	if len(e.Tells) > 0 {
		p.section("How to tell", e.Tells...)
	}
	if len(e.Do) > 0 {
		p.section("What to do")
		for i, s := range e.Do {
			p.row(4, 7, "", strconv.Itoa(i+1), s)
		}
	}
	if len(e.DoNot) > 0 {
		p.section("What not to do", e.DoNot...)
	}
	if len(e.Sources) > 0 {
		p.section("Sources")
		for _, s := range e.Sources {
			p.text("    ", s.Title)
			if s.URL != "" {
				p.out.WriteString("    " + s.URL + "\n") // one line, so that it can be opened
			}
		}
	}
}

// causes names what the words may come from, or what a check explains. How a single cause is told stands in its own entry.
func (p *page) causes(e Entry) {
	if len(e.Causes) == 0 {
		return
	}
	title := "It may come from"
	if e.Says != "" {
		title = "It explains"
	}
	p.section(title)
	for _, c := range e.Causes {
		p.text("    ", c.Title+" ("+c.ID+")")
		if e.Says == "" && len(e.Causes) > 1 {
			p.text("      ", c.Tells)
		}
	}
	if e.Says == "" && len(e.Causes) > 1 {
		p.text("    ", "What to do about each: logindoctor explain ID")
	}
}

func (p *page) section(title string, lines ...string) {
	p.out.WriteString("  " + p.paint(bold, title) + "\n")
	for _, l := range lines {
		p.text("    ", l)
	}
}
