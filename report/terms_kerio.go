package report

// What Kerio Connect says on its API and writes into its logs. Nothing here was seen on a live server by us; each row names
// where the words were found.

var (
	gfi2FA     = SourceLine{"Fixing SMTP NTLM authentication failures (GFI 130064)", "https://support.kerioconnect.gfi.com/article/130064-fixing-smtp-ntlm-authentication-failures-for-service-accounts-in-kerio-connect"}
	gfiApp     = SourceLine{"App passwords are not valid for webmail, administration and API (GFI 130018)", ""}
	gfiLocked  = SourceLine{"Unlocking accounts for locked-out users (GFI 360015198319)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015198319-Unlocking-Accounts-for-Locked-Out-Users-in-Kerio-Connect"}
	gfiGuess   = SourceLine{"Protecting against password guessing attacks (GFI 114548)", "https://support.kerioconnect.gfi.com/article/114548-protecting-against-password-guessing-attacks"}
	gfiWrong2F = SourceLine{"User disabled after too many failed 2FA attempts (GFI 129010)", "https://support.kerioconnect.gfi.com/article/129010-user-disabled-after-too-many-failed-2fa-attempts"}
	fail2ban   = SourceLine{"log lines in fail2ban's tests", "https://github.com/fail2ban/fail2ban/blob/master/fail2ban/tests/files/logs/kerio"}
	kerioIDL   = SourceLine{"Kerio's API comments in igiant/connect and igiant/webmail", "https://github.com/igiant/connect"}
)

