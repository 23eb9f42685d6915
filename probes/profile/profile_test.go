package profile

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"logindoctor.example/fixtures/sim/loopback"
	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

const whole = `domains: [example.test, Beispiel.example.test]   # a comment
kerio:
  admin_url: https://mail.example.test:4040/admin/api/jsonrpc/
  user_url: https://mail.example.test/webmail/api/jsonrpc/
  admin: auditor@example.test
  admin_password: {env: KERIO_ADMIN_PASSWORD}
stalwart:
  url: https://mail.example.test
  api_key: {keyring: logindoctor/stalwart}
  managesieve: mail.example.test:4190
imap:
  address: mail.example.test:993
  security: tls
  canary: {user: canary@example.test, password: {env: CANARY_PASSWORD}}
directory:
  kind: active-directory
  servers: [ldaps://dc1.example.test, ldaps://dc2.example.test]
  security: ldaps
  base_dn: DC=example,DC=test
  reader: {dn: "CN=logindoctor,OU=Service,DC=example,DC=test", password: {env: READER_PASSWORD}}
  mail_server_bind: {dn: "CN=svc-kerio,OU=Service,DC=example,DC=test", password: {file: svc-kerio}}
tls: {ca_file: ca.pem}
ticket:
  mail: {address: helpdesk@example.test, from: logindoctor@example.test, submission: mail.example.test:587, user: logindoctor, password: {command: [./get, token]}}
`

func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t testing.TB, text string) (*Profile, *Error) {
	t.Helper()
	p, err := Load(write(t, "acme.yaml", text))
	if err == nil {
		return p, nil
	}
	e, ok := err.(*Error)
	if !ok {
		t.Fatalf("not an *Error: %T", err)
	}
	return nil, e
}

func TestWhole(t *testing.T) {
	for how, text := range map[string]string{"as written": whole, "windows": "\xef\xbb\xbf" + strings.ReplaceAll(whole, "\n", "\r\n")} {
		p, err := load(t, text)
		if err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		dir := filepath.Dir(p.Path)
		p.places, p.Path = nil, ""
		want := &Profile{
			Name: "acme", Domains: []string{"example.test", "Beispiel.example.test"},
			Kerio: &Kerio{"https://mail.example.test:4040/admin/api/jsonrpc/", "https://mail.example.test/webmail/api/jsonrpc/",
				"auditor@example.test", &secret.Source{Env: "KERIO_ADMIN_PASSWORD"}},
			Stalwart: &Stalwart{"https://mail.example.test", &secret.Source{Keyring: "logindoctor/stalwart"}, "mail.example.test:4190"},
			IMAP:     &IMAP{"mail.example.test:993", probes.SecurityTLS, "canary@example.test", &secret.Source{Env: "CANARY_PASSWORD"}},
			Directory: &Directory{probes.ActiveDirectory, []string{"ldaps://dc1.example.test", "ldaps://dc2.example.test"}, probes.SecurityTLS,
				"DC=example,DC=test", "CN=logindoctor,OU=Service,DC=example,DC=test", &secret.Source{Env: "READER_PASSWORD"},
				"CN=svc-kerio,OU=Service,DC=example,DC=test", &secret.Source{File: filepath.Join(dir, "svc-kerio")}},
			Ticket: &Ticket{Mail: &Mail{"helpdesk@example.test", "logindoctor@example.test", "mail.example.test:587", "logindoctor",
				&secret.Source{Command: []string{filepath.Join(dir, "get"), "token"}}}},
			CAFile: filepath.Join(dir, "ca.pem"),
		}
		if !reflect.DeepEqual(p, want) {
			t.Errorf("%s:\n%+v\nwant\n%+v", how, p, want)
		}
	}
}

