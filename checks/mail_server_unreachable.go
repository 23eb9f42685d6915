package checks

import (
	"fmt"

	"logindoctor.example/probes"
)

// MailServerUnreachable is a mail server of which nothing answers.
var MailServerUnreachable = &Check{
	ID: "mail-server-unreachable", Group: GroupMail, Title: "The mail server cannot be reached",
	Doc: Doc{
		Says:  "Nobody here gets mail; the program says that it cannot connect.",
		Tells: "Every mail service of the profile fails before a connection stands: the name does not resolve, nobody listens, there is no way, or nothing answers within three seconds. From here, that is: the caller's network may differ.",
		Mistaken: []string{
			"One stopped service: there the others answer.",
			"A server that accepts connections and then says nothing: that is overload or a hang, and is told apart.",
			"A bad certificate (mail-certificate): there the server answers.",
			"An address that Stalwart bans: it takes the connection and closes it without a greeting.",
		},
	},
	Source: []Source{{"RFC 9293 §3.5.2, a refused connection", "https://www.rfc-editor.org/rfc/rfc9293#section-3.5.2"}, {"A Dovecot 2.3 whose directory hangs accepts connections and holds back its greeting; observed", ""}},
	Needs:  []*Need{MailTried},
	Owner:  OwnerMailAdmin, Scope: ScopeEveryone,
	Remedy: Remedy{
		Do: "Have the mail administrator see whether the mail server runs and can be reached",
		Steps: []string{"Ask whether others have the same trouble, and from which networks.",
			"Look whether {server} runs and its services are started.",
			"If it runs, look at the network and the firewall between here and there."},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password: no login can be tried."},
	},
	Letter: Letter{
		Wrong: "The mail server cannot be reached.",
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin},
	Run:      mailServerUnreachable,
}

func mailServerUnreachable(s *probes.Snapshot) Finding {
	f := Finding{Verdict: Problem, Confidence: Certain}
	var answers, down []Evidence // down: a service of the users'
	var stuck *probes.Look
	ourEnd := false
	for _, m := range mailServices(s) {
		answering := m.reach != nil && mailAnswers(m.reach) || m.name == serviceIMAP && byeGreeting(s) != nil
		if m.reach != nil && m.aside == "" && !answering {
			down = append(down, mailSaid(m))
		}
		switch r := m.reach; {
		case r == nil:
			stuck = m.look()
		case answering:
			answers = append(answers, mailSaid(m))
		case !unreached(r):
			ourEnd = ourEnd || r.OurEnd()
			stuck = m.look() // something accepts the connection and does not answer, or the run ended
		default:
			f.Evidence = append(f.Evidence, mailSaid(m))
			if r.Failure != probes.FailureRefused {
				f.Confidence = Likely // a firewall, a router or a resolver near us looks the same
			}
			if f.Summary == "" {
				f.Summary = fmt.Sprintf("The mail server cannot be reached from here: %s (%s).", failureWords(r.Failure), r.Address)
			}
		}
	}
	switch {
	case len(answers) > 0 && len(down) > 0:
		return Finding{Verdict: Notice, Confidence: Certain, Evidence: append(down, answers...), Summary: "The mail server answers, though not at every address that users need."}
	case len(answers) > 0:
		return Finding{Verdict: OK, Summary: "The mail server answers.", Evidence: answers}
	case stuck != nil:
		says := "whether the mail server can be reached is not known: it does not answer as it should"
		if ourEnd {
			says = "whether the mail server can be reached is not known: " + ourEndWords
		}
		u := undetermined(stuck, says)
		u.Evidence = append(u.Evidence, f.Evidence...)
		return u
	}
	return f
}

func mailSaid(m mailService) Evidence {
	e := reachSaid(m.reach)
	e.Fact += " (" + m.name + ")"
	return e
}

// mailAnswers says that a server spoke at this address, if only to show a certificate that does not hold.
func mailAnswers(r *probes.Reach) bool { return r.OK() || r.Failure.Certificate() }

// unreached says that no connection came about: not that one broke later, nor that the run ended or this side failed.
func unreached(r *probes.Reach) bool {
	if r.Stage != probes.StageResolve && r.Stage != probes.StageConnect || r.OurEnd() {
		return false
	}
	switch r.Failure {
	case probes.FailureName, probes.FailureRefused, probes.FailureNoRoute, probes.FailureTimeout:
		return true
	}
	return false
}

// ourEndWords say of a failure that it tells nothing of the server.
const ourEndWords = "this computer's own network or name resolver failed, or the server was not given enough time"

func failureWords(f probes.Failure) string {
	switch f {
	case probes.FailureName:
		return "its name does not resolve"
	case probes.FailureRefused:
		return "nobody listens there"
	case probes.FailureNoRoute:
		return "there is no way to it"
	}
	return "nothing answers"
}
