package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"logindoctor.example/checks"
)

func TestPasted(t *testing.T) {
	hit := map[string]bool{}
	for _, p := range pasted {
		got := headings(p.words)
		ok := len(got) == len(p.want)
		for i := range got {
			hit[got[i]] = true
			ok = ok && slices.ContainsFunc(p.want, func(w string) bool { return strings.HasPrefix(got[i], w) })
		}
		if !ok {
			t.Errorf("%q:\n got %q\nwant %q", p.words, got, p.want)
		}
	}
	for _, term := range known() {
		if !hit[term.heading] {
			t.Errorf("%q: no sample reaches it", term.heading)
		}
	}
}

// What is pasted may hold names and addresses: no answer, and no list of what is nearest, shows them.
func TestNothingOfThePasted(t *testing.T) {
	for _, p := range pasted {
		var b bytes.Buffer
		if err := ExplainText(&b, p.words, Explain(p.words, checks.All), nil, Options{}); err != nil {
			t.Fatal(err)
		}
		for _, personal := range []string{"jdoe", "192.0.2", "127.0.0", "203.0.113", "Phones", "svc-kerio", "/srv/"} {
			if strings.Contains(b.String(), personal) {
				t.Errorf("%q: shows %s", p.words, personal)
			}
		}
		if strings.HasPrefix(b.String(), "Nothing is known") {
			t.Errorf("%q: unknown", p.words)
		}
	}
}

// Where a number stands for several things, the likeliest comes first.
func TestLikeliestFirst(t *testing.T) {
	for words, want := range map[string]string{"530": "Active Directory: data 530", "14": "Kerberos 0xe", "403": "Kerio: the administration", "unavailable": "IMAP [UNAVAILABLE]"} {
		if got := headings(words); len(got) < 2 || !strings.HasPrefix(got[0], want) {
			t.Errorf("%q: %q", words, got)
		}
	}
}

// Ordinary sentences, and numbers that are ports, dates, times, versions and addresses, stand for nothing.
func TestNotExplained(t *testing.T) {
	for _, words := range []string{"", "   ", "\x1b[31m", "frobnicate", "data", "7750", "xdata 775", "data 775x", "result 80", "data 57 of them", "LdapErr: DSID-0C090B1C, comment: AcceptSecurityContext error, data 0, v4563", "we lost data 57 times",
		"993", "143", "389", "636", "3268", "4040", "587", "465", "2026", "22/11/2026", "2026-11-22", "11/08/2026", "09:49", "05:30:49", "5.30", "192.0.2.49", "10.0.0.49", "49.50", "1,000", "1.000",
		"192.0.2.49:993", "v4563", "49abc", "a49", "0x4", "99", "77777", "-7", "12345678",
		"Please call me back at 09:30.", "The meeting is on 22 November 2026 at 10:49.", "I have 49 mails and 775 contacts.", "My phone shows 3 new mails.", "Outlook 2019 on Windows 11, build 22631",
		"the user cannot open the door", "this offer is limited and has not expired yet", "we are busy today", "mail is unavailable until noon", "an alert reader", "there is no limit to it", "use of the printer is a referral",
		"the port is 993 and the server is mail.example.test", "port 530", "ticket 4740 was closed", "room 525", "invoice 1909 of 1326", "page 401 of 500", "version 10.0.9", "the mailbox of limit@example.test",
		"he said hello", "no authentication was asked for", "the user told me that the whole file does not exist", "it worked yesterday", "my calendar does not sync", "see the manual, page 49",
	} {
		if got := headings(words); len(got) != 0 {
			t.Errorf("%q: %q", words, got)
		}
	}
}
