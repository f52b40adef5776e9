//go:build race && !e2e

package main

const underRace = true
