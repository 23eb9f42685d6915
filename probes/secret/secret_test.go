package secret

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestNothingPrintsIt(t *testing.T) {
	type holder struct {
		Open   Value
		hidden Value
	}
	h := holder{New("hunter2-canary"), New("hunter2-canary")}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n", h.Open)
		fmt.Fprintf(&out, verb+"\n", h)
		fmt.Fprintf(&out, verb+"\n", &h)
		fmt.Fprintf(&out, verb+"\n", []Value{h.hidden})
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", h.Open, "h", h)
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", h.Open, "h", h)
	data, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(data)
	for _, form := range []string{"hunter2", "68756e74657232", "aHVudGVyMi"} {
		if strings.Contains(out.String(), form) {
			t.Errorf("%q was printed:\n%s", form, out.String())
		}
	}
	if !strings.Contains(out.String(), redacted) {
		t.Error("nothing says that something was left out")
	}
}

func TestEmptyIsNoSecret(t *testing.T) {
	if New("").Given() || (Value{}).Given() || (Value{}).Reveal() != "" || !New("x").Given() || New("x").Reveal() != "x" {
		t.Error("an empty text must be no secret, any other one")
	}
}
