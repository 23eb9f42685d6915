package report

import (
	"fmt"
	"io"
	"strings"

	"logindoctor.example/checks"
)

// Prometheus writes the text exposition format (version 0.0.4), fit for a textfile collector. Its labels name the profile and
// the checks, and nobody: a metric is kept for years and read by many.
func Prometheus(w io.Writer, r *Report) error {
	m := &metrics{profile: promLabel(r.Subject.Profile)}
	m.head("logindoctor_run_timestamp_seconds", "When the run ended, in seconds since 1970.")
	m.line("logindoctor_run_timestamp_seconds", "", float64(r.FinishedAt.Unix()))
	m.head("logindoctor_run_duration_seconds", "How long the run took.")
	m.line("logindoctor_run_duration_seconds", "", float64(r.DurationMS)/1000)
	m.head("logindoctor_verdict", "1 for the verdict of the run, 0 for the others.")
	for _, v := range []Verdict{Healthy, CauseFound, Inconclusive} {
		m.line("logindoctor_verdict", `verdict="`+v.String()+`"`, one(r.Verdict == v))
	}
	m.head("logindoctor_checks", "How many checks gave this answer.")
	for _, c := range []struct {
		v checks.Verdict
		n int
	}{{checks.OK, r.Summary.OK}, {checks.Problem, r.Summary.Problem}, {checks.Notice, r.Summary.Notice},
		{checks.NotApplicable, r.Summary.NotApplicable}, {checks.Undetermined, r.Summary.Undetermined}} {
		m.line("logindoctor_checks", `verdict="`+c.v.String()+`"`, float64(c.n))
	}
	m.head("logindoctor_cause", "1 for each root cause, by how sure it is and whom it concerns.")
	for _, c := range r.Diagnosis {
		m.line("logindoctor_cause", fmt.Sprintf(`cause="%s",confidence="%s",scope="%s"`, promLabel(c.Cause), c.Confidence, c.Scope), 1)
	}
	m.head("logindoctor_attempts_spent", "Refused logins that the run cost the user.")
	m.line("logindoctor_attempts_spent", "", float64(r.Attempts.Spent))
	_, err := io.WriteString(w, m.out.String())
	return err
}

type metrics struct {
	out     strings.Builder
	profile string
}

func (m *metrics) head(name, help string) {
	fmt.Fprintf(&m.out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

func (m *metrics) line(name, labels string, v float64) {
	if labels != "" {
		labels = "," + labels
	}
	fmt.Fprintf(&m.out, "%s{profile=\"%s\"%s} %g\n", name, m.profile, labels, v)
}

// promLabel escapes a label's value.
func promLabel(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(Clean(s))
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
