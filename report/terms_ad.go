package report

// Active Directory's sub-codes: MS-ADTS 3.1.1.3.4.1 and the Win32 error codes. Which of them come for a wrong password as well
// was observed on Samba 4.17, but for 525 and 568, which it never sent.

var (
	win32Source = SourceLine{"System error codes, Microsoft", "https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes--1300-1699-"}
	sambaSource = SourceLine{"observed on Samba 4.17", ""}
	listSource  = SourceLine{"Active Directory error codes, dotCMS", "https://www.dotcms.com/docs/latest/active-directory-error-codes"}
	bindSource  = SourceLine{"dirteam.com, LDAP channel binding and signing changes of 2020", "https://dirteam.com/sander/2020/02/13/todo-test-your-exposure-to-microsofts-2020-ldap-channel-binding-and-signing-changes/"}
	eventSource = SourceLine{"Windows event logs; the events were not observed by us", ""}
)

// ifRight is what a sub-code proves that comes only for the right password.
const ifRight = "This sub-code comes only where the password was right: the password is not at fault."

var subcodeTerms = []*term{
	subcode("525", "1317", "no such user", &term{means: "The directory knows no user by the name that was sent. Many servers say 52e instead.",
		causes: lines{"ad-user-unknown"}, tells: lines{"Search the directory for the name as the user typed it."},
		do: lines{wholeAddress, "Compare how the mail server forms the bind name with the account's names."}, doNot: lines{notAtFault}, sources: []SourceLine{win32Source, listSource}}),
	subcode("52e", "1326", "wrong password, or hidden", &term{
		means:  "The password is wrong, or the name is unknown. For a wrong password it hides that the account is also disabled, expired, or has to change its password; a smart-card account answers so even to the right one.",
		causes: lines{"wrong-password", "ad-user-unknown", "ad-account-disabled", "ad-account-expired", "ad-password-expired", "ad-must-change-password", "ad-smartcard-required", "directory-bind-stale", "directory-replicas-differ"},
		tells: lines{"Read the account's attributes (logindoctor check USER): they show what the code hides.",
			whoseBind,
			"A password that was right until lately does not count in badPwdCount: a count that stands still proves nothing."},
		do:    lines{"Have the user log in to a domain computer with the same password: that tells whether it is right."},
		doNot: lines{noTries, "Do not reset the password before the attributes were read."}}),
	subcode("530", "1328", "not at this hour", &term{means: ifRight + " The account may not log in at this hour.", causes: lines{"ad-logon-hours"}, doNot: lines{noReset}}),
	subcode("531", "1329", "not from this workstation", &term{means: ifRight + " The account may log in on named workstations alone, and the mail server is not one of them.",
		causes: lines{"ad-workstation"}, tells: lines{"Compare the account's userWorkstations with the mail server's name."},
		do: lines{"Have the directory admin add the mail server to the list, or clear it."}, doNot: lines{noReset}}),
	subcode("532", "1330", "password expired", &term{means: ifRight + " It has expired.", causes: lines{"ad-password-expired"}, doNot: lines{"Do not have the user try it again in the mail program: that cannot change it."}}),
	subcode("533", "1331", "account disabled", &term{means: ifRight + " The account is disabled.", causes: lines{"ad-account-disabled"}, doNot: lines{noReset}}),
	subcode("568", "1384", "too many groups", &term{means: "By the published lists this comes only with the right password: the account is in more groups than a logon token can hold.",
		tells: lines{"Have the directory admin count the account's groups, nested ones too."},
		do:    lines{"Have the directory admin take the account out of groups that it does not need."}, doNot: lines{noReset}, sources: []SourceLine{win32Source, listSource}}),
	subcode("701", "1793", "account expired", &term{means: ifRight + " The account's own date of expiry is past.", causes: lines{"ad-account-expired"}, doNot: lines{noReset}}),
	subcode("773", "1907", "password must be changed first", &term{means: ifRight + " It has to be changed before it counts; IMAP cannot do that.", causes: lines{"ad-must-change-password"},
		doNot: lines{"Do not reset the password again: the new one is right, and the next one would have to be changed as well."}}),
	subcode("775", "1909", "account locked", &term{means: "The account is locked after wrong passwords. This comes whatever the password: it says nothing of whether that is right.", causes: lines{"ad-account-locked"},
		doNot: lines{"Do not reset the password on this: it may not be at fault, and devices with the old one lock the account again."}}),
	{heading: "Active Directory: data 80090346 (channel binding)", alone: lines{"80090346", "-2146892986", "2146892986"}, within: lines{"80090346", "0x80090346", "sec_e_bad_bindings"},
		means: "The domain controller asks for channel binding and the client's bind over TLS has none. It concerns NTLM and Kerberos binds; a simple bind over LDAPS is not affected.",
		tells: lines{"Every account that binds so is refused alike, whatever its password.", "The domain controller writes event 3039."},
		do:    lines{simpleBind}, doNot: lines{keepDemand, notAtFault}, sources: []SourceLine{bindSource}},
}

