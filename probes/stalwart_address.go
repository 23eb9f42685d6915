package probes

import (
	"net/netip"
	"strings"
	"time"
)

// StalwartMask is an address or a network as Stalwart writes it: 192.0.2.7, 192.0.2.0/24, 2001:db8::/32.
type StalwartMask string

// Covers says whether the address is inside; unknown where the mask or the address cannot be read.
func (m StalwartMask) Covers(a netip.Addr) StalwartAnswer {
	network, ok := m.network()
	if !ok || !a.IsValid() {
		return StalwartUnknown
	}
	if network.Contains(a.Unmap().WithZone("")) {
		return StalwartYes
	}
	return StalwartNo
}

// network reads the mask. Bits behind the prefix are not looked at, as the server does not look at them; an IPv4 address
// that is written as IPv6 means the IPv4 one.
func (m StalwartMask) network() (netip.Prefix, bool) {
	text := strings.TrimSpace(string(m))
	if !strings.Contains(text, "/") {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return netip.Prefix{}, false
		}
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked(), true
}

// anyCovers is whether one of the masks covers the address: yes beats unknown, unknown beats no.
func anyCovers(masks []StalwartMask, a netip.Addr) StalwartAnswer {
	best := StalwartNo
	for _, m := range masks {
		switch m.Covers(a) {
		case StalwartYes:
			return StalwartYes
		case StalwartUnknown:
			best = StalwartUnknown
		}
	}
	return best
}

// StalwartAddresses is the list of banned (x:BlockedIp) or exempt (x:AllowedIp) addresses, reduced to the rows that cover one
// of the addresses that matter here; of the others there is the number.
type StalwartAddresses struct {
	Rows       []StalwartAddress `json:"rows" class:"parts"`
	Considered []string          `json:"considered" class:"personal"` // the addresses that rows were kept for
	Total      int               `json:"total" class:"public"`        // rows that were seen
	Complete   bool              `json:"complete" class:"public"`     // the list was seen to its end, and every row could be read
	// Exact are those of Considered for which the server was asked by a filter of its own. It finds single addresses however
	// long the list is, and no networks.
	Exact []string `json:"exact,omitempty" class:"personal"`
}

// StalwartAddress is one row.
type StalwartAddress struct {
	ID        string            `json:"id" class:"internal"`
	Mask      StalwartMask      `json:"mask" class:"personal"`
	Reason    StalwartBanReason `json:"reason" class:"public"` // unknown for an exemption, which has words of its own
	Words     string            `json:"words,omitempty" class:"internal"`
	CreatedAt time.Time         `json:"created_at,omitzero" class:"public"`
	ExpiresAt time.Time         `json:"expires_at,omitzero" class:"public"` // zero: never
}

// StalwartBanReason is why an address is banned (W: ref/object/blocked-ip.md).
type StalwartBanReason uint8

// The reasons. The zero value: one that is not known.
const (
	StalwartBanUnknown StalwartBanReason = iota
	StalwartBanAuth                      // authFailure
	StalwartBanRcpt                      // rcptToFailure
	StalwartBanLoiter                    // loitering
	StalwartBanScan                      // portScanning
	StalwartBanManual                    // manual
	StalwartBanOther                     // other
)

var stalwartBanNames = [...]string{"unknown", "authFailure", "rcptToFailure", "loitering", "portScanning", "manual", "other"}

func (r StalwartBanReason) String() string { return name(stalwartBanNames[:], uint8(r)) }
func (r StalwartBanReason) MarshalText() ([]byte, error) {
	return marshal(stalwartBanNames[:], uint8(r))
}
func (r *StalwartBanReason) UnmarshalText(b []byte) error {
	return unmarshal(stalwartBanNames[:], (*uint8)(r), b)
}

