// Package controller is the controller as a value: what it needs comes in a [Config], [New] opens it,
// and Run serves until its context ends.
//
// It owns every goroutine that it starts; when Run returns, all of them have, everything that was
// acknowledged is on disk, and the listeners are closed.
package controller