// subcode fills in the forms in which tools and logs write a sub-code: hexadecimal in Active Directory's text, decimal as a
// Windows error.
func subcode(hex, decimal, name string, t *term) *term {
	t.heading = "Active Directory: data " + hex + " (" + name + ")"
	t.alone = lines{hex, decimal}
	t.within = lines{"data " + hex, "data 0x" + hex, "0x" + hex, "sub-code " + hex, "subcode " + hex, "sub code " + hex, "ad error " + hex, "ad code " + hex,
		"error " + decimal, "error code " + decimal, "win32 " + decimal}
	if hex == "52e" { // no number in decimal: it means nothing else
		t.within = append(t.within, hex)
	}
	if t.sources == nil {
		t.sources = []SourceLine{win32Source, sambaSource}
	}
	return t
}

var eventTerms = []*term{
	event("4740", "an account was locked", &term{means: "The domain controllers locked an account. The event stands on the PDC emulator, and names the account and the computer that sent the last wrong password.",
		causes: lines{"ad-account-locked", "failing-device"}, tells: lines{"\"Caller Computer Name\" is where the wrong passwords came from; the mail server's name there means a mail program behind it."},
		do: lines{"Look in the mail server's log for the address that failed at that time.", findDevice}, doNot: lines{"Do not only unlock: the device locks the account again."}}, "a user account was locked out"),
	event("4771", "Kerberos pre-authentication failed", &term{means: "A domain controller refused a Kerberos login. The failure code in the event says why: 0x18 a wrong password, 0x12 an account that is locked, disabled or expired, 0x25 clocks that differ.",
		causes: lines{"wrong-password", "ad-account-locked", "ad-account-disabled", "ad-account-expired", "clock-skew"},
		tells:  lines{"Explain the failure code.", "\"Client Address\" is where the login came from."}, do: lines{"Compare that address with the mail server's and the user's."}, doNot: lines{notAlone}}, "kerberos pre-authentication failed"),
	event("2889", "a bind without TLS or signing", &term{means: "A client asked for a bind without TLS or signing. The event names its address and account, and comes whether or not the domain controller refuses such binds.",
		causes: lines{"ad-strong-auth-required"}, tells: lines{"The mail server's address in the event means that its users are refused once the requirement is on."},
		do: lines{bindOverTLS}, doNot: lines{keepDemand}}, "performed a simple bind over a cleartext", "performed a simple bind over a clear text", "ldap bind without requesting signing"),
	event("3039", "channel binding failed", &term{means: "A client's NTLM or Kerberos bind over TLS came without a valid channel binding. A simple bind over TLS does not cause it.",
		tells: lines{"The event names the client's address."}, do: lines{"Have the client bind with a simple bind over TLS, or bring it up to date."}, doNot: lines{keepDemand, notAtFault}},
		"failed the ldap channel binding token validation"),
	event("14", "the KDC has no suitable key", &term{means: "A domain controller has no key for the account in an encryption type that both sides take, as a rule after RC4 was switched off and with a password that is older than the AES keys.",
		tells: lines{"The event names the account; compare its msDS-SupportedEncryptionTypes with what the mail server asks for.", "LDAP logins with the same password still work."},
		do:    lines{"Have the directory admin bring the domain controllers up to date, and set that account's password anew so that it gets AES keys."},
		doNot: lines{"Do not switch RC4 on again for everyone."}, sources: []SourceLine{etypeSource}}, "did not have a suitable key"),
}

func event(id, name string, t *term, texts ...string) *term {
	t.heading = "Windows event " + id + ": " + name
	t.alone = lines{id}
	t.within = append(texts, "event "+id, "event id "+id, "eventid "+id, "event code "+id, "eventcode "+id)
	if t.sources == nil {
		t.sources = []SourceLine{eventSource}
	}
	return t
}
