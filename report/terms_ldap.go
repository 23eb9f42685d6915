package report

// What directories say. Results: RFC 4511 appendix A. Texts: observed on Samba 4.17 and OpenLDAP 2.5.

var (
	ldapSource     = SourceLine{"RFC 4511 appendix A, LDAP result codes", "https://www.rfc-editor.org/rfc/rfc4511#appendix-A"}
	odSource       = SourceLine{"Apple's published OpenLDAP source (b8e7dab), back-bdb/bind.c; not observed on a Mac", ""}
	openldapSource = SourceLine{"observed on OpenLDAP 2.5 with ppolicy", ""}
	policySource   = SourceLine{"draft-behera-ldap-password-policy-10", "https://datatracker.ietf.org/doc/html/draft-behera-ldap-password-policy-10"}
)

var ldapTerms = []*term{
	result("49", "0x31", "invalidCredentials", &term{weight: vague, means: "The directory refuses the name or the password. By itself it says no more; Active Directory adds a sub-code (\"data 775\").",
		causes: lines{"wrong-password", "ad-account-locked", "od-account-locked", "ad-account-disabled", "directory-bind-stale", "directory-bind-account"},
		tells:  lines{"Look for \"data\" and three characters in the same line, and explain those.", whoseBind},
		do:     lines{checkUser}, doNot: lines{notAlone}}, "invalid credentials"),
	result("8", "0x8", "strongerAuthRequired", &term{means: "The domain controller refuses binds without TLS or signing." + notLooked, causes: lines{"ad-strong-auth-required"},
		do: lines{bindOverTLS}, doNot: lines{keepDemand, notChecked}}, "stronger(er) authentication required", "strong(er) authentication required", "stronger authentication required", "transport encryption required", "integrity checking if ssl", "00002028"),
	result("1", "0x1", "operationsError", &term{means: "The server did not carry the request out. Active Directory says so to a search before a bind: the reader is not logged in.",
		tells: lines{"\"Operation unavailable without authentication\" beside it means that nobody was bound."}, do: lines{"Give the tool that searches an account of its own to bind with."}, doNot: lines{leaveAccount}},
		"operation unavailable without authentication", "operationserror", "in order to perform this operation a successful bind must be completed"),
	result("2", "0x2", "protocolError", &term{means: "The server does not know the request. ldapwhoami ends so against Samba after a good bind, since Samba lacks \"who am I\": the password was right.",
		tells: lines{"An exit status of 49 means that the bind was refused; 1 and this text that it was accepted."}, do: lines{anotherCause}, doNot: lines{noReset}, sources: []SourceLine{ldapSource, sambaSource}},
		"protocol error", "extended operation(1.3.6.1.4.1.4203.1.11.3) not supported"),
	result("7", "0x7", "authMethodNotSupported", &term{means: "The directory does not offer this way to bind." + notLooked,
		tells: lines{"Every account is refused so, whatever its password."}, do: lines{simpleBind}, doNot: lines{notChecked}}, "authentication method not supported"),
	result("10", "0xa", "referral", &term{means: "The entry lives in another server or domain, which the answer names. The name need not resolve.",
		tells: lines{"See whether the account is in another domain than the base that was searched."}, do: lines{"Compare the base of the mail server's directory settings with where the account is."}, doNot: lines{notChecked}}),
	result("13", "0xd", "confidentialityRequired", &term{means: "The directory takes passwords over TLS alone. It refuses the right one and a wrong one alike.",
		tells: lines{othersToo}, do: lines{bindOverTLS}, doNot: lines{notChecked}}, "confidentiality required", "tls confidentiality required"),
	result("19", "0x13", "constraintViolation", &term{means: "A policy of the directory refuses. Open Directory says so to a right password: \"Account disabled\", \"New password required\" or \"Account Policy Violation\".",
		causes: lines{"od-account-disabled", "od-must-change-password", "od-account-locked", "od-password-expired"}, tells: lines{wordsTell, readPolicy},
		do: lines{"Do what is said about the one that the words name."}, doNot: lines{noReset}, sources: []SourceLine{ldapSource, odSource}},
		"new password required", "account policy violation", "1 account disabled"),
	result("32", "0x20", "noSuchObject", &term{means: "The place that was searched, or the account, does not exist, or the reader may not see it.", causes: lines{"ad-user-unknown", "od-user-unknown"},
		tells: lines{"Read the same place with an administrator's account: found now means that a right is missing."}, do: lines{"Compare the base DN of the profile with the directory."}, doNot: lines{leaveAccount}},
		"no such object", "error retrieving instancetype for base"),
	result("34", "0x22", "invalidDNSyntax", &term{means: "What was sent as a DN is none: the login name was sent where a DN belongs.",
		tells: lines{"It hits everybody who logs in by a name of that form."}, do: lines{"Compare how the mail server forms the bind name with the directory's DNs."}, doNot: lines{notChecked}}, "invalid dn"),
	result("48", "0x30", "inappropriateAuthentication", &term{means: "The account has nothing that this way to log in could be compared with, no password for instance; or a login without a name is refused.",
		tells: lines{readAccount}, do: lines{"Have the directory admin set a first password, or the mail server bind with a name."}, doNot: lines{noTries}}, "inappropriate authentication"),
	result("50", "0x32", "insufficientAccessRights", &term{means: "A right is missing. Open Directory answers so to every failed simple bind of an account that exists: wrong, disabled, locked and expired alike.",
		causes: lines{"wrong-password", "od-account-locked", "od-account-disabled", "od-password-expired"}, tells: lines{readPolicy, "Where a search was refused so, the reader lacks a right, and the user's account is not concerned."},
		do: lines{checkUser}, doNot: lines{notAlone}, sources: []SourceLine{ldapSource, odSource}}, "insufficient access", "insufficientaccess"),
	result("51", "0x33", "busy", &term{means: "The directory is too busy to answer.", causes: lines{"directory-unreachable"}, tells: lines{othersToo}, do: lines{waitThenOnce}, doNot: lines{notChecked}}),
	result("52", "0x34", "unavailable", &term{means: "The directory is shutting down or not ready.", causes: lines{"directory-unreachable"}, tells: lines{othersToo}, do: lines{waitThenOnce}, doNot: lines{notChecked}}),
	result("53", "0x35", "unwillingToPerform", &term{means: "The directory refuses on principle; often to a bind with a name and an empty password.",
		tells: lines{"\"Unauthenticated bind\" beside it means that the password was empty."}, do: lines{"See whether the mail server, or the user, sends an empty password."}, doNot: lines{notChecked}},
		"unauthenticated bind", "server is unwilling"),
}

