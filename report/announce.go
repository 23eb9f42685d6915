package report

import (
	"io"
	"time"

	"logindoctor.example/probes"
)

// PlanText writes what would be tried, the policies and counters read for it, and what is withheld, before anything is submitted.
func PlanText(w io.Writer, l *probes.Login, o Options) error {
	p := newPage(o, time.Time{})
	may := noSecretWords
	if l.SecretGiven {
		may = "This run may cost the user at most " + number(l.MaxFailures, "refused login", "refused logins") + "."
	}
	p.planned(&Report{Plan: plan(l)}, may)
	_, err := io.WriteString(w, p.out.String())
	return err
}
