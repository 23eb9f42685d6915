package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

// Letter writes what the helpdesk sends to the person who cannot log in: what is the matter, who takes care of it, what to
// do and what to leave alone. It holds no word of the document's, only its own and the catalogue's: whatever the case, it
// names no person, server or address.
func Letter(w io.Writer, r *Report, _ Options) error {
	return writeLetter(w, r, catalogueLetter)
}

// letterOf gives what a check's letter says, by the check's id.
type letterOf func(id string) checks.Letter

// catalogueLetter is the catalogue's; a report of another version may name a check that this one does not have.
func catalogueLetter(id string) checks.Letter {
	if c := checks.Find(id); c != nil {
		return c.Letter
	}
	return checks.Letter{Wrong: "Something keeps you from logging in, and the helpdesk can tell you more about it."}
}

const (
	letterWidth = 72 // columns of a mail's body
	mostCauses  = 2  // a caller can act on two at a time; the first has to be mended first
)

type callersLetter struct {
	out strings.Builder
	of  letterOf
}

func writeLetter(w io.Writer, r *Report, of letterOf) error {
	l := &callersLetter{of: of}
	l.paragraph("", "Hello,")
	switch r.Verdict {
	case CauseFound:
		l.causes(r)
	case Healthy:
		l.healthy(r)
	default:
		l.inconclusive(r)
	}
	l.paragraph("", "Your helpdesk")
	_, err := io.WriteString(w, strings.TrimSuffix(l.out.String(), "\n"))
	return err
}

// paragraph writes wrapped lines and a blank one; the first begins with lead, the others below its text.
func (l *callersLetter) paragraph(lead, s string) {
	l.lines(lead, s)
	l.out.WriteByte('\n')
}

func (l *callersLetter) lines(lead, s string) {
	for _, line := range wrap(s, letterWidth-len(lead)) {
		l.out.WriteString(lead + line + "\n")
		lead = strings.Repeat(" ", len(lead))
	}
}

func (l *callersLetter) list(items []string) {
	for _, s := range items {
		l.lines("  - ", s)
	}
	l.out.WriteByte('\n')
}

func (l *callersLetter) causes(r *Report) {
	named := r.Diagnosis[:min(len(r.Diagnosis), mostCauses)]
	if len(named) == 1 {
		opening := "We have looked into your trouble with logging in to mail, and found the reason:"
		if named[0].Confidence != checks.Certain {
			opening = "We have looked into your trouble with logging in to mail. We are not certain yet, but this is most likely the reason:"
		}
		l.paragraph("", opening)
		l.paragraph("  ", l.of(named[0].Cause).Wrong)
		l.part(&named[0])
	} else {
		l.paragraph("", "We have looked into your trouble with logging in to mail, and found two things.")
		for i := range named {
			wrong := l.of(named[i].Cause).Wrong
			if named[i].Confidence != checks.Certain {
				wrong = "Most likely: " + wrong
			}
			l.paragraph(fmt.Sprintf("%d. ", i+1), wrong)
			l.part(&named[i])
		}
	}
	if len(r.Diagnosis) > len(named) {
		l.paragraph("", "There is more to put right, but this comes first.")
	}
	l.question(r)
	l.alone(l.leave(r.Diagnosis, named))
	l.paragraph("", "If it does not work when all this is done, please tell the helpdesk.")
}

// part says whom a cause concerns, who takes care of it, and what the caller has to do.
func (l *callersLetter) part(c *Cause) {
	do := l.of(c.Cause).Do
	s := concerns(c)
	switch {
	case len(do) == 0:
		l.paragraph("", s+caretaker(c.Owner)+" There is nothing that you have to do.")
		return
	case c.Owner == checks.OwnerUser:
		l.lines("", s+"You can put this right yourself:")
	case c.Owner == checks.OwnerHelpdesk:
		l.lines("", s+"The helpdesk helps you with this. Please do the following:")
	default:
		l.lines("", s+caretaker(c.Owner)+" Please do your part:")
	}
	l.list(do)
}

