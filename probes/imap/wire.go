package imap

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
)

const (
	// farewell is how long a server may take to finish after its BYE, and we to send our LOGOUT.
	farewell = time.Second
	// peek is how long a look for a connection's end takes where it has not ended.
	peek = 3 * time.Millisecond
	// maxUntagged is how many untagged statuses of one exchange are kept.
	maxUntagged = 32
)

// wire stands between the connection and go-imap. It reads every response itself, keeps what was really said, and hands
// go-imap a well-formed rendering, one at a time. Left to itself go-imap knows neither `a1 no` nor a NO without words (it
// waits for the deadline), does not tell a close from a timeout, logs to stderr, and can be made to panic or to allocate
// gigabytes by a server.
//
// While nothing is asked it reads nothing: so that the connection's deadline does not strike while the plan is made, and
// so that after STARTTLS nobody but TLS reads.
type wire struct {
	conn *dial.Conn

	mu      sync.Mutex
	wake    *sync.Cond
	lines   lines
	out     []byte // for go-imap, not read yet
	greeted bool
	tag     string // of the command under way; empty: none
	free    bool   // read on, whether or not something was asked
	asks    bool   // the command under way expects continuation requests
	pending error  // the end of the connection, once what came before it is read
	err     error  // why nothing more comes

	greeting  *response
	bye       *response
	caps      []string
	capsKnown bool
	odd       string // what began the bytes that are not IMAP
	ex        *exchange
}

// exchange is what a server says to one command.
type exchange struct {
	tagged   *response
	at       time.Time // of the tagged reply
	untagged []response
}

func newWire(conn *dial.Conn) *wire {
	w := &wire{conn: conn, ex: &exchange{}}
	w.wake = sync.NewCond(&w.mu)
	return w
}

// begin starts a new exchange; asks says that continuation requests belong to it.
func (w *wire) begin(asks bool) *exchange {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ex, w.asks = &exchange{}, asks
	return w.ex
}

// Read gives go-imap the next response. Whatever ends the conversation is io.EOF to it, the one error that it does not log.
func (w *wire) Read(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		if len(w.out) > 0 {
			n := copy(p, w.out)
			w.out = w.out[n:]
			return n, nil
		}
		if w.err != nil {
			return 0, io.EOF
		}
		if w.greeted && w.tag == "" && !w.free {
			w.wake.Wait()
			continue
		}
		r, ok, err := w.lines.next()
		switch {
		case err != nil:
			w.refuse(err, r)
		case ok:
			w.take(r)
		case w.pending != nil:
			w.err = w.pending
		case w.bye != nil && w.tag == "":
			w.err = io.EOF
		default:
			w.fill()
		}
	}
}

// fill waits for bytes, without the lock.
func (w *wire) fill() {
	var chunk [4096]byte
	w.mu.Unlock()
	n, err := w.conn.Read(chunk[:])
	w.mu.Lock()
	w.lines.push(chunk[:n])
	w.pending = err
}

// refuse ends a conversation that is none.
func (w *wire) refuse(err error, r response) {
	w.err, w.odd = err, r.text
	_ = w.conn.Close()
}

// take judges one response by what may come now.
func (w *wire) take(r response) {
	switch {
	case !w.greeted:
		w.greet(r)
	case r.tag == "+":
		// go-imap leaves a goroutine behind for each one that no command waits for.
		if w.asks && w.tag != "" {
			w.out = r.forGoIMAP()
		}
	case r.tag == "*":
		w.untagged(r)
	case r.tag == w.tag:
		w.ex.tagged, w.ex.at = &r, time.Now()
		w.tag, w.asks = "", false
		w.out = r.forGoIMAP()
	default:
		w.refuse(errNotIMAP, response{text: r.tag + " " + sentence(r)})
	}
}

func (w *wire) greet(r response) {
	if r.tag != "*" || r.status != probes.IMAPOK && r.status != probes.IMAPPREAUTH && r.status != probes.IMAPBYE {
		w.refuse(errNotIMAP, response{text: r.tag + " " + sentence(r)})
		return
	}
	w.greeted, w.greeting = true, &r
	if r.status == probes.IMAPBYE {
		w.bye, w.err = &r, io.EOF
		return
	}
	w.learn(r)
	w.out = r.forGoIMAP()
}

