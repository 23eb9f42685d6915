package kerio

// The methods that this client may call: all read, but for the session's own. Names, params and result keys are from the
// API's IDL as public clients carry it (igiant/connect, 2021; pascalrobert/kerio-admin, 2013).
const (
	sessionLogin     = "Session.login"
	sessionLogout    = "Session.logout"
	sessionWhoAmI    = "Session.whoAmI"
	getVersion       = "Server.getVersion"
	getServerTime    = "Server.getServerTime"
	getOpenedFolders = "Server.getOpenedFoldersInfo"
	securityPolicy   = "SecurityPolicy.get"
	servicesGet      = "Services.get"
	domainsGet       = "Domains.get"
	testController   = "Domains.testDomainController" // makes Kerio bind once with its stored password; it changes nothing
	usersGet         = "Users.get"
	logsGet          = "Logs.get"
)

// allowed is what send lets through: a method that is not here cannot be called, whoever asks.
var allowed = map[string]bool{
	sessionLogin: true, sessionLogout: true, sessionWhoAmI: true, getVersion: true, getServerTime: true, getOpenedFolders: true,
	securityPolicy: true, servicesGet: true, domainsGet: true, testController: true, usersGet: true, logsGet: true,
}
