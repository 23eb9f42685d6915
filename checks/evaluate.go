package checks

import (
	"fmt"
	"net/url"
	"strings"

	"logindoctor.example/probes"
)

// Result is one check with its answer.
type Result struct {
	Check *Check
	Finding
}

// Evaluate runs every check of the catalogue on what was seen, in order. It owns the manners: what is not configured is
// not applicable; what is configured and was not seen is undetermined, with the observation's reason; a check that
// panics, gives no verdict, or a problem without evidence and remedy, is undetermined as a bug; and a check sees only what it declared.
func Evaluate(catalogue []*Check, s *probes.Snapshot) []Result {
	results := make([]Result, len(catalogue))
	for i, c := range catalogue {
		results[i] = Result{c, complete(c, s, answer(c, s))}
	}
	return contradicted(residual(results), s)
}

func answer(c *Check, s *probes.Snapshot) Finding {
	for _, n := range c.Needs {
		if !n.configured(&s.Target) {
			return Finding{Verdict: NotApplicable, Summary: sentence(n.Missing)}
		}
	}
	for _, n := range c.Needs {
		if seen, why, look := n.state(s); !seen {
			return unseen(n, why, look)
		}
	}
	view := &probes.Snapshot{FactsVersion: s.FactsVersion, Target: s.Target, StartedAt: s.StartedAt, FinishedAt: s.FinishedAt}
	for _, needs := range [][]*Need{c.Needs, c.Uses} {
		for _, n := range needs {
			n.hand(view, s)
		}
	}
	return guarded(c, view)
}

func guarded(c *Check, view *probes.Snapshot) (f Finding) {
	defer func() {
		// The panic's value may hold a server's words; the check's name is enough to find it.
		if recover() != nil {
			f = bug(c, "it panicked")
		}
	}()
	return c.Run(view)
}

func unseen(n *Need, why probes.Why, look *probes.Look) Finding {
	if look == nil {
		return Finding{Verdict: Undetermined, Why: why, Summary: sentence(n.Name + " was not looked at")}
	}
	f := undetermined(look, n.Name+" could not be read")
	return f
}

// undetermined is the answer where a look that it hangs on failed. says is a clause without a full stop.
func undetermined(look *probes.Look, says string) Finding {
	f := Finding{Verdict: Undetermined, Why: look.Why, Summary: sentence(says)}
	if f.Why == probes.Seen {
		f.Why = probes.Unclear
	}
	observed := f.Why.String()
	if look.Words != "" {
		observed = look.Words
	}
	f.Evidence = []Evidence{{Fact: look.What, Observed: observed, Source: look.Source, At: look.At}}
	return f
}

func bug(c *Check, what string) Finding {
	return Finding{Verdict: Undetermined, Why: probes.Bug, Summary: fmt.Sprintf("The check %s has a defect: %s.", c.ID, what)}
}

// complete fills in what the check itself says for every case, and refuses answers that break the rules.
func complete(c *Check, s *probes.Snapshot, f Finding) Finding {
	switch f.Verdict {
	case OK, NotApplicable:
	case Undetermined:
		if f.Why == probes.Seen {
			return bug(c, "it does not say why it could not tell")
		}
	case Notice, Problem:
		if f.Remedy == nil {
			f.Remedy = &c.Remedy
		}
		if len(f.Evidence) == 0 || f.Remedy.Do == "" || f.Confidence == 0 {
			return bug(c, "a finding without evidence, remedy or confidence")
		}
		if f.Verdict == Problem && f.Confidence == Possible {
			f.Verdict = Notice // a question to ask is not a finding to act on
		}
		if f.Owner == 0 {
			f.Owner = c.Owner
		}
		if f.Scope == 0 {
			f.Scope = c.Scope
		}
		r := fill(*f.Remedy, s)
		f.Remedy = &r
	default:
		return bug(c, "it gave no verdict")
	}
	if f.Summary == "" {
		return bug(c, "it gave no summary")
	}
	return f
}

