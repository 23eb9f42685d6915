package directory

import (
	"strconv"
	"strings"

	"logindoctor.example/probes"
)

// subcode reads the Win32 error from the text that Active Directory sends with result 49:
//
//	80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1
//
// (observed on Samba 4.17; Windows ends it in a NUL). Zero: there is none.
func subcode(words string) probes.ADSubcode {
	if !strings.Contains(words, "LdapErr:") {
		return 0
	}
	_, rest, found := strings.Cut(words, ", data ")
	if !found {
		return 0
	}
	digits := rest
	if i := strings.IndexFunc(rest, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }); i >= 0 {
		digits = rest[:i]
	}
	n, err := strconv.ParseUint(digits, 16, 16)
	if err != nil {
		return 0 // also 80090346, a code of SSPI that is no Win32 error
	}
	return probes.ADSubcode(n)
}
