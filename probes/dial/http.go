package dial

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
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

// mostValues is how many values a JSON reply may hold: each costs a decoder many times the bytes that it takes on the wire.
const mostValues = 200_000

// ReadJSON reads a body of at most so many bytes, and gives ErrTooLong for one that has more, or more values than any honest
// reply. Values are counted by the commas between them, those inside texts too.
func ReadJSON(body io.Reader, most int) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(body, int64(most)+1))
	if err == nil && (len(text) > most || bytes.Count(text, []byte(",")) > mostValues) {
		return nil, ErrTooLong
	}
	return text, err
}
