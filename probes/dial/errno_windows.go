package dial

import "syscall"

// Winsock has numbers of its own; package syscall's POSIX names are not what it returns. Source: "Windows Sockets Error
// Codes", learn.microsoft.com/windows/win32/winsock.
var (
	refused = []error{syscall.Errno(10061)} // WSAECONNREFUSED
	noRoute = []error{syscall.Errno(10065)} // WSAEHOSTUNREACH
	// WSAENETUNREACH, WSAENETDOWN, WSAEADDRNOTAVAIL, WSAEACCES
	noNetwork = []error{syscall.Errno(10051), syscall.Errno(10050), syscall.Errno(10049), syscall.Errno(10013)}
	broken    = []error{syscall.Errno(10054), syscall.Errno(10053)} // WSAECONNRESET, WSAECONNABORTED
)
