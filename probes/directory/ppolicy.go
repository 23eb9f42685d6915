package directory

import "logindoctor.example/probes"

// ppolicy reads the value of the password policy's response control, leniently: that it came is itself worth knowing
// (OpenLDAP sends it for an entry that exists, and for no other), and what is broken in it is left out.
//
//	PasswordPolicyResponseValue ::= SEQUENCE {
//	   warning [0] CHOICE { timeBeforeExpiration [0] INTEGER, graceAuthNsRemaining [1] INTEGER } OPTIONAL,
//	   error   [1] ENUMERATED OPTIONAL }                    draft-behera-ldap-password-policy-10 §6.2
func ppolicy(value []byte) *probes.PPolicy {
	p := &probes.PPolicy{}
	outer := elements(value)
	if len(outer) == 0 || outer[0].id != idSequence {
		return p
	}
	for _, e := range elements(outer[0].body) {
		switch e.id {
		case idPolicyWarning:
			for _, w := range elements(e.body) {
				n, ok := integer(w.body)
				switch {
				case !ok || n < 0:
				case w.id == idPolicyExpires:
					p.ExpiresIn = &n
				case w.id == idPolicyGrace:
					p.Grace = &n
				}
			}
		case idPolicyError:
			if n, ok := integer(e.body); ok {
				p.Error = ppolicyError(n)
			}
		}
	}
	return p
}

func ppolicyError(n int) probes.PPolicyError {
	switch n {
	case 0:
		return probes.PPolicyExpired
	case 1:
		return probes.PPolicyLocked
	case 2:
		return probes.PPolicyChangeAfterReset
	}
	return probes.PPolicyOther
}
