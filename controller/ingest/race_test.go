//go:build race

package ingest

// raced: the race detector slows a child tenfold and holds memory of its own.
const raced = true
