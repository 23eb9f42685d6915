package checks

import (
	"fmt"
	"net/netip"
	"slices"

	"logindoctor.example/probes"
)

// StalwartAppPasswordAddress is a credential that may be used from named addresses only. The account's own password may have
// such a list too, and turns away in the same way.
var StalwartAppPasswordAddress = &Check{
	ID: "stalwart-app-password-address", Group: GroupAppPassword, Title: "The app password, or the password, may not be used from this address",
	Doc: Doc{
		Says:  "The app password works at home only.",
		Tells: "allowedIps of the credential that the caller's secret is, an app password or the account's own password, against the client's address (--client-address). Without that address logindoctor can only speak of its own, which is a question. Stalwart's words over ManageSieve, and the log line security.ip-unauthorized, which is written by default, show that a right secret was turned away.",
		Mistaken: []string{
			"A banned address: there is not even a greeting there, and nobody gets in from it.",
			"A missing permission: over IMAP that closes the connection without a word as well.",
			"A wrong password: whether the address is allowed is looked at only after the secret was right.",
		},
	},
	Source: []Source{{stalwartAtAuth, ""}, {appPasswordDocs, appPasswordPage}},
	Needs:  []*Need{AppPasswords}, Uses: []*Need{StalwartSecret, StalwartUserLog, StalwartReach, IMAPReach},
	Owner: OwnerHelpdesk, Scope: ScopeUser,
	Remedy: listRemedy,
	Letter: Letter{
		Wrong: "Your password, or the app password on this device, may only be used from certain networks, and the device is in another one.",
		Do:    []string{"Tell the helpdesk from where you connect: from home, from the office or over mobile data."},
		Leave: []string{KeepPassword, "Do not keep trying from there: the mail server could block that network."},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      stalwartAppPasswordAddress,
}

var listRemedy = Remedy{
	Do: "Have the caller make an app password that may be used from where the device is, or have the list of addresses widened",
	Steps: []string{"Find out from which address the device connects, and run logindoctor again with --client-address.",
		"If the device is meant to work from there, have the caller make an app password for it at /account, without a list or with that address in it.",
		"Or have the mail administrator add the address to the list of this credential."},
	Disruption: "none",
	DoNot: []string{"Do not try again from that address: each try counts towards a ban of it.",
		"Do not reset the password for this: a new one in the same place has the same list."},
}

// whereKnown drops the step that asks for the address, where it was said or stands in the log.
func whereKnown(f Finding) Finding {
	r := listRemedy
	r.Steps = r.Steps[1:]
	f.Remedy = &r
	return f
}

const whetherAddress = "whether the secret may be used from the client's address"

func stalwartAppPasswordAddress(s *probes.Snapshot) Finding {
	u, f, ok := accountRead(s, whetherAddress)
	turned := refusedSaying(s, addressWords)
	if !ok {
		if turned != nil && s.Target.ClientAddress == "" {
			return turnedAwayHere(s, turned, nil)
		} else if turned != nil {
			f.Evidence = append(f.Evidence, said(turned))
		}
		return f
	}
	used, given := appPasswordGiven(s, u)
	if ownPasswordGiven(s) {
		used = u.Password()
	}
	switch {
	case secretOf(s) == nil:
		return addressOfAny(s, u)
	case used != nil:
		return addressOfUsed(s, used, turned)
	case !u.CredsKnown && (given || ownPasswordGiven(s)):
		return unreadCredential(s, "the list of credentials", whetherAddress)
	}
	return Finding{Verdict: NotApplicable, Summary: "The secret that was given is none of the account's that could have a list of addresses."}
}

// turnedAwayHere: in words, which only a right secret gets, or as the list foretells.
func turnedAwayHere(s *probes.Snapshot, a *probes.Attempt, list []Evidence) Finding {
	f := Finding{Verdict: Problem, Confidence: Likely, Evidence: append(list, said(a)),
		Summary: "Stalwart turned this run's login away, and the secret may not be used from the address of this computer, here."}
	if a == refusedSaying(s, addressWords) {
		f.Summary = "Stalwart takes the secret for right, and not from the address of this computer, here."
	}
	return f
}

// addressFrom is originOf, where this computer's address is one that Stalwart sees.
func addressFrom(s *probes.Snapshot) (from origin, known bool) {
	if from, known = originOf(s); known && !from.client && !s.HereSeen() {
		return origin{hidden: from.address}, false
	}
	return from, known
}

func addressOfUsed(s *probes.Snapshot, used *probes.StalwartCredential, turned *probes.Attempt) Finding {
	from, known := addressFrom(s)
	hidden := from.hidden.IsValid() && len(used.AllowedIPs) > 0
	allowed, list := used.AllowsFrom(from.address), []Evidence{listSaid(s, used)}
	if turned == nil && allowed == probes.StalwartNo {
		turned = either(closedMute(s), refusedHTTP(s, probes.StalwartForbidden))
	}
	lines, elsewhere := deviceLines(s, probes.StalwartLogIPUnauthorized, func(e probes.StalwartLogEvent) bool { return excludesAddress(used, e.Address) })
	seen := append(list, stalwartLogged(s.Account.Stalwart.Log, lines)...)
	name := credentialName(used)
	switch here, look := acceptedHere(s), stalwartLogLook(s); {
	case allowed == probes.StalwartNo && from.client:
		return whereKnown(Finding{Verdict: Problem, Confidence: Certain, Evidence: seen, Summary: sentence(fmt.Sprintf("%s may not be used from %s", name, from))})
	case hidden && s.Target.ClientAddress != "":
		return hiddenFrom(s, from, whetherAddress, seen)
	case turned != nil && !from.client:
		return turnedAwayHere(s, turned, seen)
	case len(lines) > 0 && !from.client:
		return whereKnown(Finding{Verdict: Problem, Confidence: Likely, Evidence: seen,
			Summary: fmt.Sprintf("Stalwart turned a right secret of this user away at %s, from which %s may not be used.", lines[len(lines)-1].Address, name)})
	case elsewhere:
		return Finding{Verdict: Notice, Confidence: Likely, Evidence: seen,
			Summary: fmt.Sprintf("Stalwart turned a right secret of this user away at %s; it is not the client's address.", lines[len(lines)-1].Address)}
	case allowed == probes.StalwartNo && here == nil:
		return Finding{Verdict: Notice, Confidence: Possible, Evidence: seen,
			Summary: sentence(fmt.Sprintf("%s may not be used from %s; whether it may from where the user is, the client's address would tell (--client-address)", name, from))}
	case hidden && here != nil:
		return Finding{Verdict: OK, Summary: sentence(name + " has a list of addresses, and was accepted in this run"), Evidence: append(list, said(here))}
	case hidden:
		return hiddenFrom(s, from, whetherAddress, seen)
	case allowed == probes.StalwartUnknown && !known:
		return unreadCredential(s, "the address that counts", whetherAddress)
	case allowed == probes.StalwartUnknown:
		return unreadCredential(s, "the list of addresses of "+name, whetherAddress)
	case len(used.AllowedIPs) > 0 && !from.client && look != nil:
		return undetermined(look, "whether a device was turned away for its address is not known: the log could not be read")
	case len(used.AllowedIPs) == 0:
		return Finding{Verdict: OK, Summary: sentence(name + " may be used from every address"), Evidence: list}
	case allowed == probes.StalwartNo:
		return Finding{Verdict: OK, Summary: sentence(name + " has a list of addresses, and was accepted in this run"), Evidence: append(list, said(here))}
	}
	return Finding{Verdict: OK, Summary: sentence(fmt.Sprintf("%s may be used from %s", name, from)), Evidence: list}
}

// addressOfAny: no secret says which credential the client uses. The log does not either, but that one of them was right.
func addressOfAny(s *probes.Snapshot, u probes.StalwartUser) Finding {
	var limited, unread, shut []*probes.StalwartCredential
	from, _ := addressFrom(s)
	uses := append(appPasswordsOf(u, nil), passwordOf(u)...)
	for _, c := range uses {
		switch allowed := c.AllowsFrom(from.address); {
		case slices.Contains(c.Unread, "allowedIps"):
			unread = append(unread, c)
			continue
		case allowed == probes.StalwartNo:
			shut = append(shut, c)
		}
		if len(c.AllowedIPs) > 0 {
			limited = append(limited, c)
		}
	}
	lines, elsewhere := deviceLines(s, probes.StalwartLogIPUnauthorized, func(e probes.StalwartLogEvent) bool {
		return slices.ContainsFunc(limited, func(c *probes.StalwartCredential) bool { return excludesAddress(c, e.Address) })
	})
	f := Finding{Verdict: Problem, Confidence: Certain, Evidence: listsSaid(s, limited)}
	switch look := stalwartLogLook(s); {
	case len(lines) > 0:
		f.Evidence = append(f.Evidence, stalwartLogged(s.Account.Stalwart.Log, lines)...)
		f.Summary = fmt.Sprintf("Stalwart turned a right secret of this user away at %s, since it may not be used from there.", lines[len(lines)-1].Address)
		if elsewhere || !from.client {
			f = device(s, f, elsewhere)
		}
		return whereKnown(f)
	case len(unread) > 0:
		return unreadCredential(s, "the list of addresses of "+credentialNames(unread), whetherAddress)
	case !u.CredsKnown:
		return unreadCredential(s, "the list of credentials", whetherAddress)
	case from.client && len(shut) == len(uses) && u.Password() != nil:
		f.Summary = sentence(fmt.Sprintf("neither the account's password nor an app password of it may be used from %s", from))
		return whereKnown(f)
	case len(limited) > 0 && look != nil:
		return undetermined(look, "whether a device was turned away for its address is not known: the log could not be read")
	case len(limited) > 0 && from.hidden.IsValid() && s.Target.ClientAddress != "":
		return hiddenFrom(s, from, whetherAddress, f.Evidence)
	case len(shut) > 0:
		return Finding{Verdict: Notice, Confidence: Possible, Evidence: listsSaid(s, shut),
			Summary: fmt.Sprintf("Not to be used from %s: %s. It matters if the user's device has it, and connects from there.", from, credentialNames(shut))}
	case len(limited) > 0:
		return Finding{Verdict: OK, Summary: "No device was turned away for its address.", Evidence: f.Evidence}
	}
	return Finding{Verdict: OK, Summary: "The account's password and its app passwords may be used from every address."}
}

func passwordOf(u probes.StalwartUser) []*probes.StalwartCredential {
	if p := u.Password(); p != nil {
		return []*probes.StalwartCredential{p}
	}
	return nil
}

// excludesAddress says that a credential may not be used from the address of a log line.
func excludesAddress(c *probes.StalwartCredential, address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && c.AllowsFrom(a.Unmap()) == probes.StalwartNo
}

func listSaid(s *probes.Snapshot, c *probes.StalwartCredential) Evidence {
	observed := "every address"
	if len(c.AllowedIPs) > 0 {
		observed = masksWords(c.AllowedIPs)
	}
	return credentialSaid(s, c, "allowedIps", observed, "")
}

func listsSaid(s *probes.Snapshot, list []*probes.StalwartCredential) (out []Evidence) {
	for _, c := range list {
		out = append(out, listSaid(s, c))
	}
	return out
}
