package kerio

import (
	"strings"

	"logindoctor.example/probes"
)

// names are all the ways in which Kerio may write the account, in lower case: the login alone (the primary domain may be
// left out), and login@domain for the domain and each of its aliases.
type names map[string]bool

// namesOf takes the address as typed, and the row and the domain where they were found.
func namesOf(user string, row *probes.KerioUser, domain *probes.KerioDomain) names {
	n := names{}
	logins := []string{user}
	if row != nil && row.Found {
		logins = append(logins, row.LoginName)
	}
	for _, l := range logins {
		n.add(l)
		local, at, whole := strings.Cut(l, "@")
		if domain == nil {
			continue
		}
		if whole && !sameDomain(at, domain) {
			continue
		}
		if domain.Primary {
			n.add(local)
		}
		for _, d := range append([]string{domain.Name}, domain.Aliases...) {
			n.add(local + "@" + d)
		}
	}
	return n
}

func (n names) add(name string) {
	if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
		n[name] = true
	}
}

func (n names) are(name string) bool { return name != "" && n[strings.ToLower(name)] }

// in says that a full address of the account stands in the text as a word of its own.
func (n names) in(text string) bool {
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" \t'\"<>[](),;:", r) }) {
		if strings.Contains(word, "@") && n[strings.TrimRight(word, ".")] {
			return true
		}
	}
	return false
}

// owns says that a folder lies in the account's own mailbox: ~login@domain/…, or ~login/….
func (n names) owns(folder string) bool {
	owner, _, ok := strings.Cut(strings.TrimPrefix(folder, "~"), "/")
	return ok && strings.HasPrefix(folder, "~") && n.are(owner)
}

func sameDomain(name string, d *probes.KerioDomain) bool {
	if strings.EqualFold(name, d.Name) {
		return true
	}
	for _, a := range d.Aliases {
		if strings.EqualFold(name, a) {
			return true
		}
	}
	return false
}
