package checks

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"logindoctor.example/probes"
)

// ADWorkstation is a list of the computers at which Active Directory lets the account in.
var ADWorkstation = &Check{
	ID: "ad-workstation", Group: GroupAccount, Title: "Active Directory lets the account in from named computers only",
	Doc: Doc{
		Says:  "My PC lets me in, mail does not.",
		Tells: "The sub-code 531 of a bind, which comes only with the right password. Without one, userWorkstations is compared with the mail server's name: where it is not on the list, and a login was refused that nothing else explains, the list is likely the reason.",
		Mistaken: []string{
			"A rule of the mail server's own: there Active Directory holds no list.",
			"A wrong password: with one, Active Directory answers 52e whatever the list says.",
			"A list that does not count for mail: where a login was accepted, it is not the reason.",
		},
	},
	Source: []Source{{"System error codes 1300-1699, ERROR_INVALID_WORKSTATION (1329, 0x531)", "https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes--1300-1699-"},
		{"User-Workstations attribute: NetBIOS or DNS names, separated by commas", "https://learn.microsoft.com/en-us/windows/win32/adschema/a-userworkstations"},
		{"531 with the right password, 52e with a wrong one; a simple bind counts as a login at the domain controller itself; observed on Samba 4.17", ""}},
	Needs: []*Need{ADAnswer}, Uses: mapping,
	Owner: OwnerDirectoryAdmin, Scope: ScopeUser,
	Remedy: Remedy{
		Do: "Ask whether the account may be used for mail, then add the mail server to its computers",
		Steps: []string{"Ask whoever is responsible for the account from where it may be used.",
			"In Active Directory Users and Computers open the account > Account > Log On To, and add the mail server and the domain controllers that it asks.",
			"If there is to be no limit at all, clear the list instead."},
		Commands:   []Command{{PowerShell, "Set-ADUser -Identity {login} -LogonWorkstations $null", OwnerDirectoryAdmin}},
		Disruption: "none",
		DoNot:      []string{"Do not reset the password: it is not at fault."},
	},
	Letter: Letter{
		Wrong: "Your Windows account may be used from certain computers only, and the mail server is not one of them.",
		Do:    askManager,
		Leave: []string{KeepPassword},
	},
	Explains: []*Check{IMAPLogin, WrongPassword},
	Run:      adWorkstation,
}

func adWorkstation(s *probes.Snapshot) Finding {
	f := adQuestion("whether the account may log in from the mail server", probes.SubcodeWorkstation, adWorkstations).
		saying(LoginName(s)+" may log in from named computers only, says Active Directory.", "The account is bound to no computers in Active Directory.").judge(s)
	listed, lists := workstations(s)
	if f.Verdict != Undetermined || len(lists) == 0 {
		return f
	}
	mail, refused := mailComputers(&s.Target), unexplainedByAD(s)
	f = Finding{Verdict: Notice, Confidence: Possible, Evidence: lists}
	let := letIn(s)
	switch {
	case let != nil:
		return Finding{Verdict: OK, Evidence: append(lists, *let), Summary: "Active Directory names computers for the account, and a login from elsewhere is accepted all the same."}
	case len(mail) == 0:
		f.Summary = fmt.Sprintf("Active Directory lets %s in from named computers only; whether the mail server is one of them is not known.", LoginName(s))
	case onList(listed, mail) && refused == nil:
		return Finding{Verdict: OK, Evidence: lists, Summary: "The mail server is among the computers from which the account may log in."}
	case onList(listed, mail):
		f.Summary = fmt.Sprintf("Active Directory lets %s in from named computers only; the mail server is one of them, yet a domain controller that it asks may have to be too.", LoginName(s))
	case refused == nil:
		f.Summary = fmt.Sprintf("Active Directory lets %s in from named computers only, and the mail server's name is not among them: does the PC login work?", LoginName(s))
	default:
		f.Verdict, f.Confidence, f.Evidence = Problem, Likely, append(lists, said(refused))
		f.Summary = fmt.Sprintf("Active Directory lets %s in from named computers only, and the mail server is not among them.", LoginName(s))
		return byMapping(s, f)
	}
	return f
}

// workstations are the names on the account's lists, as NetBIOS has them, and the lists as evidence.
func workstations(s *probes.Snapshot) (names []string, lists []Evidence) {
	for _, d := range s.Account.Directory {
		ad := adEntry(d)
		if ad == nil || ad.Workstations == "" {
			continue
		}
		lists = append(lists, Evidence{Fact: "userWorkstations", Observed: ad.Workstations, Expected: "not set, or with the mail server's name", Source: d.Server, At: d.Entry.At})
		for _, n := range strings.Split(ad.Workstations, ",") {
			names = append(names, netBIOS(strings.TrimSpace(n)))
		}
	}
	return names, lists
}

// mailComputers are the names that Active Directory may know the mail server by; none where the profile has addresses only.
func mailComputers(t *probes.Target) (names []string) {
	hosts := []string{}
	if t.IMAP != nil {
		hosts = append(hosts, hostOf(t.IMAP.Address))
	}
	var urls []string
	if t.Kerio != nil {
		urls = append(urls, t.Kerio.AdminURL, t.Kerio.UserURL)
	}
	if t.Stalwart != nil {
		urls = append(urls, t.Stalwart.URL)
	}
	for _, text := range urls {
		if u, err := url.Parse(text); err == nil {
			hosts = append(hosts, u.Hostname())
		}
	}
	for _, h := range hosts {
		if n := netBIOS(h); n != "" && !containsWord(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// netBIOS is the first label of a host's name, at most 15 characters (MS-NBTE 2.2.1); empty for an address.
func netBIOS(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	label, _, _ := strings.Cut(host, ".")
	const longest = 15
	return strings.ToUpper(label[:min(len(label), longest)])
}

func onList(listed, names []string) bool {
	for _, n := range names {
		if containsWord(listed, n) {
			return true
		}
	}
	return false
}

// letIn is what shows that the account was let in here, list or no list; nil: nothing does.
func letIn(s *probes.Snapshot) *Evidence {
	if a := acceptedHere(s); a != nil {
		e := said(a)
		return &e
	}
	if a := s.Login.Attempt(probes.AttemptUser, probes.ServiceDirectory); a != nil && a.Bind != nil && a.Outcome == probes.Accepted {
		return &Evidence{Fact: "simple bind as the user", Observed: bindWords(a.Bind), Source: a.Server, At: a.At}
	}
	return nil
}
