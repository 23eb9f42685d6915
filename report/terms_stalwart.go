package report

// What Stalwart 0.16 answers, read in its source at d72608f3 (0.16.19-dev); none of it was observed by us but where a public
// issue shows it. Errors of its class security are never written over IMAP, POP3 and SMTP: the connection just closes.

var (
	stalwartCode  = SourceLine{"Stalwart's source at d72608f3 (0.16.19-dev), crates/common/src/auth; read, not run", "https://github.com/stalwartlabs/stalwart"}
	stalwartLDAP  = SourceLine{"Stalwart, LDAP directories", "https://stalw.art/docs/auth/backend/ldap"}
	stalwartBan   = SourceLine{"Stalwart, automatic banning", "https://stalw.art/docs/server/auto-ban"}
	stalwartApp   = SourceLine{"Stalwart, app passwords", "https://stalw.art/docs/auth/authentication/app-password"}
	stalwartRight = SourceLine{"Stalwart, permissions", "https://stalw.art/docs/auth/authorization/permissions"}
	stalwartIssue = SourceLine{"stalwartlabs/stalwart issue 3241, a transcript", "https://github.com/stalwartlabs/stalwart/issues/3241"}
)

const (
	newAppPassword = "Have the user make a new app password in /account, one for each device."
	seeExpiry      = "Compare the credential's expiresAt with the time."
	seeAddress     = "Compare the credential's allowedIps with the address that the server saw."
	seeRights      = "Compare the permissions of account, role, tenant and credential: one that is disabled anywhere is off."
	seeBlocked     = "Look among the blocked addresses, and at what failed from there."
	signIn         = "Have the user sign in at /account and set a new password."
	noProbing      = "Do not try it again from the same address: it counts towards a ban, which has no end by default."
	mendFilter     = "Have the mail admin compare filterLogin and baseDn with where the account is, and with its mail attribute."
)

