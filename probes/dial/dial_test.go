package dial

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/probes"
)

func listen(t *testing.T, o loopback.Options, serve func(net.Conn)) (*loopback.CA, *loopback.Listener) {
	t.Helper()
	ca, err := loopback.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	l, err := ca.Listen(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return ca, l
}

func echo(c net.Conn) { _, _ = io.Copy(c, c) }

func TestCertificates(t *testing.T) {
	for name, c := range map[string]struct {
		leaf loopback.Certificate
		want probes.Failure
	}{
		"good":       {loopback.Certificate{}, probes.FailureNone},
		"expired":    {loopback.Certificate{NotAfter: time.Now().Add(-time.Hour)}, probes.FailureCertExpired},
		"wrong name": {loopback.Certificate{Names: []string{"other.example.test"}}, probes.FailureCertName},
		"untrusted":  {loopback.Certificate{Untrusted: true}, probes.FailureCertUntrust},
	} {
		t.Run(name, func(t *testing.T) {
			ca, l := listen(t, loopback.Options{Certificate: c.leaf}, echo)
			d := &Dialer{Roots: ca.Pool(), Timeout: 10 * time.Second}
			conn, reach := d.Dial(t.Context(), l.Address(), probes.SecurityTLS)
			if reach.Failure != c.want || reach.Certificate == nil {
				t.Errorf("failure %v (%s), certificate %v; want %v with the certificate", reach.Failure, reach.Words, reach.Certificate, c.want)
			}
			if (conn != nil) != (c.want == probes.FailureNone) {
				t.Error("a connection that must not be used was given, or a good one was not")
			}
			if conn != nil {
				_ = conn.Close()
				if reach.RoundTrips != 1 {
					t.Errorf("%d round trips for a TLS 1.3 handshake, want 1", reach.RoundTrips)
				}
			}
		})
	}
}

func TestNotYetValid(t *testing.T) {
	// The client's clock decides: to one that is two days behind, the certificate is of the future.
	ca, l := listen(t, loopback.Options{}, echo)
	d := &Dialer{Roots: ca.Pool(), Timeout: 10 * time.Second, Now: func() time.Time { return time.Now().Add(-47 * time.Hour) }}
	if _, reach := d.Dial(t.Context(), l.Address(), probes.SecurityTLS); reach.Failure != probes.FailureCertNotYet {
		t.Errorf("got %v (%s)", reach.Failure, reach.Words)
	}
}

func TestFailures(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	_ = closed.Close()
	d := &Dialer{Timeout: 300 * time.Millisecond}
	if _, r := d.Dial(t.Context(), address, probes.SecurityNone); r.Failure != probes.FailureRefused || r.Stage != probes.StageConnect {
		t.Errorf("a closed port: %v at %v (%s)", r.Failure, r.Stage, r.Words)
	}
	if _, r := d.Dial(t.Context(), "no-such-name.invalid:993", probes.SecurityNone); r.Failure != probes.FailureName && r.Failure != probes.FailureResolver || r.Stage != probes.StageResolve {
		t.Errorf("a name that does not resolve: %v at %v (%s)", r.Failure, r.Stage, r.Words)
	}
	for mode, want := range map[loopback.Mode]probes.Failure{loopback.Hang: probes.FailureTimeout, loopback.Close: probes.FailureClosed, loopback.Garbage: probes.FailureGarbage} {
		ca, l := listen(t, loopback.Options{Fault: loopback.Fault{Mode: mode, BeforeTLS: true}}, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })
		d := &Dialer{Roots: ca.Pool(), Timeout: 300 * time.Millisecond}
		if _, r := d.Dial(t.Context(), l.Address(), probes.SecurityTLS); r.Failure != want || r.Stage != probes.StageTLS {
			t.Errorf("mode %d: %v at %v (%s), want %v", mode, r.Failure, r.Stage, r.Words, want)
		}
	}
}