// Covering gives the rows that cover the address at a time. Where there is none, the answer is no only if every row was seen
// and rows were kept for this address; else unknown. A row past its end no longer counts.
func (l StalwartAddresses) Covering(a netip.Addr, at time.Time) ([]StalwartAddress, StalwartAnswer) {
	var rows []StalwartAddress
	unread := false
	for _, r := range l.Rows {
		if !r.ExpiresAt.IsZero() && !r.ExpiresAt.After(at) {
			continue
		}
		switch r.Mask.Covers(a) {
		case StalwartYes:
			rows = append(rows, r)
		case StalwartUnknown:
			unread = true
		}
	}
	switch {
	case len(rows) > 0:
		return rows, StalwartYes
	case !unread && l.Complete && l.considered(a):
		return nil, StalwartNo
	}
	return nil, StalwartUnknown
}

func (l StalwartAddresses) considered(a netip.Addr) bool {
	for _, text := range l.Considered {
		if c, err := netip.ParseAddr(text); err == nil && a.IsValid() && c.Unmap() == a.Unmap() {
			return true
		}
	}
	return false
}

// StalwartExempt says whether Stalwart never bans the address, whatever its lists hold: 127.0.0.1 and ::1 alone of the
// loopback's (S: common/src/network/security.rs).
func StalwartExempt(a netip.Addr) bool {
	a = a.Unmap()
	return a == netip.AddrFrom4([4]byte{127, 0, 0, 1}) || a == netip.IPv6Loopback()
}

// Exempt says whether no failure from the address bans it: it is exempt by itself, by x:AllowedIp, or as a trusted proxy (S:
// common/src/network/security.rs, Security::parse).
func (s *StalwartServer) Exempt(a netip.Addr, at time.Time) StalwartAnswer {
	switch {
	case s == nil || !a.IsValid():
		return StalwartUnknown
	case StalwartExempt(a), s.System.OK() && anyCovers(s.System.Value.ProxyNetworks, a.Unmap()) == StalwartYes:
		return StalwartYes
	case !s.Allowed.OK():
		return StalwartUnknown
	}
	_, answer := s.Allowed.Value.Covering(a, at)
	return answer
}

// Here is the address that this run comes from, as far as it knows: that of its connection to IMAP, or else to Stalwart's API.
func (s *Snapshot) Here() netip.Addr {
	here, _ := s.ends()
	return here
}

// HereSeen says that the server sees that address too: a private one is translated on the way to a server that has none. A
// loopback's is both ends' on the server itself, but also on a container's host and at the end of a tunnel: there the server sees
// the gateway (docs.docker.com/engine/network/port-publishing), and nothing that is asked here tells them apart.
func (s *Snapshot) HereSeen() bool {
	here, there := s.ends()
	return here.IsValid() && !here.IsLoopback() && (!here.IsPrivate() || there.IsPrivate())
}

// ends are both ends of the connection that Here speaks of.
func (s *Snapshot) ends() (here, there netip.Addr) {
	var reaches []*Reach
	if s.IMAP != nil {
		reaches = append(reaches, s.IMAP.Reach)
	}
	if s.Stalwart != nil {
		reaches = append(reaches, s.Stalwart.API)
	}
	for _, r := range reaches {
		if r == nil {
			continue
		}
		if a, err := netip.ParseAddr(r.Local); err == nil {
			there, _ = netip.ParseAddr(r.Remote)
			return a.Unmap().WithZone(""), there.Unmap()
		}
	}
	return netip.Addr{}, netip.Addr{}
}

// Banned says whether the address is turned away before any greeting: it is covered by a ban and by no exemption. Either list
// may be nil or unseen. Masks in the running configuration may differ from those stored until it is reloaded.
func (s *StalwartServer) Banned(a netip.Addr, at time.Time) (rows []StalwartAddress, answer StalwartAnswer) {
	if s == nil || !a.IsValid() {
		return nil, StalwartUnknown
	}
	blocked, allowed := StalwartUnknown, s.Exempt(a, at)
	if s.Blocked.OK() {
		rows, blocked = s.Blocked.Value.Covering(a, at)
	}
	switch {
	case blocked == StalwartNo || allowed == StalwartYes:
		return nil, StalwartNo
	case blocked == StalwartYes && allowed == StalwartNo:
		return rows, StalwartYes
	}
	return rows, StalwartUnknown
}
