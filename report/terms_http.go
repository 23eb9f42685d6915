package report

// Answers over HTTP and SMTP. Stalwart's words were read in its source at d72608f3.

var (
	rfc4954 = SourceLine{"RFC 4954 §6, SMTP AUTH", "https://www.rfc-editor.org/rfc/rfc4954#section-6"}
	rfc3207 = SourceLine{"RFC 3207 §4, SMTP over TLS", "https://www.rfc-editor.org/rfc/rfc3207#section-4"}
)

var stalwartHTTPTerms = []*term{
	status("401", "the login is refused", &term{means: "No login was sent, or it is refused. Stalwart leaves the header WWW-Authenticate out where the reason is an app password or key past its date.",
		causes: lines{"wrong-password", "stalwart-app-password-revoked", "stalwart-app-password-expired", "stalwart-app-password-as-bearer"}, tells: lines{"Without a login in the request Stalwart answers 200, with a session of nobody: that proves nothing.", "A server may go on taking a password that it took before, for up to an hour."}, do: lines{checkUser}, doNot: lines{notAlone, noProbing}}, "you have to authenticate first", "realm stalwart server"),
	status("402", "the second factor is missing", &term{means: "The password is right; a code, or an app password, is needed.", causes: lines{"app-password-needed"}, tells: lines{"Stalwart answers so; another server means money by it."}, do: lines{newAppPassword}, doNot: lines{noReset}}),
	status("403", "forbidden", &term{means: "Who asks is known and may not: a permission is missing, the address is not among those allowed for the credential, or the address is blocked. Where Stalwart's detail is the word Forbidden alone, it is the block.", alone: lines{"forbidden"},
		causes: lines{"stalwart-login-not-permitted", "stalwart-app-password-address", "stalwart-ip-banned"}, tells: lines{seeRights, seeAddress, seeBlocked}, do: lines{readLog}, doNot: lines{notAtFault}}, "not have enough permissions to access this resource"),
	status("429", "too many attempts or requests", &term{means: "\"Too Many Authentication Attempts\" means that the address is banned now, \"Too Many Requests\" that it has to wait.", causes: lines{"stalwart-ip-banned"}, tells: lines{wordsTell}, do: lines{seeBlocked, waitThenOnce}, doNot: lines{noProbing}}, "your request has been rate limited", "too many requests"),
	status("500", "the server failed", &term{means: "The server could not look: Stalwart says so where its directory or store fails.", causes: lines{"directory-unreachable", "directory-bind-stale"}, tells: lines{othersToo}, do: lines{seeDirectory, readLog}, doNot: lines{notChecked}}, "500 internal server error"),
}

func status(code, name string, t *term, texts ...string) *term {
	t.heading = "HTTP " + code + ": " + name
	t.alone = append(lines{code}, t.alone...)
	t.within = append(texts, "http "+code, "status "+code, "status code "+code, "http/1.1 "+code, "http/2 "+code, "http status "+code, "returned error "+code)
	t.weight = coded
	t.sources = []SourceLine{stalwartCode}
	return t
}

var smtpTerms = []*term{
	smtp("535", "5.7.8", "the login is refused", &term{means: "The name or the password is refused, without a reason.", causes: refusedCauses, tells: lines{checkUser, "IMAP with the same password tells whether it is SMTP alone."}, do: lines{readLog}, doNot: lines{notAlone, noTries}}, "authentication credentials invalid"),
	smtp("454", "4.7.0", "the login could not be checked", &term{means: "A passing failure of the server. Stalwart says so too where an app password is past its date, and for a group's name.", causes: uncheckedCauses, tells: lines{othersToo, seeExpiry}, do: lines{seeDirectory}, doNot: lines{notChecked}}),
	smtp("530", "5.7.0", "a login, or TLS, comes first", &term{means: "The server wants a login, or STARTTLS, before the command that was sent.", tells: lines{"\"Must issue a STARTTLS command first\" beside it means TLS."}, do: lines{"Set the mail program to log in for sending, over TLS."}, doNot: lines{notChecked}, sources: []SourceLine{rfc4954, rfc3207}}, "must issue a starttls command first"),
	smtp("550", "5.7.1", "the account may not send", &term{means: "Stalwart: the password is right, and the account lacks the permission emailSend or authenticate, or its password is past its date. Elsewhere 550 means that a mail was refused, and no login.", causes: lines{"stalwart-login-not-permitted", "stalwart-password-expired"}, tells: lines{seeRights, seeExpiry}, do: lines{"Have the mail admin look at the account's permissions."}, doNot: lines{noReset}, sources: []SourceLine{stalwartCode, stalwartRight}}),
	smtp("455", "4.3.0", "too many failed logins on one connection", &term{means: "The connection is closed after several failed logins. The next one is free again.", tells: lines{"A new connection gets a greeting."}, do: lines{findDevice}, doNot: lines{noProbing}}),
	smtp("503", "5.5.1", "AUTH is not allowed here", &term{means: "The port takes no logins, as 25 does, or takes them only over TLS.", tells: lines{"Port 465 or 587 takes the login."}, do: lines{"Set the mail program to port 465, or to 587 with STARTTLS."}, doNot: lines{notChecked}}, "auth not allowed"),
	smtp("334", "5.7.8", "a second factor is asked for", &term{means: "Stalwart: the password was right and the account has a second factor; SMTP needs an app password.", causes: lines{"app-password-needed"}, tells: lines{"334 without 5.7.8 is an ordinary step of a login."}, do: lines{newAppPassword}, doNot: lines{noReset}}),
}

func smtp(code, enhanced, name string, t *term, texts ...string) *term {
	t.heading = "SMTP " + code + " " + enhanced + ": " + name
	t.alone = lines{code}
	t.within = append(texts, code+" "+enhanced, "smtp "+code)
	if t.sources == nil {
		t.sources = []SourceLine{rfc4954, stalwartCode}
	}
	return t
}
