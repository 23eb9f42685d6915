package checks

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// KerioIPBlocked is Kerio's login guessing protection: it blocks an address for one service.
var KerioIPBlocked = &Check{
	ID: "kerio-ip-blocked", Group: GroupLocked, Title: "Kerio Connect blocks the address after failed logins",
	Doc: Doc{
		Says:  "The phone cannot connect, but webmail works. Or: the whole office lost its mail programs at once.",
		Tells: "AntiHammering lines in the security log that are younger than the policy's blocking time, for the client's address (--client-address), else for an address from which this user logs in, else for the address that logindoctor comes from. An address from which logins in the user's name only fail may be a stranger's: a notice.",
		Mistaken: []string{
			"A block that has run out, or of another address: neither stands in this user's way.",
			"A locked account (kerio-account-locked): that follows the user to every address and service.",
			"An access policy: it is permanent, and there are no failures before it.",
			"A stopped service: that refuses everyone.",
		},
	},
	Source: []Source{{"Protecting against password guessing attacks (GFI 114548)", "https://support.kerioconnect.gfi.com/article/114548-protecting-against-password-guessing-attacks"}},
	Needs:  []*Need{KerioPolicy}, Uses: []*Need{KerioSecurityLog, KerioAuditLog, KerioClock, KerioReach, IMAPReach},
	Owner: OwnerMailAdmin, Scope: ScopeNetwork,
	Remedy: Remedy{
		Do: "Find the device behind that address that keeps failing, and wait until the block has run out",
		Steps: []string{"Look in Kerio's security log for which accounts fail from that address.",
			"Correct or switch off the device.", "Wait for the minutes that the policy names.",
			"If the address is a trusted office's, consider the exception group under Configuration > Security."},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password: everybody behind the same address is blocked."},
	},
	Letter: Letter{
		Wrong: "After several failed logins the mail server blocks the network from which you connect.",
		Do:    []string{"If a phone, tablet or computer of yours may have an old password, switch off mail on it."},
		Leave: []string{KeepPassword,
			"Do not keep trying while the network is blocked."},
	},
	Run: kerioIPBlocked,
}

func kerioIPBlocked(s *probes.Snapshot) Finding {
	policy := s.Kerio.SecurityPolicy
	rule := Evidence{Fact: "antiHammering", Observed: fmt.Sprintf("blocks after %d failures within a minute, for %d minutes", policy.Value.FailedToBlock, policy.Value.MinutesToBlock), Source: policy.Source, At: policy.At}
	if !policy.Value.AntiHammering {
		rule.Observed = "isEnabled false"
		return Finding{Verdict: OK, Summary: "Kerio Connect blocks no addresses: its login guessing protection is off.", Evidence: []Evidence{rule}}
	}
	log := securityLog(s)
	if !log.OK() {
		look := &probes.Look{Probe: probes.ProbeKerio, What: "Logs.get security", Why: probes.Unclear, Words: "not read"}
		if log != nil {
			look = &log.Look
		}
		return undetermined(look, "whether Kerio Connect blocks the address is not known: its security log could not be read")
	}
	t, length := timeOf(s, log), time.Duration(policy.Value.MinutesToBlock)*time.Minute
	start := t.now.Add(-length)
	blocks := kerioBlocks(log.Value.Events, start.Add(-t.slack), length+t.slack)
	list := suspects(s, log)
	for _, who := range list {
		for _, b := range blocks {
			if who.is(b.line.Address) && !who.letIn(s, b.line) {
				if t.slack > 0 {
					return undetermined(t.guessed(log), "an address that matters was blocked, but how long ago is a guess")
				}
				return kerioBlocked(who, b, append([]Evidence{rule}, logged(log, b.lines)...))
			}
		}
	}
	if look, ok := t.reaches(log, start); !ok {
		return undetermined(look, "the part of the security log that was read does not reach back as far as a block would")
	}
	if len(list) == 0 && len(blocks) > 0 {
		return undetermined(&probes.Look{What: log.What, Why: probes.Unclear, Words: "other addresses are blocked", Source: log.Source, At: log.At},
			"whether Kerio Connect blocks the address is not known: no address is known for the user")
	}
	summary := "Kerio Connect blocks no address."
	if len(list) > 0 {
		summary = fmt.Sprintf("Kerio Connect does not block %s.", list[0].where)
	}
	return Finding{Verdict: OK, Summary: summary,
		Evidence: []Evidence{rule, {Fact: "blocks of other addresses", Observed: fmt.Sprintf("%d", len(blocks)), Source: log.Source, At: log.At}}}
}