func TestTarget(t *testing.T) {
	p, _ := load(t, whole)
	want := probes.Target{
		User: "jdoe@example.test", Profile: "acme",
		Kerio:    &probes.KerioTarget{AdminURL: "https://mail.example.test:4040/admin/api/jsonrpc/", UserURL: "https://mail.example.test/webmail/api/jsonrpc/", Admin: "auditor@example.test"},
		Stalwart: &probes.StalwartTarget{URL: "https://mail.example.test", ManageSieve: "mail.example.test:4190"},
		IMAP:     &probes.IMAPTarget{Address: "mail.example.test:993", Security: probes.SecurityTLS, Canary: "canary@example.test"},
		Directory: &probes.DirectoryTarget{Kind: probes.ActiveDirectory, Servers: []string{"ldaps://dc1.example.test", "ldaps://dc2.example.test"}, Security: probes.SecurityTLS,
			BaseDN: "DC=example,DC=test", ReaderDN: "CN=logindoctor,OU=Service,DC=example,DC=test", MailServerBind: "CN=svc-kerio,OU=Service,DC=example,DC=test"},
	}
	if got := p.Target("jdoe@example.test"); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	p, _ = load(t, "imap: {address: 'h:143', security: starttls}")
	if got := p.Target("u"); got.Kerio != nil || got.Directory != nil || got.IMAP == nil || got.IMAP.Security != probes.SecurityStartTLS {
		t.Errorf("a section left out must stay nil: %+v", got)
	}
}

