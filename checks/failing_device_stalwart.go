package checks

import (
	"fmt"
	"slices"
	"time"

	"logindoctor.example/probes"
)

// guessingAtStalwart: Stalwart bans by itself; there is nothing of Kerio's to switch on.
var guessingAtStalwart = Remedy{
	Do: guessingRemedy.Do,
	Steps: []string{guessingRemedy.Steps[0], guessingRemedy.Steps[1],
		"See that authBanRate of x:Security is set: Stalwart then bans such addresses by itself.",
		guessingRemedy.Steps[3]},
	Disruption: guessingRemedy.Disruption,
	DoNot:      guessingRemedy.DoNot,
}

// failingAtStalwart counts auth.failed by address and listener. A login that was let in from there since ends it.
func failingAtStalwart(s *probes.Snapshot) Finding {
	log := s.Account.Stalwart.Log
	changed, evidence := passwordSet(s)
	senders := sendersAtStalwart(s, log, changed)
	strangers := slices.DeleteFunc(addresses(senders), func(address string) bool {
		return slices.ContainsFunc(log.Value.Events, func(e probes.StalwartLogEvent) bool {
			return e.Kind == probes.StalwartLogSuccess && sameAddress(e.Address, address)
		})
	})
	if len(senders) == 0 || fromAddress(senders, senders[0].address) < deviceFailures && len(strangers) < guessedAddresses {
		return noDeviceAtStalwart(s, log)
	}
	f := Finding{Verdict: Notice, Confidence: Likely, Evidence: append(senderEvidence(log.Look, senders), evidence...)}
	if len(strangers) >= guessedAddresses {
		f.Remedy, f.Owner, f.Confidence = &guessingAtStalwart, OwnerMailAdmin, Possible
		f.Evidence = append(f.Evidence, Evidence{Fact: "addresses that fail for this user and never got in", Observed: fmt.Sprint(len(strangers)), Source: log.Source, At: log.At})
		f.Summary = fmt.Sprintf("It looks as if somebody guesses %s's password: %s.", LoginName(s), allFailuresWords(senders))
		return f
	}
	f.Summary = fmt.Sprintf("Something keeps sending a wrong password for %s: %s.", LoginName(s), failuresWords(senders[0]))
	return f
}

// sendersAtStalwart: a change of the own password in the directory is none of an app password's, which a line names by its credential.
func sendersAtStalwart(s *probes.Snapshot, log *probes.Observation[probes.StalwartLog], changed time.Time) (all []sender) {
	for _, e := range stalwartRecent(s, probes.StalwartLogFailed) {
		if e.Ours || e.Address == "" || e.CredentialID == "" && !e.At.After(changed) {
			continue
		}
		client := ""
		if e.CredentialID != "" {
			client = "with credential " + e.CredentialID
			if u := s.Account.Stalwart.User; u.OK() {
				if c := u.Value.Credential(e.CredentialID); c != nil {
					client = "with " + credentialName(c)
				}
			}
		}
		i := slices.IndexFunc(all, func(d sender) bool {
			return d.address == e.Address && d.protocol == e.Listener && d.client == client
		})
		if i < 0 {
			i, all = len(all), append(all, sender{address: e.Address, protocol: e.Listener, client: client})
		}
		all[i].failed, all[i].line = append(all[i].failed, e.At), stalwartLogged(log, []probes.StalwartLogEvent{e})[0]
	}
	return byNoise(all)
}

// noDeviceAtStalwart: an empty log shows something only where failures are written.
func noDeviceAtStalwart(s *probes.Snapshot, log *probes.Observation[probes.StalwartLog]) Finding {
	const whether = "whether a device keeps sending a wrong password is not known"
	switch s.Stalwart.Writes("auth.failed") {
	case probes.StalwartUnknown:
		look := lookAt(stalwartOf(s).Levels, probes.ProbeStalwart, "x:EventTracingLevel/get")
		return undetermined(look, whether+": the levels of Stalwart's log could not be read")
	case probes.StalwartNo:
		return Finding{Verdict: NotApplicable, Summary: "Stalwart does not log failed logins at its present level."}
	}
	if oldest := log.Value.Events; log.Value.Cut && (len(oldest) == 0 || s.Stalwart.Now(log.At).Sub(oldest[0].At) < appPasswordSince) {
		look := log.Look
		look.Why, look.Words = probes.Unclear, "older lines were not read"
		return undetermined(&look, whether+": the part of the log that was read is short")
	}
	return Finding{Verdict: OK, Summary: "Nothing is seen to send a wrong password again and again.",
		Evidence: []Evidence{{Fact: "auth.failed with no success since from there", Observed: fmt.Sprint(len(stalwartRecent(s, probes.StalwartLogFailed))), Source: log.Source, At: log.At}}}
}
