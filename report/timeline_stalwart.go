package report

import (
	"fmt"
	"strings"
	"time"

	"logindoctor.example/probes"
)

// stalwart takes the account's credentials, the bans, and what the log says of them.
func (t *events) stalwart(s *probes.Snapshot) {
	var user *probes.Observation[probes.StalwartUser]
	var logs []*probes.Observation[probes.StalwartLog]
	if a := s.Account.Stalwart; a != nil {
		user = a.User
		logs = append(logs, a.Log, a.Bans)
	}
	if w := s.Stalwart; w != nil {
		logs = append(logs, w.AddressLog, w.DirectoryLog)
		if w.Blocked.OK() {
			t.bans(w.Blocked)
		}
	}
	if user.OK() {
		for i := range user.Value.Credentials {
			t.credential(&user.Value.Credentials[i], user.Source)
		}
	}
	t.stalwartLogs(logs, user)
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

// stalwartLogs takes the lines, each of them once: a ban may stand in three searches.
func (t *events) stalwartLogs(logs []*probes.Observation[probes.StalwartLog], user *probes.Observation[probes.StalwartUser]) {
	type line struct {
		at                       time.Time
		event, address, listener string
	}
	seen := map[line]bool{}
	for _, log := range logs {
		if !log.OK() {
			continue
		}
		// Two lines of one search are two, however much they look alike.
		var these []line
		for _, e := range log.Value.Events {
			l := line{e.At, e.Event, e.Address, e.Listener}
			if seen[l] {
				continue
			}
			these = append(these, l)
			kind, what := stalwartHappened(e)
			if user.OK() && e.CredentialID != "" {
				if c := user.Value.Credential(e.CredentialID); c != nil && c.Kind == probes.StalwartAppPassword {
					what += ", " + appPassword(c)
				}
			}
			t.repeated(kind, e.At, log.Source, "Stalwart: "+what)
		}
		for _, l := range these {
			seen[l] = true
		}
	}
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