// concerns says whom a cause hits besides the caller: a sentence with the space after it, or nothing.
func concerns(c *Cause) string {
	var whom string
	switch c.Scope {
	case checks.ScopeNetwork:
		whom = " concerns others on the same network as well. "
	case checks.ScopeDomain, checks.ScopeEveryone:
		whom = " concerns others as well, not only you. "
	default:
		return ""
	}
	if c.Confidence == checks.Certain {
		return "It" + whom
	}
	return "If so, it" + whom
}

// caretaker says who takes care, in words of a caller's; where that is the caller and there is nothing to say what to do, the
// helpdesk.
func caretaker(o checks.Owner) string {
	who := "The helpdesk"
	switch o {
	case checks.OwnerMailAdmin:
		who = "Your mail administrator"
	case checks.OwnerDirectoryAdmin:
		who = "The administrator of your company's accounts"
	case checks.OwnerNetworkAdmin:
		who = "Your network administrator"
	}
	return who + " takes care of this."
}

// leave is what the caller leaves alone for the causes that are named. To keep the password is advice only where no cause,
// named or not, may end in a new one.
func (l *callersLetter) leave(all, named []Cause) (out []string) {
	keep := !slices.ContainsFunc(all, func(c Cause) bool {
		leave := l.of(c.Cause).Leave
		return len(leave) > 0 && !slices.Contains(leave, checks.KeepPassword)
	})
	for _, c := range named {
		for _, s := range l.of(c.Cause).Leave {
			if !slices.Contains(out, s) && (keep || s != checks.KeepPassword) {
				out = append(out, s)
			}
		}
	}
	return out
}

func (l *callersLetter) alone(items []string) {
	if len(items) > 0 {
		l.lines("", "Please leave this alone:")
		l.list(items)
	}
}

// question asks what would settle an open case, in the catalogue's words. It must not make anybody try a password: that may
// be the account's last attempt.
func (l *callersLetter) question(r *Report) {
	if r.NextQuestion == nil {
		return
	}
	for _, q := range checks.Questions {
		if q.ID == r.NextQuestion.ID {
			l.paragraph("", "One answer would help us. Please try nothing out for it, and tell us only if you know:")
			l.paragraph("  ", q.Ask)
			l.paragraph("", neverPassword)
		}
	}
}

// noticed tells of the one thing that callers take for trouble with the login though it is none: no new mail.
func (l *callersLetter) noticed(r *Report) {
	full := checks.MailboxFull.ID
	if !slices.ContainsFunc(r.Checks, func(a Answer) bool {
		return a.ID == full && a.Verdict == checks.Notice && a.Confidence == checks.Certain
	}) {
		return
	}
	l.lines("", "There is one thing that we noticed. "+l.of(full).Wrong+" Please make room:")
	l.list(l.of(full).Do)
}

func (l *callersLetter) healthy(r *Report) {
	where := ""
	if len(r.Selection.Only)+len(r.Selection.Skip) > 0 {
		where = " in the part that we looked at"
	}
	l.paragraph("", "We have looked into your trouble with logging in to mail, and found nothing"+where+" that keeps you from logging in. "+triedPlainly(r))
	l.noticed(r)
	l.lines("", "Please try this:")
	l.list([]string{"Close your mail program, open it again, and try once.",
		"Look whether your phone or mail program has an old password saved, and correct it there.",
		"Try webmail, and tell the helpdesk whether it works there.",
		checks.NoteWords})
	l.alone([]string{checks.NoFurtherTries, checks.KeepPassword})
}

// triedPlainly says whether the caller's own password was tried: without that, it may still be wrong.
func triedPlainly(r *Report) string {
	said := "Your password itself was not tried."
	for _, a := range r.Attempts.Log {
		switch {
		case a.Who != probes.AttemptUser:
		case a.Outcome == probes.Accepted:
			return "A login with your password was accepted."
		case a.Outcome != probes.Withheld:
			said = "A login with your password was tried."
		}
	}
	return said
}

func (l *callersLetter) inconclusive(r *Report) {
	l.paragraph("", "We have looked into your trouble with logging in to mail. We could not find out yet what the reason is, for not everything could be looked at.")
	l.noticed(r)
	l.question(r)
	l.lines("", "If it fails again:")
	l.list([]string{checks.NoteWords})
	l.alone([]string{checks.NoFurtherTries, checks.KeepPassword})
}

// neverPassword stands where the caller is asked for an answer.
const neverPassword = "Please do not send your password to anybody, the helpdesk included."
