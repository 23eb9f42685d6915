package report

// What Dovecot says besides response codes, in its answers, its log and doveadm auth test.

var (
	dovecotSource = SourceLine{"observed on Dovecot 2.3.19", ""}
	penaltySource = SourceLine{"Dovecot, authentication penalty", "https://doc.dovecot.org/main/core/config/auth/penalty.html"}
	reasonSource  = SourceLine{"Dovecot, reasons of login events", "https://github.com/dovecot/documentation/blob/main/data/events.js"}
)

var dovecotTerms = []*term{
	{heading: "Dovecot: the login process waits", within: lines{"waiting for authentication process to respond", "auth process broken", "auth process not responding", "timed out after 200 secs"},
		means:  "Dovecot's own authentication hangs, as a rule on a directory that accepts connections and never answers. Everybody is hit, local users too.",
		causes: lines{"imap-unavailable", "directory-unreachable"}, tells: lines{"Even the greeting comes late."}, do: lines{seeDirectory}, doNot: lines{notChecked}, sources: []SourceLine{dovecotSource}},
	{heading: "Dovecot: the connection queue is full", within: lines{"connection queue full", "client_limit … reached"}, means: "More clients wait for a login than the server takes; the oldest are turned away.",
		causes: lines{"imap-unavailable"}, tells: lines{othersToo}, do: lines{"Have the mail admin look for what opens so many connections."}, doNot: lines{notChecked}, sources: []SourceLine{dovecotSource}},
	{heading: "Dovecot's log: process_limit reached", within: lines{"process_limit … reached", "client connections are being dropped"}, means: "The server runs as many sessions as it may: it takes the password, then closes the connection without a word.",
		causes: lines{"imap-unavailable"}, tells: lines{"Mail programs see a connection that ends behind the login."}, do: lines{"Have the mail admin raise the limit, or find who holds the sessions."}, doNot: lines{noReset}, sources: []SourceLine{dovecotSource}},
	{heading: "Dovecot's log: binding failed", within: lines{"binding failed (dn", "ldap: binding failed"}, means: "The mail server's own account could not bind to the directory: all users of the directory are refused with UNAVAILABLE. The words behind it are the directory's.",
		causes: lines{"directory-bind-stale", "directory-bind-account", "ad-strong-auth-required"}, tells: lines{"Explain the sub-code or result in the same line: it is that account's, not the user's."},
		do: lines{seeDirectory}, doNot: lines{notChecked}, sources: []SourceLine{dovecotSource}},
	{heading: "Dovecot's log: no connection to the directory", within: lines{"not connected to ldap server", "can't connect to server: ldap", "can't connect to server: ldaps"}, means: "The mail server does not reach the directory, or does not trust its certificate: both read so.",
		causes: lines{"directory-unreachable", "directory-certificate", "directory-bind-stale"}, tells: lines{"A refused port fails within 2 seconds, a stale bind after 5 to 6."}, do: lines{seeDirectory}, doNot: lines{notChecked}, sources: []SourceLine{dovecotSource}},
	{heading: "Dovecot's log: allow_nets", within: lines{"allow_nets check failed"}, means: "The account may log in from named networks alone, and this address is not in them." + likeWrong,
		tells: lines{otherPlace}, do: lines{"Have the mail admin compare the address in the line with the account's networks."}, doNot: lines{notAtFault}, sources: []SourceLine{dovecotSource}},
	{heading: "Dovecot's log: password mismatch", within: lines{"password mismatch"}, means: "The password did not fit; for a directory Dovecot writes this for every refused bind, a locked and a disabled account's too, without the sub-code.",
		causes: boundCauses, tells: lines{checkUser}, do: lines{"Have the domain controller's log read, which has the reason."}, doNot: lines{notAlone}, sources: []SourceLine{dovecotSource}},
	{heading: "Dovecot's log: unknown user", alone: lines{"unknown user"}, within: lines{"unknown user", "user_unknown"}, means: "No place that Dovecot asks knows the name." + likeWrong,
		causes: lines{"ad-user-unknown", "od-user-unknown"}, tells: lines{"Compare the name in the line with the account's names in the directory."}, do: lines{wholeAddress}, doNot: lines{notAtFault}, sources: []SourceLine{dovecotSource}},
	{heading: "Dovecot: the login is switched off", within: lines{"login disabled for this user", "account_suspended_by_admin", "login_disabled"}, means: "An administrator switched the login off (nologin); a reason of the administrator's own may stand in place of Dovecot's words. It is said only to the right password.",
		tells: lines{"The answer comes at once; a wrong password waits about 2 seconds."}, do: lines{"Have the mail admin say why, and switch it on again."}, doNot: lines{noReset}, sources: []SourceLine{dovecotSource, reasonSource}},
	{heading: "Dovecot's log: user disabled", within: lines{"(user disabled)", "user_disabled"}, means: "The name is on Dovecot's list of denied users, or the place it asks says that the account is off." + likeWrong,
		tells: lines{"doveadm auth test says code=user_disabled."}, do: lines{"Have the mail admin look for the name on the list, and ask who put it there."}, doNot: lines{notAtFault}, sources: []SourceLine{dovecotSource, reasonSource}},
	{heading: "Dovecot's log: the proxy does not connect", within: lines{"proxy … connect failed"}, means: "The server that has this user's mailbox does not answer the one that the user connects to.",
		causes: lines{"imap-unavailable"}, tells: lines{"Users of other back ends get in."}, do: lines{"Have the mail admin see to the server that the line names."}, doNot: lines{notChecked}, sources: []SourceLine{dovecotSource}},
	{heading: "Dovecot's log: the mail store", within: lines{"stat … failed: permission denied"}, means: "The login was accepted, and the mail store cannot be opened: a right, a missing disk.",
		causes: lines{"imap-mailbox-unavailable"}, do: lines{"Have the mail admin look at owner, rights and free space of the path in the line."}, doNot: lines{noReset}, sources: []SourceLine{dovecotSource}},
	{heading: "doveadm auth test: code=temp_fail", alone: lines{"temp_fail"}, within: lines{"temp_fail"}, means: "Dovecot could not ask the place that knows the password.",
		causes: uncheckedCauses, tells: lines{othersToo}, do: lines{seeDirectory}, doNot: lines{notChecked}, sources: []SourceLine{dovecotSource}},
	{heading: "doveadm auth test: failed", within: lines{"passdb … auth failed"}, weight: vague, means: "The login is refused. Without a code= beside it that is a wrong password, an unknown user, or a directory's refusal of any kind, a lock too.",
		causes: boundCauses, tells: lines{checkUser}, do: lines{"Count the test: it is one attempt."}, doNot: lines{notAlone, noTries}, sources: []SourceLine{dovecotSource}},
	{heading: "doveadm auth test: succeeded", within: lines{"passdb … auth succeeded"}, weight: vague, means: "The password is right. The login may still be off: with nologin the test ends well too.",
		tells: lines{"Look for nologin among the extra fields."}, do: lines{anotherCause}, doNot: lines{noReset}, sources: []SourceLine{dovecotSource}},
	{heading: "Dovecot: the penalty", alone: lines{"auth penalty"}, within: lines{"doveadm penalty", "auth_penalty", "authentication penalty"}, means: "After failed logins from an address every login from there waits, up to 15 seconds, the right password too. It is no lock.",
		tells: lines{otherPlace}, do: lines{findDevice, "Give the mail program a time limit of more than 20 seconds."}, doNot: lines{notAtFault}, sources: []SourceLine{dovecotSource, penaltySource}},
}
