// Package bolt is a store in bbolt files.
package bolt
