package kerio

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

func (c *Client) version(ctx context.Context) *probes.Observation[probes.KerioVersion] {
	var product, version words
	return get(ctx, c, getVersion, nil, "version", map[string]any{"product": &product, "version": &version}, func(v *probes.KerioVersion) {
		v.Product, v.Version = string(product), string(version)
	})
}

func (c *Client) policy(ctx context.Context) *probes.Observation[probes.KerioSecurityPolicy] {
	var options struct {
		Mode          words  `json:"mode"`
		EnableLockout flag   `json:"enableLockout"`
		FailedToLock  number `json:"failedLoginsToLock"`
		Minutes       number `json:"minutesToUnlock"`
		Hammering     struct {
			On      flag   `json:"isEnabled"`
			Failed  number `json:"failedLoginsToBlock"`
			Minutes number `json:"minutesToBlock"`
		} `json:"antiHammering"`
	}
	o := get(ctx, c, securityPolicy, nil, "options", map[string]any{"options": &options}, func(p *probes.KerioSecurityPolicy) {
		*p = probes.KerioSecurityPolicy{Mode: string(options.Mode), EnableLockout: options.EnableLockout.value, FailedToLock: int(options.FailedToLock),
			MinutesToUnlock: int(options.Minutes), AntiHammering: options.Hammering.On.value, FailedToBlock: int(options.Hammering.Failed), MinutesToBlock: int(options.Hammering.Minutes)}
	})
	// A policy without its switch, or one that locks after no failure or for no time, must not read as "never locks".
	if o.OK() && (!options.EnableLockout.given || options.EnableLockout.value && (options.FailedToLock <= 0 || options.Minutes <= 0)) {
		o.Why, o.Words = probes.Unclear, "SecurityPolicy.get without a usable lockout setting"
	}
	return o
}

type serviceEntry struct {
	Name      words `json:"name"`
	Running   flag  `json:"isRunning"`
	Start     words `json:"howToStart"`
	Listeners []struct {
		Port number `json:"port"`
	} `json:"listeners"`
	Limit struct {
		Set   flag   `json:"isSet"`
		Value number `json:"value"` // 0: unlimited
	} `json:"connectionLimit"`
	Group struct {
		Used flag `json:"isUsed"`
		IP   struct {
			ID   words `json:"id"`
			Name words `json:"name"`
		} `json:"ipGroup"`
	} `json:"group"`
}

func (c *Client) services(ctx context.Context) *probes.Observation[[]probes.KerioService] {
	return listed(ctx, c, servicesGet, nil, "services", func(rows []serviceEntry) (out []probes.KerioService, lacks string) {
		for _, r := range rows {
			if !r.Running.given || r.Name == "" {
				return nil, "isRunning or a name" // left out it must not read as stopped
			}
			s := probes.KerioService{Name: secret.Kept(string(r.Name)), Running: r.Running.value, HowToStart: secret.Kept(string(r.Start))}
			for _, l := range r.Listeners {
				s.Ports = append(s.Ports, int(l.Port))
			}
			if r.Limit.Set.value {
				s.ConnectionLimit = int(r.Limit.Value)
			}
			if r.Group.Used.value {
				s.AddressGroupID = string(r.Group.IP.ID)
				// Without a name it is a rule still: an empty one would read as none.
				s.AddressGroup = cmp.Or(string(r.Group.IP.Name), s.AddressGroupID, "(without a name)")
			}
			out = append(out, s)
		}
		return out, ""
	})
}

// folderAnswer is Server.getOpenedFoldersInfo as it came: whose folders they are is decided once the names are known.
type folderAnswer struct {
	rows []struct {
		Name       words   `json:"folderName"`
		References number  `json:"referenceCount"`
		Users      []words `json:"users"`
	}
	look  probes.Look
	found bool
}

func (f *folderAnswer) fetch(ctx context.Context, c *Client) {
	var list json.RawMessage
	o := get(ctx, c, getOpenedFolders, map[string]any{"query": map[string]any{"orderBy": []map[string]any{{"columnName": "referenceCount", "direction": "Desc"}}}},
		"list", map[string]any{"list": &list}, func(*struct{}) {})
	f.look = o.Look
	if o.OK() && (list == nil || json.Unmarshal(list, &f.rows) != nil) {
		f.look.Why, f.look.Words = probes.Unclear, "Server.getOpenedFoldersInfo without a readable list"
	}
}

