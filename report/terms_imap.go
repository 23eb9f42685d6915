package report

// What IMAP and POP3 servers say. Codes: RFC 5530 §3, RFC 9051 §7.1, RFC 2221, RFC 3206. Texts: observed on Dovecot 2.3.19,
// Cyrus 3.6.1 and Courier-IMAP 5.0.13.

var (
	rfc5530       = SourceLine{"RFC 5530 §3, response codes", "https://www.rfc-editor.org/rfc/rfc5530#section-3"}
	rfc9051       = SourceLine{"RFC 9051 §7.1, response codes", "https://www.rfc-editor.org/rfc/rfc9051#section-7.1"}
	rfc3206       = SourceLine{"RFC 3206, SYS and AUTH", "https://www.rfc-editor.org/rfc/rfc3206"}
	cyrusSource   = SourceLine{"observed on Cyrus 3.6.1", ""}
	courierSource = SourceLine{"observed on Courier-IMAP 5.0.13", ""}
)

var imapCodeTerms = []*term{
	code("UNAVAILABLE", &term{means: "The server could not check the login: its directory, database or storage is down, or its own bind is refused. Dovecot sends it to everyone where its bind password is stale, to a wrong password and to an unknown name too.",
		causes: uncheckedCauses, tells: lines{othersToo}, do: lines{seeDirectory, readLog}, doNot: lines{notChecked}},
		"temporary authentication failure", "account is temporarily unavailable", "internal_failure", "auth_process_comm_fail"),
	code("AUTHENTICATIONFAILED", &term{means: "The login is refused, and the server says no more on purpose: a wrong password, an unknown user, a locked, disabled or expired account all read the same.",
		causes: refusedCauses, tells: lines{checkUser}, do: lines{readLog}, doNot: lines{notAlone, noTries}}),
	code("AUTHORIZATIONFAILED", &term{means: "The name and password are right, but this account may not act as the one it asked for (a shared mailbox, a master user).",
		tells: lines{"The same account logs in where it does not ask to be another."}, do: lines{"Have the mail admin look at who may use that mailbox."}, doNot: lines{noReset}}, "authorization_failed"),
	code("EXPIRED", &term{means: "The password, or the account, has expired. Dovecot says so only where the place it asks does: an Active Directory behind it reads as a wrong password.",
		causes: lines{"ad-password-expired", "od-password-expired", "kerio-password-expiry"}, tells: lines{checkUser}, do: lines{"Have the user change the password where that can be done; IMAP cannot."}, doNot: lines{noTries}},
		"password expired", "password_expired", "pass_expired"),
	code("PRIVACYREQUIRED", &term{means: "The connection is not encrypted, and the server takes no password over it.", causes: lines{"imap-plaintext-refused"},
		tells: lines{"Over TLS the same account works."}, do: lines{useTLS}, doNot: lines{"Do not reset the password because it was refused: it was not checked. It may have crossed the network in the clear, though: then change it."}},
		"plaintext authentication not allowed", "plaintext authentication disallowed", "plaintext authentication disabled", "cleartext authentication disallowed", "cleartext authentication not allowed", "cleartext_auth_disabled",
		"login is disabled on the clear-text port"),
	code("LOGINDISABLED", &term{means: "The server offers no LOGIN on this connection, as a rule because it is not encrypted. In Cyrus' answer to a login that was accepted it means nothing.", causes: lines{"imap-plaintext-refused"},
		tells: lines{"It stands among the capabilities before the login, on port 143."}, do: lines{useTLS}, doNot: lines{notChecked}, weight: vague, sources: []SourceLine{{"RFC 9051 §6.2.3, LOGINDISABLED", "https://www.rfc-editor.org/rfc/rfc9051#section-6.2.3"}, cyrusSource}}),
	code("CONTACTADMIN", &term{means: "Something only an administrator can mend: a login that was switched off, or a directory or database that fails.",
		causes: uncheckedCauses, tells: lines{wordsTell, othersToo}, do: lines{readLog}, doNot: lines{notChecked}}),
	code("NOPERM", &term{means: "The account may not do this." + wasRight, tells: lines{wordsTell},
		do: lines{"Have the mail admin look at what the account may use."}, doNot: lines{noReset}}),
	code("INUSE", &term{means: "Something is locked by another session. It goes away by itself, and is no lock of the account.", tells: lines{"It works once the other programs are closed."},
		do: lines{closePrograms, waitThenOnce}, doNot: lines{noReset}}, "in-use"),
	code("EXPUNGEISSUED", &term{means: "Another session deleted messages meanwhile." + noMatter, tells: lines{"The mail program goes on working."}, do: lines{anotherCause}, doNot: lines{leaveAccount}}),
	code("CORRUPTION", &term{means: "The server found its own data damaged, an index or a mailbox. After an accepted login it is no matter of the password.", causes: lines{"imap-mailbox-unavailable"},
		tells: lines{"See whether it is one folder or all."}, do: lines{"Have the mail admin rebuild the index, or bring the mailbox back."}, doNot: lines{noReset}}),
	code("SERVERBUG", &term{means: "The server failed by itself. After an accepted login it means that the mailbox cannot be opened.", causes: lines{"imap-mailbox-unavailable"},
		do: lines{readLog}, doNot: lines{noReset}}, "internal error occurred. refer to server log"),
	code("CLIENTBUG", &term{means: "The mail program did something that makes no sense to the server.", tells: lines{"Another mail program works with the same account."}, do: lines{"Bring the mail program up to date, or set the account up anew in it."}, doNot: lines{leaveAccount}}),
	code("CANNOT", &term{means: "The server cannot do this at all, whoever asks: a name that it does not allow, for instance.", tells: lines{"Every account gets the same."}, do: lines{anotherCause}, doNot: lines{leaveAccount}}),
	code("LIMIT", &term{means: "A limit is reached, as a rule too many connections of one user." + wasRight, causes: lines{"imap-too-many-connections"},
		do: lines{closePrograms}, doNot: lines{noReset}}, "maximum number of connections from user+ip", "too many simultaneous connections", "mail_max_userip_connections", "connection_limit"),
	code("OVERQUOTA", &term{means: "The mailbox is full. That stops mail, not the login.", causes: lines{"mailbox-full"}, tells: lines{"Reading works, and storing does not."},
		do: lines{"Have the user empty the trash and the sent mail, or the mail admin raise the quota.", anotherCause}, doNot: lines{noReset}}),
	code("ALREADYEXISTS", &term{means: "What was to be made exists." + noMatter, tells: lines{"It comes after an accepted login."}, do: lines{anotherCause}, doNot: lines{leaveAccount}}),
	code("NONEXISTENT", &term{means: "The mailbox that was to be opened does not exist, after a login that was accepted.", causes: lines{"imap-mailbox-unavailable"}, do: lines{"Have the mail admin make the mailbox, or say why it is missing."}, doNot: lines{noReset}}, "mailbox does not exist"),
	code("REFERRAL", &term{means: "The mailbox lives on another server, which the reply names.", tells: lines{"The server's name stands behind imap:// in the reply."},
		do: lines{"Point the mail program to the server that the reply names."}, doNot: lines{noReset}, sources: []SourceLine{{"RFC 2221, login referrals", "https://www.rfc-editor.org/rfc/rfc2221"}}}, "use_another_server"),
	code("ALERT", &term{means: "The words behind it are for the user.", tells: lines{wordsTell}, do: lines{"Read them to the user, and do what they ask."}, doNot: lines{notAlone}, weight: vague, sources: []SourceLine{rfc9051}}),
	{heading: "IMAP: codes that say nothing of a login", alone: lines{"BADCHARSET", "PARSE", "PERMANENTFLAGS", "READ-ONLY", "READ-WRITE", "TRYCREATE", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "UIDNOTSTICKY", "APPENDUID", "COPYUID", "HASCHILDREN", "CLOSED", "UNKNOWN-CTE", "CAPABILITY"},
		within: lines{"[badcharset", "[parse", "[permanentflags", "[read-only", "[read-write", "[trycreate", "[uidnext", "[uidvalidity", "[unseen", "[uidnotsticky", "[appenduid", "[copyuid", "[haschildren", "[closed", "[unknown-cte"},
		weight: vague, means: "The code tells a mail program about a folder, a message or the server.", tells: lines{"What comes with it after a login means that the login was accepted."}, do: lines{anotherCause}, doNot: lines{leaveAccount}, sources: []SourceLine{rfc9051}},
	{heading: "POP3 [AUTH]", within: lines{"[auth"}, weight: coded, means: "The login is refused because of the user: the name, the password, or the state of the account. The server says no more.",
		causes: refusedCauses, tells: lines{checkUser}, do: lines{readLog}, doNot: lines{notAlone, noTries}, sources: []SourceLine{rfc3206}},
	{heading: "POP3 [SYS/TEMP], [SYS/PERM]", alone: lines{"sys/temp", "sys/perm"}, within: lines{"[sys/temp", "[sys/perm"}, weight: telling, means: "The server itself failed, for a while (TEMP) or until somebody mends it (PERM).",
		causes: uncheckedCauses, tells: lines{othersToo}, do: lines{seeDirectory, readLog}, doNot: lines{notChecked}, sources: []SourceLine{rfc3206}},
}

