package report

// What IMAP servers say. Codes: RFC 5530 §3. Texts: observed on Dovecot 2.3.19, Cyrus 3.6.1 and Courier-IMAP 5.0.13.

var (
	rfc5530       = SourceLine{"RFC 5530 §3, response codes", "https://www.rfc-editor.org/rfc/rfc5530#section-3"}
	dovecotSource = SourceLine{"observed on Dovecot 2.3.19", ""}
	cyrusSource   = SourceLine{"observed on Cyrus 3.6.1", ""}
	courierSource = SourceLine{"observed on Courier-IMAP 5.0.13", ""}
)

const notChecked = "Do not reset the password: it was not checked."

var refusedCauses = []string{"wrong-password", "kerio-account-locked", "ad-account-locked", "od-account-locked", "kerio-account-disabled", "ad-account-disabled",
	"ad-account-expired", "ad-password-expired", "ad-must-change-password", "app-password-needed", "kerio-user-unknown", "ad-smartcard-required"}

var imapCodeTerms = []*term{
	code("UNAVAILABLE", "The server could not check the login: its directory, database or storage is down, or its own bind is refused. Dovecot sends it to everyone where its bind password is stale.",
		[]string{"imap-unavailable", "directory-bind-stale", "directory-bind-account", "directory-unreachable", "directory-certificate"},
		[]string{"See whether others are refused alike, and read the mail server's log at that time."}, []string{notChecked}, "temporary authentication failure", "account is temporarily unavailable"),
	code("AUTHENTICATIONFAILED", "The login is refused, and the server says no more on purpose: a wrong password, an unknown user, a locked, disabled or expired account all read the same.",
		refusedCauses, []string{"Run logindoctor check USER: the account's own state tells them apart."},
		[]string{"Do not reset the password on this alone.", "Do not try further passwords: each one counts towards a lock."}),
	code("AUTHORIZATIONFAILED", "The name and password are right, but this account may not act as the one it asked for (a shared mailbox, a master user).", nil,
		[]string{"Have the mail admin look at who may use that mailbox."}, []string{noReset}),
	code("EXPIRED", "The password, or the account, has expired.", []string{"ad-password-expired", "od-password-expired", "kerio-password-expiry"}, nil, nil, "password expired"),
	code("PRIVACYREQUIRED", "The connection is not encrypted, and the server takes no password over it.", []string{"imap-plaintext-refused"},
		[]string{"Set the mail program to TLS (port 993) or STARTTLS."}, []string{"Do not reset the password because it was refused: it was not checked. It may have crossed the network in the clear, though: then change it."},
		"plaintext authentication not allowed", "plaintext authentication disallowed", "plaintext authentication disabled", "cleartext authentication disallowed", "login is disabled on the clear-text port"),
	code("LOGINDISABLED", "The server offers no LOGIN on this connection, as a rule because it is not encrypted.", []string{"imap-plaintext-refused"},
		[]string{"Set the mail program to TLS (port 993) or STARTTLS."}, []string{notChecked}),
	code("CONTACTADMIN", "Something only an administrator can mend: a login that was switched off, or a directory that fails. The words behind the code say which.",
		[]string{"imap-unavailable", "directory-unreachable", "directory-bind-stale"}, []string{"Read the mail server's log at that time."}, []string{"Do not reset the password."}, "login disabled for this user"),
	code("NOPERM", "The account may not do this. The password was right.", []string{"kerio-access-policy"}, nil, []string{noReset}),
	code("INUSE", "Something is locked by another session. It goes away by itself.", nil, []string{"Wait a little, and close other mail programs on this mailbox."}, []string{noReset}),
	code("SERVERBUG", "The server failed by itself. After an accepted login it means that the mailbox cannot be opened.", []string{"imap-mailbox-unavailable"},
		[]string{"Have the mail admin read the server's log."}, []string{"Do not reset the password."}, "internal error occurred. refer to server log"),
	code("LIMIT", "A limit is reached, as a rule too many connections of one user. The password was right.", []string{"imap-too-many-connections"},
		[]string{"Close mail programs on other devices."}, []string{noReset}, "maximum number of connections from user+ip", "too many simultaneous connections"),
	code("OVERQUOTA", "The mailbox is full. That stops mail, not the login.", []string{"mailbox-full"}, nil, []string{noReset}),
	code("NONEXISTENT", "The mailbox that was to be opened does not exist.", []string{"imap-mailbox-unavailable"}, nil, []string{noReset}, "mailbox does not exist"),
	code("REFERRAL", "The mailbox lives on another server, which the reply names.", []string{"kerio-mailbox-moving"}, []string{"Point the mail program to the server that the reply names."}, []string{noReset}, "use_another_server"),
	code("ALERT", "The words behind it are for the user: read them.", nil, nil, nil),
}

