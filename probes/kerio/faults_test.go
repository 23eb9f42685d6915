package kerio_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/keriosim"
	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/probes"
)

// TestHangingMethodLeavesTheRest: one method that hangs must not take the others with it.
func TestHangingMethodLeavesTheRest(t *testing.T) {
	for _, method := range []string{"Logs.get", "Session.whoAmI", "Domains.get", "Users.get", "SecurityPolicy.get", "Services.get", "Server.getServerTime", "Server.getOpenedFoldersInfo", "Server.getVersion"} {
		t.Run(method, func(t *testing.T) {
			c := config()
			c.Faults = map[string]keriosim.Fault{method: {Hang: true}}
			ca := authority(t)
			client, _ := signedIn(t, bounded(t, 5*time.Second), ca, c)
			s, a := client.Look(bounded(t, 1500*time.Millisecond), "jdoe@example.test")
			seen := map[string]probes.Why{"SecurityPolicy.get": s.SecurityPolicy.Why, "Services.get": s.Services.Why, "Server.getServerTime": s.Clock.Why,
				"Server.getVersion": s.Version.Why, "Domains.get": s.Domain.Why, "Users.get": a.User.Why, "Server.getOpenedFoldersInfo": a.Folders.Why, "Logs.get": a.Log.Why}
			for what, why := range seen {
				want := probes.Seen
				if what == method || method == "Domains.get" && what == "Users.get" {
					want = probes.Timeout
				}
				if why != want {
					t.Errorf("%s: %q, want %q", what, why, want)
				}
			}
		})
	}
}

// TestEmptyResults: replies without the key that was asked for are no answer.
func TestEmptyResults(t *testing.T) {
	for _, body := range []string{`{"jsonrpc":"2.0","id":1,"result":{}}`, `{"jsonrpc":"2.0","id":1,"result":null}`,
		`{"jsonrpc":"2.0","id":1,"result":{"errors":[{"inputIndex":0,"code":1004,"message":"Access denied."}]}}`} {
		for _, method := range []string{"Users.get", "Services.get", "Server.getVersion", "Server.getServerTime", "Domains.get", "Logs.get", "SecurityPolicy.get"} {
			client := scripted(t, map[string]string{method: body})
			s, a := client.Look(bounded(t, 3*time.Second), "jdoe@example.test")
			why := map[string]probes.Why{"Users.get": a.User.Why, "Services.get": s.Services.Why, "Server.getVersion": s.Version.Why, "Server.getServerTime": s.Clock.Why,
				"Domains.get": s.Domain.Why, "Logs.get": a.Log.Why, "SecurityPolicy.get": s.SecurityPolicy.Why}[method]
			if why == probes.Seen {
				t.Errorf("%s answered %s: taken for seen", method, body[24:])
			}
		}
	}
}

// TestOddErrorShapes: a refusal is a refusal however its details are shaped.
func TestOddErrorShapes(t *testing.T) {
	for _, e := range []string{
		`{"code":1000,"message":"Username or password is not correct."}`,
		`{"code":"1000","message":"Username or password is not correct."}`,
		`{"code":1000,"message":"Username or password is not correct.","data":""}`,
		`{"code":1000,"message":"Username or password is not correct.","data":[]}`,
		`{"code":1000,"message":"Username or password is not correct.","data":{"messageParameters":[]}}`,
		`{"code":1000,"message":"Username or password is not correct.","data":{"messageParameters":{"positionalParameters":{}}}}`,
		`{"code":1000,"message":null}`,
	} {
		client := scriptedUser(t, map[string]string{"Session.login": `{"jsonrpc":"2.0","id":1,"error":` + e + `}`})
		if out := client.TryUser(bounded(t, 3*time.Second), permit(t, "jdoe@example.test", userPassword)); out.Code != 1000 {
			t.Errorf("%s: %+v", e, out)
		}
	}
}

// TestLargeDomain: a domain of thousands is read without running into the limits.
func TestLargeDomain(t *testing.T) {
	c := config()
	c.Users = nil
	for i := range 4000 {
		c.Users = append(c.Users, keriosim.User{Login: fmt.Sprintf("u%05d", i), Domain: "example.test", FullName: strings.Repeat("n", 1800), Password: "p-p-p-p"})
	}
	c.Users[3990].Aliases = []string{"rare"}
	c.Users[505].Aliases = []string{"u0399"} // the quick search finds ten others by it
	for _, user := range []string{"U03995@example.test", "rare@alias.test", "u0399@example.test"} {
		client, server := signedIn(t, bounded(t, 60*time.Second), authority(t), c)
		if _, a := client.Look(bounded(t, 60*time.Second), user); !a.User.OK() || !a.User.Value.Found {
			t.Errorf("%s: %q %s found %v", user, a.User.Why, a.User.Words, a.User.Value.Found)
		}
		if n := server.Calls()["Users.get"]; user[0] == 'U' && n != 1 {
			t.Errorf("%s: %d calls of Users.get for a login name", user, n)
		}
	}
	client, _ := signedIn(t, bounded(t, 60*time.Second), authority(t), c)
	if _, a := client.Look(bounded(t, 60*time.Second), "nobody@example.test"); !a.User.OK() || a.User.Value.Found {
		t.Errorf("nobody: %q %s", a.User.Why, a.User.Words)
	}
}

// TestConnectionFaults: faults of the connection, at every stage, end by the deadline with the right reason.
func TestConnectionFaults(t *testing.T) {
	for name, f := range map[string]struct {
		fault loopback.Fault
		want  probes.Why
	}{
		"hang before TLS":    {loopback.Fault{Mode: loopback.Hang, BeforeTLS: true}, probes.Timeout},
		"close before TLS":   {loopback.Fault{Mode: loopback.Close, BeforeTLS: true}, probes.Unreachable},
		"garbage before TLS": {loopback.Fault{Mode: loopback.Garbage, BeforeTLS: true}, probes.Unclear},
		"endless before TLS": {loopback.Fault{Mode: loopback.Endless, BeforeTLS: true}, probes.Unclear},
		"hang at login":      {loopback.Fault{Mode: loopback.Hang}, probes.Timeout},
		"close at login":     {loopback.Fault{Mode: loopback.Close}, probes.Unreachable},
		"endless at login":   {loopback.Fault{Mode: loopback.Endless}, probes.Unclear},
	} {
		t.Run(name, func(t *testing.T) {
			c := config()
			c.Loopback.Fault = f.fault
			client, _ := open(t, bounded(t, 3*time.Second), authority(t), c)
			why, _ := client.MaySignIn()
			if why == probes.Seen {
				why = client.SignIn(bounded(t, 3*time.Second), permit(t, c.Admin, adminPassword)).Why
			}
			if why != f.want {
				t.Errorf("%q, want %q", why, f.want)
			}
		})
	}
}

// TestGarbageInsteadOfHTTP: bytes that are no HTTP are unclear, not unreachable.
func TestGarbageInsteadOfHTTP(t *testing.T) {
	c := config()
	ca := authority(t)
	c.Loopback.Fault = loopback.Fault{Mode: loopback.Garbage}
	client, _ := open(t, bounded(t, 5*time.Second), ca, c)
	if o := client.SignIn(bounded(t, 3*time.Second), permit(t, c.Admin, adminPassword)); o.Why != probes.Unclear {
		t.Errorf("garbage after TLS: %q, want unclear", o.Why)
	}
}