// code is a term for a response code. In brackets it is found anywhere; without, only where it is no word of a language too.
func code(name string, t *term, texts ...string) *term {
	t.heading = "IMAP [" + name + "]"
	t.alone = lines{name}
	t.within = append(texts, "["+name)
	if t.weight != vague {
		t.weight = coded
	}
	switch name {
	case "UNAVAILABLE", "EXPIRED", "LIMIT", "REFERRAL", "ALERT", "INUSE", "NOPERM", "CORRUPTION", "CANNOT", "NONEXISTENT":
	default:
		t.within = append(t.within, name)
	}
	if t.sources == nil {
		t.sources = []SourceLine{rfc5530}
	}
	return t
}

var imapTextTerms = []*term{
	{heading: "IMAP: the login is accepted", within: lines{"ok logged in", "ok [capability …… logged in", "user logged in sessionid", "ok login ok"}, weight: vague,
		means: "The name and the password are right, and the account may use IMAP.", tells: lines{"What comes after it counts: a mailbox that cannot be opened, or BYE."},
		do: lines{"Look at the settings of the program that fails: name, server, port, TLS."}, doNot: lines{noReset}, sources: []SourceLine{dovecotSource, cyrusSource, courierSource}},
	{heading: "IMAP: the login is refused without a code", alone: lines{"login failed", "authentication failed", "authentication failure", "login denied", "login incorrect"},
		within: lines{"login failed: authentication failure", "no authentication failure", "no login failed", "authentication failed", "curl: (67)"}, weight: vague,
		means:  "The server refuses the login and says no more: Cyrus and Courier send no codes, and curl shows \"Login denied\" for nearly everything, a limit, a missing TLS and a stale bind among them.",
		causes: refusedCauses, tells: lines{checkUser, "curl -v shows the server's own words."}, do: lines{readLog}, doNot: lines{notAlone, noTries}, sources: []SourceLine{cyrusSource, courierSource}},
	{heading: "IMAP: TLS is about to begin", within: lines{"begin tls negotiation now", "begin ssl/tls negotiation now"}, weight: vague, means: "The answer to STARTTLS. Where the connection ends right behind it the server could not read its certificate.",
		causes: lines{"mail-certificate"}, do: lines{readLog}, doNot: lines{keepTLS, notChecked}, sources: []SourceLine{dovecotSource, courierSource}},
	{heading: "Cyrus: authorization failure", within: lines{"authorization failure"}, means: "The password was right, and the account was denied this service.",
		tells: lines{"Another service still takes the same password."}, do: lines{"Have the mail admin look at who is denied the service."}, doNot: lines{noReset}, sources: []SourceLine{cyrusSource}},
	{heading: "Cyrus, Courier: TLS is needed first", within: lines{"login only available under a layer", "encryption needed to use mechanism", "starttls required"},
		means: "Without encryption the server takes no login.", causes: lines{"imap-plaintext-refused"}, do: lines{useTLS}, doNot: lines{notChecked}, sources: []SourceLine{cyrusSource, courierSource}},
	{heading: "IMAP: too many connections", alone: lines{"too many connections"}, within: lines{"too many open connections"}, means: "Too many mail programs are connected for this user; that is said only where the password is right.",
		causes: lines{"imap-too-many-connections"}, do: lines{closePrograms}, doNot: lines{noReset}, sources: []SourceLine{cyrusSource}},
	{heading: "Courier: IMAP is switched off for the account", within: lines{"imap access disabled for this account"}, means: "The login is accepted, and then the server ends the connection: the account's option disableimap is set.",
		causes: lines{"imap-login"}, tells: lines{"\"LOGIN Ok\" comes before it; another service still works."}, do: lines{"Have the mail admin allow IMAP for the account."}, doNot: lines{noReset}, sources: []SourceLine{courierSource}},
	{heading: "Courier: the mail store is missing", within: lines{"temporary problem, please try again later"}, means: "The server could not open the account's mail store.",
		causes: lines{"imap-unavailable", "imap-mailbox-unavailable"}, tells: lines{othersToo}, do: lines{readLog}, doNot: lines{noReset}, sources: []SourceLine{courierSource}},
}
