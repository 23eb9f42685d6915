package kerio

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

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
	first, reach := d.Dial(ctx, address, probes.SecurityTLS)
	if first != nil && !p.keep(first) {
		first = nil
	}
	p.ready <- first
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
			if c != nil && alive(c) {
				return c, nil
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	c, reach := p.dialer.Dial(ctx, p.address, probes.SecurityTLS)
	if c == nil {
		return nil, &unreached{reach}
	}
	if !p.keep(c) {
		return nil, net.ErrClosed
	}
	return c, nil
}

// unreached is a connection that could not be made when a call needed it.
type unreached struct{ reach *probes.Reach }

func (u *unreached) Error() string { return "connect " + u.reach.Address + ": " + u.reach.Words }

// alive says that a connection that was opened ahead is still open: net/http watches only those that it has used, and a
// secret that is sent into a closed one counts as spent. No honest server speaks first here.
func alive(c *dial.Conn) bool {
	_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := c.Read(make([]byte, 1))
	var t net.Error
	open := errors.As(err, &t) && t.Timeout()
	c.Rest()
	return open
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, c := range p.all {
		_ = c.Close()
	}
}
