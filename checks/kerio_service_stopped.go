package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// KerioServiceStopped is a service of Kerio Connect that does not run.
var KerioServiceStopped = &Check{
	ID: "kerio-service-stopped", Group: GroupMail, Title: "The service does not run",
	Doc: Doc{
		Says:  "The mail program cannot connect to the server.",
		Tells: "Services.get: isRunning is false for the service at the profile's port, the one that the user logs in to. A stopped service that the user does not use is a notice at most.",
		Mistaken: []string{
			"A firewall: there the port does not answer at all, and Kerio says that the service runs.",
			"A service that answers only some addresses (kerio-service-address-rule): it runs.",
			"A server that is down (mail-server-unreachable): there the administration does not answer either.",
		},
	},
	Source: []Source{{"Services in Kerio Connect (GFI manual)", "https://manuals.gfi.com/en/kerio/connect/content/server-configuration/services/services-in-kerio-connect-1153.html"},
		{"Kerio Connect services, port collisions (GFI 360015190480)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015190480-Kerio-Connect-Services"}},
	Needs: []*Need{KerioServices}, Uses: []*Need{KerioReach, IMAPReach, IMAPGreeting, Attempts},
	Owner: OwnerMailAdmin, Scope: ScopeEveryone,
	Remedy: Remedy{
		Do: "Have the mail administrator start the service",
		Steps: []string{"Ask whether somebody stopped it on purpose.",
			"In Kerio's administration open Configuration > Services and start it.",
			"If it does not start, look in Kerio's error log whether another program has its port.",
			"Set its startup type to automatic, if it is meant to run."},
		Disruption: "none",
		DoNot:      []string{"Do not restart Kerio Connect as a whole: the other services work.", "Do not reset the password: no login can be tried."},
	},
	Letter: Letter{
		Wrong: "A part of the mail server is not running.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin},
	Run:      kerioServiceStopped,
}

func kerioServiceStopped(s *probes.Snapshot) Finding {
	services := s.Kerio.Services
	list := userServices(s)
	first := serviceState(s, list[0])
	if first.Verdict != OK || list[0].used && list[1].port == 0 {
		return first
	}
	if other := serviceState(s, list[1]); other.Verdict == Problem || other.Verdict == Notice {
		other.Verdict = Notice
		return other
	}
	return Finding{Verdict: OK, Summary: first.Summary, Evidence: append(first.Evidence, notRunning(services)...)}
}

func serviceState(s *probes.Snapshot, v userService) Finding {
	services := s.Kerio.Services
	row := v.row(services.Value)
	if row == nil {
		return v.noRow(s, "whether the service runs")
	}
	e := Evidence{Fact: "isRunning of " + row.Name, Observed: fmt.Sprint(row.Running), Expected: "true", Source: services.Source, At: services.At}
	if row.HowToStart != "" {
		e.Observed += ", startup type " + row.HowToStart
	}
	if row.Running {
		return Finding{Verdict: OK, Summary: fmt.Sprintf("%s runs.", row.Name), Evidence: []Evidence{e}}
	}
	f := Finding{Verdict: Problem, Confidence: Certain, Evidence: []Evidence{e}, Summary: fmt.Sprintf("Kerio Connect's service %s does not run.", row.Name)}
	if v.reach != nil {
		f.Evidence = append(f.Evidence, reachSaid(v.reach))
	}
	switch {
	case v.answers(s) || v.login == probes.ServiceIMAP && byeGreeting(s) != nil:
		f.Verdict = Notice
		f.Summary = fmt.Sprintf("Kerio Connect says that its service %s does not run, and yet a server answers at that address.", row.Name)
	case !v.used: // what the user uses is not known
		f.Verdict = Notice
	}
	return f
}

// notRunning tells of the other services that do not run: they keep nobody from the one that was asked for.
func notRunning(services *probes.Observation[[]probes.KerioService]) (out []Evidence) {
	for _, r := range services.Value {
		if !r.Running {
			out = append(out, Evidence{Fact: "isRunning of " + r.Name, Observed: "false, of no matter here", Source: services.Source, At: services.At})
		}
	}
	return out
}
