// Package tui is where the terminal UI will live. So far it holds only what logindoctor says in its place.
package tui

// What is said while there is no terminal UI, and the headless command to use instead.
const (
	Absent = "the terminal UI is not part of this version"
	Hint   = "use: logindoctor check USER, or: logindoctor demo"
)
