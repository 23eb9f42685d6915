package checks

import "logindoctor.example/probes"

// What a check may read. Each is one fact with its own way to fail.
var (
	KerioSession = kerioNeed("logindoctor's own session (Session.login, Session.whoAmI)",
		func(k *probes.KerioServer) **probes.Observation[probes.KerioSession] { return &k.Session })
	KerioClock = kerioNeed("the server's clock (Server.getServerTime)",
		func(k *probes.KerioServer) **probes.Observation[probes.KerioClock] { return &k.Clock })
	KerioPolicy = kerioNeed("the security policy (SecurityPolicy.get)",
		func(k *probes.KerioServer) **probes.Observation[probes.KerioSecurityPolicy] { return &k.SecurityPolicy })
	KerioServices = kerioNeed("the services (Services.get)",
		func(k *probes.KerioServer) **probes.Observation[[]probes.KerioService] { return &k.Services })
	KerioDomain = kerioNeed("the account's mail domain (Domains.get)",
		func(k *probes.KerioServer) **probes.Observation[probes.KerioDomain] { return &k.Domain })
	KerioBindTest = kerioNeed("Kerio's test of its own directory bind (Domains.testDomainController)",
		func(k *probes.KerioServer) **probes.Observation[probes.KerioBindTest] { return &k.BindTest })

	KerioUser = kerioAccountNeed("the user's row (Users.get)",
		func(a *probes.KerioAccount) **probes.Observation[probes.KerioUser] { return &a.User })
	KerioFolders = kerioAccountNeed("opened folders (Server.getOpenedFoldersInfo)",
		func(a *probes.KerioAccount) **probes.Observation[probes.KerioFolders] { return &a.Folders })
	KerioSecurityLog = kerioAccountNeed("the security log (Logs.get security)",
		func(a *probes.KerioAccount) **probes.Observation[probes.KerioLog] { return &a.Log })
	KerioAuditLog = kerioAccountNeed("the audit log (Logs.get audit)",
		func(a *probes.KerioAccount) **probes.Observation[probes.KerioLog] { return &a.Audit })
	KerioDebugLog = kerioAccountNeed("the debug log, as far as it is about user authentication (Logs.get debug)",
		func(a *probes.KerioAccount) **probes.Observation[probes.KerioLog] { return &a.Debug })
	KerioAlerts = kerioNeed("the server's alerts (Server.getAlertList)",
		func(k *probes.KerioServer) **probes.Observation[[]probes.KerioAlert] { return &k.Alerts })
	KerioLicense = kerioNeed("the licence (ProductRegistration.getFullStatus)",
		func(k *probes.KerioServer) **probes.Observation[probes.KerioLicense] { return &k.License })
	KerioMailboxes = kerioNeed("how many mailboxes count towards the licence (Users.getMailboxCount)",
		func(k *probes.KerioServer) **probes.Observation[probes.KerioMailboxes] { return &k.Mailboxes })
	KerioConnections = kerioNeed("the connections that stand now (Server.getConnections)",
		func(k *probes.KerioServer) **probes.Observation[probes.KerioConnections] { return &k.Connections })
	KerioSettings = kerioNeed("which server of a distributed domain this one is (Domains.getSettings)",
		func(k *probes.KerioServer) **probes.Observation[probes.KerioSettings] { return &k.Settings })
	KerioAddressGroups = kerioNeed("the groups of addresses (IpAddressGroups.get)",
		func(k *probes.KerioServer) **probes.Observation[[]probes.KerioAddressGroup] { return &k.AddressGroups })
	KerioAccess = kerioAccountNeed("the user's access policy (AccessPolicy.get)",
		func(a *probes.KerioAccount) **probes.Observation[probes.KerioAccess] { return &a.Access })
	KerioPending = kerioAccountNeed("directory users that were never activated (Users.getNotActivated)",
		func(a *probes.KerioAccount) **probes.Observation[probes.KerioPending] { return &a.Pending })

	// KerioReach is the connections to Kerio's two endpoints.
	KerioReach = &Need{Name: "the connections to Kerio Connect", Missing: noKerio,
		configured: func(t *probes.Target) bool { return hasKerio(t) || hasKerioUser(t) },
		looks: func(s *probes.Snapshot) []*probes.Look {
			if s.Kerio == nil {
				return nil
			}
			return []*probes.Look{reachLook(probes.ProbeKerio, s.Kerio.Admin), reachLook(probes.ProbeKerio, s.Kerio.User)}
		},
		hand: func(to, from *probes.Snapshot) {
			if from.Kerio != nil {
				if to.Kerio == nil {
					to.Kerio = &probes.KerioServer{}
				}
				to.Kerio.Admin, to.Kerio.User = from.Kerio.Admin, from.Kerio.User
			}
		}}

	DirectoryReach = directoryNeed("the connections to the directory", noDirectory, hasDirectory,
		func(d *probes.DirectoryServer) *probes.Look { return reachLook(probes.ProbeDirectory, d.Reach) },
		func(to, from *probes.DirectoryServer) { to.Reach = from.Reach })
	DirectoryBind = directoryNeed("the bind of logindoctor's reader", noDirectory, hasDirectory,
		func(d *probes.DirectoryServer) *probes.Look { return lookOf(d.Bind) },
		func(to, from *probes.DirectoryServer) { to.Bind = from.Bind })
	DirectoryRoot = directoryNeed("the root DSE", noDirectory, hasDirectory,
		func(d *probes.DirectoryServer) *probes.Look { return lookOf(d.Root) },
		func(to, from *probes.DirectoryServer) { to.Root = from.Root })
	DirectoryPolicy = directoryNeed("the domain's lockout policy", noDirectory, hasDirectory,
		func(d *probes.DirectoryServer) *probes.Look { return lookOf(d.Policy) },
		func(to, from *probes.DirectoryServer) { to.Policy = from.Policy })
	BindAccount = directoryNeed("the mail server's bind account", noDirectory, hasDirectory,
		func(d *probes.DirectoryServer) *probes.Look { return lookOf(d.BindAccount) },
		func(to, from *probes.DirectoryServer) { to.BindAccount = from.BindAccount })
	BindTest = directoryNeed("a bind with the password that the mail server should have", noDirectory, hasDirectory,
		func(d *probes.DirectoryServer) *probes.Look { return lookOf(d.BindTest) },
		func(to, from *probes.DirectoryServer) { to.BindTest = from.BindTest })

	ADEntry        = directoryAccountNeed("the user's object in Active Directory", noAD, hasAD)
	ODEntry        = directoryAccountNeed("the user's record in Open Directory", noOD, hasOD)
	DirectoryEntry = directoryAccountNeed("the user's entry in the directory", noDirectory, hasDirectory)

	IMAPReach = imapNeed("the connection to the IMAP server",
		func(i *probes.IMAPServer) *probes.Look { return reachLook(probes.ProbeIMAP, i.Reach) },
		func(to, from *probes.IMAPServer) { to.Reach = from.Reach })
	IMAPGreeting = imapNeed("the IMAP greeting",
		func(i *probes.IMAPServer) *probes.Look { return lookOf(i.Greeting) },
		func(to, from *probes.IMAPServer) { to.Greeting = from.Greeting })
	IMAPCapabilities = imapNeed("the IMAP capabilities",
		func(i *probes.IMAPServer) *probes.Look { return lookOf(i.Capabilities) },
		func(to, from *probes.IMAPServer) { to.Capabilities = from.Capabilities })

	// Attempts are the logins that were made or withheld. A check reads them with Uses: that none was made is no failure to look.
	Attempts = &Need{Name: "the login attempts of this run", configured: anything,
		looks: func(s *probes.Snapshot) []*probes.Look {
			if s.Login == nil {
				return nil
			}
			return []*probes.Look{{Probe: probes.ProbeLogin, What: "login plan"}}
		},
		hand: func(to, from *probes.Snapshot) { to.Login = from.Login }}
)
