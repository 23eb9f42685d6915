package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// ProfileText writes what each server of a profile let logindoctor see: connections with their certificates, and every
// look with its answer. It says whether all of it could be seen, and whether an own account was refused.
func ProfileText(w io.Writer, s *probes.Snapshot, o Options) (all, refused bool, err error) {
	p := newPage(o, s.FinishedAt)
	p.title("What this profile lets logindoctor see")
	all = true
	unopened, told := unopenedServers(s), map[string]bool{}
	looks(s, func(u Unseen) {
		mark, state := "✓ seen", ""
		if by := behind(unopened, u); by != nil {
			all = false
			if !told[by.says] {
				told[by.says] = true
				p.unopened(s, u, by)
			}
			return
		}
		if u.Why != probes.Seen {
			all, mark, state = false, "? "+u.Why.String(), Clean(u.Words)
		} else if b := refusedBind(s, u); b != nil {
			all, mark, state = false, "✗ refused", Clean(fmt.Sprintf("%d %s", b.Result, b.Words))
		}
		p.row(2, 18, "", mark, ProbeWords(u.Probe)+": "+Clean(u.What))
		p.text("                    ", Clean(u.Source))
		if state != "" {
			p.text("                    ", state)
		}
	})
	all = p.rights(s) && all
	p.certificates(s)
	p.clocks(s)
	_, err = io.WriteString(w, p.out.String())
	return all, len(ownRefused(s)) > 0, err
}

// unopened says once why a server was not looked at, and how many looks were not made for it.
func (p *page) unopened(s *probes.Snapshot, u Unseen, by *unopened) {
	mark, next := "? not asked", by.next
	switch by.look.Why {
	case probes.NotPermitted:
		mark = "✗ refused"
	case probes.AttemptWithheld:
		next = "" // the words say it
	}
	others := -1
	looks(s, func(o Unseen) {
		if behind([]unopened{*by}, o) != nil {
			others++
		}
	})
	p.row(2, 18, "", mark, ProbeWords(u.Probe)+": "+Clean(by.look.What))
	p.text("                    ", Clean(by.look.Source))
	p.text("                    ", Clean(by.says))
	if next != "" {
		p.text("                    ", Clean(next))
	}
	if others > 0 {
		p.text("                    ", "Not asked for this reason: "+number(others, "further look", "further looks")+".")
	}
}

// rights says which permissions Stalwart's API key lacks, and whether it has all that are needed. A look that they would allow may
// not have been made this time.
func (p *page) rights(s *probes.Snapshot) (all bool) {
	if s.Stalwart == nil || !s.Stalwart.Missing.OK() {
		return true // a failure to ask stands among the looks
	}
	p.title("Permissions of Stalwart's API key")
	for _, name := range s.Stalwart.Missing.Value {
		p.row(2, 18, "", "? missing", Clean(name))
	}
	if len(s.Stalwart.Missing.Value) > 0 {
		return false
	}
	p.text("  ", "It has all permissions that it needs.")
	return true
}

// refusedBind is the answer to the reader's bind behind this look, if it was a refusal.
func refusedBind(s *probes.Snapshot, u Unseen) *probes.BindOutcome {
	for _, d := range s.Directory {
		if d.Bind.OK() && d.Bind.What == u.What && d.Bind.Source == u.Source && d.Bind.Value.Result != probes.LDAPSuccess {
			return &d.Bind.Value
		}
	}
	return nil
}

// certificates are those seen, with the days they still hold.
func (p *page) certificates(s *probes.Snapshot) {
	p.title("Certificates")
	for _, r := range reaches(s) {
		if c := r.Certificate; c != nil {
			p.text("  ", Clean(r.Address)+": until "+c.NotAfter.UTC().Format(time.DateOnly)+", for "+Clean(strings.Join(c.Names, ", ")))
		}
	}
}

// clocks are the servers' own, against this machine's at that moment.
func (p *page) clocks(s *probes.Snapshot) {
	titled := false
	say := func(who string, theirs, ours time.Time) {
		if !titled {
			p.title("Clocks, against this machine's")
			titled = true
		}
		p.text("  ", Clean(who)+": "+theirs.Sub(ours).Round(time.Second).String())
	}
	if s.Kerio != nil && s.Kerio.Clock.OK() && !s.Kerio.Clock.Value.Time.IsZero() {
		say(s.Kerio.Clock.Source, s.Kerio.Clock.Value.Time, s.Kerio.Clock.At)
	}
	if w := s.Stalwart; w != nil && w.Clock != nil && w.API != nil {
		say(w.API.Address, w.Clock.Time, w.Clock.At)
	}
	for _, d := range s.Directory {
		if d.Root.OK() && !d.Root.Value.Time.IsZero() {
			say(d.Root.Source, d.Root.Value.Time, d.Root.At)
		}
	}
}

func reaches(s *probes.Snapshot) []*probes.Reach {
	var all []*probes.Reach
	add := func(r *probes.Reach) {
		if r != nil {
			all = append(all, r)
		}
	}
	if s.Kerio != nil {
		add(s.Kerio.Admin)
		add(s.Kerio.User)
	}
	if w := s.Stalwart; w != nil {
		add(w.API)
		if w.ManageSieve != nil {
			add(w.ManageSieve.Reach)
		}
	}
	for _, d := range s.Directory {
		add(d.Reach)
	}
	if s.IMAP != nil {
		add(s.IMAP.Reach)
	}
	return all
}
