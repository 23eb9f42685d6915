package report

import "strings"

// What Kerio Connect says on its API, its web pages and its dashboard. Nothing here was seen on a live server by us; each row
// names where the words were found.

var (
	gfi2FA      = SourceLine{"Fixing SMTP NTLM authentication failures (GFI 130064)", "https://support.kerioconnect.gfi.com/article/130064-fixing-smtp-ntlm-authentication-failures-for-service-accounts-in-kerio-connect"}
	gfiApp      = SourceLine{"App passwords are not valid for webmail, administration and API (GFI 130018)", ""}
	gfiLicence  = SourceLine{"License Expiration in Kerio Connect (GFI 360015186380)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015186380-License-Expiration-in-Kerio-Connect"}
	gfiFactor   = SourceLine{"Enabling two-factor authentication (GFI 360015195279)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015195279-Enabling-Two-Factor-Authentication-in-Kerio-Connect"}
	kerioIDL    = SourceLine{"Kerio's API comments in igiant/connect and igiant/webmail", "https://github.com/igiant/connect"}
	kerioLive   = SourceLine{"a live server of 10.0.8, in IT-for-Prof/zabbix-kerio-connect", "https://github.com/IT-for-Prof/zabbix-kerio-connect"}
	kerioUsers  = SourceLine{"Licenses in Kerio Connect (GFI 360015191920)", "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015191920-Licenses-in-Kerio-Connect"}
	kerioString = SourceLine{"strings of Kerio's web client, 9.4 to 10", ""}
)

