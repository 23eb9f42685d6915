package probes

import "time"

// KerioAlert is one row of Server.getAlertList. The names are Kerio's: LicenseExpired, LicenseTooManyUsers,
// SubscriptionExpired, StorageSpaceLow, …; one that is not known is kept as it came.
type KerioAlert struct {
	Name     string `json:"name" class:"public"`            // alertName
	Level    string `json:"level,omitempty" class:"public"` // alertType: Warning, Critical, Info
	Current  string `json:"current,omitempty" class:"public"`
	Critical string `json:"critical,omitempty" class:"public"`
}

// KerioLicense is ProductRegistration.getFullStatus.
type KerioLicense struct {
	Registration string          `json:"registration" class:"public"` // rsNoRegistration, rsTrialRegistered, rsTrialExpired, rsProductRegistered
	Users        int             `json:"users" class:"public"`        // -2: unlimited
	Expirations  []KerioLifetime `json:"expirations" class:"parts"`
}

// KerioUnlimitedUsers is what Users says where the licence counts nobody.
const KerioUnlimitedUsers = -2

// KerioLifetime is when one part of the licence ends.
type KerioLifetime struct {
	Type      string    `json:"type" class:"public"` // License, Subscription
	Unlimited bool      `json:"unlimited" class:"public"`
	Days      int       `json:"remaining_days" class:"public"` // below 0: over
	Date      time.Time `json:"date,omitzero" class:"public"`
}

// KerioMailboxes is Users.getMailboxCount: the mailboxes that count towards the licence.
type KerioMailboxes struct {
	Active int `json:"active" class:"public"`
	Total  int `json:"total" class:"public"`
}

// KerioConnections is Server.getConnections as counts, and this user's own.
type KerioConnections struct {
	Total      int                  `json:"total" class:"public"`
	Users      int                  `json:"users" class:"public"` // different people among them
	ByProtocol []KerioProtocolCount `json:"by_protocol" class:"parts"`
	Own        []KerioConnection    `json:"own" class:"parts"`
}

// Count is how many connections there are of one protocol.
func (c KerioConnections) Count(protocol string) int {
	for _, p := range c.ByProtocol {
		if p.Protocol == protocol {
			return p.Count
		}
	}
	return 0
}

// KerioProtocolCount is how many connections there are of one protocol.
type KerioProtocolCount struct {
	Protocol string `json:"protocol" class:"public"` // protocolImap, protocolImaps, protocolHttps, …
	Count    int    `json:"count" class:"public"`
}

// KerioConnection is one of this user's connections.
type KerioConnection struct {
	Protocol  string `json:"protocol" class:"public"`
	Extension string `json:"extension,omitempty" class:"public"` // ActiveSync, EWS, …
	From      string `json:"from" class:"personal"`
	Since     string `json:"since,omitempty" class:"public"` // as Kerio words it
}

// KerioSettings is Domains.getSettings. It is asked where the user's row names a home server; elsewhere that row is the answer
// (the Look names it) and the id is empty.
type KerioSettings struct {
	ServerID string `json:"server_id" class:"internal"` // of a distributed domain: which of the servers this one is
	HostName string `json:"host_name,omitempty" class:"internal"`
}

// KerioAddressGroup is one group of IpAddressGroups.get with what is in it. The groups are asked for where a service or a rule
// of the user's policy names one, or where that is not known; elsewhere the list is empty and the Look names Services.get.
type KerioAddressGroup struct {
	ID      string              `json:"id" class:"internal"`
	Name    string              `json:"name" class:"internal"`
	Members []KerioAddressRange `json:"members" class:"parts"`
}

// KerioAddressRange is one enabled member of a group. One that cannot be read as addresses (a host name, another group
// that is missing) has Unread: then nobody can say that an address is outside.
type KerioAddressRange struct {
	From   string `json:"from,omitempty" class:"internal"` // the lowest address
	To     string `json:"to,omitempty" class:"internal"`   // the highest
	Unread string `json:"unread,omitempty" class:"internal"`
}

// KerioAccess is the access policy of the user: AccessPolicy.get, reduced to the policy's own rules.
type KerioAccess struct {
	Policy string            `json:"policy" class:"internal"`
	Rules  []KerioAccessRule `json:"rules" class:"parts"`
}

// KerioAccessRule says who may use one service.
type KerioAccessRule struct {
	Service string          `json:"service" class:"public"` // ServiceIMAP, ServiceWebMail, …
	Rule    KerioAccessKind `json:"rule" class:"public"`
	GroupID string          `json:"group_id,omitempty" class:"internal"` // of addresses, where the rule names some
}

// KerioAccessKind is a rule's type.
type KerioAccessKind uint8

// The types. The zero value: a type that is not known.
const (
	AccessUnknown   KerioAccessKind = iota
	AccessAllowed                   // ServiceAllowed
	AccessDenied                    // ServiceDenied
	AccessIPAllowed                 // ServiceIpAllowed: from the group's addresses only
	AccessIPDenied                  // ServiceIpDenied: from anywhere else
)

var kerioAccessNames = [...]string{"unknown", "allowed", "denied", "addresses-allowed", "addresses-denied"}

func (k KerioAccessKind) String() string               { return name(kerioAccessNames[:], uint8(k)) }
func (k KerioAccessKind) MarshalText() ([]byte, error) { return marshal(kerioAccessNames[:], uint8(k)) }
func (k *KerioAccessKind) UnmarshalText(b []byte) error {
	return unmarshal(kerioAccessNames[:], (*uint8)(k), b)
}

// KerioPending is Users.getNotActivated: people of the directory that were never given a mailbox. It is asked where Users.get did
// not find the login name and the domain has a directory; elsewhere the Look names the call that answered, and Total is 0.
type KerioPending struct {
	Found      bool   `json:"found" class:"public"` // this user is among them
	Importable bool   `json:"importable,omitempty" class:"public"`
	Words      string `json:"words,omitempty" class:"personal"` // why one cannot be activated
	Total      int    `json:"total" class:"public"`
}
