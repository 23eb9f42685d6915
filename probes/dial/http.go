package dial

import (
	"context"
	"crypto/tls"
	"errors"
	"net/url"
	"strings"

	"logindoctor.example/probes"
)

// unreached is a connection that could not be made when a request needed it.
type unreached struct{ reach *probes.Reach }

func (u *unreached) Error() string { return "connect " + u.reach.Address + ": " + u.reach.Words }

// WhyHTTP is why an HTTP request brought no reply, and the error without the method and the address that net/http puts around
// it. Bytes that are no HTTP are told from a connection that broke.
func WhyHTTP(ctx context.Context, err error) (why probes.Why, words string) {
	var around *url.Error
	if errors.As(err, &around) {
		err = around.Err
	}
	var dialed *unreached
	if errors.As(err, &dialed) {
		return dialed.reach.Why(), err.Error()
	}
	f := Classify(ctx, err)
	var alert tls.AlertError
	// net/http does not export this one: the server ended a connection while it idled.
	closed := strings.Contains(err.Error(), "server closed idle connection")
	if f == probes.FailureTLS && !closed && !errors.As(err, &alert) {
		f = probes.FailureGarbage
	}
	return (&probes.Reach{Failure: f}).Why(), err.Error()
}