func TestMistakes(t *testing.T) {
	const dir = "directory: {kind: open-directory, base_dn: 'DC=test', reader: {dn: 'CN=r', password: {env: R}}, "
	for name, c := range map[string]struct {
		text string
		line int
		says string
	}{
		"unknown key":         {"kerio:\n  admin_url: https://h/\n  admin: a\n  admin_pasword: {env: A}\n", 4, "unknown key admin_pasword in kerio; did you mean admin_password?"},
		"unknown section":     {"# c\n\nimpa: {address: 'h:993'}\n", 3, "unknown key impa; did you mean imap?"},
		"unknown, windows":    {"imap:\r\n  address: h:993\r\n  securty: tls\r\n", 3, "securty in imap"},
		"twice":               {"imap: {address: 'h:993'}\ntls: {ca_file: a}\nimap: {address: 'h:993'}\n", 3, "second time, first in line 1"},
		"section is text":     {"tls: {ca_file: a}\nimap: yes please\n", 2, "imap must be a section"},
		"section is empty":    {"imap:\nkerio: {user_url: 'https://h/'}\n", 1, "imap must be a section"},
		"profile is list":     {"- a\n", 1, "a profile must be a section"},
		"nothing":             {"", 0, "not an empty one"},
		"comment alone":       {"# c\n", 0, "not an empty one"},
		"no server":           {"domains: [example.test]\n", 0, "names no server"},
		"two documents":       {"imap: {address: 'h:993'}\n---\nimap: {address: 'h:993'}\n", 0, "one YAML document"},
		"not YAML":            {"imap:\n  address: [h\n", 2, "this is not YAML"},
		"tab":                 {"imap:\n\taddress: x\n", 2, "this is not YAML"},
		"not UTF-8":           {"imap: \xff\n", 0, "not UTF-8"},
		"alias":               {"imap: &a {address: 'h:993'}\n", 1, "anchors"},
		"number as text":      {"kerio:\n  user_url: https://h/\n  admin: 0123\n", 3, "kerio.admin must be a text"},
		"list as text":        {"imap:\n  address: [a]\n", 2, "imap.address must be a text"},
		"empty value":         {"imap:\n  address: h:993\n  security:\n", 3, "imap.security must be a text"},
		"control character":   {"imap:\n  address: h:993\n  canary: {user: \"a\\nb\", password: {env: A}}\n", 3, "control characters"},
		"text as list":        {"domains: example.test\nimap: {address: 'h:993'}\n", 1, "domains must be a list"},
		"number in list":      {"domains:\n- example.test\n- 5\n", 3, "list of texts"},
		"no domain":           {"domains: [jdoe@example.test]\n", 1, "no mail domain"},
		"kerio without URL":   {"kerio: {admin: a}\n", 1, "neither admin_url nor user_url"},
		"kerio over http":     {"kerio:\n  admin: a\n  admin_password: {env: A}\n  admin_url: http://h/\n", 4, "kerio.admin_url is no https address"},
		"webmail over http":   {"kerio:\n  user_url: http://h/\n", 2, "kerio.user_url is no https address"},
		"kerio, no admin":     {"kerio:\n  admin_url: https://h/\n", 1, "kerio.admin is missing"},
		"kerio, no password":  {"kerio:\n  admin_url: https://h/\n  admin: a\n", 1, "kerio.admin_password is missing"},
		"port in URL":         {"kerio: {user_url: 'https://h:99999/'}\n", 1, "no https address"},
		"no port":             {"imap: {address: mail.example.test}\n", 1, "HOST:PORT"},
		"port too great":      {"imap: {address: 'h:65536'}\n", 1, "HOST:PORT"},
		"port zero":           {"imap: {address: 'h:0'}\n", 1, "HOST:PORT"},
		"URL as address":      {"imap: {address: 'imaps://h:993'}\n", 1, "HOST:PORT"},
		"security word":       {"imap:\n  address: h:993\n  security: tsl\n", 3, "tls, starttls or none"},
		"canary by halves":    {"imap:\n  address: h:993\n  canary: {user: a}\n", 3, "imap.canary.password is missing"},
		"kind":                {"directory:\n  kind: ad\n", 2, "active-directory or open-directory"},
		"base_dn":             {"directory:\n  kind: open-directory\n  base_dn: DC=a,test\n", 3, "directory.base_dn is no DN"},
		"reader's dn":         {"directory: {kind: open-directory, base_dn: 'DC=a', servers: ['ldaps://a'], reader: {dn: r, password: {env: A}}}\n", 1, "directory.reader.dn is no DN"},
		"no servers":          {dir + "}\n", 1, "directory.servers is missing"},
		"servers empty":       {dir + "servers: []}\n", 1, "not an empty one"},
		"ldap with ldaps":     {dir + "\n  servers:\n  [ldaps://a,\n   ldap://b]}\n", 4, "do not fit"},
		"ldaps with starttls": {dir + "security: starttls, servers: ['ldaps://a']}\n", 1, "do not fit"},
		"directory security":  {dir + "security: tls, servers: ['ldaps://a']}\n", 1, "ldaps or starttls"},
		"server's scheme":     {dir + "servers: ['https://a']}\n", 1, "no ldap or ldaps address"},
		"server's path":       {dir + "servers: ['ldaps://a/DC=x']}\n", 1, "no ldap or ldaps address"},
		"server twice":        {dir + "servers: ['ldaps://a', 'ldaps://A:636/']}\n", 1, "same server twice"},
		"two sources":         {"imap: {address: 'h:993', canary: {user: a, password: {env: A, file: b}}}\n", 1, "exactly one of env, file, keyring, command"},
		"no source":           {"imap: {address: 'h:993', canary: {user: a, password: {}}}\n", 1, "exactly one of"},
		"source misspelt":     {"imap: {address: 'h:993', canary: {user: a, password: {evn: A}}}\n", 1, "an unknown key in imap.canary.password; did you mean env?"},
		"variable":            {"imap: {address: 'h:993', canary: {user: a, password: {env: $A}}}\n", 1, "no name of a variable"},
		"keyring":             {"imap: {address: 'h:993', canary: {user: a, password: {keyring: a/}}}\n", 1, "SERVICE/ACCOUNT"},
		"command is text":     {"imap: {address: 'h:993', canary: {user: a, password: {command: pass show x}}}\n", 1, "command must be a list"},
		"command is nothing":  {"imap: {address: 'h:993', canary: {user: a, password: {command: ['', x]}}}\n", 1, "names no program"},
		"tls":                 {"tls: {ca_file: 5}\nimap: {address: 'h:993'}\n", 1, "tls.ca_file must be a text"},
		"stalwart's url":      {"stalwart: {api_key: {env: A}}\n", 1, "stalwart.url is missing"},
		"stalwart's key":      {"stalwart: {url: 'https://h'}\n", 1, "stalwart.api_key is missing"},
		"stalwart's path":     {"stalwart:\n  url: https://h/jmap\n  api_key: {env: A}\n", 2, "stalwart.url must be https://HOST or https://HOST:PORT, without a path"},
		"managesieve":         {"stalwart: {url: 'https://h', api_key: {env: A}, managesieve: h}\n", 1, "stalwart.managesieve must be HOST:PORT"},
		"two tickets":         {"ticket: {rt: {}, mail: {}}\nimap: {address: 'h:993'}\n", 1, "exactly one of rt and mail"},
		"rt over http":        {"ticket: {rt: {url: 'http://h', token: {env: A}}}\nimap: {address: 'h:993'}\n", 1, "no https address"},
		"mail's address":      {"ticket: {mail: {address: a, from: b}}\nimap: {address: 'h:993'}\n", 1, "ticket.mail.address is no mail address"},
	} {
		p, err := load(t, c.text)
		if err == nil {
			t.Errorf("%s: accepted: %+v", name, p)
			continue
		}
		if err.Line != c.line || !strings.Contains(err.Text, c.says) || strings.ContainsAny(err.Text+err.Hint, "\n") {
			t.Errorf("%s: %d: %s (%s), want %d: %s", name, err.Line, err.Text, err.Hint, c.line, c.says)
		}
		want := err.File + ": "
		if err.Line > 0 {
			want = fmt.Sprintf("%s:%d: ", err.File, err.Line)
		}
		if !strings.HasPrefix(err.Error(), want) || filepath.Base(err.File) != "acme.yaml" {
			t.Errorf("%s: %q does not begin with the place", name, err.Error())
		}
	}
}

