// Package ledger mints a Permit for one submission of one secret, and books it before it is made.
//
// No client submits a secret without a Permit: it alone gives the secret's text, once. The book spans runs, so that a
// helpdesk that tries again and again does not lock the person it helps. It holds no secret and no name: accounts stand
// in it as salted hashes, with the time and the service of each attempt.
package ledger

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

// keep is how long an entry stands. No lockout window in the field is longer than a day or so; older failures no longer count.
const keep = 48 * time.Hour

// ErrUsed is returned when a Permit is used a second time, or is nil.
var ErrUsed = errors.New("ledger: permit was already used")

// Ledger is the book of attempts. It is safe for concurrent use, by several processes too.
type Ledger struct {
	mu   sync.Mutex
	path string // empty: in memory
	now  func() time.Time
	mem  book
}

// Account is whose attempts are counted together.
type Account struct {
	Who   probes.Who
	Names []string // every name the account is known by; one in common makes it the same account
}

// Entry is one attempt that was refused, was never answered, or is under way.
type Entry struct {
	At      time.Time      `json:"at"`
	Account []string       `json:"account"` // salted hashes of the names
	Service probes.Service `json:"service"`
	Open    bool           `json:"open,omitempty"` // booked, and not yet settled
	ID      string         `json:"id"`
}

// Request is one attempt to be minted.
type Request struct {
	Account Account
	Service probes.Service
	User    string // as it is to be submitted
	Secret  secret.Value
	Held    bool // the server holds the secret and submits it itself (Kerio's test of its own bind): there is none to reveal
	// Allow decides, under the book's lock, on the attempts of the last 48 hours that cost this account something, oldest first.
	// Nil allows none: a forgotten rule must not spend anything.
	Allow func(recent []Entry) error
}

type book struct {
	Version int     `json:"version"`
	Salt    string  `json:"salt"`
	Entries []Entry `json:"entries"`
}

// Open uses the book at path. The file and its directory are made, with mode 0600 and 0700, by the first Mint.
func Open(path string, now func() time.Time) *Ledger { return &Ledger{path: path, now: now} }

// InMemory keeps the book for this process alone, for demonstrations and tests.
func InMemory(now func() time.Time) *Ledger { return &Ledger{now: now} }

// Mint books one attempt and returns the Permit for it. It fails, and nothing may be submitted, if there is no secret,
// if Allow refuses, or if the book cannot be written.
func (l *Ledger) Mint(r Request) (*Permit, error) {
	if r.User == "" || r.Secret.Given() == r.Held {
		return nil, errors.New("ledger: no attempt without a user name and a secret")
	}
	if r.Allow == nil {
		return nil, errors.New("ledger: no rule allows this attempt")
	}
	id := make([]byte, 8)
	if _, err := rand.Read(id); err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	p := &Permit{ledger: l, id: hex.EncodeToString(id), user: r.User, secret: r.Secret}
	err := l.change(func(b *book) error {
		if err := r.Allow(b.of(r.Account)); err != nil {
			return err
		}
		b.Entries = append(b.Entries, Entry{At: l.now().UTC(), Account: b.hashes(r.Account), Service: r.Service, Open: true, ID: p.id})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Recent lists what attempts cost this account in the last 48 hours, oldest first. A book that does not exist yet is empty.
func (l *Ledger) Recent(a Account) ([]Entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, err := l.load()
	if err != nil {
		return nil, err
	}
	return b.of(a), nil
}

func (l *Ledger) settle(id string, o probes.Outcome) error {
	return l.change(func(b *book) error {
		for i, e := range b.Entries {
			if e.ID != id {
				continue
			}
			if o == probes.Accepted || o == probes.Withheld {
				b.Entries = append(b.Entries[:i], b.Entries[i+1:]...)
			} else {
				b.Entries[i].Open = false
			}
			return nil
		}
		return nil
	})
}

// change reads, edits and writes the book under a lock that other processes honour.
func (l *Ledger) change(edit func(*book) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.path != "" {
		if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
			return l.unusable(err)
		}
		lock := flock.New(l.path+".lock", flock.SetPermissions(0o600))
		if err := lock.Lock(); err != nil {
			return l.unusable(err)
		}
		defer func() { _ = lock.Unlock() }()
	}
	b, err := l.load()
	if err != nil {
		return err
	}
	if b.Salt == "" {
		salt := make([]byte, 16)
		if _, err := rand.Read(salt); err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		b.Version, b.Salt = 1, hex.EncodeToString(salt)
	}
	b.prune(l.now().Add(-keep))
	if err := edit(&b); err != nil {
		return err
	}
	return l.store(b)
}

func (l *Ledger) load() (book, error) {
	if l.path == "" {
		b := l.mem
		b.Entries = append([]Entry(nil), b.Entries...)
		return b, nil
	}
	data, err := os.ReadFile(l.path)
	if errors.Is(err, os.ErrNotExist) {
		return book{}, nil
	}
	if err != nil {
		return book{}, l.unusable(err)
	}
	var b book
	if err := json.Unmarshal(data, &b); err != nil {
		// A broken book must not be taken for an empty one: it may hide attempts that count.
		return book{}, fmt.Errorf("ledger: %s is damaged: %w", l.path, err)
	}
	return b, nil
}

// store replaces the book in one step, so that a crash leaves the old one or the new one.
func (l *Ledger) store(b book) error {
	if l.path == "" {
		l.mem = b
		return nil
	}
	data, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(l.path), ".ledger-*") // CreateTemp makes it 0600
	if err != nil {
		return l.unusable(err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), l.path)
	}
	if err != nil {
		return l.unusable(err)
	}
	return nil
}

// unusable is a book that cannot be read or written, in words that are the same wherever they are met: the report says them once.
// The system's own name a file of a moment.
func (l *Ledger) unusable(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("nothing is submitted while the ledger of attempts cannot be used: %s: %w (XDG_STATE_HOME names another place)", filepath.Dir(l.path), err)
}

func (b *book) prune(before time.Time) {
	kept := b.Entries[:0]
	for _, e := range b.Entries {
		if e.At.After(before) {
			kept = append(kept, e)
		}
	}
	b.Entries = kept
}

func (b *book) of(a Account) []Entry {
	var found []Entry
	mine := b.hashes(a)
	for _, e := range b.Entries {
		if overlap(e.Account, mine) {
			found = append(found, e)
		}
	}
	return found
}

// hashes names the account without its names: a salted hash for each, the kind of account mixed in.
func (b *book) hashes(a Account) []string {
	var out []string
	for _, n := range a.Names {
		if n == "" {
			continue
		}
		sum := sha256.Sum256([]byte(b.Salt + "\x00" + a.Who.String() + "\x00" + strings.ToLower(n)))
		out = append(out, hex.EncodeToString(sum[:16]))
	}
	return out
}

func overlap(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}
