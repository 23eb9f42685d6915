package imap_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"logindoctor.example/fixtures/sim/imapsim"
	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/probes"
	"logindoctor.example/probes/imap"
)

// No form of the secret that the server gives back may stay, whatever its case or coding.
func TestRedaction(t *testing.T) {
	for _, pass := range []string{"hunter2-Geheim", `with "quotes" \ inside`, "pässwörd-ünïcode", "p\xe4ss-latin1", "Logged", "x7"} {
		for _, caps := range [][]string{{"IMAP4rev1"}, {"LOGINDISABLED", "AUTH=PLAIN"}} {
			s := start(t, imapsim.Config{Capabilities: caps, Login: func(u, p string) imapsim.Reply {
				r := imapsim.Echo(u, p)
				r.Untagged = append(r.Untagged, "OK ["+strings.ToUpper(p)+"] code", "BYE bye "+p)
				return r
			}})
			c, _ := open(t, patient(), s, probes.SecurityTLS)
			o := login(t, c, user, pass)
			text, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			kept := strings.ToLower(fmt.Sprintf("%s %+v", text, o))
			for _, form := range []string{pass, strings.ToValidUTF8(pass, "\uFFFD"), base64.StdEncoding.EncodeToString([]byte(pass)),
				base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + pass))} {
				if strings.Contains(kept, strings.ToLower(form)) {
					t.Errorf("%q is still in %s", form, text)
				}
			}
			if !strings.Contains(o.Words, "[redacted]") || !strings.HasPrefix(o.Words, "wrong: ") {
				t.Errorf("words %q", o.Words)
			}
		}
	}
}

// Garbage is kept to show what talks there: without the secret.
func TestRedactionOfGarbage(t *testing.T) {
	s := start(t, imapsim.Config{Login: func(u, p string) imapsim.Reply {
		return imapsim.Reply{Raw: "LOGIN " + u + " " + p + "\r\n", Then: imapsim.Close}
	}})
	c, _ := open(t, patient(), s, probes.SecurityTLS)
	if o := login(t, c, user, password); o.Status != probes.IMAPGarbage || o.Words != "LOGIN "+user+" [redacted]" {
		t.Errorf("outcome %+v", o)
	}
}

func TestServerWordsAreBounded(t *testing.T) {
	s := start(t, imapsim.Config{Login: func(u, p string) imapsim.Reply {
		r := imapsim.Reply{Tagged: "NO x" + strings.Repeat("ü", 2000), Untagged: []string{"NO " + strings.Repeat("x", 1015) + p}}
		for range 1000 {
			r.Untagged = append(r.Untagged, "NO again and again")
		}
		r.Untagged = append(r.Untagged, "BYE at last")
		return r
	}})
	c, _ := open(t, patient(), s, probes.SecurityTLS)
	o := login(t, c, user, password)
	if len(o.Words) > 1024 || !strings.HasSuffix(o.Words, "ü") {
		t.Errorf("%d bytes of words, ending %q", len(o.Words), o.Words[max(0, len(o.Words)-4):])
	}
	if n := len(o.Untagged); n > 33 || o.Untagged[n-1].Status != probes.IMAPBYE {
		t.Errorf("%d lines, the last %+v", n, o.Untagged[n-1])
	}
	if first := o.Untagged[0].Words; strings.Contains(first, password[:5]) {
		t.Errorf("the cut left a piece of the secret: %q", first[1010:])
	}
}

// The server may talk on without end in small, honest-looking lines.
func TestEndlessLines(t *testing.T) {
	s := start(t, imapsim.Config{Login: imapsim.Always(imapsim.Reply{Raw: strings.Repeat("* NO no\r\n", 200000), Tagged: "OK in"})})
	d := patient()
	d.Limit = 1 << 20
	c, _ := open(t, d, s, probes.SecurityTLS)
	if o := login(t, c, user, password); o.Status != probes.IMAPGarbage {
		t.Errorf("status %s", o.Status)
	}
}

func TestFaultsAtEveryStage(t *testing.T) {
	type stage struct {
		name    string
		before  bool
		flights int
	}
	stages := []stage{{"before TLS", true, 0}, {"greeting", false, 0}, {"login", false, 1}, {"examine", false, 2}}
	ends := map[loopback.Mode][3]string{ // before the login (Ready), at LOGIN, at EXAMINE
		loopback.Hang:    {"timeout", "no-answer", "no-answer"},
		loopback.Close:   {"unreachable", "closed", "closed"},
		loopback.Garbage: {"unclear", "garbage", "garbage"},
		loopback.Endless: {"unclear", "garbage", "garbage"},
	}
	names := map[loopback.Mode]string{loopback.Hang: "hang", loopback.Close: "close", loopback.Garbage: "garbage", loopback.Endless: "endless"}
	for mode, want := range ends {
		for _, st := range stages {
			t.Run(names[mode]+" "+st.name, func(t *testing.T) {
				s := start(t, imapsim.Config{Loopback: loopback.Options{Fault: loopback.Fault{Mode: mode, BeforeTLS: st.before, Flights: st.flights}}})
				d := patient()
				if mode == loopback.Hang {
					d = hasty()
				}
				c, seen := open(t, d, s, probes.SecurityTLS)
				why, reason := c.Ready()
				if st.flights == 0 {
					if why.String() != want[0] || seen.Reach.OK() || seen.Greeting.Why != why {
						t.Errorf("ready %q (%s), reach %+v, greeting %q; want %q", why, reason, seen.Reach, seen.Greeting.Why, want[0])
					}
					return
				}
				o := login(t, c, user, password)
				if st.flights == 1 && (o.Status.String() != want[1] || o.Select != nil || o.SecretUnsent) {
					t.Errorf("outcome %+v, want %s", o, want[1])
				}
				if st.flights == 2 && (!o.Accepted() || o.Select.Status.String() != want[2]) {
					t.Errorf("outcome %+v, select %+v, want %s", o, o.Select, want[2])
				}
			})
		}
	}
}

func TestFaultsUnderSTARTTLS(t *testing.T) {
	for _, mode := range []loopback.Mode{loopback.Hang, loopback.Close, loopback.Garbage, loopback.Endless} {
		for flights := range 3 { // greeting, STARTTLS, handshake
			s := start(t, imapsim.Config{StartTLS: true, Loopback: loopback.Options{Fault: loopback.Fault{Mode: mode, BeforeTLS: true, Flights: flights}}})
			d := patient()
			if mode == loopback.Hang {
				d = hasty()
			}
			c, seen := open(t, d, s, probes.SecurityStartTLS)
			if why, reason := c.Ready(); why == probes.Seen || why == probes.Bug || reason == "" {
				t.Errorf("mode %d at %d: ready %s %s, %+v", mode, flights, why, reason, seen.Reach)
			}
			if seen.Reach.OK() {
				t.Errorf("mode %d at %d: reach %+v", mode, flights, seen.Reach)
			}
		}
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	s := start(t, imapsim.Config{Login: imapsim.Passwords(map[string]string{"u3": "p3"}, imapsim.DovecotAccepted, imapsim.DovecotRefused)})
	d := patient()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			c, _ := imap.Open(t.Context(), d, probes.IMAPTarget{Address: s.Address(), Security: probes.SecurityTLS})
			defer c.Close(t.Context())
			o, err := c.Login(t.Context(), permit(t, fmt.Sprintf("u%d", i), fmt.Sprintf("p%d", i)))
			if err != nil || o.Accepted() != (i == 3) {
				t.Errorf("client %d: %+v, %v", i, o, err)
			}
		})
	}
	wg.Wait()
}
