package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	locked := judged(t, "kerio-ad+ad-locked+kerio-folders+canary-only", nil)
	folders := judged(t, "kerio-ad+kerio-folders+canary-only", nil)
	healthy := judged(t, "kerio-ad+canary-only", nil)
	blind := judged(t, "kerio-ad+ad-silent+canary-only", nil)
	for _, c := range []struct {
		name             string
		before, after    *Report
		gone, new, stays []string
		words            string
	}{
		{"mended", folders, healthy, []string{"kerio-opened-folders"}, nil, nil, "mended"},
		{"in part", locked, folders, []string{"ad-account-locked"}, nil, []string{"kerio-opened-folders"}, "mended in part"},
		{"worse", folders, locked, nil, []string{"ad-account-locked"}, []string{"kerio-opened-folders"}, "a new cause"},
		{"the same", folders, folders, nil, nil, []string{"kerio-opened-folders"}, "the cause is there still"},
		{"not looked at again", locked, blind, []string{"ad-account-locked", "kerio-opened-folders"}, nil, nil, "not everything could be looked at"},
	} {
		got, err := Compare(c.before, c.after)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Gone, c.gone) || !slices.Equal(got.New, c.new) || !slices.Equal(got.Stayed, c.stays) || !strings.Contains(changeWords(got), c.words) {
			t.Errorf("%s: %s, gone %v, new %v, stayed %v", c.name, changeWords(got), got.Gone, got.New, got.Stayed)
		}
		if c.before == c.after && len(got.Changes) > 0 {
			t.Errorf("%s: %v", c.name, got.Changes)
		}
		var text bytes.Buffer
		if err := CompareText(&text, got, Options{}); err != nil {
			t.Fatal(err)
		}
		for _, ch := range got.Changes {
			if !strings.Contains(text.String(), ch.ID) {
				t.Errorf("%s: %s is not in the text", c.name, ch.ID)
			}
		}
	}
}

func TestCompareTwoAccounts(t *testing.T) {
	a, b := lockedReport(), lockedReport()
	b.Subject.User = "other@example.test"
	if _, err := Compare(a, b); err == nil {
		t.Error("two accounts were compared")
	}
}
