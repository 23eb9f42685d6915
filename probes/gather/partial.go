package gather

import (
	"encoding/json"
	"slices"
	"sync"

	"logindoctor.example/probes"
)

// partial is what is known while a run is under way. It takes only what is finished: a part that somebody still writes to
// is no part of it.
type partial struct {
	mu    sync.Mutex
	tell  func(*probes.Snapshot)
	known probes.Snapshot
}

// begin puts the run's frame in place: whom it asks about, and one empty row for each server of the directory.
func (p *partial) begin(s *probes.Snapshot) {
	if p.tell == nil {
		return
	}
	p.known = probes.Snapshot{FactsVersion: s.FactsVersion, Target: s.Target, StartedAt: s.StartedAt}
	if d := s.Target.Directory; d != nil {
		p.known.Directory = make([]probes.DirectoryServer, len(d.Servers))
		p.known.Account.Directory = make([]probes.DirectoryAccount, len(d.Servers))
		for i, url := range d.Servers {
			p.known.Directory[i].URL = url
		}
	}
}

// add takes what has just been finished, and tells of it, one call at a time.
func (p *partial) add(take func(known *probes.Snapshot)) {
	if p.tell == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	take(&p.known)
	if c := private(&p.known); c != nil {
		p.tell(c)
	}
}

// kept is a snapshot of which nothing is written to any more.
func (p *partial) kept(s *probes.Snapshot) {
	p.add(func(known *probes.Snapshot) { *known = *s })
}

// server takes one of the directory's.
func (p *partial) server(s *probes.Snapshot, i int) {
	p.add(func(known *probes.Snapshot) {
		known.Directory = slices.Clone(known.Directory)
		known.Account.Directory = slices.Clone(known.Account.Directory)
		known.Directory[i], known.Account.Directory[i] = s.Directory[i], s.Account.Directory[i]
	})
}

// private is a copy that shares nothing. A snapshot is its JSON form and nothing else, so the way through it loses nothing. Nil
// where there is no such form, since a server gave a time that no document can hold: then the end of the run tells.
func private(s *probes.Snapshot) *probes.Snapshot {
	text, err := json.Marshal(s)
	if err != nil {
		return nil
	}
	c := &probes.Snapshot{}
	if json.Unmarshal(text, c) != nil {
		return nil
	}
	return c
}
