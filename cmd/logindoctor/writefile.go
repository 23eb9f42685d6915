package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// writeFile writes in one step, for the owner's eyes, and never over a file that is there.
func writeFile(path string, data []byte, force bool) error {
	fail := func(err error) error {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return &failure{code: exitCannotWrite, text: "cannot write " + path + ": " + err.Error()}
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".logindoctor-*") // 0600
	if err != nil {
		return fail(err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(data)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fail(err)
	}
	if force {
		err = os.Rename(tmp.Name(), path)
	} else {
		err = os.Link(tmp.Name(), path) // fails where the file exists
		if err != nil && !errors.Is(err, fs.ErrExist) {
			// A file system without hard links: the look before it is all there is.
			if _, serr := os.Stat(path); serr == nil {
				return &failure{code: exitCannotWrite, text: path + " exists", hint: "choose another name, or --force to write over it"}
			}
			err = os.Rename(tmp.Name(), path)
		}
	}
	if err != nil {
		return fail(err)
	}
	return nil
}
