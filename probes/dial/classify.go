package dial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"slices"

	"logindoctor.example/probes"
)

// Classify words an error of the network or of TLS as a Failure. ctx tells a canceled run from a slow server.
func Classify(ctx context.Context, err error) probes.Failure {
	var (
		dns     *net.DNSError
		address *net.AddrError
		expired x509.CertificateInvalidError
		host    x509.HostnameError
		unknown x509.UnknownAuthorityError
		verify  *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		alert   tls.AlertError
	)
	switch {
	case err == nil:
		return probes.FailureNone
	case errors.Is(ctx.Err(), context.Canceled):
		return probes.FailureCanceled
	case errors.Is(err, ErrTooLong):
		return probes.FailureTooLong
	case errors.As(err, &dns):
		if dns.IsNotFound {
			return probes.FailureName
		}
		return probes.FailureResolver
	case errors.As(err, &address): // "no suitable address found": the name leads to no address that can be used
		return probes.FailureName
	case errors.As(err, &expired) && expired.Reason == x509.Expired:
		return probes.FailureCertExpired
	case errors.As(err, &host):
		return probes.FailureCertName
	case errors.As(err, &unknown), errors.As(err, &verify):
		return probes.FailureCertUntrust
	case isAny(err, refused):
		return probes.FailureRefused
	case isAny(err, noRoute):
		return probes.FailureNoRoute
	case isAny(err, noNetwork):
		return probes.FailureNoNetwork
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return probes.FailureTimeout
	case errors.As(err, &record):
		return probes.FailureGarbage
	case errors.As(err, &alert):
		return probes.FailureTLS
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), isAny(err, broken):
		return probes.FailureClosed
	}
	return probes.FailureTLS
}

func isAny(err error, targets []error) bool {
	return slices.ContainsFunc(targets, func(t error) bool { return errors.Is(err, t) })
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}
