package directory

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// epoch1601 is 1970-01-01 as a FILETIME: 100 ns since 1601-01-01 UTC (MS-DTYP 2.3.3).
const epoch1601 = 116444736000000000

// lastYear bounds what counts as a time: RFC 3339 has no fifth digit, and nothing real is that far away.
const lastYear = 9999

// filetime reads a FILETIME as an attribute value. Nil: 0 and less, the greatest value, and all that lies past the year
// 9999 mean never or not set. ok is false where the text is no number.
func filetime(text string) (t *time.Time, ok bool) {
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, false
	}
	if v <= 0 || v == math.MaxInt64 {
		return nil, true
	}
	v -= epoch1601
	when := time.Unix(v/1e7, v%1e7*100).UTC()
	if when.Year() > lastYear {
		return nil, true
	}
	return &when, true
}

// interval reads a duration of Active Directory: a negative count of 100 ns. Zero is 0, and so is the least value, which
// means for ever. ok is false where the text is no number.
func interval(text string) (ms int64, ok bool) {
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, false
	}
	if v == math.MinInt64 {
		return 0, true
	}
	return max(v, -v) / 1e4, true
}

// generalizedTime reads RFC 4517 §3.3.13: minutes and seconds may be absent, a fraction may follow, Z or an offset ends it.
func generalizedTime(text string) (time.Time, bool) {
	body, zone := text, ""
	if i := strings.IndexAny(text, "Z+-"); i >= 0 {
		body, zone = text[:i], text[i:]
	}
	body = strings.Replace(body, ",", ".", 1)
	whole, fraction, hasFraction := strings.Cut(body, ".")
	var layout string
	unit := time.Second
	switch len(whole) {
	case 10:
		layout, unit = "2006010215", time.Hour
	case 12:
		layout, unit = "200601021504", time.Minute
	case 14:
		layout = "20060102150405"
	default:
		return time.Time{}, false
	}
	if strings.HasSuffix(whole, "60") && len(whole) == 14 { // a leap second
		whole = whole[:12] + "59"
	}
	offset, known := map[string]string{"": "", "Z": "Z0700"}[zone]
	if !known {
		offset = map[int]string{3: "-07", 5: "-0700"}[len(zone)]
		if offset == "" {
			return time.Time{}, false
		}
	}
	t, err := time.Parse(layout+offset, whole+zone)
	if err != nil || zone == "" {
		return time.Time{}, false
	}
	if hasFraction {
		part, err := strconv.ParseUint(fraction, 10, 64)
		if err != nil || len(fraction) > 18 {
			return time.Time{}, false
		}
		t = t.Add(time.Duration(float64(part) / math.Pow10(len(fraction)) * float64(unit)).Round(time.Microsecond))
	}
	if t = t.UTC(); t.Year() < 0 || t.Year() > lastYear {
		return time.Time{}, false
	}
	return t, true
}
