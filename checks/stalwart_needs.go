package checks

import "logindoctor.example/probes"

// What a check may read of Stalwart. Each is one object, which a permission of our key may be missing for.

const noStalwart = "no Stalwart in the profile"

func hasStalwart(t *probes.Target) bool { return t.Stalwart != nil }
func hasSieve(t *probes.Target) bool    { return t.Stalwart != nil && t.Stalwart.ManageSieve != "" }

// onStalwart says that Stalwart is the mail server, so that what IMAP says is in its words.
func onStalwart(t *probes.Target) bool { return t.Kerio == nil && hasStalwart(t) }

// stalwartNeed makes a Need of one field of the Stalwart server.
func stalwartNeed[T any](name string, field func(*probes.StalwartServer) **probes.Observation[T]) *Need {
	return &Need{Name: name, Missing: noStalwart, configured: hasStalwart,
		looks: func(s *probes.Snapshot) []*probes.Look {
			if s.Stalwart == nil {
				return nil
			}
			return []*probes.Look{lookOf(*field(s.Stalwart))}
		},
		hand: func(to, from *probes.Snapshot) {
			if from.Stalwart != nil {
				*field(stalwartOf(to)) = *field(from.Stalwart)
				to.Stalwart.Clock = from.Stalwart.Clock
			}
		}}
}

// stalwartAccountNeed makes a Need of one field of the account at Stalwart.
func stalwartAccountNeed[T any](name string, field func(*probes.StalwartAccount) **probes.Observation[T]) *Need {
	return &Need{Name: name, Missing: noStalwart, configured: hasStalwart,
		looks: func(s *probes.Snapshot) []*probes.Look {
			if s.Account.Stalwart == nil {
				return nil
			}
			return []*probes.Look{lookOf(*field(s.Account.Stalwart))}
		},
		hand: func(to, from *probes.Snapshot) {
			if from.Account.Stalwart != nil {
				*field(stalwartAccountOf(to)) = *field(from.Account.Stalwart)
				if from.Stalwart != nil {
					stalwartOf(to).Clock = from.Stalwart.Clock
				}
			}
		}}
}

func stalwartOf(s *probes.Snapshot) *probes.StalwartServer {
	if s.Stalwart == nil {
		s.Stalwart = &probes.StalwartServer{}
	}
	return s.Stalwart
}

func stalwartAccountOf(s *probes.Snapshot) *probes.StalwartAccount {
	if s.Account.Stalwart == nil {
		s.Account.Stalwart = &probes.StalwartAccount{}
	}
	return s.Account.Stalwart
}

