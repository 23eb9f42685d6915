package tui

import (
	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

// reading is which parts of a run a check waits for.
type reading struct {
	check  *checks.Check
	probes []probes.Probe
}

// server is one kind of server that a target can name, and what a run sees there.
type server struct {
	probe   probes.Probe
	samples []probes.Target // targets that name nothing else
	count   func(*probes.Target) int
	leave   func(*probes.Target)            // takes it out of a target
	keep    func(to, from *probes.Snapshot) // what was seen there
}

// servers are all of them.
var servers = []server{
	{probes.ProbeKerio, []probes.Target{{Kerio: &probes.KerioTarget{AdminURL: "x", UserURL: "x", Admin: "x"}}},
		func(t *probes.Target) int { return one(t.Kerio != nil) },
		func(t *probes.Target) { t.Kerio = nil },
		func(to, from *probes.Snapshot) { to.Kerio, to.Account.Kerio = from.Kerio, from.Account.Kerio }},
	{probes.ProbeStalwart, []probes.Target{{Stalwart: &probes.StalwartTarget{URL: "x", ManageSieve: "x"}}},
		func(t *probes.Target) int { return one(t.Stalwart != nil) },
		func(t *probes.Target) { t.Stalwart = nil },
		func(to, from *probes.Snapshot) {
			to.Stalwart, to.Account.Stalwart = from.Stalwart, from.Account.Stalwart
		}},
	{probes.ProbeDirectory, []probes.Target{
		{Directory: &probes.DirectoryTarget{Kind: probes.ActiveDirectory, Servers: []string{"x"}, MailServerBind: "x"}},
		{Directory: &probes.DirectoryTarget{Kind: probes.OpenDirectory, Servers: []string{"x"}, MailServerBind: "x"}}},
		func(t *probes.Target) int {
			if t.Directory == nil {
				return 0
			}
			return len(t.Directory.Servers)
		},
		func(t *probes.Target) { t.Directory = nil },
		func(to, from *probes.Snapshot) {
			to.Directory, to.Account.Directory = from.Directory, from.Account.Directory
		}},
	{probes.ProbeIMAP, []probes.Target{{IMAP: &probes.IMAPTarget{Address: "x", Canary: "x"}}},
		func(t *probes.Target) int { return one(t.IMAP != nil) },
		func(t *probes.Target) { t.IMAP = nil },
		func(to, from *probes.Snapshot) { to.IMAP = from.IMAP }},
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// everything is every server, and the login.
func everything() []probes.Probe {
	all := []probes.Probe{probes.ProbeLogin}
	for _, s := range servers {
		all = append(all, s.probe)
	}
	return all
}

// readings finds out, for every check, what it waits for: an answer that was given before all its facts are there could turn
// out wrong. What remains when nothing else explains a refusal waits for everything.
func readings(catalogue []*checks.Check) map[string]reading {
	all := map[string]reading{}
	for _, c := range catalogue {
		r := reading{check: c}
		if c.Residual {
			r.probes = everything()
		}
		for _, needs := range [][]*checks.Need{c.Needs, c.Uses} {
			for _, n := range needs {
				r.probes = union(r.probes, behind(n))
			}
		}
		all[c.ID] = r
	}
	return all
}

// behind gives the parts that a need comes from. Only Evaluate knows which servers a need takes, so it is asked: where a
// target with that server alone satisfies it, it comes from there. One that needs no server comes from the login; one that
// no single server satisfies waits for everything.
func behind(n *checks.Need) []probes.Probe {
	if configured([]*checks.Need{n}, probes.Target{}) {
		return []probes.Probe{probes.ProbeLogin}
	}
	var from []probes.Probe
	for _, a := range servers {
		for _, t := range a.samples {
			if configured([]*checks.Need{n}, t) {
				from = union(from, []probes.Probe{a.probe})
			}
		}
	}
	if from == nil {
		return everything()
	}
	return from
}

// configured says whether a target names all that the needs take.
func configured(needs []*checks.Need, t probes.Target) bool {
	c := &checks.Check{ID: "configured", Needs: needs, Run: func(*probes.Snapshot) checks.Finding {
		return checks.Finding{Verdict: checks.OK, Summary: "All that is needed was seen."}
	}}
	return checks.Evaluate([]*checks.Check{c}, &probes.Snapshot{Target: t})[0].Verdict != checks.NotApplicable
}

func union(a, b []probes.Probe) []probes.Probe {
	out := append([]probes.Probe(nil), a...)
	for _, p := range b {
		if !has(out, p) {
			out = append(out, p)
		}
	}
	return out
}

func has(list []probes.Probe, p probes.Probe) bool {
	for _, x := range list {
		if x == p {
			return true
		}
	}
	return false
}