func securityLog(s *probes.Snapshot) *probes.Observation[probes.KerioLog] {
	if s.Account.Kerio == nil {
		return nil
	}
	return s.Account.Kerio.Log
}

// block is one address that is blocked for one service.
type block struct {
	line  probes.KerioLogEvent
	lines []probes.KerioLogEvent
	begun bool // the line that begins it was seen, so that its end is known
}

// kerioBlocks finds the blocks that stand if start is a block's length ago. Two kinds of line: "will be blocked for …"
// begins a block, "… is blocked" says that one stood.
func kerioBlocks(events []probes.KerioLogEvent, start time.Time, length time.Duration) (out []block) {
	begins := map[string]time.Time{} // a blocked address at a service: when its last block began
	at := map[string]int{}
	for _, e := range events {
		if e.Kind != probes.LogAddressBlocked {
			continue
		}
		key := e.Address + " " + e.Protocol
		begun := strings.Contains(strings.ToLower(e.Words), "will be blocked")
		if begun {
			begins[key] = e.At
		}
		began, known := begins[key]
		if known && e.At.After(began.Add(length)) {
			known = false // another one, of which the first line is missing
		}
		if !e.At.After(start) || known && !began.After(start) {
			continue
		}
		i, there := at[key]
		if !there {
			i, at[key] = len(out), len(out)
			out = append(out, block{})
		}
		out[i].line, out[i].begun, out[i].lines = e, known, append(out[i].lines, e)
	}
	return out
}

// suspect is an address that may be the user's.
type suspect struct {
	address netip.Addr
	where   string
	doubt   string // why it may not be the user's; empty: it is
}

const here = "this computer's address, here"

// suspects are the addresses that count for the user, the surest first.
func suspects(s *probes.Snapshot, log *probes.Observation[probes.KerioLog]) (out []suspect) {
	seen := map[netip.Addr]bool{}
	add := func(text, where, doubt string) {
		if a, err := netip.ParseAddr(strings.TrimSpace(text)); err == nil && !seen[a.Unmap()] {
			seen[a.Unmap()] = true
			out = append(out, suspect{a.Unmap(), where, doubt})
		}
	}
	if a := s.Target.ClientAddress; a != "" {
		add(a, "the client's address "+a, "")
		return out
	}
	if _, audit := kerioLogs(s); audit.OK() {
		for _, e := range audit.Value.Events {
			if e.Kind == probes.LogAuthenticated && !e.Ours {
				add(e.Address, e.Address+", from where this user logs in", "")
			}
		}
	}
	elsewhere := ""
	if len(out) > 0 {
		elsewhere = "this user comes from elsewhere"
	}
	for _, e := range log.Value.Events {
		if !e.Ours && (e.Kind == probes.LogInvalidPassword || e.Kind == probes.LogOnlyAppPasswords) {
			add(e.Address, e.Address+", from where logins in this user's name fail", "whether it is the user's is not known")
		}
	}
	for _, r := range []*probes.Reach{imapReachOf(s), kerioReachOf(s, false), kerioReachOf(s, true)} {
		if r != nil {
			add(r.Local, here, elsewhere)
		}
	}
	return out
}

func (w suspect) is(address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && a.Unmap() == w.address
}

// letIn says that the very service just let this computer in, so that the block of its address has ended.
func (w suspect) letIn(s *probes.Snapshot, line probes.KerioLogEvent) bool {
	if w.where != here {
		return false
	}
	switch {
	case strings.HasPrefix(line.Protocol, "IMAP"):
		return imapReachOf(s).OK()
	case strings.HasPrefix(line.Protocol, "HTTP"):
		return kerioReachOf(s, false).OK()
	}
	return false
}

func kerioBlocked(who suspect, b block, evidence []Evidence) Finding {
	service := b.line.Protocol
	if service == "" {
		service = "one of its services"
	}
	f := Finding{Verdict: Problem, Confidence: Likely, Evidence: evidence, Summary: fmt.Sprintf("Kerio Connect blocks %s, for %s.", who.where, service)}
	switch {
	case who.doubt != "":
		f.Verdict, f.Confidence = Notice, Possible
		f.Summary = fmt.Sprintf("Kerio Connect blocks %s, for %s; %s.", who.where, service, who.doubt)
	case who.where == here && !strings.HasPrefix(service, "IMAP") && !strings.HasPrefix(service, "HTTP"):
		f.Verdict, f.Confidence = Notice, Possible
		f.Summary = fmt.Sprintf("Kerio Connect blocks %s, for %s; whether the user comes from here is not known.", who.where, service)
	case b.begun && strings.HasPrefix(who.where, "the client's"):
		f.Confidence = Certain
	}
	return f
}