// TestOurEnd: what goes wrong on this computer is not laid at the server's door.
func TestOurEnd(t *testing.T) {
	wrap := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", err)}
	}
	for _, c := range []struct {
		err    error
		want   probes.Failure
		tookMS int64
		ours   bool
	}{
		{wrap(syscall.ENETUNREACH), probes.FailureNoNetwork, 0, true},
		{wrap(syscall.EADDRNOTAVAIL), probes.FailureNoNetwork, 0, true},
		{wrap(syscall.EPERM), probes.FailureNoNetwork, 0, true},
		{&net.DNSError{Err: "server misbehaving", IsTemporary: true}, probes.FailureResolver, 0, true},
		{&net.DNSError{Err: "i/o timeout", IsTimeout: true}, probes.FailureResolver, 20000, true},
		{context.DeadlineExceeded, probes.FailureTimeout, 1, true},
		{context.DeadlineExceeded, probes.FailureTimeout, probes.Patience.Milliseconds(), false},
		{&net.DNSError{Err: "no such host", IsNotFound: true}, probes.FailureName, 0, false},
		{&net.OpError{Op: "dial", Net: "tcp", Err: &net.AddrError{Err: "no suitable address found", Addr: "x.onion"}}, probes.FailureName, 0, false},
		{wrap(syscall.EHOSTUNREACH), probes.FailureNoRoute, 0, false},
		{wrap(syscall.ECONNREFUSED), probes.FailureRefused, 0, false},
	} {
		r := probes.Reach{Failure: Classify(t.Context(), c.err), TookMS: c.tookMS}
		if r.Failure != c.want || r.OurEnd() != c.ours {
			t.Errorf("%v: %v, ours %t; want %v, %t", c.err, r.Failure, r.OurEnd(), c.want, c.ours)
		}
	}
}

func TestNoMoreThanTheLimit(t *testing.T) {
	ca, l := listen(t, loopback.Options{Fault: loopback.Fault{Mode: loopback.Endless}}, func(c net.Conn) { _, _ = c.Write([]byte("x")) })
	d := &Dialer{Roots: ca.Pool(), Timeout: 10 * time.Second, Limit: 64 << 10}
	conn, reach := d.Dial(t.Context(), l.Address(), probes.SecurityTLS)
	if conn == nil {
		t.Fatal(reach.Words)
	}
	defer func() { _ = conn.Close() }()
	n, err := io.Copy(io.Discard, conn)
	if !errors.Is(err, ErrTooLong) || Classify(t.Context(), err) != probes.FailureTooLong || n > 64<<10 {
		t.Errorf("read %d bytes, then %v", n, err)
	}
}

func TestDeadlineCannotBeStretched(t *testing.T) {
	_, l := listen(t, loopback.Options{Plain: true}, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })
	life, end := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer end()
	d := &Dialer{Timeout: time.Hour, Life: life}
	conn, _ := d.Dial(t.Context(), l.Address(), probes.SecurityNone)
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Time{}) // what go-imap does with every command
	if _, err := conn.Read(make([]byte, 1)); Classify(t.Context(), err) != probes.FailureTimeout {
		t.Errorf("got %v, want a time-out", err)
	}
	_ = conn.SetDeadline(time.Now().Add(time.Hour))
	if _, err := conn.Read(make([]byte, 1)); Classify(t.Context(), err) != probes.FailureTimeout {
		t.Errorf("after the end of its life a deadline revived the connection: %v", err)
	}
}

func TestLookEndsAndTheConnectionLives(t *testing.T) {
	_, l := listen(t, loopback.Options{Plain: true}, echo)
	d := &Dialer{Timeout: time.Hour, Life: t.Context()}
	look, end := context.WithCancel(t.Context())
	conn, _ := d.Dial(look, l.Address(), probes.SecurityNone)
	defer func() { _ = conn.Close() }()
	end()
	conn.Extend(t.Context())
	if _, err := conn.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Errorf("the connection ended with the look: %v", err)
	}
}

func TestCancelEndsABlockedRead(t *testing.T) {
	_, l := listen(t, loopback.Options{Plain: true}, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })
	ctx, cancel := context.WithCancel(t.Context())
	d := &Dialer{}
	conn, _ := d.Dial(ctx, l.Address(), probes.SecurityNone)
	defer func() { _ = conn.Close() }()
	go cancel()
	if _, err := conn.Read(make([]byte, 1)); Classify(ctx, err) != probes.FailureCanceled {
		t.Errorf("got %v", err)
	}
}

func TestTeeSeesAndStops(t *testing.T) {
	ca, l := listen(t, loopback.Options{}, echo)
	d := &Dialer{Roots: ca.Pool(), Timeout: 10 * time.Second}
	conn, reach := d.Dial(t.Context(), l.Address(), probes.SecurityTLS)
	if conn == nil {
		t.Fatal(reach.Words)
	}
	defer func() { _ = conn.Close() }()
	stop := errors.New("stop")
	var seen string
	conn.Tee(func(b []byte) error {
		seen += string(b)
		if seen == "second" {
			return stop
		}
		return nil
	})
	_, _ = conn.Write([]byte("second"))
	if n, err := conn.Read(make([]byte, 16)); !errors.Is(err, stop) || n != 0 || seen != "second" {
		t.Errorf("read %d, %v after the watcher saw %q; want its error and no bytes", n, err, seen)
	}
}
