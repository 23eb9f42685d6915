// Package dial reaches servers: resolver, TCP, TLS, with deadlines and byte limits. It remembers how far a connection
// came, counts the flights it waited for, and classifies what went wrong as a probes.Failure.
//
// Certificates are always verified. There is no switch that turns this off.
package dial

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"net"
	"time"

	"logindoctor.example/probes"
)

// MaxBytes is the most that one connection may read: a thousand log lines of a kilobyte, eight times over.
const MaxBytes = 8 << 20

// Dialer makes connections. The zero Dialer uses the system's resolver, roots and clock.
type Dialer struct {
	Roots   *x509.CertPool // nil: the system's
	Timeout time.Duration  // of one probe; 0: only the context bounds
	Limit   int64          // bytes read on one connection; 0: MaxBytes
	Now     func() time.Time

	// Life ends every connection when it is done, and bounds it. It outlives the context of a single look, so that a
	// connection that was opened to look may be used later to try. Nil: the context given to Dial is the connection's life.
	Life context.Context
}

// Dial connects to address (host:port). With SecurityTLS the handshake is part of it; with the others the connection is
// plain, and Upgrade makes it TLS. The Reach is never nil and tells how far it came, the Conn is nil on failure.
func (d *Dialer) Dial(ctx context.Context, address string, security probes.Security) (*Conn, *probes.Reach) {
	start := d.now()
	reach := &probes.Reach{Address: address, Security: security, Stage: probes.StageResolve, At: start.UTC()}
	defer func() { reach.TookMS = d.now().Sub(start).Milliseconds() }()

	dialer := net.Dialer{Timeout: d.Timeout, KeepAlive: -1}
	raw, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		reach.Failure, reach.Words = Classify(ctx, err), err.Error()
		if reach.Failure != probes.FailureName && reach.Failure != probes.FailureResolver {
			reach.Stage = probes.StageConnect
		}
		return nil, reach
	}
	reach.Stage = probes.StageTalk
	if host, _, err := net.SplitHostPort(raw.LocalAddr().String()); err == nil {
		reach.Local = host
	}
	if host, _, err := net.SplitHostPort(raw.RemoteAddr().String()); err == nil {
		reach.Remote = host
	}
	c := newConn(ctx, raw, d, reach)
	if security != probes.SecurityTLS {
		return c, reach
	}
	if err := c.Upgrade(ctx); err != nil {
		return nil, reach
	}
	return c, reach
}

// serverName is the host part of the address that the profile names: the name the certificate has to bear.
func serverName(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}

// Upgrade makes the connection TLS (implicit TLS, or after STARTTLS). On failure the connection is closed and its
// Reach tells why; the certificate is kept in the Reach either way.
func (c *Conn) Upgrade(ctx context.Context) error {
	c.reach.Stage = probes.StageTLS
	conf := &tls.Config{RootCAs: c.dialer.Roots, ServerName: serverName(c.reach.Address), MinVersion: tls.VersionTLS12, Time: c.dialer.Now}
	client := tls.Client(c.raw, conf)
	if err := client.HandshakeContext(ctx); err != nil {
		c.reach.Failure, c.reach.Words = Classify(ctx, err), err.Error()
		var verify *tls.CertificateVerificationError
		if errors.As(err, &verify) && len(verify.UnverifiedCertificates) > 0 {
			c.reach.Certificate = certificate(verify.UnverifiedCertificates[0])
			// x509 has one reason for a certificate that is over and one that is not valid yet.
			if c.reach.Failure == probes.FailureCertExpired && c.dialer.now().Before(c.reach.Certificate.NotBefore) {
				c.reach.Failure = probes.FailureCertNotYet
			}
		}
		_ = c.Close()
		return err
	}
	if peers := client.ConnectionState().PeerCertificates; len(peers) > 0 {
		c.reach.Certificate = certificate(peers[0])
	}
	c.reach.Stage = probes.StageTalk
	c.top = client
	return nil
}

func certificate(x *x509.Certificate) *probes.Certificate {
	sum := sha256.Sum256(x.Raw)
	c := &probes.Certificate{Subject: x.Subject.String(), Issuer: x.Issuer.String(), NotBefore: x.NotBefore.UTC(), NotAfter: x.NotAfter.UTC(),
		SHA256: hex.EncodeToString(sum[:]), Names: append([]string(nil), x.DNSNames...)}
	for _, ip := range x.IPAddresses {
		c.Names = append(c.Names, ip.String())
	}
	return c
}

func (d *Dialer) now() time.Time {
	if d.Now != nil {
		return d.Now()
	}
	return time.Now()
}