func (w *wire) untagged(r response) {
	w.learn(r)
	if r.status == 0 {
		w.out = r.forGoIMAP()
		return
	}
	last := r.status == probes.IMAPBYE && w.bye == nil
	if last || len(w.ex.untagged) < maxUntagged {
		w.ex.untagged = append(w.ex.untagged, r)
	}
	if w.asks && refusal(r) {
		// The tagged reply may follow at once, or never: Stalwart leaves it out for an app password, and ends the connection after
		// a minute (stalwartlabs/stalwart issue 3241).
		_ = w.conn.SetReadDeadline(time.Now().Add(probes.Patience))
	}
	if last {
		// The tagged reply may still follow, or nothing at all: Courier says BYE and may leave the connection open.
		w.bye = &r
		_ = w.conn.SetReadDeadline(time.Now().Add(farewell))
	}
}

// refusal says that an untagged status is no warning, but the answer to the login.
func refusal(r response) bool {
	return r.status == probes.IMAPNO && r.code == probes.CodeAuthenticationFailed
}

func (w *wire) learn(r response) {
	if list, _ := r.listed(); len(list) > 0 {
		w.caps, w.capsKnown = list, true
	}
}

// Write sends what go-imap writes. The first bytes of a command are its tag.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	if w.tag == "" {
		tag, _, _ := bytes.Cut(p, []byte(" "))
		w.tag = string(tag)
	}
	w.wake.Broadcast()
	w.mu.Unlock()
	return w.conn.Write(p)
}

// forget drops what the server said before TLS: a stranger could have said it (RFC 9051 §6.2.1).
func (w *wire) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines, w.caps, w.capsKnown = lines{}, nil, false
}

// awake looks whether the server has ended the connection since it was last asked, before a secret is spent on it.
func (w *wire) awake() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return false
	}
	var chunk [4096]byte
	_ = w.conn.SetReadDeadline(time.Now().Add(peek))
	n, err := w.conn.Read(chunk[:])
	_ = w.conn.SetReadDeadline(time.Time{})
	w.lines.push(chunk[:n])
	if err != nil && !isTimeout(err) {
		w.pending = err
	}
	for {
		r, ok, err := w.lines.next()
		if err != nil {
			w.refuse(err, r)
		}
		if err != nil || !ok {
			break
		}
		w.take(r)
		w.out = nil // go-imap asked for nothing
	}
	return w.err == nil && w.pending == nil && w.bye == nil
}

// run lets the reader read whenever bytes come, until the connection ends.
func (w *wire) run() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.free = true
	w.wake.Broadcast()
}

// hurry makes the reader end soon: something went wrong, and only what the server already said is of interest.
func (w *wire) hurry() {
	_ = w.conn.SetReadDeadline(time.Now().Add(farewell))
	w.run()
}

// endWith ends a blocked read once ctx is canceled, until what it returns is called: the connection's life may be longer than
// that of one look or one login. The deadline of ctx is kept by the connection.
func (w *wire) endWith(ctx context.Context) (done func() bool) {
	return context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.Canceled) {
			_ = w.conn.SetReadDeadline(time.Unix(1, 0))
		}
	})
}

// deafen ends the reader and leaves the connection open for a last word. It says whether the server was still listening.
func (w *wire) deafen() (alive bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	alive = w.err == nil && w.pending == nil && w.bye == nil
	if w.err == nil {
		w.err = net.ErrClosed
	}
	_ = w.conn.SetReadDeadline(time.Unix(1, 0))
	w.wake.Broadcast()
	return alive
}

// Close is for go-imap; the Client closes the connection itself.
func (w *wire) Close() error { return w.conn.Close() }

func (w *wire) LocalAddr() net.Addr  { return w.conn.LocalAddr() }
func (w *wire) RemoteAddr() net.Addr { return w.conn.RemoteAddr() }

// The deadlines are the dialer's and ours: go-imap would reset them with every command.

func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }
