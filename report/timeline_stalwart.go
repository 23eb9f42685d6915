package report

import (
	"fmt"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// stalwart takes the account's credentials, the bans, and what the log says of them.
func (t *events) stalwart(s *probes.Snapshot) {
	if w := s.Stalwart; w != nil && w.Blocked.OK() {
		t.bans(w.Blocked)
	}
	if a := s.Account.Stalwart; a != nil && a.User.OK() {
		for i := range a.User.Value.Credentials {
			t.credential(&a.User.Value.Credentials[i], a.User.Source)
		}
	}
	t.stalwartLines(s)
}

func (t *events) credential(c *probes.StalwartCredential, source string) {
	switch c.Kind {
	case probes.StalwartPassword:
		t.add(EventPasswordExpires, c.ExpiresAt, source, "Stalwart: the account's own password expires")
	case probes.StalwartAppPassword:
		t.add(EventAppPasswordMade, c.CreatedAt, source, "Stalwart: "+appPassword(c)+" made")
		t.add(EventAppPasswordExpires, c.ExpiresAt, source, "Stalwart: "+appPassword(c)+" expires")
	}
}

// appPassword is one as its owner knows it.
func appPassword(c *probes.StalwartCredential) string {
	if c.Description != "" {
		return fmt.Sprintf("app password %q", c.Description)
	}
	return "app password " + c.ID
}

// bans are the rows that cover an address of this case.
func (t *events) bans(o *probes.Observation[probes.StalwartAddresses]) {
	for _, r := range o.Value.Rows {
		what := "Stalwart: ban of " + string(r.Mask) + " (" + r.Reason.String() + ")"
		if r.ExpiresAt.IsZero() {
			what += ", without an end"
		}
		t.add(EventBlocked, r.CreatedAt, o.Source, what)
		t.add(EventBlockEnds, r.ExpiresAt, o.Source, "Stalwart: the ban of "+string(r.Mask)+" ends")
	}
}

// stalwartLogs are those that could be read: of the account first.
func stalwartLogs(s *probes.Snapshot) (logs []*probes.Observation[probes.StalwartLog]) {
	var all []*probes.Observation[probes.StalwartLog]
	if a := s.Account.Stalwart; a != nil {
		all = append(all, a.Log, a.Bans)
	}
	if w := s.Stalwart; w != nil {
		all = append(all, w.AddressLog, w.DirectoryLog)
	}
	for _, log := range all {
		if log.OK() {
			logs = append(logs, log)
		}
	}
	return logs
}

// stalwartLines takes the log's lines, each of them once: a ban may be found by three searches.
func (t *events) stalwartLines(s *probes.Snapshot) {
	type line struct {
		at                       time.Time
		event, address, listener string
	}
	seen := map[line]bool{}
	for _, log := range stalwartLogs(s) {
		// Two lines of one search are two, however much they look alike.
		var these []line
		for _, e := range log.Value.Events {
			l := line{e.At, e.Event, e.Address, e.Listener}
			if seen[l] || e.Ours { // it stands there as this run's attempt
				continue
			}
			these = append(these, l)
			kind, what := stalwartHappened(e)
			if c := credentialOf(s, e); c != nil {
				what += ", " + appPassword(c)
			}
			t.repeated(kind, e.At, log.Source, "Stalwart: "+what)
		}
		for _, l := range these {
			seen[l] = true
		}
	}
}

// credentialOf is the app password that a line names; nil where it names none of the account's.
func credentialOf(s *probes.Snapshot, e probes.StalwartLogEvent) *probes.StalwartCredential {
	a := s.Account.Stalwart
	if a == nil || !a.User.OK() || e.CredentialID == "" {
		return nil
	}
	if c := a.User.Value.Credential(e.CredentialID); c != nil && c.Kind == probes.StalwartAppPassword {
		return c
	}
	return nil
}

// stalwartWhat is what a line of Stalwart's log reports.
var stalwartWhat = map[probes.StalwartLogKind]struct {
	kind EventKind
	what string
}{
	probes.StalwartLogFailed:         {EventFailure, "login refused"},
	probes.StalwartLogSuccess:        {EventLogin, "logged in"},
	probes.StalwartLogExpired:        {EventFailure, "the credential had expired"},
	probes.StalwartLogMFA:            {EventFailure, "the password was right, the second factor was missing"},
	probes.StalwartLogError:          {EventFailure, "the login ended in an error of the server"},
	probes.StalwartLogTooMany:        {EventFailure, "too many failures on one connection"},
	probes.StalwartLogIPUnauthorized: {EventFailure, "the credential may not be used from its address"},
	probes.StalwartLogUnauthorized:   {EventFailure, "a permission was missing"},
	probes.StalwartLogBanned:         {EventBlocked, "a failure had its address banned"},
	probes.StalwartLogBlocked:        {EventBlocked, "turned away: the address is banned"},
	probes.StalwartLogLDAP:           {EventLog, "its directory failed"},
	probes.StalwartLogPool:           {EventLog, "no connection to its directory was to be had"},
	probes.StalwartLogConcurrent:     {EventLog, "too many sessions at once"},
}

func stalwartHappened(e probes.StalwartLogEvent) (EventKind, string) {
	known, ok := stalwartWhat[e.Kind]
	if !ok {
		known.kind, known.what = EventLog, e.Event
	}
	what := []string{known.what}
	if e.Kind == probes.StalwartLogUnauthorized && e.Details != "" {
		what = append(what, "("+e.Details+")")
	}
	if e.Code != 0 {
		what = append(what, fmt.Sprintf("(code %d)", e.Code))
	}
	if e.Listener != "" {
		what = append(what, "at "+e.Listener)
	}
	if e.Address != "" {
		what = append(what, "from "+e.Address)
	}
	return known.kind, strings.Join(what, " ")
}
