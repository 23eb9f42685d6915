// Package quiet keeps the terminal libraries from speaking to the terminal when the program starts. bubbletea asks it for its
// background colour in its own init (tea_init.go, v1.3.10), and so whatever the command is: `version` would write an escape
// sequence, wait five seconds for a terminal that does not answer, and eat what was typed meanwhile.
//
// A terminal that is called dumb is asked nothing. So it is called that until the libraries are initialised, and no longer.
// That holds because of the order in which Go initialises packages (sorted by path, each as soon as what it imports is done;
// since 1.21): this one imports nothing but os, and its path comes before os/signal, which bubbletea imports. It must stay so.
package quiet

import "os"

// name is the terminal's own.
var name, named = hide()

func hide() (string, bool) {
	was, set := os.LookupEnv("TERM")
	_ = os.Setenv("TERM", "dumb")
	return was, set
}

// Restore gives the terminal its name back. A package that imports bubbletea calls it as it is initialised.
func Restore() bool {
	if named {
		return os.Setenv("TERM", name) == nil
	}
	return os.Unsetenv("TERM") == nil
}
