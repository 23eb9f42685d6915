package report

// What programs say that do not get as far as a login.

var programSource = SourceLine{"curl, OpenSSL and Go's libraries; observed", ""}

const noAccept = "Do not have anybody \"accept anyway\"."

var networkTerms = []*term{
	{heading: "The name does not resolve", within: lines{"no such host", "could not resolve host", "name or service not known", "nxdomain", "temporary failure in name resolution"}, means: "The server's name is not known to DNS, here at least.",
		causes: lines{"dns-name"}, tells: lines{otherPlace, "A resolver that fails for every name is a trouble of this computer's network."}, do: lines{"Compare the name's spelling with the server's, then have the record mended."}, doNot: lines{notChecked}, sources: []SourceLine{programSource}},
	{heading: "Connection refused", within: lines{"connection refused", "curl: (7)", "couldn't connect to server"}, means: "The host answers that nothing listens on this port.", causes: lines{"kerio-service-stopped", "mail-server-unreachable", "directory-unreachable"},
		tells: lines{"Another port of the same host answers where one service alone is stopped."}, do: lines{"Have the mail admin see whether the service runs."}, doNot: lines{notChecked}, sources: []SourceLine{programSource}},
	{heading: "No answer in time", alone: lines{"-1"}, within: lines{"connection timed out", "i/o timeout", "operation timed out", "can't contact ldap server", "network is unreachable", "no route to host"}, means: "Nothing answered, or there is no way there. A server may also let a login wait 15 seconds after others' failures.",
		causes: lines{"mail-server-unreachable", "directory-unreachable"}, tells: lines{otherPlace, "An answer that comes after 15 seconds is a penalty, not an outage."}, do: lines{"Have the network looked at between here and the server."}, doNot: lines{notChecked}, sources: []SourceLine{programSource, penaltySource}},
	{heading: "The connection was closed", within: lines{"connection reset by peer", "unexpected eof", "curl: (56)", "connection closed by remote host"}, weight: coded, means: "The server ended the connection without a word: a ban of the address, a limit, a missing permission, or an account that it lets in and turns away.",
		causes: lines{"imap-too-many-connections", "kerio-ip-blocked", "stalwart-ip-banned", "kerio-service-address-rule", "stalwart-login-not-permitted", "stalwart-protocol-not-permitted"}, tells: lines{"No greeting at all means the address or a limit; an end behind the login means the account.", otherPlace}, do: lines{readLog}, doNot: lines{noTries}, sources: []SourceLine{programSource, stalwartCode}},
	{heading: "TLS on the wrong port", within: lines{"wrong version number", "first record does not look like a tls handshake", "packet length too long"}, weight: coded, means: "One side speaks TLS and the other does not: 993 begins with TLS, 143 without.",
		tells: lines{"The server's log has no login at that time."}, do: lines{useTLS}, doNot: lines{notChecked}, sources: []SourceLine{programSource}},
	{heading: "The certificate is refused", within: lines{"certificate has expired", "certificate signed by unknown authority", "unable to get local issuer certificate", "certificate is valid for", "certificate verify failed", "certificate is not trusted", "self-signed certificate", "self signed certificate", "curl: (60)", "ssl certificate problem"},
		means: "The server's certificate is expired, for another name, or signed by nobody who is trusted here.", causes: lines{"mail-certificate", "directory-certificate"}, tells: lines{"The words say which of the three."},
		do: lines{"Have the server's admin renew it, with the whole chain, for the name that programs use."}, doNot: lines{noAccept}, sources: []SourceLine{programSource}},
}
