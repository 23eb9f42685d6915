package stalwart

// The methods that this client may call: they read, all of them. Names and permissions: W: ref/object/*.md, ref/permissions.md.
const (
	accountQuery = "x:Account/query"
	accountGet   = "x:Account/get"
	domainQuery  = "x:Domain/query"
	domainGet    = "x:Domain/get"
	roleGet      = "x:Role/get"
	blockedQuery = "x:BlockedIp/query"
	blockedGet   = "x:BlockedIp/get"
	allowedGet   = "x:AllowedIp/get"
	securityGet  = "x:Security/get"
	authGet      = "x:Authentication/get"
	directoryGet = "x:Directory/get"
	imapGet      = "x:Imap/get"
	httpGet      = "x:Http/get"
	systemGet    = "x:SystemSettings/get"
	listenerGet  = "x:NetworkListener/get"
	levelGet     = "x:EventTracingLevel/get"
	logQuery     = "x:Log/query"
	logGet       = "x:Log/get"
)

// allowed is what send lets through, with the permission that each wants: a method that is not here cannot be called, whoever
// asks.
var allowed = map[string]string{
	accountQuery: "sysAccountQuery", accountGet: "sysAccountGet", domainQuery: "sysDomainQuery", domainGet: "sysDomainGet", roleGet: "sysRoleGet",
	blockedQuery: "sysBlockedIpQuery", blockedGet: "sysBlockedIpGet", allowedGet: "sysAllowedIpGet", securityGet: "sysSecurityGet",
	authGet: "sysAuthenticationGet", directoryGet: "sysDirectoryGet", imapGet: "sysImapGet", httpGet: "sysHttpGet", systemGet: "sysSystemSettingsGet",
	listenerGet: "sysNetworkListenerGet", levelGet: "sysEventTracingLevelGet", logQuery: "sysLogQuery", logGet: "sysLogGet",
}
