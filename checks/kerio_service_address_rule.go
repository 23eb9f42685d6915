package checks

import (
	"fmt"
	"strings"

	"logindoctor.example/probes"
)

// KerioServiceAddressRule is a service that answers only a group of addresses.
var KerioServiceAddressRule = &Check{
	ID: "kerio-service-address-rule", Group: GroupAccess, Title: "The service answers only some addresses, and the client's is not among them",
	Doc: Doc{
		Says:  "Outside the office it does not connect, inside it does.",
		Tells: "Services.get names a group of addresses for the service at the profile's port, and the client's address (--client-address) lies outside it. Where that address is not given, a connection of logindoctor's own that was turned away speaks for here. A rule under which this computer is answered is no fault.",
		Mistaken: []string{
			"An access policy (kerio-access-policy): it is one user's, and refuses after the login.",
			"A blocked address (kerio-ip-blocked): that goes away by itself.",
			"A service that does not run (kerio-service-stopped): it answers nobody.",
		},
	},
	Source: []Source{{"Services in Kerio Connect: access from a group of addresses (GFI manual)", "https://manuals.gfi.com/en/kerio/connect/content/server-configuration/services/services-in-kerio-connect-1153.html"}},
	Needs:  []*Need{KerioServices}, Uses: []*Need{KerioAddressGroups, KerioReach, IMAPReach, Attempts},
	Owner: OwnerMailAdmin, Scope: ScopeNetwork,
	Remedy: Remedy{
		Do: "Have the caller connect from an allowed network, or ask whether the caller's network is to be added to the group",
		Steps: []string{"Ask where the caller is: in the office, at home, on a phone.",
			"If the rule is meant so, have the caller use the VPN, or webmail.",
			"If not, add the network to the group in Kerio's administration under Configuration > Definitions > IP Address Groups."},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password: it was not asked for.", "Do not open the service to every address for one user."},
	},
	Letter: Letter{
		Wrong: "The mail server answers certain networks only, and the one from which you connect is not among them.",
		Do: []string{"Try webmail, or connect from the office or over your company's VPN.",
			"Tell the helpdesk where you are: in the office, at home, or on a phone network."},
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin},
	Run:      kerioServiceAddressRule,
}

func kerioServiceAddressRule(s *probes.Snapshot) Finding {
	v, services := userServices(s)[0], s.Kerio.Services
	row := v.row(services.Value)
	if row == nil {
		return v.noRow(s, "whether the service answers only some addresses")
	}
	rule := Evidence{Fact: "addresses that " + row.Name + " answers", Observed: "all", Source: services.Source, At: services.At}
	if row.AddressGroup == "" && row.AddressGroupID == "" {
		return Finding{Verdict: OK, Summary: fmt.Sprintf("%s answers every address.", row.Name), Evidence: []Evidence{rule}}
	}
	g := groupOf(s, row.AddressGroupID, row.AddressGroup)
	rule.Observed = "only those of the group " + g.name
	evidence := []Evidence{rule}
	if g.evidence.Fact != "" {
		evidence = append(evidence, g.evidence)
	}
	client := s.Target.ClientAddress
	if client == "" {
		return addressRuleHere(s, v, row, g, evidence)
	}
	switch g.holds(client) {
	case yes:
		return Finding{Verdict: OK, Summary: fmt.Sprintf("%s answers only the group %s, and %s is in it.", row.Name, g.name, client), Evidence: evidence}
	case unknown:
		return g.notTold(client, "whether "+row.Name+" answers the client's address")
	}
	evidence = append(evidence, Evidence{Fact: "the client's address", Observed: client})
	f := Finding{Verdict: Problem, Confidence: Certain, Evidence: evidence, Summary: fmt.Sprintf("%s answers only addresses of the group %s, and the client's, %s, is not in it.", row.Name, g.name, client)}
	if !v.used {
		f.Verdict = Notice
	}
	return f
}

// addressRuleHere: where the client comes from was not said, so only what became of this run's own connection tells.
func addressRuleHere(s *probes.Snapshot, v userService, row *probes.KerioService, g addressGroup, evidence []Evidence) Finding {
	r := v.reach
	switch {
	case v.answers(s):
		return Finding{Verdict: OK, Summary: fmt.Sprintf("%s answers only the group %s, and it answers this computer.", row.Name, g.name), Evidence: evidence}
	case r == nil:
		return Finding{Verdict: Notice, Confidence: Possible, Evidence: evidence, Summary: fmt.Sprintf("%s answers only the group %s: where does the user's client come from?", row.Name, g.name)}
	case r.Failure != probes.FailureRefused && r.Failure != probes.FailureClosed || r.OurEnd():
		return undetermined(reachLook(probes.ProbeIMAP, r), "whether the service answers this computer is not known")
	case !row.Running:
		return undetermined(&probes.Look{What: "connect", Why: probes.Unclear, Words: row.Name + " does not run", Source: r.Address, At: r.At}, "whether the service would answer the client is not known: it does not run")
	}
	evidence = append(evidence, reachSaid(r))
	f := Finding{Verdict: Problem, Confidence: Likely, Evidence: evidence, Summary: fmt.Sprintf("%s answers only addresses of the group %s, and it turned this computer away, here.", row.Name, g.name)}
	own := ownAddresses(s)
	for _, a := range own {
		switch g.holds(a) {
		case yes:
			return Finding{Verdict: OK, Evidence: evidence, Summary: fmt.Sprintf("%s answers only the group %s; this computer's address, %s, is in it, so something else turns it away.", row.Name, g.name, a)}
		case unknown:
			return g.notTold(a, "whether "+row.Name+" answers this computer's address")
		}
	}
	if g.look != nil {
		return g.notTold("", "whether "+row.Name+" answers this computer's address")
	}
	if len(own) > 0 {
		f.Evidence = append(f.Evidence, Evidence{Fact: "this computer's address", Observed: strings.Join(own, ", ")})
	}
	return f
}