const readPolicy = "Read the account's password policy in the directory: it tells them apart."

var policyTerms = []*term{
	{heading: "Password policy control: account locked", alone: lines{"3003810101"}, within: lines{"account locked", "accountlocked", "000001010000z"}, means: "The directory's password policy holds a lock on the account. It answers so to the right password too.",
		causes: lines{"od-account-locked", "ad-account-locked"}, tells: lines{"Read pwdAccountLockedTime and the policy's duration: a lock whose time is over is none, and 000001010000Z lasts until an administrator resets it."}, do: lines{checkUser},
		doNot: lines{notAlone}, sources: []SourceLine{policySource, openldapSource}},
	{heading: "Password policy control: password expired", alone: lines{"3003810100", "passwordexpired"}, within: lines{"invalid credentials (49) password expired", "3003810100"}, means: "The password was right and has expired, with no grace login left; to a wrong password the directory says nothing of it.",
		causes: lines{"od-password-expired"}, doNot: lines{"Do not have the user try it again: it cannot work before it is changed."}, sources: []SourceLine{policySource, openldapSource}},
	{heading: "Password policy control: grace logins remain", within: lines{"grace logins remain", "graceauthnsremaining"}, means: "The password was right and has expired; so many more logins are let through, and each one uses one up.",
		causes: lines{"od-password-expired"}, tells: lines{"Logins begin to fail when the count is at nought."}, do: lines{"Have the user change the password now."}, doNot: lines{"Do not test the login any more."}, sources: []SourceLine{policySource, openldapSource}},
	{heading: "Password policy control: expires soon", within: lines{"password expires in", "timebeforeexpiration"}, means: "The login was accepted. The password will expire after the seconds that are named.",
		tells: lines{"86400 seconds are a day."}, do: lines{"Have the user change the password before then.", anotherCause}, doNot: lines{noReset}, sources: []SourceLine{policySource, openldapSource}},
	{heading: "Password policy control: must be changed", alone: lines{"3003810102", "changeafterreset"}, within: lines{"password must be changed", "changeafterreset", "3003810102", "operations are restricted to bind/unbind/abandon/starttls/modify password"},
		means: "The password is right, and it has to be changed before anything else is let through.", causes: lines{"od-must-change-password"}, doNot: lines{noReset}, sources: []SourceLine{policySource, openldapSource}},
	{heading: "Open Directory: effectiveDisableReason", within: lines{"effectivedisablereason", "disablereason", "apple-user-passwordpolicy-effective"},
		means:  "Why Open Directory's policy keeps the account out: 1 an administrator, 2 expired, 3 not used for too long, 4 too many failed logins.",
		causes: lines{"od-account-disabled", "od-account-locked", "od-password-expired"}, tells: lines{"The number behind the word is the answer."},
		do: lines{"For 4 find the failing device first, then have the directory admin enable the account."}, doNot: lines{notAlone}, sources: []SourceLine{odSource}},
}

// result fills in the forms in which tools and logs write a result.
func result(code, hex, name string, t *term, texts ...string) *term {
	t.heading = "LDAP result " + code + " (" + name + ")"
	t.alone = lines{code, hex, name, "result " + code, "error " + code}
	t.within = texts
	if name != "busy" && name != "unavailable" && name != "referral" { // words of a language, and of other protocols
		t.within = append(t.within, name)
	}
	for _, n := range []string{code, hex} {
		t.within = append(t.within, "ldap "+n, "ldap error "+n, "ldap error code "+n, "ldap result "+n, "ldap result code "+n, "ldap code "+n, "ldap_err "+n,
			"result code "+n, "resultcode "+n, "rc "+n, "err "+n)
	}
	if len(code) > 1 { // errors of one digit are everybody's
		t.within = append(t.within, "error code "+code, "error code "+hex, "error "+hex)
	}
	if t.sources == nil {
		t.sources = []SourceLine{ldapSource}
	}
	return t
}
