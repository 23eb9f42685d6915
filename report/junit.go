package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"logindoctor.example/checks"
)

// JUnit's elements, as test reporters read them: problem is a failure, undetermined an error, not-applicable skipped; a
// notice passes, with its words as output.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name      string      `xml:"name,attr"`
		Tests     int         `xml:"tests,attr"`
		Failures  int         `xml:"failures,attr"`
		Errors    int         `xml:"errors,attr"`
		Skipped   int         `xml:"skipped,attr"`
		Timestamp string      `xml:"timestamp,attr"`
		Cases     []junitCase `xml:"testcase"`
	}
	junitCase struct {
		ClassName string       `xml:"classname,attr"`
		Name      string       `xml:"name,attr"`
		Time      string       `xml:"time,attr"`
		Failure   *junitResult `xml:"failure"`
		Error     *junitResult `xml:"error"`
		Skipped   *junitResult `xml:"skipped"`
		Output    string       `xml:"system-out,omitempty"`
	}
	junitResult struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes one suite a group and one case a check.
func JUnit(w io.Writer, r *Report) error {
	all := junitSuites{Name: "logindoctor", Time: seconds(r.DurationMS)}
	for _, g := range htmlGroups(r) {
		suite := junitSuite{Name: g.Rows[0].Group.String(), Timestamp: r.StartedAt.UTC().Format("2006-01-02T15:04:05")}
		for _, a := range g.Rows {
			suite.add(a)
		}
		all.Tests, all.Failures = all.Tests+suite.Tests, all.Failures+suite.Failures
		all.Errors, all.Skipped = all.Errors+suite.Errors, all.Skipped+suite.Skipped
		all.Suites = append(all.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return fmt.Errorf("report: junit: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(a Answer) {
	c := junitCase{ClassName: a.Group.String(), Name: a.ID, Time: seconds(a.DurationMS)}
	result := &junitResult{Message: Clean(a.Summary), Text: evidenceText(a.Evidence)}
	s.Tests++
	switch a.Verdict {
	case checks.Problem:
		result.Type, c.Failure = a.Confidence.String(), result
		s.Failures++
	case checks.Undetermined:
		result.Type, c.Error = a.Why.String(), result
		s.Errors++
	case checks.NotApplicable:
		c.Skipped = &junitResult{Message: Clean(a.Summary)}
		s.Skipped++
	case checks.Notice:
		c.Output = "notice: " + Clean(a.Summary)
	}
	s.Cases = append(s.Cases, c)
}

func evidenceText(list []checks.Evidence) string {
	var lines []string
	for _, e := range list {
		lines = append(lines, Clean(e.Fact)+": "+Clean(e.Observed))
	}
	return strings.Join(lines, "\n")
}

func seconds(ms int64) string { return strconv.FormatFloat(float64(ms)/1000, 'f', 3, 64) }
