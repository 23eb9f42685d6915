package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"logindoctor.example/checks"
)

// Comparison is what changed between two reports of one account.
type Comparison struct {
	Subject string    `json:"subject"`
	Before  Moment    `json:"before"`
	After   Moment    `json:"after"`
	Gone    []string  `json:"gone"`   // causes that were there and are not
	New     []string  `json:"new"`    // causes that were not there
	Stayed  []string  `json:"stayed"` // causes that are there still
	Changes []Changed `json:"changes"`
	// Otherwise is what the later run was not asked as the earlier one was: then what is gone may only not have been looked for.
	Otherwise []string `json:"asked_otherwise"`
	Again     string   `json:"again,omitempty"` // the command that asks the same, where that is so
}

// Moment is one of the two reports.
type Moment struct {
	At       time.Time `json:"at"`
	RunID    string    `json:"run_id"`
	Verdict  Verdict   `json:"verdict"`
	Headline string    `json:"headline"`
}

// Changed is a check whose answer is another.
type Changed struct {
	ID      string         `json:"id"`
	Title   string         `json:"title"`
	Before  checks.Verdict `json:"before,omitempty"` // absent: the earlier report has no such check
	After   checks.Verdict `json:"after,omitempty"`
	Summary string         `json:"summary"` // what it says now
	Was     string         `json:"was"`
}

// Compare says what changed from before to after. Two accounts have nothing to compare.
func Compare(before, after *Report) (*Comparison, error) {
	if before.Subject.User != after.Subject.User {
		return nil, fmt.Errorf("the reports are of two accounts, %s and %s", Clean(before.Subject.User), Clean(after.Subject.User))
	}
	c := &Comparison{Subject: after.Subject.User, Before: momentOf(before), After: momentOf(after), Gone: []string{}, New: []string{}, Stayed: []string{}, Changes: []Changed{}}
	was, is := causesOf(before), causesOf(after)
	for _, id := range was {
		if slices.Contains(is, id) {
			c.Stayed = append(c.Stayed, id)
		} else {
			c.Gone = append(c.Gone, id)
		}
	}
	for _, id := range is {
		if !slices.Contains(was, id) {
			c.New = append(c.New, id)
		}
	}
	c.Otherwise = askedLess(before, after, c.Gone)
	if len(c.Otherwise) > 0 {
		c.Again = askAgain(before)
	}
	for _, a := range after.Checks {
		b := answerOf(before, a.ID)
		if b == nil {
			c.Changes = append(c.Changes, Changed{ID: a.ID, Title: a.Title, After: a.Verdict, Summary: a.Summary})
		} else if a.Verdict != b.Verdict || a.Summary != b.Summary {
			c.Changes = append(c.Changes, Changed{a.ID, a.Title, b.Verdict, a.Verdict, a.Summary, b.Summary})
		}
	}
	for _, b := range before.Checks {
		if answerOf(after, b.ID) == nil {
			c.Changes = append(c.Changes, Changed{ID: b.ID, Title: b.Title, Before: b.Verdict, Was: b.Summary})
		}
	}
	return c, nil
}

func momentOf(r *Report) Moment {
	return Moment{r.FinishedAt, r.RunID, r.Verdict, r.Headline}
}

func causesOf(r *Report) (ids []string) {
	for _, c := range r.Diagnosis {
		ids = append(ids, c.Cause)
	}
	return ids
}

func answerOf(r *Report, id string) *Answer {
	for i := range r.Checks {
		if r.Checks[i].ID == id {
			return &r.Checks[i]
		}
	}
	return nil
}

// CompareText writes what changed, as a note that closes a ticket.
func CompareText(w io.Writer, c *Comparison, o Options) error {
	p := newPage(o, c.After.At)
	p.painted(bold, "", Clean(c.Subject)+": "+changeWords(c))
	for _, m := range []struct {
		name string
		at   Moment
	}{{"Before", c.Before}, {"After", c.After}} {
		p.row(2, 10, bold, m.name, m.at.At.In(p.Location).Format("2006-01-02 15:04:05 MST")+": "+VerdictWords(m.at.Verdict)+". "+Clean(m.at.Headline))
	}
	for _, l := range []struct {
		name string
		ids  []string
	}{{goneWord(c), c.Gone}, {"New", c.New}, {"Still", c.Stayed}} {
		if len(l.ids) > 0 {
			p.row(2, 10, bold, l.name, strings.Join(l.ids, ", "))
		}
	}
	if len(c.Otherwise) > 0 {
		p.title("What was asked otherwise")
		for _, l := range c.Otherwise {
			p.text("  ", Clean(l))
		}
		if run, ok := command(c.Again); ok && run != "" {
			p.out.WriteString("  To ask the same: " + run + "\n")
		}
	}
	if len(c.Changes) > 0 {
		p.title("What changed")
	}
	for _, ch := range c.Changes {
		was, is := "not asked", "not asked"
		if ch.Before != 0 {
			was = ch.Before.String()
		}
		if ch.After != 0 {
			is = ch.After.String()
		}
		p.text("  ", fmt.Sprintf("%s (%s): %s, was %s", Clean(ch.Title), ch.ID, is, was))
		if ch.Summary != "" {
			p.text("    now: ", Clean(ch.Summary))
		}
		if ch.Was != "" {
			p.text("    was: ", Clean(ch.Was))
		}
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

func goneWord(c *Comparison) string {
	if len(c.Otherwise) > 0 {
		return "Unseen"
	}
	return "Gone"
}

// changeWords is the comparison in one clause. Mended is only what was looked at again, in the same way.
func changeWords(c *Comparison) string {
	switch {
	case len(c.Gone) > 0 && len(c.Otherwise) > 0:
		return "not known whether it is mended, since the later run was asked something else"
	case len(c.Gone) > 0 && c.After.Verdict == Healthy:
		return "mended"
	case len(c.Gone) > 0 && len(c.New)+len(c.Stayed) > 0:
		return "mended in part"
	case len(c.Gone) > 0:
		return "the cause is no longer seen, though not everything could be looked at"
	case len(c.New) > 0:
		return "a new cause"
	case len(c.Stayed) > 0:
		return "the cause is there still"
	case c.Before.Verdict == c.After.Verdict:
		return "no change of the verdict"
	}
	return VerdictWords(c.After.Verdict) + ", was " + VerdictWords(c.Before.Verdict)
}

// CompareJSON writes the comparison as one document.
func CompareJSON(w io.Writer, c *Comparison) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(c)
}
