package directory

import (
	"context"
	"fmt"

	"github.com/go-ldap/ldap/v3"

	ber "github.com/go-asn1-ber/asn1-ber"

	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
)

// startTLS asks for TLS and makes the connection TLS (RFC 4511 §4.14), before go-ldap has it: go-ldap's own StartTLS waits
// for a frozen handshake without end, and hides the certificate. The answer is read octet by octet up to its end, so that
// nothing which follows in clear text can pass for the server's word.
func startTLS(ctx context.Context, conn *dial.Conn) error {
	reach := conn.Reach()
	fail := func(f probes.Failure, words string) error {
		reach.Stage, reach.Failure, reach.Words = probes.StageTLS, f, clean(words)
		return fmt.Errorf("directory: StartTLS %s: %s", reach.Address, words)
	}
	request := ber.NewSequence("LDAP Request")
	request.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 1, "MessageID"))
	extended := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationExtendedRequest, nil, "Extended Request")
	extended.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, oidStartTLS, "Extended Request Name"))
	request.AppendChild(extended)
	if _, err := conn.Write(request.Bytes()); err != nil {
		return fail(failureOf(ctx, err), err.Error())
	}
	answer, err := readMessage(conn)
	if err != nil {
		return fail(failureOf(ctx, err), err.Error())
	}
	r, ok := parseReply(answer)
	switch {
	case !ok || r.op != idExtendedReply:
		return fail(probes.FailureGarbage, errGarbage.Error())
	case r.code != ldap.LDAPResultSuccess:
		return fail(probes.FailureTLS, fmt.Sprintf("the server refuses StartTLS with result %d: %s", r.code, r.words))
	}
	return conn.Upgrade(ctx)
}

// readMessage reads one message and not an octet more.
func readMessage(conn *dial.Conn) ([]byte, error) {
	var b []byte
	one := make([]byte, 1)
	for {
		n, err := message(b)
		if err != nil || n > 0 {
			return b, err
		}
		if n, err := conn.Read(one); n == 0 {
			if err == nil {
				continue
			}
			return nil, err
		}
		b = append(b, one[0])
	}
}
