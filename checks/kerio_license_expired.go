package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// KerioLicenseExpired is a licence that has run out.
var KerioLicenseExpired = &Check{
	ID: "kerio-license-expired", Group: GroupMail, Title: "Kerio Connect's licence has expired",
	Doc: Doc{
		Says:  "Nobody can open webmail, and the phones get no mail.",
		Tells: "Kerio's own alert LicenseExpired, or a licence or trial whose days are over in ProductRegistration.getFullStatus. A subscription that has run out under a licence that has not is a notice. A login that was accepted in this run, of this user or of the canary, or in the audit log after the date, speaks against it.",
		Mistaken: []string{
			"More users than the licence allows (kerio-license-users): that hits only those who come late.",
			"A subscription that has run out: updates and ActiveSync stop, and logins go on while the licence itself lasts.",
			"A stopped service (kerio-service-stopped): starting it helps, here it does not.",
		},
	},
	Source: []Source{{"License expiration: no grace period since 1 May 2023 (GFI 360015186380)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015186380-License-Expiration-in-Kerio-Connect"}},
	Needs:  []*Need{licenceFacts}, Uses: []*Need{KerioAuditLog, KerioClock, Attempts},
	Owner: OwnerMailAdmin, Scope: ScopeEveryone,
	Remedy: Remedy{
		Do: "Have the licence renewed",
		Steps: []string{"In Kerio's administration look at the licence under Status > Dashboard.",
			"Renew it with the reseller or with GFI sales.",
			"Update the registration there, or import the new key."},
		Disruption: "none; an old version may want a restart after the key is imported",
		DoNot:      []string{"Do not reset the password: it was not at fault.", "Do not restart Kerio Connect before the licence is renewed: it does not help."},
	},
	Letter: Letter{
		Wrong: "The mail server's licence has run out.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword, IMAPUnavailable, KerioServiceStopped},
	Run:      kerioLicenseExpired,
}

// licenceFacts: either shows an expired licence; only both, or a login that was accepted, show that there is none.
var licenceFacts = &Need{Name: "Kerio's alerts (Server.getAlertList), or its licence (ProductRegistration.getFullStatus)", Missing: noKerio, configured: hasKerio,
	looks: func(s *probes.Snapshot) []*probes.Look {
		return append(append(KerioAlerts.looks(s), KerioLicense.looks(s)...), letInLook(s))
	},
	hand: handAll(KerioAlerts, KerioLicense)}

// alerted is the evidence of an alert of Kerio's; nil where it is not raised.
func alerted(s *probes.Snapshot, name string) []Evidence {
	alerts := kerioServer(s).Alerts
	if !alerts.OK() {
		return nil
	}
	for _, a := range alerts.Value {
		if a.Name != name {
			continue
		}
		e := Evidence{Fact: "alert " + a.Name, Observed: a.Level, Expected: "not raised", Source: alerts.Source, At: alerts.At}
		if e.Observed == "" {
			e.Observed = "raised"
		}
		if a.Current != "" {
			e.Observed += fmt.Sprintf(", current %s, critical %s", a.Current, a.Critical)
		}
		return []Evidence{e}
	}
	return nil
}

// ended are the parts of the licence of this type that are over, and whether there is any such part.
func ended(s *probes.Snapshot, kind string) (over []Evidence, parts []probes.KerioLifetime) {
	l := kerioServer(s).License
	if !l.OK() {
		return nil, nil
	}
	for _, p := range l.Value.Expirations {
		if p.Type != kind {
			continue
		}
		parts = append(parts, p)
		if p.Unlimited || p.Days >= 0 {
			continue
		}
		e := Evidence{Fact: p.Type, Observed: fmt.Sprintf("over for %d days", -p.Days), Expected: "not over", Source: l.Source, At: l.At}
		if !p.Date.IsZero() {
			e.Observed += ", " + stamp(p.Date)
		}
		over = append(over, e)
	}
	return over, parts
}

func kerioLicenseExpired(s *probes.Snapshot) Finding {
	alert := alerted(s, "LicenseExpired")
	over, parts := ended(s, "License")
	if l := kerioServer(s).License; l.OK() && l.Value.Registration == "rsTrialExpired" {
		over = append(over, Evidence{Fact: "registration", Observed: l.Value.Registration, Source: l.Source, At: l.At})
	}
	if len(alert)+len(over) > 0 {
		f := Finding{Verdict: Problem, Confidence: Likely, Evidence: append(alert, over...), Summary: "Kerio Connect's licence has expired, which suspends the service for everyone."}
		if len(alert) > 0 {
			f.Confidence = Certain
		}
		if in := letInAfter(s, parts); len(in) > 0 {
			f.Verdict, f.Evidence, f.Summary = Notice, append(f.Evidence, in...), "Kerio Connect's licence has expired, and yet it accepts logins."
		}
		return f
	}
	if f := licenceUnread(s); f != nil && len(letInAfter(s, nil)) == 0 {
		return *f
	}
	old, _ := ended(s, "Subscription")
	if old = append(alerted(s, "SubscriptionExpired"), old...); len(old) > 0 {
		return Finding{Verdict: Notice, Confidence: Certain, Evidence: old,
			Summary: "Kerio Connect's subscription has run out: updates and ActiveSync stop, and logins go on while the licence lasts."}
	}
	return Finding{Verdict: OK, Summary: "Kerio Connect's licence keeps nobody out.", Evidence: append(licenceSaid(s), letInAfter(s, nil)...)}
}

// licenceUnread is the undetermined answer where one of the two places was not seen: each may show what the other does not.
func licenceUnread(s *probes.Snapshot) *Finding {
	var f Finding
	switch k := kerioServer(s); {
	case !k.Alerts.OK():
		f = unseen(KerioAlerts, probes.Unclear, lookOf(k.Alerts))
	case !k.License.OK():
		f = unseen(KerioLicense, probes.Unclear, lookOf(k.License))
	default:
		return nil
	}
	return &f
}

func licenceSaid(s *probes.Snapshot) (out []Evidence) {
	if a := kerioServer(s).Alerts; a.OK() {
		out = append(out, Evidence{Fact: "alerts", Observed: fmt.Sprintf("%d, LicenseExpired not among them", len(a.Value)), Source: a.Source, At: a.At})
	}
	if l := kerioServer(s).License; l.OK() {
		for _, p := range l.Value.Expirations {
			e := Evidence{Fact: p.Type, Observed: fmt.Sprintf("%d days left", p.Days), Source: l.Source, At: l.At}
			if p.Unlimited {
				e.Observed = "unlimited"
			}
			out = append(out, e)
		}
	}
	return out
}

// letInAfter are logins that an expired licence would not have let through: those of this run, and those in the audit log after
// the last date by which any part ended.
func letInAfter(s *probes.Snapshot, parts []probes.KerioLifetime) (out []Evidence) {
	if a := acceptedHere(s); a != nil {
		out = append(out, said(a))
	}
	if c := s.Login.Attempt(probes.AttemptCanary, probes.ServiceIMAP); c != nil && c.Outcome == probes.Accepted {
		out = append(out, saidBy(c))
	}
	_, audit := kerioLogs(s)
	if !audit.OK() || timeOf(s, audit).slack > 0 || len(parts) != 1 || parts[0].Date.IsZero() {
		return out
	}
	for i := len(audit.Value.Events) - 1; i >= 0; i-- {
		if e := audit.Value.Events[i]; e.Kind == probes.LogAuthenticated && e.At.After(parts[0].Date) {
			return append(out, logged(audit, []probes.KerioLogEvent{e})...)
		}
	}
	return out
}
