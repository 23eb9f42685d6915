package report

import (
	"reflect"
	"time"

	"logindoctor.example/probes"
)

var timeType = reflect.TypeFor[time.Time]()

// copyFacts gives the report facts of its own, so that nothing that happens to a running Snapshot changes a report. Times
// are made UTC, as the contract promises, and one that no document can hold becomes the zero time.
func copyFacts(s *probes.Snapshot) *probes.Snapshot {
	if s == nil {
		s = &probes.Snapshot{}
	}
	c := deepCopy(reflect.ValueOf(s)).Interface().(*probes.Snapshot)
	c.FactsVersion = probes.FactsVersion
	return c
}

func deepCopy(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		n := reflect.New(v.Type().Elem())
		n.Elem().Set(deepCopy(v.Elem()))
		return n
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		n := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			n.Index(i).Set(deepCopy(v.Index(i)))
		}
		return n
	case reflect.Struct:
		if v.Type() == timeType {
			return reflect.ValueOf(utc(v.Interface().(time.Time)))
		}
		n := reflect.New(v.Type()).Elem()
		for i := range v.NumField() {
			n.Field(i).Set(deepCopy(v.Field(i)))
		}
		return n
	}
	return v
}

// utc is a time as the document holds it. RFC 3339 knows the years 0 to 9999 alone, and a server may say anything.
func utc(t time.Time) time.Time {
	t = t.UTC()
	if t.Year() < 0 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

// looks calls visit with every look, connection and attempt of the facts, as it stands in the coverage where it saw nothing.
func looks(s *probes.Snapshot, visit func(Unseen)) {
	for _, part := range []struct {
		probe probes.Probe
		at    any
	}{
		{probes.ProbeKerio, s.Kerio}, {probes.ProbeStalwart, s.Stalwart}, {probes.ProbeDirectory, s.Directory}, {probes.ProbeIMAP, s.IMAP},
		{probes.ProbeKerio, s.Account.Kerio}, {probes.ProbeStalwart, s.Account.Stalwart}, {probes.ProbeDirectory, s.Account.Directory},
		{probes.ProbeLogin, s.Login},
	} {
		walk(reflect.ValueOf(part.at), func(v any) {
			switch x := v.(type) {
			case probes.Look:
				visit(Unseen{Probe: x.Probe, What: x.What, Why: x.Why, Source: x.Source, Words: x.Words, At: x.At})
			case probes.Reach:
				visit(Unseen{Probe: part.probe, What: "connection, stage " + x.Stage.String(), Why: x.Why(), Source: x.Address, Words: x.Words, At: x.At})
			case probes.Attempt:
				visit(Unseen{Probe: probes.ProbeLogin, What: "log in as " + whoWords(x.Who, x.Service), Why: x.Why, Source: x.Server, Words: x.Reason, At: x.At})
			}
		})
	}
}

// walk calls visit with every struct inside v, outer ones first.
func walk(v reflect.Value, visit func(any)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), visit)
		}
	case reflect.Struct:
		if v.Type() == timeType {
			return
		}
		visit(v.Interface())
		for i := range v.NumField() {
			walk(v.Field(i), visit)
		}
	}
}

// couldNotLook lists what saw nothing, in the order of the facts.
func couldNotLook(s *probes.Snapshot) []Unseen {
	out := []Unseen{}
	looks(s, func(u Unseen) {
		if u.Why != probes.Seen {
			out = append(out, u)
		}
	})
	return out
}
