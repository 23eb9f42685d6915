package checks

// All is the catalogue, in report order.
//
// Left out on purpose: the causes that no five questions ask for; each joins with its own file.
var All = []*Check{
	// account-locked
	KerioAccountLocked,
	KerioIPBlocked,
	ADAccountLocked,
	ODAccountLocked,
	StalwartIPBanned,
	FailingDevice,
	// opened-folders
	KerioOpenedFolders,
	// app-password-on-api
	AppPasswordOnAPI,
	AppPasswordNeeded,
	StalwartAppPasswordExpired,
	StalwartAppPasswordRevoked,
	StalwartAppPasswordAddress,
	StalwartAppPasswordPermission,
	StalwartAppPasswordMangled,
	StalwartAppPasswordAsBearer,
	// directory-bind
	DirectoryBindStale,
	DirectoryBindAccount,
	// imap-login
	IMAPLogin,
	// account-state
	KerioAccountDisabled,
	KerioDisabledBy2FA,
	KerioUserUnknown,
	KerioUserNotActivated,
	KerioMailboxMoving,
	StalwartAccountUnknown,
	StalwartLoginNotPermitted,
	StalwartAliasLogin,
	ADAccountDisabled,
	ADAccountExpired,
	ADLogonHours,
	ADWorkstation,
	ADSmartcardRequired,
	ADUserUnknown,
	ODUserUnknown,
	ODAccountDisabled,
	// password-state
	WrongPassword,
	ADPasswordExpired,
	ADMustChangePassword,
	PasswordJustChanged,
	ODPasswordExpired,
	ODMustChangePassword,
	KerioPasswordExpiry,
	StalwartPasswordExpired,
	// access-rules
	KerioAccessPolicy,
	KerioServiceAddressRule,
	StalwartProtocolNotPermitted,
	IMAPPlaintextRefused,
	IMAPTooManyConnections,
	// mail-service
	KerioServiceStopped,
	MailServerUnreachable,
	IMAPUnavailable,
	IMAPMailboxUnavailable,
	KerioConnectionLimit,
	KerioLicenseExpired,
	KerioLicenseUsers,
	MailboxFull,
	// directory-service
	DirectoryUnreachable,
	ADStrongAuthRequired,
	DirectoryCertificate,
	DirectoryReplicasDiffer,
	ClockSkew,
	// network
	MailCertificate,
	DNSName,
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
