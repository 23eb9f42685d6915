package report

// Events and reasons of Stalwart's log, read in its source at d72608f3; those that a mail program sees too stand with its answers.

var stalwartEvents = SourceLine{"Stalwart, events", "https://stalw.art/docs/telemetry/events"}

// hiddenEvent is why an empty log proves nothing.
const hiddenEvent = "It is below the level that is logged by default: an empty log proves nothing."

const raiseLevel = "Have the mail admin raise the level of that one event (EventTracingLevel), not of the whole server."

var stalwartEventTerms = []*term{
	stalwartEvent("auth.failed", &term{means: "A login was refused because of the name, the password or the app password. The reason stands in the line, and counts for the ban of the address.",
		tells: lines{hiddenEvent, "Explain the words behind \"reason\"."}, do: lines{raiseLevel}, doNot: lines{notAlone}}),
	stalwartEvent("auth.error", &term{means: "The login failed by an error of the server or its data, a group's name for instance.", tells: lines{"The reason in the line says which."}, do: lines{readLog}, doNot: lines{notAlone}}),
	stalwartEvent("auth.mfa-required", &term{means: "The password was right and the second factor is missing.", causes: lines{"app-password-needed"}, tells: lines{hiddenEvent}, do: lines{newAppPassword}, doNot: lines{noReset}}, "auth.missing-totp"),
	stalwartEvent("auth.warning", &term{means: "The login went on with a doubt; \"No domain in username\" means that the default domain was put behind a short name, perhaps the wrong one.", tells: lines{hiddenEvent, "See whether the user's mail domain is the default one."}, do: lines{wholeAddress}, doNot: lines{notAtFault}}, "no domain in username"),
	stalwartEvent("auth.success", &term{means: "A login was accepted. A permission, or an address, may still stop it afterwards.", tells: lines{"Look for a security event right behind it."}, do: lines{anotherCause}, doNot: lines{noReset}}),
	stalwartEvent("auth.token-expired", &term{means: "A token of the sign-in window is past its time. It is neither the password nor an app password.", tells: lines{"A mail program with a stored password is not hit."}, do: lines{"Have the user sign in anew."}, doNot: lines{notAtFault}}),
	stalwartEvent("limit.concurrent-connection", &term{means: "A listener holds as many connections as it may: new ones are taken and closed at once, as from a banned address.", tells: lines{othersToo, "No blocked address covers the user's."},
		do: lines{"Have the mail admin look who holds the connections."}, doNot: lines{notChecked}}),
	stalwartEvent("limit.too-many-requests", &term{means: "Too many HTTP requests of one address or account within a minute.", tells: lines{"The answer's Retry-After says how long to wait."}, do: lines{waitThenOnce}, doNot: lines{notChecked}}),
	stalwartEvent("limit.quota", &term{means: "The account is over its quota: that stops storing mail, not the login.", tells: lines{"Reading still works."}, do: lines{anotherCause}, doNot: lines{notAtFault}}),
	stalwartEvent("imap.error", &term{means: "An IMAP command failed; with LOGIN on the clear port the connection lacks TLS.", tells: lines{hiddenEvent, "The details in the line say which."}, do: lines{useTLS}, doNot: lines{notChecked}}),
	stalwartEvent("network.bind-error", &term{means: "A listener could not take its port: another program has it. Nobody can connect there.", causes: lines{"mail-server-unreachable"}, tells: lines{"Connections are refused on that port alone."}, do: lines{"Have the mail admin free the port, then restart the server."}, doNot: lines{notChecked}}),
	stalwartEvent("tls.no-certificates-available", &term{means: "The server has no certificate for the name that was asked for, and shows one that it signed itself.", causes: lines{"mail-certificate"}, doNot: lines{noAccept}}),
}

func stalwartEvent(name string, t *term, others ...string) *term {
	t.within = append(others, name)
	t.sources = []SourceLine{stalwartCode, stalwartEvents}
	return stalwart("the event "+name, t)
}

var stalwartReasonTerms = []*term{
	reason("account not found", &term{alone: lines{"account not found"}, within: lines{"reason = account not found"}, means: "The domain is this server's, and it has no such account." + likeWrong, causes: lines{"stalwart-account-unknown"}, tells: lines{"Look for the name as an alias, too."}, do: lines{wholeAddress}, doNot: lines{notAtFault}}),
	reason("domain not found", &term{alone: lines{"domain not found"}, within: lines{"reason = domain not found"}, means: "The part behind the @ is no domain of this server. The user's mail program shows that domain in place of a reason.", causes: lines{"stalwart-account-unknown"}, tells: lines{"The domain has to exist on the server even where LDAP has the accounts."},
		do: lines{"Have the user correct the address, or the mail admin make the domain."}, doNot: lines{notAtFault}}),
	reason("the password does not fit", &term{within: lines{"reason = authentication failed"}, means: "The account's own password was tried, and is another one.", causes: lines{"wrong-password", "stalwart-app-password-mangled"}, tells: lines{hiddenEvent}, do: lines{"See whether an app password was meant: cut short, or with a space before it, it is taken for a password."}, doNot: lines{noTries}}),
	reason("the app password does not fit", &term{within: lines{"invalid credential secret", "credential not found for account", "app password authentication failed"}, means: "An app password was tried: its secret is wrong, it was revoked, or it is another account's.",
		causes: lines{"stalwart-app-password-revoked", "stalwart-app-password-mangled"}, tells: lines{"Its number in the line (id) is, or is not, among the account's credentials."}, do: lines{newAppPassword}, doNot: lines{"Do not reset the account's own password: it was not tried."}, sources: []SourceLine{stalwartCode, stalwartApp}}),
	reason("no password at all", &term{within: lines{"password credential not found"}, means: "The account has no password of its own, only app passwords or none.", tells: lines{"The account's credentials have no entry of the type Password."}, do: lines{"Have the mail admin set one."}, doNot: lines{noTries}}),
	reason("logged in with an alias", &term{within: lines{"authenticated using an email alias", "authenticatealias", "authenticatewithalias"}, means: "The password is right, and the address is an alias of an account that may not log in with one." + countsForBan,
		causes: lines{"stalwart-alias-login"}, tells: lines{"The address stands among the account's aliases."}, do: lines{"Have the user log in with the account's first address, or the mail admin allow the alias."}, doNot: lines{noReset}}),
	reason("the recovery administrator's name", &term{within: lines{"fallback admin authentication failed"}, means: "The name is that of the recovery administrator: for it only the password from the server's environment counts, whatever a mailbox of that name has.", tells: lines{"Only this one name is hit."}, do: lines{"Have the mail admin name one of the two otherwise."}, doNot: lines{noTries}}),
	reason("an app password for another's mailbox", &term{within: lines{"app passwords cannot be used for impersonation"}, means: "A login as user%master was tried with an app password; it takes the master's own password alone.", tells: lines{"There is a % in the login name."}, do: lines{"Use the master account's password, or share the mailbox."}, doNot: lines{notAtFault}}),
}

func reason(name string, t *term) *term { return stalwart("reason: "+name, t) }
