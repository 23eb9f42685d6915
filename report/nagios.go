package report

import (
	"fmt"
	"io"
	"strings"

	"logindoctor.example/checks"
)

// The states of the Monitoring Plugins' guidelines (monitoring-plugins.org/doc/guidelines.html).
const (
	NagiosOK       = 0
	NagiosWarning  = 1
	NagiosCritical = 2
	NagiosUnknown  = 3
)

var nagiosWords = [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}

// NagiosCode is the plugin's exit code: a cause is critical, a notice a warning, and what is not known is unknown.
func (r *Report) NagiosCode() int {
	switch {
	case r.Verdict == CauseFound:
		return NagiosCritical
	case r.Verdict == Inconclusive:
		return NagiosUnknown
	case r.Summary.Notice > 0:
		return NagiosWarning
	}
	return NagiosOK
}

// Nagios writes one line with performance data.
func Nagios(w io.Writer, r *Report) error {
	words := Clean(r.Headline)
	if r.NagiosCode() == NagiosWarning {
		var ids []string
		for _, a := range r.Checks {
			if a.Verdict == checks.Notice {
				ids = append(ids, a.ID)
			}
		}
		words += " Notices: " + strings.Join(ids, ", ") + "."
	}
	// A bar ends the words and begins the data.
	words = strings.ReplaceAll(words, "|", "/")
	s := r.Summary
	_, err := fmt.Fprintf(w, "LOGIN %s - %s | problems=%d;;;0 notices=%d;;;0 unknown=%d;;;0 ok=%d;;;0 attempts_spent=%d;;;0 duration=%.3fs;;;0\n",
		nagiosWords[r.NagiosCode()], words, s.Problem, s.Notice, s.Undetermined, s.OK, r.Attempts.Spent, float64(r.DurationMS)/1000)
	return err
}