func (f *folderAnswer) observe(who names) *probes.Observation[probes.KerioFolders] {
	o := &probes.Observation[probes.KerioFolders]{Look: f.look}
	o.Value = probes.KerioFolders{Rows: []probes.KerioFolder{}, Total: len(f.rows)}
	for _, r := range f.rows {
		row := probes.KerioFolder{Name: secret.Kept(string(r.Name)), References: int(r.References), Own: who.owns(string(r.Name)), Users: len(r.Users)}
		for _, u := range r.Users {
			row.OpenByUser = row.OpenByUser || who.are(strings.TrimSpace(string(u)))
		}
		switch {
		case row.Own || row.OpenByUser:
			o.Value.Rows = append(o.Value.Rows, row)
		case row.References >= probes.KerioFolderThreshold:
			o.Value.OthersAtTen++
		}
	}
	return o
}

type alertRow struct {
	Name     words `json:"alertName"`
	Level    words `json:"alertType"`
	Current  words `json:"currentValue"`
	Critical words `json:"criticalValue"`
}

func (c *Client) alerts(ctx context.Context) *probes.Observation[[]probes.KerioAlert] {
	return listed(ctx, c, getAlerts, nil, "alerts", func(rows []alertRow) ([]probes.KerioAlert, string) {
		out := []probes.KerioAlert{}
		for _, r := range rows {
			if r.Name == "" {
				return nil, "the name of an alert"
			}
			clean := func(w words) string { return c.admin.clean(string(w)) }
			out = append(out, probes.KerioAlert{Name: clean(r.Name), Level: clean(r.Level), Current: clean(r.Current), Critical: clean(r.Critical)})
		}
		return out, ""
	})
}

type licenseStatus struct {
	Registration words   `json:"regType"`
	Users        *number `json:"users"`
	Expirations  []struct {
		Type      words   `json:"type"`
		Unlimited flag    `json:"isUnlimited"`
		Days      *number `json:"remainingDays"`
		Date      number  `json:"date"` // Unix seconds
	} `json:"expirations"`
}

func (c *Client) license(ctx context.Context) *probes.Observation[probes.KerioLicense] {
	return shaped(ctx, c, fullStatus, nil, "status", func(s licenseStatus, _ int) (l probes.KerioLicense, lacks string) {
		if s.Users == nil || s.Expirations == nil {
			return l, "users or expirations" // none must not read as a licence for nobody, or for ever
		}
		l = probes.KerioLicense{Registration: string(s.Registration), Users: int(*s.Users), Expirations: []probes.KerioLifetime{}}
		for _, e := range s.Expirations {
			if e.Days == nil && !e.Unlimited.value {
				return l, "remainingDays"
			}
			t := probes.KerioLifetime{Type: secret.Kept(string(e.Type)), Unlimited: e.Unlimited.value}
			if e.Days != nil {
				t.Days = int(*e.Days)
			}
			t.Date = unix(e.Date)
			l.Expirations = append(l.Expirations, t)
		}
		return l, ""
	})
}

type mailboxes struct {
	Active *number `json:"active"`
	Total  number  `json:"total"`
}

// patience is how long the count of mailboxes is waited for when everything else is there: while a directory is away it may
// take very long, and little hangs on it.
const patience = 3 * time.Second

// count asks for the count of mailboxes in the lane of the services, until the context or enough ends it.
func (c *Client) count(ctx context.Context, free <-chan struct{}) (counted <-chan *probes.Observation[probes.KerioMailboxes], enough context.CancelFunc) {
	slow, enough := context.WithCancel(ctx)
	out := make(chan *probes.Observation[probes.KerioMailboxes], 1)
	go func() {
		defer enough()
		<-free
		o := shaped(slow, c, mailboxCount, nil, "count", func(m mailboxes, _ int) (probes.KerioMailboxes, string) {
			if m.Active == nil {
				return probes.KerioMailboxes{}, "active"
			}
			return probes.KerioMailboxes{Active: int(*m.Active), Total: int(m.Total)}, ""
		})
		if !o.OK() && slow.Err() != nil && ctx.Err() == nil {
			o.Why, o.Words = probes.Timeout, "not waited for any longer: everything else had been answered for "+patience.String()
		}
		out <- o
	}()
	return out, enough
}

