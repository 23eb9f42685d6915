package kerio

import (
	"context"
	"errors"
	"net"
	"sync"

	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
)

// pool hands out connections that were opened side by side. net/http dials when a request needs a connection, which would
// put a handshake before every request that finds the others busy.
type pool struct {
	dialer  *dial.Dialer
	address string
	ready   chan *dial.Conn // nil for one that could not be opened

	mu     sync.Mutex
	owed   int // how many more will come through ready
	all    []*dial.Conn
	closed bool
}

// openPool opens n connections and waits for the first, whose Reach it gives. The others come while the first is in use.
func openPool(ctx context.Context, d *dial.Dialer, address string, n int) (*pool, *probes.Reach) {
	p := &pool{dialer: d, address: address, ready: make(chan *dial.Conn, n)}
	first, reach := d.Dial(ctx, address, probes.SecurityTLS)
	if first == nil {
		return p, reach
	}
	p.keep(first)
	p.ready <- first
	p.owed = n
	for range n - 1 {
		go func() {
			c, _ := d.Dial(ctx, address, probes.SecurityTLS)
			if c != nil && !p.keep(c) {
				c = nil
			}
			p.ready <- c
		}()
	}
	return p, reach
}

// keep remembers a connection so that close ends it; it is false, and the connection is closed, where the pool is closed already.
func (p *pool) keep(c *dial.Conn) bool {
	c.Rest()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = c.Close()
		return false
	}
	p.all = append(p.all, c)
	return true
}

// dial is the transport's DialTLSContext.
func (p *pool) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	p.mu.Lock()
	wait := p.owed > 0
	if wait {
		p.owed--
	}
	p.mu.Unlock()
	if wait {
		select {
		case c := <-p.ready:
			if c != nil {
				return c, nil
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	c, reach := p.dialer.Dial(ctx, p.address, probes.SecurityTLS)
	if c == nil {
		return nil, errors.New("connect " + p.address + ": " + reach.Words)
	}
	if !p.keep(c) {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, c := range p.all {
		_ = c.Close()
	}
}
