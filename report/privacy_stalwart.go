package report

import (
	"slices"
	"strconv"
	"strings"

	"logindoctor.example/probes"
)

// stalwart collects what Stalwart's facts hold as such: the account, its machines, and the addresses of the case.
func (m *masker) stalwart(s *probes.Snapshot) {
	if t := s.Target.Stalwart; t != nil {
		m.url(t.URL)
		m.host(hostOf(t.ManageSieve))
	}
	if a := s.Account.Stalwart; a != nil {
		m.stalwartUser(a.User)
		m.stalwartLog(a.Log)
		m.stalwartLog(a.Bans)
	}
	if s.Stalwart != nil {
		m.stalwartServer(s.Stalwart)
	}
	if s.Login != nil {
		for _, a := range s.Login.Attempts {
			if a.HTTP != nil {
				m.person(a.HTTP.User)
			}
		}
	}
}

func (m *masker) stalwartUser(o *probes.Observation[probes.StalwartUser]) {
	if !o.OK() {
		return
	}
	u := o.Value
	m.own = append(m.own, strings.ToLower(u.Name), strings.ToLower(localOf(u.Email)))
	m.person(u.Name)
	m.person(u.Email)
	for _, a := range u.Aliases {
		m.person(a)
	}
	for _, c := range u.Credentials {
		m.label(c.Description)
		m.masks(c.AllowedIPs)
	}
}

func (m *masker) stalwartServer(w *probes.StalwartServer) {
	if w.Session.OK() {
		m.person(w.Session.Value.User)
	}
	if w.Domain.OK() {
		d := w.Domain.Value
		for _, name := range append([]string{d.Asked, d.Name}, d.Aliases...) {
			m.domain(name)
		}
	}
	if w.System.OK() {
		m.host(w.System.Value.HostName)
		m.masks(w.System.Value.ProxyNetworks)
	}
	if w.Directories.OK() {
		for _, d := range w.Directories.Value {
			m.label(d.Name)
			m.url(d.URL)
			m.dn(d.BaseDN)
			m.dn(d.BindDN)
		}
	}
	if w.Roles.OK() {
		for _, r := range w.Roles.Value.Rows {
			m.label(r.Name)
		}
	}
	for _, list := range []*probes.Observation[probes.StalwartAddresses]{w.Blocked, w.Allowed} {
		if list.OK() {
			for _, r := range list.Value.Rows {
				m.masks([]probes.StalwartMask{r.Mask})
				m.label(r.Words)
			}
			for _, a := range list.Value.Considered {
				m.address(a)
			}
		}
	}
	m.stalwartLog(w.AddressLog)
}

func (m *masker) stalwartLog(o *probes.Observation[probes.StalwartLog]) {
	if o.OK() {
		for _, e := range o.Value.Events {
			m.address(e.Address)
		}
	}
}

// masks learns addresses and the networks' first ones: how wide a network is tells nobody's.
func (m *masker) masks(masks []probes.StalwartMask) {
	for _, mask := range masks {
		address, _, _ := strings.Cut(string(mask), "/")
		m.address(address)
	}
}

// label learns what somebody wrote to tell things apart: "Jane's phone". One that is made of the words for devices, programs and
// roles alone names nobody, and stands in many a sentence of ours. The checks quote it.
func (m *masker) label(v string) {
	tells := func(w string) bool {
		w = strings.ToLower(w)
		return !slices.Contains(labelWords, w) && !slices.Contains(ownWords, w)
	}
	if !slices.ContainsFunc(strings.Fields(v), tells) {
		return
	}
	m.name(v, "name")
	quoted := strconv.Quote(v)
	m.name(quoted[1:len(quoted)-1], "name")
}

var labelWords = strings.Fields(`ad app apple android calendar computer desktop directory group home imap internal ios ipad iphone laptop ldap mac mail new notebook
	office old outlook password pc phone script server sql system tablet tenant test the thunderbird user windows work`)
