package report

// Lines of Kerio Connect's logs, of present and older versions. There is no line, as far as is known, that says an account was
// locked after wrong passwords, and none of a directory bind that failed.

var (
	gfiLocked   = SourceLine{"Unlocking accounts for locked-out users (GFI 360015198319)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015198319-Unlocking-Accounts-for-Locked-Out-Users-in-Kerio-Connect"}
	gfiGuess    = SourceLine{"Protecting against password guessing attacks (GFI 114548)", "https://support.kerioconnect.gfi.com/article/114548-protecting-against-password-guessing-attacks"}
	gfiWrong2F  = SourceLine{"User disabled after too many failed 2FA attempts (GFI 129010)", "https://support.kerioconnect.gfi.com/article/129010-user-disabled-after-too-many-failed-2fa-attempts"}
	fail2ban    = SourceLine{"log lines in fail2ban's tests", "https://github.com/fail2ban/fail2ban/blob/master/fail2ban/tests/files/logs/kerio"}
	kerioParser = SourceLine{"log lines of Kerio Connect 10.0.9 in public log parsers", ""}
	kerioManual = SourceLine{"Kerio MailServer 6 administrator's guide, security log", ""}
	warningLog  = SourceLine{"Kerio Connect manual, warning log (GFI manuals 266)", ""}
)

var kerioLogTerms = []*term{
	{heading: "Kerio's security log: invalid password for user", within: lines{"invalid password for user"},
		means:  "A wrong password, or an old one that a device still sends. The line has the protocol and the address it came from. A lock of the account has no line of its own: it follows from the number of these.",
		causes: lines{"wrong-password", "kerio-account-locked", "failing-device", "password-just-changed"},
		tells:  lines{"Count these lines: as many as the security policy allows, within its minutes, lock the account.", "The same address at regular times is a device, not a person."},
		do:     lines{findDevice}, doNot: lines{"Do not reset the password before the device is found: it would lock the account again."}, sources: []SourceLine{gfiLocked, kerioParser}},
	{heading: "Kerio's security log: AntiHammering", alone: lines{"anti-hammering"}, within: lines{"antihammering", "too many failed logins from this ip address"},
		means:  "Kerio blocks an address for one service after failed logins, for some minutes. It hits everyone behind that address, and no other service.",
		causes: lines{"kerio-ip-blocked", "failing-device"}, tells: lines{"Another service, or another network, still works."},
		do: lines{findDevice, "Wait until the block ends."}, doNot: lines{notAtFault}, sources: []SourceLine{gfiGuess}},
	{heading: "Kerio's warning log: too many connections", alone: lines{"too many connections"}, within: lines{"rejected: too many connections", "connection limit is"},
		means:  "A service is at its limit of connections. No password was looked at.",
		causes: lines{"kerio-connection-limit", "imap-too-many-connections"}, tells: lines{"The line names the service and its limit."}, do: lines{"Have the mail admin see who holds the connections, then raise the limit."}, doNot: lines{notChecked},
		sources: []SourceLine{warningLog}},
	{heading: "Kerio's security log: user doesn't exist", alone: lines{"doesn't exist"}, within: lines{"user … doesn't exist", "doesn't exist. attempt from ip address"}, means: "No such login name. Only users of the primary domain may leave out the domain.",
		causes: lines{"kerio-user-unknown", "kerio-user-not-activated"}, tells: lines{"Many such lines with names that nobody has are guessing, not a user."}, do: lines{wholeAddress}, doNot: lines{notAtFault}, sources: []SourceLine{fail2ban, kerioParser}},
	{heading: "Kerio's security log: login denied by the access policy", within: lines{"login denied: access policy", "access policy rule", "servicedenied", "serviceipallowed", "serviceipdenied"},
		means:  "The user's access policy forbids this service, or forbids it from this address. The password is not at fault.",
		causes: lines{"kerio-access-policy"}, tells: lines{"The rule's name stands in the line."}, do: lines{"Have the mail admin change the rule or the user's policy, if its owner agrees."}, doNot: lines{notAtFault}, sources: []SourceLine{kerioParser}},
	{heading: "Kerio's debug log: too many wrong two-factor codes", within: lines{"too many false 2fa attempts", "failed 2fa attempts"},
		means:  "Wrong two-factor codes disabled the account. Logs before 10.0.9 say \"locked\", but it does not come back by itself.",
		causes: lines{"kerio-disabled-by-2fa"}, tells: lines{"In Accounts > Users the account is not enabled."}, do: lines{"Have the mail admin enable the account, and compare the server's clock with the true time."},
		doNot: lines{"Do not wait for it to unlock: it does not.", "Do not use \"Unlock All Accounts Now\" for this."}, sources: []SourceLine{gfiWrong2F}},
	{heading: "Kerio's log: administration from an address that is not allowed", alone: lines{"ip address not allowed"}, within: lines{"administration login into", "failed: ip address not allowed"}, means: "The administration answers named addresses alone, and this one is not among them. No password was at fault.",
		tells: lines{"The address in the line is this computer's, or its network's."}, do: lines{"Have the mail admin let this address administer."}, doNot: lines{leaveAccount}, sources: []SourceLine{fail2ban}},
	{heading: "Kerio's log: NTLM in a domain that is not valid", within: lines{"performed ntlm authentication in nt domain"}, means: "The mail program logs in with the Windows domain's short name, and Kerio knows another one.",
		tells: lines{"It hits every Outlook with \"secure password authentication\", and no other program."},
		do:    lines{"Have the user switch off \"secure password authentication\" in the mail program.", "Have the mail admin set the Windows NT domain name of the mail domain."}, doNot: lines{notChecked}, sources: []SourceLine{gfi2FA}},
	{heading: "Kerio's log: a login method is disabled", within: lines{"authentication method … is disabled", "missing parameter in authenticate header"}, means: "The mail program uses a way to log in that the security policy switched off, or uses it wrongly.", causes: lines{"imap-plaintext-refused"},
		tells: lines{"Another mail program works with the same password."}, do: lines{"Set the mail program to \"normal password\" over TLS."}, doNot: lines{notChecked}, sources: []SourceLine{kerioManual}},
	{heading: "Kerio's log: failed login (older form)", within: lines{"failed imap login from", "failed pop3 login from", "failed smtp login from"}, weight: coded,
		means: "A login was refused; this form of the line does not say why, but for \"not found\" at its end: then there is no such user.", causes: lines{"wrong-password", "kerio-account-locked", "kerio-account-disabled", "kerio-user-unknown"},
		tells: lines{checkUser, "With \"SASL method NTLM\" look at the Windows domain's name too."}, do: lines{"Have Kerio's warning and debug logs read at that time."}, doNot: lines{notAlone}, sources: []SourceLine{fail2ban, kerioManual}},
	{heading: "Kerio's audit log: authenticated", within: lines{"authenticated from ip address"}, weight: coded, means: "A login over this protocol, from this address, was accepted: the password it came with is right, and the account was not locked then.",
		tells: lines{sameTime, "A device that gets in beside others that fail: those hold an old password."}, do: lines{"Look at the settings of the device that fails."}, doNot: lines{noReset}, sources: []SourceLine{kerioParser}},
	{heading: "Kerio's operations log", within: lines{"protocol: … user: … ip: … folder:"}, weight: vague, means: "What somebody did with mail. Such lines stand behind an accepted login.",
		tells: lines{sameTime}, do: lines{"For logins read the security and the audit log."}, doNot: lines{leaveAccount}, sources: []SourceLine{kerioParser}},
}
