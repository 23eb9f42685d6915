package report

// What directories say. Sub-codes: MS-ADTS 3.1.1.3.4.1 and the Win32 error codes; which of them come for a wrong password
// as well was observed on Samba 4.17. Results: RFC 4511 appendix A.

var (
	win32Source = SourceLine{"System error codes, Microsoft", "https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes--1300-1699-"}
	ldapSource  = SourceLine{"RFC 4511 appendix A, LDAP result codes", "https://www.rfc-editor.org/rfc/rfc4511#appendix-A"}
	odSource    = SourceLine{"Apple's published OpenLDAP source (b8e7dab), back-bdb/bind.c; not observed on a Mac", ""}
	sambaSource = SourceLine{"observed on Samba 4.17", ""}
)

// ifRight is what a sub-code proves that comes only for the right password.
const ifRight = "This sub-code comes only where the password was right: the password is not at fault."

const noReset = "Do not reset the password: it was right."

var subcodeTerms = []*term{
	subcode("525", "1317", "no such user", "The directory knows no user by the name that was sent. Many servers say 52e instead.", []string{"ad-user-unknown"}, nil, nil),
	subcode("52e", "1326", "wrong password, or hidden",
		"The password is wrong, or the name is unknown. For a wrong password it hides that the account is also disabled, expired, or has to change its password; a smart-card account answers so even to the right one.",
		[]string{"wrong-password", "ad-user-unknown", "ad-account-disabled", "ad-account-expired", "ad-password-expired", "ad-must-change-password", "ad-smartcard-required"},
		[]string{"Read the account's attributes (logindoctor check USER): they show what the code hides."},
		[]string{"Do not try further passwords: each one counts towards a lock.", "Do not reset the password before the attributes were read."}),
	subcode("530", "1328", "not at this hour", ifRight+" The account may not log in at this hour.", []string{"ad-logon-hours"}, nil, []string{noReset}),
	subcode("531", "1329", "not from this workstation", ifRight+" The account may log in on named workstations alone, and the mail server is not one of them.", []string{"ad-workstation"}, nil, []string{noReset}),
	subcode("532", "1330", "password expired", ifRight+" It has expired.", []string{"ad-password-expired"}, nil, nil),
	subcode("533", "1331", "account disabled", ifRight+" The account is disabled.", []string{"ad-account-disabled"}, nil, []string{noReset}),
	subcode("568", "1384", "too many groups", ifRight+" The account is in more groups than a logon token can hold.", nil, []string{"Have the directory admin count the account's groups, nested ones too."}, []string{noReset}),
	subcode("701", "1793", "account expired", ifRight+" The account's own date of expiry is past.", []string{"ad-account-expired"}, nil, []string{noReset}),
	subcode("773", "1907", "password must be changed first", ifRight+" It has to be changed before it counts; IMAP cannot do that.", []string{"ad-must-change-password"}, nil, []string{"Do not reset the password again: the new one is right, and the next one would have to be changed as well."}),
	subcode("775", "1909", "account locked", "The account is locked after wrong passwords. This comes whatever the password: it says nothing of whether that is right.", []string{"ad-account-locked"}, nil,
		[]string{"Do not reset the password on this: it may not be at fault, and devices with the old one lock the account again."}),
	{heading: "Active Directory: data 80090346 (channel binding)", alone: []string{"80090346"}, within: []string{"data 80090346", "sec_e_bad_bindings"},
		means:   "The domain controller asks for channel binding and the client's bind over TLS has none. It concerns NTLM and Kerberos binds; a simple bind over LDAPS is not affected.",
		tells:   []string{"Every account that binds so is refused alike, whatever its password."},
		do:      []string{"Have the mail server bind with a simple bind over TLS."},
		doNot:   []string{"Do not lower the domain controller's requirement."},
		sources: []SourceLine{{"dirteam.com, LDAP channel binding and signing changes of 2020", "https://dirteam.com/sander/2020/02/13/todo-test-your-exposure-to-microsofts-2020-ldap-channel-binding-and-signing-changes/"}}},
}

func subcode(hex, decimal, name, means string, causes, do, doNot []string) *term {
	return &term{heading: "Active Directory: data " + hex + " (" + name + ")", alone: []string{hex, "0x" + hex, decimal, "data " + hex},
		within: []string{"data " + hex, "data 0x" + hex}, means: means, causes: causes, do: do, doNot: doNot, sources: []SourceLine{win32Source, sambaSource}}
}

