package profile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Entry is a profile that exists.
type Entry struct{ Name, Path string }

// xdg is the directory that a variable names. A relative one counts as not set (XDG Base Directory Specification): a
// ledger that moves with the working directory would forget attempts.
func xdg(variable string) string {
	if dir := os.Getenv(variable); filepath.IsAbs(dir) {
		return dir
	}
	return ""
}

// Dir is where profiles are kept: $XDG_CONFIG_HOME/logindoctor/profiles wherever the variable is set, else in the system's usual place.
func Dir() (string, error) {
	base := xdg("XDG_CONFIG_HOME")
	switch {
	case base != "":
	case runtime.GOOS == "darwin" || runtime.GOOS == "windows":
		var err error
		if base, err = os.UserConfigDir(); err != nil {
			return "", err
		}
	default:
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		base = filepath.Join(home, ".config")
	}
	return filepath.Join(base, "logindoctor", "profiles"), nil
}

// StateDir is where the ledger is kept: $XDG_STATE_HOME/logindoctor wherever the variable is set, else in the system's usual place.
func StateDir() (string, error) {
	if base := xdg("XDG_STATE_HOME"); base != "" {
		return filepath.Join(base, "logindoctor"), nil
	}
	var base string
	var err error
	switch runtime.GOOS {
	case "darwin":
		base, err = os.UserConfigDir() // ~/Library/Application Support: a cache may be emptied
	case "windows":
		base, err = os.UserCacheDir() // %LocalAppData%
	default:
		if base, err = os.UserHomeDir(); err == nil {
			return filepath.Join(base, ".local", "state", "logindoctor"), nil
		}
	}
	if err != nil {
		return "", err
	}
	return filepath.Join(base, "logindoctor", "state"), nil
}

// List names the profiles that exist, in order of name.
func List() ([]Entry, error) {
	dir, err := Dir()
	if err != nil {
		return nil, err
	}
	files, err := os.ReadDir(dir) // sorted
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Entry
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), ".yaml")
		if ok && name != "" && name[0] != '.' && !f.IsDir() { // editors leave .name.yaml behind
			all = append(all, Entry{name, filepath.Join(dir, f.Name())})
		}
	}
	return all, nil
}

// Find gives the profile that is meant: the one named (a value with a separator or ending in .yaml is a path), else the
// only one, else the one whose domains hold the user's domain.
func Find(name, user string) (*Profile, error) {
	if strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") {
		return Load(name)
	}
	dir, err := Dir()
	if err != nil {
		return nil, &Error{File: "profiles", Text: err.Error(), Hint: "name a file with --profile FILE.yaml"}
	}
	all, err := List()
	if err != nil {
		return nil, &Error{File: dir, Text: err.Error()}
	}
	if name != "" {
		for _, e := range all {
			if e.Name == name {
				return Load(e.Path)
			}
		}
		return nil, &Error{File: dir, Text: "no profile is named " + name, Hint: choices(all)}
	}
	switch len(all) {
	case 0:
		return nil, &Error{File: dir, Text: "there is no profile yet", Hint: "write one there (README shows how), or try: logindoctor demo"}
	case 1:
		return Load(all[0].Path)
	}
	return byDomain(dir, all, user)
}

// byDomain passes over a profile that is broken, unless none of the others is the one: a mistake in the profile of other
// domains must not stand in this user's way.
func byDomain(dir string, all []Entry, user string) (*Profile, error) {
	domain := user[strings.LastIndex(user, "@")+1:]
	if !strings.Contains(user, "@") || domain == "" {
		return nil, &Error{File: dir, Text: "there are several profiles, and no domain of the user to choose by", Hint: choices(all)}
	}
	var found []*Profile
	var broken error
	for _, e := range all {
		p, err := Load(e.Path)
		if err != nil {
			if broken == nil {
				broken = err
			}
			continue
		}
		if slices.ContainsFunc(p.Domains, func(d string) bool { return strings.EqualFold(d, domain) }) {
			found = append(found, p)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		var which []Entry
		for _, p := range found {
			which = append(which, Entry{p.Name, p.Path})
		}
		return nil, &Error{File: dir, Text: "several profiles serve the domain of " + user, Hint: choices(which)}
	case broken != nil:
		return nil, broken
	}
	return nil, &Error{File: dir, Text: "no profile serves the domain of " + user, Hint: choices(all)}
}

func choices(all []Entry) string {
	if len(all) == 0 {
		return "there is none yet; README shows how to write one"
	}
	var names []string
	for _, e := range all {
		names = append(names, e.Name)
	}
	return "choose one with --profile: " + strings.Join(names, ", ")
}