var (
	StalwartSession = stalwartNeed("logindoctor's own session at Stalwart (JMAP session)",
		func(w *probes.StalwartServer) **probes.Observation[probes.StalwartSession] { return &w.Session })
	StalwartDomain = stalwartNeed("the account's mail domain (x:Domain)",
		func(w *probes.StalwartServer) **probes.Observation[probes.StalwartDomain] { return &w.Domain })
	StalwartRoles = stalwartNeed("the roles (x:Role)",
		func(w *probes.StalwartServer) **probes.Observation[probes.StalwartRoles] { return &w.Roles })
	StalwartBlocked = stalwartNeed("the banned addresses (x:BlockedIp)",
		func(w *probes.StalwartServer) **probes.Observation[probes.StalwartAddresses] { return &w.Blocked })
	StalwartAllowed = stalwartNeed("the addresses that are never banned (x:AllowedIp)",
		func(w *probes.StalwartServer) **probes.Observation[probes.StalwartAddresses] { return &w.Allowed })
	StalwartSecurity = stalwartNeed("when an address is banned (x:Security)",
		func(w *probes.StalwartServer) **probes.Observation[probes.StalwartSecurity] { return &w.Security })
	StalwartAuthentication = stalwartNeed("which directory checks passwords, and the default roles (x:Authentication)",
		func(w *probes.StalwartServer) **probes.Observation[probes.StalwartAuthentication] {
			return &w.Authentication
		})
	StalwartDirectories = stalwartNeed("the directories (x:Directory)",
		func(w *probes.StalwartServer) **probes.Observation[[]probes.StalwartDirectory] { return &w.Directories })
	StalwartIMAP = stalwartNeed("the settings of IMAP (x:Imap)",
		func(w *probes.StalwartServer) **probes.Observation[probes.StalwartIMAP] { return &w.IMAP })
	StalwartSystem = stalwartNeed("the default domain and the trusted proxies (x:SystemSettings)",
		func(w *probes.StalwartServer) **probes.Observation[probes.StalwartSystem] { return &w.System })
	StalwartLevels = stalwartNeed("the log levels that were changed (x:EventTracingLevel)",
		func(w *probes.StalwartServer) **probes.Observation[[]probes.StalwartLevel] { return &w.Levels })
	StalwartDirectoryLog = stalwartNeed("the directory's errors in the log (x:Log)",
		func(w *probes.StalwartServer) **probes.Observation[probes.StalwartLog] { return &w.DirectoryLog })
	StalwartAddressLog = stalwartNeed("the bans of the address in the log (x:Log)",
		func(w *probes.StalwartServer) **probes.Observation[probes.StalwartLog] { return &w.AddressLog })

	StalwartUser = stalwartAccountNeed("the account, with its credentials and permissions (x:Account)",
		func(a *probes.StalwartAccount) **probes.Observation[probes.StalwartUser] { return &a.User })
	StalwartUserLog = stalwartAccountNeed("the log's lines about the account (x:Log)",
		func(a *probes.StalwartAccount) **probes.Observation[probes.StalwartLog] { return &a.Log })
	StalwartBans = stalwartAccountNeed("the bans that failures on this login name brought (x:Log)",
		func(a *probes.StalwartAccount) **probes.Observation[probes.StalwartLog] { return &a.Bans })

	// StalwartSecret is what the caller's secret looks like. A check reads it with Uses: that none was given is no failure to look.
	StalwartSecret = &Need{Name: "the form of the caller's secret, told without trying it", Missing: noStalwart, configured: hasStalwart,
		looks: func(s *probes.Snapshot) []*probes.Look {
			if s.Account.Stalwart == nil || s.Account.Stalwart.Secret == nil {
				return nil
			}
			return []*probes.Look{{Probe: probes.ProbeStalwart, What: "the form of the secret"}}
		},
		hand: func(to, from *probes.Snapshot) {
			if from.Account.Stalwart != nil {
				stalwartAccountOf(to).Secret = from.Account.Stalwart.Secret
			}
		}}

	// StalwartReach is the connections to Stalwart's API and to ManageSieve.
	StalwartReach = &Need{Name: "the connections to Stalwart", Missing: noStalwart, configured: hasStalwart,
		looks: func(s *probes.Snapshot) []*probes.Look {
			if s.Stalwart == nil {
				return nil
			}
			return []*probes.Look{reachLook(probes.ProbeStalwart, s.Stalwart.API), reachLook(probes.ProbeStalwart, sieveReachOf(s))}
		},
		hand: func(to, from *probes.Snapshot) {
			if from.Stalwart != nil {
				w := stalwartOf(to)
				w.API, w.ManageSieve = from.Stalwart.API, from.Stalwart.ManageSieve
			}
		}}
)

// stalwartRights is what a check declares (Uses) that has to know what a login may do.
var stalwartRights = []*Need{StalwartUser, StalwartRoles, StalwartAuthentication, StalwartDomain, StalwartSecret}

func stalwartReachOf(s *probes.Snapshot) *probes.Reach {
	if s.Stalwart == nil {
		return nil
	}
	return s.Stalwart.API
}

func sieveReachOf(s *probes.Snapshot) *probes.Reach {
	if s.Stalwart == nil || s.Stalwart.ManageSieve == nil {
		return nil
	}
	return s.Stalwart.ManageSieve.Reach
}
