package main

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"logindoctor.example/report"
)

type rootPool = *x509.CertPool

// outputFlags are those that every reporting command shares.
type outputFlags struct {
	formats    []string
	privacy    string
	recipients []string
	bundle     string
	ticket     string
	preview    bool
	force      bool
	noColor    bool
	quiet      bool
	exitZero   bool
}

func (f *outputFlags) add(c *cobra.Command) {
	p := c.Flags()
	p.StringArrayVar(&f.formats, "format", nil, "`FORMAT[=FILE]`: "+formatNames()+"; repeatable, one of them may go to stdout (default text); a FILE that is a directory gets a name")
	p.StringVar(&f.privacy, "privacy", "", "`LEVEL`: full, ticket or vendor (default: full on stdout, ticket in files)")
	p.StringArrayVar(&f.recipients, "recipient", nil, "age `KEY` for which the map of a vendor report is encrypted; repeatable")
	p.StringVar(&f.bundle, "bundle", "", "`FILE.zip` for the whole case: report, HTML, facts, schema, sums")
	p.StringVar(&f.ticket, "ticket", "", "`ID` of the ticket, for the names of files")
	p.BoolVar(&f.preview, "preview", false, "list the people and machines that the report names, and write nothing")
	p.BoolVar(&f.force, "force", false, "write over files that exist")
	p.BoolVar(&f.noColor, "no-color", false, "no colour")
	p.BoolVar(&f.quiet, "quiet", false, "only the headline and the causes; no progress")
	p.BoolVar(&f.exitZero, "exit-zero", false, "exit 0 whatever the report says")
}

func formatNames() string {
	var names []string
	for _, f := range report.Formats {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

// output is one format to one place.
type output struct {
	format report.Format
	path   string // empty: stdout; a directory: the file gets its name from the run
	level  report.Privacy
}

// bundleFormat is the zip file of --bundle: it is written like any other output.
var bundleFormat = report.Format{Name: "bundle", Ext: "zip", Whole: true, Write: report.Bundle}

var ticketForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,40}$`)

// prepare reads the flags and finds out now whether the files can be written: a run must not be lost to a typing mistake.
func (f *outputFlags) prepare() ([]output, error) {
	var all []output
	stdout := 0
	for _, v := range f.formats {
		name, path, toFile := strings.Cut(v, "=")
		format := report.FindFormat(name)
		switch {
		case format == nil:
			return nil, usage("--format %q: the formats are %s", name, formatNames())
		case toFile && path == "":
			return nil, usage("--format %s= names no file", name)
		case !toFile:
			stdout++
		}
		all = append(all, output{format: *format, path: path})
	}
	if f.bundle != "" {
		all = append(all, output{format: bundleFormat, path: f.bundle})
	}
	switch {
	case stdout > 1:
		return nil, usage("two formats for stdout: give all but one a file, as in --format json=case.json")
	case f.ticket != "" && !ticketForm.MatchString(f.ticket):
		return nil, usage("--ticket %q: a ticket's ID is letters, digits, dots, dashes and underscores", f.ticket)
	case len(f.formats) == 0:
		all = append(all, output{format: *report.FindFormat("text")})
	}
	if err := f.levels(all); err != nil {
		return nil, err
	}
	for _, o := range all {
		if o.path != "" && !isDir(o.path) {
			if err := f.writable(o.path); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// levels gives every output its privacy: what goes to a file leaves the house sooner or later.
func (f *outputFlags) levels(all []output) error {
	var level report.Privacy
	if f.privacy != "" && level.UnmarshalText([]byte(f.privacy)) != nil {
		return usage("--privacy is full, ticket or vendor, not %q", f.privacy)
	}
	for i := range all {
		switch {
		case f.privacy != "":
			all[i].level = level
		case all[i].path != "":
			all[i].level = report.PrivacyTicket
		}
	}
	for _, k := range f.recipients {
		if _, err := age.ParseX25519Recipient(k); err != nil {
			return usage("--recipient %q is no age public key", k)
		}
	}
	return nil
}

func (f *outputFlags) writable(path string) error {
	if _, err := os.Stat(path); err == nil && !f.force {
		return &failure{code: exitCannotWrite, text: path + " exists", hint: "choose another name, or --force to write over it"}
	}
	if !isDir(filepath.Dir(path)) {
		return &failure{code: exitCannotWrite, text: "cannot write " + path + ": no such directory"}
	}
	return nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// fileName is a name that tells the ticket and the time, and nobody.
func (f *outputFlags) fileName(r *report.Report, ext string) string {
	name := "logindoctor-"
	if f.ticket != "" {
		name += f.ticket + "-"
	}
	return name + r.StartedAt.UTC().Format("20060102T150405Z") + "." + ext
}

// write renders the report to every output. A file that cannot be written takes nothing from the others.
func (a *app) write(r *report.Report, outputs []output, f outputFlags) error {
	if f.preview {
		return a.preview(r, outputs)
	}
	var failed error
	mapped := false
	for _, o := range outputs {
		masked, replaced := r.Private(o.level)
		var b bytes.Buffer
		err := o.format.Write(&b, masked, f.text(o.path == "" && a.colour(f)))
		switch {
		case err != nil:
			failed = &failure{code: exitBug, text: err.Error()}
			continue
		case o.path == "":
			if _, err := a.out.Write(b.Bytes()); err != nil {
				failed = &failure{code: exitCannotWrite, text: "cannot write the report: " + err.Error()}
			}
			continue
		}
		path := o.path
		if isDir(path) {
			path = filepath.Join(path, f.fileName(r, o.format.Ext))
		}
		if err := writeFile(path, b.Bytes(), f.force); err != nil {
			failed = err
			continue
		}
		if isDir(o.path) {
			fmt.Fprintln(a.err, "written: "+path)
		}
		if o.level == report.PrivacyVendor && !mapped && masked.Privacy != r.Privacy {
			mapped = true
			if err := a.writeMap(path, replaced, f); err != nil {
				failed = err
			}
		}
	}
	return failed
}

func (f outputFlags) text(colour bool) report.Options {
	return report.Options{Location: time.Local, Colour: colour, Quiet: f.quiet}
}

// colour is for terminals that want it.
func (a *app) colour(f outputFlags) bool {
	file, ok := a.out.(*os.File)
	return ok && !f.noColor && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(file.Fd()))
}

// exit turns the report's code into the command's end.
func (f outputFlags) exit(r *report.Report) error {
	code := r.ExitCode()
	for _, v := range f.formats {
		if v == "nagios" {
			code = r.NagiosCode() // on stdout, where a monitoring system reads it
		}
	}
	if code != 0 && !f.exitZero {
		return &failure{code: code}
	}
	return nil
}
