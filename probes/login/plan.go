package login

import (
	"fmt"

	"logindoctor.example/probes"
	"logindoctor.example/probes/ledger"
)

// Plan says, before anything is submitted, what would be tried and what is withheld, and why. It fills Snapshot.Login.
func (k *Keeper) Plan(c *Case) *probes.Login {
	s := c.Snapshot
	l := &probes.Login{SecretGiven: c.Secrets.User.Given(), UsedOn: c.UsedOn, MaxFailures: c.MaxFailures,
		Budgets: []probes.Budget{}, Steps: []probes.Step{}, Attempts: []probes.Attempt{}}
	s.Login = l
	recent, err := k.Book.Recent(user(s))
	l.Budgets = Budgets(s, recent, k.Now())
	if l.SecretGiven {
		l.Steps = append(l.Steps, k.userSteps(c, err)...)
	}
	if step, ok := k.canaryStep(c); ok {
		l.Steps = append(l.Steps, step)
	}
	if step, ok := k.bindStep(c); ok {
		l.Steps = append(l.Steps, step)
	}
	return l
}

// userSteps: IMAP first, for it takes both kinds of secret; the API second, where there is a need to know; the directory
// only where no mail service is named.
func (k *Keeper) userSteps(c *Case, bookErr error) []probes.Step {
	t := c.Snapshot.Target
	first := probes.Step{Who: probes.AttemptUser, Do: probes.DoTry}
	switch {
	case t.IMAP != nil:
		first.Service, first.Reason = probes.ServiceIMAP, "IMAP takes the primary password and app passwords alike"
	case t.Kerio == nil && t.Stalwart != nil && t.Stalwart.ManageSieve != "":
		first.Service, first.Reason = probes.ServiceManageSieve, "no IMAP server is named; ManageSieve says why it refuses"
	case hasAPI(t):
		first.Service, first.Reason = probes.ServiceAPI, "no IMAP server is named"
	case t.Directory != nil:
		first.Service, first.Reason = probes.ServiceDirectory, "no mail service is named; the directory says why it refuses"
	default:
		return nil
	}
	if reason := foretold(c.Snapshot, first.Service); reason != "" {
		first.Do, first.Reason = probes.DoHold, wouldRefuse+reason
	} else if why, reason := ready(c, first.Service); why != probes.Seen {
		first.Do, first.Reason = probes.DoHold, reason
	} else if err := k.affordable(c, bookErr); err != nil {
		first.Do, first.Reason = probes.DoHold, err.Error()
	}
	steps := []probes.Step{first}
	switch {
	case first.Service == probes.ServiceIMAP && t.Kerio != nil && t.Kerio.UserURL != "":
		steps = append(steps, k.apiStep(c, first))
	case first.Service == probes.ServiceIMAP && t.Kerio == nil && t.Stalwart != nil && first.Do != probes.DoHold && c.MaxFailures > 1:
		steps = append(steps, loudStep(c))
	}
	return steps
}

// hasAPI says that the profile names a place where users log in over HTTP.
func hasAPI(t probes.Target) bool {
	return t.Kerio != nil && t.Kerio.UserURL != "" || t.Kerio == nil && t.Stalwart != nil
}

// loudStep is where Stalwart says what it keeps to itself over IMAP: in words at ManageSieve, or by its status over HTTP. Over
// IMAP a connection that closes without a word may be a missing permission, an expired password or an address. The silence is a
// failure by itself, so a run that may cost no second one has no such step; the log is read again in any case.
func loudStep(c *Case) probes.Step {
	step := probes.Step{Who: probes.AttemptUser, Service: probes.ServiceAPI, Do: probes.DoIf, Reason: "only if IMAP closes without a word: the status over HTTP tells more"}
	if c.Snapshot.Target.Stalwart.ManageSieve != "" {
		step.Service, step.Reason = probes.ServiceManageSieve, "only if IMAP closes without a word: ManageSieve says why it refuses"
	}
	if reason := foretold(c.Snapshot, step.Service); reason != "" {
		step.Do, step.Reason = probes.DoHold, wouldRefuse+reason
	} else if why, reason := ready(c, step.Service); why != probes.Seen {
		step.Do, step.Reason = probes.DoHold, reason
	}
	return step
}

// wouldRefuse begins the reason of an attempt that is withheld for what is known beforehand.
const wouldRefuse = "it would be refused and cost a failure: "

func (k *Keeper) apiStep(c *Case, first probes.Step) probes.Step {
	step := probes.Step{Who: probes.AttemptUser, Service: probes.ServiceAPI, Do: probes.DoIf, Reason: "the API takes only the primary password: together with IMAP's answer this tells app passwords apart"}
	if why, reason := apiReady(c); why != probes.Seen {
		step.Do, step.Reason = probes.DoHold, reason
	} else if first.Do == probes.DoHold {
		step.Do, step.Reason = probes.DoHold, "without IMAP's answer it would tell little: "+first.Reason
	}
	return step
}