// The names of Stalwart's answers are those of the answers that a mail program gets.
var stalwartTerms = []*term{
	stalwart("this account has a second factor (MFA)", &term{within: lines{"requires multi-factor authentication", "mfa code required", "mfatoken", "mfarequired"},
		means: "The password is right, and the account has a second factor: a mail program needs an app password. It does not count towards a ban.", causes: lines{"app-password-needed"}, tells: lines{"It is said only to the right password; over HTTP as status 402."},
		do: lines{newAppPassword}, doNot: lines{noReset}, sources: []SourceLine{stalwartCode, stalwartApp}}),
	stalwart("an app password is refused, untagged", &term{within: lines{"* no [authenticationfailed authentication failed", "bye connection timed out"}, means: "An app password with a wrong secret, or one that was revoked: Stalwart answers these without the command's tag, and the mail program hangs until a minute is over.",
		causes: lines{"stalwart-app-password-revoked", "stalwart-app-password-mangled"}, tells: lines{"A wrong account password gets the tag. A later version may give it to app passwords too.", "The first characters of the app password name it: absent among the account's credentials means revoked."},
		do: lines{newAppPassword}, doNot: lines{"Do not reset the account's password: an app password was tried."}, sources: []SourceLine{stalwartCode, stalwartIssue}}),
	stalwart("the credential has expired", &term{alone: lines{"credential expired"}, within: lines{"[authenticationfailed] credential expired", "no credential expired", "err credential expired", "credential has expired", "auth.credential-expired"}, means: "An app password, or an API key, is past its date. The same event stands for the account's own password past its date.",
		causes: lines{"stalwart-app-password-expired", "stalwart-password-expired"}, tells: lines{seeExpiry}, do: lines{newAppPassword}, doNot: lines{notAlone}}),
	stalwart("the account's password has expired", &term{within: lines{"main credential expired"}, means: "The login succeeds with nothing left but the right to change the password: IMAP then closes without a word, webmail opens empty.",
		causes: lines{"stalwart-password-expired"}, tells: lines{"The session is given, and every other request is forbidden."}, do: lines{signIn}, doNot: lines{"Do not look for a ban: from a banned address there is not even a greeting."}}),
	stalwart("the address is not allowed for this credential", &term{alone: lines{"ip address not allowed"}, within: lines{"unauthorized ip address", "security.ip-unauthorized", "reason = ip address not allowed"},
		means:  "The password or app password is limited to addresses, and this one is not among them." + closesMute + countsForBan,
		causes: lines{"stalwart-app-password-address"}, tells: lines{seeAddress, "ManageSieve on port 4190 says it in words."}, do: lines{"Have the user make an app password without that limit, or the mail admin widen it."}, doNot: lines{noProbing, notAtFault}}),
	stalwart("a permission is missing", &term{alone: lines{"authenticate"}, within: lines{"no authenticate", "imapauthenticate", "pop3authenticate", "sieveauthenticate", "security.unauthorized", "not authorized to use this service"},
		means:  "The account, its role or this app password lacks the permission that is named: authenticate (any login: this is how an account is switched off), imapAuthenticate, pop3Authenticate, sieveAuthenticate, or emailSend for SMTP." + closesMute,
		causes: lines{"stalwart-login-not-permitted", "stalwart-protocol-not-permitted", "stalwart-app-password-permission", "stalwart-password-expired"}, tells: lines{seeRights, "An account's own password past its date loses these too."}, do: lines{"Have the mail admin say why it was taken away, then give it back."}, doNot: lines{notAtFault}, sources: []SourceLine{stalwartCode, stalwartRight}}),
	stalwart("too many attempts on one connection", &term{within: lines{"too many authentication attempts", "auth.too-many-attempts", "too many authentication errors"}, means: "More failures on one connection than maxAuthFailures allows (3): it is closed, and the next one is free again. With HTTP status 429 it is the ban itself.",
		causes: lines{"failing-device", "stalwart-ip-banned"}, tells: lines{"A new connection gets a greeting; from a banned address it gets none."}, do: lines{findDevice}, doNot: lines{noProbing}}),
	stalwart("the address is banned", &term{alone: lines{"insufficient permissions"}, within: lines{"security.ip-blocked", "blocked ip address", "security.authentication-ban", "no insufficient permissions"}, means: "Too many failures from this address, or on one login name, made Stalwart block the address, for every user behind it and by default for ever. It never locks an account.",
		causes: lines{"stalwart-ip-banned", "failing-device"}, tells: lines{otherPlace, "The connection is taken and closed without a greeting.", "The remote address of everybody being the proxy's means that a proxy was banned."},
		do: lines{seeBlocked, findDevice, "Have the mail admin delete the entry, then run the action ReloadBlockedIps: deleting alone changes nothing until then."}, doNot: lines{noProbing, notAtFault}, sources: []SourceLine{stalwartCode, stalwartBan}}),
	stalwart("why an address is blocked", &term{alone: lines{"authfailure", "rcpttofailure", "loitering", "portscanning"}, within: lines{"reason authfailure", "reason rcpttofailure", "reason loitering", "reason portscanning"},
		means:  "authFailure failed logins, rcptToFailure mail to names that do not exist, loitering connections that do nothing, portScanning requests that only scanners send.",
		causes: lines{"stalwart-ip-banned"}, tells: lines{"expiresAt empty means that the block has no end."}, do: lines{seeBlocked}, doNot: lines{notAtFault}, sources: []SourceLine{stalwartCode, stalwartBan}}),
	stalwart("too many requests at once", &term{within: lines{"too many concurrent requests", "limit.concurrent-request", "maxconcurrentrequests", "jmap error limit"}, means: "More sessions of one user at once than the server takes (16 for IMAP by default)." + wasRight,
		causes: lines{"imap-too-many-connections"}, tells: lines{"It goes away when other programs are closed."}, do: lines{closePrograms}, doNot: lines{noReset}}),
	stalwart("LDAP error", &term{alone: lines{"ldap error"}, within: lines{"[contactadmin] ldap error", "no ldap error", "err ldap error", "trylater ldap error", "store.ldap-error", "store.pool-error", "[contactadmin] connection timed out", "ldap operation result"},
		means:  "The directory did not answer, refused the server's own bind, or has no such base: all read alike to the user. In the log the event store.ldap-error has a code: 49 the bind password, 32 the base; without a code it is the connection.",
		causes: lines{"directory-unreachable", "directory-bind-stale", "directory-bind-account", "directory-certificate"}, tells: lines{"Read the code and the reason of the log line.", "A changed bind password bites when a new connection is opened: failures come and go at first."},
		do: lines{seeDirectory}, doNot: lines{notChecked}, sources: []SourceLine{stalwartCode, stalwartLDAP}}),
	stalwart("the directory has no such user", &term{within: lines{"lookup filter yielded no results", "authentication filter yielded no results"}, means: "The search that filterLogin describes found nobody.", causes: lines{"ad-user-unknown", "od-user-unknown"},
		tells: lines{"Run the same filter with the address that the user typed."}, do: lines{mendFilter, wholeAddress}, doNot: lines{notAtFault}, sources: []SourceLine{stalwartCode, stalwartLDAP}}),
	stalwart("the directory refuses the password", &term{within: lines{"secret rejected during auth bind"}, means: "The user's bind was refused, for any reason: a wrong password, a lock, a disabled or expired account, missing TLS. Stalwart keeps neither result nor sub-code.",
		causes: boundCauses, tells: lines{checkUser}, do: lines{"Have the domain controller's log read at that time, which has the reason."}, doNot: lines{notAlone, noTries}, sources: []SourceLine{stalwartCode, stalwartLDAP}}),
	stalwart("the directory hides the passwords", &term{within: lines{"does not have a secret", "does not contain secrets", "failed to obtain password hash"}, means: "The server compares the password by itself and the directory does not show it, as Active Directory never does.",
		tells: lines{"bindAuthentication is off in the directory's settings."}, do: lines{"Have the mail admin switch bindAuthentication on."}, doNot: lines{notChecked}, sources: []SourceLine{stalwartCode, stalwartLDAP}}),
	stalwart("the directory settings are not in use", &term{within: lines{"bind password is required when bind dn is set", "registry.build-error", "[authenticationfailed] $app$", "no $app$"}, means: "A directory could not be set up and Stalwart asks its own accounts instead: users of the directory are refused, with odd words.",
		tells: lines{"Reloading the settings gives the error back."}, do: lines{"Have the mail admin mend the directory's settings, then reload them."}, doNot: lines{notChecked}}),
	stalwart("an SQL directory", &term{within: lines{"sql login query did not return an account"}, means: "The query for logins found nobody by that name.", tells: lines{"Run the query with the address that the user typed."}, do: lines{wholeAddress}, doNot: lines{notAtFault}}),
	stalwart("ManageSieve, POP3 without TLS", &term{within: lines{"cannot authenticate over plain-text", "encrypt-needed"}, means: "The server takes no login here before TLS.", causes: lines{"imap-plaintext-refused"}, tells: lines{"The same program works with TLS."}, do: lines{useTLS}, doNot: lines{notChecked}}),
	{heading: "ManageSieve (TRYLATER)", alone: lines{"trylater"}, within: lines{"no (trylater"}, weight: coded, means: "A passing failure of the server: its directory, or too many sessions at once.", causes: lines{"directory-unreachable", "imap-too-many-connections"},
		tells: lines{wordsTell}, do: lines{waitThenOnce}, doNot: lines{notChecked}, sources: []SourceLine{stalwartCode, {"RFC 5804 §1.3, response codes", "https://www.rfc-editor.org/rfc/rfc5804#section-1.3"}}},
	stalwart("a group account", &term{within: lines{"[authenticationfailed] authentication error", "no authentication error", "account not found in registry"}, means: "The name is a group's, or an account that the server's registry lost: nobody can log in as it.",
		causes: lines{"stalwart-account-unknown"}, tells: lines{"The account's type is Group."}, do: lines{"Have the user log in with the own account, and share the mailbox with it."}, doNot: lines{noTries}}),
	stalwart("management: forbidden", &term{within: lines{"you are not an owner of account", "not authorized to perform this action", "not authorized to grant permissions", "only available in the enterprise edition", "no log tracers configured", "secondary credentials cannot be set directly"},
		means: "The key or account that asks lacks a permission, an edition, or a log to read. It says nothing of the user.", tells: lines{"GET /api/account lists the permissions of the key that asks."}, do: lines{"Have the mail admin give logindoctor's key the rights to read that its documentation lists."}, doNot: lines{leaveAccount}}),
	stalwart("too many app passwords", &term{within: lines{"exceeded your quota of … app passwords", "exceeded your quota of"}, means: "The account has as many app passwords as it may, 5 by default.", tells: lines{"They are listed in /account."}, do: lines{"Have the user delete those of devices that are gone."}, doNot: lines{notAtFault}, sources: []SourceLine{stalwartApp}}),
}

func stalwart(name string, t *term) *term {
	t.heading = "Stalwart: " + name
	if t.sources == nil {
		t.sources = []SourceLine{stalwartCode}
	}
	return t
}
