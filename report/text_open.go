package report

import (
	"fmt"
	"strings"
)

// open writes what is left where the case is not settled, what would settle it, and what to ask the caller.
func (p *page) open(r *Report) {
	if len(r.Remaining) == 0 && r.NextQuestion == nil && len(r.Answers) == 0 {
		return
	}
	p.title("What is still open")
	for _, a := range r.Answers {
		p.text("  ", "The caller said ("+Clean(a.Question)+"): "+Clean(a.Said)+".")
	}
	for i, c := range r.Remaining {
		p.row(2, 5, bold, fmt.Sprint(i+1), "It may be: "+Clean(c.Title)+" ("+c.Cause+").")
		p.text("     ", Clean(c.Why))
		for _, t := range c.Tells {
			p.text("     ", Clean(t))
		}
	}
	if q := r.NextQuestion; q != nil {
		p.text("  ", "Ask next: "+Clean(q.Ask)+" ("+Clean(optionWords(q))+")")
	}
}

func optionWords(q *Question) string {
	var says []string
	for _, o := range q.Options {
		says = append(says, o.Say)
	}
	return strings.Join(says, " / ")
}
