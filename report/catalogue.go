package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"logindoctor.example/checks"
)

// CatalogueText writes every check: id, title, what it reads, and what it rests on.
func CatalogueText(w io.Writer, catalogue []*checks.Check, o Options) error {
	p := newPage(o, time.Time{})
	for i, g := range byGroup(catalogue) {
		if i > 0 {
			p.blank()
		}
		p.painted(bold, "", g.group.Question()+" ("+g.group.String()+")")
		for _, c := range g.checks {
			p.row(2, 30, "", c.ID, c.Title)
			needs, uses := reads(c)
			p.row(6, 14, "", "reads", strings.Join(append(needs, uses...), "; "))
			for i, s := range c.Source {
				label := "sources"
				if i > 0 {
					label = ""
				}
				p.row(6, 14, "", label, s.Title)
			}
		}
	}
	p.blank()
	p.text("", number(len(catalogue), "check", "checks")+".")
	_, err := io.WriteString(w, p.out.String())
	return err
}

// catalogueRow is one check as JSON.
type catalogueRow struct {
	ID       string       `json:"id"`
	Group    checks.Group `json:"group"`
	Title    string       `json:"title"`
	Needs    []string     `json:"needs"` // without these there is no answer
	Uses     []string     `json:"uses"`  // read where they were seen
	Owner    checks.Owner `json:"owner"`
	Scope    checks.Scope `json:"scope"`
	Explains []string     `json:"explains"`
	Sources  []SourceLine `json:"sources"`
}

// CatalogueJSON writes every check as a JSON list, in report order.
func CatalogueJSON(w io.Writer, catalogue []*checks.Check) error {
	rows := make([]catalogueRow, 0, len(catalogue))
	for _, c := range catalogue {
		row := catalogueRow{ID: c.ID, Group: c.Group, Title: c.Title, Owner: c.Owner, Scope: c.Scope, Explains: []string{}, Sources: []SourceLine{}}
		row.Needs, row.Uses = reads(c)
		for _, e := range c.Explains {
			row.Explains = append(row.Explains, e.ID)
		}
		for _, s := range c.Source {
			row.Sources = append(row.Sources, SourceLine{s.Title, s.URL})
		}
		rows = append(rows, row)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(rows); err != nil {
		return fmt.Errorf("report: catalogue: %w", err)
	}
	return nil
}

// CatalogueMarkdown writes every check as tables, one for each group.
func CatalogueMarkdown(w io.Writer, catalogue []*checks.Check) error {
	_, err := io.WriteString(w, catalogueTables(catalogue, func(c *checks.Check) string { return "`" + c.ID + "`" }))
	return err
}

func catalogueTables(catalogue []*checks.Check, name func(*checks.Check) string) string {
	var b strings.Builder
	for _, g := range byGroup(catalogue) {
		fmt.Fprintf(&b, "\n## %s\n\n`%s`\n\n| id | the problem | reads | sources |\n|---|---|---|---|\n", g.group.Question(), g.group)
		for _, c := range g.checks {
			needs, uses := reads(c)
			var sources []string
			for _, s := range c.Source {
				sources = append(sources, link(s))
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name(c), cell(c.Title), cell(strings.Join(append(needs, uses...), "; ")), strings.ReplaceAll(strings.Join(sources, "; "), "|", `\|`))
		}
	}
	return strings.TrimPrefix(b.String(), "\n")
}

type groupOf struct {
	group  checks.Group
	checks []*checks.Check
}

// byGroup puts the checks under their groups, in report order; groups without any are left out.
func byGroup(catalogue []*checks.Check) []groupOf {
	var out []groupOf
	for _, g := range checks.Groups() {
		var in []*checks.Check
		for _, c := range catalogue {
			if c.Group == g {
				in = append(in, c)
			}
		}
		if len(in) > 0 {
			out = append(out, groupOf{g, in})
		}
	}
	return out
}

// reads names what a check looks at.
func reads(c *checks.Check) (needs, uses []string) {
	needs, uses = []string{}, []string{}
	for _, n := range c.Needs {
		needs = append(needs, n.Name)
	}
	for _, n := range c.Uses {
		uses = append(uses, n.Name)
	}
	return needs, uses
}
