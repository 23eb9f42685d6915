package checks

import (
	"fmt"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// KerioConnectionLimit is a service that takes no further connection, from anyone or from one address.
var KerioConnectionLimit = &Check{
	ID: "kerio-connection-limit", Group: GroupMail, Title: "The service is at its limit of connections",
	Doc: Doc{
		Says:  "Sometimes it connects and sometimes not, in the busiest hours.",
		Tells: "Server.getConnections counts as many connections of the protocol as Services.get allows; or the warning log turned an address of the user's away within the last ten minutes, for the limit that Kerio keeps for each address.",
		Mistaken: []string{
			"One user with too many connections (imap-too-many-connections): there the server says so after the login.",
			"A wrong password: at the limit no password is asked for.",
			"An address that was turned away earlier and has got in since: connections come and go.",
		},
	},
	Source: []Source{{"Services in Kerio Connect: the number of concurrent connections (GFI manual)", "https://manuals.gfi.com/en/kerio/connect/content/server-configuration/services/services-in-kerio-connect-1153.html"},
		{"Why do I see \"rejected: too many connections\" in the warning log (MAN-266): the limit is that of one address", "http://manuals.gfi.com/en/kerio/connect/content/troubleshooting/general-errors/why-do-i-see-ip-address-xxxx-rejected-too-many-connections-in-the-warning-log-266.html"}},
	Needs: []*Need{KerioServices}, Uses: []*Need{KerioConnections, KerioWarningLog, KerioAuditLog, KerioClock, KerioReach, IMAPReach, Attempts},
	Owner: OwnerMailAdmin, Scope: ScopeEveryone,
	Remedy: Remedy{
		Do: "See who holds the connections, and raise the limit if they are rightful",
		Steps: []string{"In Kerio's administration open Status > Active Connections and sort by user and by address.",
			"Have the program that hogs connections closed or set to fewer.",
			"If all are rightful, raise the limit of the service under Configuration > Services."},
		Disruption: "none; connections that stand are not cut by a higher limit",
		DoNot:      []string{"Do not reset the password: it was not asked for.", "Do not restart Kerio Connect to empty the list: it cuts everyone off, and the list fills again."},
	},
	Letter: Letter{
		Wrong: "The mail server has as many connections as it takes, and turns further ones away.",
		Do:    []string{"Close the mail programs that you do not need at the moment."},
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, IMAPUnavailable, IMAPTooManyConnections},
	Run:      kerioConnectionLimit,
}

// addressRemedy: the limit for one address cannot be set in the administration (MAN-266).
var addressRemedy = Remedy{
	Do: "Close mail programs behind that address, and ask GFI support about the limit for one address",
	Steps: []string{"In Kerio's administration open Status > Active Connections and look who else comes from that address.",
		"Have programs closed that are not needed, and try again.",
		"If a whole office is behind the address, ask GFI support to raise the limit: it is not in the administration."},
	Disruption: "none for others",
	DoNot:      []string{"Do not reset the password: it was not asked for."},
}

// connectionProtocols are the names of Server.getConnections for the services of Services.get.
var connectionProtocols = map[string]string{"IMAP": "protocolImap", "Secure IMAP": "protocolImaps", "HTTP": "protocolHttp", "Secure HTTP": "protocolHttps"}

// turnedLately is how old a line about a full address may be and still speak of the present trouble: connections come and go.
const turnedLately = 10 * time.Minute

func kerioConnectionLimit(s *probes.Snapshot) Finding {
	v, services := userServices(s)[0], s.Kerio.Services
	row := v.row(services.Value)
	if row == nil {
		return v.noRow(s, "whether the service is at its limit of connections")
	}
	limit := Evidence{Fact: "limit of connections of " + row.Name, Observed: "none", Source: services.Source, At: services.At}
	if row.ConnectionLimit > 0 {
		limit.Observed = fmt.Sprintf("%d", row.ConnectionLimit)
	}
	evidence := []Evidence{limit}
	now, connections := 0, s.Kerio.Connections
	if connections.OK() {
		now = connections.Value.Count(connectionProtocols[row.Name])
		evidence = append(evidence, Evidence{Fact: "connections to " + row.Name, Observed: fmt.Sprintf("%d", now), Source: connections.Source, At: connections.At})
	}
	accepted := v.letIn(s)
	if accepted != nil {
		evidence = append(evidence, said(accepted))
	}
	if row.ConnectionLimit > 0 && now >= row.ConnectionLimit {
		f := Finding{Verdict: Problem, Confidence: Likely, Evidence: evidence, Summary: fmt.Sprintf("%s has %d connections and allows %d: further ones are turned away.", row.Name, now, row.ConnectionLimit)}
		if accepted != nil || !v.used {
			f.Verdict = Notice
		}
		return f
	}
	if f, ok := addressFull(s, v, row); ok {
		return f
	}
	if f := limitUnread(s, row); f != nil && accepted == nil {
		return *f
	}
	return Finding{Verdict: OK, Evidence: evidence, Summary: fmt.Sprintf("%s is not at its limit of connections.", row.Name)}
}

// limitUnread is the undetermined answer where one of the two places that show a limit was not seen.
func limitUnread(s *probes.Snapshot, row *probes.KerioService) *Finding {
	const whether = "whether the service is at its limit of connections is not known: "
	var f Finding
	if row.ConnectionLimit > 0 && !s.Kerio.Connections.OK() {
		look := lookOf(s.Kerio.Connections)
		if look == nil {
			look = &probes.Look{Probe: probes.ProbeKerio, What: "Server.getConnections", Why: probes.Unclear, Words: "not looked at"}
		}
		f = undetermined(look, whether+"the connections could not be counted")
		return &f
	}
	warning := warningLog(s)
	if !warning.OK() {
		f = undetermined(logLook(warning, "Logs.get warning"), whether+"the warning log could not be read")
		return &f
	}
	t := timeOf(s, warning)
	if look, ok := t.reaches(warning, t.now.Add(-turnedLately)); !ok && warning.Value.Lines > 0 {
		f = undetermined(look, whether+"the part of the warning log that was read is short")
		return &f
	}
	return nil
}

func warningLog(s *probes.Snapshot) *probes.Observation[probes.KerioLog] {
	if s.Account.Kerio == nil {
		return nil
	}
	return s.Account.Kerio.Warning
}

// addressFull finds the newest line that turned an address of the user's away from the service. The limit that it speaks of is
// that of one address (MAN-266), and the line names no user.
func addressFull(s *probes.Snapshot, v userService, row *probes.KerioService) (Finding, bool) {
	warning := warningLog(s)
	if !warning.OK() {
		return Finding{}, false
	}
	t := timeOf(s, warning)
	for i := len(warning.Value.Events) - 1; i >= 0; i-- {
		e := warning.Value.Events[i]
		if e.Kind != probes.LogTooManyConnections || !strings.Contains(e.Words, v.family) || !usersAddress(s, e.Address) || t.now.Sub(e.At) > turnedLately+t.slack {
			continue
		}
		if t.slack > 0 {
			return undetermined(t.guessed(warning), "an address of this user's was turned away for too many connections, but how long ago is a guess"), true
		}
		remedy := addressRemedy
		f := Finding{Verdict: Problem, Confidence: Likely, Scope: ScopeNetwork, Evidence: logged(warning, []probes.KerioLogEvent{e}), Remedy: &remedy,
			Summary: fmt.Sprintf("Kerio Connect turned %s, an address of this user's, away from %s: it has too many connections from there.", e.Address, v.name)}
		if in := connectedSince(s, v, row, e); len(in) > 0 || !v.used {
			f.Verdict, f.Evidence = Notice, append(f.Evidence, in...)
		}
		return f, true
	}
	return Finding{}, false
}

// connectedSince is what shows that the user has a connection now, or got in after the line.
func connectedSince(s *probes.Snapshot, v userService, row *probes.KerioService, line probes.KerioLogEvent) (out []Evidence) {
	if a := v.letIn(s); a != nil {
		out = append(out, said(a))
	}
	if _, audit := kerioLogs(s); audit.OK() {
		for _, e := range audit.Value.Events {
			if e.Kind == probes.LogAuthenticated && v.logs(e.Protocol) && e.At.After(line.At) {
				out = append(out, logged(audit, []probes.KerioLogEvent{e})...)
				break
			}
		}
	}
	if c := s.Kerio.Connections; c.OK() {
		for _, own := range c.Value.Own {
			if own.Protocol == connectionProtocols[row.Name] {
				return append(out, Evidence{Fact: "a connection of this user's", Observed: own.Protocol + " from " + own.From, Source: c.Source, At: c.At})
			}
		}
	}
	return out
}
