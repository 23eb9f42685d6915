package report

import (
	"strconv"
	"strings"

	"logindoctor.example/probes"
)

func attempts(l *probes.Login) Attempts {
	a := Attempts{Log: []Attempt{}}
	if l == nil {
		return a
	}
	if l.SecretGiven {
		a.Allowed = l.MaxFailures
	}
	a.Spent = l.Spent()
	for _, x := range l.Attempts {
		a.Log = append(a.Log, Attempt{At: x.At, Who: x.Who, Service: x.Service, Server: x.Server, Outcome: x.Outcome, Why: x.Why, Reason: x.Reason, Words: replyWords(x)})
	}
	return a
}

// replyWords is the server's reply to an attempt, whatever the protocol.
func replyWords(a probes.Attempt) string {
	switch {
	case a.IMAP != nil:
		return a.IMAP.Said()
	case a.API != nil && a.API.Code != 0:
		return strconv.Itoa(int(a.API.Code)) + " " + a.API.Words
	case a.API != nil:
		return a.API.Words
	case a.Bind != nil:
		return strconv.Itoa(int(a.Bind.Result)) + " " + a.Bind.Words
	case a.HTTP != nil:
		return a.HTTP.Words
	case a.Sieve != nil:
		return sieveWords(a.Sieve)
	}
	return ""
}

// sieveWords is a reply of ManageSieve as it stands on the wire.
func sieveWords(o *probes.SieveOutcome) string {
	words := []string{o.Status.String()}
	if o.Code != "" {
		words = append(words, "("+o.Code+")")
	}
	if o.Words != "" {
		words = append(words, strconv.Quote(o.Words))
	}
	return strings.Join(words, " ")
}

func plan(l *probes.Login) Plan {
	p := Plan{Budgets: []Budget{}, Steps: []Step{}}
	if l == nil {
		return p
	}
	p.SecretGiven, p.UsedOn, p.MaxFailures = l.SecretGiven, l.UsedOn, l.MaxFailures
	for _, b := range l.Budgets {
		p.Budgets = append(p.Budgets, Budget{System: b.System, Known: b.Known, Why: b.Why, Threshold: b.Threshold, Used: b.Used,
			Left: left(b), Reserve: b.Reserve, WindowMS: b.WindowMS, Locked: b.Locked, Note: b.Note})
	}
	for _, s := range l.Steps {
		step := Step{Who: s.Who, Service: s.Service, Do: s.Do, Reason: s.Reason}
		if a := l.Attempt(s.Who, s.Service); a != nil {
			step.Outcome = a.Outcome
		}
		p.Steps = append(p.Steps, step)
	}
	return p
}

func left(b probes.Budget) *int {
	if !b.Known || b.Threshold == 0 {
		return nil
	}
	n := max(b.Threshold-b.Used, 0)
	return &n
}