// settings tells which server of a distributed domain this one is. Where the user's row names no home server nothing hangs
// on it: then that row is the answer, and the id is empty.
func (c *Client) settings(ctx context.Context, user *probes.Observation[probes.KerioUser]) *probes.Observation[probes.KerioSettings] {
	if user.OK() && user.Value.HomeServerID == "" {
		return &probes.Observation[probes.KerioSettings]{Look: user.Look}
	}
	type setting struct {
		ServerID words `json:"serverId"`
		HostName words `json:"hostname"`
	}
	return shaped(ctx, c, domainSettings, nil, "setting", func(s setting, _ int) (probes.KerioSettings, string) {
		return probes.KerioSettings{ServerID: secret.Kept(string(s.ServerID)), HostName: secret.Kept(string(s.HostName))}, ""
	})
}

type connectionRow struct {
	Protocol  words `json:"proto"`
	Extension words `json:"extension"`
	From      words `json:"from"`
	User      words `json:"user"`
	Time      words `json:"time"`
}

// connections gives the rows as they came: whose they are is decided once the names are known.
func (c *Client) connections(ctx context.Context) *probes.Observation[[]connectionRow] {
	// The IDL says that conditions have no effect here.
	return listed(ctx, c, getConnections, map[string]any{"query": everything(0, -1)}, "list", func(rows []connectionRow) ([]connectionRow, string) {
		for _, r := range rows {
			if r.Protocol == "" {
				return nil, "the protocol of a connection"
			}
		}
		return rows, ""
	})
}

// maxOwn bounds the rows of this user that are kept, and maxProtocols the names of protocols, which are the server's.
const maxOwn, maxProtocols = 100, 64

func connectionsOf(raw *probes.Observation[[]connectionRow], who names) *probes.Observation[probes.KerioConnections] {
	o := &probes.Observation[probes.KerioConnections]{Look: raw.Look}
	if !o.OK() {
		return o
	}
	o.Value = probes.KerioConnections{Total: len(raw.Value), ByProtocol: []probes.KerioProtocolCount{}, Own: []probes.KerioConnection{}}
	people, counts := map[string]bool{}, map[string]int{}
	for _, r := range raw.Value {
		protocol := secret.Kept(string(r.Protocol))
		if counts[protocol] == 0 && len(counts) >= maxProtocols {
			protocol = "other"
		}
		counts[protocol]++
		user := strings.ToLower(strings.TrimSpace(string(r.User)))
		if user != "" {
			people[user] = true
		}
		if who.are(user) && len(o.Value.Own) < maxOwn {
			own := probes.KerioConnection{Protocol: protocol, From: secret.Kept(string(r.From)), Since: secret.Kept(string(r.Time))}
			if r.Extension != "NoExtension" {
				own.Extension = secret.Kept(string(r.Extension))
			}
			o.Value.Own = append(o.Value.Own, own)
		}
	}
	o.Value.Users = len(people)
	for protocol, n := range counts {
		o.Value.ByProtocol = append(o.Value.ByProtocol, probes.KerioProtocolCount{Protocol: protocol, Count: n})
	}
	slices.SortFunc(o.Value.ByProtocol, func(a, b probes.KerioProtocolCount) int { return cmp.Compare(a.Protocol, b.Protocol) })
	return o
}

// size is the IDL's ByteValueWithUnits.
type size struct {
	Value number `json:"value"`
	Units words  `json:"units"`
}

// unitShift are the units, taken as powers of 1024: the IDL does not say.
var unitShift = map[words]uint{"Bytes": 0, "KiloBytes": 10, "MegaBytes": 20, "GigaBytes": 30, "TeraBytes": 40, "PetaBytes": 50}

// bytes is 0 where the size cannot be read, and stops at the largest number there is.
func (s size) bytes() int64 {
	shift, known := unitShift[s.Units]
	if v := int64(s.Value); known && v > 0 {
		return min(v, math.MaxInt64>>shift) << shift
	}
	return 0
}
