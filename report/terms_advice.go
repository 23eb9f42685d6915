package report

// Advice that more than one term gives.

const (
	noReset      = "Do not reset the password: it was right."
	notChecked   = "Do not reset the password: it was not checked."
	notAtFault   = "Do not reset the password: it is not at fault."
	notAlone     = "Do not reset the password on this alone."
	noTries      = "Do not try further passwords: each one counts towards a lock."
	leaveAccount = "Do not touch the user's account."
	keepDemand   = "Do not lower the domain controller's requirement."
	keepTLS      = "Do not let the server take passwords without TLS."

	checkUser     = "Run logindoctor check USER: the account's own state tells the causes apart."
	readAccount   = "Read the account's attributes in the directory: they tell which."
	othersToo     = "See whether others are refused alike."
	otherPlace    = "See whether it works from another network, over mobile data say."
	sameTime      = "Compare the line's time, protocol and address with what the user did."
	wordsTell     = "The words behind the code say more."
	readLog       = "Have the mail admin read the mail server's log at that time."
	useTLS        = "Set the mail program to TLS (port 993) or STARTTLS."
	bindOverTLS   = "Have the mail server bind over LDAPS or StartTLS."
	closePrograms = "Close mail programs on other devices."
	findDevice    = "Find the device that still sends an old password, and give it the present one."
	wholeAddress  = "Have the user enter the whole mail address as user name."
	auditor       = "Give logindoctor's account the role Auditor, which may read everything and change nothing."
	seeDirectory  = "Have the mail admin see whether the directory answers, and whether the mail server's own password for it is right."
	waitThenOnce  = "Wait a little, then try once."
	simpleBind    = "Have the mail server bind with a simple bind over TLS."
	whoseBind     = "Whose bind was it? Where it was the mail server's own account, all its users are refused."
	anotherCause  = "Look for the cause of a failed login elsewhere: logindoctor check USER."
)

// Sentences at the end of what more than one term means.
const (
	wasRight     = " The password was right."
	notLooked    = " It did not look at the password."
	likeWrong    = " The user sees what a wrong password gives."
	noMatter     = " It is no matter of the login."
	closesMute   = " Over IMAP the connection closes without a word."
	countsForBan = " It counts towards a ban."
)

// refusedCauses may all stand behind a refusal that gives no reason.
var refusedCauses = []string{"wrong-password", "kerio-account-locked", "ad-account-locked", "od-account-locked", "kerio-account-disabled", "ad-account-disabled",
	"ad-account-expired", "ad-password-expired", "ad-must-change-password", "app-password-needed", "kerio-user-unknown", "ad-smartcard-required"}

// boundCauses may stand behind a directory's refusal of the user's bind, where its reason was lost.
var boundCauses = []string{"wrong-password", "ad-account-locked", "od-account-locked", "ad-account-disabled", "od-account-disabled", "ad-account-expired", "ad-password-expired",
	"ad-must-change-password", "ad-logon-hours", "ad-workstation", "ad-smartcard-required"}

// uncheckedCauses may stand behind a login that the mail server could not check.
var uncheckedCauses = []string{"imap-unavailable", "directory-bind-stale", "directory-bind-account", "directory-unreachable", "directory-certificate"}

type lines = []string
