package report

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"logindoctor.example/checks"
)

// TestDocumentedRefusalsAreExplained: docs/stalwart.md says that explain knows the words of all refusals that it lists.
func TestDocumentedRefusalsAreExplained(t *testing.T) {
	text, err := os.ReadFile("../docs/stalwart.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## What a refusal looks like")
	table, _, _ = strings.Cut(table, "\nIMAP and SMTP keep")
	asked := map[string]bool{}
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(table, -1) {
		words := strings.TrimSpace(strings.NewReplacer("…", "").Replace(m[1]))
		if words == "NO" {
			continue // a refusal of any kind: the words behind it tell
		}
		asked[words] = true
		if _, quoted, ok := strings.Cut(words, `"`); ok {
			asked[strings.TrimSuffix(quoted, `"`)] = true
		}
	}
	if len(asked) < 10 {
		t.Fatalf("the table was not read: %v", asked)
	}
	for words := range asked {
		if len(Explain(words, checks.All)) == 0 {
			t.Errorf("nothing is known of %s", words)
		}
	}
}
