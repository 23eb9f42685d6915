package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func at(t *time.Time) func() time.Time { return func() time.Time { return *t } }

func request(names ...string) Request {
	return Request{Account: Account{Who: probes.AttemptUser, Names: names}, Service: probes.ServiceIMAP, User: "jdoe@example.test",
		Secret: secret.New("hunter2-canary"), Allow: func([]Entry) error { return nil }}
}

func mint(t *testing.T, l *Ledger, r Request) *Permit {
	t.Helper()
	p, err := l.Mint(r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestBookedBeforeItIsMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "ledger.json")
	now := noon
	p := mint(t, Open(path, at(&now)), request("jdoe@example.test"))

	// Another run sees the attempt before this one has sent anything.
	recent, err := Open(path, at(&now)).Recent(Account{probes.AttemptUser, []string{"JDOE@example.test"}})
	if err != nil || len(recent) != 1 || !recent[0].Open {
		t.Fatalf("got %v, %v; want one open entry", recent, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if _, _, err := p.Reveal(); err != nil {
		t.Fatal(err)
	}
	if err := p.Settle(probes.Refused); err != nil {
		t.Fatal(err)
	}
	recent, _ = Open(path, at(&now)).Recent(Account{probes.AttemptUser, []string{"jdoe@example.test"}})
	if len(recent) != 1 || recent[0].Open {
		t.Errorf("got %v; want one settled entry", recent)
	}
}

func TestWhatCosts(t *testing.T) {
	for _, c := range []struct {
		outcome probes.Outcome
		reveal  bool
		want    int
	}{
		{probes.Accepted, true, 0}, {probes.Refused, true, 1}, {probes.Unanswered, true, 1}, {probes.Withheld, true, 0},
		{probes.Refused, false, 0}, // never sent
	} {
		now := noon
		l := InMemory(at(&now))
		p := mint(t, l, request("a"))
		if c.reveal {
			if _, _, err := p.Reveal(); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Settle(c.outcome); err != nil {
			t.Fatal(err)
		}
		if recent, _ := l.Recent(Account{probes.AttemptUser, []string{"a"}}); len(recent) != c.want {
			t.Errorf("%v, revealed %v: %d entries stay, want %d", c.outcome, c.reveal, len(recent), c.want)
		}
	}
}

func TestOncePerPermit(t *testing.T) {
	now := noon
	p := mint(t, InMemory(at(&now)), request("a"))
	user, password, err := p.Reveal()
	if user != "jdoe@example.test" || password != "hunter2-canary" || err != nil {
		t.Fatalf("got %q, %q, %v", user, password, err)
	}
	if _, _, err := p.Reveal(); !errors.Is(err, ErrUsed) {
		t.Errorf("a second Reveal: %v, want ErrUsed", err)
	}
	var none *Permit
	if _, _, err := none.Reveal(); !errors.Is(err, ErrUsed) {
		t.Errorf("a nil permit: %v, want ErrUsed", err)
	}
}

func TestRefusedToMint(t *testing.T) {
	now := noon
	l := InMemory(at(&now))
	deny := errors.New("no")
	for name, change := range map[string]func(*Request){
		"no secret":           func(r *Request) { r.Secret = secret.Value{} },
		"no user":             func(r *Request) { r.User = "" },
		"no rule":             func(r *Request) { r.Allow = nil },
		"the rule refuses":    func(r *Request) { r.Allow = func([]Entry) error { return deny } },
		"held, with a secret": func(r *Request) { r.Held = true },
	} {
		r := request("a")
		change(&r)
		if p, err := l.Mint(r); err == nil || p != nil {
			t.Errorf("%s: minted", name)
		}
	}
	if recent, _ := l.Recent(Account{probes.AttemptUser, []string{"a"}}); len(recent) != 0 {
		t.Errorf("refused requests were booked: %v", recent)
	}
}

func TestOneNameInCommonIsTheSameAccount(t *testing.T) {
	now := noon
	l := InMemory(at(&now))
	mint(t, l, request("jdoe@example.test", "CN=J Doe"))
	for names, want := range map[string]int{"cn=j doe": 1, "jdoe@example.test": 1, "other": 0} {
		if got, _ := l.Recent(Account{probes.AttemptUser, []string{names}}); len(got) != want {
			t.Errorf("%s: %d entries, want %d", names, len(got), want)
		}
	}
	if got, _ := l.Recent(Account{probes.AttemptCanary, []string{"jdoe@example.test"}}); len(got) != 0 {
		t.Error("the canary shares the user's entries")
	}
}

func TestOldEntriesGo(t *testing.T) {
	now := noon
	l := InMemory(at(&now))
	mint(t, l, request("a"))
	now = noon.Add(keep + time.Minute)
	mint(t, l, request("b"))
	if got, _ := l.Recent(Account{probes.AttemptUser, []string{"a"}}); len(got) != 0 {
		t.Errorf("still there: %v", got)
	}
}

func TestDamagedOrUnwritable(t *testing.T) {
	now := noon
	dir := t.TempDir()
	path := filepath.Join(dir, "ledger.json")
	if err := os.WriteFile(path, []byte("{broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, at(&now)).Mint(request("a")); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a damaged book: %v; want an error that names it", err)
	}
	// A directory where the state directory should be a file's parent cannot be made.
	if _, err := Open(filepath.Join(path, "below", "ledger.json"), at(&now)).Mint(request("a")); err == nil {
		t.Error("minted although the book cannot be written")
	}
}

func TestNoSecretAndNoNameInTheFile(t *testing.T) {
	now := noon
	path := filepath.Join(t.TempDir(), "ledger.json")
	mint(t, Open(path, at(&now)), request("jdoe@example.test"))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, planted := range []string{"hunter2-canary", "aHVudGVyMi1jYW5hcnk", "jdoe"} {
		if strings.Contains(string(data), planted) {
			t.Errorf("%q stands in the ledger: %s", planted, data)
		}
	}
}

func TestConcurrentMints(t *testing.T) {
	now := noon
	path := filepath.Join(t.TempDir(), "ledger.json")
	allowed := make(chan bool, 8)
	for i := range 8 {
		// Each of its own Ledger, as processes have: only the file joins them.
		go func() {
			r := request("a")
			r.Allow = func(recent []Entry) error {
				if len(recent) >= 3 {
					return fmt.Errorf("run %d: enough", i)
				}
				return nil
			}
			_, err := Open(path, at(&now)).Mint(r)
			allowed <- err == nil
		}()
	}
	n := 0
	for range 8 {
		if <-allowed {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d attempts were minted, the rule allows 3", n)
	}
}
