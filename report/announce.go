package report

import (
	"io"
	"time"

	"logindoctor.example/probes"
)

// PlanText writes what would be tried, the policies and counters read for it, and what is withheld, before anything is submitted.
func PlanText(w io.Writer, l *probes.Login, o Options) error {
	p := newPage(o, time.Time{})
	p.plan(&Report{Plan: plan(l), Attempts: attempts(l)})
	_, err := io.WriteString(w, p.out.String())
	return err
}
