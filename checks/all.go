package checks

// All is the catalogue, in report order.
//
// Left out on purpose: whatever belongs to Stalwart, and the causes that no five questions ask for; each joins with its own file.
var All = []*Check{
	// account-locked
	KerioAccountLocked,
	KerioIPBlocked,
	ADAccountLocked,
	ODAccountLocked,
	// opened-folders
	KerioOpenedFolders,
	// app-password-on-api
	AppPasswordOnAPI,
	AppPasswordNeeded,
	// directory-bind
	DirectoryBindStale,
	DirectoryBindAccount,
	// imap-login
	IMAPLogin,
	// account-state
	KerioAccountDisabled,
	ADAccountDisabled,
	ADAccountExpired,
	ADLogonHours,
	ADSmartcardRequired,
	ODAccountDisabled,
	// password-state
	WrongPassword,
	ADPasswordExpired,
	ADMustChangePassword,
	PasswordJustChanged,
	ODPasswordExpired,
	ODMustChangePassword,
	// access-rules
	IMAPPlaintextRefused,
	IMAPTooManyConnections,
	// mail-service
	MailServerUnreachable,
	IMAPUnavailable,
	IMAPMailboxUnavailable,
	// directory-service
	DirectoryUnreachable,
	ADStrongAuthRequired,
	DirectoryCertificate,
	// network
	MailCertificate,
}

// Find gives the check with this id; nil if there is none.
func Find(id string) *Check {
	for _, c := range All {
		if c.ID == id {
			return c
		}
	}
	return nil
}
