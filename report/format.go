package report

import "io"

// Format is one form of the report.
type Format struct {
	Name  string // as --format takes it
	Ext   string // of a file's name, without the dot
	Whole bool   // carries everything; the others are summaries
	Write func(io.Writer, *Report, Options) error
}

// plainly is a writer that has no options.
func plainly(write func(io.Writer, *Report) error) func(io.Writer, *Report, Options) error {
	return func(w io.Writer, r *Report, _ Options) error { return write(w, r) }
}

// Formats are all of them.
var Formats = []Format{
	{"text", "txt", true, Text},
	{"json", "json", true, plainly(JSON)},
	{"markdown", "md", true, Markdown},
	{"html", "html", true, HTML},
	{"letter", "letter.txt", false, Letter},
	{"ndjson", "ndjson", false, plainly(NDJSON)},
	{"junit", "xml", false, plainly(JUnit)},
	{"nagios", "nagios.txt", false, plainly(Nagios)},
	{"prometheus", "prom", false, plainly(Prometheus)},
}

// FindFormat gives the format of that name; nil if there is none.
func FindFormat(name string) *Format {
	for i := range Formats {
		if Formats[i].Name == name {
			return &Formats[i]
		}
	}
	return nil
}
