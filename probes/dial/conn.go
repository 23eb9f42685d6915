package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"logindoctor.example/probes"
)

// ErrTooLong is returned by Read once a server has sent more than the limit.
var ErrTooLong = errors.New("dial: the server sends more than an honest one would")

// Conn is a connection whose deadlines can never reach past the run's, that counts what it reads, and that can be watched.
// Reads and writes go through TLS once it stands.
type Conn struct {
	dialer *Dialer
	reach  *probes.Reach
	raw    *counted
	top    net.Conn // raw, or TLS over it
	life   context.Context
	stop   func() bool

	mu   sync.Mutex
	end  time.Time // no deadline reaches past it
	over bool      // the life is done
	tee  func([]byte) error
}

var _ net.Conn = (*Conn)(nil)

func newConn(ctx context.Context, raw net.Conn, d *Dialer, reach *probes.Reach) *Conn {
	limit := d.Limit
	if limit == 0 {
		limit = MaxBytes
	}
	c := &Conn{dialer: d, reach: reach, raw: &counted{Conn: raw, left: limit}}
	c.top, c.life = c.raw, d.Life
	if c.life == nil {
		c.life = ctx
	}
	c.Extend(ctx)
	// A canceled run ends blocked reads at once.
	c.stop = context.AfterFunc(c.life, c.cut)
	return c
}

// Extend moves the end of the connection to the nearest of the context's deadline, the dialer's Timeout from now, and the
// end of the connection's life. Call it before each use.
func (c *Conn) Extend(ctx context.Context) {
	var ends []time.Time
	if end, ok := ctx.Deadline(); ok {
		ends = append(ends, end)
	}
	if d := c.dialer.Timeout; d > 0 {
		ends = append(ends, time.Now().Add(d))
	}
	c.until(ends...)
}

// cut ends blocked reads and writes for good: no deadline that is set later revives the connection.
func (c *Conn) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	_ = c.raw.SetDeadline(time.Unix(1, 0))
}

// Rest bounds the connection by its life alone, while nothing is asked over it: a library's reader waits on it all the time.
func (c *Conn) Rest() { c.until() }

func (c *Conn) until(ends ...time.Time) {
	if end, ok := c.life.Deadline(); ok {
		ends = append(ends, end)
	}
	var nearest time.Time
	for _, e := range ends {
		if nearest.IsZero() || e.Before(nearest) {
			nearest = e
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end = nearest
	if !c.over {
		_ = c.raw.SetDeadline(nearest)
	}
}

// Reach is how far the connection came. Its round trips are filled in by Close.
func (c *Conn) Reach() *probes.Reach { return c.reach }

// Tee hands every chunk that is read, decrypted, to watch before the reader sees it; an error from watch ends the connection.
func (c *Conn) Tee(watch func([]byte) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tee = watch
}

func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.top.Read(p)
	c.mu.Lock()
	watch := c.tee
	c.mu.Unlock()
	if n > 0 && watch != nil {
		if werr := watch(p[:n]); werr != nil {
			_ = c.Close()
			return 0, werr
		}
	}
	return n, err
}

func (c *Conn) Write(p []byte) (int, error) { return c.top.Write(p) }

// Close closes the socket at once, without TLS's farewell: a frozen server must not delay the run's end.
func (c *Conn) Close() error {
	c.stop()
	err := c.raw.Close()
	c.raw.mu.Lock()
	defer c.raw.mu.Unlock()
	c.reach.RoundTrips = c.raw.flights
	return err
}

func (c *Conn) LocalAddr() net.Addr  { return c.raw.LocalAddr() }
func (c *Conn) RemoteAddr() net.Addr { return c.raw.RemoteAddr() }

// clamp keeps a library from clearing or stretching the deadline: go-imap's client clears it with every command.
func (c *Conn) clamp(t time.Time, set func(time.Time) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.over:
		return nil
	case !c.end.IsZero() && (t.IsZero() || t.After(c.end)):
		t = c.end
	}
	return set(t)
}

func (c *Conn) SetDeadline(t time.Time) error      { return c.clamp(t, c.raw.SetDeadline) }
func (c *Conn) SetReadDeadline(t time.Time) error  { return c.clamp(t, c.raw.SetReadDeadline) }
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.clamp(t, c.raw.SetWriteDeadline) }

// counted limits and counts what comes off the wire, TLS's own bytes included.
type counted struct {
	net.Conn

	mu      sync.Mutex
	left    int64
	wrote   bool // something was sent since the last byte came: the next byte ends a flight
	flights int
}

func (c *counted) Read(p []byte) (int, error) {
	c.mu.Lock()
	left := c.left
	c.mu.Unlock()
	if left <= 0 {
		return 0, ErrTooLong
	}
	if int64(len(p)) > left {
		p = p[:left]
	}
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left -= int64(n)
	if n > 0 && c.wrote {
		c.wrote = false
		c.flights++
	}
	return n, err
}

func (c *counted) Write(p []byte) (int, error) {
	c.mu.Lock()
	c.wrote = true
	c.mu.Unlock()
	n, err := c.Conn.Write(p)
	if err != nil {
		return n, fmt.Errorf("send: %w", err)
	}
	return n, nil
}
