package report

import (
	"fmt"
	"strings"

	"logindoctor.example/checks"
)

// Page is a check's page in the documentation, as Markdown. Its prose is the check's own.
func Page(c *checks.Check) string {
	c = forAnyone(c)
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n`%s` · [%s](README.md)\n", prose(c.Title), c.ID, prose(c.Group.Question()))
	section := func(title, format string, a ...any) { fmt.Fprintf(&b, "\n## "+title+"\n\n"+format, a...) }
	section("What the caller says", "> %s\n", prose(c.Doc.Says))
	section("How logindoctor tells", "%s\n\n%s", prose(c.Doc.Tells), readsList(c))
	if len(c.Doc.Mistaken) > 0 {
		section("Often mistaken for", "%s", bullets(c.Doc.Mistaken))
	}
	section("What to do", "%s\n", remedyPage(c))
	if len(c.Remedy.DoNot) > 0 {
		section("What not to do", "%s", bullets(c.Remedy.DoNot))
	}
	if len(c.Explains)+len(c.Outlasts) > 0 {
		section("How it goes with others", "%s", relations(c))
	}
	section("Sources", "%s", sourcesList(c))
	return b.String()
}

// Index is the documentation's list of all checks, as Markdown.
func Index(catalogue []*checks.Check) string {
	return "# The catalogue\n\nEvery check, in the order of a report. Ids never change their meaning. `logindoctor explain ID` shows a page offline.\n\n" +
		catalogueTables(catalogue, func(c *checks.Check) string { return fmt.Sprintf("[`%s`](%s.md)", c.ID, c.ID) })
}

func readsList(c *checks.Check) string {
	needs, uses := reads(c)
	var b strings.Builder
	if len(needs) > 0 {
		b.WriteString("It cannot tell without:\n\n" + bullets(needs))
	}
	if len(uses) > 0 {
		if len(needs) > 0 {
			b.WriteString("\n")
		}
		b.WriteString("It also reads, where they were seen:\n\n" + bullets(uses))
	}
	return b.String()
}

func remedyPage(c *checks.Check) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s. For %s; concerns %s; %s.\n", prose(strings.TrimSuffix(c.Remedy.Do, ".")), OwnerWords(c.Owner), ScopeWords(c.Scope), prose(DisruptionWords(c.Remedy.Disruption)))
	if len(c.Remedy.Steps) > 0 {
		b.WriteString("\n")
	}
	for i, s := range c.Remedy.Steps {
		fmt.Fprintf(&b, "%d. %s\n", i+1, prose(s))
	}
	for _, cmd := range c.Remedy.Commands {
		fmt.Fprintf(&b, "\n%s:\n\n```%s\n%s\n```\n", capital(OwnerWords(cmd.Who)), cmd.Shell, cmd.Run)
	}
	verify := c.Remedy.Verify
	if verify == "" {
		verify = "logindoctor check USER"
	}
	fmt.Fprintf(&b, "\nThen look again:\n\n```sh\n%s\n```", verify)
	return b.String()
}

func relations(c *checks.Check) string {
	var lines []string
	for _, e := range c.Explains {
		lines = append(lines, "It explains ["+e.Title+"]("+e.ID+".md).")
	}
	for _, o := range c.Outlasts {
		lines = append(lines, "It is named before ["+o.Title+"]("+o.ID+".md): mending that alone would not help.")
	}
	return bullets(lines)
}

func sourcesList(c *checks.Check) string {
	var b strings.Builder
	for _, s := range c.Source {
		fmt.Fprintf(&b, "- %s\n", link(s))
	}
	return b.String()
}

func bullets(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "- %s\n", prose(l))
	}
	return b.String()
}

func link(s checks.Source) string {
	if s.URL == "" {
		return prose(s.Title)
	}
	return "[" + prose(s.Title) + "](" + s.URL + ")"
}

// prose keeps Markdown from reading HTML and emphasis into plain sentences.
func prose(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", "*", `\*`).Replace(s)
}

func cell(s string) string { return strings.ReplaceAll(prose(s), "|", `\|`) }