// code is a term for a response code. In brackets it is found anywhere; without, only where it is no word of a language too.
func code(name, means string, causes, do, doNot []string, texts ...string) *term {
	low := fold(name)
	t := &term{heading: "IMAP [" + name + "]", alone: []string{low}, within: append(texts, "["+low), means: means, causes: causes, do: do, doNot: doNot,
		sources: []SourceLine{rfc5530}, vague: name == "ALERT"}
	switch name {
	case "UNAVAILABLE", "EXPIRED", "LIMIT", "REFERRAL", "ALERT", "INUSE", "NOPERM":
	default:
		t.within = append(t.within, low)
	}
	return t
}

var imapTextTerms = []*term{
	{heading: "IMAP: the login is refused without a code", alone: []string{"login failed", "authentication failed", "authentication failure", "login denied"},
		within: []string{"login failed: authentication failure", "no authentication failure", "no login failed.", "authentication failed."}, vague: true,
		means:   "The server refuses the login and says no more: Cyrus and Courier send no codes, and curl shows \"Login denied\" for nearly everything.",
		causes:  refusedCauses,
		tells:   []string{"Run logindoctor check USER: the account's own state tells the causes apart."},
		doNot:   []string{"Do not reset the password on this alone.", "Do not try further passwords: each one counts towards a lock."},
		sources: []SourceLine{cyrusSource, courierSource}},
	{heading: "Cyrus: authorization failure", within: []string{"authorization failure"}, means: "The password was right, and the account was denied this service.", causes: []string{"kerio-access-policy"},
		do: []string{"Have the mail admin look at who is denied the service."}, doNot: []string{noReset}, sources: []SourceLine{cyrusSource}},
	{heading: "Cyrus, Courier: TLS is needed first", within: []string{"login only available under a layer", "encryption needed to use mechanism", "starttls required"},
		means: "The connection is not encrypted, and the server takes no password over it.", causes: []string{"imap-plaintext-refused"},
		do: []string{"Set the mail program to TLS (port 993) or STARTTLS."}, doNot: []string{notChecked}, sources: []SourceLine{cyrusSource, courierSource}},
	{heading: "IMAP: too many connections", within: []string{"too many open connections"}, means: "Too many mail programs are connected for this user. The password was right.",
		causes: []string{"imap-too-many-connections"}, do: []string{"Close mail programs on other devices."}, doNot: []string{noReset}, sources: []SourceLine{cyrusSource}},
	{heading: "Courier: IMAP is switched off for the account", within: []string{"imap access disabled for this account"}, means: "The login is accepted, and then the server ends the connection: the account's option disableimap is set.",
		causes: []string{"imap-login"}, do: []string{"Have the mail admin allow IMAP for the account."}, doNot: []string{noReset}, sources: []SourceLine{courierSource}},
	{heading: "Courier: the mail store is missing", within: []string{"temporary problem, please try again later"}, means: "The server could not open the account's mail store.",
		causes: []string{"imap-unavailable", "imap-mailbox-unavailable"}, do: []string{"Have the mail admin read the server's log."}, doNot: []string{"Do not reset the password."}, sources: []SourceLine{courierSource}},
	{heading: "Dovecot: the login process waits", within: []string{"waiting for authentication process to respond", "auth process broken", "auth process not responding"},
		means:  "Dovecot's own authentication hangs, as a rule on a directory that accepts connections and never answers. Everybody is hit, local users too.",
		causes: []string{"imap-unavailable", "directory-unreachable"}, do: []string{"Have the mail admin see whether the directory answers."}, doNot: []string{notChecked}, sources: []SourceLine{dovecotSource}},
	{heading: "Dovecot: the connection queue is full", within: []string{"connection queue full"}, means: "More clients wait for a login than the server takes.",
		causes: []string{"imap-unavailable"}, do: []string{"Have the mail admin look for what opens so many connections."}, doNot: []string{notChecked}, sources: []SourceLine{dovecotSource}},
	{heading: "Dovecot's log: allow_nets", within: []string{"allow_nets check failed"}, means: "The account may log in from named networks alone, and this address is not in them.",
		do: []string{"Have the mail admin compare the address in the line with the account's networks."}, doNot: []string{noReset}, sources: []SourceLine{dovecotSource}},
	{heading: "Dovecot's log: password mismatch", within: []string{"password mismatch"}, means: "The password did not fit; for a directory Dovecot writes this for every refused bind, without the sub-code.",
		causes: refusedCauses, doNot: []string{"Do not reset the password on this alone where the directory checks it."}, sources: []SourceLine{dovecotSource}},
}
