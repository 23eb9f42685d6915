package login

import (
	"context"
	"testing"

	"logindoctor.example/probes"
)

// TestGivenUp: whoever stops a run has not met a slow server.
func TestGivenUp(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	late, done := context.WithTimeout(t.Context(), 0)
	defer done()
	for ctx, want := range map[context.Context]probes.Why{stopped: probes.Canceled, late: probes.Timeout} {
		if o, why, _ := unansweredInTime(ctx); o != probes.Unanswered || why != want {
			t.Errorf("%v: %v, %v", ctx.Err(), o, why)
		}
	}
}