var ldapTerms = []*term{
	result("1", "operationsError", "The server did not carry the request out. Active Directory says so to a search before a bind: the reader is not logged in.", nil, nil, nil, "operation unavailable without authentication"),
	result("8", "strongerAuthRequired", "The domain controller refuses binds without TLS or signing. It did not look at the password.", []string{"ad-strong-auth-required"},
		[]string{"Have the mail server bind over LDAPS or StartTLS."}, []string{"Do not lower the domain controller's requirement.", "Do not reset any password: none was looked at."},
		"stronger(er) authentication required", "strong(er) authentication required", "transport encryption required", "integrity checking if ssl", "00002028"),
	result("13", "confidentialityRequired", "The directory takes passwords over TLS alone. It did not look at the password.", nil,
		[]string{"Have the mail server bind over LDAPS or StartTLS."}, []string{"Do not reset any password: none was looked at."}, "confidentiality required"),
	result("19", "constraintViolation", "A policy of the directory refuses. Open Directory says so to a right password: \"Account disabled\", \"New password required\" or \"Account Policy Violation\".",
		[]string{"od-account-disabled", "od-must-change-password", "od-account-locked", "od-password-expired"}, nil, []string{noReset}, "new password required", "account policy violation", "1 account disabled"),
	result("32", "noSuchObject", "The place that was searched, or the account, does not exist, or the reader may not see it.", []string{"ad-user-unknown", "od-user-unknown"},
		[]string{"Compare the base DN of the profile with the directory."}, nil, "no such object"),
	result("34", "invalidDNSyntax", "What was sent as a DN is none: the login name was sent where a DN belongs.", nil, []string{"Compare how the mail server forms the bind name with the directory's DNs."}, nil, "invalid dn"),
	{heading: "LDAP result 49 (invalidCredentials)", alone: []string{"49", "invalidcredentials"}, within: resultForms("49", "invalidcredentials", "invalid credentials"), vague: true,
		means:   "The directory refuses the name or the password. By itself it says no more; Active Directory adds a sub-code (\"data 775\").",
		causes:  []string{"wrong-password", "ad-account-locked", "od-account-locked", "ad-account-disabled", "directory-bind-stale", "directory-bind-account"},
		tells:   []string{"Look for \"data\" and three characters in the same line, and explain those.", "Whose bind was it? The mail server's own account refused means that all its users are refused."},
		doNot:   []string{"Do not reset the password on this alone."},
		sources: []SourceLine{ldapSource}},
	result("50", "insufficientAccessRights", "The account may not do this. Open Directory answers so to every failed simple bind of an account that exists: wrong, disabled, locked and expired alike.",
		[]string{"wrong-password", "od-account-locked", "od-account-disabled", "od-password-expired"}, []string{"Read the account's password policy in the directory: it tells them apart."}, []string{"Do not reset the password on this alone."}, "insufficient access"),
	result("51", "busy", "The directory is too busy to answer. It says nothing of the password.", []string{"directory-unreachable"}, nil, []string{"Do not reset any password."}),
	result("52", "unavailable", "The directory is shutting down or not ready. It says nothing of the password.", []string{"directory-unreachable"}, nil, []string{"Do not reset any password."}),
	result("53", "unwillingToPerform", "The directory refuses on principle; often to a bind with a name and an empty password.", nil,
		[]string{"See whether the mail server, or the caller, sends an empty password."}, nil, "unauthenticated bind", "server is unwilling"),
	{heading: "Password policy control: account locked", within: []string{"account locked", "accountlocked"}, means: "The directory's password policy holds a lock on the account.",
		causes: []string{"od-account-locked", "ad-account-locked"}, doNot: []string{"Do not reset the password on this: it may not be at fault."}, sources: []SourceLine{{"draft-behera-ldap-password-policy-10 §6.2", ""}}},
	{heading: "Kerberos: credentials have been revoked", within: []string{"credentials have been revoked", "kdc_err_client_revoked"},
		means: "The account is locked, disabled or expired, or may not log in at this hour: Kerberos does not tell them apart.", causes: []string{"ad-account-locked", "ad-account-disabled", "ad-account-expired", "ad-logon-hours"},
		tells: []string{"Read the account's attributes: they tell which."}, doNot: []string{"Do not reset the password."}, sources: []SourceLine{sambaSource}},
	{heading: "Kerberos: clock skew too great", alone: []string{"0x25"}, within: []string{"clock skew", "krb_ap_err_skew"}, means: "Two clocks differ by more than Kerberos allows, 300 seconds as a rule.",
		causes: []string{"clock-skew"}, do: []string{"Set the mail server's clock by the domain controllers."}, doNot: []string{"Do not reset any password."},
		sources: []SourceLine{{"MIT Kerberos, clock skew", "http://web.mit.edu/kerberos/krb5-1.4/krb5-1.4.4/doc/krb5-admin/Clock-Skew.html"}}},
}

func result(code, name, means string, causes, do, doNot []string, texts ...string) *term {
	low := fold(name)
	if low != "busy" && low != "unavailable" { // words of a language, and of other protocols
		texts = append(texts, low)
	}
	t := &term{heading: "LDAP result " + code + " (" + name + ")", alone: []string{code, low}, within: resultForms(code, texts...),
		means: means, causes: causes, do: do, doNot: doNot, sources: []SourceLine{ldapSource}}
	if code == "19" || code == "50" {
		t.sources = append(t.sources, odSource)
	}
	return t
}

// resultForms are the ways in which tools and logs write a result.
func resultForms(code string, texts ...string) []string {
	return append(texts, "result "+code, "result code "+code, "ldap "+code, "error code "+code, "ldap error "+code, "ldap: error code "+code, "err="+code, "resultcode: "+code)
}
