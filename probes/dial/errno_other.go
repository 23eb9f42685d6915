//go:build !windows

package dial

import "syscall"

// The system's words for what connect(2) and read(2) met.
var (
	refused = []error{syscall.ECONNREFUSED}
	noRoute = []error{syscall.EHOSTUNREACH}
	// No route of ours, no address of ours, or a packet filter of ours.
	noNetwork = []error{syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EADDRNOTAVAIL, syscall.EACCES, syscall.EPERM}
	broken    = []error{syscall.ECONNRESET, syscall.EPIPE}
)
