package secret

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// sample is the one of stalwartlabs/stalwart#3241: credential 1.
const sample = "app_aaaaaajxsu3llwdgaw2tml0ktyistavj7nhq"

// apiSample is of account 3, credential 2.
const apiSample = "API_AAAAAwAAAAIAAQIDBAUGBwgJCgsMDQ4PEBESEw"

func TestShape(t *testing.T) {
	payload := sample[4:]
	app := func(flaws ...Flaw) Shape { return Shape{Form: AppPassword, Flaws: flaws, Known: true, Credential: 1} }
	bad := func(like Form, flaws ...Flaw) Shape {
		return Shape{Form: Mangled, Like: like, Flaws: flaws, Known: like != APIKey, Credential: map[bool]uint32{true: 1}[like != APIKey]}
	}
	for name, c := range map[string]struct {
		text string
		want Shape
	}{
		"issued":                  {sample, app()},
		"older":                   {"app " + payload, Shape{Form: OlderApp, Known: true, Credential: 1}},
		"line end":                {sample + "\r\n", app(Tail)},
		"space behind":            {sample + " ", app(Tail)},
		"words behind":            {sample + " (phone)", app(Tail)},
		"capitals":                {"app_" + strings.ToUpper(payload), app(Capitals)},
		"another separator":       {"app-" + payload, app(Separator)},
		"never issued":            {sample[:39] + "b", app(NeverIssued)},
		"credential 0x01020304":   {"app_aebagba" + strings.Repeat("a", 29), Shape{Form: AppPassword, Known: true, Credential: 0x01020304}},
		"api key":                 {apiSample, Shape{Form: APIKey, Known: true, Account: 3, Credential: 2}},
		"one more letter":         {sample + "a", bad(AppPassword, Long)},
		"cut":                     {sample[:39], bad(AppPassword, Short)},
		"cut short":               {sample[:20], bad(AppPassword, Short)},
		"space before":            {" " + sample, bad(AppPassword, Lead)},
		"quoted":                  {`"` + sample + `"`, bad(AppPassword, Lead, Tail)},
		"a phone's capital":       {"A" + sample[1:], bad(AppPassword, PrefixCase)},
		"no prefix":               {payload, bad(AppPassword, Prefix)},
		"spaced":                  {sample[:12] + " " + sample[12:], bad(AppPassword, Spaces)},
		"typed wrong":             {sample[:20] + "8" + sample[21:], bad(AppPassword, Character)},
		"older, a letter lost":    {"app " + payload[:35], bad(OlderApp, Short)},
		"typed wrong and cut":     {sample[:20] + "8" + sample[21:36], bad(AppPassword, Short, Character)},
		"twice":                   {sample + sample, bad(AppPassword, Long, Character)},
		"key, cut":                {apiSample[:40], bad(APIKey)},
		"own password":            {"correct horse battery staple", Shape{Form: Other}},
		"begins like one":         {"app_store2026", Shape{Form: Other}},
		"app alone":               {"app", Shape{Form: Other}},
		"app and a byte":          {"app_", Shape{Form: Other}},
		"apple":                   {"apple-aaaaaaaaaaaaaaaaaaaaaaaa", Shape{Form: Other}},
		"a long own one":          {"abcdefghijklmnopqrstuvwxyzabcdefghij", Shape{Form: Other}},
		"API of one's own":        {"API_ is my favourite word", Shape{Form: Other}},
		"a phrase":                {"App.le pie with vanilla ice cream and honey", Shape{Form: Other}},
		"a phrase with a hyphen":  {"app-roaching the harbour from the sea side", Shape{Form: Other}},
		"spaced, not the first":   {"app_bcd" + payload[3:20] + " " + payload[20:], Shape{Form: Mangled, Like: AppPassword, Flaws: []Flaw{Spaces}, Known: true, Credential: 142999553}},
		"letters of another kind": {"app_" + strings.Repeat("é", 36), Shape{Form: Other}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := New(c.text).Shape(); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
	if got := (Value{}).Shape(); !reflect.DeepEqual(got, Shape{}) {
		t.Errorf("no secret: %+v", got)
	}
}

// FuzzShape: whatever the text, a shape is told, and it holds nothing of the text.
func FuzzShape(f *testing.F) {
	for _, seed := range []string{sample, apiSample, " " + sample, "app\xff" + sample[4:], sample[:30], "", "app", "API_"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := New(text).Shape()
		if (s.Form == 0) != (text == "") {
			t.Fatalf("form %d of a text of %d bytes", s.Form, len(text))
		}
		if (s.Form == Mangled) != (s.Like != 0) {
			t.Fatalf("%+v", s)
		}
		if s.Form == Other && !reflect.DeepEqual(s, Shape{Form: Other}) {
			t.Fatalf("more is told of an own password than that it is one: %+v", s)
		}
		if s.Form == Mangled && s.Like != APIKey && len(s.Flaws) == 0 {
			t.Fatalf("mangled by nothing")
		}
		if len(text) > 12 && strings.Contains(fmt.Sprintf("%+v", s), text) {
			t.Fatalf("the text stands in its shape")
		}
	})
}