// residual takes back what remains only where nothing else explains: beside a cause that explains it, it is not known.
func residual(results []Result) []Result {
	for i, r := range results {
		if !r.Check.Residual || r.Verdict != Problem && r.Verdict != Notice {
			continue
		}
		for _, other := range results {
			if other.Verdict == Problem && contains(other.Check.Explains, r.Check) {
				results[i].Finding = Finding{Verdict: Undetermined, Why: probes.Unclear, Evidence: r.Evidence,
					Summary: "Not known: another cause explains the refusal (" + other.Check.ID + ")."}
				break
			}
		}
	}
	return results
}

func contains(list []*Check, c *Check) bool {
	for _, x := range list {
		if x == c {
			return true
		}
	}
	return false
}

// sentence makes a clause a sentence.
func sentence(clause string) string {
	if clause == "" {
		return ""
	}
	return strings.ToUpper(clause[:1]) + clause[1:] + "."
}

// fill puts the case's names into a remedy.
func fill(r Remedy, s *probes.Snapshot) Remedy {
	plain := strings.NewReplacer("{user}", s.Target.User, "{login}", LoginName(s), "{server}", mailHost(&s.Target))
	r.Do, r.Disruption = plain.Replace(r.Do), plain.Replace(r.Disruption)
	r.Steps, r.DoNot = replaceAll(plain, r.Steps), replaceAll(plain, r.DoNot)
	commands := make([]Command, len(r.Commands))
	for i, c := range r.Commands {
		q := func(v string) string { return quote(c.Shell, v) }
		c.Run = strings.NewReplacer("{user}", q(s.Target.User), "{login}", q(LoginName(s)), "{server}", q(mailHost(&s.Target))).Replace(c.Run)
		commands[i] = c
	}
	r.Commands = commands
	if r.Verify == "" {
		r.Verify = "logindoctor check " + quote(POSIX, s.Target.User)
	}
	return r
}

func replaceAll(r *strings.Replacer, list []string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = r.Replace(v)
	}
	return out
}

// quote makes a value one word for the shell: names come from servers and callers, and commands are pasted.
func quote(shell Shell, v string) string {
	plain := v != "" && strings.IndexFunc(v, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-@", r))
	}) < 0
	if plain && v[0] != '-' && v[0] != '@' {
		return v
	}
	if shell == PowerShell {
		// PowerShell takes the typographic quotes for quotes too: each is doubled within single quotes.
		return "'" + strings.NewReplacer("'", "''", "\u2018", "\u2018\u2018", "\u2019", "\u2019\u2019", "\u201a", "\u201a\u201a", "\u201b", "\u201b\u201b").Replace(v) + "'"
	}
	return "'" + strings.ReplaceAll(v, "'", `'\''`) + "'"
}

// LoginName is what the directory, else the mail server, calls the account; the address as typed where neither was seen.
func LoginName(s *probes.Snapshot) string {
	for _, d := range s.Account.Directory {
		if d.Entry.OK() && d.Entry.Value.AD != nil && d.Entry.Value.AD.Login != "" {
			return d.Entry.Value.AD.Login
		}
		if d.Entry.OK() && d.Entry.Value.OD != nil && d.Entry.Value.OD.UID != "" {
			return d.Entry.Value.OD.UID
		}
	}
	if k := s.Account.Kerio; k != nil && k.User.OK() && k.User.Value.LoginName != "" {
		return k.User.Value.LoginName
	}
	if w := s.Account.Stalwart; w != nil && w.User.OK() && w.User.Value.Email != "" {
		return w.User.Value.Email
	}
	return s.Target.User
}

func mailHost(t *probes.Target) string {
	if t.Kerio != nil {
		for _, u := range []string{t.Kerio.AdminURL, t.Kerio.UserURL} {
			if p, err := url.Parse(u); err == nil && p.Hostname() != "" {
				return p.Hostname()
			}
		}
	}
	if t.Stalwart != nil {
		if p, err := url.Parse(t.Stalwart.URL); err == nil && p.Hostname() != "" {
			return p.Hostname()
		}
	}
	if t.IMAP != nil {
		return hostOf(t.IMAP.Address)
	}
	return "the mail server"
}
