package dial

import (
	"context"
	"net"
	"sync"
	"time"

	"logindoctor.example/probes"
)

// Pool hands out connections that were opened side by side. net/http dials when a request needs a connection, which would
// put a handshake before every request that finds the others busy.
type Pool struct {
	dialer  *Dialer
	address string
	ready   chan *Conn // nil for one that could not be opened

	mu     sync.Mutex
	owed   int // how many more will come through ready
	all    []*Conn
	closed bool
}

// OpenPool opens n connections and waits for the first, whose Reach it gives. The others come while the first is in use.
func OpenPool(ctx context.Context, d *Dialer, address string, n int) (*Pool, *probes.Reach) {
	p := &Pool{dialer: d, address: address, ready: make(chan *Conn, n)}
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

// keep remembers a connection so that Close ends it; it is false, and the connection is closed, where the pool is closed already.
func (p *Pool) keep(c *Conn) bool {
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

// DialTLS is for http.Transport.DialTLSContext.
func (p *Pool) DialTLS(ctx context.Context, _, _ string) (net.Conn, error) {
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

// alive says that a connection that was opened ahead is still open: net/http watches only those that it has used, and a
// secret that is sent into a closed one counts as spent. No honest HTTP server speaks first.
func alive(c *Conn) bool {
	_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := c.Read(make([]byte, 1))
	open := isTimeout(err)
	c.Rest()
	return open
}

// Close ends every connection that the pool made.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, c := range p.all {
		_ = c.Close()
	}
}
