package dial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"logindoctor.example/probes"
)

// Classify words an error of the network or of TLS as a Failure. ctx tells a canceled run from a slow server.
func Classify(ctx context.Context, err error) probes.Failure {
	var (
		dns     *net.DNSError
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
		if dns.IsTimeout {
			return probes.FailureTimeout
		}
		return probes.FailureName
	case errors.As(err, &expired) && expired.Reason == x509.Expired:
		return probes.FailureCertExpired
	case errors.As(err, &host):
		return probes.FailureCertName
	case errors.As(err, &unknown), errors.As(err, &verify):
		return probes.FailureCertUntrust
	case errors.Is(err, syscall.ECONNREFUSED):
		return probes.FailureRefused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return probes.FailureNoRoute
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return probes.FailureTimeout
	case errors.As(err, &record):
		return probes.FailureGarbage
	case errors.As(err, &alert):
		return probes.FailureTLS
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET),
		errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		return probes.FailureClosed
	}
	return probes.FailureTLS
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}
