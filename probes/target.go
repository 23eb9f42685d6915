package probes

// Target is the account and the servers under diagnosis, as the profile names them. A nil server is not configured.
// It holds no secret: those travel beside it.
type Target struct {
	User          string           `json:"user" class:"personal"` // as the person typed it
	Profile       string           `json:"profile,omitempty" class:"internal"`
	ProfileGiven  string           `json:"profile_given,omitempty" class:"internal"`  // --profile as it was typed, a name or a file; empty: it was found
	ClientAddress string           `json:"client_address,omitempty" class:"personal"` // where the user's client comes from; empty: not said
	Kerio         *KerioTarget     `json:"kerio,omitempty" class:"parts"`
	Stalwart      *StalwartTarget  `json:"stalwart,omitempty" class:"parts"`
	IMAP          *IMAPTarget      `json:"imap,omitempty" class:"parts"`
	Directory     *DirectoryTarget `json:"directory,omitempty" class:"parts"`
}

// KerioTarget is where Kerio Connect answers.
type KerioTarget struct {
	AdminURL string `json:"admin_url,omitempty" class:"internal"` // …/admin/api/jsonrpc/; empty: not configured
	UserURL  string `json:"user_url,omitempty" class:"internal"`  // …/webmail/api/jsonrpc/; empty: not configured
	Admin    string `json:"admin,omitempty" class:"internal"`     // logindoctor's own account
}

// StalwartTarget is where Stalwart answers.
type StalwartTarget struct {
	URL         string `json:"url" class:"internal"`                   // https://host[:port]
	ManageSieve string `json:"managesieve,omitempty" class:"internal"` // host:port; empty: not configured
}

// IMAPTarget is where IMAP answers.
type IMAPTarget struct {
	Address  string   `json:"address" class:"internal"` // host:port
	Security Security `json:"security" class:"public"`
	Canary   string   `json:"canary,omitempty" class:"internal"` // a mailbox known to be healthy; empty: none
}

// DirectoryTarget is where the directory answers.
type DirectoryTarget struct {
	Kind           DirectoryKind `json:"kind" class:"public"`
	Servers        []string      `json:"servers" class:"internal"` // ldap[s]://host[:port]
	Security       Security      `json:"security" class:"public"`
	BaseDN         string        `json:"base_dn" class:"internal"`
	ReaderDN       string        `json:"reader_dn,omitempty" class:"internal"`
	MailServerBind string        `json:"mail_server_bind,omitempty" class:"internal"` // the DN the mail server binds with; empty: not known
}

// Security is how a connection is protected.
type Security uint8

// The protections. The zero value is not said.
const (
	_ Security = iota
	SecurityTLS
	SecurityStartTLS
	SecurityNone
)

var securityNames = [...]string{"", "tls", "starttls", "none"}

func (s Security) String() string                { return name(securityNames[:], uint8(s)) }
func (s Security) MarshalText() ([]byte, error)  { return marshal(securityNames[:], uint8(s)) }
func (s *Security) UnmarshalText(b []byte) error { return unmarshal(securityNames[:], (*uint8)(s), b) }

// DirectoryKind is the product behind LDAP.
type DirectoryKind uint8

// The kinds of directory. The zero value is not said.
const (
	_ DirectoryKind = iota
	ActiveDirectory
	OpenDirectory
)

var directoryKindNames = [...]string{"", "active-directory", "open-directory"}

func (k DirectoryKind) String() string { return name(directoryKindNames[:], uint8(k)) }
func (k DirectoryKind) MarshalText() ([]byte, error) {
	return marshal(directoryKindNames[:], uint8(k))
}
func (k *DirectoryKind) UnmarshalText(b []byte) error {
	return unmarshal(directoryKindNames[:], (*uint8)(k), b)
}
