package kerio_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/probes"
	"logindoctor.example/probes/dial"
	"logindoctor.example/probes/kerio"
)

// scripted answers: a bare server that replies to each method with a given body, and with a sound default otherwise.

var sound = map[string]string{
	"Session.login":      `{"result":{"token":"0123456789abcdef0123"}}`,
	"Session.logout":     `{"result":{}}`,
	"Session.whoAmI":     `{"result":{"userDetails":{"loginName":"auditor","effectiveRole":{"userRole":"Auditor"}}}}`,
	"Domains.get":        `{"result":{"list":[{"id":"d1","name":"example.test","isPrimary":true}],"totalItems":1}}`,
	"Users.get":          `{"result":{"list":[{"id":"u1","loginName":"jdoe","isEnabled":true}],"totalItems":1}}`,
	"SecurityPolicy.get": `{"result":{"options":{"enableLockout":true,"failedLoginsToLock":3,"minutesToUnlock":5}}}`,
	"Services.get":       `{"result":{"services":[{"name":"IMAP","isRunning":true}]}}`,
	"Server.getVersion":  `{"result":{"product":"Kerio Connect","version":"10"}}`,
	"Logs.get":           `{"result":{"viewport":[],"totalItems":0}}`,

	"Server.getAlertList":               `{"result":{"alerts":[]}}`,
	"Server.getConnections":             `{"result":{"list":[],"totalItems":0}}`,
	"ProductRegistration.getFullStatus": `{"result":{"status":{"regType":"rsProductRegistered","users":50,"expirations":[]}}}`,
	"Users.getMailboxCount":             `{"result":{"count":{"active":3,"total":4}}}`,
	"Users.getNotActivated":             `{"result":{"newUsers":[]}}`,
	"Domains.getSettings":               `{"result":{"setting":{"hostname":"mail.example.test","serverId":"s1"}}}`,
	"IpAddressGroups.get":               `{"result":{"list":[],"totalItems":0}}`,
	"AccessPolicy.get":                  `{"result":{"list":[],"totalItems":0}}`,
	"AccessPolicy.getGroupList":         `{"result":{"groups":[{"id":"p1","name":"Default","isDefault":true}]}}`,
}

func scripted(t *testing.T, replies map[string]string) *kerio.Client {
	t.Helper()
	return scriptedFunc(t, func(method string, _ []byte) string { return replies[method] })
}

func scriptedUser(t *testing.T, replies map[string]string) *kerio.Client {
	t.Helper()
	ca := authority(t)
	return serve(t, ca, func(_ int, c net.Conn) {
		answerHTTP(c, func(m string, _ []byte) string { return replies[m] })
	}, false)
}

func scriptedFunc(t *testing.T, f func(method string, body []byte) string) *kerio.Client {
	t.Helper()
	ca := authority(t)
	signing := true
	var mu sync.Mutex
	client := serve(t, ca, func(_ int, c net.Conn) {
		answerHTTP(c, func(m string, body []byte) string {
			mu.Lock()
			first := signing && m == "Session.login"
			if first {
				signing = false
			}
			mu.Unlock()
			if !first {
				if r := f(m, body); r != "" {
					return r
				}
			}
			return sound[m]
		})
	}, true)
	if o := client.SignIn(bounded(t, 3*time.Second), permit(t, "auditor", adminPassword)); !o.OK() {
		t.Fatal(o.Words)
	}
	return client
}

func serve(t *testing.T, ca *loopback.CA, each func(n int, c net.Conn), admin bool) *kerio.Client {
	t.Helper()
	l, err := ca.Listen(loopback.Options{Plain: true})
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := ca.Leaf(loopback.Certificate{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for n := 1; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go each(n, tls.Server(c, &tls.Config{Certificates: []tls.Certificate{leaf}}))
		}
	}()
	url := "https://" + l.Address() + "/api/jsonrpc/"
	target := probes.KerioTarget{UserURL: url, Admin: "auditor"}
	if admin {
		target.AdminURL = url
	}
	client := kerio.Open(bounded(t, 3*time.Second), &dial.Dialer{Roots: ca.Pool(), Timeout: 3 * time.Second, Life: context.Background()}, target)
	t.Cleanup(func() { client.Close(bounded(t, time.Second)) })
	return client
}

func answerHTTP(c net.Conn, f func(method string, body []byte) string) {
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		body, _ := io.ReadAll(req.Body)
		var m struct{ Method string }
		_ = json.Unmarshal(body, &m)
		text := f(m.Method, body)
		resp := http.Response{StatusCode: 200, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(text)), Body: io.NopCloser(strings.NewReader(text)), Header: http.Header{}}
		if resp.Write(c) != nil {
			return
		}
	}
}
