package ledger

import (
	"sync"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

// Permit is the right to submit one secret once. It was booked as spent when it was minted.
type Permit struct {
	ledger *Ledger
	id     string
	user   string
	secret secret.Value

	mu   sync.Mutex
	used bool
}

// Reveal gives the user name and the secret, the first time it is called. Call it when the next thing to do is to send them.
func (p *Permit) Reveal() (user, password string, err error) {
	if p == nil {
		return "", "", ErrUsed
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.used {
		return "", "", ErrUsed
	}
	p.used = true
	return p.user, p.secret.Reveal(), nil
}

// Use takes the Permit for an attempt that a server makes with a secret of its own.
func (p *Permit) Use() error {
	_, _, err := p.Reveal()
	return err
}

// User is the name that would be submitted.
func (p *Permit) User() string { return p.user }

// Settle books how the attempt ended. Accepted costs nothing; a Permit that was never revealed costs nothing either,
// whatever outcome is named; all else stays spent.
func (p *Permit) Settle(o probes.Outcome) error {
	p.mu.Lock()
	if !p.used {
		p.used, o = true, probes.Withheld
	}
	p.mu.Unlock()
	return p.ledger.settle(p.id, o)
}
