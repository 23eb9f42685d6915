package checks

import "logindoctor.example/probes"

// Need is one thing that a check reads. It knows whether the profile names its server, how looking went, and how to hand
// it to a check that declared it.
type Need struct {
	Name       string // what it is, for `catalogue`
	Missing    string // what the profile lacks where it is not configured
	configured func(*probes.Target) bool
	looks      func(*probes.Snapshot) []*probes.Look // the looks behind it; nil ones were not made
	hand       func(to, from *probes.Snapshot)
}

// state says whether the need was seen: at least one look behind it was. Where none was, it gives the first one's reason.
func (n *Need) state(s *probes.Snapshot) (seen bool, why probes.Why, look *probes.Look) {
	why = probes.Unclear
	for _, l := range n.looks(s) {
		if l == nil {
			continue
		}
		if l.Why == probes.Seen {
			return true, probes.Seen, l
		}
		if look == nil {
			look, why = l, l.Why
		}
	}
	return false, why, look
}

// lookOf gives the Look inside an observation that may be nil.
func lookOf[T any](o *probes.Observation[T]) *probes.Look {
	if o == nil {
		return nil
	}
	return &o.Look
}

// lookAt is the Look inside an observation, or one that says that there was none.
func lookAt[T any](o *probes.Observation[T], probe probes.Probe, what string) *probes.Look {
	if o == nil {
		return &probes.Look{Probe: probe, What: what, Why: probes.Unclear, Words: "not looked at"}
	}
	return &o.Look
}

func reachLook(p probes.Probe, r *probes.Reach) *probes.Look {
	if r == nil {
		return nil
	}
	return &probes.Look{Probe: p, What: "connect", Why: r.Why(), Words: r.Words, Source: r.Address, At: r.At, TookMS: r.TookMS}
}

func hasKerio(t *probes.Target) bool     { return t.Kerio != nil && t.Kerio.AdminURL != "" }
func hasKerioUser(t *probes.Target) bool { return t.Kerio != nil && t.Kerio.UserURL != "" }
func hasIMAP(t *probes.Target) bool      { return t.IMAP != nil }
func hasDirectory(t *probes.Target) bool { return t.Directory != nil }
func hasAD(t *probes.Target) bool {
	return t.Directory != nil && t.Directory.Kind == probes.ActiveDirectory
}
func hasOD(t *probes.Target) bool {
	return t.Directory != nil && t.Directory.Kind == probes.OpenDirectory
}
func hasMailBind(t *probes.Target) bool {
	return hasKerio(t) || onStalwart(t) || t.Directory != nil && t.Directory.MailServerBind != ""
}
func anything(*probes.Target) bool { return true }

const (
	noKerio     = "no Kerio Connect in the profile"
	noIMAP      = "no IMAP server in the profile"
	noDirectory = "no directory in the profile"
	noAD        = "no Active Directory in the profile"
	noOD        = "no Open Directory in the profile"
)

// kerioNeed makes a Need of one field of the Kerio server.
func kerioNeed[T any](name string, field func(*probes.KerioServer) **probes.Observation[T]) *Need {
	return &Need{Name: name, Missing: noKerio, configured: hasKerio,
		looks: func(s *probes.Snapshot) []*probes.Look {
			if s.Kerio == nil {
				return nil
			}
			return []*probes.Look{lookOf(*field(s.Kerio))}
		},
		hand: func(to, from *probes.Snapshot) {
			if from.Kerio != nil {
				if to.Kerio == nil {
					to.Kerio = &probes.KerioServer{}
				}
				*field(to.Kerio) = *field(from.Kerio)
			}
		}}
}

// kerioAccountNeed makes a Need of one field of the account at Kerio.
func kerioAccountNeed[T any](name string, field func(*probes.KerioAccount) **probes.Observation[T]) *Need {
	return &Need{Name: name, Missing: noKerio, configured: hasKerio,
		looks: func(s *probes.Snapshot) []*probes.Look {
			if s.Account.Kerio == nil {
				return nil
			}
			return []*probes.Look{lookOf(*field(s.Account.Kerio))}
		},
		hand: func(to, from *probes.Snapshot) {
			if from.Account.Kerio != nil {
				if to.Account.Kerio == nil {
					to.Account.Kerio = &probes.KerioAccount{}
				}
				*field(to.Account.Kerio) = *field(from.Account.Kerio)
			}
		}}
}

// directoryNeed makes a Need of one field of every directory server.
func directoryNeed(name, missing string, configured func(*probes.Target) bool,
	look func(*probes.DirectoryServer) *probes.Look, hand func(to, from *probes.DirectoryServer)) *Need {
	return &Need{Name: name, Missing: missing, configured: configured,
		looks: func(s *probes.Snapshot) []*probes.Look {
			var all []*probes.Look
			for i := range s.Directory {
				all = append(all, look(&s.Directory[i]))
			}
			return all
		},
		hand: func(to, from *probes.Snapshot) {
			for len(to.Directory) < len(from.Directory) {
				to.Directory = append(to.Directory, probes.DirectoryServer{URL: from.Directory[len(to.Directory)].URL})
			}
			for i := range from.Directory {
				hand(&to.Directory[i], &from.Directory[i])
			}
		}}
}

func directoryAccountNeed(name, missing string, configured func(*probes.Target) bool) *Need {
	return &Need{Name: name, Missing: missing, configured: configured,
		looks: func(s *probes.Snapshot) []*probes.Look {
			var all []*probes.Look
			for i := range s.Account.Directory {
				all = append(all, lookOf(s.Account.Directory[i].Entry))
			}
			return all
		},
		hand: func(to, from *probes.Snapshot) { to.Account.Directory = from.Account.Directory }}
}

func imapNeed(name string, looks func(*probes.IMAPServer) *probes.Look, hand func(to, from *probes.IMAPServer)) *Need {
	return &Need{Name: name, Missing: noIMAP, configured: hasIMAP,
		looks: func(s *probes.Snapshot) []*probes.Look {
			if s.IMAP == nil {
				return nil
			}
			return []*probes.Look{looks(s.IMAP)}
		},
		hand: func(to, from *probes.Snapshot) {
			if from.IMAP != nil {
				if to.IMAP == nil {
					to.IMAP = &probes.IMAPServer{}
				}
				hand(to.IMAP, from.IMAP)
			}
		}}
}
