package stalwart

import (
	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

// Recognise tells what a secret looks like, without submitting it anywhere; nil: there is none. The text stays in the Value.
func Recognise(v secret.Value) *probes.StalwartSecret {
	if !v.Given() {
		return nil
	}
	s := v.Shape()
	out := &probes.StalwartSecret{Shape: shapes[s.Form], Like: shapes[s.Like]}
	for _, f := range s.Flaws {
		out.Faults = append(out.Faults, faults[f])
	}
	if s.Known {
		out.CredentialID = idOf(uint64(s.Credential))
	}
	if s.Form == secret.APIKey {
		out.AccountID = idOf(uint64(s.Account))
	}
	return out
}

var shapes = map[secret.Form]probes.StalwartShape{secret.AppPassword: probes.StalwartShapeAppPassword, secret.OlderApp: probes.StalwartShapeOlder,
	secret.APIKey: probes.StalwartShapeAPIKey, secret.Mangled: probes.StalwartShapeMangled, secret.Other: probes.StalwartShapeOther}

var faults = map[secret.Flaw]probes.StalwartFault{secret.Tail: probes.StalwartFaultTail, secret.Capitals: probes.StalwartFaultCase,
	secret.Separator: probes.StalwartFaultSeparator, secret.NeverIssued: probes.StalwartFaultNeverIssued, secret.Lead: probes.StalwartFaultLead,
	secret.PrefixCase: probes.StalwartFaultPrefixCase, secret.Prefix: probes.StalwartFaultPrefix, secret.Spaces: probes.StalwartFaultSpaces,
	secret.Short: probes.StalwartFaultShort, secret.Long: probes.StalwartFaultLong, secret.Character: probes.StalwartFaultCharacter}
