package report

import (
	"net/netip"
	"strings"

	"logindoctor.example/checks"
	"logindoctor.example/probes"
)

// What a run was asked beside its user. Another run that is asked less may find nothing, and prove nothing.

// askTheSame gives the command that follows a remedy the flags that decided: without the client's address, say, a ban of it is
// not seen, and the case would seem mended.
func (r *Report) askTheSame() {
	flags := sameFlags(r.Facts)
	for i := range r.Diagnosis {
		r.Diagnosis[i].Remedy.Verify += flags
	}
	for i := range r.Checks {
		if m := r.Checks[i].Remedy; m != nil {
			m.Verify += flags
		}
	}
}

// sameFlags is a space and the flags, or nothing. A secret is asked for anew: it stands in no report.
func sameFlags(s *probes.Snapshot) string {
	var out strings.Builder
	add := func(words ...string) { out.WriteString(" " + strings.Join(words, " ")) }
	if p := s.Target.ProfileGiven; p != "" {
		add("--profile", shellWord(p))
	}
	if a := s.Target.ClientAddress; a != "" {
		add("--client-address", shellWord(a))
	}
	if secretUsed(s) {
		add("--secret-prompt")
		if s.Login != nil && s.Login.UsedOn != 0 {
			add("--secret-used-on", s.Login.UsedOn.String())
		}
	}
	return out.String()
}

// askAgain is the command that asks what a report was asked; empty where there is none, or where it holds pseudonyms. A report of
// an earlier version has it without the flags.
func askAgain(r *Report) string {
	if r.Privacy == PrivacyVendor || r.Facts == nil || len(r.Diagnosis) == 0 {
		return ""
	}
	run, flags := r.Diagnosis[0].Remedy.Verify, sameFlags(r.Facts)
	if strings.HasSuffix(run, flags) {
		return run
	}
	return run + flags
}

// secretUsed says that the caller's secret told something: it was submitted, or Stalwart's form was seen in it.
func secretUsed(s *probes.Snapshot) bool {
	if s == nil {
		return false
	}
	w := s.Account.Stalwart
	return tried(s.Login, probes.AttemptUser) || w != nil && w.Secret != nil && w.Secret.Shape != probes.StalwartShapeOther
}

// shellWord makes a value one word for a POSIX shell.
func shellWord(v string) string {
	plain := strings.IndexFunc(v, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-@/:", r))
	}) < 0
	if plain && v != "" && v[0] != '-' {
		return v
	}
	return "'" + strings.ReplaceAll(v, "'", `'\''`) + "'"
}

// askedLess says where the later run was not asked what the earlier one was. Pseudonyms are of one report: only whether there is
// one can be compared.
func askedLess(before, after *Report, gone []string) []string {
	out := []string{}
	masked := before.Privacy == PrivacyVendor || after.Privacy == PrivacyVendor
	was, is := before.Facts, after.Facts
	if was == nil || is == nil {
		return out
	}
	if from, to := was.Target.ClientAddress, is.Target.ClientAddress; (from == "") != (to == "") || !masked && !sameAddress(from, to) {
		out = append(out, "The client's address: "+orNone(from)+" before, "+orNone(to)+" after.")
	}
	if secretUsed(was) && !secretUsed(is) {
		out = append(out, "The caller's secret: used before, not after.")
	} else if secretUsed(was) && was.Login != nil && is.Login != nil && was.Login.UsedOn != is.Login.UsedOn {
		out = append(out, "Where the secret is used: "+orNone(was.Login.UsedOn.String())+" before, "+orNone(is.Login.UsedOn.String())+" after.")
	}
	if from, to := before.Subject.Profile, after.Subject.Profile; !masked && from != to {
		out = append(out, "The profile: "+orNone(from)+" before, "+orNone(to)+" after.")
	}
	for _, id := range gone {
		if a := answerOf(after, id); a != nil && a.Verdict == checks.NotApplicable && a.Summary == skippedSummary {
			out = append(out, "The check "+id+": left out after.")
		}
	}
	return out
}

func orNone(v string) string {
	if v == "" {
		return "none given"
	}
	return v
}

// sameAddress compares addresses, however they are written.
func sameAddress(a, b string) bool {
	x, errX := netip.ParseAddr(a)
	y, errY := netip.ParseAddr(b)
	if errX != nil || errY != nil {
		return a == b
	}
	return x.Unmap() == y.Unmap()
}