var kerioTerms = []*term{
	{heading: "Kerio Connect: user name or password is not correct (1000)", alone: []string{"1000"}, within: []string{"username or password is not correct", "code 1000", "error 1000", `"code":1000`, `"code": 1000`},
		means:  "On Session.login: the name or the password is refused. A locked account and an app password on the API most likely read the same. On any other call 1000 means that it was run and failed: it says nothing of a password.",
		causes: []string{"wrong-password", "kerio-account-locked", "app-password-on-api", "kerio-user-unknown"},
		tells:  []string{"Does the same secret work over IMAP? Then it is an app password, and the API takes only the primary one.", "The security log has \"Invalid password for user\" at that time."},
		doNot:  []string{"Do not try it again and again: three failures lock the account by default."}, sources: []SourceLine{kerioIDL, gfiApp}},
	{heading: "Kerio Connect: only application passwords are allowed", within: []string{"only application passwords are allowed"},
		means:  "The account has two-factor authentication: mail programs have to use an app password, one for each device. The primary password works in webmail and on the API alone.",
		causes: []string{"app-password-needed"}, do: []string{"Have the user make an app password in webmail, under Settings, and enter it in the mail program."}, doNot: []string{"Do not reset the password."}, sources: []SourceLine{gfi2FA}},
	{heading: "Kerio's security log: invalid password for user", within: []string{"invalid password for user"},
		means:  "A wrong password, or an old one that a device still sends. The line has the protocol and the address it came from.",
		causes: []string{"wrong-password", "kerio-account-locked", "failing-device", "password-just-changed"},
		tells:  []string{"Count these lines: as many as the security policy allows, within its minutes, lock the account.", "The same address at regular times is a device, not a person."},
		doNot:  []string{"Do not reset the password before the device is found: it would lock the account again."}, sources: []SourceLine{gfiLocked, fail2ban}},
	{heading: "Kerio's security log: AntiHammering", alone: []string{"antihammering", "anti-hammering"}, within: []string{"antihammering", "too many failed logins from this ip address"},
		means:  "Kerio blocks an address for one service after failed logins, for some minutes. It hits everyone behind that address, and no other service.",
		causes: []string{"kerio-ip-blocked", "failing-device"}, tells: []string{"Another service, or another network, still works."},
		do: []string{"Find the device behind the address that keeps failing.", "Wait until the block ends."}, doNot: []string{"Do not reset the password."}, sources: []SourceLine{gfiGuess}},
	{heading: "Kerio's warning log: too many connections", within: []string{"rejected: too many connections", "too many connections"},
		means:  "A service is at its limit of connections. No password was looked at.",
		causes: []string{"kerio-connection-limit", "imap-too-many-connections"}, do: []string{"Have the mail admin see who holds the connections, then raise the limit."}, doNot: []string{notChecked},
		sources: []SourceLine{{"Kerio Connect manual, warning log (GFI manuals 266)", ""}}},
	{heading: "Kerio's security log: user doesn't exist", within: []string{"doesn't exist"}, means: "No such login name. Only users of the primary domain may leave out the domain.",
		causes: []string{"kerio-user-unknown"}, do: []string{"Have the user enter the whole address as user name."}, doNot: []string{"Do not reset the password."}, sources: []SourceLine{fail2ban}},
	{heading: "Kerio's security log: login denied by the access policy", within: []string{"login denied: access policy", "access policy rule"},
		means:  "The user's access policy forbids this service, or forbids it from this address. The password is not at fault.",
		causes: []string{"kerio-access-policy"}, doNot: []string{noReset}, sources: []SourceLine{{"log lines of Kerio Connect 10.0.9 in public log parsers", ""}}},
	{heading: "Kerio's debug log: too many wrong two-factor codes", within: []string{"too many false 2fa attempts", "failed 2fa attempts"},
		means:  "Wrong two-factor codes disabled the account. Logs before 10.0.9 say \"locked\", but it does not come back by itself.",
		causes: []string{"kerio-disabled-by-2fa"}, doNot: []string{"Do not wait for it to unlock: it does not.", "Do not use \"Unlock All Accounts Now\" for this."}, sources: []SourceLine{gfiWrong2F}},
	{heading: "Kerio Connect: session expired, or no rights (-32001)", alone: []string{"-32001", "32001"}, within: []string{"code -32001", "error -32001", `"code":-32001`, `"code": -32001`, "does not have administrator rights", "please login first", "session expired", "session has expired"},
		means: "The session is over, nobody is logged in, or the account has no administrator rights. On the administration it concerns logindoctor's own account, not the user's.",
		do:    []string{"Give logindoctor's account the role Auditor, which may read everything and change nothing."}, doNot: []string{"Do not touch the user's account."}, sources: []SourceLine{kerioIDL}},
	{heading: "Kerio Connect: not permitted (1003, 1004)", alone: []string{"1003", "1004"}, within: []string{"code 1003", "code 1004", `"code":1003`, `"code":1004`, "user count license exceeded"},
		means: "The call is refused to this account: its role does not allow it. 1003 with \"user count license exceeded\" speaks of the licence.", causes: []string{"kerio-license-users"},
		do: []string{"Give logindoctor's account the role Auditor."}, sources: []SourceLine{kerioIDL}},
	{heading: "Kerio Connect: invalid parameters (-32602), method not found (-32601)", alone: []string{"-32602", "32602", "-32601", "32601"}, within: []string{"code -32602", "code -32601", "invalid params"},
		means: "This version of Kerio Connect does not know the call, or not in this form. It says nothing of any account.", sources: []SourceLine{kerioIDL}},
	{heading: "Kerio's log: IP address not allowed", within: []string{"ip address not allowed"}, means: "The administration answers named addresses alone, and this one is not among them. No password was at fault.",
		do: []string{"Have the mail admin add this host's address to the group that may administer."}, sources: []SourceLine{fail2ban}},
	{heading: "Kerio's log: NTLM in a domain that is not valid", within: []string{"performed ntlm authentication in nt domain"}, means: "The mail program logs in with the Windows domain's short name, and Kerio knows another one.",
		do: []string{"Have the user switch off \"secure password authentication\" in the mail program.", "Have the mail admin set the Windows NT domain name of the mail domain."}, doNot: []string{"Do not reset the password."}, sources: []SourceLine{gfi2FA}},
	{heading: "Kerio's log: a login method is disabled", within: []string{"authentication method"}, means: "The mail program uses a way to log in that the security policy switched off.",
		do: []string{"Set the mail program to \"normal password\" over TLS."}, doNot: []string{"Do not reset the password."}, sources: []SourceLine{{"Kerio MailServer 6 administrator's guide, security log", ""}}},
	{heading: "Kerio's log: failed login (older form)", within: []string{"failed imap login from", "failed pop3 login from", "failed smtp login from"}, vague: true,
		means: "A login was refused; this form of the line does not say why.", causes: []string{"wrong-password", "kerio-account-locked", "kerio-account-disabled", "kerio-user-unknown"},
		doNot: []string{"Do not reset the password on this alone."}, sources: []SourceLine{fail2ban}},
	{heading: "Kerio Connect: licence alerts", alone: []string{"authlicense"}, within: []string{"licensetoomanyusers", "number of user mailboxes authorized by the license has been exceeded"},
		means: "More users than the licence allows want into their mailboxes: whoever comes late is refused.", causes: []string{"kerio-license-users"},
		doNot: []string{"Do not restart the server as a cure: the count begins anew, and the problem comes back."}, sources: []SourceLine{kerioIDL}},
	{heading: "Kerio Connect: the licence has expired", within: []string{"licenseexpired", "subscriptionexpired"}, means: "The licence or the subscription is past its date. Since May 2023 there is no grace period.",
		causes: []string{"kerio-license-expired"}, sources: []SourceLine{{"License Expiration in Kerio Connect (GFI 360015186380)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015186380-License-Expiration-in-Kerio-Connect"}}},
	{heading: "Kerio webmail: access denied by administrator", within: []string{"access denied by administrator", "reason=denied", "user is disabled", "authuserdisabled", "authdenied"},
		means: "The account is disabled, or its access policy denies the service.", causes: []string{"kerio-account-disabled", "kerio-access-policy"}, doNot: []string{"Do not reset the password."},
		sources: []SourceLine{{"strings of Kerio's web client, 9.4 to 10", ""}}},
	{heading: "Kerio Connect: the mailbox is locked, try later", within: []string{"mailbox is locked. try later", "folder is locked, try later", "authtrylater"}, means: "The mailbox is busy, being moved or repaired. It is no lock of the account.",
		causes: []string{"kerio-mailbox-moving", "kerio-opened-folders"}, doNot: []string{"Do not unlock accounts: this is not such a lock."}, sources: []SourceLine{{"strings of Kerio's web client, 9.4 to 10", ""}}},
}

