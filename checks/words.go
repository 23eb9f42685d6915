package checks

import (
	"strings"

	"logindoctor.example/probes"
)

// What servers say without a response code. Each list names the servers whose words it holds; matching is loose, in lower case.

// limitWords: Stalwart over ManageSieve "Too many concurrent requests" (S: managesieve/src/op/authenticate.rs); Cyrus 3.6 "Too many open connections (3 of 3 for …)"; Dovecot 2.3 "Maximum number of connections from
// user+IP exceeded"; Kerio's warning log "rejected: too many connections". Observed, Kerio's apart (MAN-266).
var limitWords = []string{"too many open connections", "too many connections", "maximum number of connections", "too many simultaneous", "too many concurrent requests"}

// tlsWords: Courier 5 "STARTTLS required"; Cyrus 3.6 "Login only available under a layer", "encryption needed"; Dovecot 2.3
// "Plaintext authentication disallowed". Observed. Stalwart "LOGIN is disabled on the clear-text port." (S: imap/src/core/client.rs).
var tlsWords = []string{"disabled on the clear-text port", "starttls required", "only available under a layer", "encryption needed", "plaintext authentication dis", "cleartext authentication dis"}

// offWords speak of a login that somebody switched off: Dovecot's reasons login_disabled and user_disabled, as sites word them.
var offWords = []string{"disabled", "deactivated", "suspended"}

// storeWords: Courier 5 ends the connection with "Temporary problem, please try again later" where it does not find the mailbox. Observed.
var storeWords = []string{"temporary problem"}

// appWords: Kerio's "Only application passwords are allowed since 2FA is enabled" (GFI 130064); Stalwart's "This account requires
// multi-factor authentication. Alternatively, you can use an app password if your account has one.", said to the right password
// alone (crates/trc/src/event/enums_impl.rs, crates/directory/src/core/secret.rs).
var appWords = []string{"only application passwords are allowed", "requires multi-factor authentication"}

// Stalwart's words to a secret that it knows and turns away: past its end, and not from this address; and those to one that it
// does not know (crates/trc/src/event/enums_impl.rs). Over IMAP only the first and the last are ever said.
var (
	expiredWords = []string{"credential expired"}
	addressWords = []string{"unauthorized ip address"}
	failedWords  = []string{"authentication failed"}
)

func says(o *probes.IMAPOutcome, words []string) bool {
	if containsAny(o.Words, words) {
		return true
	}
	for _, u := range o.Untagged {
		if containsAny(u.Words, words) {
			return true
		}
	}
	return false
}

func containsAny(text string, words []string) bool {
	text = strings.ToLower(text)
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

func tooMany(o *probes.IMAPOutcome) bool {
	return o.Code == probes.CodeLimit || says(o, limitWords)
}

func wantsAppPassword(o *probes.IMAPOutcome) bool { return says(o, appWords) }

// quoted is a reply within a sentence.
func quoted(o *probes.IMAPOutcome) string { return strings.TrimRight(o.Said(), ". ") }

func wantsTLS(o *probes.IMAPOutcome) bool {
	return o.Code == probes.CodePrivacyRequired || says(o, tlsWords)
}
