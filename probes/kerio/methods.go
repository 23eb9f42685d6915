package kerio

// The methods that this client may call: all read, but for the session's own. Names, params and result keys (behind each
// method; without its key a reply is no answer) are from the API's IDL as public clients carry it (igiant/connect, 2021;
// pascalrobert/kerio-admin, 2013).
const (
	sessionLogin     = "Session.login" // token
	sessionLogout    = "Session.logout"
	sessionWhoAmI    = "Session.whoAmI"                    // userDetails
	getVersion       = "Server.getVersion"                 // version, product
	getServerTime    = "Server.getServerTime"              // info
	getOpenedFolders = "Server.getOpenedFoldersInfo"       // list, totalItems
	getAlerts        = "Server.getAlertList"               // alerts
	getConnections   = "Server.getConnections"             // list, totalItems
	securityPolicy   = "SecurityPolicy.get"                // options
	servicesGet      = "Services.get"                      // services
	domainsGet       = "Domains.get"                       // list, totalItems
	domainSettings   = "Domains.getSettings"               // setting
	testController   = "Domains.testDomainController"      // errors. It makes Kerio bind once with its stored password; it changes nothing
	usersGet         = "Users.get"                         // list, totalItems
	notActivated     = "Users.getNotActivated"             // newUsers
	mailboxCount     = "Users.getMailboxCount"             // count. "May take a long time if a directory service for mapped users is not available"
	accessPolicy     = "AccessPolicy.get"                  // list, totalItems
	accessGroups     = "AccessPolicy.getGroupList"         // groups
	addressGroups    = "IpAddressGroups.get"               // list, totalItems
	fullStatus       = "ProductRegistration.getFullStatus" // status
	logsGet          = "Logs.get"                          // viewport, totalItems
)

// allowed is what send lets through: a method that is not here cannot be called, whoever asks.
var allowed = map[string]bool{
	sessionLogin: true, sessionLogout: true, sessionWhoAmI: true, getVersion: true, getServerTime: true, getOpenedFolders: true,
	securityPolicy: true, servicesGet: true, domainsGet: true, testController: true, usersGet: true, logsGet: true,
	getAlerts: true, getConnections: true, domainSettings: true, notActivated: true, mailboxCount: true, accessPolicy: true, accessGroups: true,
	addressGroups: true, fullStatus: true,
}
