package report

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Words from servers, directories and callers are hostile: they may hold what moves a terminal's cursor, turns text
// around, or looks like a line of our own. Whatever leaves as text passes through here.

const (
	maxWords   = 300  // runes of one text
	maxCommand = 1000 // runes of one command: longer than any that fits
)

// sequences are whole escape sequences of a terminal (ECMA-48): CSI; OSC, DCS, PM, APC and SOS with their end; two-byte ones.
var sequences = regexp.MustCompile("(?:\x1b\\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\x1b[\\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\x1b\u009c\a]*(?:\a|\x1b\\\\|\u009c)|\x1b[ -/]*[0-~]")

// Clean makes text fit for one line of a terminal, a ticket or a mail: whole escape sequences are taken out, line ends
// become spaces, what else cannot be seen becomes U+FFFD, and what is longer than 300 runes is cut.
func Clean(s string) string { return cut(visible(s), maxWords) }

func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	kept := string([]rune(s)[:most-1])
	// Not within a word, unless the word is what is too long.
	if i := strings.LastIndexByte(kept, ' '); i > len(kept)*3/4 {
		kept = kept[:i]
	}
	return kept + "…"
}

func visible(s string) string {
	// Cut first, generously: the pattern has to see no more than could ever be shown.
	if len(s) > 64*maxCommand {
		s = s[:64*maxCommand]
	}
	s = sequences.ReplaceAllString(strings.ToValidUTF8(s, "\uFFFD"), "")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\v' || r == '\f' || r == '\r' || r == '\u0085' || unicode.In(r, unicode.Zs, unicode.Zl, unicode.Zp):
			return ' '
		case hidden(r):
			return '\uFFFD'
		}
		return r
	}, s)
}

// hidden says that a rune shows nothing of itself but changes how other text is shown: control characters (Cc), marks that
// turn text around or stand for nothing (Cf), surrogates, and what is not assigned or private (Co).
func hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Co) || !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z)
}

// command gives a command as it may be pasted. One that holds what cannot be seen, or is too long, is not fit for that.
func command(s string) (string, bool) {
	if s != visible(s) || utf8.RuneCountInString(s) > maxCommand {
		return "", false
	}
	return s, true
}

// wrap breaks text at spaces into lines of at most width columns; a word that is longer is broken where it has to be.
func wrap(s string, width int) []string {
	var lines []string
	line, used := "", 0
	flush := func() {
		lines = append(lines, line)
		line, used = "", 0
	}
	for _, word := range strings.Fields(s) {
		n := uniseg.StringWidth(word)
		if used > 0 && used+1+n > width {
			flush()
		}
		if used > 0 {
			line, used = line+" ", used+1
		}
		for n > width-used {
			head, tail := split(word, width-used)
			line += head
			flush()
			word, n = tail, uniseg.StringWidth(tail)
		}
		line, used = line+word, used+n
	}
	if line != "" || len(lines) == 0 {
		flush()
	}
	return lines
}

// split takes as much of a word as fits into width columns, and at least one character.
func split(word string, width int) (head, tail string) {
	state, rest, taken := -1, word, 0
	for rest != "" {
		cluster, after, w, next := uniseg.FirstGraphemeClusterInString(rest, state)
		if taken += w; taken > width && head != "" {
			return head, rest
		}
		head, rest, state = head+cluster, after, next
	}
	return head, ""
}