func (k *Keeper) affordable(c *Case, bookErr error) error {
	if bookErr != nil {
		return bookErr
	}
	if c.MaxFailures <= 0 {
		return fmt.Errorf("this run may cost the user no failed login")
	}
	if left, in := grace(c.Snapshot); in {
		return fmt.Errorf("the password has expired and a login would use up one of the last %d that the directory grants", left)
	}
	return Afford(c.Snapshot.Login.Budgets)
}

// grace says whether the next bind would use up one of the last logins after expiry (ppolicy's pwdGraceAuthNLimit), and how many are left.
func grace(s *probes.Snapshot) (left int, in bool) {
	for _, d := range s.Account.Directory {
		if !d.Entry.OK() || d.Entry.Value.OD == nil {
			continue
		}
		od := d.Entry.Value.OD
		if od.Lockout == nil || od.Lockout.Grace == 0 || od.Lockout.MaxAgeMS == 0 || od.Changed == nil {
			continue
		}
		if d.Entry.At.Sub(*od.Changed).Milliseconds() > od.Lockout.MaxAgeMS {
			return max(od.Lockout.Grace-od.GraceUsed, 0), true
		}
	}
	return 0, false
}

func (k *Keeper) canaryStep(c *Case) (probes.Step, bool) {
	t := c.Snapshot.Target
	step := probes.Step{Who: probes.AttemptCanary, Service: probes.ServiceIMAP, Do: probes.DoTry, Reason: "shows whether IMAP logins work for anyone"}
	if t.IMAP == nil || t.IMAP.Canary == "" || !c.Secrets.Canary.Given() || t.IMAP.Canary == t.User {
		return step, false
	}
	if why, reason := imapReady(c.Clients.CanaryIMAP); why != probes.Seen {
		step.Do, step.Reason = probes.DoHold, reason
		return step, true
	}
	recent, err := k.Book.Recent(canary(c))
	if err == nil {
		err = k.settledOnce(recent)
	}
	if err != nil {
		step.Do, step.Reason = probes.DoHold, err.Error()
	}
	return step, true
}

// settledOnce is once for a plan: what is under way elsewhere will be waited for.
func (k *Keeper) settledOnce(recent []ledger.Entry) error {
	if err := k.once(recent); err != errBusy {
		return err
	}
	return nil
}

func canary(c *Case) ledger.Account {
	return ledger.Account{Who: probes.AttemptCanary, Names: []string{c.Snapshot.Target.IMAP.Canary}}
}

// bindStep: the mail server's own test of its bind says most; a bind of ours with the profile's copy of that password is
// the second choice. Either is an attempt on the same account, so there is at most one a run, after its attributes were read.
func (k *Keeper) bindStep(c *Case) (probes.Step, bool) {
	s := c.Snapshot
	step := probes.Step{Who: probes.AttemptMailServer, Service: probes.ServiceDirectory, Do: probes.DoTry}
	switch {
	case kerioTests(s):
		step.Service, step.Reason = probes.ServiceAdmin, "Kerio's own test of its directory bind"
	case s.Target.Directory != nil && s.Target.Directory.MailServerBind != "" && c.Secrets.MailServerBind.Given():
		step.Reason = "a bind with the password that the mail server should have"
	default:
		return step, false
	}
	recent, err := k.Book.Recent(mailServer(s))
	if err == nil {
		err = k.bindAffordable(s, recent)
	}
	if err != nil && err != errBusy {
		step.Do, step.Reason = probes.DoHold, err.Error()
	}
	return step, true
}

// kerioTests says that Kerio has a directory to bind to, and that we have a session to ask it. Without a host its test would
// say nothing that can be read: how Kerio answers that is not known.
func kerioTests(s *probes.Snapshot) bool {
	return s.Kerio != nil && s.Kerio.Session.OK() && s.Kerio.Domain.OK() && s.Kerio.Domain.Value.DirectoryOn && len(s.Kerio.Domain.Value.DirectoryHosts) > 0
}

func (k *Keeper) bindAffordable(s *probes.Snapshot, recent []ledger.Entry) error {
	if b, ok := BindBudget(s, recent, k.Now()); ok && (s.Target.Directory.MailServerBind != "") {
		if err := Afford([]probes.Budget{b}); err != nil {
			return fmt.Errorf("the mail server's bind account: %w", err)
		}
	}
	return k.once(recent)
}

func mailServer(s *probes.Snapshot) ledger.Account {
	a := ledger.Account{Who: probes.AttemptMailServer}
	if s.Kerio != nil && s.Kerio.Domain.OK() {
		a.Names = append(a.Names, s.Kerio.Domain.Value.DirectoryUser)
	}
	if s.Target.Directory != nil {
		a.Names = append(a.Names, s.Target.Directory.MailServerBind)
		for _, d := range s.Directory {
			if d.BindAccount.OK() && d.BindAccount.Value.AD != nil {
				a.Names = append(a.Names, d.BindAccount.Value.AD.UPN, d.BindAccount.Value.AD.Login)
			}
		}
	}
	return a
}
