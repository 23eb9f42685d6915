package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"logindoctor.example/checks"
	"logindoctor.example/report"
)

// The commands that touch no network.

func (a *app) report() *cobra.Command {
	f := &outputFlags{}
	var rejudge bool
	c := &cobra.Command{
		Use:   "report FILE",
		Short: "Render a saved report or bundle again, or judge its facts again",
		Args:  exactly(1, "report takes one FILE, a .json or a .zip"),
		RunE: func(_ *cobra.Command, args []string) error {
			outputs, err := f.prepare()
			if err != nil {
				return err
			}
			r, err := load(args[0])
			if err != nil {
				return err
			}
			if rejudge && r.Privacy == report.PrivacyVendor {
				return &failure{code: exitData, text: args[0] + ": it holds pseudonyms for addresses, so it cannot be judged again", hint: "judge the full report, or leave --rejudge out"}
			}
			if rejudge {
				r = report.Rejudge(r, checks.All)
			}
			if err := a.write(r, outputs, *f); err != nil {
				return err
			}
			return f.exit(r)
		},
	}
	f.add(c)
	c.Flags().BoolVar(&rejudge, "rejudge", false, "judge the saved facts with this version's checks")
	return c
}

// reportHint is the next step where a file is no report, or none at all.
const reportHint = "it takes a file that check --format json=FILE, or --bundle FILE.zip, has written"

func load(path string) (*report.Report, error) {
	file, err := os.Open(path)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, &failure{code: exitNoInput, text: path + ": " + err.Error(), hint: reportHint}
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, &failure{code: exitNoInput, text: path + ": is a directory", hint: reportHint}
	}
	magic := make([]byte, 4)
	n, _ := file.ReadAt(magic, 0)
	if info, err := file.Stat(); err == nil && string(magic[:n]) == "PK\x03\x04" {
		r, err := report.ReadBundle(file, info.Size())
		if err != nil {
			return nil, &failure{code: exitData, text: path + ": " + err.Error()}
		}
		return r, nil
	}
	r, err := report.Read(file)
	if err != nil {
		return nil, &failure{code: exitData, text: path + ": " + err.Error(), hint: reportHint}
	}
	return r, nil
}

func (a *app) compare() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "compare BEFORE AFTER",
		Short: "Say what changed between two reports of one account",
		Args:  exactly(2, "compare takes two reports, BEFORE and AFTER"),
		RunE: func(_ *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return usage("--format %q: the formats are text and json", format)
			}
			before, err := load(args[0])
			if err != nil {
				return err
			}
			after, err := load(args[1])
			if err != nil {
				return err
			}
			changed, err := report.Compare(before, after)
			if err != nil {
				return &failure{code: exitData, text: err.Error()}
			}
			if format == "json" {
				return report.CompareJSON(a.out, changed)
			}
			return report.CompareText(a.out, changed, report.Options{Location: time.Local, Colour: a.colour(outputFlags{})})
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

func (a *app) catalogue() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "catalogue",
		Short: "List every check: id, title, what it reads, its source",
		Args:  exactly(0, "catalogue takes no arguments"),
		RunE: func(*cobra.Command, []string) error {
			switch format {
			case "text":
				return report.CatalogueText(a.out, checks.All, report.Options{Location: time.Local})
			case "json":
				return report.CatalogueJSON(a.out, checks.All)
			case "markdown":
				return report.CatalogueMarkdown(a.out, checks.All)
			}
			return usage("--format %q: the formats are text, json and markdown", format)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, json or markdown")
	return c
}

func (a *app) schema() *cobra.Command {
	return &cobra.Command{Use: "schema", Short: "Print the JSON Schema of the report", Args: exactly(0, "schema takes no arguments"),
		RunE: func(*cobra.Command, []string) error {
			_, err := a.out.Write(report.Schema())
			return err
		}}
}

func (a *app) explain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain WORDS…",
		Short: "Say what an id, or words pasted from a server or a log, mean",
		Args:  cobra.ArbitraryArgs,
		// Words begin with a dash too: -32001 is a code of Kerio's.
		DisableFlagParsing: true,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) == 1 && (args[0] == "-h" || args[0] == "--help"):
				return c.Help()
			case len(args) > 0 && args[0] == "--":
				args = args[1:]
			}
			words := strings.TrimSpace(strings.Join(args, " "))
			if words == "" {
				return usage("explain takes the id of a check, or words from a server or a log")
			}
			found, near := report.Explain(words, checks.All), []string(nil)
			if len(found) == 0 {
				near = report.Nearest(words, checks.All)
				_ = report.ExplainText(a.err, words, nil, near, report.Options{Location: time.Local})
				return &failure{code: exitUsage}
			}
			return report.ExplainText(a.out, words, found, near, report.Options{Location: time.Local, Colour: a.colour(outputFlags{})})
		},
	}
}
