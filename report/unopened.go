package report

import (
	"strings"

	"logindoctor.example/probes"
)

// unopened is a server that logindoctor's own account did not get into. It is said once: every look that was not made for it
// has the same reason.
type unopened struct {
	look probes.Look // of the session, or of the reader's bind
	says string      // a clause
	next string      // the next step
}

// unopenedServers are those of the facts. A server that does not answer is none: it is not the account that is in the way.
func unopenedServers(s *probes.Snapshot) []unopened {
	var out []unopened
	if s == nil {
		return out
	}
	if k := s.Kerio; k != nil && k.Session != nil {
		out = append(out, refusedOrHeld(k.Session.Look, "Kerio Connect", "logindoctor's own account", "kerio.admin")...)
	}
	if w := s.Stalwart; w != nil && w.Session != nil {
		out = append(out, stalwartUnopened(s.Target.Stalwart, w.Session)...)
	}
	var held []unopened
	for _, d := range s.Directory {
		if d.Bind == nil {
			continue
		}
		look := d.Bind.Look
		if look.Why == probes.Seen && refusesAccount(d.Bind.Value.Result) {
			look.Why, look.Words = probes.NotPermitted, d.Bind.Value.Words
		}
		found := refusedOrHeld(look, "the directory", "logindoctor's own account", "directory.reader")
		if look.Why == probes.NotPermitted {
			return append(out, found...) // the others were not asked, since this one refused
		}
		held = append(held, found...)
	}
	return append(out, held...)
}

// refusedOrHeld is a refusal of our own account, or its login that was withheld.
func refusedOrHeld(look probes.Look, server, account, key string) []unopened {
	switch words := firstSentence(look.Words); look.Why {
	case probes.NotPermitted:
		says := server + " refused " + account + " (" + key + ")"
		if words != "" {
			says += ": " + words
		}
		return []unopened{{look, says, "Correct what " + key + " of the profile names, and run it again in half an hour: so long it rests after a refusal."}}
	case probes.AttemptWithheld:
		if look.Words != "" {
			return []unopened{{look, strings.TrimSuffix(look.Words, "."), "Run it again once " + key + " is no longer withheld: the headline says why it is."}}
		}
	}
	return nil
}

// stalwartUnopened tells besides where what answers is no Stalwart: any web server, or another service.
func stalwartUnopened(t *probes.StalwartTarget, session *probes.Observation[probes.StalwartSession]) []unopened {
	refusal := session.Value.Refusal
	if session.Why == probes.Unclear && refusal != probes.StalwartLimited && t != nil {
		says := "no JMAP at " + t.URL
		if words := firstSentence(session.Words); strings.HasPrefix(words, "HTTP ") { // else it is package net/http's word
			says += " (" + words + ")"
		}
		return []unopened{{session.Look, says + ": check stalwart.url", "Check stalwart.url of the profile: it is the address of Stalwart's web interface, https://HOST or https://HOST:PORT."}}
	}
	out := refusedOrHeld(session.Look, "Stalwart", "the API key", "stalwart.api_key")
	if len(out) > 0 && session.Why == probes.NotPermitted && refusal == probes.StalwartForbidden {
		out[0].next = "Let the API key that stalwart.api_key names log in from this computer: its allowed addresses, and its permission authenticate. It rests for half an hour."
	}
	return out
}

// firstSentence is enough of a server's words where they are said again in full elsewhere.
func firstSentence(words string) string {
	words, _, _ = strings.Cut(words, ". ")
	return strings.TrimRight(words, ". ")
}

// behind finds the server that was not opened as the reason for a look that was not made.
func behind(all []unopened, u Unseen) *unopened {
	for i, o := range all {
		if o.look.Probe == u.Probe && o.look.Why == u.Why && o.look.Words == u.Words {
			return &all[i]
		}
	}
	return nil
}