var kerioTerms = []*term{
	kerio("1000", "user name or password is not correct (1000)", &term{
		means:  "On Session.login: the name or the password is refused. It does not tell a wrong password from a locked account, an unknown user or an app password on the API: nobody has shown that these read otherwise. On any other call 1000 means that it was run and failed: it says nothing of a password.",
		causes: lines{"wrong-password", "kerio-account-locked", "app-password-on-api", "kerio-user-unknown", "kerio-account-disabled"},
		tells:  lines{"Does the same secret work over IMAP? Then it is an app password, and the API takes only the primary one.", "The security log has \"Invalid password for user\" at that time, or \"doesn't exist\"."},
		do:     lines{checkUser}, doNot: lines{"Do not try it again and again: three failures lock the account by default.", notAlone}, sources: []SourceLine{kerioIDL, gfiApp}},
		"username or password is not correct", "incorrect username or password", "reason=failure"),
	{heading: "Kerio Connect: only application passwords are allowed", within: lines{"only application passwords are allowed"},
		means:  "The account has two-factor authentication: mail programs have to use an app password, one for each device. The primary password works in webmail and on the API alone.",
		causes: lines{"app-password-needed"}, do: lines{"Have the user make an app password in webmail, under Settings, and enter it in the mail program."}, doNot: lines{notAtFault}, sources: []SourceLine{gfi2FA}},
	kerio("-32001", "session expired, or no rights (-32001)", &term{
		means: "The session is over, nobody is logged in, or the account has no administrator rights. On the administration it concerns logindoctor's own account, not the user's.",
		tells: lines{"\"User Anonymous\" means that nobody is logged in; a name there means that this account is no administrator."}, do: lines{auditor}, doNot: lines{leaveAccount}, sources: []SourceLine{kerioIDL}},
		"does not have administrator rights", "please login first", "session expired", "session has expired", "reason=expired"),
	kerio("1001", "already exists (1001)", &term{means: "What the call was to make exists.", tells: lines{"Only a call that changes something can say so: no login does."}, do: lines{anotherCause}, doNot: lines{leaveAccount}}),
	kerio("1002", "no such entity (1002)", &term{means: "The thing that the call names is not there, or its id is another server's.", tells: lines{"Ids are of one server: a restored or moved one has others."}, do: lines{"Look the user up again by login name."}, doNot: lines{leaveAccount}}),
	kerio("1003", "not permitted (1003)", &term{means: "The server refuses the call. With \"user count license exceeded\" it speaks of the licence.", causes: lines{"kerio-license-users"}, tells: lines{"The message beside the number says which."},
		do: lines{auditor}, doNot: lines{leaveAccount}}, "user count license exceeded"),
	kerio("1004", "access denied (1004)", &term{means: "The role of the account that asks does not allow this call.", tells: lines{"The same call works for a full administrator."}, do: lines{auditor}, doNot: lines{leaveAccount}}),
	kerio("-32602", "invalid parameters (-32602)", &term{means: "This version of Kerio Connect does not know the call, or not in this form, or a parameter is missing. It says nothing of any account.",
		tells: lines{"Every user gives the same."}, do: lines{"Look at which version runs, and report the call."}, doNot: lines{leaveAccount}, sources: []SourceLine{kerioIDL, kerioLive}}, "invalid params"),
	kerio("-32601", "method not found (-32601)", &term{means: "The call does not exist in this version.", tells: lines{"A webmail call on the administration's address, or the reverse, reads so too."}, do: lines{"Compare the address of the profile: port 4040 is the administration."}, doNot: lines{leaveAccount}}, "method not found"),
	{heading: "Kerio Connect: the request itself (-32700, -32600, -32603, 413)", alone: lines{"-32700", "-32600", "-32603", "413"}, within: lines{"code -32700", "code -32600", "code -32603", "error -32603"},
		means: "The server could not read the request (-32700, -32600), failed by itself (-32603), or was sent too much (413).", tells: lines{"-32603 once and not again is a passing trouble."}, do: lines{"Have the mail admin read Kerio's error log at that time."}, doNot: lines{leaveAccount}, sources: []SourceLine{kerioIDL}},
	{heading: "Kerio Connect: made by the client (-32002, -32003)", alone: lines{"-32002", "-32003", "-1"}, within: lines{"code -32002", "code -32003"}, means: "Kerio's web client made this up itself: a timeout, or a server under maintenance. The server never said it.",
		tells: lines{othersToo}, do: lines{waitThenOnce}, doNot: lines{notChecked}, sources: []SourceLine{kerioIDL}},
	kerio("4002", "the password could not be changed (4002)", &term{means: "A change of password was refused: the old one was wrong, the new one too weak, or the account may not change it.", causes: lines{"kerio-password-expiry"},
		tells: lines{"The rule is 8 characters of 3 kinds, and no part of the user's name."}, do: lines{"Have the mail admin set the password, or allow the user to."}, doNot: lines{noTries}}),
	{heading: "Kerio Connect: webmail's own codes (4000 to 4105)", alone: lines{"4000", "4001", "4100", "4101", "4102", "4103", "4104", "4105"}, within: lines{"code 4000", "code 4001", "code 4100", "code 4101", "code 4102", "code 4103", "code 4104", "code 4105"},
		means: "4000 a dangerous operation, 4001 done in part, 4100 a folder is being indexed anew, 4101 already in progress, 4102 over quota, 4103 sending failed, 4104 no such folder, 4105 the operator's session is over. Each comes after an accepted login.",
		tells: lines{"For 4100 see whether the folder opens some minutes later."}, do: lines{anotherCause}, doNot: lines{noReset}, sources: []SourceLine{kerioIDL}},
	{heading: "Kerio Connect: internal database error", within: lines{"internal database error"}, means: "A list could not be read: the call lacks a parameter, or the role does not allow it. It never means a wrong password.",
		tells: lines{"The same list opens for a full administrator."}, do: lines{auditor}, doNot: lines{leaveAccount}, sources: []SourceLine{kerioLive, kerioString}},
	{heading: "Kerio: licence alerts", alone: lines{"AuthLicense"}, within: lines{"licensetoomanyusers", "number of user mailboxes authorized by the license has been exceeded", "licenseinvaliduser", "authlicense"},
		means: "More users than the licence allows want into their mailboxes: whoever comes late is refused.", causes: lines{"kerio-license-users"}, tells: lines{"Some users get in and others do not, and it changes from day to day."},
		do: lines{"Have the mail admin disable accounts that nobody uses, or buy more users."}, doNot: lines{"Do not restart the server as a cure: the count begins anew, and the problem comes back."}, sources: []SourceLine{kerioIDL, kerioUsers}},
	{heading: "Kerio: the licence has expired", within: lines{"licenseexpired", "rstrialexpired"}, means: "The licence is past its date. Since May 2023 there is no grace period.",
		causes: lines{"kerio-license-expired"}, tells: lines{othersToo}, do: lines{"Have the mail admin renew it and import the key."}, doNot: lines{notAtFault}, sources: []SourceLine{gfiLicence}},
	{heading: "Kerio: the subscription has expired", within: lines{"subscriptionexpired"}, means: "The subscription for updates is past its date. Whether that keeps anybody out is not established; the licence's own date does.",
		causes: lines{"kerio-license-expired"}, tells: lines{"See whether the licence's date is past too."}, do: lines{"Have the mail admin renew the subscription."}, doNot: lines{notAtFault}, sources: []SourceLine{gfiLicence, kerioIDL}},
	{heading: "Kerio: the licence or subscription ends soon, or does not fit", within: lines{"licensesoonexpire", "subscriptionsoonexpire", "licenseinvalidminversion", "licenseinvalidedition", "licenseinvaliddomain", "licenseinvalidos"},
		means: "A warning of the dashboard: a date comes near, or the licence is not for this version, edition, domain or system.", tells: lines{"It names the value and the limit."}, do: lines{"Have the mail admin see to the licence.", anotherCause}, doNot: lines{notAtFault}, sources: []SourceLine{kerioIDL}},
	{heading: "Kerio: alerts that concern the program", within: lines{"coredumpfound", "macosserviceskeepsports", "remoteupgradefailed", "remoteupgradesucceeded"},
		means: "Kerio Connect crashed (CoredumpFound), finds its ports taken by the system's own services (MacOSServicesKeepsPorts), or was brought up to date.", tells: lines{"Compare the time with when the logins began to fail."},
		do: lines{"Have the mail admin see whether all services run."}, doNot: lines{notAtFault}, sources: []SourceLine{kerioIDL}},
	{heading: "Kerio: the security policy asks for encryption", within: lines{"spencryptionrequired"}, means: "The server takes no login over a connection without TLS, but for the addresses of the exception.", causes: lines{"imap-plaintext-refused"},
		do: lines{useTLS}, doNot: lines{keepTLS}, sources: []SourceLine{kerioIDL}},
	{heading: "Kerio: the disk is nearly full", within: lines{"storagespacelow"}, means: "The store is short of space. Under the hard limit Kerio Connect stops until an administrator acts.", causes: lines{"mail-server-unreachable"},
		tells: lines{othersToo, "Compare the value in the alert with the hard limit of the store."}, do: lines{"Have the mail admin free space, then start the server."}, doNot: lines{notChecked}, sources: []SourceLine{kerioIDL}},
	{heading: "Kerio: the account is disabled, or denied", within: lines{"access denied by administrator", "reason=denied", "user is disabled", "authuserdisabled", "authdenied"},
		means: "The account is disabled, or its access policy denies the service; the login page uses the same words for both, as far as is known.", causes: lines{"kerio-account-disabled", "kerio-access-policy", "kerio-disabled-by-2fa"},
		tells: lines{"Look in Accounts > Users whether the account is enabled."}, do: lines{"Have the mail admin say why it is so, then enable it or change the policy."}, doNot: lines{notAtFault}, sources: []SourceLine{kerioString, kerioIDL}},
	{heading: "Kerio: the mailbox is locked, try later", within: lines{"mailbox is locked. try later", "folder is locked, try later", "authtrylater"}, means: "The mailbox is busy, being moved or repaired. It is no lock of the account.",
		causes: lines{"kerio-mailbox-moving", "kerio-opened-folders"}, tells: lines{"It says so after the password was taken."}, do: lines{waitThenOnce, closePrograms}, doNot: lines{"Do not unlock accounts: this is not such a lock."}, sources: []SourceLine{kerioString, kerioIDL}},
	{heading: "Kerio: authenticated, or refused (AuthOK, AuthFail)", within: lines{"authok", "authfail"}, means: "What Kerio's own check of a login answers to another service: AuthOK let in, AuthFail refused without a reason.", causes: lines{"wrong-password", "kerio-account-locked"},
		tells: lines{"The reasons have words of their own: AuthUserDisabled, AuthLicense, AuthDenied, AuthTryLater."}, do: lines{checkUser}, doNot: lines{notAlone, noTries}, sources: []SourceLine{kerioIDL}},
	{heading: "Kerio webmail: two-factor code", within: lines{"wrong 2fa code", "seconds before your next attempt"}, means: "The password was right, and the code behind it was not. Too many wrong codes disable the account.",
		causes: lines{"kerio-disabled-by-2fa"}, tells: lines{"A code that is never accepted: compare the clock of the user's phone, and the server's; more than 30 seconds are too many."},
		do: lines{"Have the user set the phone's time to automatic, and wait for a fresh code."}, doNot: lines{"Do not try further codes: the account is disabled by them, and does not come back by itself."}, sources: []SourceLine{kerioString, gfiFactor}},
	{heading: "Kerio webmail: two-factor authentication on the domain", within: lines{"2fa is enabled for your domain", "2fa is enforced for your domain", "2fa is not enabled for your domain", "2fa is enabled/enforced/not enabled"},
		means:  "Whether the domain asks for a second factor. Where it is enforced, or the user has set it up, mail programs need app passwords.",
		causes: lines{"app-password-needed"}, tells: lines{"Webmail takes the primary password, mail programs do not."}, do: lines{"Have the user make an app password for each device."}, doNot: lines{notAtFault}, sources: []SourceLine{kerioString, gfiFactor}},
	{heading: "Kerio: the server or its store is not available", within: lines{"message store db is not available", "server is shutting down", "service is temporarily unavailable"}, means: "Kerio Connect is stopping, or cannot open its store. It hits everybody.",
		causes: lines{"mail-server-unreachable"}, tells: lines{othersToo}, do: lines{"Have the mail admin see whether the server runs and the disk is there."}, doNot: lines{notChecked}, sources: []SourceLine{kerioString}},
	{heading: "Kerio: user or domain not found", alone: lines{"domain not found", "user not found"}, within: lines{"user not found", "message domain not found"}, means: "No such user, or no such domain, on this server.",
		causes: lines{"kerio-user-unknown", "kerio-user-not-activated"}, tells: lines{"Compare the part behind the @ with the server's domains."}, do: lines{wholeAddress}, doNot: lines{notAtFault}, sources: []SourceLine{kerioString}},
	{heading: "Kerio: the administration refuses (HTTP 403)", alone: lines{"403"}, within: lines{"4040 403"}, means: "Remote administration may be switched off or limited to named addresses; that does not mean that the server is down.",
		tells: lines{"Webmail and IMAP answer."}, do: lines{"Have the mail admin add this computer's address to the group that may administer."}, doNot: lines{leaveAccount}, sources: []SourceLine{kerioIDL}},
}

// kerio fills in how clients write a code of the API.
func kerio(number, name string, t *term, texts ...string) *term {
	t.heading = "Kerio Connect: " + name
	t.alone = lines{number, strings.TrimPrefix(number, "-")}
	t.within = append(texts, "code "+number, "error "+number, "error code "+number)
	if t.sources == nil {
		t.sources = []SourceLine{kerioIDL}
	}
	return t
}