var networkTerms = []*term{
	{heading: "The name does not resolve", within: []string{"no such host", "could not resolve host", "name or service not known", "nxdomain"}, means: "The server's name is not known to DNS, here at least.", causes: []string{"dns-name"}, doNot: []string{notChecked}},
	{heading: "Connection refused", within: []string{"connection refused"}, means: "The host answers that nothing listens on this port.", causes: []string{"kerio-service-stopped", "mail-server-unreachable", "directory-unreachable"}, doNot: []string{notChecked}},
	{heading: "No answer in time", within: []string{"connection timed out", "i/o timeout", "operation timed out", "can't contact ldap server", "can't connect to server"}, means: "Nothing answered. A server may also let a login wait 15 seconds after others' failures.",
		causes: []string{"mail-server-unreachable", "directory-unreachable"}, doNot: []string{notChecked}},
	{heading: "The certificate is refused", within: []string{"certificate has expired", "certificate signed by unknown authority", "unable to get local issuer certificate", "certificate is valid for", "certificate verify failed", "self-signed certificate", "self signed certificate"},
		means: "The server's certificate is expired, for another name, or signed by nobody who is trusted here.", causes: []string{"mail-certificate", "directory-certificate"}, doNot: []string{"Do not have anybody \"accept anyway\"."}},
}
