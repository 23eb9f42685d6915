package stalwart

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"logindoctor.example/probes"
	"logindoctor.example/probes/secret"
)

// object is one JSON object, read key by key: a key of another type than expected spoils only itself. The encodings are W:
// configuration/object-encoding.md's; others that are plausible are read too.
type object map[string]json.RawMessage

// has says that the key is there and not null.
func (o object) has(key string) bool { return len(o[key]) > 0 && string(o[key]) != "null" }

func (o object) text(key string) string {
	var s string
	_ = json.Unmarshal(o[key], &s)
	return s
}

// number is an integer that may come as a string.
func (o object) number(key string) int64 {
	v, err := strconv.ParseFloat(strings.Trim(string(o[key]), `"`), 64)
	if err != nil || v < -1e15 || v > 1e15 {
		return 0
	}
	return int64(v)
}

func (o object) answer(key string) probes.StalwartAnswer {
	switch strings.Trim(string(o[key]), `"`) {
	case "true":
		return probes.StalwartYes
	case "false":
		return probes.StalwartNo
	}
	return probes.StalwartUnknown
}

func (o object) object(key string) object {
	var inner object
	_ = json.Unmarshal(o[key], &inner)
	return inner
}

// set is {"member":true}, in order; a member that is false is none. A list of strings is read too. ok is false for any other
// shape, and true where there is nothing.
func (o object) set(key string) (members []string, ok bool) {
	if !o.has(key) {
		return nil, true
	}
	var flags map[string]bool
	if json.Unmarshal(o[key], &flags) == nil {
		for _, m := range slices.Sorted(maps.Keys(flags)) {
			if flags[m] {
				members = append(members, m)
			}
		}
		return members, true
	}
	ok = json.Unmarshal(o[key], &members) == nil
	return members, ok
}

// whole is a set that has to be there: an empty one comes as {} (S: crates/registry/src/types/map.rs).
func (o object) whole(key string) (members []string, ok bool) {
	members, ok = o.set(key)
	return members, ok && o.has(key)
}

func (o object) members(key string) []string {
	members, _ := o.set(key)
	return members
}

// list is {"0":{…},"1":{…}}, in the order of its numbers. An array is read too. ok is false where an entry is no object, or
// the key is missing: then nobody knows what else there is.
func (o object) list(key string) (entries []object, ok bool) {
	if json.Unmarshal(o[key], &entries) == nil && entries != nil {
		return entries, !slices.ContainsFunc(entries, func(e object) bool { return e == nil })
	}
	var numbered map[string]object
	if json.Unmarshal(o[key], &numbered) != nil || numbered == nil {
		return nil, false
	}
	keys := slices.SortedFunc(maps.Keys(numbered), func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	ok = true
	for _, k := range keys {
		entries = append(entries, numbered[k])
		ok = ok && numbered[k] != nil
	}
	return entries, ok
}

// time is RFC 3339; null is none. ok is false where there is something else.
func (o object) time(key string) (t time.Time, ok bool) {
	if !o.has(key) {
		return time.Time{}, true
	}
	t, err := time.Parse(time.RFC3339, o.text(key))
	if err != nil || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, false
	}
	return t.UTC(), true
}

func (o object) when(key string) time.Time {
	t, _ := o.time(key)
	return t
}

// duration is in milliseconds: a number, or the `30s` and `1d` of the documentation's defaults.
func (o object) duration(key string) int64 {
	if text := o.text(key); text != "" {
		for unit, ms := range map[string]int64{"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000} {
			if n, err := strconv.ParseInt(strings.TrimSuffix(text, unit), 10, 64); err == nil && strings.HasSuffix(text, unit) && n >= 0 && n < 1<<31 {
				return n * ms
			}
		}
	}
	return max(0, o.number(key))
}

// rate is a number in a time; off where it is null.
func (o object) rate(key, ban string) probes.StalwartRate {
	r := probes.StalwartRate{BanMS: o.duration(ban)}
	inner := o.object(key)
	switch {
	case inner != nil:
		r.Count, r.PeriodMS = int(inner.number("count")), inner.duration("period")
		if r.Count > 0 && r.PeriodMS > 0 { // one that cannot be read is not "never"
			r.On = probes.StalwartYes
		}
	case string(o[key]) == "null":
		r.On = probes.StalwartNo
	}
	return r
}

func (o object) masks(key string) (masks []probes.StalwartMask, ok bool) {
	members, ok := o.set(key)
	for _, m := range members {
		masks = append(masks, probes.StalwartMask(secret.Kept(m)))
	}
	return masks, ok
}

// alphabet is that of ids: base 32, most significant first, without padding (S: types/src/id.rs).
const alphabet = "abcdefghijklmnopqrstuvwxyz792013"

// idOf is a number as an id.
func idOf(n uint64) string {
	var text [13]byte
	i := len(text)
	for {
		i--
		text[i] = alphabet[n&31]
		if n >>= 5; n == 0 {
			return string(text[i:])
		}
	}
}

// numberOfAccount is false where there is no account, or its id cannot be read: it must not pass for account 0.
func numberOfAccount(user *probes.Observation[probes.StalwartUser]) (n uint64, ok bool) {
	if !user.OK() || user.Value.Found != probes.StalwartYes {
		return 0, false
	}
	return numberOf(user.Value.ID)
}

// numberOf is the number behind an id; the log names accounts and credentials by it.
func numberOf(id string) (n uint64, ok bool) {
	if id == "" || len(id) > 13 {
		return 0, false
	}
	for i := range len(id) {
		d := strings.IndexByte(alphabet, id[i])
		if d < 0 || n > 1<<59-1 {
			return 0, false
		}
		n = n<<5 | uint64(d)
	}
	return n, true
}