// TestNoErrorHoldsASecret puts a secret wherever a slip of the hand puts one.
func TestNoErrorHoldsASecret(t *testing.T) {
	const canary = "Hunter2canary"
	for _, slip := range []string{
		canary, `"` + canary + `"`, "'" + canary, "{" + canary + "}", "{" + canary + ": x}", "{env: A, " + canary + "}", "{env: A," + canary + ": 1}",
		"{" + canary + ": , " + canary + ": }", "[" + canary + "]", "- " + canary, "|\n    " + canary, ">\n    " + canary, "@" + canary, "%" + canary,
		"`" + canary, "!" + canary + " x", "&" + canary + " x", "*" + canary, "a: " + canary, canary + ": a", "? " + canary, "{env: '" + canary + "!'}",
		"{env: [" + canary + "]}", "{file: {" + canary + "}}", "{keyring: " + canary + "}", "{command: " + canary + "}", "{command: [{" + canary + ": x}]}",
		"{command: []}\n  " + canary, "\n  " + canary, "\n  " + canary + ":", "\n    " + canary + ":", "\n\t" + canary, "{env: " + canary, "{{" + canary + "}: x}",
	} {
		for _, frame := range []string{
			"kerio:\n  admin_url: https://h/\n  admin: a\n  admin_password: %s\n",
			"kerio:\n  admin_url: https://h/\n  admin: a\n  admin_password %s\n",
			"kerio:\n  admin_url: https://h/\n  admin: a\n  admin_password:%s\n  user_url: https://h/\n",
			"kerio: {admin_url: 'https://h/', admin: a, admin_password: %s}\n",
			"kerio: {admin_url: 'https://h/', admin: a, admin_password %s}\n",
			"imap: {address: 'h:993', canary: {user: a, password: {env: A}, %s}}\n",
			"imap:\n  address: h:993\n  canary: {user: a, password: %s}\n",
			"imap:\n  address: h:993\n  security: %s\n",
			"stalwart:\n  url: https://u:%s@h/\n  api_key: %s\n",
			"directory:\n  kind: %s\n",
			"%s\n",
		} {
			if strings.Contains(frame, "%s}}") && strings.HasPrefix(slip, canary+": ") {
				continue // written as a key with a value: a name, which the error is to give
			}
			_, err := load(t, strings.ReplaceAll(frame, "%s", slip))
			if err != nil && strings.Contains(strings.ToLower(err.Error()+err.Hint), "hunter2") {
				t.Errorf("%q in %q: %s (%s)", slip, frame, err.Text, err.Hint)
			}
		}
	}
	if _, err := load(t, "imap: {address: 'h:993', canary: {user: a, password: {env: A}, swordfish}}"); err == nil || strings.Contains(err.Error()+err.Hint, "swordfish") {
		t.Errorf("a key without a value was repeated: %v", err)
	}
	for _, key := range []string{"user_url: https://jdoe:" + canary + "@h/", "user_url: https://h/?p=" + canary + "&q", "user_url: https://h/#" + canary} {
		if _, err := load(t, "kerio:\n  "+key+"\n"); err == nil || strings.Contains(err.Error()+err.Hint, canary) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestCredentials(t *testing.T) {
	p, _ := load(t, whole)
	dir := filepath.Dir(p.Path)
	fails := func(want error, line int, says string) {
		t.Helper()
		c, err := p.Credentials(t.Context())
		var e *Error
		if !errors.As(err, &e) || !errors.Is(err, want) || e.Line != line || !strings.Contains(e.Text, says) || c != (Credentials{}) {
			t.Errorf("%v, want line %d: %s", err, line, says)
		}
	}
	fails(secret.ErrNotSet, 6, "kerio.admin_password: environment variable KERIO_ADMIN_PASSWORD")
	t.Setenv("KERIO_ADMIN_PASSWORD", "one")
	p.Stalwart.APIKey.Keyring, p.Stalwart.APIKey.Env = "", "STALWART_KEY" // no machine of ours has a keyring
	fails(secret.ErrNotSet, 9, "stalwart.api_key: environment variable STALWART_KEY")
	t.Setenv("STALWART_KEY", "five")
	fails(secret.ErrNotSet, 14, "imap.canary.password: environment variable CANARY_PASSWORD")
	t.Setenv("CANARY_PASSWORD", "two")
	t.Setenv("READER_PASSWORD", "")
	fails(secret.ErrEmpty, 20, "directory.reader.password: environment variable READER_PASSWORD")
	t.Setenv("READER_PASSWORD", "three")
	fails(secret.ErrUnreadable, 21, filepath.Join(dir, "svc-kerio"))
	if err := os.WriteFile(filepath.Join(dir, "svc-kerio"), []byte("four\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := p.Credentials(t.Context())
	if err != nil || !c.KerioAdmin.Given() || !c.Stalwart.Given() || !c.Canary.Given() || !c.Reader.Given() || !c.MailServerBind.Given() {
		t.Errorf("%+v %v", c, err)
	}
	p, _ = load(t, "imap: {address: 'h:993'}")
	if c, err := p.Credentials(t.Context()); err != nil || c != (Credentials{}) {
		t.Errorf("nothing configured: %+v %v", c, err)
	}
}

func TestRoots(t *testing.T) {
	p := &Profile{Path: "acme.yaml"}
	if pool, err := p.Roots(); pool != nil || err != nil {
		t.Errorf("without a ca_file: %v %v", pool, err)
	}
	for file, says := range map[string]string{filepath.Join(t.TempDir(), "none"): "cannot be read", t.TempDir(): "cannot be read", write(t, "ca", "no certificate"): "holds no certificate"} {
		p.CAFile = file
		if pool, err := p.Roots(); pool != nil || err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestRootsTrustTheFile(t *testing.T) {
	ca, err := loopback.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := ca.Leaf(loopback.Certificate{})
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(leaf.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	pool, err := (&Profile{CAFile: write(t, "ca.pem", string(ca.PEM()))}).Roots()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cert.Verify(x509.VerifyOptions{Roots: pool}); err != nil {
		t.Error(err)
	}
	if system, err := x509.SystemCertPool(); err == nil && pool.Equal(ca.Pool()) && !system.Equal(x509.NewCertPool()) {
		t.Error("the system's roots are lost")
	}
}
