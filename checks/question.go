package checks

import "logindoctor.example/probes"

// Question is something to ask the caller where the facts leave a case open. What a caller says is a fact of its own kind: it
// orders the causes that are left, and makes none of them certain.
type Question struct {
	ID      string // kebab-case
	Ask     string
	Options []Option
}

// Option is one answer to a question.
type Option struct {
	Say     string
	For     []*Check // the causes that it speaks for
	Against []*Check // those that it rules out
}

// Said is the option that the caller chose; nil where it was not asked, or the answer is none of the options.
func (q *Question) Said(s *probes.Snapshot) *Option {
	for _, a := range s.Said {
		if a.Question != q.ID {
			continue
		}
		for i := range q.Options {
			if q.Options[i].Say == a.Say {
				return &q.Options[i]
			}
		}
	}
	return nil
}

// Questions are all that may be asked, the cheapest for the caller first.
var Questions = []*Question{
	{ID: "others", Ask: "Do colleagues have the same trouble now?", Options: []Option{
		{Say: "yes", For: []*Check{DirectoryBindStale, DirectoryUnreachable, MailServerUnreachable, IMAPUnavailable, KerioLicenseExpired, MailCertificate, DirectoryCertificate, KerioServiceStopped, KerioIPBlocked, KerioConnectionLimit, ADStrongAuthRequired, ClockSkew, DirectoryBindAccount, DNSName, StalwartIPBanned}},
		{Say: "no, only this person", Against: []*Check{DirectoryBindStale, DirectoryUnreachable, MailServerUnreachable, KerioLicenseExpired, KerioServiceStopped, ADStrongAuthRequired, DirectoryBindAccount}}}},
	{ID: "webmail", Ask: "Does webmail take the same password?", Options: []Option{
		{Say: "yes", For: []*Check{AppPasswordNeeded, KerioAccessPolicy, KerioIPBlocked, IMAPTooManyConnections, KerioServiceStopped, StalwartProtocolNotPermitted},
			Against: []*Check{KerioAccountLocked, ADAccountLocked, ODAccountLocked, WrongPassword, ADAccountDisabled, KerioAccountDisabled, ADPasswordExpired, ADMustChangePassword, DirectoryBindStale, DirectoryUnreachable, StalwartLoginNotPermitted}},
		{Say: "no", For: []*Check{KerioAccountLocked, ADAccountLocked, ODAccountLocked, WrongPassword, PasswordJustChanged, DirectoryBindStale, DirectoryUnreachable, StalwartIPBanned, StalwartAccountUnknown, StalwartLoginNotPermitted, StalwartAliasLogin},
			Against: []*Check{AppPasswordNeeded}}}},
	{ID: "password-changed", Ask: "Was the password changed in the last days, on a computer or by the helpdesk?", Options: []Option{
		{Say: "yes", For: []*Check{PasswordJustChanged, ADMustChangePassword, ODMustChangePassword, DirectoryReplicasDiffer, FailingDevice}},
		{Say: "no", Against: []*Check{PasswordJustChanged, DirectoryReplicasDiffer}}}},
	{ID: "other-network", Ask: "Does it work from another network, over mobile data say?", Options: []Option{
		{Say: "yes", For: []*Check{KerioIPBlocked, KerioServiceAddressRule, KerioAccessPolicy, DNSName, StalwartIPBanned, StalwartAppPasswordAddress},
			Against: []*Check{KerioAccountLocked, ADAccountLocked, ODAccountLocked, KerioAccountDisabled, ADAccountDisabled, WrongPassword, StalwartLoginNotPermitted, StalwartAliasLogin, StalwartPasswordExpired, StalwartProtocolNotPermitted}},
		{Say: "no", Against: []*Check{KerioIPBlocked, KerioServiceAddressRule, StalwartIPBanned, StalwartAppPasswordAddress}}}},
	{ID: "second-factor", Ask: "Does webmail ask for a code besides the password?", Options: []Option{
		{Say: "yes", For: []*Check{AppPasswordNeeded, AppPasswordOnAPI, KerioDisabledBy2FA}},
		{Say: "no", Against: []*Check{AppPasswordNeeded, AppPasswordOnAPI, KerioDisabledBy2FA}}}},
	{ID: "how-it-fails", Ask: "Does the login fail at once, or does it hang?", Options: []Option{
		{Say: "at once", For: []*Check{WrongPassword, KerioAccountLocked, ADAccountLocked, StalwartIPBanned}, Against: []*Check{KerioOpenedFolders}},
		{Say: "it hangs", For: []*Check{KerioOpenedFolders, IMAPTooManyConnections, DirectoryUnreachable, StalwartAppPasswordExpired, StalwartAppPasswordRevoked, StalwartAppPasswordMangled}, Against: []*Check{WrongPassword}}}},
}
