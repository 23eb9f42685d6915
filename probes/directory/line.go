package directory

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
)

// farewellID is the message id of what a server says unasked, which is why it closes (RFC 4511 §4.4.1); go-ldap passes it over.
const farewellID = 0

// line is what go-ldap reads and writes. It hands over whole messages that were looked through, keeps the answer to a
// bind (go-ldap drops a result whose controls it cannot decode, and the words of a success), and remembers the first
// failure as it was (go-ldap keeps its text alone).
type line struct {
	*dial.Conn

	ready []byte // looked through, and not yet read; touched by go-ldap's reader alone
	rest  []byte // the beginning of a message

	mu       sync.Mutex
	busy     int // questions under way
	answered bool
	bind     []byte // the last answer to a bind
	farewell string
	failure  error
}

func (l *line) Read(p []byte) (int, error) {
	for len(l.ready) == 0 {
		chunk := make([]byte, 8<<10)
		n, err := l.Conn.Read(chunk)
		l.rest = append(l.rest, chunk[:n]...)
		if bad := l.sort(); bad != nil {
			err = bad
		}
		if len(l.ready) > 0 {
			break // an error comes again
		}
		if err != nil {
			if errors.Is(err, io.EOF) && len(l.rest) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return 0, l.fail(err)
		}
	}
	n := copy(p, l.ready)
	l.ready = l.ready[n:]
	return n, nil
}

// sort moves whole messages from rest to ready.
func (l *line) sort() (err error) {
	done := 0
	for {
		var n int
		if n, err = message(l.rest[done:]); err != nil || n == 0 {
			break
		}
		l.note(l.rest[done : done+n])
		done += n
	}
	if done > 0 {
		l.ready = append(l.ready, l.rest[:done]...)
		l.rest = append([]byte(nil), l.rest[done:]...)
	}
	return err
}

func (l *line) note(one []byte) {
	r, ok := parseReply(one)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answered = true
	switch {
	case ok && r.op == idBindResponse:
		l.bind = append([]byte(nil), one...)
	case ok && r.op == idExtendedReply && r.id == farewellID:
		l.farewell = r.words
	}
}

func (l *line) Write(p []byte) (int, error) {
	n, err := l.Conn.Write(p)
	if err != nil {
		return n, l.fail(err)
	}
	return n, nil
}

func (l *line) fail(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failure == nil {
		l.failure = err
	}
	return err
}

// Close is go-ldap's: it closes where it cannot go on. The connection itself is closed by the Client, at one known moment.
func (l *line) Close() error {
	_ = l.fail(errGarbage)
	return l.Conn.SetDeadline(time.Unix(1, 0))
}

// begin makes the connection ready for one more question, and end lets it rest once there is none.
func (l *line) begin(ctx context.Context) (end func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy++
	l.Conn.Extend(ctx)
	stop := context.AfterFunc(ctx, func() { _ = l.Conn.SetDeadline(time.Unix(1, 0)) })
	return func() {
		stop()
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.busy--; l.busy == 0 && l.failure == nil {
			l.Conn.Rest()
		}
	}
}

// forget drops the answer to an earlier bind, and answer gives the one to the last.
func (l *line) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bind = nil
}

func (l *line) answer() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bind
}

// trouble classifies the first failure; none where the connection is in order. answered: the server had spoken LDAP before.
func (l *line) trouble(ctx context.Context) (f probes.Failure, words string, answered bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failure == nil {
		return probes.FailureNone, "", l.answered
	}
	f = failureOf(ctx, l.failure)
	words = l.failure.Error()
	if l.farewell != "" {
		words = l.farewell
	}
	return f, words, l.answered
}

// failureOf is dial's, and the one that only this protocol knows.
func failureOf(ctx context.Context, err error) probes.Failure {
	if errors.Is(err, errGarbage) && !errors.Is(ctx.Err(), context.Canceled) {
		return probes.FailureGarbage
	}
	return dial.Classify(ctx, err)
}
