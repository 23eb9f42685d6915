package directory_test

import (
	"net"
	"strings"
	"testing"

	"logindoctor.example/fixtures/sim/ldapsim"
	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/probes"
)

func TestStartTLS(t *testing.T) {
	b := adBench(t, domainPolicy, ldapsim.Account{Login: "jdoe", Password: right})
	b.target.Security = probes.SecurityStartTLS
	s := b.start(loopback.Options{Plain: true})
	same(t, "bound and read", b.ad("jdoe").Login, "jdoe")
	same(t, "binds", len(s.Binds()), 1)
	c := b.open()
	if r := c.Reach(); r.Certificate == nil || r.Security != probes.SecurityStartTLS || !r.OK() {
		t.Errorf("reach: %+v", r)
	}
}

func TestStartTLSThatFails(t *testing.T) {
	for name, f := range map[string]struct {
		options loopback.Options
		why     probes.Why // of the bind
		failure probes.Failure
	}{
		"frozen handshake":  {loopback.Options{Plain: true, Fault: loopback.Fault{Mode: loopback.Hang, Flights: 1}}, probes.Timeout, probes.FailureTimeout},
		"frozen answer":     {loopback.Options{Plain: true, Fault: loopback.Fault{Mode: loopback.Hang}}, probes.Timeout, probes.FailureTimeout},
		"closed handshake":  {loopback.Options{Plain: true, Fault: loopback.Fault{Mode: loopback.Close, Flights: 1}}, probes.Unreachable, probes.FailureClosed},
		"garbage answer":    {loopback.Options{Plain: true, Fault: loopback.Fault{Mode: loopback.Garbage}}, probes.Unclear, probes.FailureGarbage},
		"endless answer":    {loopback.Options{Plain: true, Fault: loopback.Fault{Mode: loopback.Endless}}, probes.Unclear, probes.FailureGarbage},
		"garbage handshake": {loopback.Options{Plain: true, Fault: loopback.Fault{Mode: loopback.Garbage, Flights: 1}}, probes.Unclear, probes.FailureGarbage},
		"untrusted":         {loopback.Options{Plain: true, Certificate: loopback.Certificate{Untrusted: true}}, probes.AttemptWithheld, probes.FailureCertUntrust},
	} {
		t.Run(name, func(t *testing.T) {
			b := adBench(t, domainPolicy)
			b.target.Security, b.dialer.Timeout = probes.SecurityStartTLS, hurry
			s := b.start(f.options)
			within(t, func() {
				c := b.open()
				same(t, "failure", c.Reach().Failure, f.failure)
				same(t, "stage", c.Reach().Stage, probes.StageTLS)
				same(t, "bind", c.Bind(b.ctx(), b.permit(b.target.ReaderDN, readerPassword)).Why, f.why)
				same(t, "account", c.Account(b.ctx(), "reader").Why, c.Reach().Why())
			})
			same(t, "binds", len(s.Binds()), 0)
		})
	}
}

func TestStartTLSRefused(t *testing.T) {
	c := openScripted(t, "ldap", probes.SecurityStartTLS, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 512))
		_, _ = conn.Write([]byte("\x30\x11\x02\x01\x01\x78\x0c\x0a\x01\x34\x04\x00\x04\x05sorry")) // 52 unavailable
	})
	why, words := c.MayBind()
	if why != probes.AttemptWithheld || !strings.Contains(words, "result 52: sorry") {
		t.Errorf("%v %q", why, words)
	}
}
