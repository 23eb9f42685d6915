package main

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"logindoctor.example/report"
)

type rootPool = *x509.CertPool

// outputFlags are those that every reporting command shares.
type outputFlags struct {
	formats  []string
	force    bool
	noColor  bool
	quiet    bool
	exitZero bool
}

func (f *outputFlags) add(c *cobra.Command) {
	p := c.Flags()
	p.StringArrayVar(&f.formats, "format", nil, "`FORMAT[=FILE]`: text or json; repeatable, one of them may go to stdout (default text)")
	p.BoolVar(&f.force, "force", false, "write over files that exist")
	p.BoolVar(&f.noColor, "no-color", false, "no colour")
	p.BoolVar(&f.quiet, "quiet", false, "only the headline and the causes; no progress")
	p.BoolVar(&f.exitZero, "exit-zero", false, "exit 0 whatever the report says")
}

// output is one format to one place.
type output struct {
	format string
	path   string // empty: stdout
}

// prepare reads --format and finds out now whether the files can be written: a run must not be lost to a typing mistake.
func (f *outputFlags) prepare() ([]output, error) {
	var all []output
	stdout := 0
	for _, v := range f.formats {
		format, path, toFile := strings.Cut(v, "=")
		switch {
		case format != "text" && format != "json":
			return nil, usage("--format %q: the formats are text and json", format)
		case toFile && path == "":
			return nil, usage("--format %s= names no file", format)
		case !toFile:
			stdout++
		}
		all = append(all, output{format, path})
	}
	if stdout > 1 {
		return nil, usage("two formats for stdout: give all but one a file, as in --format json=case.json")
	}
	if len(all) == 0 {
		all = []output{{format: "text"}}
	}
	for _, o := range all {
		if o.path == "" {
			continue
		}
		if _, err := os.Stat(o.path); err == nil && !f.force {
			return nil, &failure{code: exitCannotWrite, text: o.path + " exists", hint: "choose another name, or --force to write over it"}
		}
		if info, err := os.Stat(filepath.Dir(o.path)); err != nil || !info.IsDir() {
			return nil, &failure{code: exitCannotWrite, text: "cannot write " + o.path + ": no such directory"}
		}
	}
	return all, nil
}

// write renders the report to every output. A file that cannot be written takes nothing from the others.
func (a *app) write(r *report.Report, outputs []output, f outputFlags) error {
	var failed error
	for _, o := range outputs {
		var b bytes.Buffer
		var err error
		if o.format == "json" {
			err = report.JSON(&b, r)
		} else {
			err = report.Text(&b, r, f.text(o.path == "" && a.colour(f)))
		}
		switch {
		case err != nil:
			failed = &failure{code: exitBug, text: err.Error()}
		case o.path == "":
			if _, err := a.out.Write(b.Bytes()); err != nil {
				failed = &failure{code: exitCannotWrite, text: "cannot write the report: " + err.Error()}
			}
		default:
			if err := writeFile(o.path, b.Bytes(), f.force); err != nil {
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

// writeFile writes in one step, for the owner's eyes, and never over a file that is there.
func writeFile(path string, data []byte, force bool) error {
	fail := func(err error) error {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return &failure{code: exitCannotWrite, text: "cannot write " + path + ": " + err.Error()}
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".logindoctor-*") // 0600
	if err != nil {
		return fail(err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(data)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fail(err)
	}
	if force {
		err = os.Rename(tmp.Name(), path)
	} else {
		err = os.Link(tmp.Name(), path) // fails where the file exists
		if err != nil && !errors.Is(err, fs.ErrExist) {
			// A file system without hard links: the look before it is all there is.
			if _, serr := os.Stat(path); serr == nil {
				return &failure{code: exitCannotWrite, text: path + " exists", hint: "choose another name, or --force to write over it"}
			}
			err = os.Rename(tmp.Name(), path)
		}
	}
	if err != nil {
		return fail(err)
	}
	return nil
}

// exit turns the report's code into the command's end.
func (f outputFlags) exit(r *report.Report) error {
	if code := r.ExitCode(); code != 0 && !f.exitZero {
		return &failure{code: code}
	}
	return nil
}
