package report

// Kerberos' errors, by the numbers of RFC 4120 §7.5.9 and MIT's texts. What kinit says was observed against Samba 4.17.

var (
	rfc4120     = SourceLine{"RFC 4120 §7.5.9, error codes", "https://www.rfc-editor.org/rfc/rfc4120#section-7.5.9"}
	etypeSource = SourceLine{"KB5021131, Kerberos protocol changes", "https://support.microsoft.com/en-gb/topic/kb5021131-how-to-manage-the-kerberos-protocol-changes-related-to-cve-2022-37966-fd837ac3-cdec-4e76-a6ec-86e67501407d"}
)

var kerberosTerms = []*term{
	kerberos("0x6", "6", "the name is unknown", &term{means: "The directory knows no user by that name, in that realm.", causes: lines{"ad-user-unknown"},
		tells: lines{"The realm is the part behind the @, in capitals: a wrong one reads the same."}, do: lines{"Compare the name with the account's, and the realm with the mail server's setting."}, doNot: lines{notAtFault}},
		"kdc_err_c_principal_unknown", "not found in kerberos database"),
	kerberos("0x12", "18", "credentials have been revoked", &term{means: "The account is locked, disabled or expired, or may not log in at this hour: Kerberos does not tell them apart.",
		causes: lines{"ad-account-locked", "ad-account-disabled", "ad-account-expired", "ad-logon-hours"}, tells: lines{readAccount},
		do: lines{"Then do what is said about the one that it is."}, doNot: lines{notAlone}}, "kdc_err_client_revoked", "credentials have been revoked"),
	kerberos("0x17", "23", "the password has expired", &term{means: "The password was right and has expired, or has to be changed at the next login: Kerberos says the same for both.",
		causes: lines{"ad-password-expired", "ad-must-change-password"}, tells: lines{"pwdLastSet 0 means that it has to be changed; else it has expired."},
		do: lines{"Have the user change it on a domain computer, then on every device."}, doNot: lines{noReset}}, "kdc_err_key_expired", "you must change it now"),
	kerberos("0x18", "24", "wrong password", &term{means: "The password did not fit.", causes: lines{"wrong-password", "password-just-changed", "failing-device"},
		tells: lines{"See when the password was set: failures that begin then come from a device with the old one."}, do: lines{findDevice}, doNot: lines{noTries, notAlone}},
		"kdc_err_preauth_failed", "password incorrect", "preauthentication failed"),
	kerberos("0x25", "37", "clock skew too great", &term{means: "Two clocks differ by more than Kerberos allows, 300 seconds as a rule.", causes: lines{"clock-skew"},
		tells: lines{"Compare the mail server's clock with the domain controllers'.", "Test connection on the mail server stays green: it uses no Kerberos."},
		do:    lines{"Set the mail server's clock by the domain controllers."}, doNot: lines{notChecked},
		sources: []SourceLine{rfc4120, {"MIT Kerberos, clock skew", "http://web.mit.edu/kerberos/krb5-1.4/krb5-1.4.4/doc/krb5-admin/Clock-Skew.html"}}}, "krb_ap_err_skew", "clock skew"),
	kerberos("0xe", "14", "encryption type not supported", &term{means: "Client and KDC have no encryption type in common for this account.",
		tells: lines{"See whether it began with an update of the domain controllers, and whether event 14 names the account."},
		do:    lines{"Have the directory admin set the account's password anew so that it gets AES keys, and the mail admin make a new keytab."}, doNot: lines{notAtFault},
		sources: []SourceLine{rfc4120, etypeSource}}, "kdc_err_etype_nosupp", "no support for encryption type"),
}

// kerberos fills in how tools and events write an error: 4771 has the number in hexadecimal, traces have it in decimal.
func kerberos(hex, decimal, name string, t *term, texts ...string) *term {
	t.heading = "Kerberos " + hex + ": " + name
	t.alone = lines{hex, decimal}
	t.within = append(texts, "failure code "+hex, "error code "+hex, "result code "+hex, "kerberos "+hex, "kerberos error "+hex, "kdc error "+hex, "status "+hex,
		"kerberos error "+decimal, "krb5 error code "+decimal, "krberror "+decimal)
	if t.sources == nil {
		t.sources = []SourceLine{rfc4120, sambaSource}
	}
	return t
}
